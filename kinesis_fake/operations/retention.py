"""How long a stream keeps its records."""

from __future__ import annotations

from kinesis_fake.domain import stream_changes
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.rate import per_stream
from kinesis_fake.operations.registry import operation


@operation(
    rate=per_stream(5),
    across_accounts=None,
    kms=None,
    member_order=("RetentionPeriodHours", "StreamName"),
    begins=("UPDATING", "updating_retention_ms"),
    needs_stream="ACTIVE",
)
def increase_stream_retention_period(region: Region, now: int, *, stream: Stream, retention_period_hours: int) -> None:
    """Keep records longer. The stream is UPDATING for a moment, and shows the old value meanwhile."""
    stream_changes.increase_retention(stream, retention_period_hours, now)


@operation(
    rate=per_stream(5),
    across_accounts=None,
    kms=None,
    member_order=("RetentionPeriodHours", "StreamName"),
    begins=("UPDATING", "updating_retention_ms"),
    needs_stream="ACTIVE",
)
def decrease_stream_retention_period(region: Region, now: int, *, stream: Stream, retention_period_hours: int) -> None:
    """Keep records for a shorter time; older records are lost for good."""
    stream_changes.decrease_retention(stream, retention_period_hours, now)
