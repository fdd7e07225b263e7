"""What the state of a KMS key does to the records of a stream."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from kinesis_fake import KinesisFake, KinesisFakeError
from tests.support.encryption import GUID, KEY, SHARD, A, instant, iterator, put, read, start, stop
from tests.support.model import needs
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, autojump=False)

ROOT = f"arn:aws:iam::{A}:root"
KEY_ARN = f"arn:aws:kms:us-east-1:{A}:alias/aws/kinesis"


#: What a test does to a key: the state that it shows then, and the error wherever the key is needed.
STATES = {
    "disable": ("DISABLED", "KMSDisabledException", f"{KEY_ARN} is disabled."),
    "remove": ("MISSING", "KMSNotFoundException", f"Alias {KEY_ARN} is not found."),
    "schedule_deletion": ("PENDING_DELETION", "KMSInvalidStateException", f"{KEY_ARN} is pending deletion."),
    "require_opt_in": (
        "OPT_IN_REQUIRED",
        "KMSOptInRequired",
        "The AWS Access Key Id needs a subscription for the service",
    ),
    "throttle": (
        "THROTTLED",
        "KMSThrottlingException",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    ),
}
every_state = pytest.mark.parametrize("change", STATES)
ONE_RECORD = [{"Data": b"x", "PartitionKey": "key"}]


@instant
@every_state
def test_while_a_key_cannot_be_used_every_call_that_needs_it_fails(
    kinesis: KinesisFake, client: Any, refusal: Any, change: Any
) -> None:
    start(client)
    put(client, "written")
    place = iterator(client)
    kinesis.create_stream("other", shards=1)
    state, *error = STATES[change]
    key = kinesis.key(KEY)
    getattr(key, change)()
    assert key.state == state
    assert refusal("PutRecord", StreamName="orders", Data=b"x", PartitionKey="key") == tuple(error)
    assert refusal("PutRecords", StreamName="orders", Records=ONE_RECORD) == tuple(error)
    assert refusal("GetRecords", ShardIterator=place) == tuple(error)
    for stream_name in ("orders", "other"):
        call = {"StreamName": stream_name, "EncryptionType": "KMS", "KeyId": KEY}
        assert refusal("StartStreamEncryption", **call) == tuple(error)
    key.enable()
    assert key.state == "ENABLED"
    assert client.get_records(ShardIterator=place)["Records"][0]["Data"] == b"written"
    put(client, "written again")
    assert read(client) == [(b"written", "KMS"), (b"written again", "KMS")]


@instant
def test_a_caller_who_may_not_use_the_key_is_told_what_aws_was_seen_to_tell(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    start(client)
    put(client, "secret")
    kinesis.key(KEY).deny()
    assert kinesis.key(KEY).state == "DENIED"
    to_write = (
        "KMSAccessDeniedException",
        f"User: {ROOT} is not authorized to perform: kms:GenerateDataKey on resource: {KEY_ARN}",
    )
    assert refusal("PutRecord", StreamName="orders", Data=b"x", PartitionKey="key") == to_write
    assert refusal("PutRecords", StreamName="orders", Records=ONE_RECORD) == to_write
    assert refusal("StartStreamEncryption", StreamName="orders", EncryptionType="KMS", KeyId=KEY) == to_write
    assert refusal("GetRecords", ShardIterator=iterator(client)) == (
        "KMSAccessDeniedException",
        f"User {ROOT} is not authorized to decrypt records in stream orders",
    )


@instant
@pytest.mark.fake_kinesis(accounts={"AKIAWRITER": f"arn:aws:iam::{A}:user/writer"})
def test_a_caller_whom_the_test_has_named_is_called_by_that_name(kinesis: KinesisFake) -> None:
    client = kinesis.client(aws_access_key_id="AKIAWRITER", aws_secret_access_key="none")
    start(client)
    put(client, "secret")
    place = iterator(client)
    kinesis.key(KEY).deny()

    def denied(call: Any, *arguments: Any, **parameters: Any) -> Any:
        with refused(client, "KMSAccessDeniedException") as caught:
            call(*arguments, **parameters)
        return caught.value.response["Error"]["Message"]

    writer = f"arn:aws:iam::{A}:user/writer"
    to_write = f"User: {writer} is not authorized to perform: kms:GenerateDataKey on resource: {KEY_ARN}"
    assert denied(put, client, "x") == to_write
    assert denied(client.put_records, StreamName="orders", Records=ONE_RECORD) == to_write
    assert denied(start, client) == to_write
    assert denied(client.get_records, ShardIterator=place) == (
        f"User {writer} is not authorized to decrypt records in stream orders"
    )


@instant
def test_the_texts_name_a_key_by_its_arn(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    arn = f"arn:aws:kms:us-east-1:{A}:key/{GUID}"
    start(client, GUID)
    kinesis.key(GUID).remove()
    does_not_exist = ("KMSNotFoundException", f"Key '{arn}' does not exist")
    assert refusal("PutRecord", StreamName="orders", Data=b"x", PartitionKey="key") == does_not_exist
    foreign = f"arn:aws:kms:eu-west-1:210987654321:key/{GUID}"
    assert refusal("StartStreamEncryption", StreamName="orders", EncryptionType="KMS", KeyId=foreign) == (
        "KMSNotFoundException",
        f"Key '{foreign}' does not exist",
    )


@instant
@pytest.mark.parametrize(
    ("used", "disabled"),
    [
        (GUID, f"arn:aws:kms:us-east-1:{A}:key/{GUID}"),
        (f"arn:aws:kms:us-east-1:{A}:key/{GUID}", GUID),
        (GUID.replace("1234", "ABCD"), GUID.replace("1234", "abcd")),
        ("alias/mine", f"arn:aws:kms:us-east-1:{A}:alias/mine"),
        (KEY, KEY_ARN),
    ],
)
def test_two_spellings_of_a_key_are_one_key(
    kinesis: KinesisFake, client: Any, refusal: Any, used: Any, disabled: Any
) -> None:
    start(client, used)
    kinesis.key(disabled).disable()
    code, _ = refusal("PutRecord", StreamName="orders", Data=b"x", PartitionKey="key")
    assert code == "KMSDisabledException"


@instant
def test_another_key_does_not_matter(kinesis: KinesisFake, client: Any) -> None:
    start(client, "alias/mine")
    kinesis.key("alias/yours").disable()
    kinesis.key(GUID).disable()
    assert put(client, "x")["EncryptionType"] == "KMS"
    assert read(client) == [(b"x", "KMS")]


@instant
def test_a_stream_whose_key_is_lost_can_still_stop_its_encryption(kinesis: KinesisFake, client: Any) -> None:
    start(client)
    kinesis.key(KEY).remove()
    stop(client)
    assert "EncryptionType" not in put(client, "plain")


# Everything here happens at one instant, so that only the order of the writes tells which key a record has.
@instant
def test_a_record_is_read_with_the_key_it_was_written_under(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    put(client, "plain")
    start(client, "alias/old")
    put(client, "old")
    start(client, "alias/new")
    put(client, "new")
    stop(client, "alias/new")
    put(client, "plain again")
    everything = [(b"plain", None), (b"old", "KMS"), (b"new", "KMS"), (b"plain again", None)]

    kinesis.key("alias/old").disable()
    disabled = ("KMSDisabledException", f"arn:aws:kms:us-east-1:{A}:alias/old is disabled.")
    assert read(client, Limit=1) == everything[:1]
    assert refusal("GetRecords", ShardIterator=iterator(client), Limit=2) == disabled
    assert refusal("GetRecords", ShardIterator=iterator(client)) == disabled
    kinesis.key("alias/old").enable()

    kinesis.key("alias/new").disable()
    disabled = ("KMSDisabledException", f"arn:aws:kms:us-east-1:{A}:alias/new is disabled.")
    assert read(client, Limit=2) == everything[:2]
    assert refusal("GetRecords", ShardIterator=iterator(client), Limit=3) == disabled
    after = client.get_shard_iterator(
        StreamName="orders",
        ShardId=SHARD,
        ShardIteratorType="AFTER_SEQUENCE_NUMBER",
        StartingSequenceNumber=kinesis.stream("orders").records[2].sequence_number,
    )["ShardIterator"]
    assert [record["Data"] for record in client.get_records(ShardIterator=after)["Records"]] == [b"plain again"]
    kinesis.key("alias/new").enable()
    assert read(client) == everything


@instant
def test_a_key_under_which_nothing_was_written_is_not_needed_to_read(kinesis: KinesisFake, client: Any) -> None:
    start(client, "alias/unused")
    start(client, "alias/used")
    put(client, "x")
    start(client, "alias/unused")
    kinesis.key("alias/unused").disable()
    assert read(client) == [(b"x", "KMS")]


@instant
def test_shards_opened_by_a_reshard_encrypt_as_their_stream_does(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    start(client, "alias/old")
    put(client, "in the parent")
    children = [shard.shard_id for shard in kinesis.stream("orders").split(SHARD)]
    put(client, "in a child")
    start(client, "alias/new")
    put(client, "in a child, new key")
    home = kinesis.stream("orders").records[-1].shard_id
    assert home in children

    kinesis.key("alias/old").disable()
    disabled = ("KMSDisabledException", f"arn:aws:kms:us-east-1:{A}:alias/old is disabled.")
    for shard_id in (SHARD, home):
        assert refusal("GetRecords", ShardIterator=iterator(client, shard_id)) == disabled
    kinesis.key("alias/old").enable()
    kinesis.key("alias/new").disable()
    assert read(client) == [(b"in the parent", "KMS")]
    assert read(client, home, Limit=1) == [(b"in a child", "KMS")]
    assert refusal("GetRecords", ShardIterator=iterator(client, home)) == (
        "KMSDisabledException",
        f"arn:aws:kms:us-east-1:{A}:alias/new is disabled.",
    )


@instant
def test_the_key_of_records_past_their_retention_is_not_needed(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    start(client, "alias/old")
    put(client, "old")
    start(client, "alias/new")
    kinesis.advance(hours=1)
    put(client, "new")
    kinesis.key("alias/old").disable()
    kinesis.advance(hours=23, milliseconds=-1)
    refusal("GetRecords", ShardIterator=iterator(client))
    kinesis.advance(milliseconds=1)
    assert read(client) == [(b"new", "KMS")]


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@instant
def test_the_sdk_does_not_retry_a_throttled_key(kinesis: KinesisFake, mode: Any) -> None:
    client = kinesis.client(config=Config(retries={"mode": mode}))
    start(client)
    kinesis.key(KEY).throttle()
    before = kinesis.now
    with refused(client, "KMSThrottlingException") as caught:
        put(client, "x")
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert kinesis.now == before


@instant
@needs("PutRecord", "DryRun")
def test_a_dry_run_does_not_look_at_the_key_that_the_call_itself_needs(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    start(client)
    put(client, "x")
    calls: dict[str, dict[str, Any]] = {
        "PutRecord": {"StreamName": "orders", "Data": b"x", "PartitionKey": "key"},
        "PutRecords": {"StreamName": "orders", "Records": ONE_RECORD},
        "GetRecords": {"ShardIterator": iterator(client)},
    }
    kinesis.key(KEY).disable()
    for operation, parameters in calls.items():
        code, _ = refusal(operation, **parameters, DryRun=True)
        assert code == "DryRunOperationException"
        code, _ = refusal(operation, **parameters)
        assert code == "KMSDisabledException"


def test_a_key_shows_how_it_is_named_and_what_state_it_is_in(kinesis: KinesisFake) -> None:
    key = kinesis.key(KEY)
    assert (key.key_id, key.state, repr(key)) == (KEY, "ENABLED", "<key alias/aws/kinesis ENABLED>")
    key.throttle()
    assert kinesis.key(KEY_ARN).state == "THROTTLED"
    key.enable()
    key.enable()
    assert kinesis.key(KEY_ARN).state == "ENABLED"


def test_what_is_no_key_id_names_no_key(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.key("aws/kinesis")
    assert str(caught.value) == (
        "'aws/kinesis' is no KeyId; write a GUID, the ARN of a key or of an alias, or a name such as "
        "'alias/aws/kinesis'."
    )
