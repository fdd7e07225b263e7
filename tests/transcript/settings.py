"""Settings that streams and accounts have had lately: commitments, warm throughput, record sizes, distribution."""

from __future__ import annotations

from typing import Any

from kinesis_fake import Limits
from tests.transcript.writing import SHARD, Transcript, arn, at

FLOW, ORDERS = arn("flow"), arn("orders")
MIB = 1024 * 1024


def script(t: Transcript) -> None:
    with t.fake("an account's commitment", streams={"flow": {}}):
        _commitment(t)
    with t.fake("warm throughput", streams={"flow": {}, "orders": 1}, limits=Limits(warm_throughput_mibps=100)):
        _warm_throughput(t)
    with t.fake("record sizes", streams={"orders": 1}):
        _record_sizes(t)
    with t.fake("distribution", streams={"flow": {}, "orders": 1}):
        _distribution(t)
    with t.fake("dry runs and milliseconds", streams={"orders": 1}):
        _dry_runs(t)


def _commit(t: Transcript, status: str) -> None:
    t.call("UpdateAccountSettings", MinimumThroughputBillingCommitment={"Status": status})


def _commitment(t: Transcript) -> None:
    t.call("DescribeAccountSettings")
    t.call("DescribeStreamSummary", StreamName="flow")
    _commit(t, "DISABLED")
    _commit(t, "ENABLED")
    t.call("DescribeStreamSummary", StreamName="flow")
    t.do("kinesis.advance(hours=1)")
    _commit(t, "ENABLED")
    _commit(t, "DISABLED")
    t.do("kinesis.travel_to('2026-01-01T23:59:59.999Z')")
    t.call("DescribeAccountSettings")
    t.do("kinesis.advance(milliseconds=1)")
    t.call("DescribeAccountSettings")
    t.call("DescribeStreamSummary", StreamName="flow")
    _commit(t, "ENABLED")
    t.do("kinesis.advance(hours=25)")
    _commit(t, "DISABLED")
    _commit(t, "SOMETIMES")
    t.call("UpdateAccountSettings")
    t.call("UpdateAccountSettings", MinimumThroughputBillingCommitment={})
    t.call("DescribeAccountSettings", by={"region_name": "eu-west-1"})
    t.call("DescribeAccountSettings", by="READER")


def _warm_throughput(t: Transcript) -> None:
    def warm(throughput: Any, **address: str) -> None:
        t.call("UpdateStreamWarmThroughput", **{"WarmThroughputMiBps": throughput, **(address or {"StreamARN": FLOW})})

    warm(50)
    t.call("CreateStream", StreamName="warm", WarmThroughputMiBps=10)
    _commit(t, "ENABLED")
    t.call("CreateStream", StreamName="warm", WarmThroughputMiBps=101)
    t.call("CreateStream", StreamName="warm", WarmThroughputMiBps=100)
    t.call("CreateStream", StreamName="cold", ShardCount=1, WarmThroughputMiBps=1)
    warm(50)
    t.do("kinesis.pending()")
    warm(60)
    t.call("DescribeStreamSummary", StreamName="flow")
    t.do("kinesis.settle()")
    t.call("DescribeStreamSummary", StreamName="flow")
    t.call("DescribeStreamSummary", StreamName="warm")
    for throughput in (100, 101, -1, "x", 0):
        warm(throughput, StreamName="flow")
        t.do("kinesis.settle()")
    warm(5, StreamName="orders")
    warm(5, StreamName="none")
    t.call("UpdateStreamWarmThroughput", WarmThroughputMiBps=5)
    provisioned, on_demand = {"StreamMode": "PROVISIONED"}, {"StreamMode": "ON_DEMAND"}
    t.call("UpdateStreamMode", StreamARN=ORDERS, StreamModeDetails=provisioned, WarmThroughputMiBps=7)
    t.call("UpdateStreamMode", StreamARN=ORDERS, StreamModeDetails=on_demand, WarmThroughputMiBps=7)
    t.call("UpdateStreamMode", StreamARN=FLOW, StreamModeDetails=on_demand, WarmThroughputMiBps=8)
    t.do("kinesis.settle()")
    t.call("DescribeStreamSummary", StreamName="orders")
    t.call("DescribeStreamSummary", StreamName="flow")
    t.call("DescribeLimits")


