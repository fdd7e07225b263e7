"""Which operations a policy can allow, and which parts of policies are not modelled."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.config import Config

from kinesis_fake import KinesisFake, KinesisFakeError
from tests.support.model import needs
from tests.support.policies import (
    BILLING,
    ORDERS,
    OTHER,
    OWNER,
    READER,
    RECORD,
    THREE_ACCOUNTS,
    explicitly_denied,
    not_allowed,
    policy,
    statement,
)
from tests.support.refusals import refused

pytestmark = THREE_ACCOUNTS


def impossible(action: Any, resource_arn: Any = ORDERS) -> Any:
    return (
        "AccessDeniedException",
        f"User: arn:aws:iam::{READER}:root is not authorized to perform: kinesis:{action} on resource: {resource_arn}",
    )


# --- what is not modelled -----------------------------------------------------------------------------------------


_CONDITION = {"StringEquals": {"aws:SourceVpc": "vpc-1"}, "Bool": {"aws:SecureTransport": "true"}}


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([statement(Condition=_CONDITION)], id="an allow"),
        pytest.param([statement(), statement(Effect="Deny", Condition=_CONDITION)], id="a deny"),
    ],
)
def test_a_condition_that_decides_raises_an_error_of_our_own(
    kinesis: KinesisFake, client: Any, reader: Any, statements: Any
) -> None:
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(*statements))
    with pytest.raises(
        KinesisFakeError,
        match=re.escape(
            f"Whether arn:aws:iam::{READER}:root may call kinesis:PutRecord on {ORDERS} hangs on a Condition of the "
            "resource policy (aws:SecureTransport, aws:SourceVpc), and conditions are not modelled."
        ),
    ):
        reader.put_record(StreamARN=ORDERS, **RECORD)
    assert kinesis.stream("orders").records == []


def test_a_condition_that_decides_nothing_is_no_obstacle(client: Any, refusal: Any, reader: Any) -> None:
    conditional = statement(Condition=_CONDITION)
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(conditional, statement()))
    reader.put_record(StreamARN=ORDERS, **RECORD)
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy({**conditional, "Action": "kinesis:GetRecords"}))
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == not_allowed("PutRecord")
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(conditional, statement(Effect="Deny")))
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == explicitly_denied("PutRecord")


def test_a_policy_variable_raises_an_error_of_our_own(client: Any, reader: Any) -> None:
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(Resource="arn:*/${aws:username}")))
    with pytest.raises(KinesisFakeError, match=re.escape("The policy variables of 'arn:*/${aws:username}' are not")):
        reader.put_record(StreamARN=ORDERS, **RECORD)


# --- which operations a policy can allow --------------------------------------------------------------------------


@pytest.fixture
def open_to_all(client: Any, billing: Any) -> None:
    """The stream orders and its consumer billing are open to every account."""
    for resource_arn in (ORDERS, BILLING):
        client.put_resource_policy(ResourceARN=resource_arn, Policy=policy(statement()))


def test_another_account_reads_and_writes_by_arn(
    kinesis: KinesisFake, client: Any, refusal: Any, reader: Any, open_to_all: Any
) -> None:
    reader.put_records(StreamARN=ORDERS, Records=[RECORD])
    (record,) = kinesis.stream("orders").records
    assert reader.describe_stream(StreamARN=ORDERS)["StreamDescription"]["StreamARN"] == ORDERS
    summary = reader.describe_stream_summary(StreamARN=ORDERS)["StreamDescriptionSummary"]
    assert (summary["StreamARN"], summary["ConsumerCount"]) == (ORDERS, 1)
    assert len(reader.list_shards(StreamARN=ORDERS)["Shards"]) == 2
    iterator = reader.get_shard_iterator(StreamARN=ORDERS, ShardId=record.shard_id, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    answer = reader.get_records(StreamARN=ORDERS, ShardIterator=iterator)
    assert [found["SequenceNumber"] for found in answer["Records"]] == [record.sequence_number]
    # The next iterator is one of the other account's stream as well.
    assert reader.get_records(StreamARN=ORDERS, ShardIterator=answer["NextShardIterator"])["Records"] == []
    for address in ({}, {"StreamARN": ORDERS}):
        assert len(client.get_records(ShardIterator=iterator, **address)["Records"]) == 1


def test_an_iterator_of_another_account_needs_the_arn_of_its_stream(
    refusal: Any, reader: Any, open_to_all: Any
) -> None:
    iterator = reader.get_shard_iterator(StreamARN=ORDERS, ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    assert refusal("GetRecords", through=reader, ShardIterator=iterator) == impossible("GetRecords")


def test_an_iterator_is_worth_nothing_once_the_policy_is_gone(
    client: Any, refusal: Any, reader: Any, open_to_all: Any
) -> None:
    iterator = reader.get_shard_iterator(StreamARN=ORDERS, ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    client.delete_resource_policy(ResourceARN=ORDERS)
    assert refusal("GetRecords", through=reader, StreamARN=ORDERS, ShardIterator=iterator) == not_allowed("GetRecords")


def test_an_iterator_does_not_open_a_stream_that_the_policy_closes(
    client: Any, refusal: Any, reader: Any, open_to_all: Any
) -> None:
    iterator = client.get_shard_iterator(StreamARN=OTHER, ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    assert refusal("GetRecords", through=reader, StreamARN=OTHER, ShardIterator=iterator) == not_allowed(
        "GetRecords", OTHER
    )
    assert refusal("GetRecords", through=reader, StreamARN=ORDERS, ShardIterator=iterator) == (
        "InvalidArgumentException",
        f"The ShardIterator was not issued for stream {ORDERS}.",
    )


def test_a_token_of_another_accounts_stream_is_good_while_the_policy_allows(
    client: Any, refusal: Any, reader: Any, open_to_all: Any
) -> None:
    token = reader.list_shards(StreamARN=ORDERS, MaxResults=1)["NextToken"]
    assert len(reader.list_shards(NextToken=token)["Shards"]) == 1
    client.delete_resource_policy(ResourceARN=ORDERS)
    assert refusal("ListShards", through=reader, NextToken=token) == not_allowed("ListShards")


def test_a_consumer_has_a_policy_of_its_own(client: Any, refusal: Any, reader: Any, billing: Any) -> None:
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement()))
    describe = {"ConsumerARN": BILLING}
    assert refusal("DescribeStreamConsumer", through=reader, **describe) == not_allowed(
        "DescribeStreamConsumer", BILLING
    )
    client.delete_resource_policy(ResourceARN=ORDERS)
    client.put_resource_policy(ResourceARN=BILLING, Policy=policy(statement(Resource=BILLING)))
    for address in (describe, {**describe, "StreamARN": ORDERS, "ConsumerName": "billing"}):
        answer = reader.describe_stream_consumer(**address)
        assert answer["ConsumerDescription"]["ConsumerName"] == "billing"


def test_another_account_describes_a_consumer_by_its_arn_only(refusal: Any, reader: Any, open_to_all: Any) -> None:
    assert refusal("DescribeStreamConsumer", through=reader, StreamARN=ORDERS, ConsumerName="billing") == impossible(
        "DescribeStreamConsumer"
    )


_NEVER: dict[str, dict[str, Any]] = {
    "AddTagsToStream": {"StreamARN": ORDERS, "Tags": {"a": "b"}},
    "DecreaseStreamRetentionPeriod": {"StreamARN": ORDERS, "RetentionPeriodHours": 24},
    "DeleteResourcePolicy": {"ResourceARN": ORDERS},
    "DeleteStream": {"StreamARN": ORDERS},
    "DeregisterStreamConsumer": {"ConsumerARN": BILLING},
    "DisableEnhancedMonitoring": {"StreamARN": ORDERS, "ShardLevelMetrics": ["ALL"]},
    "EnableEnhancedMonitoring": {"StreamARN": ORDERS, "ShardLevelMetrics": ["ALL"]},
    "GetResourcePolicy": {"ResourceARN": BILLING},
    "IncreaseStreamRetentionPeriod": {"StreamARN": ORDERS, "RetentionPeriodHours": 25},
    "ListStreamConsumers": {"StreamARN": ORDERS},
    "ListTagsForResource": {"ResourceARN": ORDERS},
    "ListTagsForStream": {"StreamARN": ORDERS},
    "MergeShards": {"StreamARN": ORDERS, "ShardToMerge": "0", "AdjacentShardToMerge": "1"},
    "PutResourcePolicy": {"ResourceARN": ORDERS, "Policy": policy(statement())},
    "RegisterStreamConsumer": {"StreamARN": ORDERS, "ConsumerName": "mine"},
    "RemoveTagsFromStream": {"StreamARN": ORDERS, "TagKeys": ["a"]},
    "SplitShard": {"StreamARN": ORDERS, "ShardToSplit": "0", "NewStartingHashKey": "1000"},
    "StartStreamEncryption": {"StreamARN": ORDERS, "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
    "StopStreamEncryption": {"StreamARN": ORDERS, "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
    "TagResource": {"ResourceARN": BILLING, "Tags": {"a": "b"}},
    "UntagResource": {"ResourceARN": ORDERS, "TagKeys": ["a"]},
    "UpdateMaxRecordSize": {"StreamARN": ORDERS, "MaxRecordSizeInKiB": 2048},
    "UpdateShardCount": {"StreamARN": ORDERS, "TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"},
    "UpdateStreamMode": {"StreamARN": ORDERS, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
    "UpdateStreamRecordDistributionStrategy": {"StreamARN": ORDERS, "RecordDistributionStrategy": "AUTO"},
    "UpdateStreamWarmThroughput": {"StreamARN": ORDERS, "WarmThroughputMiBps": 10},
}


@pytest.mark.parametrize(
    "operation", [pytest.param(name, marks=needs(name, *parameters)) for name, parameters in _NEVER.items()]
)
def test_no_policy_lets_another_account_control_a_resource(
    client: Any, refusal: Any, reader: Any, open_to_all: Any, operation: Any
) -> None:
    resource_arn = next(value for value in _NEVER[operation].values() if str(value).startswith("arn:"))
    assert refusal(operation, through=reader, **_NEVER[operation]) == impossible(operation, resource_arn)


def test_every_operation_that_takes_an_arn_of_a_stream_or_a_consumer_is_tried_here(client: Any) -> None:
    model = client.meta.service_model
    taking = {
        name
        for name in model.operation_names
        if {"StreamARN", "ConsumerARN", "ResourceARN"} & set(model.operation_model(name).input_shape.members)
    }
    assert taking - set(_NEVER) == {
        "DescribeStream",
        "DescribeStreamConsumer",
        "DescribeStreamSummary",
        "GetRecords",
        "GetShardIterator",
        "ListShards",
        "PutRecord",
        "PutRecords",
        "SubscribeToShard",
    }


@needs("PutRecord", "DryRun")
def test_permissions_are_looked_at_before_a_dry_run(client: Any, refusal: Any, reader: Any) -> None:
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, DryRun=True, **RECORD) == not_allowed("PutRecord")
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement()))
    code, _ = refusal("PutRecord", through=reader, StreamARN=ORDERS, DryRun=True, **RECORD)
    assert code == "DryRunOperationException"


def test_what_is_wrong_with_the_request_is_said_before_who_may_make_it(refusal: Any, kinesis: KinesisFake) -> None:
    unchecked = kinesis.client(
        aws_access_key_id="READER", aws_secret_access_key="secret", config=Config(parameter_validation=False)
    )
    unchecked.list_streams()
    code, _ = refusal("PutRecord", through=unchecked, StreamARN=ORDERS, Data=b"", PartitionKey="")
    assert code == "ValidationException"


def test_a_policy_of_another_account_is_put_where_its_owner_puts_it(
    kinesis: KinesisFake, client: Any, reader: Any
) -> None:
    """The owner may as well be one of the other accounts."""
    reader.create_stream(StreamName="theirs", ShardCount=1)
    kinesis.settle()
    theirs = f"arn:aws:kinesis:us-east-1:{READER}:stream/theirs"
    allow_us = statement(Principal={"AWS": OWNER}, Action="kinesis:PutRecord", Resource=theirs)
    reader.put_resource_policy(ResourceARN=theirs, Policy=policy(allow_us))
    client.put_record(StreamARN=theirs, **RECORD)
    with refused(
        client, "AccessDeniedException", not_allowed("DescribeStream", theirs, f"arn:aws:iam::{OWNER}:root")[1]
    ):
        client.describe_stream(StreamARN=theirs)
