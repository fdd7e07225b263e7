"""The table of operations: each is one function, registered where it is written.

An operation's keyword arguments are the members of its API input in snake case (``StreamARN`` is ``stream_arn``).
A function that declares ``stream: Stream`` instead of ``stream_name`` and ``stream_arn`` is given the stream that these
two name, and never runs if there is none. ``called_at: int`` is the instant of the call, however often the function is
run again; only a function that declares it may raise :class:`NoAnswerYet`. ``caller_arn: str`` is the caller's ARN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from kinesis_fake.misuse import KinesisFakeError, shown
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations import FAMILIES
from kinesis_fake.operations.rate import Rate

if TYPE_CHECKING:
    from kinesis_fake.faults.fault import Fault

Result = Mapping[str, Any]
#: Takes the region and the operation's arguments; tells when the transition ends that the answer has shown.
Poll = Callable[..., "int | None"]
Run = TypeVar("Run", bound=Callable[..., "Result | None"])


class NoAnswerYet(Exception):
    """Raised by an operation that has nothing to answer yet: the service runs it again at ``until``, after ``now``.

    ``answer_without_autojump`` is the answer if the clock does not move by itself. The service sets ``again``, which
    runs the operation, and ``since``: the timeline's count of activity when the operation found nothing.
    """

    again: Callable[[int], Result | None]
    since: int

    def __init__(self, until: int, answer_without_autojump: Result) -> None:
        super().__init__(until)
        self.until = until
        self.answer_without_autojump = answer_without_autojump


#: Arguments that are not members of the API: the service passes them.
_FROM_SERVICE = frozenset({"stream", "answer_faults", "called_at", "caller_arn"})
#: Members that carry the address of a stream.
STREAM_ADDRESS = ("StreamName", "StreamARN")
#: Members without effect, which every operation accepts: "Not Implemented. Reserved for future use." (API reference)
IGNORED_MEMBERS = frozenset({"StreamId"})


#: The release of botocore whose members the operations take and answer.
WRITTEN_FOR = (1, 44, 5)
#: Members of answers that the fake never has, and why.
NOT_ANSWERED: dict[str, str] = {
    "StreamDescriptionSummary.StreamId": "Reserved by AWS for future use.",
}


class ArgumentNames(dict[str, "str | None"]):
    """Keyword arguments by the names of their members: in lower case, and in every spelling looked up so far."""

    def __missing__(self, member: str) -> str | None:
        argument = self[member] = self.get(member.lower())
        return argument


class Operation(NamedTuple):
    """One operation of the API."""

    name: str
    run: Callable[..., Result | None]
    arguments: ArgumentNames
    #: Whether the function takes a Stream in the place of its name and ARN.
    takes_stream: bool
    #: Whether the function takes the instant of the call, which is before ``now`` when it has waited.
    takes_called_at: bool
    #: Whether the function takes the faults that change its answer.
    takes_answer_faults: bool
    #: Whether the function takes the ARN of the account, user or role that calls.
    takes_caller_arn: bool
    rate: Rate
    #: The member that must address the resource of another account for a policy to allow the call; None if none can.
    #: All operations of the data plane work across accounts. Of the control plane, those do that AWS's examples of
    #: policies grant to readers and writers (developer guide, controlling access); DescribeStreamConsumer only with the
    #: consumer's ARN (API reference).
    across_accounts: str | None
    #: Whether the operation encrypts or decrypts with KMS, whose errors it then passes on (API reference, its errors).
    kms: Literal["encrypt", "decrypt"] | None
    #: The order in which the service looks at the members of the input, as far as it was recorded (error catalogue
    #: 4.1). Members that are not named follow in the order of the model.
    member_order: tuple[str, ...]
    #: Tells when the transition ends that an answer has shown. Programs call such operations in a loop until it ends.
    poll: Poll | None
    #: Whether the answer is an event stream, inside which errors may come.
    answers_with_events: bool
    #: The status of the transition that the operation begins, and the field of ``Durations`` with its duration.
    begins: tuple[str, str] | None
    #: The state that the stream must be in, else the operation is refused. AWS does not find a stream without shards.
    needs_stream: Literal["ACTIVE", "ACTIVE or UPDATING", "with shards"] | None

    def argument_of(self, member: str) -> str | None:
        """The keyword argument that carries a member of the API's input; None if the operation does not know it."""
        return self.arguments.get(member.lower())

    def knows_member(self, member: str) -> bool:
        """Whether the operation honours a member, or is free to ignore it."""
        return (
            self.argument_of(member) is not None
            or member in IGNORED_MEMBERS
            or (self.takes_stream and member in STREAM_ADDRESS)
        )


