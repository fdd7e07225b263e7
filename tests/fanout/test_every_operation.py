"""Every operation through aiobotocore gives what it gives through botocore, byte for byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Generator
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from kinesis_fake import Fault, fake_kinesis
from tests.support.libraries import CREDENTIALS, SHARD

A = "123456789012"
ORDERS = f"arn:aws:kinesis:us-east-1:{A}:stream/orders"
CLICKS = f"arn:aws:kinesis:us-east-1:{A}:stream/clicks"
KEY = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
TAGS = {"team": "sales"}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "222222222222"},
                "Action": "kinesis:PutRecord",
                "Resource": ORDERS,
            }
        ],
    }
)
CHANNEL = {
    "ChannelName": "lake",
    "ServiceExecutionRoleARN": f"arn:aws:iam::{A}:role/delivery",
    "StreamConfigurationList": [{"StreamARN": CLICKS, "RecordConfiguration": {"RecordFormatType": "JSON"}}],
    "S3DestinationConfiguration": {
        "StorageConfiguration": {
            "BucketARN": "arn:aws:s3:::lake",
            "ExpectedBucketOwner": A,
            "CompressionType": "NONE",
        }
    },
}

Said = dict[str, dict[str, Any]]
#: The operation, and its parameters or what makes them from the latest answer of each operation before.
Step = tuple[str, "dict[str, Any] | Callable[[Said], dict[str, Any]]"]


def channel(said: Said) -> dict[str, Any]:
    return {"ChannelARN": said["CreateChannel"]["ChannelDescription"]["ChannelARN"]}


def queue(said: Said) -> dict[str, Any]:
    return {"QueueARN": said["CreateQueue"]["QueueDescription"]["QueueARN"]}


def receipts(operation: str, **more: Any) -> Callable[[Said], dict[str, Any]]:
    """Makes the parameters to acknowledge, hide or restore the records that an earlier operation has received."""

    def parameters(said: Said) -> dict[str, Any]:
        entries = [{"ReceiptHandle": record["ReceiptHandle"], **more} for record in said[operation]["QueueRecords"]]
        return {**queue(said), "Entries": entries}

    return parameters


SCRIPT: list[Step] = [
    ("CreateStream", {"StreamName": "orders", "ShardCount": 2}),
    ("DescribeStream", {"StreamName": "orders"}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("CreateStream", {"StreamName": "clicks"}),
    ("DescribeStreamSummary", {"StreamName": "clicks"}),
    ("ListStreams", {}),
    ("DescribeLimits", {}),
    ("ListShards", {"StreamName": "orders"}),
    ("AddTagsToStream", {"StreamName": "orders", "Tags": TAGS}),
    ("ListTagsForStream", {"StreamName": "orders"}),
    ("RemoveTagsFromStream", {"StreamName": "orders", "TagKeys": ["team"]}),
    ("TagResource", {"ResourceARN": ORDERS, "Tags": TAGS}),
    ("ListTagsForResource", {"ResourceARN": ORDERS}),
    ("UntagResource", {"ResourceARN": ORDERS, "TagKeys": ["team"]}),
    ("PutResourcePolicy", {"ResourceARN": ORDERS, "Policy": POLICY}),
    ("GetResourcePolicy", {"ResourceARN": ORDERS}),
    ("DeleteResourcePolicy", {"ResourceARN": ORDERS}),
    ("EnableEnhancedMonitoring", {"StreamName": "orders", "ShardLevelMetrics": ["IncomingBytes"]}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("DisableEnhancedMonitoring", {"StreamName": "orders", "ShardLevelMetrics": ["ALL"]}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("PutRecord", {"StreamName": "orders", "Data": b"1 teapot", "PartitionKey": "ada"}),
    (
        "PutRecords",
        {"StreamName": "orders", "Records": [{"Data": b"%d" % n, "PartitionKey": f"key-{n}"} for n in range(9)]},
    ),
    ("GetShardIterator", {"StreamName": "orders", "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}),
    ("GetRecords", lambda said: {"ShardIterator": said["GetShardIterator"]["ShardIterator"], "Limit": 5}),
    ("RegisterStreamConsumer", {"StreamARN": ORDERS, "ConsumerName": "billing"}),
    ("DescribeStreamConsumer", {"StreamARN": ORDERS, "ConsumerName": "billing"}),
    ("ListStreamConsumers", {"StreamARN": ORDERS}),
    (
        "SubscribeToShard",
        lambda said: {
            "ConsumerARN": said["RegisterStreamConsumer"]["Consumer"]["ConsumerARN"],
            "ShardId": SHARD,
            "StartingPosition": {"Type": "TRIM_HORIZON"},
        },
    ),
    ("DeregisterStreamConsumer", {"StreamARN": ORDERS, "ConsumerName": "billing"}),
    ("IncreaseStreamRetentionPeriod", {"StreamName": "orders", "RetentionPeriodHours": 48}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("DecreaseStreamRetentionPeriod", {"StreamName": "orders", "RetentionPeriodHours": 24}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("StartStreamEncryption", {"StreamName": "orders", **KEY}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("StopStreamEncryption", {"StreamName": "orders", **KEY}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("UpdateMaxRecordSize", {"StreamARN": ORDERS, "MaxRecordSizeInKiB": 2048}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("SplitShard", {"StreamName": "orders", "ShardToSplit": SHARD, "NewStartingHashKey": str(2**126)}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    (
        "MergeShards",
        {
            "StreamName": "orders",
            "ShardToMerge": "shardId-000000000002",
            "AdjacentShardToMerge": "shardId-000000000003",
        },
    ),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("UpdateShardCount", {"StreamName": "orders", "TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("UpdateStreamMode", {"StreamARN": ORDERS, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("DescribeAccountSettings", {}),
    ("UpdateAccountSettings", {"MinimumThroughputBillingCommitment": {"Status": "ENABLED"}}),
    ("UpdateStreamWarmThroughput", {"StreamARN": ORDERS, "WarmThroughputMiBps": 10}),
    ("DescribeStreamSummary", {"StreamName": "orders"}),
    ("UpdateStreamRecordDistributionStrategy", {"StreamARN": ORDERS, "RecordDistributionStrategy": "AUTO"}),
    ("CreateChannel", CHANNEL),
    ("DescribeChannel", channel),
    ("ListChannels", {}),
    ("UpdateChannel", lambda said: {**channel(said), "S3DestinationConfiguration": {"DataFreshnessInSeconds": 600}}),
    ("DescribeChannel", channel),
    ("DeleteChannel", channel),
    (
        "CreateQueue",
        {
            "QueueName": "billing",
            "StreamConfigurationList": [{"StreamARN": CLICKS}],
            "QueueAttributes": {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 2}},
        },
    ),
    ("DescribeQueue", queue),
    ("ListQueues", {}),
    ("PutRecords", {"StreamName": "clicks", "Records": [{"Data": b"%d" % n, "PartitionKey": "k"} for n in range(6)]}),
    ("UpdateQueue", lambda said: {**queue(said), "QueueAttributes": {"VisibilityTimeoutSeconds": 5}}),
    ("DescribeQueue", queue),
    ("ReceiveQueueRecords", lambda said: {**queue(said), "Limit": 2}),
    ("AcknowledgeQueueRecords", receipts("ReceiveQueueRecords")),
    ("ReceiveQueueRecords", lambda said: {**queue(said), "Limit": 4}),
    ("UpdateQueueRecordsVisibility", receipts("ReceiveQueueRecords", VisibilityTimeoutSeconds=0)),
    ("ReceiveQueueRecords", lambda said: {**queue(said), "Limit": 4}),
    ("ReceiveDeadLetterQueueRecords", lambda said: {**queue(said), "Limit": 2}),
    (
        "UpdateDeadLetterQueueRecordsVisibility",
        receipts("ReceiveDeadLetterQueueRecords", VisibilityTimeoutSeconds=9),
    ),
    ("AcknowledgeDeadLetterQueueRecords", receipts("ReceiveDeadLetterQueueRecords")),
    ("ReceiveDeadLetterQueueRecords", lambda said: {**queue(said), "Limit": 2}),
    ("RestoreDeadLetterQueueRecords", receipts("ReceiveDeadLetterQueueRecords")),
    ("DeleteQueue", queue),
    ("DeleteStream", {"StreamName": "orders", "EnforceConsumerDeletion": True}),
    ("DescribeStream", {"StreamName": "orders"}),
]


def walk(client: Any) -> Generator[tuple[Any, dict[str, Any]], Any, list[Any]]:
    """The steps that the client's model knows, one by one; is sent each answer, and returns them all."""
    said: Said = {}
    answers = []
    for operation, given in SCRIPT:
        if operation in client.meta.service_model.operation_names:
            try:
                parameters = given(said) if callable(given) else given
            except KeyError:  # the call before, whose answer they are made from, failed
                continue
            answer = yield getattr(client, xform_name(operation)), parameters
            answers.append((operation, answer))
            if not isinstance(answer, Exception):
                said[operation] = answer
    return answers


