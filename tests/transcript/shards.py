"""Shards: splits, merges, UpdateShardCount, and lists of the shards afterwards."""

from __future__ import annotations

from tests.transcript.writing import SHARD, START, Transcript, arn, at

HALF = str(2**127)


def script(t: Transcript) -> None:
    with t.fake("splits and merges", streams={"orders": 1, "other": 2}):
        _reshards(t)
    with t.fake("bad splits and merges", streams={"orders": 3, "flow": {}}):
        _bad_reshards(t)
    with t.fake("shard counts", streams={"orders": 4, "flow": {}}):
        _counts(t)
    with t.fake("listing", streams={"orders": 2, "wide": 1005}):
        _listing(t)
    with t.fake("the end of closed shards", streams={"orders": 1}):
        _ends(t)


def _put(t: Transcript, *keys: str) -> None:
    records = [{"Data": key.encode(), "PartitionKey": key} for key in keys]
    t.call("PutRecords", StreamName="orders", Records=records)


def _shards(t: Transcript, stream_name: str = "orders") -> None:
    for shard in t.kinesis.stream(stream_name).shards:
        t.do("shard", shard=shard)


def _reshards(t: Transcript) -> None:
    _put(t, "a", "b", "c")
    t.do("kinesis.advance(milliseconds=1234)")
    t.call("SplitShard", StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=HALF)
    t.do("kinesis.pending()")
    _put(t, "a", "b", "c")
    t.call("SplitShard", StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=HALF)
    t.call("UpdateShardCount", StreamName="orders", TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    t.call("DescribeStream", StreamName="orders")
    t.do("kinesis.advance(seconds=29, milliseconds=765)")
    _put(t, "a", "b", "c")
    t.call("DescribeStreamSummary", StreamName="orders")
    t.do("kinesis.advance(milliseconds=1)")
    _put(t, "a", "b", "c")
    t.call("DescribeStream", StreamName="orders")
    _shards(t)
    t.call("SplitShard", StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=HALF)
    t.call("SplitShard", StreamARN=arn("orders"), ShardToSplit="1", NewStartingHashKey=str(2**126))
    t.do("kinesis.settle()")
    t.call("MergeShards", StreamName="orders", ShardToMerge="shardId-000000000003", AdjacentShardToMerge="4")
    t.call("MergeShards", StreamName="orders", ShardToMerge="shardId-000000000004", AdjacentShardToMerge="2")
    t.do("kinesis.pending()")
    t.do("kinesis.settle()")
    _put(t, "a", "b", "c", "d", "e")
    _shards(t)
    t.call("ListShards", StreamName="orders")
    t.call("MergeShards", StreamName="other", ShardToMerge=SHARD, AdjacentShardToMerge="shardId-000000000001")
    t.call("DeleteStream", StreamName="other")
    t.do("kinesis.settle()")
    t.do("kinesis.summary(0)")


def _bad_reshards(t: Transcript) -> None:
    one, two, three = SHARD, "shardId-000000000001", "shardId-000000000002"
    end = 113427455640312821154458202477256070484
    for key in ("0", "1", "2", str(end - 1), str(end), str(end + 1), str(2**128), "-1", "x", "", "01"):
        t.call("SplitShard", StreamName="orders", ShardToSplit=one, NewStartingHashKey=key)
        t.do("kinesis.settle()")
    t.call("SplitShard", StreamName="orders", ShardToSplit="shardId-000000000099", NewStartingHashKey=HALF)
    t.call("SplitShard", StreamName="orders", ShardToSplit="?", NewStartingHashKey=HALF)
    t.call("SplitShard", StreamName="orders", ShardToSplit="nonsense", NewStartingHashKey=HALF)
    t.call("SplitShard", StreamName="orders", NewStartingHashKey=HALF)
    t.call("SplitShard", StreamName="orders", ShardToSplit=one)
    t.call("SplitShard", StreamName="none", ShardToSplit=one, NewStartingHashKey=HALF)
    t.call("SplitShard", ShardToSplit=one, NewStartingHashKey=HALF)
    t.call("SplitShard", StreamName="flow", ShardToSplit=one, NewStartingHashKey=HALF)
    t.call("MergeShards", StreamName="orders", ShardToMerge=three, AdjacentShardToMerge=two)
    t.call("MergeShards", StreamName="orders", ShardToMerge=two, AdjacentShardToMerge=two)
    t.call("MergeShards", StreamName="orders", ShardToMerge=one, AdjacentShardToMerge=two)
    t.call("MergeShards", StreamName="orders", ShardToMerge=two, AdjacentShardToMerge="shardId-000000000099")
    t.call("MergeShards", StreamName="orders", ShardToMerge=two)
    t.call("MergeShards", StreamName="none", ShardToMerge=two, AdjacentShardToMerge=three)
    t.call("MergeShards", StreamName="flow", ShardToMerge=one, AdjacentShardToMerge=two)
    t.call("ListShards", StreamName="orders")


def _count(t: Transcript, target: int, stream_name: str = "orders") -> None:
    t.call("UpdateShardCount", StreamName=stream_name, TargetShardCount=target, ScalingType="UNIFORM_SCALING")


def _counts(t: Transcript) -> None:
    for target in (0, 1, 9, 8):
        _count(t, target)
    t.do("kinesis.pending()")
    _count(t, 8)
    t.do("kinesis.advance(seconds=31)")
    t.do("kinesis.stream('orders')")
    _put(t, "a", "b", "c", "d", "e")
    t.do("kinesis.settle()")
    t.do("kinesis.stream('orders')")
    for target in (7, 4, 3, 3, 5, 5, 5, 5, 5):
        _count(t, target)
        t.do("kinesis.settle()")
    _count(t, 5)
    t.do("kinesis.stream('orders')")
    t.do("kinesis.travel_to('2026-01-02T00:00:00Z')")
    _count(t, 4)
    t.do("kinesis.settle()")
    _count(t, 4)
    _count(t, 8, "flow")
    _count(t, 8, "none")
    t.call("UpdateShardCount", StreamName="orders", TargetShardCount=2, ScalingType="SOMEHOW")
    t.call("UpdateShardCount", StreamName="orders", TargetShardCount=2)
    t.call("UpdateShardCount", StreamName="orders", ScalingType="UNIFORM_SCALING")
    t.call("DescribeLimits")


def _listing(t: Transcript) -> None:
    t.do("kinesis.advance(minutes=1)")
    t.do("kinesis.stream('orders').split('shardId-000000000000')")
    t.do("kinesis.advance(minutes=1)")
    t.do("kinesis.stream('orders').merge('shardId-000000000003', 'shardId-000000000001')")
    t.do("kinesis.advance(minutes=1)")
    t.call("ListShards", StreamName="orders", MaxResults=2)
    token = t.call("ListShards", StreamName="orders", MaxResults=1)["NextToken"]
    t.call("ListShards", NextToken=token, MaxResults=1)
    t.call("ListShards", NextToken=token, StreamName="orders")
    t.call("ListShards", NextToken=token, ExclusiveStartShardId=SHARD)
    t.call("ListShards", NextToken=token, ShardFilter={"Type": "AT_LATEST"})
    t.call("ListShards", NextToken=token, StreamCreationTimestamp=at("2026-01-01T00:00:00"))
    t.call("ListShards", by="READER", NextToken=token)
    for kind in ("AT_LATEST", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON"):
        t.call("ListShards", StreamName="orders", ShardFilter={"Type": kind})
    for kind in ("AT_TIMESTAMP", "FROM_TIMESTAMP"):
        for instant in (START[:-1], "2026-01-01T00:00:59", "2026-01-01T00:01:00", "2026-01-01T00:02:30"):
            t.call("ListShards", StreamName="orders", ShardFilter={"Type": kind, "Timestamp": at(instant)})
        t.call("ListShards", StreamName="orders", ShardFilter={"Type": kind})
    t.call("ListShards", StreamName="orders", ShardFilter={"Type": "AFTER_SHARD_ID", "ShardId": "shardId-000000000002"})
    t.call("ListShards", StreamName="orders", ShardFilter={"Type": "AFTER_SHARD_ID"})
    t.call("ListShards", StreamName="orders", ShardFilter={"Type": "AT_LATEST", "ShardId": SHARD})
    t.call("ListShards", StreamName="orders", ShardFilter={"Type": "AT_LATEST", "Timestamp": at("2026-01-01T00:00:00")})
    t.call("ListShards", StreamName="orders", ShardFilter={"Type": "NEVER"})
    t.call("ListShards", StreamName="orders", ShardFilter={"Type": "AT_LATEST"}, ExclusiveStartShardId=SHARD)
    t.call("ListShards", StreamName="orders", ExclusiveStartShardId="shardId-000000000003")
    t.call("ListShards", StreamName="orders", StreamCreationTimestamp=at("2026-01-01T00:00:00"), MaxResults=1)
    t.call("ListShards", StreamName="orders", StreamCreationTimestamp=at("2026-01-01T00:00:01"))
    t.call("ListShards", StreamName="orders", MaxResults=0)
    t.call("ListShards", StreamName="orders", MaxResults=10_001)
    t.call("ListShards", StreamName="none")
    t.call("ListShards")
    t.call("ListShards", NextToken="nonsense")
    t.call("ListShards", StreamName="wide", MaxResults=10_000)
    t.call("ListShards", StreamName="wide", ExclusiveStartShardId="shardId-000000001002")
    t.call("DescribeStream", StreamName="wide")
    t.pages("ListShards", StreamName="wide")
    t.do("kinesis.advance(minutes=5)")
    t.call("ListShards", NextToken=token, MaxResults=1)
    t.do("kinesis.create_stream('again', shards=2)")
    again = t.call("ListShards", StreamName="again", MaxResults=1)["NextToken"]
    t.call("DeleteStream", StreamName="again")
    t.do("kinesis.settle()")
    t.do("kinesis.create_stream('again', shards=2)")
    t.call("ListShards", NextToken=again)
    t.call("ListShards", by={"region_name": "eu-west-1"}, NextToken=again)


def _ends(t: Transcript) -> None:
    t.do("kinesis.stream('orders').put('1', 'a')")
    t.do("kinesis.stream('orders').split('shardId-000000000000', 2**126)")
    t.do("kinesis.stream('orders').shard('shardId-000000000000')")
    t.do("kinesis.stream('orders').put('2', 'a')")
    t.do("kinesis.travel_to('2026-01-02T00:00:00Z')")
    t.call("ListShards", StreamName="orders")
    t.do("kinesis.advance(seconds=1)")
    t.call("ListShards", StreamName="orders")
    t.do("kinesis.stream('orders').shards")
    t.do("kinesis.stream('orders').shard('shardId-000000000000')")
    t.call("GetShardIterator", StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    t.call("SplitShard", StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=HALF)
