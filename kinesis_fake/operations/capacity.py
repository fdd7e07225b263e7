"""The capacity mode of a stream and what depends on it: warm throughput, record size, distribution of records."""

from __future__ import annotations

from collections.abc import Mapping

from kinesis_fake import errors
from kinesis_fake.domain import stream_changes
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.addressing import address_of
from kinesis_fake.operations.rate import UNDOCUMENTED, per_account
from kinesis_fake.operations.registry import Result, operation


@operation(
    rate=UNDOCUMENTED,
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("UPDATING", "updating_stream_mode_ms"),
    needs_stream="ACTIVE",
)
def update_stream_mode(
    region: Region,
    now: int,
    *,
    stream: Stream,
    stream_mode_details: Mapping[str, str],
    warm_throughput_mibps: int | None = None,
) -> None:
    """Switch between provisioned and on-demand. The shards remain as they are; the present mode changes nothing.

    *Not modelled:* Scaling by traffic: on-demand streams change their shards when the test calls ``scale_to``.
    """
    stream_changes.change_mode(stream, stream_mode_details["StreamMode"], warm_throughput_mibps, now)


def warm_throughput(stream: Stream) -> dict[str, int]:
    """The warm throughput of an on-demand stream, as answers show it."""
    return {"TargetMiBps": stream.target_warm_throughput_mibps, "CurrentMiBps": stream.warm_throughput_mibps}


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("UPDATING", "updating_warm_throughput_ms"),
    needs_stream="ACTIVE",
)
def update_stream_warm_throughput(region: Region, now: int, *, stream: Stream, warm_throughput_mibps: int) -> Result:
    """Scale an on-demand stream to a throughput, up or down. Its shards remain: only ``scale_to`` changes them."""
    current_mibps = stream.warm_throughput_mibps
    stream_changes.warm_up(stream, warm_throughput_mibps, now)
    return {
        "StreamARN": stream.stream_arn,
        "StreamName": stream.stream_name,
        # The throughput before the change, even if the change takes no time.
        "WarmThroughput": {"TargetMiBps": warm_throughput_mibps, "CurrentMiBps": current_mibps},
    }


@operation(
    rate=UNDOCUMENTED,
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("UPDATING", "updating_max_record_size_ms"),
    needs_stream="ACTIVE",
)
def update_max_record_size(
    region: Region, now: int, *, max_record_size_in_kib: int, stream_arn: str | None = None
) -> None:
    """Change how large records may be. The stream is UPDATING for a moment, and shows the old size meanwhile."""
    if stream_arn is None:  # the model does not require it, although there is no other way to name the stream
        raise errors.validation_failed(
            ["Value null at 'streamARN' failed to satisfy constraint: Member must not be null"]
        )
    stream_changes.change_max_record_size(address_of(region, None, stream_arn).stream(), max_record_size_in_kib, now)


@operation(rate=UNDOCUMENTED, across_accounts=None, kms=None, member_order=(), needs_stream="ACTIVE")
def update_stream_record_distribution_strategy(
    region: Region, now: int, *, stream: Stream, record_distribution_strategy: str
) -> None:
    """Choose whether AWS or the producer places records, from the next record on. The stream remains ACTIVE."""
    stream_changes.change_record_distribution_strategy(stream, record_distribution_strategy)
