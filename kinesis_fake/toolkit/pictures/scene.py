"""What a picture of a stream shows, gathered once for the plot and for the diagram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from kinesis_fake.calls import LoggedCall, RecordsRead
from kinesis_fake.domain.hash_key import hash_key_of
from kinesis_fake.domain.record import RecordFields
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.places import place_of

#: How a call failed: the rate was exceeded, its answer was lost on the way, or any other error of the service.
Failure = Literal["throttled", "lost", "refused"]

_THROTTLED: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "ThrottlingException",
        "KMSThrottlingException",
    }
)
#: A picture of a moment shows this much time, in milliseconds.
_SHORTEST = 1_000


@dataclass(frozen=True)
class Band:
    """A shard: its hash keys, both ends included, and the instants between which it took records.

    ``ends_at`` is the end of the picture while the shard is open. Instants are milliseconds since the epoch.
    """

    shard_id: str
    number: int
    low: int
    high: int
    begins_at: int
    ends_at: int
    is_open: bool
    parents: tuple[str, ...]
    #: The hash key and the arrival of each record that can be read.
    records: tuple[tuple[int, int], ...]
    #: How many records retention has taken.
    taken: int
    #: How far consumers have read: the arrival of the record that the last GetRecords or event ended with.
    read_until: int | None


@dataclass(frozen=True)
class Sign:
    """A call that failed; ``shard_id`` is None if it was about no shard, or about several."""

    failure: Failure
    operation: str
    code: str
    at: int
    shard_id: str | None


@dataclass(frozen=True)
class Scene:
    """A stream between two instants, in milliseconds since the epoch."""

    stream_name: str
    begins_at: int
    ends_at: int
    #: Before this instant retention has taken every record.
    horizon: int
    bands: tuple[Band, ...]
    signs: tuple[Sign, ...] = ()


def scene_of(backstage: Backstage, stream: Stream) -> Scene:
    """Gather what a picture of the stream shows."""
    with backstage.lock:
        now = backstage.now
        stream = backstage.up_to_date(stream)
        shards = stream.shards(now)
        begins_at = min((shard.created_at for shard in shards), default=stream.created_at)
        ends_at = max(now, begins_at + _SHORTEST)
        positions: dict[str, int] = {}
        signs = []
        for entry in backstage.calls.remembered():
            shard_id = _shard_of(backstage, stream, entry, positions)
            if entry.outcome != "ok" and shard_id is not _NOT_OURS:
                signs.append(Sign(_failure(entry.outcome), entry.operation, entry.outcome, entry.at, shard_id))
        _add_subscriptions(stream, positions)
        bands = [_band(stream, shard, now, ends_at, positions.get(shard.shard_id)) for shard in shards]
        horizon = stream.trim_horizon(now)
        inside = tuple(sign for sign in signs if begins_at <= sign.at <= ends_at)
        return Scene(stream.stream_name, begins_at, ends_at, horizon, tuple(bands), inside)


#: Stands for the shard if a call is about another stream.
_NOT_OURS: Final = "another stream"


def _shard_of(backstage: Backstage, stream: Stream, entry: LoggedCall, positions: dict[str, int]) -> str | None:
    """The shard that a call is about; a GetRecords that was answered moves the position of its shard."""
    parameters = entry.parameters
    if "ShardIterator" in parameters:
        place = place_of(backstage.service, parameters["ShardIterator"])
        if place is None or place.stream is not stream:
            return _NOT_OURS
        shard_id = place.shard.shard_id
        if isinstance(entry.note, RecordsRead):
            positions[shard_id] = place.position + entry.note.number
        return shard_id
    names = (parameters.get("StreamName"), parameters.get("StreamARN"), parameters.get("ConsumerARN"))
    arn = stream.stream_arn
    if not any(name == stream.stream_name or name == arn or str(name).startswith(f"{arn}/") for name in names):
        return _NOT_OURS
    named = parameters.get("ShardId", parameters.get("ShardToSplit", parameters.get("ShardToMerge")))
    return str(named) if named is not None else None


def _add_subscriptions(stream: Stream, positions: dict[str, int]) -> None:
    for consumer in stream.consumers.values():
        for subscription in consumer.subscriptions.values():
            shard_id = subscription.shard.shard_id
            positions[shard_id] = max(positions.get(shard_id, 0), subscription.position)


def _failure(outcome: str) -> Failure:
    if outcome in _THROTTLED:
        return "throttled"
    return "lost" if outcome.endswith(("TimeoutError", "ConnectionError", "ConnectionClosedError")) else "refused"


def _band(stream: Stream, shard: Shard, now: int, ends_at: int, position: int | None) -> Band:
    records, start, end = shard.readable_span(now, stream.retention_ms)
    readable = records[start:end]
    first = shard.position_of_trim_horizon(now, stream.retention_ms)
    read_until = None
    if position is not None:
        before = shard.record_before(position)
        read_until = before[1] if before is not None else shard.created_at
    return Band(
        shard.shard_id,
        shard.index,
        shard.starting_hash_key,
        shard.ending_hash_key,
        shard.created_at,
        ends_at if shard.closed_at is None else shard.closed_at + 1,
        shard.is_open,
        tuple(parent for parent in (shard.parent_shard_id, shard.adjacent_parent_shard_id) if parent is not None),
        tuple((_hash_key(fields, shard), fields[1]) for fields in readable),
        first,
        read_until,
    )


def _hash_key(fields: RecordFields, shard: Shard) -> int:
    _, _, _, partition_key, explicit_hash_key, _ = fields
    if explicit_hash_key is not None:
        return explicit_hash_key
    if partition_key is None:
        return (shard.starting_hash_key + shard.ending_hash_key) // 2
    return hash_key_of(partition_key)
