"""The stream that a mapping reads, through the operations that any consumer calls."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from kinesis_fake import botocore_hook
from kinesis_fake.domain.consumer import Consumer
from kinesis_fake.domain.life_cycle import DELETING
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.event_source_mapping.events import StreamRecord
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.registry import OPERATIONS
from kinesis_fake.service import Service
from kinesis_fake.virtual_time.clock import milliseconds_of
from kinesis_fake.virtual_time.timeline import Timeline

#: How often Lambda polls a shard that has no more records at the moment (LDG: a base rate of once per second) ...
POLL_INTERVAL_MS = 1000
#: ... and how soon a stream pushes records to a registered consumer (DOC: some 70 milliseconds).
PUSH_INTERVAL_MS = 70


class Position(NamedTuple):
    """A place in a shard: an iterator type, with the sequence number or the instant that it takes."""

    iterator_type: str
    sequence_number: str | None = None
    timestamp: int | None = None


class Page(NamedTuple):
    """What one read gives; ``has_more`` says that records follow, ``at_end`` that none will."""

    records: list[StreamRecord]
    has_more: bool
    at_end: bool


#: A read that is not over yet, because an injected fault delays its answer. It yields the waits until then.
Reading = Generator[Any, None, Page]


@dataclass(frozen=True)
class Source:
    """A stream, or one of its registered consumers.

    The calls of a consumer have a rate of their own, and no fault is meant for them; those of a stream share the rate
    of its shards with all other readers, and faults strike them as they strike any call.
    """

    service: Service
    stream: Stream
    consumer: Consumer | None

    @property
    def timeline(self) -> Timeline:
        return self.service.timeline

    @property
    def event_source_arn(self) -> str:
        return self.stream.stream_arn if self.consumer is None else self.consumer.consumer_arn

    @property
    def kind_and_name(self) -> tuple[str, str]:
        consumer = self.consumer
        return ("stream", self.stream.stream_name) if consumer is None else ("consumer", consumer.consumer_name)

    @property
    def interval_ms(self) -> int:
        return POLL_INTERVAL_MS if self.consumer is None else PUSH_INTERVAL_MS

    @property
    def is_there(self) -> bool:
        """Whether the stream or the consumer still exists. If it was deleted and made anew, that is another one."""
        stream, consumer = self.stream, self.consumer
        if stream.region.streams.get(stream.stream_name) is not stream or stream.status == DELETING:
            return False
        return consumer is None or stream.consumers.get(consumer.consumer_name) is consumer

    def shards(self) -> list[Shard]:
        """All shards that can be read, in the order of their ids."""
        return self.stream.shards(self.timeline.clock.now)

    def has(self, shard: Shard) -> bool:
        """Whether a shard can still be read: a closed one expires with the last of its records."""
        return self.stream.find_shard(shard.index, self.timeline.clock.now) is shard

    def read(self, shard_id: str, position: Position, limit: int) -> Reading:
        """Read a shard from a position on; raises AWS's errors."""
        asked: dict[str, Any] = {
            "StreamARN": self.stream.stream_arn,
            "ShardId": shard_id,
            "ShardIteratorType": position.iterator_type,
        }
        if position.sequence_number is not None:
            asked["StartingSequenceNumber"] = position.sequence_number
        if position.timestamp is not None:
            asked["Timestamp"] = position.timestamp
        iterator = yield from self._call("GetShardIterator", asked)
        answer = yield from self._call(
            "GetRecords",
            {"ShardIterator": iterator["ShardIterator"], "Limit": limit, "StreamARN": self.stream.stream_arn},
        )
        records = [
            StreamRecord(
                each["SequenceNumber"],
                each.get("PartitionKey"),
                each["Data"],
                milliseconds_of(each["ApproximateArrivalTimestamp"]),
            )
            for each in answer["Records"]
        ]
        has_more = bool(records) and answer["MillisBehindLatest"] > 0
        return Page(records, has_more, answer.get("NextShardIterator") is None)

    def _call(self, operation_name: str, params: Mapping[str, Any]) -> Generator[Any, None, Mapping[str, Any]]:
        service, region, operation = self.service, self.stream.region, OPERATIONS[operation_name]
        validator = botocore_hook.validator_for(operation_name)
        if self.consumer is not None:
            return service.call_for_test(region, operation, params, validator)
        answer = service.call(
            region.account_id, region.region_name, operation, params, validator, is_poll_of_waiter=True
        )
        if isinstance(answer, Generator):
            return (yield from answer)
        return answer

    # --- looking without reading ------------------------------------------------------------------------------

    def start_of(self, shard: Shard, starting_position: str, starting_at: int | None) -> Position:
        """Where a mapping begins to read a shard that was there when it was made."""
        if starting_at is not None:
            return Position("AT_TIMESTAMP", timestamp=starting_at)
        if starting_position == "LATEST" and shard.end_position > shard.position_of_trim_horizon(*self._retention):
            return Position("AFTER_SEQUENCE_NUMBER", shard.newest_record().sequence_number)
        return Position("TRIM_HORIZON")

    def unread_since(self, shard: Shard, position: Position) -> int | None:
        """When the first record after a position arrived, or else when the shard ended; None if neither did."""
        batch = shard.read(self.index_of(shard, position), 1, 1, *self._retention)
        return batch.records[0][1] if batch.records else shard.closed_at

    def unread(self, shard: Shard, position: Position) -> list[str]:
        """The numbers of the records after a position that can still be read."""
        start = max(self.index_of(shard, position), self.horizon_of(shard))
        return [number for number, *_ in shard.records_from(start)]

    def first_readable(self, shard: Shard, sequence_number: str) -> str | None:
        """The first number, from this one on, whose record can still be read."""
        index = shard.position_at_sequence_number(sequence_number)
        batch = shard.read(index, 1, 1, *self._retention)
        return batch.records[0][0] if batch.records else None

    def horizon_of(self, shard: Shard) -> int:
        """How many records of the shard have been trimmed since it was made."""
        return shard.position_of_trim_horizon(*self._retention)

    def index_of(self, shard: Shard, position: Position) -> int:
        """How many records of the shard are before a position."""
        if position.sequence_number is not None:
            return shard.position_after_sequence_number(position.sequence_number)
        return 0 if position.timestamp is None else shard.position_at_timestamp(position.timestamp)

    @property
    def _retention(self) -> tuple[int, int]:
        return self.timeline.clock.now, self.stream.retention_ms
