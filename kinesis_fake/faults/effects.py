"""What a fault does to a call, and what it looks at to find out whether it strikes that call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from kinesis_fake.errors import AwsError
from kinesis_fake.faults.lost_answers import LostAnswer
from kinesis_fake.named_tuples import NamedTuple


class _Rate(Protocol):
    @property
    def exceeded(self) -> Callable[[AddressedCall], AwsError]: ...


class CalledOperation(Protocol):
    """What a fault has to know of an operation: see :class:`kinesis_fake.operations.registry.Operation`."""

    @property
    def name(self) -> str: ...
    @property
    def rate(self) -> _Rate: ...
    @property
    def kms(self) -> Literal["encrypt", "decrypt"] | None: ...
    @property
    def answers_with_events(self) -> bool: ...


class AddressedCall(NamedTuple):
    """What filters and texts look at: the parameters of a call, who makes it, and what it addresses."""

    operation: CalledOperation
    parameters: Mapping[str, Any]
    caller_arn: str
    now: int
    #: The account that owns what is addressed.
    account_id: str
    stream_name: str | None
    shard_id: str | None
    resource_arn: str
    key_arn: str
    #: Everything that is addressed, by each of its names.
    streams: frozenset[str]
    shards: frozenset[str]
    consumers: frozenset[str]


# --- what goes wrong ------------------------------------------------------------------------------------------------


class Refusal(NamedTuple):
    """The call is refused with an error of AWS.

    ``in_stream`` is where SubscribeToShard has it: on the call (None), or inside the event stream, instead of the first
    event or after it.
    """

    error: Callable[[str, AddressedCall], AwsError]
    in_stream: Literal["first", "later"] | None = None


class Latency(NamedTuple):
    """The call arrives late."""

    milliseconds: int


class PartialFailure(NamedTuple):
    """Records of a PutRecords fail: those at these indexes, those a predicate picks, or a fraction."""

    indexes: frozenset[int] | None
    records: Callable[[Mapping[str, Any]], bool] | None
    fraction: float | None
    code: str


class ShortRead(NamedTuple):
    """A GetRecords returns at most this many records."""

    max_records: int


class LateEndOfShard(NamedTuple):
    """A GetRecords does not tell that the shard has come to its end."""


class IdleShard(NamedTuple):
    """A GetRecords that finds nothing left to read is told to be behind all the same."""

    milliseconds_behind: int


class EarlierArrivals(NamedTuple):
    """Every second record of a GetRecords shows an earlier arrival."""

    milliseconds: int


#: What changes the answer to a call that is carried out; it counts as used where there was something to change.
AnswerEffect = PartialFailure | ShortRead | LateEndOfShard | IdleShard | EarlierArrivals
Effect = Refusal | LostAnswer | Latency | AnswerEffect
