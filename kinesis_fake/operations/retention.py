"""How long records are kept."""

from __future__ import annotations

from functools import partial

from kinesis_fake import errors
from kinesis_fake.domain.life_cycle import begin_change
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import DEFAULT_RETENTION_HOURS, Stream
from kinesis_fake.operations.registry import operation


@operation
def increase_stream_retention_period(region: Region, now: int, *, stream: Stream, retention_period_hours: int) -> None:
    """Keep records longer. The stream is UPDATING for a moment and shows the old value until then."""
    stream.require_active()
    _check_bounds(region, retention_period_hours)
    existing = stream.retention_period_hours
    if retention_period_hours < existing:
        raise errors.retention_shorter_than_existing(retention_period_hours, stream.stream_name, existing)
    _change(stream, retention_period_hours, now)


@operation
def decrease_stream_retention_period(region: Region, now: int, *, stream: Stream, retention_period_hours: int) -> None:
    """Keep records for a shorter time; those that are older are lost for good."""
    stream.require_active()
    _check_bounds(region, retention_period_hours)
    existing = stream.retention_period_hours
    if retention_period_hours > existing:
        raise errors.retention_longer_than_existing(retention_period_hours, stream.stream_name, existing)
    _change(stream, retention_period_hours, now)


def _check_bounds(region: Region, hours: int) -> None:
    if hours < DEFAULT_RETENTION_HOURS:
        raise errors.retention_too_short(hours)
    longest = region.world.limits.retention_period_hours
    if hours > longest:
        raise errors.retention_too_long(hours, longest)


def _change(stream: Stream, hours: int, now: int) -> None:
    if hours == stream.retention_period_hours:
        return
    begin_change(
        stream,
        partial(stream.change_retention, hours),
        f"keeps records for {hours} hours",
        now,
        stream.region.world.durations.updating_retention_ms,
    )
