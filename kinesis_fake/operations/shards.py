"""Listing and changing the shards of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain import stream_changes
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.addressing import address_of, shard_index_of
from kinesis_fake.operations.authorisation import require_allowed
from kinesis_fake.operations.paging import open_next_token, page
from kinesis_fake.operations.rate import per_account, per_stream
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.operations.streams import shard_description

#: A page holds at most so many shards, even if the caller asks for more (API reference, ListShards).
LIST_SHARDS_PAGE = 1000


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=("NewStartingHashKey", "StreamName", "ShardToSplit"),
    begins=("UPDATING", "splitting_ms"),
    needs_stream="ACTIVE",
)
def split_shard(
    region: Region,
    now: int,
    *,
    shard_to_split: str,
    new_starting_hash_key: str,
    stream_name: str | None = None,
    stream_arn: str | None = None,
) -> None:
    """Split a shard in two; the parent takes records until the stream is ACTIVE again."""
    address = address_of(region, stream_name, stream_arn)
    index = shard_index_of(shard_to_split, address)
    stream_changes.split(address.stream(), index, new_starting_hash_key, now)


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=("ShardToMerge", "AdjacentShardToMerge", "StreamName"),
    begins=("UPDATING", "merging_ms"),
    needs_stream="ACTIVE",
)
def merge_shards(
    region: Region,
    now: int,
    *,
    shard_to_merge: str,
    adjacent_shard_to_merge: str,
    stream_name: str | None = None,
    stream_arn: str | None = None,
) -> None:
    """Merge two neighbouring shards, the first of which has the lower hash keys."""
    address = address_of(region, stream_name, stream_arn)
    index = shard_index_of(shard_to_merge, address)
    adjacent_index = shard_index_of(adjacent_shard_to_merge, address)
    stream_changes.merge(address.stream(), index, adjacent_index, now)


@operation(
    rate=per_account(10),
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("UPDATING", "updating_shard_count_ms"),
    needs_stream="ACTIVE",
)
def update_shard_count(
    region: Region, now: int, *, stream: Stream, target_shard_count: int, scaling_type: str
) -> Result:
    """Give a stream a number of even shards, by single splits and merges.

    The present number changes nothing: the stream remains ACTIVE (recorded), however uneven its shards are.
    """
    open_shards = len(stream.open_shards)
    stream_changes.update_shard_count(stream, target_shard_count, now)
    return {
        "StreamName": stream.stream_name,
        "CurrentShardCount": open_shards,
        "TargetShardCount": target_shard_count,
        "StreamARN": stream.stream_arn,
    }


@operation(
    rate=per_stream(1000),
    across_accounts="StreamARN",
    kms=None,
    member_order=("MaxResults", "ExclusiveStartShardId", "StreamName", "NextToken", "StreamCreationTimestamp"),
    needs_stream="ACTIVE or UPDATING",
)
def list_shards(
    region: Region,
    now: int,
    *,
    stream_name: str | None = None,
    stream_arn: str | None = None,
    next_token: str | None = None,
    exclusive_start_shard_id: str | None = None,
    max_results: int = LIST_SHARDS_PAGE,
    stream_creation_timestamp: int | None = None,
    shard_filter: dict[str, Any] | None = None,
    caller_arn: str,
) -> Result:
    """List shards in the order of their ids.

    A token holds the stream, the filter and where to continue. The stream's name and ARN may come with it; they must
    be those of the stream that the token was issued for.
    """
    if next_token is None:
        if stream_name is None and stream_arn is None:
            raise errors.list_shards_without_address()
        stream = address_of(region, stream_name, stream_arn).stream()
        if stream_creation_timestamp is not None and stream_creation_timestamp != stream.creation_timestamp:
            raise errors.stream_created_at_another_time(stream.stream_name, stream.region.account_id)
        if shard_filter is not None and exclusive_start_shard_id is not None:
            raise errors.shard_filter_with_exclusive_start()
        filter_type, instant, after = _checked_filter(stream, shard_filter, now)
        after = exclusive_start_shard_id or after
    else:
        for member, value in (
            ("ShardFilter", shard_filter),
            ("StreamCreationEpoch", stream_creation_timestamp),
            ("ExclusiveStartShardId", exclusive_start_shard_id),
        ):
            if value is not None:
                raise errors.next_token_with(member)
        account_id, name, uid, filter_type, instant, after = open_next_token(region, "ListShards", next_token, now)
        if stream_name is not None or stream_arn is not None:
            address = address_of(region, stream_name, stream_arn)
            if (address.account_id, address.stream_name) != (account_id, name):
                raise errors.next_token_of_another_stream("StreamARN" if stream_name is None else "StreamName")
        home = region.world.regions.get((account_id, region.region_name))
        found = home.streams.get(name) if home is not None else None
        if found is None or found.uid != uid:
            raise errors.stream_not_found(name, account_id)
        stream = found
        if home is not region and stream_arn is None:  # a call that gives the ARN has been authorised already
            require_allowed(stream, caller_arn, "ListShards", stream.stream_arn)
    stream.require_changeable()
    limit = min(max_results, LIST_SHARDS_PAGE)
    # One more than the page holds, to know whether there is a next page.
    shards = list(islice(_filtered(stream, filter_type, instant, after, now), limit + 1))
    resume = [stream.region.account_id, stream.stream_name, stream.uid, filter_type, instant]
    shards, token = page(region, "ListShards", shards, limit, lambda shard: [*resume, shard.shard_id], now)
    answer: dict[str, Any] = {"Shards": [shard_description(shard) for shard in shards]}
    if token is not None:
        answer["NextToken"] = token
    return answer


#: The member that each type of filter needs. AWS accepts members that a filter does not need.
_NEEDED = {"AFTER_SHARD_ID": "ShardId", "AT_TIMESTAMP": "Timestamp", "FROM_TIMESTAMP": "Timestamp"}


def _checked_filter(stream: Stream, shard_filter: dict[str, Any] | None, now: int) -> tuple[str, int | None, str]:
    """The type of a filter, its instant, and the shard id after which the listing starts.

    Every type takes a ShardId to start after (recorded for AT_LATEST). A Timestamp that the type does not need is
    ignored (recorded for AT_LATEST).
    """
    if shard_filter is None:
        return "FROM_TRIM_HORIZON", None, ""
    filter_type = shard_filter["Type"]
    needed = _NEEDED.get(filter_type)
    if needed is not None and needed not in shard_filter:
        raise errors.shard_filter_needs(filter_type, needed)
    instant: int | None = shard_filter["Timestamp"] if needed == "Timestamp" else None
    if instant is not None:
        if instant > now:
            raise errors.shard_filter_in_the_future()
        # FROM_TIMESTAMP "is corrected to TRIM_HORIZON" (API reference, ShardFilter).
        if filter_type == "AT_TIMESTAMP" and instant < stream.trim_horizon(now):
            raise errors.shard_filter_before_trim_horizon()
    return filter_type, instant, shard_filter.get("ShardId", "")


def _filtered(stream: Stream, filter_type: str, instant: int | None, after: str, now: int) -> Iterator[Shard]:
    """The shards after an id that a filter lets through (API reference, ShardFilter); all comparisons are inclusive."""
    shards = stream.shards_after(after, now)
    if filter_type == "AT_LATEST":
        return (shard for shard in shards if shard.is_open)
    if filter_type == "AT_TRIM_HORIZON":
        instant = stream.trim_horizon(now)
    if instant is None:  # FROM_TRIM_HORIZON and AFTER_SHARD_ID: shards that closed before the trim horizon are gone
        return shards
    if filter_type == "FROM_TIMESTAMP":
        return (shard for shard in shards if not shard.ended_before(instant))
    return (shard for shard in shards if shard.was_open_at(instant))
