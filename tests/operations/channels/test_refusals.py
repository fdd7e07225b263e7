"""What CreateChannel refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits
from tests.support.channels import (
    BUCKET,
    KEY,
    MANY_CHANNELS,
    ORDERS,
    STORAGE,
    STREAM,
    TABLE,
    TABLES,
    A,
    create,
    names,
    stream_configuration,
    to_bucket,
    to_table,
)

pytestmark = MANY_CHANNELS


def test_a_channel_needs_a_stream_on_demand(refusal: Any) -> None:
    assert refusal("CreateChannel", **to_bucket(stream_arn=STREAM + "old")) == (
        "ValidationException",
        f"Request is invalid. Stream old under account {A} is in Provisioned mode. Channels are supported only on data "
        "streams in On-Demand mode.",
    )


def test_a_channel_needs_a_stream_that_is_there(refusal: Any) -> None:
    assert refusal("CreateChannel", **to_bucket(stream_arn=STREAM + "gone")) == (
        "ResourceNotFoundException",
        f"Stream gone under account {A} not found.",
    )


@pytest.mark.parametrize("state", ["CREATING", "UPDATING", "DELETING"])
def test_a_channel_needs_a_stream_that_is_active(client: Any, refusal: Any, state: Any) -> None:
    stream_name = "orders"
    if state == "CREATING":
        stream_name = "new"
        client.create_stream(StreamName="new", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    elif state == "UPDATING":
        client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    else:
        client.delete_stream(StreamName="orders")
    assert refusal("CreateChannel", **to_bucket(stream_arn=STREAM + stream_name)) == (
        "ResourceInUseException",
        f"Stream {stream_name} under account {A} not ACTIVE, instead in state {state}",
    )


@pytest.mark.fake_kinesis(accounts={"AKIAPARTNER": "222222222222"})
def test_a_channel_needs_a_stream_of_its_own_account(kinesis: KinesisFake, refusal: Any) -> None:
    partner = kinesis.client(aws_access_key_id="AKIAPARTNER", aws_secret_access_key="any")
    assert names(partner) == []
    assert refusal("CreateChannel", through=partner, **to_bucket()) == (
        "AccessDeniedException",
        "User: arn:aws:iam::222222222222:root is not authorized to perform: kinesis:CreateChannel on resource: "
        f"{ORDERS}",
    )


def test_a_channel_has_exactly_one_stream(refusal: Any) -> None:
    two = stream_configuration() + stream_configuration(STREAM + "other")
    assert refusal("CreateChannel", **to_bucket(StreamConfigurationList=two)) == (
        "InvalidArgumentException",
        "StreamConfigurationList must contain exactly one entry, but contains 2.",
    )
    assert refusal("CreateChannel", **to_bucket(StreamConfigurationList=[])) == (
        "ValidationException",
        "1 validation error detected: Value '[]' at 'streamConfigurationList' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1",
    )


def test_a_channel_has_exactly_one_table(refusal: Any) -> None:
    two = {**TABLES, "S3TablesConfigurationList": [TABLE, TABLE]}
    assert refusal("CreateChannel", **to_table(S3TablesDestinationConfiguration=two)) == (
        "InvalidArgumentException",
        "S3TablesConfigurationList must contain exactly one entry, but contains 2.",
    )


def test_a_channel_has_exactly_one_destination(refusal: Any) -> None:
    both = to_bucket(S3TablesDestinationConfiguration=TABLES)
    neither = to_bucket()
    del neither["S3DestinationConfiguration"]
    for parameters in (both, neither):
        assert refusal("CreateChannel", **parameters) == (
            "ValidationException",
            "Specify either S3DestinationConfiguration or S3TablesDestinationConfiguration, but not both.",
        )


@pytest.mark.parametrize("record_format", ["STRING", "BYTE_ARRAY"])
def test_bytes_and_strings_go_to_buckets_only(client: Any, refusal: Any, record_format: Any) -> None:
    create(client, record_format=record_format)
    assert refusal("CreateChannel", **to_table(record_format=record_format)) == (
        "ValidationException",
        f"RecordFormatType {record_format} is not supported for streaming table destinations.",
    )


def test_json_of_the_schema_registry_goes_to_tables_only(client: Any, refusal: Any) -> None:
    client.create_channel(**to_table(record_format="GSR_JSON"))
    assert refusal("CreateChannel", **to_bucket(record_format="GSR_JSON")) == (
        "ValidationException",
        "RecordFormatType GSR_JSON is not supported for general purpose Amazon S3 destinations.",
    )


@pytest.mark.parametrize("record_format", ["JSON", "GSR_JSON"])
def test_a_table_needs_a_schema(refusal: Any, record_format: Any) -> None:
    parameters = to_table(StreamConfigurationList=stream_configuration(record_format=record_format))
    assert refusal("CreateChannel", **parameters) == (
        "ValidationException",
        "RecordConfiguration requires GSRSchemaARN when the channel destination is a streaming table.",
    )


@pytest.mark.parametrize("freshness", [-1, 0, 299, 901])
def test_a_freshness_is_between_five_and_fifteen_minutes(client: Any, refusal: Any, lake: Any, freshness: Any) -> None:
    invalid = (
        "InvalidArgumentException",
        f"Invalid DataFreshnessInSeconds {freshness}. It must be between 300 and 900.",
    )
    given = {"DataFreshnessInSeconds": freshness}
    assert refusal("CreateChannel", **to_bucket("new", S3DestinationConfiguration={**BUCKET, **given})) == invalid
    assert refusal("CreateChannel", **to_table(S3TablesDestinationConfiguration={**TABLES, **given})) == invalid
    assert refusal("UpdateChannel", ChannelARN=lake, S3DestinationConfiguration=given) == invalid


@pytest.mark.parametrize("key_id", ["alias/aws/kinesis", f"arn:aws:kms:us-east-1:{A}:alias/aws/kinesis"])
def test_the_key_of_kinesis_itself_cannot_be_used(refusal: Any, key_id: Any) -> None:
    encryption = {"EncryptionType": "KMS", "KeyId": key_id}
    assert refusal("CreateChannel", **to_bucket(EncryptionConfiguration=encryption)) == (
        "InvalidArgumentException",
        f"Invalid KeyId {key_id}. You cannot use the Amazon Kinesis Data Streams service key (aws/kinesis).",
    )


def test_a_key_must_be_named_as_keys_are(refusal: Any) -> None:
    encryption = {"EncryptionType": "KMS", "KeyId": "mine"}
    assert refusal("CreateChannel", **to_bucket(EncryptionConfiguration=encryption)) == (
        "InvalidArgumentException",
        "Invalid KeyId mine. A KeyId must be the GUID of a key, the ARN of a key or of an alias, or an alias name "
        'prefixed by "alias/".',
    )


@pytest.mark.parametrize(
    ("spoil", "code", "message"),
    [
        ("disable", "KMSDisabledException", f"arn:aws:kms:us-east-1:{A}:key/{KEY} is disabled."),
        (
            "deny",
            "KMSAccessDeniedException",
            f"User: arn:aws:iam::{A}:root is not authorized to perform: kms:GenerateDataKey on resource: "
            f"arn:aws:kms:us-east-1:{A}:key/{KEY}",
        ),
        ("remove", "KMSNotFoundException", f"Key 'arn:aws:kms:us-east-1:{A}:key/{KEY}' does not exist"),
        (
            "schedule_deletion",
            "KMSInvalidStateException",
            f"arn:aws:kms:us-east-1:{A}:key/{KEY} is pending deletion.",
        ),
        ("require_opt_in", "KMSOptInRequired", "The AWS Access Key Id needs a subscription for the service"),
        (
            "throttle",
            "KMSThrottlingException",
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        ),
    ],
)
def test_a_channel_needs_a_key_that_can_be_used(
    kinesis: KinesisFake, client: Any, refusal: Any, spoil: Any, code: Any, message: Any
) -> None:
    encrypted = to_bucket(EncryptionConfiguration={"EncryptionType": "KMS", "KeyId": KEY})
    getattr(kinesis.key(KEY), spoil)()
    assert refusal("CreateChannel", **encrypted) == (code, message)
    kinesis.key(KEY).enable()
    client.create_channel(**encrypted)


@pytest.mark.fake_kinesis(limits=Limits(channels=2, channels_per_destination=2))
def test_an_account_has_so_many_channels_and_not_one_more(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    create(client, "first")
    second = create(client, "second", STREAM + "other")["ChannelARN"]
    limits = client.describe_limits()
    assert (limits["ChannelCount"], limits["ChannelCountLimit"]) == (2, 2)
    too_many = (
        "LimitExceededException",
        f"This request would exceed the channel limit for the account {A}. Limit: 2.",
    )
    assert refusal("CreateChannel", **to_bucket("third")) == too_many
    kinesis.settle()
    client.delete_channel(ChannelARN=second)
    assert refusal("CreateChannel", **to_bucket("third")) == too_many
    kinesis.settle()
    create(client, "third")


# --- what AWS's quotas and examples say ---------------------------------------------------------------------------


@pytest.mark.parametrize("freshness", [300, 900])
def test_a_freshness_at_either_end_is_fine(client: Any, freshness: Any) -> None:
    given = {**BUCKET, "DataFreshnessInSeconds": freshness}
    description = create(client, S3DestinationConfiguration=given)
    assert description["S3DestinationConfiguration"]["DataFreshnessInSeconds"] == freshness


@pytest.mark.fake_kinesis(limits=Limits())
def test_a_stream_has_one_channel_to_a_bucket_and_one_to_a_table(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    bucket = create(client, "bucket")["ChannelARN"]
    client.create_channel(**to_table("table"))
    for parameters, destination in (
        (to_bucket("another"), "general purpose Amazon S3 destinations"),
        (to_table("another"), "streaming table destinations"),
    ):
        assert refusal("CreateChannel", **parameters) == (
            "LimitExceededException",
            f"This request would exceed the limit on the number of channels from stream orders under account {A} to "
            f"{destination}. Limit: 1.",
        )
    create(client, "elsewhere", STREAM + "other")
    kinesis.settle()
    client.delete_channel(ChannelARN=bucket)
    kinesis.settle()
    create(client, "another")


def test_the_names_of_compressed_objects_have_an_extension(client: Any, refusal: Any) -> None:
    def storing(**storage: Any) -> Any:
        return {"S3DestinationConfiguration": {"StorageConfiguration": {**STORAGE, **storage}}}

    assert refusal("CreateChannel", **to_bucket(**storing(CompressionType="GZIP", OutputKeyTemplate="!{mm}"))) == (
        "ValidationException",
        "OutputKeyTemplate !{mm} must contain !{extension} because the objects are compressed.",
    )
    create(client, "plain", **storing(CompressionType="NONE", OutputKeyTemplate="!{mm}"))
    create(client, "packed", STREAM + "other", **storing(CompressionType="GZIP"))
