"""Starting and stopping the encryption of a stream."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake
from tests.support.encryption import GUID, KEY, A, instant, put, read, start, stop

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, autojump=False)


def encryption(client: Any) -> tuple[str, str, str | None]:
    """What both descriptions show: status, EncryptionType and KeyId."""
    described = client.describe_stream(StreamName="orders")["StreamDescription"]
    summary = client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
    shown = {(d["StreamStatus"], d["EncryptionType"], d.get("KeyId")) for d in (described, summary)}
    assert len(shown) == 1
    return shown.pop()


def test_encryption_starts_when_the_stream_is_active_again(kinesis: KinesisFake, client: Any) -> None:
    assert encryption(client) == ("ACTIVE", "NONE", None)
    start(client)
    assert [str(entry) for entry in kinesis.pending()] == [
        "2026-01-01T00:00:10.000Z  stream orders is encrypted with alias/aws/kinesis and becomes ACTIVE"
    ]
    kinesis.advance(milliseconds=9_999)
    assert encryption(client) == ("UPDATING", "NONE", None)
    kinesis.advance(milliseconds=1)
    assert encryption(client) == ("ACTIVE", "KMS", KEY)


def test_encryption_stops_when_the_stream_is_active_again(kinesis: KinesisFake, client: Any) -> None:
    start(client)
    kinesis.settle()
    stop(client)
    kinesis.advance(milliseconds=9_999)
    assert encryption(client) == ("UPDATING", "KMS", KEY)
    kinesis.advance(milliseconds=1)
    assert encryption(client) == ("ACTIVE", "NONE", None)


@pytest.mark.fake_kinesis(durations=Durations(updating_encryption_ms=1))
def test_how_long_a_change_takes_is_a_setting(kinesis: KinesisFake, client: Any) -> None:
    start(client)
    kinesis.advance(milliseconds=1)
    assert encryption(client) == ("ACTIVE", "KMS", KEY)


def test_a_record_is_encrypted_as_its_stream_was_when_it_was_written(kinesis: KinesisFake, client: Any) -> None:
    assert "EncryptionType" not in put(client, "before")
    start(client)
    assert "EncryptionType" not in put(client, "while starting")
    kinesis.settle()
    assert put(client, "encrypted")["EncryptionType"] == "KMS"
    batch = client.put_records(StreamName="orders", Records=[{"Data": "batch", "PartitionKey": "key"}])
    assert batch["EncryptionType"] == "KMS"
    assert "EncryptionType" not in batch["Records"][0]
    stop(client)
    assert put(client, "while stopping")["EncryptionType"] == "KMS"
    kinesis.settle()
    assert "EncryptionType" not in put(client, "after")
    batch = client.put_records(StreamName="orders", Records=[{"Data": "batch after", "PartitionKey": "key"}])
    assert "EncryptionType" not in batch
    assert read(client) == [
        (b"before", None),
        (b"while starting", None),
        (b"encrypted", "KMS"),
        (b"batch", "KMS"),
        (b"while stopping", "KMS"),
        (b"after", None),
        (b"batch after", None),
    ]


KEY_IDS = [
    GUID,
    GUID.replace("1234", "abCD"),
    "mrk-1234abcd12ab34cd56ef1234567890ab",
    f"arn:aws:kms:us-east-1:{A}:key/{GUID}",
    f"arn:aws-cn:kms:cn-north-1:{A}:key/{GUID}",
    f"arn:aws:kms:us-east-1:{A}:alias/MyAliasName",
    "alias/MyAliasName",
    "alias/aws/kinesis",
]


@instant
@pytest.mark.parametrize("key_id", KEY_IDS)
def test_a_key_can_be_named_in_every_documented_form_and_is_shown_as_given(
    kinesis: KinesisFake, client: Any, key_id: Any
) -> None:
    start(client, key_id)
    assert encryption(client) == ("ACTIVE", "KMS", key_id)
    stop(client, key_id)
    assert encryption(client) == ("ACTIVE", "NONE", None)


@pytest.mark.parametrize("operation", ["StartStreamEncryption", "StopStreamEncryption"])
@pytest.mark.parametrize(
    "key_id",
    [
        "aws/kinesis",
        "alias/",
        "alias/with blank",
        "aliases/a",
        f"key/{GUID}",
        GUID[:-1],
        GUID + "0",
        GUID.replace("2", "g"),
        f"arn:aws:kms:us-east-1:{A}:{GUID}",
        f"arn:aws:kms:us-east-1:{A[:-1]}:key/{GUID}",
        f"arn:aws:kinesis:us-east-1:{A}:key/{GUID}",
        "alias/a\n",
    ],
)
def test_anything_else_is_no_key_id(kinesis: KinesisFake, refusal: Any, operation: Any, key_id: Any) -> None:
    assert refusal(operation, StreamName="orders", EncryptionType="KMS", KeyId=key_id) == (
        "InvalidArgumentException",
        f"Invalid KeyId {key_id}. A KeyId must be the GUID of a key, the ARN of a key or of an alias, or an alias name "
        'prefixed by "alias/".',
    )


@pytest.mark.parametrize("operation", ["StartStreamEncryption", "StopStreamEncryption"])
def test_the_only_encryption_type_that_can_be_asked_for_is_kms(
    kinesis: KinesisFake, refusal: Any, operation: Any
) -> None:
    assert refusal(operation, StreamName="orders", EncryptionType="NONE", KeyId=KEY) == (
        "InvalidArgumentException",
        "Invalid EncryptionType NONE. The only valid value is KMS.",
    )


@pytest.mark.parametrize("operation", ["StartStreamEncryption", "StopStreamEncryption"])
@pytest.mark.parametrize("state", ["creating", "updating", "deleting"])
def test_only_an_active_stream_changes_its_encryption(world: Any, refusal: Any, operation: Any, state: Any) -> None:
    # What else is wrong with the call is not looked at.
    assert refusal(operation, StreamName=state, EncryptionType="NONE", KeyId="?") == (
        "ResourceInUseException",
        f"Stream {state} under account {A} not ACTIVE, instead in state {state.upper()}",
    )


@pytest.mark.parametrize("operation", ["StartStreamEncryption", "StopStreamEncryption"])
def test_a_stream_that_does_not_exist_has_no_encryption(kinesis: KinesisFake, refusal: Any, operation: Any) -> None:
    assert refusal(operation, StreamName="missing", EncryptionType="KMS", KeyId=KEY) == (
        "ResourceNotFoundException",
        f"Stream missing under account {A} not found.",
    )


@instant
def test_a_stream_that_is_not_encrypted_can_be_told_to_stop(kinesis: KinesisFake, client: Any) -> None:
    stop(client)
    assert encryption(client) == ("ACTIVE", "NONE", None)


@instant
def test_a_key_can_be_applied_25_times_in_24_hours(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    too_many = (
        "LimitExceededException",
        f"StartStreamEncryption cannot be called more than 25 times in 24 hours for stream orders under account {A}.",
    )
    start(client)
    kinesis.advance(hours=1)
    for number in range(24):
        start(client, f"alias/key-{number}")
    call = {"StreamName": "orders", "EncryptionType": "KMS", "KeyId": KEY}
    assert refusal("StartStreamEncryption", **call) == too_many
    kinesis.advance(hours=23, milliseconds=-1)
    assert refusal("StartStreamEncryption", **call) == too_many
    kinesis.advance(milliseconds=1)
    start(client)  # the first one is 24 hours old
    assert refusal("StartStreamEncryption", **call) == too_many


@instant
def test_encryption_can_be_stopped_25_times_in_24_hours_whatever_was_started(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    for _ in range(25):
        start(client)
        stop(client)
    kinesis.create_stream("other", shards=1)
    stop(client, stream_name="other")  # the limit is one per stream
    assert refusal("StopStreamEncryption", StreamName="orders", EncryptionType="KMS", KeyId=KEY) == (
        "LimitExceededException",
        f"StopStreamEncryption cannot be called more than 25 times in 24 hours for stream orders under account {A}.",
    )


@instant
def test_a_refused_start_does_not_count(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    kinesis.key("alias/bad").disable()
    for _ in range(25):
        refusal("StartStreamEncryption", StreamName="orders", EncryptionType="KMS", KeyId="alias/bad")
    for _ in range(25):
        start(client)
