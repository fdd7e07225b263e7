"""Resource policies, and calls of other accounts."""

from __future__ import annotations

import json
from typing import Any

from tests.transcript.writing import READER, ROLE, SHARD, Transcript, arn

ORDERS = arn("orders")
BILLING = f"{ORDERS}/consumer/billing:1767225600"


def script(t: Transcript) -> None:
    with t.fake("policies", streams={"orders": 2, "other": 1}):
        _policies(t)
    with t.fake("calls of other accounts", streams={"orders": 2, "other": 1}):
        t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="billing")
        t.do("kinesis.settle()")
        t.do("kinesis.stream('orders').put('1', 'a', 0)")
        _calls(t)


def _statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "kinesis:*", "Resource": "*", **elements}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _policies(t: Transcript) -> None:
    t.call("GetResourcePolicy", ResourceARN=ORDERS)
    t.call("DeleteResourcePolicy", ResourceARN=ORDERS)
    t.call("PutResourcePolicy", ResourceARN=ORDERS, Policy=_policy(_statement()))
    t.call("GetResourcePolicy", ResourceARN=ORDERS)
    for text in (
        "nonsense",
        "[]",
        "{}",
        '{"Version": "2012-10-17"}',
        '{"Version": "2001-01-01", "Statement": []}',
        _policy(_statement(Effect="Maybe")),
        _policy(_statement(Action=5)),
        _policy(_statement(Action="s3:GetObject")),
        _policy(_statement(Principal={"AWS": "x"})),
        _policy(_statement(Principal={"Somebody": "*"})),
        _policy(_statement(Resource="nowhere")),
        _policy({"Effect": "Allow"}),
        _policy(_statement(Sid=5)),
        _policy(_statement(Condition="always")),
        _policy(_statement(Surprise="!")),
    ):
        t.call("PutResourcePolicy", ResourceARN=ORDERS, Policy=text)
    t.call("GetResourcePolicy", ResourceARN=ORDERS)
    for missing in (arn("none"), f"{ORDERS}/consumer/none:1", arn("orders", region_name="eu-west-1")):
        t.call("GetResourcePolicy", ResourceARN=missing)
        t.call("PutResourcePolicy", ResourceARN=missing, Policy=_policy(_statement()))
        t.call("DeleteResourcePolicy", ResourceARN=missing)
    t.call("PutResourcePolicy", ResourceARN=ORDERS)
    t.call("PutResourcePolicy", Policy="{}")
    t.call("GetResourcePolicy")
    t.call("DeleteResourcePolicy", ResourceARN=ORDERS)
    t.call("GetResourcePolicy", ResourceARN=ORDERS)
    t.call("CreateStream", StreamName="young", ShardCount=1)
    t.call("PutResourcePolicy", ResourceARN=arn("young"), Policy=_policy(_statement()))
    t.call("GetResourcePolicy", ResourceARN=arn("young"))


def _all_calls(t: Transcript, by: str) -> None:
    t.call("DescribeStreamSummary", by=by, StreamARN=ORDERS)
    t.call("DescribeStream", by=by, StreamARN=ORDERS)
    t.call("PutRecord", by=by, StreamARN=ORDERS, Data=b"x", PartitionKey="a")
    t.call("PutRecords", by=by, StreamARN=ORDERS, Records=[{"Data": b"x", "PartitionKey": "a"}])
    t.call("ListShards", by=by, StreamARN=ORDERS)
    answer = t.call("GetShardIterator", by=by, StreamARN=ORDERS, ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    if answer:
        t.call("GetRecords", by=by, ShardIterator=answer["ShardIterator"], StreamARN=ORDERS)
        t.call("GetRecords", by=by, ShardIterator=answer["ShardIterator"])
    t.call("DescribeStreamConsumer", by=by, ConsumerARN=BILLING)
    t.call("SubscribeToShard", by=by, ConsumerARN=BILLING, ShardId=SHARD, StartingPosition={"Type": "TRIM_HORIZON"})
    t.call("RegisterStreamConsumer", by=by, StreamARN=ORDERS, ConsumerName=by)


def _calls(t: Transcript) -> None:
    _all_calls(t, "READER")
    own = t.iterator("orders")
    t.call("GetRecords", by="READER", ShardIterator=own)
    t.call("PutResourcePolicy", ResourceARN=ORDERS, Policy=_policy(_statement(Principal={"AWS": READER})))
    t.call("PutResourcePolicy", ResourceARN=BILLING, Policy=_policy(_statement(Principal={"AWS": [READER, ROLE]})))
    _all_calls(t, "READER")
    _all_calls(t, "ROLE")
    t.call("PutRecord", by="READER", StreamARN=arn("other"), Data=b"x", PartitionKey="a")
    t.call("PutRecord", by="READER", StreamName="orders", Data=b"x", PartitionKey="a")
    t.call("PutRecord", by="READER", StreamARN=arn("none"), Data=b"x", PartitionKey="a")
    narrow = _policy(
        _statement(Principal={"AWS": ROLE}, Action=["kinesis:Describe*", "kinesis:PutRecord"], Resource=ORDERS),
        _statement(Effect="Deny", Principal={"AWS": READER}),
        _statement(Action="kinesis:ListShards", Resource=arn("or*")),
    )
    t.call("PutResourcePolicy", ResourceARN=ORDERS, Policy=narrow)
    _all_calls(t, "READER")
    _all_calls(t, "ROLE")
    for operation, params in (
        ("AddTagsToStream", {"Tags": {"a": "b"}}),
        ("DeleteStream", {}),
        ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 48}),
        ("SplitShard", {"ShardToSplit": SHARD, "NewStartingHashKey": "5"}),
        ("UpdateShardCount", {"TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"}),
        ("UpdateStreamMode", {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}),
        ("ListStreamConsumers", {}),
        ("StartStreamEncryption", {"EncryptionType": "KMS", "KeyId": "alias/a"}),
    ):
        t.call(operation, by="ROLE", StreamARN=ORDERS, **params)
    t.call("GetResourcePolicy", by="READER", ResourceARN=ORDERS)
    t.call("PutResourcePolicy", by="READER", ResourceARN=ORDERS, Policy=narrow)
    t.call("DeleteResourcePolicy", by="READER", ResourceARN=ORDERS)
    condition = _statement(Condition={"StringEquals": {"aws:SourceVpc": "x"}})
    t.call("PutResourcePolicy", ResourceARN=ORDERS, Policy=_policy(condition))
    t.call("PutRecord", by="READER", StreamARN=ORDERS, Data=b"x", PartitionKey="a")
    t.call("PutRecord", StreamARN=ORDERS, Data=b"x", PartitionKey="a")
    t.call("DeleteResourcePolicy", ResourceARN=BILLING)
    t.call("SubscribeToShard", by="ROLE", ConsumerARN=BILLING, ShardId=SHARD, StartingPosition={"Type": "LATEST"})
