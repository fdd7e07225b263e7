"""Every constraint of the model from both sides of its boundary, with the text of the verdict."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.constraints import ACCEPTED, CONSUMER_ARN, PREFIX, QUEUE_ARN, STREAM_ARN, camel, replaced

BUCKET = {"BucketARN": "arn:aws:s3:::lake", "ExpectedBucketOwner": "123456789012"}
MIN_LENGTH = "Member must have length greater than or equal to {}"
MAX_LENGTH = "Member must have length less than or equal to {}"
LEAST = "Member must have value greater than or equal to {}"
MOST = "Member must have value less than or equal to {}"
PATTERN = "Member must satisfy regular expression pattern: {}"
ENUM = "Member must satisfy enum value set: [{}]"
NAME = PATTERN.format("[a-zA-Z0-9_.-]+")
HASH = PATTERN.format(r"^(0|([1-9]\d{0,38}))$")
SEQUENCE = PATTERN.format(r"^(0|([1-9]\d{0,128}))$")
STREAM = PATTERN.format(r"arn:aws.*:kinesis:.*:\d{12}:stream/\S+")
QUEUE = PATTERN.format(r"arn:aws.*:kinesis:.*:\d{12}:queue/\S+")
CONSUMER = PATTERN.format(r"^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+")
TYPES = ENUM.format("AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON")
FILTERS = ENUM.format("AFTER_SHARD_ID, AT_TRIM_HORIZON, FROM_TRIM_HORIZON, AT_LATEST, AT_TIMESTAMP, FROM_TIMESTAMP")
METRICS = (
    "ALL, IteratorAgeMilliseconds, IncomingBytes, WriteProvisionedThroughputExceeded, OutgoingRecords, "
    "ReadProvisionedThroughputExceeded, IncomingRecords, OutgoingBytes"
)
KEY_LENGTHS = f"[{MAX_LENGTH.format(128)}, {MIN_LENGTH.format(1)}]"
VALUE_LENGTHS = f"[{MAX_LENGTH.format(256)}, {MIN_LENGTH.format(0)}]"


def within(least: int, most: int) -> tuple[list[Any], list[tuple[Any, list[str]]]]:
    return [least, most], [(least - 1, [LEAST.format(least)]), (most + 1, [MOST.format(most)])]


def at_least(least: int) -> tuple[list[Any], list[tuple[Any, list[str]]]]:
    return [least, 2147483647], [(least - 1, [LEAST.format(least)]), (-2147483648, [LEAST.format(least)])]


def of_length(most: int) -> tuple[list[Any], list[tuple[Any, list[str]]]]:
    return ["a", "é" * most], [("", [MIN_LENGTH.format(1)]), ("a" * (most + 1), [MAX_LENGTH.format(most)])]


def named() -> tuple[list[Any], list[tuple[Any, list[str]]]]:
    return ["a", "A-z_0.9", "a" * 128], [
        ("", [NAME, MIN_LENGTH.format(1)]),
        ("a" * 129, [MAX_LENGTH.format(128)]),
        ("a b", [NAME]),
        ("a\n", [NAME]),
        ("é", [NAME]),
        (" " * 129, [NAME, MAX_LENGTH.format(128)]),
    ]


def numbered(pattern: str, digits: int) -> tuple[list[Any], list[tuple[Any, list[str]]]]:
    refused = ["", "00", "01", "-1", "1 ", "0\n", "1.0", "1" + "0" * digits, "٣", "1٣"]
    return ["0", "1", "1" + "0" * (digits - 1), "9" * digits], [(number, [pattern]) for number in refused]


def one_of(constraint: str) -> tuple[list[Any], list[tuple[Any, list[str]]]]:
    names = constraint[constraint.index("[") + 1 : -1].split(", ")
    return list(names), [("", [constraint]), (names[0].lower(), [constraint]), (names[0] + " ", [constraint])]


BOUNDARIES: dict[tuple[str, str], tuple[list[Any], list[tuple[Any, list[str]]]]] = {
    ("CreateStream", "StreamName"): named(),
    ("RegisterStreamConsumer", "ConsumerName"): named(),
    ("GetShardIterator", "ShardId"): named(),
    ("CreateQueue", "QueueName"): named(),
    ("CreateChannel", "ChannelName"): named(),
    ("ListShards", "ShardFilter.ShardId"): named(),
    ("PutRecord", "PartitionKey"): of_length(256),
    ("PutRecords", "Records.0.PartitionKey"): of_length(256),
    ("PutRecord", "ExplicitHashKey"): numbered(HASH, 39),
    ("PutRecords", "Records.0.ExplicitHashKey"): numbered(HASH, 39),
    ("SplitShard", "NewStartingHashKey"): numbered(HASH, 39),
    ("PutRecord", "SequenceNumberForOrdering"): numbered(SEQUENCE, 129),
    ("GetShardIterator", "StartingSequenceNumber"): numbered(SEQUENCE, 129),
    ("SubscribeToShard", "StartingPosition.SequenceNumber"): numbered(SEQUENCE, 129),
    ("GetRecords", "ShardIterator"): of_length(512),
    ("ListStreams", "NextToken"): of_length(1048576),
    ("ListTagsForStream", "ExclusiveStartTagKey"): of_length(128),
    ("StartStreamEncryption", "KeyId"): of_length(2048),
    ("AcknowledgeQueueRecords", "Entries.0.ReceiptHandle"): of_length(1024),
    ("GetRecords", "Limit"): within(1, 10000),
    ("DescribeStream", "Limit"): within(1, 10000),
    ("ListShards", "MaxResults"): within(1, 10000),
    ("ListStreams", "Limit"): within(1, 10000),
    ("ListStreamConsumers", "MaxResults"): within(1, 10000),
    ("ListTagsForStream", "Limit"): within(1, 50),
    ("UpdateMaxRecordSize", "MaxRecordSizeInKiB"): within(1024, 10240),
    ("CreateStream", "MaxRecordSizeInKiB"): within(1024, 10240),
    ("ReceiveQueueRecords", "WaitTimeSeconds"): within(1, 20),
    ("ReceiveQueueRecords", "VisibilityTimeoutSeconds"): within(0, 43200),
    ("UpdateQueueRecordsVisibility", "Entries.0.VisibilityTimeoutSeconds"): within(0, 43200),
    ("UpdateQueue", "QueueAttributes.VisibilityTimeoutSeconds"): within(0, 43200),
    ("CreateStream", "ShardCount"): at_least(1),
    ("UpdateShardCount", "TargetShardCount"): at_least(1),
    ("IncreaseStreamRetentionPeriod", "RetentionPeriodHours"): at_least(1),
    ("DecreaseStreamRetentionPeriod", "RetentionPeriodHours"): at_least(1),
    ("CreateStream", "WarmThroughputMiBps"): at_least(0),
    ("UpdateStreamWarmThroughput", "WarmThroughputMiBps"): at_least(0),
    ("GetShardIterator", "ShardIteratorType"): one_of(TYPES),
    ("SubscribeToShard", "StartingPosition.Type"): one_of(TYPES),
    ("ListShards", "ShardFilter.Type"): one_of(FILTERS),
    ("CreateStream", "StreamModeDetails.StreamMode"): one_of(ENUM.format("ON_DEMAND, PROVISIONED")),
    ("StopStreamEncryption", "EncryptionType"): one_of(ENUM.format("NONE, KMS")),
    ("UpdateShardCount", "ScalingType"): one_of(ENUM.format("UNIFORM_SCALING")),
    ("UpdateAccountSettings", "MinimumThroughputBillingCommitment.Status"): one_of(ENUM.format("ENABLED, DISABLED")),
    ("DescribeStream", "StreamARN"): (
        [
            STREAM_ARN,
            "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/a",
            STREAM_ARN.ljust(2048, "a"),
        ],
        [
            ("", [STREAM, MIN_LENGTH.format(1)]),
            (f"{PREFIX}stream/", [STREAM]),
            (f"{PREFIX}stream/a b", [STREAM]),
            (f"x{STREAM_ARN}", [STREAM]),
            (f"{STREAM_ARN}\n", [STREAM]),
            ("arn:aws:kinesis:us-east-1:12345678901:stream/a", [STREAM]),
            ("arn:aws:kinesis:us-east-1:١٢٣٤٥٦٧٨٩٠١٢:stream/a", [STREAM]),
            (STREAM_ARN.ljust(2049, "a"), [MAX_LENGTH.format(2048)]),
        ],
    ),
    ("SubscribeToShard", "ConsumerARN"): (
        [CONSUMER_ARN],
        [(STREAM_ARN, [CONSUMER]), (CONSUMER_ARN + ":", [CONSUMER]), ("", [CONSUMER, MIN_LENGTH.format(1)])],
    ),
    ("CreateQueue", "StreamConfigurationList.0.StreamARN"): ([STREAM_ARN], [(QUEUE_ARN, [STREAM])]),
    ("DeleteQueue", "QueueARN"): ([QUEUE_ARN], [(STREAM_ARN, [QUEUE])]),
    ("CreateChannel", "StreamConfigurationList.0.RecordConfiguration.RecordFormatType"): one_of(
        ENUM.format("GSR_JSON, JSON, STRING, BYTE_ARRAY")
    ),
    ("CreateChannel", "S3DestinationConfiguration"): (
        [{"StorageConfiguration": {**BUCKET, "CompressionType": "NONE"}}],
        [],
    ),
    ("AddTagsToStream", "Tags"): (
        [{"k": ""}, {str(i): "v" for i in range(200)}, {"k" * 128: "v" * 256}],
        [
            ({}, [MIN_LENGTH.format(1)]),
            ({str(i): "v" for i in range(201)}, [MAX_LENGTH.format(200)]),
            ({"": "v"}, [f"Map keys must satisfy constraint: {KEY_LENGTHS}"]),
            ({"k" * 129: "v"}, [f"Map keys must satisfy constraint: {KEY_LENGTHS}"]),
            ({"k": "v" * 257}, [f"Map value must satisfy constraint: {VALUE_LENGTHS}"]),
            (
                {"k" * 129: "v", "": "v" * 257},
                [
                    f"Map keys must satisfy constraint: {KEY_LENGTHS}",
                    f"Map value must satisfy constraint: {VALUE_LENGTHS}",
                ],
            ),
        ],
    ),
    ("RemoveTagsFromStream", "TagKeys"): (
        [["k"], ["k"] * 50, ["k" * 128]],
        [
            ([], [MIN_LENGTH.format(1)]),
            (["k"] * 51, [MAX_LENGTH.format(50)]),
            (["k", ""], [f"Member must satisfy constraint: {KEY_LENGTHS}"]),
            (["k" * 129] * 2, [f"Member must satisfy constraint: {KEY_LENGTHS}"]),
            (["", *["k"] * 50], [MAX_LENGTH.format(50), f"Member must satisfy constraint: {KEY_LENGTHS}"]),
        ],
    ),
    ("EnableEnhancedMonitoring", "ShardLevelMetrics"): (
        [["ALL"], METRICS.split(", ")[:7]],
        [
            ([], [MIN_LENGTH.format(1)]),
            (["ALL"] * 8, [MAX_LENGTH.format(7)]),
            (["x"], [f"Member must satisfy constraint: [{ENUM.format(METRICS)}]"]),
            (["ALL", "all"], [f"Member must satisfy constraint: [{ENUM.format(METRICS)}]"]),
        ],
    ),
}


def java_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={item}' for key, item in value.items())}}}"
    return str(value)


def refusal_of(path: str, value: Any, constraints: list[str]) -> tuple[str, str]:
    plural = "s" if len(constraints) > 1 else ""
    place = f"Value '{java_text(value)}' at '{camel(path)}' failed to satisfy constraint: "
    items = "; ".join(place + constraint for constraint in constraints)
    return "ValidationException", f"{len(constraints)} validation error{plural} detected: {items}"


@pytest.mark.parametrize(("operation", "path"), BOUNDARIES)
def test_a_member_is_accepted_up_to_its_boundary_and_refused_beyond(
    verdict: Any, shapes_at: Any, operation: str, path: str
) -> None:
    if not shapes_at(operation, path):
        pytest.skip("this botocore does not know the member")
    accepted, refused = BOUNDARIES[operation, path]

    def answer_to(value: Any) -> Any:
        return verdict(operation, replaced(ACCEPTED[operation], path, value))

    assert [(value, answer) for value in accepted if (answer := answer_to(value)) is not None] == []
    for value, constraints in refused:
        assert answer_to(value) == refusal_of(path, value, constraints)
