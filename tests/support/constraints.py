"""Valid parameters for tests of constraints, and changes of one member in them."""

from __future__ import annotations

import copy
from typing import Any

PREFIX = "arn:aws:kinesis:us-east-1:123456789012:"
STREAM_ARN = f"{PREFIX}stream/orders"
CONSUMER_ARN = f"{PREFIX}stream/orders/consumer/billing:1700000000"
QUEUE_ARN = f"{PREFIX}queue/jobs"
CHANNEL_ARN = f"{PREFIX}channel/lake"
NAMED = {"StreamName": "orders"}
RECEIPTS = {"QueueARN": QUEUE_ARN, "Entries": [{"ReceiptHandle": "r"}]}
VISIBILITY = {"QueueARN": QUEUE_ARN, "Entries": [{"ReceiptHandle": "r", "VisibilityTimeoutSeconds": 1}]}
# For each operation, the fewest parameters that it accepts.
ACCEPTED: dict[str, dict[str, Any]] = {
    "AcknowledgeDeadLetterQueueRecords": RECEIPTS,
    "AcknowledgeQueueRecords": RECEIPTS,
    "AddTagsToStream": {**NAMED, "Tags": {"team": "blue"}},
    "CreateChannel": {
        "ChannelName": "lake",
        "ServiceExecutionRoleARN": "arn:aws:iam::123456789012:role/lake",
        "StreamConfigurationList": [
            {"StreamARN": STREAM_ARN, "RecordConfiguration": {"RecordFormatType": "JSON"}},
        ],
    },
    "CreateQueue": {"QueueName": "jobs", "StreamConfigurationList": [{"StreamARN": STREAM_ARN}]},
    "CreateStream": NAMED,
    "DecreaseStreamRetentionPeriod": {**NAMED, "RetentionPeriodHours": 24},
    "DeleteChannel": {"ChannelARN": CHANNEL_ARN},
    "DeleteQueue": {"QueueARN": QUEUE_ARN},
    "DeleteResourcePolicy": {"ResourceARN": STREAM_ARN},
    "DeleteStream": NAMED,
    "DeregisterStreamConsumer": {},
    "DescribeAccountSettings": {},
    "DescribeChannel": {"ChannelARN": CHANNEL_ARN},
    "DescribeLimits": {},
    "DescribeQueue": {"QueueARN": QUEUE_ARN},
    "DescribeStream": NAMED,
    "DescribeStreamConsumer": {},
    "DescribeStreamSummary": NAMED,
    "DisableEnhancedMonitoring": {**NAMED, "ShardLevelMetrics": ["ALL"]},
    "EnableEnhancedMonitoring": {**NAMED, "ShardLevelMetrics": ["ALL"]},
    "GetRecords": {"ShardIterator": "AAAA"},
    "GetResourcePolicy": {"ResourceARN": CONSUMER_ARN},
    "GetShardIterator": {**NAMED, "ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"},
    "IncreaseStreamRetentionPeriod": {**NAMED, "RetentionPeriodHours": 24},
    "ListChannels": {},
    "ListQueues": {},
    "ListShards": {},
    "ListStreamConsumers": {"StreamARN": STREAM_ARN},
    "ListStreams": {},
    "ListTagsForResource": {"ResourceARN": STREAM_ARN},
    "ListTagsForStream": NAMED,
    "MergeShards": {**NAMED, "ShardToMerge": "0", "AdjacentShardToMerge": "1"},
    "PutRecord": {**NAMED, "Data": ""},
    "PutRecords": {**NAMED, "Records": [{"Data": ""}]},
    "PutResourcePolicy": {"ResourceARN": STREAM_ARN, "Policy": ""},
    "ReceiveDeadLetterQueueRecords": {"QueueARN": QUEUE_ARN},
    "ReceiveQueueRecords": {"QueueARN": QUEUE_ARN},
    "RegisterStreamConsumer": {"StreamARN": STREAM_ARN, "ConsumerName": "billing"},
    "RemoveTagsFromStream": {**NAMED, "TagKeys": ["team"]},
    "RestoreDeadLetterQueueRecords": RECEIPTS,
    "SplitShard": {**NAMED, "ShardToSplit": "0", "NewStartingHashKey": "2"},
    "StartStreamEncryption": {**NAMED, "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
    "StopStreamEncryption": {**NAMED, "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
    "SubscribeToShard": {"ConsumerARN": CONSUMER_ARN, "ShardId": "0", "StartingPosition": {"Type": "LATEST"}},
    "TagResource": {"ResourceARN": STREAM_ARN, "Tags": {"team": "blue"}},
    "UntagResource": {"ResourceARN": STREAM_ARN, "TagKeys": ["team"]},
    "UpdateAccountSettings": {"MinimumThroughputBillingCommitment": {"Status": "ENABLED"}},
    "UpdateChannel": {"ChannelARN": CHANNEL_ARN},
    "UpdateDeadLetterQueueRecordsVisibility": VISIBILITY,
    "UpdateMaxRecordSize": {"MaxRecordSizeInKiB": 1024},
    "UpdateQueue": {"QueueARN": QUEUE_ARN, "QueueAttributes": {}},
    "UpdateQueueRecordsVisibility": VISIBILITY,
    "UpdateShardCount": {**NAMED, "TargetShardCount": 1, "ScalingType": "UNIFORM_SCALING"},
    "UpdateStreamMode": {"StreamARN": STREAM_ARN, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
    "UpdateStreamRecordDistributionStrategy": {"StreamARN": STREAM_ARN, "RecordDistributionStrategy": "AUTO"},
    "UpdateStreamWarmThroughput": {**NAMED, "WarmThroughputMiBps": 0},
}


def camel(path: str) -> str:
    steps = ("1.member" if step == "0" else step[0].lower() + step[1:] for step in path.split("."))
    return ".".join(steps)


def replaced(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The document with a member added or replaced; ``0`` in the path is the first item of a list."""
    document = copy.deepcopy(document)
    *parents, last = path.split(".")
    inner: Any = document
    for step in parents:
        inner = inner[0] if step == "0" else inner.setdefault(step, {})
    inner[last] = value
    # A filter is invalid without its type.
    if path.startswith("ShardFilter."):
        inner.setdefault("Type", "AT_LATEST")
    return document