def walk_with_botocore(*faults: Fault) -> list[Any]:
    with fake_kinesis(start="2026-01-01T00:00:00Z", seed=5) as kinesis:
        for fault in faults:
            kinesis.inject(fault)
        steps = walk(boto3.session.Session().client("kinesis", **CREDENTIALS))
        answer: Any = None
        try:
            while True:
                method, parameters = steps.send(answer)
                try:
                    answer = method(**parameters)
                    if "EventStream" in answer:
                        answer["EventStream"] = list(answer["EventStream"])
                except (ClientError, BotoCoreError) as error:
                    answer = error
        except StopIteration as stop:
            return [*stop.value, kinesis.now, list(kinesis.calls)]


async def walk_with_aiobotocore(session: Any, *faults: Fault) -> list[Any]:
    async with (
        fake_kinesis(start="2026-01-01T00:00:00Z", seed=5) as kinesis,
        session.create_client("kinesis", **CREDENTIALS) as client,
    ):
        for fault in faults:
            kinesis.inject(fault)
        steps = walk(client)
        answer: Any = None
        try:
            while True:
                method, parameters = steps.send(answer)
                try:
                    answer = await method(**parameters)
                    if "EventStream" in answer:
                        answer["EventStream"] = [event async for event in answer["EventStream"]]
                except (ClientError, BotoCoreError) as error:
                    answer = error
        except StopIteration as stop:
            return [*stop.value, kinesis.now, list(kinesis.calls)]


