"""Failures to order: what production does to a client at three in the morning.

A fault says what goes wrong, for which calls and how often; :meth:`kinesis_fake.KinesisFake.inject` puts it into a
fake. Without ``times``, ``until`` or ``probability`` it strikes once. The kinds of fault are those of AWS's own fault
injection service for Kinesis, the answers that get lost on the way, and the oddities of delivery that AWS's
documentation warns of.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kinesis_fake import errors
from kinesis_fake.clock import milliseconds_of
from kinesis_fake.domain.shard import shard_id_of
from kinesis_fake.errors import AwsError, KinesisFakeError
from kinesis_fake.settings import ITERATOR_LIFETIME_MS
from kinesis_fake.timestamps import java_date

#: A predicate over a call: the operation's name and its parameters as in the API.
Where = Callable[[str, Mapping[str, Any]], bool]

DATA_OPERATIONS = ("GetRecords", "GetShardIterator", "PutRecord", "PutRecords", "SubscribeToShard")
#: The errors of KMS that Kinesis passes on, each from the ARN of the key.
_KMS_ERRORS: Mapping[str, Callable[[str], AwsError]] = {
    "KMSDisabledException": errors.key_disabled,
    "KMSInvalidStateException": errors.key_pending_deletion,
    "KMSNotFoundException": errors.key_not_found,
    "KMSOptInRequired": errors.key_needs_opt_in,
    "KMSThrottlingException": errors.key_throttled,
}
_KMS_DENIED = "KMSAccessDeniedException"
_KEY = "alias/aws/kinesis"


@dataclass
class Disturbance:
    """What a fault changes about one read or write that otherwise succeeds."""

    #: A GetRecords returns at most this many records, however many there are.
    max_records: int | None = None
    #: A GetRecords that comes to the end of a shard says so one call later.
    late_end_of_shard: bool = False
    #: Every second record of a GetRecords shows an arrival that is this much earlier.
    arrivals_back_ms: int = 0
    #: Given the index of a record in a PutRecords and the record: the code of its failure, or None.
    failing: Callable[[int, Mapping[str, Any]], str | None] | None = None


@dataclass(frozen=True)
class LostAnswer:
    """The client never sees the answer; the call may have taken effect all the same."""

    kind: Literal["connection_error", "read_timeout"]
    applied: bool


@dataclass(frozen=True)
class Fault:
    """One kind of failure, with the calls that it strikes.

    Make one with the class methods. All of them take the same filters: ``stream``, ``shard`` and ``consumer`` (by
    name or ARN; a shard by its id), ``where`` (a predicate over the operation's name and its parameters), ``times``
    (how often; default once), ``until`` (an aware datetime or ISO 8601 text), ``probability`` with a ``seed``.
    """

    name: str
    operations: tuple[str, ...]
    error: Callable[[str, CallFacts], AwsError] | None = None
    lost_answer: LostAnswer | None = None
    disturb: Callable[[Disturbance], None] | None = None
    latency_ms: int = 0
    #: Where an error of SubscribeToShard strikes: on the call, or inside the event stream, first of all or later.
    in_stream: Literal["first", "later"] | None = None
    stream: str | None = None
    shard: str | None = None
    consumer: str | None = None
    where: Where | None = None
    times: int | None = 1
    until: int | None = None
    probability: float | None = None
    seed: int = 0

    # --- what goes wrong --------------------------------------------------------------------------------------

    @classmethod
    def throttle(cls, *operations: str, **filters: Any) -> Fault:
        """The operation's own throttling error: ProvisionedThroughputExceeded on data, LimitExceeded elsewhere."""
        return cls._refusing("throttle", operations, _throttled, filters)

    @classmethod
    def throttling_exception(cls, *operations: str, **filters: Any) -> Fault:
        """ThrottlingException, as AWS's fault injection service gives it."""
        return cls._refusing("throttling_exception", operations, lambda *_: errors.throttling_exception(), filters)

    @classmethod
    def internal_error(cls, *operations: str, **filters: Any) -> Fault:
        """InternalFailure, HTTP status 500."""
        return cls._refusing("internal_error", operations, lambda *_: errors.internal_failure(), filters)

    @classmethod
    def service_unavailable(cls, *operations: str, **filters: Any) -> Fault:
        """ServiceUnavailable, HTTP status 503."""
        return cls._refusing("service_unavailable", operations, lambda *_: errors.service_unavailable(), filters)

    @classmethod
    def expired_iterator(cls, **filters: Any) -> Fault:
        """GetRecords says that the iterator has expired, whatever its age."""
        return cls._refusing("expired_iterator", ("GetRecords",), _expired_iterator, filters)

    @classmethod
    def access_denied(cls, *operations: str, **filters: Any) -> Fault:
        """AccessDeniedException."""
        return cls._refusing("access_denied", operations, _access_denied, filters)

    @classmethod
    def kms(cls, code: str, *operations: str, **filters: Any) -> Fault:
        """One of the KMS errors, such as ``KMSDisabledException``, on the data operations or those named."""
        if code != _KMS_DENIED and code not in _KMS_ERRORS:
            known = ", ".join(sorted([*_KMS_ERRORS, _KMS_DENIED]))
            raise KinesisFakeError(f"{code!r} is no KMS error of Kinesis; choose one of {known}.")

        def error(operation: str, facts: CallFacts) -> AwsError:
            if code != _KMS_DENIED:
                return _KMS_ERRORS[code](_KEY)
            caller = f"arn:aws:iam::{facts.account_id}:root"
            if operation in ("PutRecord", "PutRecords"):
                return errors.key_access_denied_to_write(caller, _KEY)
            return errors.key_access_denied_to_read(caller, facts.stream_name or "")

        named = operations or DATA_OPERATIONS
        return cls._made("kms", named, filters, error=error, in_stream="first")

    @classmethod
    def connection_error(cls, *operations: str, applied: bool = False, **filters: Any) -> Fault:
        """The connection breaks; with ``applied=True`` after the call has taken effect."""
        lost = LostAnswer("connection_error", applied)
        return cls._made("connection_error", operations, filters, lost_answer=lost)

    @classmethod
    def read_timeout(cls, *operations: str, applied: bool = True, **filters: Any) -> Fault:
        """No answer comes in time; with ``applied=False`` the call did not take effect either."""
        return cls._made("read_timeout", operations, filters, lost_answer=LostAnswer("read_timeout", applied))

    @classmethod
    def latency(cls, *operations: str, milliseconds: int, **filters: Any) -> Fault:
        """The call takes this long: the clock moves before it is carried out."""
        if milliseconds < 0:
            raise KinesisFakeError("A latency is zero milliseconds or more.")
        return cls._made("latency", operations, filters, latency_ms=milliseconds)

    # --- odd deliveries ---------------------------------------------------------------------------------------

    @classmethod
    def partial_failure(
        cls,
        *,
        indexes: Iterable[int] | None = None,
        records: Callable[[Mapping[str, Any]], bool] | None = None,
        fraction: float | None = None,
        code: str = "ProvisionedThroughputExceededException",
        **filters: Any,
    ) -> Fault:
        """Some records of a PutRecords fail, the others are written: by index, by predicate or a seeded fraction."""
        if sum(choice is not None for choice in (indexes, records, fraction)) != 1:
            raise KinesisFakeError("partial_failure() takes one of indexes, records and fraction.")
        if code not in ("ProvisionedThroughputExceededException", "InternalFailure"):
            raise KinesisFakeError(f"A record of PutRecords fails with throughput or InternalFailure, not {code!r}.")
        chosen = frozenset(indexes or ())
        generator = random.Random(filters.get("seed", 0))

        def failing(index: int, record: Mapping[str, Any]) -> str | None:
            if fraction is not None:
                fails = generator.random() < fraction
            else:
                fails = records(record) if records is not None else index in chosen
            return code if fails else None

        def disturb(disturbance: Disturbance) -> None:
            disturbance.failing = failing

        return cls._made("partial_failure", ("PutRecords",), filters, disturb=disturb)

    @classmethod
    def empty_read(cls, **filters: Any) -> Fault:
        """A GetRecords returns nothing although there are records; NextShardIterator stays where it was."""
        return cls.short_read(0, **filters)

    @classmethod
    def short_read(cls, max_records: int, **filters: Any) -> Fault:
        """A GetRecords returns fewer records than there are."""
        if max_records < 0:
            raise KinesisFakeError("A read returns zero records or more.")

        def disturb(disturbance: Disturbance) -> None:
            disturbance.max_records = max_records

        return cls._made("short_read", ("GetRecords",), filters, disturb=disturb)

    @classmethod
    def late_end_of_shard(cls, **filters: Any) -> Fault:
        """The last records of a closed shard come with a NextShardIterator; the end is told by an empty read."""

        def disturb(disturbance: Disturbance) -> None:
            disturbance.late_end_of_shard = True

        return cls._made("late_end_of_shard", ("GetRecords",), filters, disturb=disturb)

    @classmethod
    def arrivals_go_back(cls, milliseconds: int, **filters: Any) -> Fault:
        """Every second record of a GetRecords shows an arrival timestamp that is this much earlier."""
        if milliseconds < 0:
            raise KinesisFakeError("arrivals_go_back() takes zero milliseconds or more.")

        def disturb(disturbance: Disturbance) -> None:
            disturbance.arrivals_back_ms = milliseconds

        return cls._made("arrivals_go_back", ("GetRecords",), filters, disturb=disturb)

    @classmethod
    def broken_stream(cls, **filters: Any) -> Fault:
        """A SubscribeToShard's event stream breaks off with an InternalFailureException inside it."""
        return cls._made(
            "broken_stream",
            ("SubscribeToShard",),
            filters,
            error=lambda *_: errors.event_stream_broken(),
            in_stream="later",
        )

    # --- making -----------------------------------------------------------------------------------------------

    @classmethod
    def _refusing(
        cls,
        name: str,
        operations: Sequence[str],
        error: Callable[[str, CallFacts], AwsError],
        filters: Mapping[str, Any],
    ) -> Fault:
        return cls._made(name, operations, filters, error=error)

    @classmethod
    def _made(cls, name: str, operations: Sequence[str], filters: Mapping[str, Any], **what: Any) -> Fault:
        known = ("stream", "shard", "consumer", "where", "times", "until", "probability", "seed")
        for filter_name in filters:
            if filter_name not in known:
                raise KinesisFakeError(f"Fault.{name} has no filter {filter_name!r}; there are {', '.join(known)}.")
        given = dict(filters)
        times = given.get("times")
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise KinesisFakeError(f"times is how often a fault strikes, a whole number from 1 on, not {times!r}.")
        probability = given.get("probability")
        if probability is not None and not 0 < probability <= 1:
            raise KinesisFakeError(f"probability is above 0 and at most 1, not {probability!r}.")
        if given.get("until") is not None:
            given["until"] = milliseconds_of(given["until"])
        if times is None and (probability is not None or given.get("until") is not None):
            given["times"] = None
        elif times is None:
            given.pop("times", None)
        return cls(name, tuple(operations), **what, **given)

    # --- matching ---------------------------------------------------------------------------------------------

    def concerns(self, operation: str, facts: CallFacts) -> bool:
        """Whether the filters let this call through."""
        if self.operations and operation not in self.operations:
            return False
        for wanted, have in (
            (self.stream, facts.streams),
            (self.shard, facts.shards),
            (self.consumer, facts.consumers),
        ):
            if wanted is not None and wanted not in have:
                return False
        return self.where is None or bool(self.where(operation, facts.parameters))

    def describe(self) -> str:
        """The fault in a few words."""
        where = ", ".join(self.operations) or "any operation"
        filters = "".join(
            f", {name}={value}"
            for name, value in (("stream", self.stream), ("shard", self.shard), ("consumer", self.consumer))
            if value is not None
        )
        return f"{self.name} on {where}{filters}"


@dataclass(frozen=True)
class CallFacts:
    """What filters look at: the parameters of a call, and the names and ARNs of what it addresses."""

    parameters: Mapping[str, Any]
    account_id: str
    now: int
    stream_name: str | None
    shard_id: str | None
    streams: frozenset[str]
    shards: frozenset[str]
    consumers: frozenset[str]


def _throttled(operation: str, facts: CallFacts) -> AwsError:
    stream_name, shard_id = facts.stream_name or "", facts.shard_id or shard_id_of(0)
    if operation in ("PutRecord", "PutRecords"):
        return errors.write_rate_exceeded(shard_id, stream_name, facts.account_id)
    if operation == "GetRecords":
        return errors.read_rate_exceeded(facts.account_id, stream_name, shard_id)
    if operation == "GetShardIterator":
        return errors.iterator_rate_exceeded(facts.account_id, stream_name, shard_id)
    if facts.stream_name is None:
        return errors.account_rate_exceeded(facts.account_id)
    return errors.stream_rate_exceeded(stream_name, facts.account_id)


def _expired_iterator(operation: str, facts: CallFacts) -> AwsError:
    created_at = facts.now - ITERATOR_LIFETIME_MS - 1
    return errors.shard_iterator_expired(java_date(created_at), java_date(facts.now))


def _access_denied(operation: str, facts: CallFacts) -> AwsError:
    resource = min((name for name in facts.streams | facts.consumers if name.startswith("arn:")), default="*")
    return errors.access_denied(f"arn:aws:iam::{facts.account_id}:root", f"kinesis:{operation}", resource)


class AnswerLost(Exception):
    """The call was carried out or not, and the client will not hear of it."""

    def __init__(self, lost_answer: LostAnswer) -> None:
        super().__init__(lost_answer.kind)
        self.lost_answer = lost_answer


@dataclass
class Met:
    """The faults that one call has met, as far as they let it be carried out."""

    disturbance: Disturbance = field(default_factory=Disturbance)
    lost_answer: LostAnswer | None = None
    stream_error: AwsError | None = None
    stream_breaks_later: bool = False

    def meet(self, fault: Fault, operation: str, facts: CallFacts) -> None:
        """Refuse the call, or remember what becomes of its answer."""
        if fault.error is not None:
            error = fault.error(operation, facts)
            if fault.in_stream is None or operation != "SubscribeToShard":
                raise error
            self.stream_error = error
            self.stream_breaks_later = fault.in_stream == "later"
        if fault.disturb is not None:
            fault.disturb(self.disturbance)
        if fault.lost_answer is not None:
            if not fault.lost_answer.applied:
                raise AnswerLost(fault.lost_answer)
            self.lost_answer = fault.lost_answer

    def strike_answer(self, answer: Mapping[str, Any] | None) -> None:
        """What becomes of the answer to a call that was carried out."""
        if self.stream_error is not None and answer is not None:
            subscription = answer["EventStream"]
            subscription.fails_with = self.stream_error
            subscription.fails_after_first_event = self.stream_breaks_later
        if self.lost_answer is not None:
            raise AnswerLost(self.lost_answer)


@dataclass(eq=False)
class Injection:
    """A fault in a fake; ``strikes`` counts how often it has struck.

    As a context manager it takes the fault out again at the end of the block, and complains if it never struck.
    """

    fault: Fault
    faults: Faults
    strikes: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.fault.seed)

    def strikes_now(self, operation: str, facts: CallFacts, now: int) -> bool:
        """Whether the fault hits this call; counts it if so."""
        fault = self.fault
        if fault.times is not None and self.strikes >= fault.times:
            return False
        if fault.until is not None and now >= fault.until:
            return False
        if not fault.concerns(operation, facts):
            return False
        if fault.probability is not None and self._random.random() >= fault.probability:
            return False
        self.strikes += 1
        return True

    def remove(self) -> None:
        """Take the fault out of the fake."""
        self.faults.remove(self)

    def __enter__(self) -> Injection:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.remove()
        if kind is None:
            self.require_used()

    def require_used(self) -> None:
        """Complain about a fault that never struck."""
        if self.strikes == 0:
            raise KinesisFakeError(
                f"The fault was never used: {self.fault.describe()}. The code under test made no such call; "
                "correct the fault's filters, or remove it."
            )


class Faults:
    """The faults of one fake, in the order they were injected."""

    def __init__(self) -> None:
        #: Those in force; every call looks whether there are any.
        self.injections: list[Injection] = []

    def __bool__(self) -> bool:
        return bool(self.injections)

    def inject(self, fault: Fault) -> Injection:
        """Put a fault in force."""
        injection = Injection(replace(fault), self)
        self.injections.append(injection)
        return injection

    def remove(self, injection: Injection) -> None:
        """Take a fault out; nothing happens if it is out already."""
        if injection in self.injections:
            self.injections.remove(injection)

    def clear(self) -> None:
        """Take all faults out."""
        self.injections.clear()

    def striking(self, operation: str, facts: CallFacts, now: int) -> list[Fault]:
        """The faults that hit this call; of those that refuse it only the first."""
        hits: list[Fault] = []
        is_refused = False
        for injection in self.injections:
            refuses = injection.fault.error is not None or injection.fault.lost_answer is not None
            if refuses and is_refused:
                continue
            if injection.strikes_now(operation, facts, now):
                hits.append(injection.fault)
                is_refused = is_refused or refuses
        return hits

    def require_used(self) -> None:
        """Complain about the first fault that never struck."""
        for injection in self.injections:
            injection.require_used()
