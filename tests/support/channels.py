"""What tests of channels send and expect."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import Durations, Limits
from tests.support.model import needs

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
#: The instant at which a channel that was created at midnight becomes ACTIVE.
ACTIVE_AT = MIDNIGHT + timedelta(seconds=20)
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
#: Streams for channels; a stream may have more of them than AWS allows.
MANY_CHANNELS = [
    needs("CreateChannel"),
    pytest.mark.fake_kinesis(
        start="2026-01-01T00:00:00Z",
        autojump=False,
        streams={"orders": {}, "other": {}, "old": 1},
        limits=Limits(channels=1000, channels_per_destination=1000),
    ),
]
TABLES = {"DeadLetterQueueS3Configuration": DEAD_LETTERS, "S3TablesConfigurationList": [TABLE]}


def stream_configuration(stream_arn: Any = ORDERS, record_format: Any = "JSON", **record_configuration: Any) -> Any:
    record_configuration = {"RecordFormatType": record_format, **record_configuration}
    return [{"StreamARN": stream_arn, "RecordConfiguration": record_configuration}]


def to_bucket(
    channel_name: Any = "lake", stream_arn: Any = ORDERS, record_format: Any = "JSON", **parameters: Any
) -> Any:
    """The parameters of a channel to a bucket."""
    return {
        "ChannelName": channel_name,
        "ServiceExecutionRoleARN": ROLE,
        "StreamConfigurationList": stream_configuration(stream_arn, record_format),
        "S3DestinationConfiguration": BUCKET,
        **parameters,
    }


def to_table(channel_name: Any = "tables", record_format: Any = "JSON", **parameters: Any) -> Any:
    """The parameters of a channel to a streaming table."""
    return {
        "ChannelName": channel_name,
        "ServiceExecutionRoleARN": ROLE,
        "StreamConfigurationList": stream_configuration(record_format=record_format, GSRSchemaARN=SCHEMA),
        "S3TablesDestinationConfiguration": TABLES,
        **parameters,
    }


def create(client: Any, channel_name: Any = "lake", stream_arn: Any = ORDERS, **parameters: Any) -> Any:
    return client.create_channel(**to_bucket(channel_name, stream_arn, **parameters))["ChannelDescription"]


def create_for_bucket(
    client: Any,
    record_format: Any = "STRING",
    channel_name: Any = "lake",
    *,
    freshness: Any = None,
    dead_letters: Any = None,
    **storage: Any,
) -> Any:
    """The ARN of a channel that delivers records of this format to a bucket."""
    destination: dict[str, Any] = {"StorageConfiguration": {**STORAGE, **storage}}
    if freshness is not None:
        destination["DataFreshnessInSeconds"] = freshness
    if dead_letters is not None:
        destination["DeadLetterQueueS3Configuration"] = {"ExpectedBucketOwner": A, **dead_letters}
    return create(client, channel_name, record_format=record_format, S3DestinationConfiguration=destination)[
        "ChannelARN"
    ]


def create_for_table(client: Any, record_format: Any = "JSON") -> Any:
    return client.create_channel(**to_table("lake", record_format))["ChannelDescription"]["ChannelARN"]


def describe(client: Any, channel_arn: Any) -> Any:
    return client.describe_channel(ChannelARN=channel_arn)["ChannelDescription"]


def names(client: Any, **parameters: Any) -> Any:
    return [summary["ChannelName"] for summary in client.list_channels(**parameters)["ChannelSummaries"]]
