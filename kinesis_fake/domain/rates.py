"""The rates of one fake: how much each shard, stream and account has used in the last second."""

from __future__ import annotations

from collections.abc import Container, Sequence

from kinesis_fake import errors
from kinesis_fake.domain.meters import KIB, CallMeter, ReadMeter, WriteMeter
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.settings import Limits, write_burst_bytes


class Rates:
    """The meters of one fake, each made when it is first needed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._writes: dict[tuple[int, int], WriteMeter] = {}
        self._reads: dict[tuple[int, int], ReadMeter] = {}
        self._iterators: dict[tuple[int, int, str], CallMeter] = {}
        self._calls: dict[tuple[str, ...], CallMeter] = {}

    # --- records ----------------------------------------------------------------------------------------------

    def takes_record(self, stream: Stream, shard: Shard, size: int, now: int) -> bool:
        """Let a shard take one record of so many bytes, data and partition key, if its rate allows."""
        return self._write_meter(stream, shard).takes(charged_bytes(size), now)

    def refused(
        self, stream: Stream, shards: Sequence[Shard], sizes: Sequence[int], now: int, failed: Container[int]
    ) -> list[int]:
        """The indexes of the records of one PutRecords that their shards' rates do not allow.

        ``shards`` and ``sizes`` belong to the records in their order; ``failed`` are the indexes of records that are
        not written for another reason. AWS rounds a shard's sum, not each record (DOC:troubleshooting-producers).
        """
        of_shards: dict[int, list[int]] = {}
        for index, shard in enumerate(shards):
            if index not in failed:
                of_shards.setdefault(shard.index, []).append(index)
        refused = []
        for indexes in of_shards.values():
            meter = self._write_meter(stream, shards[indexes[0]])
            if not meter.takes_all(len(indexes), charged_bytes(sum(sizes[index] for index in indexes)), now):
                refused += self._refused_one_by_one(meter, indexes, sizes, now)
        return refused

    def _refused_one_by_one(
        self, meter: WriteMeter, indexes: Sequence[int], sizes: Sequence[int], now: int
    ) -> list[int]:
        refused = []
        taken = 0
        for index in indexes:
            size = sizes[index]
            if self._is_large(size):  # a record that draws on the burst allowance is not rounded with the others
                is_taken = meter.takes(charged_bytes(size), now)
            elif is_taken := meter.takes(charged_bytes(taken + size) - charged_bytes(taken), now):
                taken += size
            if not is_taken:
                refused.append(index)
        return refused

    def _write_meter(self, stream: Stream, shard: Shard) -> WriteMeter:
        key = stream.uid, shard.index
        meter = self._writes.get(key)
        if meter is None:
            limits = self._limits
            meter = self._writes[key] = WriteMeter(
                limits.shard_write_bytes_per_second, limits.shard_write_records_per_second, write_burst_bytes(limits)
            )
        return meter

    def _is_large(self, size: int) -> bool:
        """Whether a record of so many bytes draws on its shard's burst allowance."""
        limit = self._limits.shard_write_bytes_per_second
        return limit is not None and size > limit

    def require_readable(self, stream: Stream, shard: Shard, now: int) -> ReadMeter:
        """The meter of a shard that may be read now; raises AWS's error if it may not."""
        limits = self._limits
        key = stream.uid, shard.index
        meter = self._reads.get(key)
        if meter is None:
            meter = self._reads[key] = ReadMeter(limits.shard_read_bytes_per_second, limits.shard_read_calls_per_second)
        if not meter.may_give(now):
            raise errors.read_rate_exceeded(stream.region.account_id, stream.stream_name, shard.shard_id)
        return meter

    def require_iterator(self, stream: Stream, shard: Shard, account_id: str, now: int) -> None:
        """Count a GetShardIterator; raises AWS's error if it is one too many."""
        limit = self._limits.shard_iterators_per_second
        if limit is None:
            return
        key = stream.uid, shard.index, account_id
        meter = self._iterators.get(key)
        if meter is None:
            meter = self._iterators[key] = CallMeter(limit)
        if not meter.takes(now):
            raise errors.iterator_rate_exceeded(stream.region.account_id, stream.stream_name, shard.shard_id)

    def require_subscription(
        self, consumer_arn: str, stream_name: str, account_id: str, shard_index: int, now: int
    ) -> None:
        """Count a SubscribeToShard; raises AWS's error for a consumer's second one per shard and second."""
        if not self._limits.api_calls:
            return
        key = "SubscribeToShard", consumer_arn, str(shard_index)
        meter = self._calls.get(key)
        if meter is None:
            meter = self._calls[key] = CallMeter(1)
        if not meter.takes(now):
            raise errors.subscription_rate_exceeded(stream_name, account_id)

    def takes_dry_run(self, stream: Stream, now: int) -> bool:
        """Count a dry run: one per stream and second, of all five operations together (DOC:kds-dryrun-validation)."""
        if not self._limits.api_calls:
            return True
        key = "DryRun", str(stream.uid)
        meter = self._calls.get(key)
        if meter is None:
            meter = self._calls[key] = CallMeter(1)
        return meter.takes(now)

    # --- control operations -----------------------------------------------------------------------------------

    def takes_call(self, key: tuple[str, ...], calls_per_second: int, now: int) -> bool:
        """Count a call of a control operation, if it is allowed. Calls of the same ``key`` are counted together."""
        if not self._limits.api_calls:
            return True
        meter = self._calls.get(key)
        if meter is None:
            meter = self._calls[key] = CallMeter(calls_per_second)
        return meter.takes(now)


def charged_bytes(size: int) -> int:
    """The bytes that PutRecord counts for a record: whole KiB, rounded up (DOC:troubleshooting-producers)."""
    return -(-size // KIB) * KIB