class Operations(Mapping[str, Operation]):
    """Every operation by its API name. Its module is loaded when it is looked up: few tests need more than four."""

    def __init__(self, families: Mapping[str, tuple[str, ...]]) -> None:
        #: The module of each operation, by the name of the operation.
        self.family_of = {name: family for family, names in families.items() for name in names}
        self._loaded: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        family = self.family_of[name]
        if name not in self._loaded:
            import_module(f"{__package__}.{family}")
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self.family_of

    def __iter__(self) -> Iterator[str]:
        return iter(self.family_of)

    def __len__(self) -> int:
        return len(self.family_of)

    def register(self, operation: Operation) -> None:
        """Add an operation whose module is being loaded."""
        self._loaded[operation.name] = operation


OPERATIONS = Operations(FAMILIES)


def require_operation(name: object) -> None:
    """Refuse a name that is no operation; the message helps a test that has named a client's method."""
    if isinstance(name, str) and name in OPERATIONS:
        return
    meant = "; they are named as in the API."
    if isinstance(name, str):
        from difflib import get_close_matches

        same = {known.lower(): known for known in OPERATIONS}
        close = get_close_matches(name.replace("_", "").lower(), same, 1)
        if close:
            meant = f"; do you mean {same[close[0]]!r}?"
    raise KinesisFakeError(f"{shown(name)} is no operation of Kinesis{meant}", see="not-there")


def operations_of(fault: Fault) -> tuple[str, ...]:
    """The operations that a fault strikes; an empty tuple means all. Refuses operations that cannot fail like this."""
    for name in fault.operations:
        require_operation(name)
    if not fault.needs_key:
        return fault.operations
    with_keys = tuple(sorted(name for name, each in OPERATIONS.items() if each.kms is not None))
    for name in fault.operations:
        if name not in with_keys:
            raise KinesisFakeError(f"{name!r} gives no KMS errors; the operations that do are {', '.join(with_keys)}.")
    return fault.operations or with_keys


def operation(
    *,
    rate: Rate,
    across_accounts: str | None,
    kms: Literal["encrypt", "decrypt"] | None,
    member_order: tuple[str, ...],
    poll: Poll | None = None,
    answers_with_events: bool = False,
    begins: tuple[str, str] | None = None,
    needs_stream: Literal["ACTIVE", "ACTIVE or UPDATING", "with shards"] | None = None,
) -> Callable[[Run], Run]:
    """Register a function as the operation of the same name in the API: ``put_record`` is PutRecord.

    :class:`Operation` explains the arguments. Most operations leave those alone that have a default.
    """

    def register(function: Run) -> Run:
        name = "".join(word.capitalize() for word in function.__name__.split("_"))
        code = function.__code__
        names = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]  # the arguments that are keywords only
        OPERATIONS.register(
            Operation(
                name,
                function,
                ArgumentNames({name.replace("_", ""): name for name in names if name not in _FROM_SERVICE}),
                "stream" in names,
                "called_at" in names,
                "answer_faults" in names,
                "caller_arn" in names,
                rate,
                across_accounts,
                kms,
                member_order,
                poll,
                answers_with_events,
                begins,
                needs_stream,
            )
        )
        return function

    return register
