"""Enhanced monitoring: which metrics a stream would send to CloudWatch per shard."""

from __future__ import annotations

from collections.abc import Sequence

from kinesis_fake.domain import stream_changes
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.rate import per_stream
from kinesis_fake.operations.registry import Result, operation

#: All metrics, in the order of AWS's answers (seen in an example of the AWS CLI of 2019, and again in 2026).
METRICS = (
    "IncomingBytes",
    "OutgoingRecords",
    "IteratorAgeMilliseconds",
    "IncomingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
    "OutgoingBytes",
)
_ALL = "ALL"


@operation(
    rate=per_stream(5),
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("UPDATING", "updating_monitoring_ms"),
    needs_stream="ACTIVE",
)
def enable_enhanced_monitoring(
    region: Region, now: int, *, stream: Stream, shard_level_metrics: Sequence[str]
) -> Result:
    """Enable more metrics. The stream is UPDATING for a moment, and shows the old ones meanwhile.

    *Not modelled:* The metrics themselves; the fake sends nothing to CloudWatch.
    """
    return _change(stream, {*stream.shard_level_metrics, *_expanded(shard_level_metrics)}, now)


@operation(
    rate=per_stream(5),
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("UPDATING", "updating_monitoring_ms"),
    needs_stream="ACTIVE",
)
def disable_enhanced_monitoring(
    region: Region, now: int, *, stream: Stream, shard_level_metrics: Sequence[str]
) -> Result:
    """Disable metrics; metrics that are not enabled are ignored."""
    return _change(stream, {*stream.shard_level_metrics}.difference(_expanded(shard_level_metrics)), now)


def _expanded(metrics: Sequence[str]) -> Sequence[str]:
    return METRICS if _ALL in metrics else metrics


def _change(stream: Stream, desired: set[str], now: int) -> Result:
    current = list(stream.shard_level_metrics)
    metrics = [metric for metric in METRICS if metric in desired]
    stream_changes.change_metrics(stream, metrics, now)
    return {
        "StreamName": stream.stream_name,
        "CurrentShardLevelMetrics": current,
        "DesiredShardLevelMetrics": list(metrics),
        "StreamARN": stream.stream_arn,
    }
