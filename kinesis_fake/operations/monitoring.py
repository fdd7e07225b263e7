"""Enhanced monitoring: which metrics a stream would send to CloudWatch per shard."""

from __future__ import annotations

from collections.abc import Sequence

from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.rate import per_stream
from kinesis_fake.operations.registry import Answer, operation

#: All metrics, in the order of the model; answers keep to it.
METRICS = (
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
)
_ALL = "ALL"


@operation(rate=per_stream(5), across_accounts=None, kms=None, member_order=(), direct=False)
def enable_enhanced_monitoring(
    region: Region, now: int, *, stream: Stream, shard_level_metrics: Sequence[str]
) -> Answer:
    """Add metrics to those that are enabled; the stream stays ACTIVE."""
    return _change(stream, {*stream.shard_level_metrics, *_expanded(shard_level_metrics)})


@operation(rate=per_stream(5), across_accounts=None, kms=None, member_order=(), direct=False)
def disable_enhanced_monitoring(
    region: Region, now: int, *, stream: Stream, shard_level_metrics: Sequence[str]
) -> Answer:
    """Take metrics from those that are enabled; those that are not are ignored."""
    return _change(stream, {*stream.shard_level_metrics}.difference(_expanded(shard_level_metrics)))


def _expanded(metrics: Sequence[str]) -> Sequence[str]:
    return METRICS if _ALL in metrics else metrics


def _change(stream: Stream, desired: set[str]) -> Answer:
    stream.require_active()
    current = stream.shard_level_metrics
    stream.shard_level_metrics = [metric for metric in METRICS if metric in desired]
    return {
        "StreamName": stream.stream_name,
        "CurrentShardLevelMetrics": list(current),
        "DesiredShardLevelMetrics": list(stream.shard_level_metrics),
        "StreamARN": stream.stream_arn,
    }
