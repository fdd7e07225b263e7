"""Server-side encryption of streams."""

from __future__ import annotations

from kinesis_fake.domain import stream_changes
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.rate import UNDOCUMENTED
from kinesis_fake.operations.registry import operation


@operation(
    rate=UNDOCUMENTED,
    across_accounts=None,
    kms="encrypt",
    member_order=(),
    begins=("UPDATING", "updating_encryption_ms"),
    needs_stream="ACTIVE",
)
def start_stream_encryption(
    region: Region, now: int, *, stream: Stream, encryption_type: str, key_id: str, caller_arn: str
) -> None:
    """Encrypt records that are written once the stream is ACTIVE again; a new key replaces the present one.

    *Not modelled:* Key policies; which alias means which key.
    """
    stream_changes.start_encryption(stream, encryption_type, key_id, caller_arn, now)


@operation(
    rate=UNDOCUMENTED,
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("UPDATING", "updating_encryption_ms"),
    needs_stream="ACTIVE",
)
def stop_stream_encryption(region: Region, now: int, *, stream: Stream, encryption_type: str, key_id: str) -> None:
    """Stop encrypting once the stream is ACTIVE again; the given key need neither be usable nor be the one in use."""
    stream_changes.stop_encryption(stream, encryption_type, key_id, now)