def _record_sizes(t: Transcript) -> None:
    def put(size: int, key: str = "k") -> None:
        t.call("PutRecord", StreamName="orders", Data=b"x" * size, PartitionKey=key)

    put(2 * MIB - 1)
    for size in (1023, 1024, 10_241, 2048):
        t.call("UpdateMaxRecordSize", StreamARN=ORDERS, MaxRecordSizeInKiB=size)
    t.call("UpdateMaxRecordSize", StreamARN=ORDERS, MaxRecordSizeInKiB=1024)
    t.call("DescribeStreamSummary", StreamName="orders")
    t.do("kinesis.pending()")
    put(2 * MIB - 1)
    t.do("kinesis.settle()")
    put(2 * MIB - 1)
    put(2 * MIB)
    put(2 * MIB + 1)
    t.call("PutRecords", StreamName="orders", Records=[{"Data": b"x" * (2 * MIB - 1), "PartitionKey": "k"}] * 6)
    t.call("UpdateMaxRecordSize", MaxRecordSizeInKiB=1024)
    t.call("UpdateMaxRecordSize", StreamARN=ORDERS)
    t.call("UpdateMaxRecordSize", StreamARN=arn("none"), MaxRecordSizeInKiB=1024)
    t.call("CreateStream", StreamName="large", ShardCount=1, MaxRecordSizeInKiB=10_240)
    t.call("CreateStream", StreamName="larger", ShardCount=1, MaxRecordSizeInKiB=10_241)
    t.do("kinesis.settle()")
    t.call("DescribeStreamSummary", StreamName="large")


def _distribution(t: Transcript) -> None:
    def distribute(strategy: str, stream_name: str = "flow") -> None:
        t.call(
            "UpdateStreamRecordDistributionStrategy", StreamARN=arn(stream_name), RecordDistributionStrategy=strategy
        )

    t.call("PutRecord", StreamName="flow", Data=b"1")
    t.call("PutRecords", StreamName="flow", Records=[{"Data": b"1"}, {"Data": b"2", "PartitionKey": "a"}])
    distribute("AUTO")
    t.call("DescribeStreamSummary", StreamName="flow")
    for _ in range(5):
        t.call("PutRecord", StreamName="flow", Data=b"1")
    number = t.call("PutRecord", StreamName="flow", Data=b"1", PartitionKey="a")["SequenceNumber"]
    t.call("PutRecord", StreamName="flow", Data=b"1", ExplicitHashKey="0")
    t.call("PutRecord", StreamName="flow", Data=b"1", PartitionKey="a", SequenceNumberForOrdering=number)
    t.call("PutRecords", StreamName="flow", Records=[{"Data": b"1"}, {"Data": b"2", "PartitionKey": "a"}] * 3)
    t.do("kinesis.stream('flow').put('3', None)")
    t.do("kinesis.stream('flow').records")
    t.read(t.iterator("flow"))
    distribute("USER_PARTITION_KEY")
    t.call("PutRecord", StreamName="flow", Data=b"1")
    distribute("AUTO", "orders")
    distribute("SOMEHOW")
    distribute("AUTO", "none")
    t.call("CreateStream", StreamName="auto", RecordDistributionStrategy="AUTO")
    distribute("USER_PARTITION_KEY", "auto")
    t.call("CreateStream", StreamName="odd", ShardCount=1, RecordDistributionStrategy="AUTO")


def _dry_runs(t: Transcript) -> None:
    record: dict[str, Any] = {"Data": b"1", "PartitionKey": "a"}
    iterator = {"StreamName": "orders", "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}
    t.call("PutRecord", StreamName="orders", DryRun=True, **record)
    t.call("PutRecord", StreamName="none", DryRun=True, **record)
    t.call("PutRecord", StreamName="orders", DryRun=False, **record)
    t.call("PutRecords", StreamName="orders", DryRun=True, Records=[record])
    t.call("GetShardIterator", DryRun=True, **iterator)
    t.read(t.iterator("orders"), DryRun=True)
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="billing")
    t.do("kinesis.settle()")
    subscription = {"ConsumerARN": f"{ORDERS}/consumer/billing:1767225600", "ShardId": SHARD}
    t.call("SubscribeToShard", DryRun=True, StartingPosition={"Type": "LATEST"}, **subscription)
    t.do("kinesis.stream('orders').records")
    t.do("kinesis.advance(milliseconds=750)")
    t.call("PutRecord", StreamName="orders", **record)
    for instant in ("2026-01-01T00:00:10.749", "2026-01-01T00:00:10.750", "2026-01-01T00:00:10.751"):
        t.read(t.iterator("orders", "AT_TIMESTAMP", Timestamp=at(instant)))
    t.do("kinesis.stream('orders').split('shardId-000000000000')")
    for instant in ("2026-01-01T00:00:10.749", "2026-01-01T00:00:10.750"):
        t.call("ListShards", StreamName="orders", ShardFilter={"Type": "AT_TIMESTAMP", "Timestamp": at(instant)})
