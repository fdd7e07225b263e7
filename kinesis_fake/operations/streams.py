"""Making, deleting, describing and listing streams."""

from __future__ import annotations

from itertools import islice
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.life_cycle import CREATING, DELETING, first_end_of
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import ON_DEMAND, PROVISIONED, Stream
from kinesis_fake.operations.capacity import warm_throughput
from kinesis_fake.operations.paging import open_next_token, page
from kinesis_fake.operations.rate import per_account
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS

#: A page holds at most so much, even if the caller asks for more (API reference, DescribeStream and ListStreams).
DESCRIBE_STREAM_PAGE = 100
LIST_STREAMS_PAGE = 100


def end_of_transition(region: Region, *, stream: Stream, **_: object) -> int | None:
    """When the described stream's transition ends."""
    return stream.transition_ends_at


def first_end_of_transition(region: Region, **_: object) -> int | None:
    """When the first transition of the listed streams ends."""
    return first_end_of(region.streams.values())


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=("ShardCount", "StreamName"),
    begins=("CREATING", "creating_ms"),
)
def create_stream(
    region: Region,
    now: int,
    *,
    stream_name: str,
    shard_count: int | None = None,
    stream_mode_details: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    warm_throughput_mibps: int | None = None,
    max_record_size_in_kib: int | None = None,
    record_distribution_strategy: str | None = None,
) -> None:
    """Make a stream, which is CREATING at first.

    Without a mode, a shard count makes the stream provisioned and no shard count makes it on-demand.
    """
    default_mode = ON_DEMAND if shard_count is None else PROVISIONED
    region.create_stream(
        stream_name,
        shard_count=shard_count,
        stream_mode=stream_mode_details["StreamMode"] if stream_mode_details else default_mode,
        tags=dict(tags or {}),
        max_record_size_kib=max_record_size_in_kib,
        record_distribution_strategy=record_distribution_strategy,
        warm_throughput_mibps=warm_throughput_mibps,
        now=now,
    )


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=("StreamName",),
    begins=("DELETING", "deleting_ms"),
)
def delete_stream(region: Region, now: int, *, stream: Stream, enforce_consumer_deletion: bool = False) -> None:
    """Delete a stream in any state; it is DELETING at first, and its records can be read until it is gone.

    A stream with queues or channels is refused, whatever ``enforce_consumer_deletion`` says. A stream with consumers is
    refused without it; with it the consumers are DELETING too.
    """
    stream.delete(enforce_consumer_deletion, now)


@operation(
    rate=per_account(10),
    across_accounts="StreamARN",
    kms=None,
    member_order=("Limit", "ExclusiveStartShardId", "StreamName"),
    poll=end_of_transition,
)
def describe_stream(
    region: Region,
    now: int,
    *,
    stream: Stream,
    limit: int = DESCRIBE_STREAM_PAGE,
    exclusive_start_shard_id: str | None = None,
) -> Result:
    """Describe a stream with a page of its shards, in the order of their ids; in DELETING it shows none (recorded)."""
    limit = min(limit, DESCRIBE_STREAM_PAGE)
    shards_after = stream.shards_after(exclusive_start_shard_id or "", now) if stream.status != DELETING else ()
    shards = list(islice(shards_after, limit + 1))
    return {
        "StreamDescription": {
            **_description(stream),
            "Shards": [shard_description(shard) for shard in shards[:limit]],
            "HasMoreShards": len(shards) > limit,
        }
    }


@operation(
    rate=per_account(20),
    across_accounts="StreamARN",
    kms=None,
    member_order=("StreamName",),
    poll=end_of_transition,
)
def describe_stream_summary(region: Region, now: int, *, stream: Stream) -> Result:
    """Describe a stream without its shards; in CREATING and DELETING it does not count them either (recorded)."""
    summary = _description(stream)
    if stream.status not in (CREATING, DELETING):
        summary["OpenShardCount"] = len(stream.open_shards)
    summary["ConsumerCount"] = len(stream.consumers)
    summary["QueueCount"] = len(stream.queues)
    summary["ChannelCount"] = len(stream.channels)
    summary["MaxRecordSizeInKiB"] = stream.max_record_size_kib
    if stream.stream_mode == ON_DEMAND:
        summary["RecordDistributionStrategy"] = stream.record_distribution_strategy
        if stream.region.commitment.is_in_force(now):
            summary["WarmThroughput"] = warm_throughput(stream)
    return {"StreamDescriptionSummary": summary}


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=("Limit", "ExclusiveStartStreamName"),
    poll=first_end_of_transition,
)
def list_streams(
    region: Region,
    now: int,
    *,
    limit: int = LIST_STREAMS_PAGE,
    exclusive_start_stream_name: str | None = None,
    next_token: str | None = None,
) -> Result:
    """List the streams of the region in the order of their names, those in transition too.

    *Not modelled:* Shorter pages than the caller asks for, which AWS may give.
    """
    if next_token is not None:
        if exclusive_start_stream_name is not None:
            raise errors.next_token_with_stream_name()
        (exclusive_start_stream_name,) = open_next_token(region, "ListStreams", next_token, now)
    names = sorted(
        name for name in region.streams if exclusive_start_stream_name is None or name > exclusive_start_stream_name
    )
    names, token = page(region, "ListStreams", names, min(limit, LIST_STREAMS_PAGE), lambda name: [name], now)
    answer: dict[str, Any] = {
        "StreamNames": names,
        "HasMoreStreams": token is not None,
        "StreamSummaries": [_list_summary(region.streams[name]) for name in names],
    }
    if token is not None:
        answer["NextToken"] = token
    return answer


def shard_description(shard: Shard) -> dict[str, Any]:
    """A shard as DescribeStream and ListShards show it."""
    numbers = {"StartingSequenceNumber": shard.starting_sequence_number}
    if shard.ending_sequence_number is not None:
        numbers["EndingSequenceNumber"] = shard.ending_sequence_number
    description: dict[str, Any] = {
        "ShardId": shard.shard_id,
        "HashKeyRange": hash_key_range(shard),
        "SequenceNumberRange": numbers,
    }
    if shard.parent_shard_id is not None:
        description["ParentShardId"] = shard.parent_shard_id
    if shard.adjacent_parent_shard_id is not None:
        description["AdjacentParentShardId"] = shard.adjacent_parent_shard_id
    return description


def hash_key_range(shard: Shard) -> dict[str, str]:
    """A shard's range of hash keys, both ends inclusive, in decimal digits."""
    return {"StartingHashKey": str(shard.starting_hash_key), "EndingHashKey": str(shard.ending_hash_key)}


def _description(stream: Stream) -> dict[str, Any]:
    description: dict[str, Any] = {
        "StreamName": stream.stream_name,
        "StreamARN": stream.stream_arn,
        "StreamStatus": stream.status,
        "StreamModeDetails": {"StreamMode": stream.stream_mode},
        "RetentionPeriodHours": stream.retention_period_hours,
        "StreamCreationTimestamp": TIMESTAMPS[stream.creation_timestamp],
        "EnhancedMonitoring": [{"ShardLevelMetrics": list(stream.shard_level_metrics)}],
        "EncryptionType": stream.encryption_type,
    }
    if stream.key_id is not None:
        description["KeyId"] = stream.key_id
    return description


def _list_summary(stream: Stream) -> dict[str, Any]:
    return {
        "StreamName": stream.stream_name,
        "StreamARN": stream.stream_arn,
        "StreamStatus": stream.status,
        "StreamModeDetails": {"StreamMode": stream.stream_mode},
        "StreamCreationTimestamp": TIMESTAMPS[stream.creation_timestamp],
    }
