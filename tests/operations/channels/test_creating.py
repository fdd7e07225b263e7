"""Making channels."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from kinesis_fake import Durations, KinesisFake, Limits, fake_kinesis
from tests.support.channels import (
    BUCKET,
    DEAD_LETTERS,
    DURATIONS,
    KEY,
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
from tests.support.model import needs

pytestmark = [
    needs("CreateChannel"),
    pytest.mark.fake_kinesis(
        start="2026-01-01T00:00:00Z",
        autojump=False,
        streams={"orders": {}, "other": {}, "old": 1},
        limits=Limits(channels=1000, channels_per_destination=1000),
    ),
]


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


def test_a_channel_is_active_when_its_time_has_come_and_not_before(kinesis: KinesisFake, client: Any) -> None:
    channel_arn = create(client)["ChannelARN"]
    assert [pending.what for pending in kinesis.pending()] == ["channel lake of stream orders becomes ACTIVE"]
    kinesis.advance(milliseconds=DURATIONS.creating_channel_ms - 1)
    assert describe(client, channel_arn)["ChannelStatus"] == "CREATING"
    kinesis.advance(milliseconds=1)
    assert describe(client, channel_arn)["ChannelStatus"] == "ACTIVE"
    assert kinesis.pending() == []


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


def test_the_arn_comes_from_the_seed_and_not_from_the_name() -> None:
    def channel_arns(seed: Any, channel_name: Any) -> Any:
        limits = Limits(channels_per_destination=3)
        with fake_kinesis(seed=seed, start=MIDNIGHT, limits=limits, streams={"orders": {}}) as fake:
            client = fake.client()
            return [create(client, f"{channel_name}-{number}")["ChannelARN"] for number in range(3)]

    arns = channel_arns(7, "lake")
    assert len(set(arns)) == 3
    assert channel_arns(7, "another") == arns
    assert not set(channel_arns(8, "lake")) & set(arns)


def test_a_channel_that_is_made_again_has_another_arn(kinesis: KinesisFake, client: Any, lake: Any) -> None:
    client.delete_channel(ChannelARN=lake)
    kinesis.settle()
    assert create(client)["ChannelARN"] != lake


def test_the_arn_is_of_the_partition_and_the_region(kinesis: KinesisFake) -> None:
    client = kinesis.client(region_name="cn-north-1")
    client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    stream_arn = f"arn:aws-cn:kinesis:cn-north-1:{A}:stream/orders"
    channel_arn = create(client, stream_arn=stream_arn)["ChannelARN"]
    assert channel_arn.startswith(f"arn:aws-cn:kinesis:cn-north-1:{A}:channel/")
    assert describe(client, channel_arn)["ChannelName"] == "lake"


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


def test_a_name_can_be_used_in_another_region(
    kinesis: KinesisFake, client: Any, lake: Any, foreign_client: Any
) -> None:
    foreign_client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders")
    assert names(foreign_client) == names(client) == ["lake"]


def test_the_id_of_a_channel_has_the_form_of_a_uuid(client: Any) -> None:
    description = create(client)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", description["ChannelId"])
    assert description["ChannelARN"].rpartition("/")[2] == description["ChannelId"]
