"""Failures to order: a test says what goes wrong for a client, for which calls and how often.

:meth:`kinesis_fake.KinesisFake.inject` puts a fault into a fake, where it strikes once unless it says otherwise.
There are the faults of AWS's own fault injection service for Kinesis, errors of any code, answers that get lost on the
way, and the odd answers that AWS's documentation warns of.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from inspect import signature
from typing import TYPE_CHECKING, Any

from kinesis_fake import errors
from kinesis_fake.errors import AwsError
from kinesis_fake.faults import refusals
from kinesis_fake.faults.effects import (
    AddressedCall,
    EarlierArrivals,
    Effect,
    IdleShard,
    LateEndOfShard,
    Latency,
    PartialFailure,
    Refusal,
    ShortRead,
)
from kinesis_fake.faults.filters import FILTERS, Filters, read_filter
from kinesis_fake.faults.lost_answers import LostAnswer
from kinesis_fake.faults.refusals import KMS_ERRORS
from kinesis_fake.misuse import (
    KinesisFakeError,
    function,
    part_of_all,
    several,
    shown,
    takes_in_words,
    whole_number,
    yes_or_no,
)
from kinesis_fake.settings import PUT_RECORDS_MAX_RECORDS

if TYPE_CHECKING:
    from typing_extensions import Unpack


@dataclass(frozen=True, init=False, repr=False)
class Fault:
    """One kind of failure, with the calls that it strikes.

    Make one with the class methods. Where the kind of failure leaves a choice, they take operations, named as in the
    API; without any, every operation is meant. All take the same filters:

    * ``stream``, ``shard`` and ``consumer``: by name or ARN, a shard by its id;
    * ``where``: a predicate over the parameters of a call;
    * ``skip``: how many of those calls pass before the first is struck;
    * ``times``: how often it strikes: once by default, always with None, ``until`` or ``probability``;
    * ``until``: an aware datetime or ISO 8601 text;
    * ``probability``, with a ``seed``.

    A fault is a value: the same one may be injected into many fakes. It prints as the code that makes it.
    """

    name: str
    operations: tuple[str, ...]
    effect: Effect
    stream: str | None = None
    shard: str | None = None
    consumer: str | None = None
    where: Callable[[Mapping[str, Any]], bool] | None = None
    skip: int = 0
    times: int | None = 1
    until: int | None = None
    probability: float | None = None
    seed: int = 0
    #: What the class method was given: operations, and its other arguments by name.
    _given: tuple[tuple[str, ...], Mapping[str, object]] = field(default=((), {}), compare=False)

    def __init__(self, *_: object, **__: object) -> None:
        raise KinesisFakeError(
            "A fault is made by one of the class methods of Fault, such as Fault.throttle('PutRecord', times=2). For a "
            "fault that differs, call the method again."
        )

    def of_operations(self, operations: tuple[str, ...]) -> Fault:
        """The same fault, for these operations."""
        fault = copy.copy(self)
        fault.__dict__["operations"] = operations
        return fault

    # --- errors of AWS ----------------------------------------------------------------------------------------

    @classmethod
    def throttle(cls, *operations: str, **filters: Unpack[Filters]) -> Fault:
        """The operation's own throttling error: ProvisionedThroughputExceededException, LimitExceededException or,
        for the records of queues, ThrottlingException."""
        return cls._made("throttle", operations, Refusal(refusals.throttled), filters)

    @classmethod
    def throttling_exception(cls, *operations: str, **filters: Unpack[Filters]) -> Fault:
        """ThrottlingException, which AWS's fault injection service gives for any operation."""
        refusal = Refusal(lambda *_: errors.throttling_exception())
        return cls._made("throttling_exception", operations, refusal, filters)

    @classmethod
    def internal_error(cls, *operations: str, **filters: Unpack[Filters]) -> Fault:
        """InternalFailure, HTTP status 500."""
        return cls._made("internal_error", operations, Refusal(lambda *_: errors.internal_failure()), filters)

    @classmethod
    def service_unavailable(cls, *operations: str, **filters: Unpack[Filters]) -> Fault:
        """ServiceUnavailable, HTTP status 503."""
        return cls._made("service_unavailable", operations, Refusal(lambda *_: errors.service_unavailable()), filters)

    @classmethod
    def error(
        cls,
        *operations: str,
        code: str,
        status: int | None = None,
        message: str | None = None,
        **filters: Unpack[Filters],
    ) -> Fault:
        """Any error, by its code: of the service, or of AWS's front door, such as ``ExpiredTokenException`` or
        ``InvalidSignatureException``.

        Without a status it is 400, or the status that belongs to the code. Without a message, those errors of the front
        door that the fake knows bring their own words, and others have none.
        """
        refusal = Refusal(refusals.any_error(code, status, message))
        return cls._made("error", operations, refusal, filters, code=code, status=status, message=message)

    @classmethod
    def still_creating(cls, *operations: str, **filters: Unpack[Filters]) -> Fault:
        """These operations say that a stream is CREATING, whatever it is.

        ListShards and RegisterStreamConsumer of AWS do so for a moment after DescribeStream has said that the stream is
        ACTIVE (I:aws-sdk-java-v2#6006).
        """
        if not operations:
            raise KinesisFakeError("still_creating() takes one operation at least, such as 'ListShards'.")
        return cls._made("still_creating", operations, Refusal(refusals.still_creating), filters)

    @classmethod
    def expired_iterator(cls, **filters: Unpack[Filters]) -> Fault:
        """GetRecords says that the iterator has expired, whatever its age."""
        return cls._made("expired_iterator", ("GetRecords",), Refusal(refusals.expired_iterator), filters)

    @classmethod
    def access_denied(cls, *operations: str, **filters: Unpack[Filters]) -> Fault:
        """AccessDeniedException."""
        return cls._made("access_denied", operations, Refusal(refusals.access_denied), filters)

    @classmethod
    def kms_error(cls, *operations: str, code: str, **filters: Unpack[Filters]) -> Fault:
        """An error of KMS, such as ``KMSDisabledException``, on all operations that use keys, or on those named.

        SubscribeToShard has it inside its event stream. For a key that fails for every caller, see
        :meth:`KinesisFake.key`.
        """
        if code not in tuple(KMS_ERRORS):  # by equality, because it may be of any type
            raise KinesisFakeError(f"{shown(code)} is no KMS error of Kinesis; choose one of {', '.join(KMS_ERRORS)}.")

        def error(operation: str, call: AddressedCall) -> AwsError:
            return refusals.kms_error(code, operation, call)

        return cls._made("kms_error", operations, Refusal(error, in_stream="first"), filters, code=code)

    @property
    def needs_key(self) -> bool:
        """Whether it strikes only operations that use KMS keys."""
        return self.name == "kms_error"

    # --- what happens on the way ------------------------------------------------------------------------------

    @classmethod
    def connection_error(cls, *operations: str, applied: bool = False, **filters: Unpack[Filters]) -> Fault:
        """The connection cannot be made; with ``applied=True`` it breaks after the call has taken effect."""
        effect = LostAnswer("connection_error", yes_or_no("applied", applied))
        return cls._made("connection_error", operations, effect, filters, applied=applied)

    @classmethod
    def read_timeout(cls, *operations: str, applied: bool = True, **filters: Unpack[Filters]) -> Fault:
        """The call takes effect, and no answer comes within the client's read timeout, by which the clock moves.

        With ``applied=False`` the call did not take effect either.
        """
        effect = LostAnswer("read_timeout", yes_or_no("applied", applied))
        return cls._made("read_timeout", operations, effect, filters, applied=applied)

    @classmethod
    def latency(cls, *operations: str, milliseconds: int, **filters: Unpack[Filters]) -> Fault:
        """The call takes this long: the clock moves before it is carried out.

        A client does not wait longer than its read timeout; then the answer is lost.
        """
        effect = Latency(whole_number("milliseconds", milliseconds, 1))
        return cls._made("latency", operations, effect, filters, milliseconds=milliseconds)

    # --- odd answers ------------------------------------------------------------------------------------------

    @classmethod
    def partial_failure(
        cls,
        *,
        indexes: Iterable[int] | None = None,
        records: Callable[[Mapping[str, Any]], bool] | None = None,
        fraction: float | None = None,
        code: str = "ProvisionedThroughputExceededException",
        **filters: Unpack[Filters],
    ) -> Fault:
        """Some records of a PutRecords fail, the others are written.

        Which records fail is said by their indexes, by a predicate over an entry of Records, or by a fraction, which is
        drawn with the ``seed``. With ``shard`` only records that go there fail. A PutRecords without such a record is
        left alone.
        """
        if sum(choice is not None for choice in (indexes, records, fraction)) != 1:
            raise KinesisFakeError("partial_failure() takes one of indexes, records and fraction.")
        if code not in ("ProvisionedThroughputExceededException", "InternalFailure"):
            raise KinesisFakeError(
                "A record of a PutRecords fails with ProvisionedThroughputExceededException or InternalFailure, "
                f"not {shown(code)}."
            )
        if records is not None:
            function("records", records, of="one entry of Records")
        if fraction is not None:
            part_of_all("fraction", fraction)
        chosen = None if indexes is None else _indexes(indexes)
        effect = PartialFailure(chosen, records, fraction, code)
        shown_indexes = None if chosen is None else sorted(chosen)
        options = {"indexes": shown_indexes, "records": records, "fraction": fraction, "code": code}
        return cls._made("partial_failure", ("PutRecords",), effect, filters, **options)

    @classmethod
    def empty_read(cls, **filters: Unpack[Filters]) -> Fault:
        """A GetRecords returns nothing although there are records; its NextShardIterator leads to them."""
        return cls._made("empty_read", ("GetRecords",), ShortRead(0), filters)

    @classmethod
    def short_read(cls, max_records: int, **filters: Unpack[Filters]) -> Fault:
        """A GetRecords returns at most this many records although there are more."""
        effect = ShortRead(whole_number("max_records", max_records, 0))
        return cls._made("short_read", ("GetRecords",), effect, filters, max_records=max_records)

    @classmethod
    def late_end_of_shard(cls, **filters: Unpack[Filters]) -> Fault:
        """A GetRecords at the end of a closed shard still has a NextShardIterator; the next one tells of the end."""
        return cls._made("late_end_of_shard", ("GetRecords",), LateEndOfShard(), filters)

    @classmethod
    def idle_shard(cls, *, milliseconds_behind: int, **filters: Unpack[Filters]) -> Fault:
        """A GetRecords that finds nothing left to read in an open shard still shows a MillisBehindLatest above 0.

        With ``times`` above 1 the lag shrinks evenly from call to call, until the reader is at the tip.
        """
        effect = IdleShard(whole_number("milliseconds_behind", milliseconds_behind, 1))
        return cls._made("idle_shard", ("GetRecords",), effect, filters, milliseconds_behind=milliseconds_behind)

    @classmethod
    def arrivals_go_back(cls, milliseconds: int, **filters: Unpack[Filters]) -> Fault:
        """Every second record of a GetRecords shows an arrival timestamp that is this much earlier."""
        effect = EarlierArrivals(whole_number("milliseconds", milliseconds, 1))
        return cls._made("arrivals_go_back", ("GetRecords",), effect, filters, milliseconds=milliseconds)

    @classmethod
    def broken_stream(cls, **filters: Unpack[Filters]) -> Fault:
        """The event stream of a SubscribeToShard breaks off after its first event, with InternalFailureException."""
        refusal = Refusal(lambda *_: errors.event_stream_broken(), in_stream="later")
        return cls._made("broken_stream", ("SubscribeToShard",), refusal, filters)

    # --- making -----------------------------------------------------------------------------------------------

    @classmethod
    def _made(
        cls,
        name: str,
        operations: Sequence[str],
        effect: Effect,
        filters: Mapping[str, Any],
        **options: object,
    ) -> Fault:
        for operation in operations:
            if not isinstance(operation, str):
                raise KinesisFakeError(f"Fault.{name} takes operations such as 'PutRecord', not {shown(operation)}.")
        for filter_name in filters:
            if filter_name not in FILTERS:
                raise KinesisFakeError(
                    f"Fault.{name} has no filter {shown(filter_name)}; there are {', '.join(FILTERS)}."
                )
        given = {filter_name: read_filter(filter_name, value) for filter_name, value in filters.items()}
        if given.get("until") is not None or given.get("probability") is not None:
            given.setdefault("times", None)
        if "seed" in given and given.get("probability") is None and options.get("fraction") is None:
            raise KinesisFakeError(f"Fault.{name} takes a seed with a probability or a fraction; leave it out.")
        fault = object.__new__(cls)
        defaults = {each.name: each.default for each in fields(cls) if each.default is not MISSING}
        fault.__dict__.update(
            {**defaults, "name": name, "operations": tuple(operations), "effect": effect, **given},
            _given=(tuple(operations), {**options, **filters}),
        )
        return fault

    def __repr__(self) -> str:
        operations, arguments = self._given
        parameters = signature(getattr(Fault, self.name)).parameters
        shown = list(map(repr, operations)) if "operations" in parameters else []
        for name, value in arguments.items():
            parameter = parameters.get(name)
            if parameter is None or parameter.default != value:
                is_positional = parameter is not None and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
                shown.append(_code_of(value) if is_positional else f"{name}={_code_of(value)}")
        return f"Fault.{self.name}({', '.join(shown)})"


def _code_of(value: object) -> str:
    """An argument as code. Of a function this is its name, because its code is elsewhere."""
    return str(getattr(value, "__name__", "...")) if callable(value) else repr(value)


def _indexes(indexes: Any) -> frozenset[int]:
    """Places in Records, counted from 0; no more are looked at than a PutRecords can have."""
    given = several("indexes", indexes, such_as="[0, 3]", most=PUT_RECORDS_MAX_RECORDS)
    chosen = frozenset(whole_number("each of indexes", index, 0, PUT_RECORDS_MAX_RECORDS - 1) for index in given)
    if not chosen:
        raise KinesisFakeError("indexes must name one record at least, or nothing would fail.")
    return chosen


# Each class method refuses arguments that it does not take in words.
for _name, _method in list(vars(Fault).items()):
    if isinstance(_method, classmethod) and not _name.startswith("_"):
        setattr(Fault, _name, classmethod(takes_in_words(f"Fault.{_name}", FILTERS)(_method.__func__)))
