"""Making channels, and how lists, the account and policies show them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from kinesis_fake import Durations, KinesisFake
from tests.support.channels import (
    BUCKET,
    DEAD_LETTERS,
    KEY,
    MANY_CHANNELS,
    MIDNIGHT,
    ORDERS,
    ROLE,
    SCHEMA,
    STORAGE,
    STREAM,
    TABLE,
    A,
    create,
    describe,
    names,
    stream_configuration,
    to_bucket,
    to_table,
)

pytestmark = MANY_CHANNELS


def test_a_new_channel_is_creating_and_has_the_defaults(kinesis: KinesisFake, client: Any) -> None:
    kinesis.advance(milliseconds=1500)
    description = create(client)
    channel_id = description["ChannelId"]
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
                "ErrorOutputPrefix": f"kinesis-channel/errors/lake/{channel_id}/",
            },
            "StorageConfiguration": {
                **STORAGE,
                "OutputKeyTemplate": "kinesis-channel/!{channel-name}/!{channel-id}/!{yyyy}/!{MM}/!{dd}/!{HH}/"
                "!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}!{extension}",
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


def test_a_channel_to_a_bucket_is_described_as_it_was_made(client: Any) -> None:
    destination = {
        "DataFreshnessInSeconds": 900,
        "DeadLetterQueueS3Configuration": {**DEAD_LETTERS, "ErrorOutputPrefix": "bad/"},
        "StorageConfiguration": {
            **STORAGE,
            "CompressionType": "GZIP",
            "OutputKeyTemplate": "year=!{yyyy}/!{mm}!{extension}",
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


def test_dead_letters_have_a_prefix_by_default(client: Any) -> None:
    destination = {**BUCKET, "DeadLetterQueueS3Configuration": DEAD_LETTERS}
    description = create(client, S3DestinationConfiguration=destination)
    assert description["S3DestinationConfiguration"]["DeadLetterQueueS3Configuration"] == {
        **DEAD_LETTERS,
        "ErrorOutputPrefix": f"kinesis-channel/errors/lake/{description['ChannelId']}/",
    }


def test_a_channel_to_a_table_is_described_as_it_was_made(client: Any) -> None:
    table = {**TABLE, "PartitionSpec": {"PartitionFields": [{"Transform": "TIME_HOUR", "SourceName": "at"}]}}
    dead_letters = {**DEAD_LETTERS, "ErrorOutputPrefix": "bad/"}
    destination = {"DeadLetterQueueS3Configuration": dead_letters, "S3TablesConfigurationList": [table]}
    description = client.create_channel(**to_table(S3TablesDestinationConfiguration=destination))["ChannelDescription"]
    assert description["S3TablesDestinationConfiguration"] == {"DataFreshnessInSeconds": 300, **destination}
    assert "S3DestinationConfiguration" not in description
    assert "EncryptionConfiguration" not in description
    assert "ChannelStatusReason" not in description
    (stream,) = description["StreamConfigurationList"]
    assert stream["RecordConfiguration"] == {"RecordFormatType": "JSON", "GSRSchemaARN": SCHEMA}


def test_what_a_caller_does_to_an_answer_does_not_reach_the_channel(client: Any, lake: Any) -> None:
    answer = describe(client, lake)
    expected = describe(client, lake)
    answer["S3DestinationConfiguration"]["StorageConfiguration"]["BucketARN"] = "changed"
    answer["StreamConfigurationList"][0]["RecordConfiguration"]["RecordFormatType"] = "changed"
    assert describe(client, lake) == expected


def test_the_waiter_waits_until_the_channel_is_active(kinesis: KinesisFake, client: Any) -> None:
    channel_arn = create(client)["ChannelARN"]
    client.get_waiter("channel_active").wait(ChannelARN=channel_arn)
    assert kinesis.now == MIDNIGHT + timedelta(seconds=20)
    client.update_channel(ChannelARN=channel_arn, S3DestinationConfiguration={"DataFreshnessInSeconds": 600})
    client.get_waiter("channel_active").wait(ChannelARN=channel_arn)
    assert kinesis.now == MIDNIGHT + timedelta(seconds=30)


@pytest.mark.parametrize("state", ["FAILED", "DELETING"])
def test_the_waiter_gives_up_on_a_channel_that_will_not_be_active(
    kinesis: KinesisFake, client: Any, lake: Any, state: Any
) -> None:
    if state == "FAILED":
        kinesis.channel(lake).fail("no such bucket")
    else:
        client.delete_channel(ChannelARN=lake)
    before = kinesis.now
    with pytest.raises(WaiterError, match=f'matched expected path: "{state}"'):
        client.get_waiter("channel_active").wait(ChannelARN=lake)
    assert kinesis.now == before


@pytest.mark.fake_kinesis(autojump=True)
def test_a_loop_of_polls_ends(kinesis: KinesisFake, client: Any) -> None:
    channel_arn = create(client)["ChannelARN"]
    polls = [describe(client, channel_arn)["ChannelStatus"] for _ in range(2)]
    client.delete_channel(ChannelARN=channel_arn)
    listed = [names(client) for _ in range(2)]
    assert (polls, listed) == (["CREATING", "ACTIVE"], [["lake"], []])
    assert kinesis.now == MIDNIGHT + timedelta(seconds=40)


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_without_durations_a_channel_is_there_and_gone_at_once(client: Any) -> None:
    description = create(client)
    assert description["ChannelStatus"] == "ACTIVE"
    updated = client.update_channel(
        ChannelARN=description["ChannelARN"], S3DestinationConfiguration={"DataFreshnessInSeconds": 600}
    )["ChannelDescription"]
    assert updated["ChannelStatus"] == "ACTIVE"
    client.delete_channel(ChannelARN=description["ChannelARN"])
    assert names(client) == []


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "DELETING", "FAILED"])
def test_a_name_is_taken_in_every_state(kinesis: KinesisFake, client: Any, refusal: Any, state: Any) -> None:
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


def test_the_id_of_a_channel_has_the_form_of_a_uuid(client: Any) -> None:
    description = create(client)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", description["ChannelId"])
    assert description["ChannelARN"].rpartition("/")[2] == description["ChannelId"]


# --- lists, the account, policies ---------------------------------------------------------------------------------


def test_a_summary_has_what_the_model_promises(client: Any, lake: Any) -> None:
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


def channel_count(client: Any, stream_name: str = "orders") -> Any:
    return client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]["ChannelCount"]


def test_a_stream_and_an_account_count_their_channels(kinesis: KinesisFake, client: Any) -> None:
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
    assert client.describe_limits()["ChannelCountLimit"] == 1000


def test_a_channel_has_no_policy(client: Any, refusal: Any, lake: Any) -> None:
    policy = '{"Version": "2012-10-17", "Statement": []}'
    for operation, parameters in (("GetResourcePolicy", {}), ("PutResourcePolicy", {"Policy": policy})):
        assert refusal(operation, ResourceARN=lake, **parameters) == (
            "ResourceNotFoundException",
            f"Resource {lake} not found.",
        )
