"""Making, changing, describing, listing and deleting channels, and what a channel means to its stream."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import WaiterError

from kinesis_fake import Durations, KinesisFake, KinesisFakeError, Limits, fake_kinesis
from tests.support.model import needs

pytestmark = [
    needs("CreateChannel"),
    pytest.mark.fake_kinesis(
        start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}, "other": {}, "old": 1}
    ),
]

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
STREAM = f"arn:aws:kinesis:us-east-1:{A}:stream/"
ORDERS = STREAM + "orders"
NOWHERE = f"arn:aws:kinesis:us-east-1:{A}:channel/nowhere"
ROLE = f"arn:aws:iam::{A}:role/delivery"
SCHEMA = f"arn:aws:glue:us-east-1:{A}:schema/registry/orders"
KEY = "12345678-1234-1234-1234-123456789012"
DURATIONS = Durations()

STORAGE = {"BucketARN": "arn:aws:s3:::lake", "ExpectedBucketOwner": A, "CompressionType": "NONE"}
BUCKET = {"StorageConfiguration": STORAGE}
DEAD_LETTERS = {"BucketARN": "arn:aws:s3:::broken", "ExpectedBucketOwner": A}
TABLE = {
    "TableBucketARN": f"arn:aws:s3tables:us-east-1:{A}:bucket/tables",
    "Namespace": "sales",
    "TableName": "orders",
    "CompressionType": "ZSTD",
}
TABLES = {"DeadLetterQueueS3Configuration": DEAD_LETTERS, "S3TablesConfigurationList": [TABLE]}


def stream_configuration(stream_arn=ORDERS, record_format="JSON", **record_configuration):
    record_configuration = {"RecordFormatType": record_format, **record_configuration}
    return [{"StreamARN": stream_arn, "RecordConfiguration": record_configuration}]


def to_bucket(channel_name="lake", stream_arn=ORDERS, record_format="JSON", **parameters):
    """The parameters of a channel to a bucket."""
    return {
        "ChannelName": channel_name,
        "ServiceExecutionRoleARN": ROLE,
        "StreamConfigurationList": stream_configuration(stream_arn, record_format),
        "S3DestinationConfiguration": BUCKET,
        **parameters,
    }


def to_table(channel_name="tables", record_format="JSON", **parameters):
    """The parameters of a channel to a streaming table."""
    return {
        "ChannelName": channel_name,
        "ServiceExecutionRoleARN": ROLE,
        "StreamConfigurationList": stream_configuration(record_format=record_format, GSRSchemaARN=SCHEMA),
        "S3TablesDestinationConfiguration": TABLES,
        **parameters,
    }


def create(client, channel_name="lake", stream_arn=ORDERS, **parameters):
    return client.create_channel(**to_bucket(channel_name, stream_arn, **parameters))["ChannelDescription"]


def describe(client, channel_arn):
    return client.describe_channel(ChannelARN=channel_arn)["ChannelDescription"]


def names(client, **parameters):
    return [summary["ChannelName"] for summary in client.list_channels(**parameters)["ChannelSummaries"]]


@pytest.fixture
def lake(kinesis, client):
    """The ARN of an ACTIVE channel from the stream orders to a bucket."""
    channel_arn = create(client)["ChannelARN"]
    kinesis.settle()
    return channel_arn


# --- creating ---------------------------------------------------------------------------------------------------


def test_a_new_channel_is_creating_and_has_the_defaults(kinesis, client):
    kinesis.advance(milliseconds=1500)
    description = create(client)
    channel_id = description["ChannelId"]
    assert channel_id.isalnum()
    assert len(channel_id) <= 64
    assert description == {
        "ChannelName": "lake",
        "ChannelARN": f"arn:aws:kinesis:us-east-1:{A}:channel/{channel_id}",
        "ChannelId": channel_id,
        "ChannelStatus": "CREATING",
        "ChannelCreationTimestamp": MIDNIGHT + timedelta(seconds=1),
        "ServiceExecutionRoleARN": ROLE,
        "StreamConfigurationList": [
            {
                "StreamARN": ORDERS,
                "StreamCreationTimestamp": MIDNIGHT,
                "RecordConfiguration": {"RecordFormatType": "JSON"},
            }
        ],
        "S3DestinationConfiguration": {
            "DataFreshnessInSeconds": 300,
            "DeadLetterQueueS3Configuration": {
                "BucketARN": "arn:aws:s3:::lake",
                "ExpectedBucketOwner": A,
                "ErrorOutputPrefix": "errors/",
            },
            "StorageConfiguration": {
                **STORAGE,
                "OutputKeyTemplate": "{channelName}/{yyyy}/{MM}/{dd}/{HH}/{channelId}-{objectNumber}",
                "StorageClass": "STANDARD",
            },
        },
        "LoggingConfiguration": {
            "CloudWatchLogs": {
                "Enabled": False,
                "LogGroupName": f"/aws/kinesis/lake/{channel_id}",
                "LogStreamName": "DestinationDelivery",
            }
        },
    }
    assert describe(client, description["ChannelARN"]) == description


def test_a_channel_to_a_bucket_is_described_as_it_was_made(client):
    destination = {
        "DataFreshnessInSeconds": 1,
        "DeadLetterQueueS3Configuration": {**DEAD_LETTERS, "ErrorOutputPrefix": "bad/"},
        "StorageConfiguration": {
            **STORAGE,
            "CompressionType": "GZIP",
            "OutputKeyTemplate": "year={yyyy}/",
            "StorageClass": "GLACIER_IR",
        },
    }
    logs = {"Enabled": True, "LogGroupName": "/logs", "LogStreamName": "lake"}
    encryption = {"EncryptionType": "KMS", "KeyId": KEY}
    description = create(
        client,
        StreamConfigurationList=stream_configuration(record_format="JSON", GSRSchemaARN=SCHEMA),
        S3DestinationConfiguration=destination,
        EncryptionConfiguration=encryption,
        LoggingConfiguration={"CloudWatchLogs": logs},
    )
    assert description["S3DestinationConfiguration"] == destination
    assert description["EncryptionConfiguration"] == encryption
    assert description["LoggingConfiguration"] == {"CloudWatchLogs": logs}
    (stream,) = description["StreamConfigurationList"]
    assert stream["RecordConfiguration"] == {"RecordFormatType": "JSON", "GSRSchemaARN": SCHEMA}


def test_dead_letters_of_a_bucket_need_no_prefix(client):
    destination = {**BUCKET, "DeadLetterQueueS3Configuration": DEAD_LETTERS}
    description = create(client, S3DestinationConfiguration=destination)
    assert description["S3DestinationConfiguration"]["DeadLetterQueueS3Configuration"] == DEAD_LETTERS


def test_a_channel_to_a_table_is_described_as_it_was_made(client):
    table = {**TABLE, "PartitionSpec": {"PartitionFields": [{"Transform": "TIME_HOUR", "SourceName": "at"}]}}
    destination = {**TABLES, "S3TablesConfigurationList": [table]}
    description = client.create_channel(**to_table(S3TablesDestinationConfiguration=destination))["ChannelDescription"]
    assert description["S3TablesDestinationConfiguration"] == {"DataFreshnessInSeconds": 300, **destination}
    assert "S3DestinationConfiguration" not in description
    assert "EncryptionConfiguration" not in description
    assert "ChannelStatusReason" not in description
    (stream,) = description["StreamConfigurationList"]
    assert stream["RecordConfiguration"] == {"RecordFormatType": "JSON", "GSRSchemaARN": SCHEMA}


def test_what_a_caller_does_to_an_answer_does_not_reach_the_channel(client, lake):
    answer = describe(client, lake)
    expected = describe(client, lake)
    answer["S3DestinationConfiguration"]["StorageConfiguration"]["BucketARN"] = "changed"
    answer["StreamConfigurationList"][0]["RecordConfiguration"]["RecordFormatType"] = "changed"
    assert describe(client, lake) == expected


def test_a_channel_is_active_when_its_time_has_come_and_not_before(kinesis, client):
    channel_arn = create(client)["ChannelARN"]
    assert [pending.what for pending in kinesis.pending()] == ["channel lake of stream orders becomes ACTIVE"]
    kinesis.advance(milliseconds=DURATIONS.creating_channel_ms - 1)
    assert describe(client, channel_arn)["ChannelStatus"] == "CREATING"
    kinesis.advance(milliseconds=1)
    assert describe(client, channel_arn)["ChannelStatus"] == "ACTIVE"
    assert kinesis.pending() == []


def test_the_waiter_waits_until_the_channel_is_active(kinesis, client):
    channel_arn = create(client)["ChannelARN"]
    client.get_waiter("channel_active").wait(ChannelARN=channel_arn)
    assert kinesis.now == MIDNIGHT + timedelta(seconds=20)
    client.update_channel(ChannelARN=channel_arn, S3DestinationConfiguration={"DataFreshnessInSeconds": 60})
    client.get_waiter("channel_active").wait(ChannelARN=channel_arn)
    assert kinesis.now == MIDNIGHT + timedelta(seconds=30)


@pytest.mark.parametrize("state", ["FAILED", "DELETING"])
def test_the_waiter_gives_up_on_a_channel_that_will_not_be_active(kinesis, client, lake, state):
    if state == "FAILED":
        kinesis.channel(lake).fail("no such bucket")
    else:
        client.delete_channel(ChannelARN=lake)
    before = kinesis.now
    with pytest.raises(WaiterError, match=f'matched expected path: "{state}"'):
        client.get_waiter("channel_active").wait(ChannelARN=lake)
    assert kinesis.now == before


@pytest.mark.fake_kinesis(autojump=True)
def test_a_loop_of_polls_ends(kinesis, client):
    channel_arn = create(client)["ChannelARN"]
    polls = [describe(client, channel_arn)["ChannelStatus"] for _ in range(2)]
    client.delete_channel(ChannelARN=channel_arn)
    listed = [names(client) for _ in range(2)]
    assert (polls, listed) == (["CREATING", "ACTIVE"], [["lake"], []])
    assert kinesis.now == MIDNIGHT + timedelta(seconds=40)


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_without_durations_a_channel_is_there_and_gone_at_once(client):
    description = create(client)
    assert description["ChannelStatus"] == "ACTIVE"
    updated = client.update_channel(
        ChannelARN=description["ChannelARN"], S3DestinationConfiguration={"DataFreshnessInSeconds": 60}
    )["ChannelDescription"]
    assert updated["ChannelStatus"] == "ACTIVE"
    client.delete_channel(ChannelARN=description["ChannelARN"])
    assert names(client) == []


def test_the_arn_comes_from_the_seed_and_not_from_the_name():
    def channel_arns(seed, channel_name):
        with fake_kinesis(seed=seed, start=MIDNIGHT, streams={"orders": {}}) as fake:
            client = fake.client()
            return [create(client, f"{channel_name}-{number}")["ChannelARN"] for number in range(3)]

    arns = channel_arns(7, "lake")
    assert len(set(arns)) == 3
    assert channel_arns(7, "another") == arns
    assert not set(channel_arns(8, "lake")) & set(arns)


def test_a_channel_that_is_made_again_has_another_arn(kinesis, client, lake):
    client.delete_channel(ChannelARN=lake)
    kinesis.settle()
    assert create(client)["ChannelARN"] != lake


def test_the_arn_is_of_the_partition_and_the_region(kinesis):
    client = kinesis.client(region_name="cn-north-1")
    client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    stream_arn = f"arn:aws-cn:kinesis:cn-north-1:{A}:stream/orders"
    channel_arn = create(client, stream_arn=stream_arn)["ChannelARN"]
    assert channel_arn.startswith(f"arn:aws-cn:kinesis:cn-north-1:{A}:channel/")
    assert describe(client, channel_arn)["ChannelName"] == "lake"


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "DELETING", "FAILED"])
def test_a_name_is_taken_in_every_state(kinesis, client, refusal, state):
    channel_arn = create(client)["ChannelARN"]
    if state != "CREATING":
        kinesis.settle()
    if state == "DELETING":
        client.delete_channel(ChannelARN=channel_arn)
    elif state == "FAILED":
        kinesis.channel("lake").fail("no such bucket")
    assert describe(client, channel_arn)["ChannelStatus"] == state
    assert refusal("CreateChannel", **to_bucket(stream_arn=STREAM + "other")) == (
        "ResourceInUseException",
        f"Channel lake under account {A} already exists.",
    )


def test_a_name_can_be_used_in_another_region(kinesis, client, lake, foreign_client):
    foreign_client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders")
    assert names(foreign_client) == names(client) == ["lake"]


# --- what is refused ----------------------------------------------------------------------------------------------


def test_a_channel_needs_a_stream_on_demand(refusal):
    assert refusal("CreateChannel", **to_bucket(stream_arn=STREAM + "old")) == (
        "ValidationException",
        f"Request is invalid. Stream old under account {A} is in Provisioned mode. Channels are supported only on data "
        "streams in On-Demand mode.",
    )


def test_a_channel_needs_a_stream_that_is_there(refusal):
    assert refusal("CreateChannel", **to_bucket(stream_arn=STREAM + "gone")) == (
        "ResourceNotFoundException",
        f"Stream gone under account {A} not found.",
    )


@pytest.mark.parametrize("state", ["CREATING", "UPDATING", "DELETING"])
def test_a_channel_needs_a_stream_that_is_active(client, refusal, state):
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
def test_a_channel_needs_a_stream_of_its_own_account(kinesis, refusal):
    partner = kinesis.client(aws_access_key_id="AKIAPARTNER", aws_secret_access_key="any")
    assert names(partner) == []
    assert refusal("CreateChannel", through=partner, **to_bucket()) == (
        "AccessDeniedException",
        "User: arn:aws:iam::222222222222:root is not authorized to perform: kinesis:CreateChannel on resource: "
        f"{ORDERS}",
    )


def test_a_channel_has_exactly_one_stream(refusal):
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


def test_a_channel_has_exactly_one_table(refusal):
    two = {**TABLES, "S3TablesConfigurationList": [TABLE, TABLE]}
    assert refusal("CreateChannel", **to_table(S3TablesDestinationConfiguration=two)) == (
        "InvalidArgumentException",
        "S3TablesConfigurationList must contain exactly one entry, but contains 2.",
    )


def test_a_channel_has_exactly_one_destination(refusal):
    both = to_bucket(S3TablesDestinationConfiguration=TABLES)
    neither = to_bucket()
    del neither["S3DestinationConfiguration"]
    for parameters in (both, neither):
        assert refusal("CreateChannel", **parameters) == (
            "ValidationException",
            "Specify either S3DestinationConfiguration or S3TablesDestinationConfiguration, but not both.",
        )


@pytest.mark.parametrize("record_format", ["STRING", "BYTE_ARRAY"])
def test_bytes_and_strings_go_to_buckets_only(client, refusal, record_format):
    create(client, record_format=record_format)
    assert refusal("CreateChannel", **to_table(record_format=record_format)) == (
        "ValidationException",
        f"RecordFormatType {record_format} is not supported for streaming table destinations.",
    )


def test_json_of_the_schema_registry_goes_to_tables_only(client, refusal):
    client.create_channel(**to_table(record_format="GSR_JSON"))
    assert refusal("CreateChannel", **to_bucket(record_format="GSR_JSON")) == (
        "ValidationException",
        "RecordFormatType GSR_JSON is not supported for general purpose Amazon S3 destinations.",
    )


@pytest.mark.parametrize("record_format", ["JSON", "GSR_JSON"])
def test_a_table_needs_a_schema(refusal, record_format):
    parameters = to_table(StreamConfigurationList=stream_configuration(record_format=record_format))
    assert refusal("CreateChannel", **parameters) == (
        "ValidationException",
        "RecordConfiguration requires GSRSchemaARN when the channel destination is a streaming table.",
    )


@pytest.mark.parametrize("freshness", [0, -1])
def test_a_freshness_is_a_second_at_least(client, refusal, lake, freshness):
    invalid = (
        "InvalidArgumentException",
        f"Invalid DataFreshnessInSeconds {freshness}. It must be greater than or equal to 1.",
    )
    given = {"DataFreshnessInSeconds": freshness}
    assert refusal("CreateChannel", **to_bucket("new", S3DestinationConfiguration={**BUCKET, **given})) == invalid
    assert refusal("CreateChannel", **to_table(S3TablesDestinationConfiguration={**TABLES, **given})) == invalid
    assert refusal("UpdateChannel", ChannelARN=lake, S3DestinationConfiguration=given) == invalid


@pytest.mark.parametrize("key_id", ["alias/aws/kinesis", f"arn:aws:kms:us-east-1:{A}:alias/aws/kinesis"])
def test_the_key_of_kinesis_itself_cannot_be_used(refusal, key_id):
    encryption = {"EncryptionType": "KMS", "KeyId": key_id}
    assert refusal("CreateChannel", **to_bucket(EncryptionConfiguration=encryption)) == (
        "InvalidArgumentException",
        f"Invalid KeyId {key_id}. You cannot use the Amazon Kinesis Data Streams service key (aws/kinesis).",
    )


def test_a_key_must_be_named_as_keys_are(refusal):
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
def test_a_channel_needs_a_key_that_can_be_used(kinesis, client, refusal, spoil, code, message):
    encrypted = to_bucket(EncryptionConfiguration={"EncryptionType": "KMS", "KeyId": KEY})
    getattr(kinesis.key(KEY), spoil)()
    assert refusal("CreateChannel", **encrypted) == (code, message)
    kinesis.key(KEY).enable()
    client.create_channel(**encrypted)


@pytest.mark.fake_kinesis(limits=Limits(channels=2))
def test_an_account_has_so_many_channels_and_not_one_more(kinesis, client, refusal):
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


# --- updating ---------------------------------------------------------------------------------------------------


def test_an_update_shows_the_new_settings_at_once_and_keeps_the_others(kinesis, client, lake):
    before = describe(client, lake)
    logs = {"Enabled": True, "LogGroupName": "/logs"}
    answer = client.update_channel(
        ChannelARN=lake,
        S3DestinationConfiguration={"DataFreshnessInSeconds": 60},
        LoggingConfiguration={"CloudWatchLogs": logs},
    )["ChannelDescription"]
    expected = {
        **before,
        "ChannelStatus": "UPDATING",
        "S3DestinationConfiguration": {**before["S3DestinationConfiguration"], "DataFreshnessInSeconds": 60},
        "LoggingConfiguration": {"CloudWatchLogs": {**logs, "LogStreamName": "DestinationDelivery"}},
    }
    assert answer == expected == describe(client, lake)
    kinesis.advance(milliseconds=DURATIONS.updating_channel_ms - 1)
    assert describe(client, lake) == expected
    kinesis.advance(milliseconds=1)
    assert describe(client, lake) == {**expected, "ChannelStatus": "ACTIVE"}

    client.update_channel(ChannelARN=lake, LoggingConfiguration={"CloudWatchLogs": {"Enabled": False}})
    kinesis.settle()
    after = describe(client, lake)
    assert after["LoggingConfiguration"]["CloudWatchLogs"] == {
        "Enabled": False,
        "LogGroupName": "/logs",
        "LogStreamName": "DestinationDelivery",
    }
    assert after["S3DestinationConfiguration"]["DataFreshnessInSeconds"] == 60


def test_a_channel_to_a_table_can_be_updated(kinesis, client):
    channel_arn = client.create_channel(**to_table())["ChannelDescription"]["ChannelARN"]
    kinesis.settle()
    client.update_channel(ChannelARN=channel_arn, S3TablesDestinationConfiguration={"DataFreshnessInSeconds": 7})
    kinesis.settle()
    assert describe(client, channel_arn)["S3TablesDestinationConfiguration"]["DataFreshnessInSeconds"] == 7


def test_an_update_is_about_the_destination_that_the_channel_has(kinesis, client, refusal, lake):
    freshness = {"DataFreshnessInSeconds": 60}
    mismatch = "does not match the destination of the channel."
    assert refusal("UpdateChannel", ChannelARN=lake, S3TablesDestinationConfiguration=freshness) == (
        "ValidationException",
        f"S3TablesDestinationConfiguration {mismatch}",
    )
    table = client.create_channel(**to_table())["ChannelDescription"]["ChannelARN"]
    kinesis.settle()
    assert refusal("UpdateChannel", ChannelARN=table, S3DestinationConfiguration=freshness) == (
        "ValidationException",
        f"S3DestinationConfiguration {mismatch}",
    )


def test_an_update_changes_something(refusal, lake):
    assert refusal("UpdateChannel", ChannelARN=lake) == (
        "ValidationException",
        "Specify DataFreshnessInSeconds or LoggingConfiguration to update a channel.",
    )


@pytest.mark.parametrize("state", ["CREATING", "UPDATING", "DELETING", "FAILED"])
def test_only_an_active_channel_can_be_updated(kinesis, client, refusal, state):
    channel_arn = create(client)["ChannelARN"]
    update = {"ChannelARN": channel_arn, "S3DestinationConfiguration": {"DataFreshnessInSeconds": 60}}
    if state != "CREATING":
        kinesis.settle()
    if state == "UPDATING":
        client.update_channel(**update)
    elif state == "DELETING":
        client.delete_channel(ChannelARN=channel_arn)
    elif state == "FAILED":
        kinesis.channel("lake").fail("no such bucket")
    assert refusal("UpdateChannel", **update) == (
        "ResourceInUseException",
        f"Channel lake under account {A} not ACTIVE, instead in state {state}",
    )


# --- deleting and failing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "UPDATING", "FAILED"])
def test_a_channel_can_be_deleted_in_every_state(kinesis, client, refusal, state):
    channel_arn = create(client)["ChannelARN"]
    if state != "CREATING":
        kinesis.settle()
    if state == "UPDATING":
        client.update_channel(ChannelARN=channel_arn, S3DestinationConfiguration={"DataFreshnessInSeconds": 60})
    elif state == "FAILED":
        kinesis.channel("lake").fail("no such bucket")
    assert describe(client, channel_arn)["ChannelStatus"] == state
    client.delete_channel(ChannelARN=channel_arn)
    assert [pending.what for pending in kinesis.pending()] == ["channel lake of stream orders is gone"]
    kinesis.advance(milliseconds=DURATIONS.deleting_channel_ms - 1)
    description = describe(client, channel_arn)
    assert description["ChannelStatus"] == "DELETING"
    assert "ChannelStatusReason" not in description
    kinesis.advance(milliseconds=1)
    assert refusal("DescribeChannel", ChannelARN=channel_arn) == (
        "ResourceNotFoundException",
        f"Channel {channel_arn.rpartition('/')[2]} under account {A} not found.",
    )


def test_a_channel_that_is_deleted_twice_is_gone_as_soon_as_if_once(kinesis, client, lake):
    client.delete_channel(ChannelARN=lake)
    kinesis.advance(milliseconds=DURATIONS.deleting_channel_ms - 1)
    client.delete_channel(ChannelARN=lake)
    assert names(client) == ["lake"]
    kinesis.advance(milliseconds=1)
    assert names(client) == []


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "UPDATING", "FAILED"])
def test_a_channel_fails_when_the_test_says_so_and_stays_failed(kinesis, client, state):
    channel_arn = create(client)["ChannelARN"]
    if state != "CREATING":
        kinesis.settle()
    if state == "UPDATING":
        client.update_channel(ChannelARN=channel_arn, S3DestinationConfiguration={"DataFreshnessInSeconds": 60})
    elif state == "FAILED":
        kinesis.channel("lake").fail("at first")
    before = kinesis.now
    kinesis.channel(channel_arn).fail("The role cannot be assumed.")
    assert kinesis.now == before
    assert kinesis.pending() == []
    description = describe(client, channel_arn)
    assert description["ChannelStatus"] == "FAILED"
    assert description["ChannelStatusReason"] == "The role cannot be assumed."
    assert description["S3DestinationConfiguration"]["DataFreshnessInSeconds"] == 300
    (summary,) = client.list_channels()["ChannelSummaries"]
    assert (summary["ChannelStatus"], summary["ChannelStatusReason"]) == ("FAILED", "The role cannot be assumed.")
    kinesis.advance(hours=1)
    assert kinesis.channel("lake").status == "FAILED"


def test_a_channel_that_is_deleted_cannot_fail(kinesis, client, lake):
    client.delete_channel(ChannelARN=lake)
    with pytest.raises(KinesisFakeError, match=r"Channel lake is being deleted; it cannot fail any more\."):
        kinesis.channel(lake).fail("too late")


def test_a_reason_has_1_to_2048_characters(kinesis, lake):
    for reason, shown in (("", "''"), ("x" * 2049, f"'{'x' * 198}…"), (5, "5"), (["a"], "['a']"), (None, "None")):
        with pytest.raises(KinesisFakeError) as caught:
            kinesis.channel(lake).fail(reason)
        assert str(caught.value) == f"The reason of fail() must be text of 1 to 2048 characters, not {shown}."
    assert kinesis.channel(lake).status == "ACTIVE"
    kinesis.channel(lake).fail("x" * 2048)
    assert kinesis.channel(lake).status == "FAILED"


@pytest.mark.parametrize("operation", ["DescribeChannel", "UpdateChannel", "DeleteChannel"])
@pytest.mark.parametrize(
    ("channel_arn", "channel_id"),
    [
        (NOWHERE, "nowhere"),
        (f"arn:aws:kinesis:us-east-1:{A}:channel/no/where", "no/where"),
    ],
)
def test_a_channel_must_be_there(refusal, operation, channel_arn, channel_id):
    more = {"LoggingConfiguration": {"CloudWatchLogs": {"Enabled": True}}} if operation == "UpdateChannel" else {}
    assert refusal(operation, ChannelARN=channel_arn, **more) == (
        "ResourceNotFoundException",
        f"Channel {channel_id} under account {A} not found.",
    )


def test_a_channel_is_not_found_from_another_region(lake, refusal, foreign_client):
    assert names(foreign_client) == []
    assert refusal("DescribeChannel", through=foreign_client, ChannelARN=lake) == (
        "InvalidArgumentException",
        f"The region specified in the ARN '{lake}' does not match the endpoint region",
    )


@pytest.mark.fake_kinesis(accounts={"AKIAPARTNER": "222222222222"})
def test_a_channel_is_not_for_another_account(kinesis, lake, refusal):
    partner = kinesis.client(aws_access_key_id="AKIAPARTNER", aws_secret_access_key="any")
    assert names(partner) == []
    assert refusal("DescribeChannel", through=partner, ChannelARN=lake) == (
        "AccessDeniedException",
        "User: arn:aws:iam::222222222222:root is not authorized to perform: kinesis:DescribeChannel on resource: "
        f"{lake}",
    )


# --- listing ----------------------------------------------------------------------------------------------------


def test_a_summary_has_what_the_model_promises(client, lake):
    table = client.create_channel(**to_table())["ChannelDescription"]
    streams = [{"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT}]
    assert client.list_channels()["ChannelSummaries"] == [
        {
            "ChannelName": "lake",
            "ChannelARN": lake,
            "ChannelId": lake.rpartition("/")[2],
            "ChannelStatus": "ACTIVE",
            "ChannelCreationTimestamp": MIDNIGHT,
            "ChannelDestinationType": "S3",
            "Streams": streams,
        },
        {
            "ChannelName": "tables",
            "ChannelARN": table["ChannelARN"],
            "ChannelId": table["ChannelId"],
            "ChannelStatus": "CREATING",
            "ChannelCreationTimestamp": MIDNIGHT + timedelta(seconds=20),
            "ChannelDestinationType": "S3_TABLES",
            "Streams": streams,
        },
    ]


@pytest.fixture
def many(client):
    """Seven channels, those with an even number on the stream orders."""
    channel_names = [f"channel-{number}" for number in range(7)]
    for number, channel_name in reversed(list(enumerate(channel_names))):
        create(client, channel_name, STREAM + ("other" if number % 2 else "orders"))
    return channel_names


def test_channels_are_listed_by_name_and_filtered_by_stream(client, many):
    assert names(client) == many
    assert names(client, StreamFilter=[{"StreamARN": ORDERS}]) == many[::2]
    assert names(client, StreamFilter=[{"StreamARN": ORDERS}, {"StreamARN": STREAM + "other"}]) == many
    assert names(client, StreamFilter=[{"StreamARN": STREAM + "gone"}]) == []


def test_a_filter_can_name_the_creation_of_the_stream(client, many):
    same = {"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT}
    other = {"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT + timedelta(seconds=1)}
    assert names(client, StreamFilter=[same]) == many[::2]
    assert names(client, StreamFilter=[other]) == []
    assert names(client, StreamFilter=[other, same]) == many[::2]


def test_pages_are_as_long_as_asked(client, many):
    first = client.list_channels(MaxResults=3)
    second = client.list_channels(MaxResults=4, NextToken=first["NextToken"])
    assert [s["ChannelName"] for s in [*first["ChannelSummaries"], *second["ChannelSummaries"]]] == many
    assert "NextToken" not in second


def test_the_paginator_walks_all_channels_with_and_without_a_filter(client, many):
    paginator = client.get_paginator("list_channels")
    for parameters, expected in (({}, many), ({"StreamFilter": [{"StreamARN": ORDERS}]}, many[::2])):
        pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}, **parameters))
        assert len(pages) == -(-len(expected) // 2)
        assert [s["ChannelName"] for page in pages for s in page["ChannelSummaries"]] == expected


def test_a_token_carries_the_filter(client, refusal, many):
    token = client.list_channels(MaxResults=2, StreamFilter=[{"StreamARN": ORDERS}])["NextToken"]
    assert names(client, NextToken=token) == ["channel-4", "channel-6"]
    other = [{"StreamARN": STREAM + "other"}]
    assert refusal("ListChannels", NextToken=token, StreamFilter=other) == (
        "InvalidArgumentException",
        "Invalid NextToken.",
    )


def test_a_token_lives_300_seconds_and_no_longer(kinesis, client, refusal, many):
    token = client.list_channels(MaxResults=6)["NextToken"]
    kinesis.advance(seconds=300)
    assert names(client, NextToken=token) == ["channel-6"]
    kinesis.advance(milliseconds=1)
    assert refusal("ListChannels", NextToken=token) == (
        "ExpiredNextTokenException",
        "The pagination token has expired. A NextToken is valid for 300 seconds.",
    )


def test_a_token_of_another_operation_is_refused(client, refusal):
    token = client.list_streams(Limit=1)["NextToken"]
    for wrong in (token, "token"):
        assert refusal("ListChannels", NextToken=wrong) == ("InvalidArgumentException", "Invalid NextToken.")


def test_a_page_holds_a_hundred_channels():
    with fake_kinesis(limits=Limits(channels=101), autojump=False, streams={"orders": {}}) as fake:
        client = fake.client()
        for number in range(101):
            create(client, f"channel-{number}")
        for parameters in ({}, {"MaxResults": 10_000}):
            first = client.list_channels(**parameters)
            assert len(first["ChannelSummaries"]) == 100
            assert len(client.list_channels(NextToken=first["NextToken"])["ChannelSummaries"]) == 1
        assert len(client.list_channels(MaxResults=99)["ChannelSummaries"]) == 99


# --- the stream of a channel --------------------------------------------------------------------------------------


def channel_count(client, stream_name="orders"):
    return client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]["ChannelCount"]


def test_a_stream_and_an_account_count_their_channels(kinesis, client):
    assert (channel_count(client), client.describe_limits()["ChannelCount"]) == (0, 0)
    channel_arn = create(client)["ChannelARN"]
    create(client, "second")
    create(client, "third", STREAM + "other")
    assert (channel_count(client), client.describe_limits()["ChannelCount"]) == (2, 3)
    kinesis.settle()
    client.delete_channel(ChannelARN=channel_arn)
    assert (channel_count(client), client.describe_limits()["ChannelCount"]) == (2, 3)
    kinesis.settle()
    assert (channel_count(client), client.describe_limits()["ChannelCount"]) == (1, 2)
    assert client.describe_limits()["ChannelCountLimit"] == 100


@pytest.mark.parametrize("flag", [{}, {"EnforceConsumerDeletion": True}])
def test_a_stream_with_channels_cannot_be_deleted(kinesis, client, refusal, lake, flag):
    in_use = (
        "ResourceInUseException",
        f"DeleteStream can't delete {A}:orders because there are channels on this data stream. Delete every channel "
        "with DeleteChannel first.",
    )
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    client.delete_channel(ChannelARN=lake)
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    kinesis.settle()
    client.delete_stream(StreamName="orders", **flag)


def test_a_stream_with_channels_stays_on_demand(kinesis, client, refusal, lake):
    provisioned = {"StreamARN": ORDERS, "StreamModeDetails": {"StreamMode": "PROVISIONED"}}
    held = (
        "ResourceInUseException",
        f"Stream orders under account {A} cannot be switched to PROVISIONED mode because it has channels. Delete the "
        "channels before you change the capacity mode.",
    )
    assert refusal("UpdateStreamMode", **provisioned) == held
    client.delete_channel(ChannelARN=lake)
    assert refusal("UpdateStreamMode", **provisioned) == held
    kinesis.settle()
    client.update_stream_mode(**provisioned)


# --- tags and policies ------------------------------------------------------------------------------------------


def tags_of(client, channel_arn):
    return {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceARN=channel_arn)["Tags"]}


def test_a_channel_has_its_tags_from_the_beginning(client):
    channel_arn = create(client, Tags={"team": "billing", "empty": ""})["ChannelARN"]
    assert tags_of(client, channel_arn) == {"team": "billing", "empty": ""}


def test_the_tags_of_a_channel_can_be_changed_while_it_is_active(kinesis, client, refusal):
    channel_arn = create(client, Tags={"team": "billing"})["ChannelARN"]
    for operation, parameters in (("TagResource", {"Tags": {"a": "b"}}), ("UntagResource", {"TagKeys": ["team"]})):
        assert refusal(operation, ResourceARN=channel_arn, **parameters) == (
            "ResourceInUseException",
            f"Channel lake under account {A} not ACTIVE, instead in state CREATING",
        )
    kinesis.settle()
    client.tag_resource(ResourceARN=channel_arn, Tags={"a": "b"})
    client.untag_resource(ResourceARN=channel_arn, TagKeys=["team"])
    assert tags_of(client, channel_arn) == {"a": "b"}


def test_a_channel_has_fifty_tags_and_not_one_more(client, refusal):
    tags = {f"key-{number}": "" for number in range(50)}
    assert len(tags_of(client, create(client, Tags=tags)["ChannelARN"])) == 50
    assert refusal("CreateChannel", **to_bucket("new", Tags={**tags, "one": "more"})) == (
        "InvalidArgumentException",
        "Failed to add tags to channel new because a given resource cannot have more than 50 tags associated with it.",
    )


def test_a_channel_that_is_not_there_has_no_tags(refusal):
    assert refusal("ListTagsForResource", ResourceARN=NOWHERE) == (
        "ResourceNotFoundException",
        f"Channel nowhere under account {A} not found.",
    )


def test_a_channel_has_no_policy(client, refusal, lake):
    policy = '{"Version": "2012-10-17", "Statement": []}'
    for operation, parameters in (("GetResourcePolicy", {}), ("PutResourcePolicy", {"Policy": policy})):
        assert refusal(operation, ResourceARN=lake, **parameters) == (
            "ResourceNotFoundException",
            f"Resource {lake} not found.",
        )


# --- the view ---------------------------------------------------------------------------------------------------


def test_a_view_shows_a_channel_by_its_name_and_by_its_arn(kinesis, client):
    channel_arn = create(client)["ChannelARN"]
    for view in (kinesis.channel("lake"), kinesis.channel(channel_arn)):
        assert (view.channel_name, view.channel_arn, view.stream_name) == ("lake", channel_arn, "orders")
        assert view.status == "CREATING"
        assert repr(view) == "<channel lake CREATING, 0 delivered>"
    kinesis.settle()
    assert kinesis.channel("lake").status == "ACTIVE"


def test_a_view_finds_a_channel_of_another_region_by_its_arn(kinesis, foreign_client):
    foreign_client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    channel_arn = create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders")["ChannelARN"]
    assert kinesis.channel(channel_arn).channel_arn == channel_arn


def test_a_view_of_no_channel_says_which_there_are(kinesis: KinesisFake, client):
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.channel("lake")
    assert str(caught.value) == (
        "There is no channel 'lake' in us-east-1; the channels are: none. Make it with CreateChannel through a client."
    )
    create(client, "b")
    create(client, "a")
    with pytest.raises(KinesisFakeError, match="the channels are: a, b"):
        kinesis.channel("c")
