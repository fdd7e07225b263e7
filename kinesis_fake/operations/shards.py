"""Listing and changing the shards of a stream."""

from __future__ import annotations

from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.life_cycle import begin_reshard
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.shard import Shard, shard_id_of
from kinesis_fake.domain.stream import ON_DEMAND, Merge, Split, Stream
from kinesis_fake.operations.addressing import StreamAddress, address_of, shard_index_of
from kinesis_fake.operations.authorisation import require_allowed
from kinesis_fake.operations.paging import open_next_token, page
from kinesis_fake.operations.registry import Answer, operation
from kinesis_fake.operations.streams import shard_description

#: The most shards a page holds, whatever the caller asks for (API reference, ListShards).
LIST_SHARDS_PAGE = 1000


@operation
def split_shard(
    region: Region,
    now: int,
    *,
    shard_to_split: str,
    new_starting_hash_key: str,
    stream_name: str | None = None,
    stream_arn: str | None = None,
) -> None:
    """Cut a shard in two; the parent takes records until the stream is ACTIVE again."""
    address = address_of(region, stream_name, stream_arn)
    index = shard_index_of(shard_to_split, address)
    stream = _reshardable(address)
    shard = _open_shard(stream, index, now)
    stream.region.require_shards(1)
    key = int(new_starting_hash_key)
    if not shard.starting_hash_key + 1 < key < shard.ending_hash_key:
        raise errors.new_starting_hash_key_out_of_range(
            new_starting_hash_key,
            shard.shard_id,
            address.stream_name,
            address.account_id,
            shard.starting_hash_key,
            shard.ending_hash_key,
        )
    begin_reshard(stream, [Split(index, key)], now, region.world.durations.splitting_ms)


@operation
def merge_shards(
    region: Region,
    now: int,
    *,
    shard_to_merge: str,
    adjacent_shard_to_merge: str,
    stream_name: str | None = None,
    stream_arn: str | None = None,
) -> None:
    """Join two neighbours, of which the first has the lower hash keys."""
    address = address_of(region, stream_name, stream_arn)
    index = shard_index_of(shard_to_merge, address)
    adjacent_index = shard_index_of(adjacent_shard_to_merge, address)
    stream = _reshardable(address)
    shard = _open_shard(stream, index, now)
    adjacent = _open_shard(stream, adjacent_index, now)
    if shard.ending_hash_key + 1 != adjacent.starting_hash_key:
        raise errors.shards_not_adjacent(shard.shard_id, adjacent.shard_id, address.stream_name, address.account_id)
    begin_reshard(stream, [Merge(index, adjacent_index)], now, region.world.durations.merging_ms)


@operation
def update_shard_count(
    region: Region, now: int, *, stream: Stream, target_shard_count: int, scaling_type: str
) -> Answer:
    """Bring a stream to a number of even shards through single splits and merges."""
    _require_provisioned(stream)
    stream.require_active()
    limits = region.world.limits
    open_shards = len(stream.open_shards)
    if target_shard_count > 2 * open_shards:
        raise errors.shard_count_over_double(open_shards, target_shard_count)
    if 2 * target_shard_count < open_shards:
        raise errors.shard_count_below_half(open_shards, target_shard_count)
    if target_shard_count > limits.shards_per_stream:
        raise errors.shard_count_over_limit(limits.shards_per_stream, open_shards, target_shard_count)
    home = stream.region
    if home.open_shard_count() - open_shards + target_shard_count > home.shard_limit:
        raise errors.shard_count_over_limit(home.shard_limit, open_shards, target_shard_count)
    if stream.recent(stream.update_shard_count_calls, now) >= limits.update_shard_count_per_day:
        raise errors.too_many_shard_count_updates(
            stream.stream_name, home.account_id, limits.update_shard_count_per_day
        )
    stream.update_shard_count_calls.append(now)
    steps = stream.plan_shard_count(target_shard_count)
    begin_reshard(stream, steps, now, region.world.durations.updating_shard_count_ms)
    return {
        "StreamName": stream.stream_name,
        "CurrentShardCount": open_shards,
        "TargetShardCount": target_shard_count,
        "StreamARN": stream.stream_arn,
    }


@operation
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
) -> Answer:
    """List shards in the order of their ids.

    A token stands for the stream, the filter and the place. The stream's name and ARN may come with it, and must be
    those of the stream that it was issued for.
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
        if home is not region and stream_arn is None:  # with its ARN the call has been authorised already
            require_allowed(stream, caller_arn, "ListShards", stream.stream_arn)
    stream.require_changeable()
    shards = [shard for shard in _filtered(stream, filter_type, instant, now) if shard.shard_id > after]
    resume = [stream.region.account_id, stream.stream_name, stream.uid, filter_type, instant]
    shards, token = page(
        region,
        "ListShards",
        shards,
        min(max_results, LIST_SHARDS_PAGE),
        lambda shard: [*resume, shard.shard_id],
        now,
    )
    answer: dict[str, Any] = {"Shards": [shard_description(shard) for shard in shards]}
    if token is not None:
        answer["NextToken"] = token
    return answer


#: The member that a type of filter cannot do without; another member is no error.
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


def _filtered(stream: Stream, filter_type: str, instant: int | None, now: int) -> list[Shard]:
    """The shards that a filter lets through (API reference, ShardFilter); all comparisons are inclusive."""
    shards = stream.shards(now)
    if filter_type == "AT_LATEST":
        return [shard for shard in shards if shard.is_open]
    if filter_type == "AT_TRIM_HORIZON":
        return _open_at(shards, stream.trim_horizon(now))
    if instant is None:  # FROM_TRIM_HORIZON and AFTER_SHARD_ID: what closed earlier is gone
        return shards
    if filter_type == "AT_TIMESTAMP":
        return _open_at(shards, instant)
    return [shard for shard in shards if not shard.ended_before(instant)]


def _open_at(shards: list[Shard], instant: int) -> list[Shard]:
    return [shard for shard in shards if shard.was_open_at(instant)]


def _reshardable(address: StreamAddress) -> Stream:
    stream = address.stream()
    _require_provisioned(stream)
    stream.require_active()
    return stream


def _require_provisioned(stream: Stream) -> None:
    if stream.stream_mode == ON_DEMAND:
        raise errors.stream_is_on_demand(stream.stream_name, stream.region.account_id)


def _open_shard(stream: Stream, index: int, now: int) -> Shard:
    shard = stream.find_shard(index, now)
    if shard is None:
        raise errors.could_not_find_shard(shard_id_of(index), stream.stream_name, stream.region.account_id)
    if not shard.is_open:
        raise errors.shard_already_closed(shard.shard_id, stream.stream_name, stream.region.account_id)
    return shard
