"""The capacity mode of a stream and what depends on it: warm throughput, record size, distribution of records."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from kinesis_fake import errors
from kinesis_fake.domain.life_cycle import begin_change
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import ON_DEMAND, PROVISIONED, Stream
from kinesis_fake.operations.addressing import address_of
from kinesis_fake.operations.registry import Answer, operation


@operation
def update_stream_mode(
    region: Region,
    now: int,
    *,
    stream: Stream,
    stream_mode_details: Mapping[str, str],
    warm_throughput_mibps: int | None = None,
) -> None:
    """Switch between provisioned and on-demand; the shards stay as they are. The mode it has is no change."""
    stream_mode = stream_mode_details["StreamMode"]
    stream.require_active()
    if warm_throughput_mibps is not None:
        check_warm_throughput(stream.region, stream_mode, warm_throughput_mibps, now)
    if stream_mode != stream.stream_mode:
        _require_switchable(stream, now)
        stream.update_stream_mode_calls.append(now)
    elif warm_throughput_mibps is None:
        return
    begin_change(
        stream,
        partial(stream.change_mode, stream_mode, warm_throughput_mibps),
        f"is in {stream_mode} mode",
        now,
        region.world.durations.updating_stream_mode_ms,
    )


def _require_switchable(stream: Stream, now: int) -> None:
    home = stream.region
    limits = home.world.limits
    if stream.stream_mode == ON_DEMAND:
        if stream.queues:
            raise errors.stream_mode_held_by(stream.stream_name, home.account_id, "queues")
        if stream.channels:
            raise errors.stream_mode_held_by(stream.stream_name, home.account_id, "channels")
    elif home.on_demand_stream_count() >= limits.on_demand_streams:
        raise errors.too_many_on_demand_streams(home.account_id, limits.on_demand_streams)
    if stream.recent(stream.update_stream_mode_calls, now) >= limits.update_stream_mode_per_day:
        raise errors.too_many_stream_mode_updates(
            stream.stream_name, home.account_id, limits.update_stream_mode_per_day
        )


def check_warm_throughput(home: Region, stream_mode: str, warm_throughput_mibps: int, now: int) -> None:
    """Refuse warm throughput for a provisioned stream, without the account's commitment, or of too many MiB/s."""
    if stream_mode != ON_DEMAND or not home.commitment.is_in_force(now):
        raise errors.warm_throughput_needs_commitment()
    limit = home.world.limits.warm_throughput_mibps
    if warm_throughput_mibps > limit:
        raise errors.warm_throughput_too_high(warm_throughput_mibps, limit)


def warm_throughput(stream: Stream) -> dict[str, int]:
    """The warm throughput of an on-demand stream, as answers show it."""
    return {"TargetMiBps": stream.target_warm_throughput_mibps, "CurrentMiBps": stream.warm_throughput_mibps}


@operation
def update_stream_warm_throughput(region: Region, now: int, *, stream: Stream, warm_throughput_mibps: int) -> Answer:
    """Scale an on-demand stream to a throughput, up or down. Its shards do not change, see ``scale_to`` for that."""
    if stream.stream_mode == PROVISIONED:
        raise errors.stream_is_provisioned(stream.stream_name, stream.region.account_id)
    stream.require_active()
    check_warm_throughput(stream.region, stream.stream_mode, warm_throughput_mibps, now)
    stream.begin_warming_up(warm_throughput_mibps)
    answer = {
        "StreamARN": stream.stream_arn,
        "StreamName": stream.stream_name,
        "WarmThroughput": warm_throughput(stream),
    }
    begin_change(
        stream,
        stream.end_warming_up,
        f"is scaled to {warm_throughput_mibps} MiB/s",
        now,
        region.world.durations.updating_warm_throughput_ms,
    )
    return answer


@operation
def update_max_record_size(
    region: Region, now: int, *, max_record_size_in_kib: int, stream_arn: str | None = None
) -> None:
    """Take larger records, or only smaller ones. The stream is UPDATING for a moment and shows the old value then."""
    if stream_arn is None:  # the only address, and yet no required member of the model
        raise errors.validation_failed(
            ["Value null at 'streamARN' failed to satisfy constraint: Member must not be null"]
        )
    stream = address_of(region, None, stream_arn).stream()
    stream.require_active()
    if max_record_size_in_kib == stream.max_record_size_kib:
        return
    begin_change(
        stream,
        partial(stream.change_max_record_size, max_record_size_in_kib),
        f"takes records of up to {max_record_size_in_kib} KiB",
        now,
        region.world.durations.updating_max_record_size_ms,
    )


@operation
def update_stream_record_distribution_strategy(
    region: Region, now: int, *, stream: Stream, record_distribution_strategy: str
) -> None:
    """Choose who places records, from the next one on; the stream stays ACTIVE and old records stay where they are."""
    if stream.stream_mode == PROVISIONED:
        raise errors.record_distribution_needs_on_demand()
    stream.require_active()
    stream.record_distribution_strategy = record_distribution_strategy
