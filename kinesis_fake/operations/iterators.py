"""GetShardIterator and GetRecords: the tokens that a consumer holds, and the records that it reads with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kinesis_fake import errors
from kinesis_fake.domain.encryption import require_keys_to_read
from kinesis_fake.domain.iterator import ShardIterator, StartingPosition
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sealed_token import InvalidTokenError
from kinesis_fake.domain.shard import Shard, ShardRead, shard_id_of
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.addressing import address_of, shard_index_of
from kinesis_fake.operations.dry_run import ended_dry_run
from kinesis_fake.operations.rate import iterators, per_shard, reads
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.operations.request import parts_of_iterator
from kinesis_fake.operations.streams import hash_key_range
from kinesis_fake.settings import GET_RECORDS_MAX_RECORDS
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS

if TYPE_CHECKING:
    from kinesis_fake.faults.call_faults import AnswerFaults


@operation(
    rate=per_shard(iterators),
    across_accounts="StreamARN",
    kms=None,
    member_order=("ShardId", "ShardIteratorType", "StartingSequenceNumber", "StreamName", "Timestamp"),
    needs_stream="with shards",
)
def get_shard_iterator(
    region: Region,
    now: int,
    *,
    shard_id: str,
    shard_iterator_type: str,
    starting_sequence_number: str | None = None,
    timestamp: int | None = None,
    stream_name: str | None = None,
    stream_arn: str | None = None,
    dry_run: bool = False,
) -> Result:
    """Give out an iterator: a place in a shard to read from, which expires after five minutes."""
    address = address_of(region, stream_name, stream_arn)
    index = shard_index_of(shard_id, address)
    stream = address.find()
    shard = stream.find_shard(index, now) if stream is not None else None
    if stream is None or shard is None:
        raise errors.shard_does_not_exist(shard_id_of(index), address.stream_name, address.account_id)
    starting_position = StartingPosition(shard_iterator_type, starting_sequence_number, timestamp)
    position = starting_position.position_in(stream, shard, now)
    if dry_run:
        raise ended_dry_run(region, stream, "GetShardIterator", now)
    if region.world.rates is not None:
        region.world.rates.require_iterator(stream, shard, region.account_id, now)
    return {"ShardIterator": _sealed(ShardIterator(stream, shard, position, now))}


def _sealed(iterator: ShardIterator) -> str:
    stream = iterator.stream
    return stream.region.world.mint.seal("iterator", iterator.parts, stream.stream_name)


def _opened(region: Region, token: str, now: int) -> ShardIterator:
    try:
        parts = parts_of_iterator(region.world, token)
    except InvalidTokenError:
        raise errors.shard_iterator_invalid() from None
    return ShardIterator.read_from(region, parts, now)


@operation(
    rate=per_shard(reads),
    across_accounts="StreamARN",
    kms="decrypt",
    member_order=("Limit", "ShardIterator"),
)
def get_records(
    region: Region,
    now: int,
    *,
    shard_iterator: str,
    limit: int = GET_RECORDS_MAX_RECORDS,
    stream_arn: str | None = None,
    dry_run: bool = False,
    answer_faults: AnswerFaults | None = None,
    caller_arn: str,
) -> Result:
    """Read a shard from an iterator on; the answer has the next iterator, or the child shards at the shard's end.

    *Not modelled:* Empty and short pages by chance; a test orders them as faults.
    """
    iterator = _opened(region, shard_iterator, now)
    stream, shard = iterator.stream, iterator.shard
    if stream_arn is None and stream.region is not region:  # another account's stream is addressed by its ARN
        raise errors.access_across_accounts_impossible(caller_arn, "kinesis:GetRecords", stream.stream_arn)
    if stream_arn is not None and address_of(region, None, stream_arn).find() is not stream:
        raise errors.shard_iterator_of_another_stream(stream_arn)
    if dry_run:
        raise ended_dry_run(region, stream, "GetRecords", now)
    rates = region.world.rates
    meter = rates.require_readable(stream, shard, now) if rates is not None else None
    batch = iterator.read(limit, now)
    if answer_faults is not None and (fewer := answer_faults.shorten(len(batch.records))) < len(batch.records):
        batch = iterator.read(fewer, now)
    require_keys_to_read(caller_arn, stream, shard, batch)
    if meter is not None:
        meter.gave(sum(len(data) for _, _, data, *_ in batch.records), now)
    # This comes before the records, because thousands of them push everything else out of the processor's caches.
    if batch.at_end and answer_faults is not None and answer_faults.hides_end_of_shard():
        batch = batch._replace(at_end=False, millis_behind_latest=0)
    elif answer_faults is not None and not batch.records and not batch.at_end and batch.millis_behind_latest == 0:
        batch = batch._replace(millis_behind_latest=answer_faults.idle_lag_ms())
    where_to_go_on: dict[str, Any] = (
        {"ChildShards": child_shards(stream, shard)}
        if batch.at_end
        else {"NextShardIterator": _sealed(iterator.following(batch, now))}
    )
    records = record_descriptions(shard, batch)
    if answer_faults is not None:
        # Arrival timestamps are approximate, and AWS does not promise that they follow the sequence numbers.
        earlier = timedelta(milliseconds=min(answer_faults.arrivals_back_ms(len(records)), now))
        for record in records[1::2]:
            record["ApproximateArrivalTimestamp"] = max(record["ApproximateArrivalTimestamp"] - earlier, TIMESTAMPS[0])
    return {"Records": records, "MillisBehindLatest": iterator.shown_lag(batch, limit, now), **where_to_go_on}


def record_descriptions(shard: Shard, batch: ShardRead) -> list[dict[str, Any]]:
    """Records as GetRecords and SubscribeToShard show them."""
    try:
        descriptions = _descriptions(batch, TIMESTAMPS.known)
    except KeyError:  # some records are read for the first time
        descriptions = _descriptions(batch, TIMESTAMPS.learn(arrived_at for _, arrived_at, *_ in batch.records))
    if not shard.is_uniform:
        for description, (_, _, _, partition_key, _, encryption_type) in zip(descriptions, batch.records, strict=True):
            if partition_key is None:
                del description["PartitionKey"]
            if encryption_type is not None:
                description["EncryptionType"] = encryption_type
    return descriptions


def _descriptions(batch: ShardRead, arrival: Mapping[int, object]) -> list[dict[str, Any]]:
    return [
        {
            "SequenceNumber": number,
            "ApproximateArrivalTimestamp": arrival[arrived_at],
            "Data": data,
            "PartitionKey": partition_key,
        }
        for number, arrived_at, data, partition_key, _, _ in batch.records
    ]


def child_shards(stream: Stream, shard: Shard) -> list[dict[str, Any]]:
    """The shards that a consumer reads next when it has read a shard to its end."""
    return [
        {
            "ShardId": child.shard_id,
            "ParentShards": [
                parent for parent in (child.parent_shard_id, child.adjacent_parent_shard_id) if parent is not None
            ],
            "HashKeyRange": hash_key_range(child),
        }
        for child in stream.children_of(shard)
    ]
