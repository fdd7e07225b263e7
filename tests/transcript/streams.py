"""Streams: making, describing, listing and deleting them, retention, monitoring, limits of an account, addresses."""

from __future__ import annotations

from tests.transcript.writing import Transcript, arn


def script(t: Transcript) -> None:
    with t.fake("the life of a stream", streams={"ready": 1}):
        _life(t)
    with t.fake("addresses", streams={"orders": 2, "other": 1}):
        _addresses(t)
    with t.fake("bad input", streams={"orders": 2}):
        _bad_input(t)
    with t.fake("pages", streams={f"stream-{number:03}": 1 for number in range(104)}):
        _pages(t)
    with t.fake("retention", streams={"orders": 1}):
        _retention(t)
    with t.fake("monitoring", streams={"orders": 1}):
        _monitoring(t)


def _life(t: Transcript) -> None:
    t.call("CreateStream", StreamName="orders", ShardCount=2)
    t.call("CreateStream", StreamName="orders", ShardCount=2)
    t.call("CreateStream", StreamName="flow", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    t.call("CreateStream", StreamName="loose")
    t.call("CreateStream", StreamName="tagged", ShardCount=1, Tags={"team": "a", "cost": "b"})
    t.call("CreateStream", StreamName="mode", StreamModeDetails={"StreamMode": "PROVISIONED"})
    t.call("CreateStream", StreamName="mode", ShardCount=1, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    t.checkpoint()
    for operation in ("DescribeStream", "DescribeStreamSummary", "ListShards", "ListTagsForStream", "DeleteStream"):
        t.call(operation, StreamName="orders")
    t.call("PutRecord", StreamName="loose", Data=b"1", PartitionKey="a")
    t.call("CreateStream", StreamName="orders", ShardCount=1)
    t.call("DescribeStream", StreamName="orders")
    t.do("kinesis.advance(milliseconds=19_999)")
    t.call("DescribeStreamSummary", StreamName="loose")
    t.do("kinesis.advance(milliseconds=1)")
    t.call("DescribeStreamSummary", StreamName="loose")
    t.call("DescribeStream", StreamName="orders")
    t.call("CreateStream", StreamName="orders", ShardCount=1)
    t.call("DescribeStreamSummary", StreamName="flow")
    t.call("DescribeStream", StreamName="flow")
    t.call("PutRecord", StreamName="loose", Data=b"1", PartitionKey="a")
    t.call("ListStreams")
    t.call("DescribeLimits")
    t.call("DeleteStream", StreamName="loose")
    t.call("DeleteStream", StreamName="loose")
    t.call("PutRecord", StreamName="loose", Data=b"2", PartitionKey="a")
    t.call("DescribeStreamSummary", StreamName="loose")
    t.call("ListStreams")
    t.do("kinesis.stream('loose')")
    t.do("kinesis.pending()")
    t.do("kinesis.settle()")
    t.call("DescribeStream", StreamName="loose")
    t.do("kinesis.stream('loose')")
    t.do("kinesis.streams")
    t.call("CreateStream", StreamName="loose", ShardCount=1)
    t.do("kinesis.settle()")
    t.call("DescribeStream", StreamName="loose")


def _addresses(t: Transcript) -> None:
    t.call("DescribeStreamSummary", StreamARN=arn("orders"))
    t.call("DescribeStreamSummary", StreamName="orders", StreamARN=arn("orders"))
    t.call("DescribeStreamSummary", StreamName="other", StreamARN=arn("orders"))
    t.call("DescribeStreamSummary")
    t.call("DescribeStreamSummary", StreamName="none")
    t.call("DescribeStreamSummary", StreamARN=arn("none"))
    t.call("DescribeStreamSummary", StreamARN=arn("orders", region_name="eu-west-1"))
    t.call("DescribeStreamSummary", StreamARN=arn("orders", "222222222222"))
    europe = {"region_name": "eu-west-1"}
    t.call("ListStreams", by=europe)
    t.call("CreateStream", by=europe, StreamName="orders", ShardCount=1)
    t.call("DescribeStreamSummary", by=europe, StreamName="orders")
    t.call("DescribeStreamSummary", by=europe, StreamName="other")
    t.do("kinesis.summary()")
    t.do("kinesis.stream('arn:aws:kinesis:eu-west-1:123456789012:stream/orders')")
    t.do("kinesis.stream('nowhere')")
    t.do("kinesis.stream('arn:aws:kinesis:eu-west-1:123456789012:stream/other')")
    t.call("DescribeLimits", by=europe)
    t.call("ListStreams", by="READER")
    t.call("CreateStream", by="READER", StreamName="orders", ShardCount=1)
    t.call("DescribeStreamSummary", by="READER", StreamName="orders")
    t.call("DescribeStreamSummary", by="READER", StreamName="other")
    china = {"region_name": "cn-north-1"}
    t.call("CreateStream", by=china, StreamName="china", ShardCount=1)
    t.call("DescribeStreamSummary", by=china, StreamName="china")
    t.call("DescribeStreamSummary", by=china, StreamARN=arn("china", region_name="cn-north-1"))


def _bad_input(t: Transcript) -> None:
    t.call("CreateStream", StreamName="", ShardCount=0)
    t.call("CreateStream", StreamName="a b", ShardCount=-1)
    t.call("CreateStream", StreamName="x" * 129, ShardCount=1)
    t.call("CreateStream", StreamName="x" * 128, ShardCount=1)
    t.call("CreateStream", ShardCount=1)
    t.call("CreateStream", StreamName="odd", StreamModeDetails={"StreamMode": "SOMETIMES"})
    t.call("CreateStream", StreamName="odd", StreamModeDetails={})
    t.call("CreateStream", StreamName="odd", ShardCount=1, Tags={"k!": "v"})
    t.call("CreateStream", StreamName="odd", ShardCount=1, Tags={"k%": "v"})
    t.call("CreateStream", StreamName="odd", ShardCount=1, Tags={f"key-{n}": "" for n in range(51)})
    t.call("CreateStream", StreamName="odd", ShardCount=20_001)
    t.call("CreateStream", StreamName=5, ShardCount=1)
    t.call("CreateStream", StreamName="odd", ShardCount="many")
    t.call("DescribeStream", StreamName="orders", Limit=0)
    t.call("DescribeStream", StreamName="orders", Limit=10_001)
    t.call("DescribeStream", StreamName="orders", Limit=1)
    t.call("DescribeStream", StreamName="orders", Limit=10_000, ExclusiveStartShardId="shardId-000000000000")
    t.call("DescribeStream", StreamName="orders", ExclusiveStartShardId="shardId-000000000009")
    t.call("DescribeStream", StreamName="orders", ExclusiveStartShardId="?")
    t.call("DescribeStream", StreamName="", StreamARN="nonsense", Limit=0)
    t.call("DeleteStream", StreamName="none")
    t.call("DeleteStream")
    t.call("DeleteStream", StreamName="x y")
    t.call("ListStreams", Limit=0)
    t.call("ListStreams", Limit=10_001)
    t.call("ListStreams", ExclusiveStartStreamName="a b")
    t.call("ListStreams", NextToken="nonsense")
    t.call("DescribeStream", by={"parameter_validation": True}, StreamName=5)
    t.call("CreateStream", by={"parameter_validation": True}, ShardCount=1)


def _pages(t: Transcript) -> None:
    t.call("ListStreams", Limit=3)
    token = t.call("ListStreams", Limit=1)["NextToken"]
    t.call("ListStreams", NextToken=token, Limit=2)
    t.call("ListStreams", NextToken=token, ExclusiveStartStreamName="stream-000")
    t.call("ListStreams", ExclusiveStartStreamName="stream-101")
    t.call("ListStreams", ExclusiveStartStreamName="stream-101", Limit=1)
    t.pages("ListStreams")
    t.do("kinesis.advance(minutes=5)")
    t.call("ListStreams", NextToken=token, Limit=1)
    t.do("kinesis.advance(milliseconds=1)")
    t.call("ListStreams", NextToken=token, Limit=1)
    t.call("ListStreams", by="READER", NextToken=token)
    t.call("DescribeLimits")


def _retention(t: Transcript) -> None:
    t.do("kinesis.stream('orders').put('old', 'a')")
    for hours in (0, 23, 24, 25, 8761):
        t.call("IncreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=hours)
    t.do("kinesis.pending()")
    t.call("IncreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=26)
    t.call("DecreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=24)
    t.call("DescribeStreamSummary", StreamName="orders")
    t.do("kinesis.settle()")
    t.call("DescribeStreamSummary", StreamName="orders")
    t.call("IncreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=25)
    t.call("IncreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=24)
    t.do("kinesis.travel_to('2026-01-02T01:00:00Z')")
    t.do("kinesis.stream('orders').records")
    t.do("kinesis.advance(milliseconds=1)")
    t.do("kinesis.stream('orders').records")
    t.do("kinesis.stream('orders').put('new', 'a')")
    t.call("DecreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=23)
    t.call("DecreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=26)
    t.call("DecreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=24)
    t.do("kinesis.settle()")
    t.call("IncreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=8760)
    t.do("kinesis.settle()")
    t.do("kinesis.stream('orders')")
    t.do("kinesis.advance(days=365)")
    t.do("kinesis.stream('orders').records")
    t.call("IncreaseStreamRetentionPeriod", StreamName="orders")
    t.call("IncreaseStreamRetentionPeriod", StreamName="none", RetentionPeriodHours=48)
    t.call("DecreaseStreamRetentionPeriod", RetentionPeriodHours=48)
    t.call("DecreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours="many")


def _monitoring(t: Transcript) -> None:
    t.call("EnableEnhancedMonitoring", StreamName="orders", ShardLevelMetrics=["IncomingBytes", "OutgoingBytes"])
    t.call("EnableEnhancedMonitoring", StreamARN=arn("orders"), ShardLevelMetrics=["IncomingBytes", "IncomingRecords"])
    t.call("DescribeStreamSummary", StreamName="orders")
    t.call("DisableEnhancedMonitoring", StreamName="orders", ShardLevelMetrics=["OutgoingBytes", "OutgoingRecords"])
    t.call("EnableEnhancedMonitoring", StreamName="orders", ShardLevelMetrics=["ALL"])
    t.call("DescribeStream", StreamName="orders")
    t.call("DisableEnhancedMonitoring", StreamName="orders", ShardLevelMetrics=["ALL"])
    t.call("EnableEnhancedMonitoring", StreamName="orders", ShardLevelMetrics=[])
    t.call("EnableEnhancedMonitoring", StreamName="orders", ShardLevelMetrics=["Everything"])
    t.call("EnableEnhancedMonitoring", StreamName="orders", ShardLevelMetrics=["ALL"] * 8)
    t.call("EnableEnhancedMonitoring", StreamName="orders")
    t.call("DisableEnhancedMonitoring", StreamName="none", ShardLevelMetrics=["ALL"])
    t.call("DisableEnhancedMonitoring", ShardLevelMetrics=["ALL"])
