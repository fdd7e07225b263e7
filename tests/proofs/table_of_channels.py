"""Rows of the operations on channels."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from kinesis_fake import Limits, errors
from tests.proofs.scenario import (
    CALM,
    FLOW,
    KEY,
    LAKE,
    ROLE,
    A,
    Call,
    From,
    Scenario,
    arn,
    channel,
    denied,
    invalid,
    key_errors,
    ok,
    pages,
    refused,
    row,
    table,
    throttled,
)

ON_DEMAND_ARN = arn("on-demand")
NOWHERE = f"arn:aws:kinesis:us-east-1:{A}:channel/nowhere"
#: Good enough for botocore to find an endpoint to send it to.
NO_CHANNEL = "arn:aws:kinesis:us-east-1:1:channel/lake"
DEAD_LETTERS = {"BucketARN": "arn:aws:s3:::broken", "ExpectedBucketOwner": A, "ErrorOutputPrefix": "bad/"}
ENCRYPTED: dict[str, Any] = {"EncryptionConfiguration": {"EncryptionType": "KMS", "KeyId": KEY}}
LOGGED = {"CloudWatchLogs": {"Enabled": True, "LogGroupName": "/logs", "LogStreamName": "lake"}}
TO_BUCKET = {
    "DataFreshnessInSeconds": 600,
    "DeadLetterQueueS3Configuration": DEAD_LETTERS,
    "StorageConfiguration": {
        "BucketARN": "arn:aws:s3:::lake",
        "ExpectedBucketOwner": A,
        "CompressionType": "GZIP",
        "OutputKeyTemplate": "year=!{yyyy}/!{mm}!{extension}",
        "StorageClass": "GLACIER_IR",
    },
}
TO_TABLE = {
    "DataFreshnessInSeconds": 600,
    "DeadLetterQueueS3Configuration": DEAD_LETTERS,
    "S3TablesConfigurationList": [
        {
            "TableBucketARN": f"arn:aws:s3tables:us-east-1:{A}:bucket/tables",
            "Namespace": "sales",
            "TableName": "orders",
            "CompressionType": "ZSTD",
            "PartitionSpec": {"PartitionFields": [{"Transform": "TIME_HOUR", "SourceName": "at"}]},
        }
    ],
}
GSR = {"RecordFormatType": "GSR_JSON", "GSRSchemaARN": f"arn:aws:glue:us-east-1:{A}:schema/registry/orders"}
TABLES = {
    "ChannelName": "tables",
    "ServiceExecutionRoleARN": ROLE,
    "StreamConfigurationList": [{"StreamARN": ON_DEMAND_ARN, "RecordConfiguration": GSR}],
    "S3TablesDestinationConfiguration": TO_TABLE,
}
MADE = Call("CreateChannel", TABLES, "made")
FRESH = {"S3DestinationConfiguration": {"DataFreshnessInSeconds": 600}}
LATE = datetime(2026, 1, 2, tzinfo=timezone.utc)
PATTERN = r"Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:channel/\S+"
ONLY_ARN = "It has no member but the ARN of the channel."


def unusual(**params: Any) -> list[Scenario]:
    """What is refused whatever the operation does."""
    return [
        refused((errors.channel_not_found, "nowhere", A), {"ChannelARN": NOWHERE, **params}),
        throttled({"ChannelARN": LAKE, **params}),
        denied(LAKE, {"ChannelARN": LAKE, **params}),
        invalid(
            f"Value '{NO_CHANNEL}' at 'channelARN' failed to satisfy constraint: {PATTERN}",
            {"ChannelARN": NO_CHANNEL, **params},
        ),
    ]


TABLE = table(
    {
        "CreateChannel": row(
            ok(
                channel(
                    "new",
                    S3DestinationConfiguration=TO_BUCKET,
                    LoggingConfiguration=LOGGED,
                    Tags={"a": "b"},
                    **ENCRYPTED,
                )
            ),
            ok(TABLES),
            refused((errors.channel_already_exists, "lake", A), channel("lake")),
            refused((errors.stream_not_found, "nowhere", A), channel("new", arn("nowhere"))),
            refused((errors.too_many_channels, A, 1), channel("new"), options={"limits": Limits(channels=1)}),
            refused(errors.reserved_tag_key, channel("new", Tags={"aws:x": ""})),
            refused((errors.channel_needs_on_demand, "calm", A), channel("new", CALM)),
            denied(ON_DEMAND_ARN, channel("new")),
            key_errors(channel("new", **ENCRYPTED)),
        ),
        "DeleteChannel": row(ok({"ChannelARN": LAKE}), unusual(), InvalidArgumentException=ONLY_ARN),
        "DescribeChannel": row(
            ok({"ChannelARN": LAKE}),
            ok({"ChannelARN": From("made.ChannelDescription.ChannelARN")}, MADE),
            ok({"ChannelARN": LAKE}, lambda kinesis: kinesis.channel("lake").fail("The bucket is gone.")),
            unusual(),
            InvalidArgumentException=ONLY_ARN,
        ),
        "ListChannels": row(
            ok({}),
            ok({}, lambda kinesis: kinesis.channel("lake").fail("The bucket is gone.")),
            ok({"StreamFilter": [{"StreamARN": CALM}]}),
            ok({"StreamFilter": [{"StreamARN": FLOW, "StreamCreationTimestamp": LATE}]}),
            ok({"MaxResults": 1}, MADE),
            pages("ListChannels", MADE),
        ),
        "UpdateChannel": row(
            ok({"ChannelARN": LAKE, **FRESH, "LoggingConfiguration": LOGGED}),
            ok(
                {
                    "ChannelARN": From("made.ChannelDescription.ChannelARN"),
                    "S3TablesDestinationConfiguration": {"DataFreshnessInSeconds": 330},
                },
                MADE,
                lambda kinesis: kinesis.settle(),
            ),
            refused(
                (errors.channel_not_active, "lake", A, "UPDATING"),
                {"ChannelARN": LAKE, **FRESH},
                Call("UpdateChannel", {"ChannelARN": LAKE, **FRESH}),
            ),
            refused(
                (errors.data_freshness_invalid, 0, 300, 900),
                {"ChannelARN": LAKE, "S3DestinationConfiguration": {"DataFreshnessInSeconds": 0}},
            ),
            unusual(**FRESH),
        ),
    }
)
