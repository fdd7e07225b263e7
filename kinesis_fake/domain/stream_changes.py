"""Changes of a stream: the checks whether it may be changed so, and the UPDATING that leads to the change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from kinesis_fake import errors
from kinesis_fake.domain.encryption import key_name_of, require_key_to_write
from kinesis_fake.domain.quotas import DailyQuota
from kinesis_fake.domain.reshard import Merge, Split, begin_reshard
from kinesis_fake.domain.shard import Shard, shard_id_of
from kinesis_fake.domain.stream import DEFAULT_RETENTION_HOURS, ON_DEMAND, PROVISIONED, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

KMS: Final = "KMS"


# --- retention ----------------------------------------------------------------------------------------------------


def increase_retention(stream: Stream, hours: int, now: int) -> None:
    """Keep records longer."""
    _check_retention(stream, hours)
    existing = stream.retention_period_hours
    if hours < existing:
        raise errors.retention_shorter_than_existing(hours, stream.stream_name, existing)
    _change_retention(stream, hours, now)


def decrease_retention(stream: Stream, hours: int, now: int) -> None:
    """Keep records for a shorter time."""
    _check_retention(stream, hours)
    existing = stream.retention_period_hours
    if hours > existing:
        raise errors.retention_longer_than_existing(hours, stream.stream_name, existing)
    _change_retention(stream, hours, now)


def _check_retention(stream: Stream, hours: int) -> None:
    stream.require_active()
    if hours < DEFAULT_RETENTION_HOURS:
        raise errors.retention_too_short(hours)
    longest = stream.region.world.limits.retention_period_hours
    if hours > longest:
        raise errors.retention_too_long(hours, longest)


def _change_retention(stream: Stream, hours: int, now: int) -> None:
    if hours != stream.retention_period_hours:
        duration_ms = stream.region.world.durations.updating_retention_ms
        _begin(stream, partial(stream.change_retention, hours), f"keeps records for {hours} hours", now, duration_ms)


# --- encryption ---------------------------------------------------------------------------------------------------


def start_encryption(stream: Stream, encryption_type: str, key_id: str, caller_arn: str, now: int) -> None:
    """Encrypt new records; a new key replaces the present one."""
    stream.require_active()
    _check_encryption(encryption_type, key_id)
    limit = stream.region.world.limits.start_stream_encryption_per_day
    _require_left("StartStreamEncryption", stream, stream.encryption_starts, limit, now)
    require_key_to_write(caller_arn, stream.region, key_id)
    stream.encryption_starts.count(now)
    duration_ms = stream.region.world.durations.updating_encryption_ms
    _begin(stream, partial(stream.change_encryption, KMS, key_id), f"is encrypted with {key_id}", now, duration_ms)


def stop_encryption(stream: Stream, encryption_type: str, key_id: str, now: int) -> None:
    """Stop encrypting new records; the given key need neither be usable nor be the one in use."""
    stream.require_active()
    _check_encryption(encryption_type, key_id)
    limit = stream.region.world.limits.stop_stream_encryption_per_day
    _require_left("StopStreamEncryption", stream, stream.encryption_stops, limit, now)
    stream.encryption_stops.count(now)
    duration_ms = stream.region.world.durations.updating_encryption_ms
    _begin(stream, partial(stream.change_encryption, "NONE", None), "is no longer encrypted", now, duration_ms)


def _check_encryption(encryption_type: str, key_id: str) -> None:
    if encryption_type != KMS:  # the model lets NONE pass
        raise errors.encryption_type_not_kms(encryption_type)
    if key_name_of(key_id) is None:
        raise errors.key_id_invalid(key_id)


def _require_left(operation_name: str, stream: Stream, done: DailyQuota, limit: int, now: int) -> None:
    """Refuse a change that the stream has had as often as its daily quota allows."""
    if done.is_used_up(limit, now):
        raise errors.too_many_encryption_changes(operation_name, stream.stream_name, stream.region.account_id, limit)


# --- monitoring ---------------------------------------------------------------------------------------------------


def change_metrics(stream: Stream, metrics: list[str], now: int) -> None:
    """Send these metrics per shard to CloudWatch; if they are sent already, nothing changes."""
    stream.require_active()
    if metrics != stream.shard_level_metrics:
        duration_ms = stream.region.world.durations.updating_monitoring_ms
        what = f"sends {', '.join(metrics) or 'no'} metrics"
        _begin(stream, partial(stream.change_metrics, metrics), what, now, duration_ms)


# --- capacity -----------------------------------------------------------------------------------------------------


def change_mode(stream: Stream, stream_mode: str, warm_throughput_mibps: int | None, now: int) -> None:
    """Switch between provisioned and on-demand. The shards remain as they are; the present mode changes nothing."""
    stream.require_active()
    if warm_throughput_mibps is not None:
        stream.region.check_warm_throughput(stream_mode, warm_throughput_mibps, now)
    if stream_mode != stream.stream_mode:
        _require_switchable(stream, now)
        stream.region.stream_mode_updates.setdefault(stream.stream_name, DailyQuota()).count(now)
    elif warm_throughput_mibps is None:
        return
    change = partial(stream.change_mode, stream_mode, warm_throughput_mibps)
    duration_ms = stream.region.world.durations.updating_stream_mode_ms
    _begin(stream, change, f"is in {stream_mode} mode", now, duration_ms)


def _require_switchable(stream: Stream, now: int) -> None:
    home = stream.region
    if stream.stream_mode == ON_DEMAND:
        if stream.queues:
            raise errors.stream_mode_held_by(stream.stream_name, home.account_id, "queues")
        if stream.channels:
            raise errors.stream_mode_held_by(stream.stream_name, home.account_id, "channels")
    else:
        home.require_room_for_on_demand_stream()
    limit = home.world.limits.update_stream_mode_per_day
    updates = home.stream_mode_updates.get(stream.stream_name)
    if updates is not None and updates.is_used_up(limit, now):
        raise errors.too_many_stream_mode_updates(stream.stream_name, home.account_id, limit)


def warm_up(stream: Stream, warm_throughput_mibps: int, now: int) -> None:
    """Scale an on-demand stream to a throughput, up or down."""
    if stream.stream_mode == PROVISIONED:
        raise errors.stream_is_provisioned(stream.stream_name, stream.region.account_id)
    stream.require_active()
    stream.region.check_warm_throughput(stream.stream_mode, warm_throughput_mibps, now)
    stream.aim_at_warm_throughput(warm_throughput_mibps)
    duration_ms = stream.region.world.durations.updating_warm_throughput_ms
    _begin(stream, stream.reach_warm_throughput, f"is scaled to {warm_throughput_mibps} MiB/s", now, duration_ms)


def change_max_record_size(stream: Stream, max_record_size_kib: int, now: int) -> None:
    """Change how large records may be."""
    stream.require_active()
    if max_record_size_kib != stream.max_record_size_kib:
        change = partial(stream.change_max_record_size, max_record_size_kib)
        duration_ms = stream.region.world.durations.updating_max_record_size_ms
        _begin(stream, change, f"takes records of up to {max_record_size_kib} KiB", now, duration_ms)


def change_record_distribution_strategy(stream: Stream, record_distribution_strategy: str) -> None:
    """Choose at once whether AWS or the producer places records, from the next one on."""
    if stream.stream_mode == PROVISIONED:
        raise errors.record_distribution_needs_on_demand()
    stream.require_active()
    stream.record_distribution_strategy = record_distribution_strategy


# --- shards -------------------------------------------------------------------------------------------------------


def split(stream: Stream, shard_index: int, new_starting_hash_key: str, now: int) -> None:
    """Split a shard in two; the parent takes records until the stream is ACTIVE again."""
    _require_reshardable(stream)
    shard = _open_shard(stream, shard_index, now)
    stream.region.require_shards(1)
    key = int(new_starting_hash_key)
    if not shard.starting_hash_key + 1 < key < shard.ending_hash_key:
        raise errors.new_starting_hash_key_out_of_range(
            new_starting_hash_key,
            shard.shard_id,
            stream.stream_name,
            stream.region.account_id,
            shard.starting_hash_key,
            shard.ending_hash_key,
        )
    begin_reshard(stream, [Split(shard_index, key)], now, stream.region.world.durations.splitting_ms)


def merge(stream: Stream, shard_index: int, adjacent_shard_index: int, now: int) -> None:
    """Merge two neighbouring shards, the first of which has the lower hash keys."""
    _require_reshardable(stream)
    shard = _open_shard(stream, shard_index, now)
    adjacent = _open_shard(stream, adjacent_shard_index, now)
    if shard.ending_hash_key + 1 != adjacent.starting_hash_key:
        raise errors.shards_not_adjacent(
            shard.shard_id, adjacent.shard_id, stream.stream_name, stream.region.account_id
        )
    begin_reshard(stream, [Merge(shard_index, adjacent_shard_index)], now, stream.region.world.durations.merging_ms)


def update_shard_count(stream: Stream, target_shard_count: int, now: int) -> None:
    """Give a stream a number of even shards, by single splits and merges."""
    _require_reshardable(stream)
    open_shards = len(stream.open_shards)
    if target_shard_count > 2 * open_shards:
        raise errors.shard_count_over_double(open_shards, target_shard_count)
    if target_shard_count < open_shards // 2:
        raise errors.shard_count_below_half(open_shards, target_shard_count)
    require_room_for_shard_count(stream, target_shard_count)
    home = stream.region
    limit = home.world.limits.update_shard_count_per_day
    if stream.shard_count_updates.is_used_up(limit, now):
        raise errors.too_many_shard_count_updates(stream.stream_name, home.account_id, limit)
    if target_shard_count == open_shards:  # the stream does not leave ACTIVE (recorded)
        return
    stream.shard_count_updates.count(now)
    steps = stream.plan_shard_count(target_shard_count)
    begin_reshard(stream, steps, now, home.world.durations.updating_shard_count_ms)


def require_room_for_shard_count(stream: Stream, target_shard_count: int) -> None:
    """Refuse more shards than a stream, or its account, may have."""
    home = stream.region
    open_shards = len(stream.open_shards)
    of_the_stream = home.world.limits.shards_per_stream
    if target_shard_count > of_the_stream:
        raise errors.shard_count_over_limit(of_the_stream, open_shards, target_shard_count)
    # The shards of on-demand streams do not count towards the quota of the account (recorded).
    additional = 0 if stream.stream_mode == ON_DEMAND else target_shard_count - open_shards
    if additional > 0 and home.open_shards.total + additional > home.shard_limit:
        raise errors.shard_count_over_limit(home.shard_limit, open_shards, target_shard_count)


def _require_reshardable(stream: Stream) -> None:
    if stream.stream_mode == ON_DEMAND:
        raise errors.stream_is_on_demand(stream.stream_name, stream.region.account_id)
    stream.require_active()


def _open_shard(stream: Stream, index: int, now: int) -> Shard:
    shard = stream.find_shard(index, now)
    if shard is None:
        raise errors.could_not_find_shard(shard_id_of(index), stream.stream_name, stream.region.account_id)
    if not shard.is_open:
        raise errors.shard_already_closed(shard.shard_id, stream.stream_name, stream.region.account_id)
    return shard


def _begin(stream: Stream, change: Callable[[int], object], what: str, now: int, duration_ms: int) -> None:
    stream.begin_updating(change, f"{what} and becomes ACTIVE", now, duration_ms)