def test_the_script_calls_every_operation_of_the_installed_botocore_with_success() -> None:
    answers = walk_with_botocore()
    called = {operation for operation, _ in answers[:-2]}
    assert called == set(boto3.session.Session().client("kinesis", **CREDENTIALS).meta.service_model.operation_names)
    assert {call.outcome for call in answers[-1]} == {"ok"}
    stream = next(answer["EventStream"] for operation, answer in answers[:-2] if operation == "SubscribeToShard")
    assert len(stream) == 60
    assert stream[0]["SubscribeToShardEvent"]["Records"]


@pytest.mark.asyncio_clients
def test_aiobotocore_gets_the_same_answers_byte_for_byte() -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()
    assert asyncio.run(walk_with_aiobotocore(session)) == walk_with_botocore()


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("seed", [0, 3, 6])
def test_aiobotocore_meets_the_same_failures_retries_as_often_and_waits_as_long(seed: int) -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()
    faults = [
        Fault.throttle(probability=0.2, seed=seed),
        Fault.internal_error(probability=0.1, seed=seed),
        Fault.connection_error(probability=0.1, seed=seed),
        Fault.access_denied(probability=0.03, seed=seed),
        Fault.latency(milliseconds=250, probability=0.1, seed=seed),
        Fault.broken_stream(),
    ]

    def shown(answers: list[Any]) -> list[Any]:
        """Exceptions by what can be compared of them."""
        return [
            (operation, type(answer).__name__, str(answer), getattr(answer, "response", None))
            for operation, answer in answers[:-2]
        ] + answers[-2:]

    with_botocore = shown(walk_with_botocore(*faults))
    assert shown(asyncio.run(walk_with_aiobotocore(session, *faults))) == with_botocore
    outcomes = {call.outcome for call in with_botocore[-1]}
    assert {"ok", "LimitExceededException", "InternalFailure"} <= outcomes
    assert max(call.attempt for call in with_botocore[-1]) > 2
