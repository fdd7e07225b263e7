"""The table of operations: each is one function, registered where it is written.

An operation's keyword arguments are the members of its API input in snake case (``StreamARN`` is ``stream_arn``).
One that declares ``stream: Stream`` instead of ``stream_name`` and ``stream_arn`` is given the stream that these two
name, and never runs if there is none. One that declares ``called_at: int`` may raise :class:`Wait`, and is given the
instant of the call however often it is run again. One that declares ``caller_arn: str`` is told who calls.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from kinesis_fake.misuse import KinesisFakeError

Answer = Mapping[str, Any]
#: Given the region and the operation's arguments: when a resource that the answer showed will be out of transition.
Poll = Callable[..., "int | None"]


class Wait(Exception):
    """Raised by an operation that has nothing to answer yet: it is run again at ``until``, an instant after ``now``.

    ``in_vain`` is the answer where nobody lets the clock move by itself. The service fills ``again``, which runs the
    operation, and ``since``, which says how much had been done by anybody when it found nothing.
    """

    again: Callable[[int], Answer | None]
    since: int

    def __init__(self, until: int, in_vain: Answer) -> None:
        super().__init__(until)
        self.until = until
        self.in_vain = in_vain


#: Arguments that are no members of the API: the service fills them.
_FROM_SERVICE = frozenset({"stream", "disturbance", "called_at", "caller_arn"})
#: Members that carry the address of a stream.
STREAM_ADDRESS = ("StreamName", "StreamARN")
#: Accepted everywhere and without effect: "Not Implemented. Reserved for future use." (API reference)
IGNORED_MEMBERS = frozenset({"StreamId"})


#: The release of botocore whose members the operations and their answers have.
WRITTEN_FOR = (1, 44, 5)
#: Members of answers that the fake never has, and why.
NOT_ANSWERED: dict[str, str] = {
    "StreamDescriptionSummary.StreamId": "Reserved by AWS for future use.",
}


class ArgumentNames(dict[str, "str | None"]):
    """Keyword arguments by the lower-case names of the members that they carry, and by every spelling ever asked."""

    def __missing__(self, member: str) -> str | None:
        argument = self[member] = self.get(member.lower())
        return argument


@dataclass(frozen=True)
class Operation:
    """One operation of the API."""

    name: str
    run: Callable[..., Answer | None]
    arguments: ArgumentNames
    #: Whether the function takes a Stream in the place of its name and ARN.
    takes_stream: bool
    #: Whether the function takes the instant of the call, which is before ``now`` when it has waited.
    takes_called_at: bool
    #: Whether the function can be told what an injected fault does to its answer.
    takes_disturbance: bool
    #: Whether the function takes the ARN of the account, user or role that calls.
    takes_caller_arn: bool
    poll: Poll | None

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


#: Every operation by its API name.
OPERATIONS: dict[str, Operation] = {}


def require_operation(name: object) -> None:
    """Refuse what a test has named and is no operation; it may have been written as a client's method is."""
    if isinstance(name, str) and name in OPERATIONS:
        return
    meant = "; they are named as in the API."
    if isinstance(name, str):
        same = {known.lower(): known for known in OPERATIONS}
        close = get_close_matches(name.replace("_", "").lower(), same, 1)
        if close:
            meant = f"; do you mean {same[close[0]]!r}?"
    raise KinesisFakeError(f"{name!r} is no operation of Kinesis{meant}")


def operation(function: Callable[..., Answer | None] | None = None, *, poll: Poll | None = None) -> Callable[..., Any]:
    """Register a function as the operation of the same name in the API: ``put_record`` is PutRecord.

    ``poll`` marks an operation that people call in a loop until a transition is over: it tells when the transition
    that the answer showed will end.
    """

    def register(function: Callable[..., Answer | None]) -> Callable[..., Answer | None]:
        name = "".join(word.capitalize() for word in function.__name__.split("_"))
        names = [
            parameter.name
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY
        ]
        OPERATIONS[name] = Operation(
            name,
            function,
            ArgumentNames({name.replace("_", ""): name for name in names if name not in _FROM_SERVICE}),
            "stream" in names,
            "called_at" in names,
            "disturbance" in names,
            "caller_arn" in names,
            poll,
        )
        return function

    return register(function) if function is not None else register
