"""Shard iterators: where reading begins, when an iterator expires, what it reads, and which iterator follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kinesis_fake import errors
from kinesis_fake.domain import sequence_number
from kinesis_fake.domain.sequence_number import InvalidSequenceNumberError
from kinesis_fake.domain.shard import Shard, ShardRead, shard_id_of
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.settings import GET_RECORDS_MAX_BYTES, ITERATOR_LIFETIME_MS
from kinesis_fake.virtual_time.timestamps import java_date

if TYPE_CHECKING:
    from kinesis_fake.domain.region import Region
    from kinesis_fake.domain.stream import Stream

AT_SEQUENCE_NUMBER: Final = "AT_SEQUENCE_NUMBER"
AFTER_SEQUENCE_NUMBER: Final = "AFTER_SEQUENCE_NUMBER"
AT_TIMESTAMP: Final = "AT_TIMESTAMP"
TRIM_HORIZON: Final = "TRIM_HORIZON"
LATEST: Final = "LATEST"


class StartingPosition(NamedTuple):
    """Where reading begins, by one of the five types; ``timestamp`` is in milliseconds since the epoch.

    GetShardIterator and SubscribeToShard take it for one shard, a queue takes it for all shards of its stream.
    """

    type: str
    sequence_number: str | None = None
    timestamp: int | None = None

    def position_in(self, stream: Stream, shard: Shard, now: int) -> int:
        """The position in a shard where reading begins; raises AWS's error if the shard cannot have it."""
        number, timestamp = self.sequence_number, self.timestamp
        if self.type in (AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER):
            if number is None:
                raise errors.starting_sequence_number_missing(self.type)
            _check_sequence_number(stream, shard, number)
            if self.type == AFTER_SEQUENCE_NUMBER and sequence_number.is_last(number):
                raise errors.nothing_after_starting_sequence_number()
            if self.type == AT_SEQUENCE_NUMBER:
                return shard.position_at_sequence_number(number)
            return shard.position_after_sequence_number(number)
        if self.type == AT_TIMESTAMP:
            if timestamp is None:
                raise errors.timestamp_missing()
            if timestamp > now:
                raise errors.timestamp_in_the_future(timestamp, now)
            return shard.position_at_timestamp(timestamp)
        if number is not None:
            raise errors.starting_sequence_number_unwanted(self.type)
        if self.type == LATEST:
            return shard.end_position
        return shard.position_of_trim_horizon(now, stream.retention_ms)


class ShardIterator(NamedTuple):
    """A place in a shard to read from, and the instant at which it was issued, in milliseconds since the epoch."""

    stream: Stream
    shard: Shard
    position: int
    issued_at: int

    @classmethod
    def read_from(cls, region: Region, parts: list[object], now: int) -> ShardIterator:
        """The iterator that has these :attr:`parts`; raises AWS's error if it has expired, or if its shard is gone."""
        account_id, region_name, stream_name, uid, index, position, issued_at = parts
        assert isinstance(index, int) and isinstance(position, int) and isinstance(issued_at, int)
        if region_name != region.region_name or issued_at > now:
            raise errors.shard_iterator_invalid()
        if now - issued_at > ITERATOR_LIFETIME_MS:
            raise errors.shard_iterator_expired(java_date(issued_at), java_date(now))
        home = region.world.regions.get((str(account_id), region.region_name))
        stream = home.streams.get(str(stream_name)) if home is not None else None
        shard = stream.find_shard(index, now) if stream is not None else None
        if stream is None or shard is None:
            raise errors.shard_does_not_exist(shard_id_of(index), str(stream_name), str(account_id))
        if stream.uid != uid:  # a new stream of the old name: "an InternalFailure on production" (K:getRecords)
            raise errors.internal_failure()
        return cls(stream, shard, position, issued_at)

    @property
    def parts(self) -> list[object]:
        """The iterator as a list of texts and whole numbers, which a token can hold."""
        stream = self.stream
        region = stream.region
        return [
            region.account_id,
            region.region_name,
            stream.stream_name,
            stream.uid,
            self.shard.index,
            self.position,
            self.issued_at,
        ]

    def read(self, limit: int, now: int) -> ShardRead:
        """Up to ``limit`` records and 10 MiB of data, the oldest first."""
        return self.shard.read(self.position, limit, GET_RECORDS_MAX_BYTES, now, self.stream.retention_ms)

    @staticmethod
    def shown_lag(batch: ShardRead, limit: int, now: int) -> int:
        """MillisBehindLatest: the age of the position after a batch, rounded up to whole seconds (recorded).

        A batch of ``limit`` records never shows 0. If no record follows, it shows the age of its last record
        (I:druid#11005, I:aws-sdk-java#2524).
        """
        lag = batch.millis_behind_latest
        if lag == 0 and len(batch.records) == limit and not batch.at_end:
            lag = max(now - batch.records[-1][1], 1)
        return -(-lag // 1000) * 1000

    def following(self, batch: ShardRead, now: int) -> ShardIterator:
        """The iterator that continues after a batch; it expires five minutes from now."""
        return ShardIterator(self.stream, self.shard, batch.next_position, now)


def _check_sequence_number(stream: Stream, shard: Shard, digits: str) -> None:
    where = (digits, shard.shard_id, stream.stream_name, stream.region.account_id)
    try:
        parsed = sequence_number.parse(digits)
    except InvalidSequenceNumberError:
        raise errors.starting_sequence_number_invalid(*where) from None
    if parsed.shard_index != shard.index:
        raise errors.starting_sequence_number_of_another_shard(shard_id_of(parsed.shard_index), shard.shard_id)
    if parsed.version == 0:  # AWS's message shows such a number with the bit that it adds
        raise errors.starting_sequence_number_of_another_stream(sequence_number.widened(digits), *where[1:])
    if parsed.version != 2 or parsed.creation_second != shard.creation_second:
        raise errors.starting_sequence_number_of_another_stream(*where)
