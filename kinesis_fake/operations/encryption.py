"""Server-side encryption of streams."""

from __future__ import annotations

from functools import partial

from kinesis_fake import errors
from kinesis_fake.domain.encryption import key_name_of, require_key_to_write
from kinesis_fake.domain.life_cycle import begin_change
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.registry import operation

KMS = "KMS"


@operation
def start_stream_encryption(
    region: Region, now: int, *, stream: Stream, encryption_type: str, key_id: str, caller_arn: str
) -> None:
    """Encrypt what is written once the stream is ACTIVE again; another key takes the place of the one before."""
    stream.require_active()
    _check(encryption_type, key_id)
    limit = region.world.limits.start_stream_encryption_per_day
    if stream.recent(stream.start_encryption_calls, now) >= limit:
        raise errors.too_many_encryption_changes(
            "StartStreamEncryption", stream.stream_name, stream.region.account_id, limit
        )
    require_key_to_write(caller_arn, stream.region, key_id)
    stream.start_encryption_calls.append(now)
    begin_change(
        stream,
        partial(stream.change_encryption, KMS, key_id),
        f"is encrypted with {key_id}",
        now,
        region.world.durations.updating_encryption_ms,
    )


@operation
def stop_stream_encryption(region: Region, now: int, *, stream: Stream, encryption_type: str, key_id: str) -> None:
    """Write records plain once the stream is ACTIVE again; the key need not be usable, nor be the one in use."""
    stream.require_active()
    _check(encryption_type, key_id)
    limit = region.world.limits.stop_stream_encryption_per_day
    if stream.recent(stream.stop_encryption_calls, now) >= limit:
        raise errors.too_many_encryption_changes(
            "StopStreamEncryption", stream.stream_name, stream.region.account_id, limit
        )
    stream.stop_encryption_calls.append(now)
    begin_change(
        stream,
        partial(stream.change_encryption, "NONE", None),
        "is no longer encrypted",
        now,
        region.world.durations.updating_encryption_ms,
    )


def _check(encryption_type: str, key_id: str) -> None:
    if encryption_type != KMS:  # the model lets NONE pass
        raise errors.encryption_type_not_kms(encryption_type)
    if key_name_of(key_id) is None:
        raise errors.key_id_invalid(key_id)
