"""Views, and their changes that take effect at once."""

from __future__ import annotations

from tests.transcript.writing import Transcript


def script(t: Transcript) -> None:
    with t.fake("views of streams", streams={"orders": 2, "flow": {}}):
        _streams(t)
    with t.fake("misuse of views", streams={"orders": 3, "flow": {}}):
        _misuse(t)


def _streams(t: Transcript) -> None:
    for source in (
        "kinesis",
        "kinesis.streams",
        "kinesis.stream('orders')",
        "kinesis.stream('flow')",
        "kinesis.stream('orders').put('1', 'a')",
        "kinesis.stream('orders').put(bytearray(b'2'))",
        "kinesis.stream('orders').put(memoryview(b'3'), 'c', 2**127)",
        "kinesis.advance(milliseconds=10)",
        "kinesis.stream('orders').split('shardId-000000000000')",
        "kinesis.stream('orders').put('4', 'a')",
        "kinesis.stream('orders').split('shardId-000000000001', 2**127 + 2**126)",
        "kinesis.stream('orders').merge('shardId-000000000004', 'shardId-000000000003')",
        "kinesis.stream('orders').put('5', 'a')",
        "kinesis.stream('orders')",
        "kinesis.stream('orders').shards",
        "kinesis.stream('orders').open_shards",
        "kinesis.stream('orders').shard('shardId-000000000000')",
        "kinesis.stream('orders').shard('shardId-000000000006')",
        "kinesis.stream('flow').scale_to(6)",
        "kinesis.stream('flow').scale_to(1)",
        "kinesis.stream('flow').shards[-1]",
        "kinesis.create_stream('new', shards=1, tags={'k': 'v'})",
        "kinesis.create_stream('free', stream_mode_details={'StreamMode': 'ON_DEMAND'})",
        "kinesis.partition_key_for('orders', 'shardId-000000000002')",
        "kinesis.summary()",
    ):
        t.do(source)


def _misuse(t: Transcript) -> None:
    view = t.do("kinesis.stream('orders')")
    for source in (
        "view.shard('shardId-000000000009')",
        "view.split('shardId-000000000009')",
        "view.split('shardId-000000000000', 1)",
        "view.split('shardId-000000000000', 2**127)",
        "view.split('shardId-000000000000', 'x')",
        "view.merge('shardId-000000000000', 'shardId-000000000002')",
        "view.merge('shardId-000000000000', 'shardId-000000000000')",
        "view.scale_to(2)",
        "view.split('shardId-000000000000', 2)",
        "view.split('shardId-000000000000', 3)",
        "view.split('shardId-000000000000')",
        "kinesis.partition_key_for('orders', 'shardId-000000000000')",
        "kinesis.queue('jobs')",
        "kinesis.channel('lake')",
        "kinesis.key('')",
    ):
        t.do(source, view=view)
    t.call("SplitShard", StreamName="orders", ShardToSplit="2", NewStartingHashKey=str(2**128 - 5))
    t.do("view.split('shardId-000000000001')", view=view)
    t.call("DeleteStream", StreamName="orders")
    t.do("view.put('1', 'a')", view=view)
    t.do("kinesis.settle()")
    t.do("view", view=view)
    t.do("view.put('1', 'a')", view=view)
    t.do("kinesis.create_stream('orders', shards=1)")
    t.do("view.merge('shardId-000000000003', 'shardId-000000000001')", view=view)
    t.call("CreateStream", StreamName="young", ShardCount=1)
    t.do("kinesis.stream('young').put('1', 'a')")
    t.do("kinesis.stream('young').split('shardId-000000000000')")
