"""Virtual time: moving it, snapshots, autojump and virtual sleep."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

from kinesis_fake import KinesisFake, fake_kinesis
from kinesis_fake.virtual_time.clock import VirtualClock
from tests.transcript.writing import SHARD, Transcript, instant


def script(t: Transcript) -> None:
    with t.fake("moving", streams={"orders": 1}):
        _moving(t)
    with t.fake("snapshots", streams={"orders": 1}):
        _snapshots(t)
    with t.fake("autojump", streams={"orders": 1}, autojump=True):
        _autojump(t)
    with t.fake("virtual sleep", streams={"orders": 1}, virtual_sleep=True):
        _sleep(t)
    with t.fake("misuse", streams={"orders": 1}):
        _misuse(t)


def _moving(t: Transcript) -> None:
    names = {"timedelta": timedelta, "datetime": datetime}
    for source in (
        "kinesis.now.isoformat()",
        "kinesis.advance(hours=1, milliseconds=1)",
        "kinesis.advance(timedelta(seconds=0.0015))",
        "kinesis.advance(0)",
        "kinesis.advance()",
        "kinesis.advance(timedelta(1), hours=1)",
        "kinesis.advance(seconds=-1)",
        "kinesis.advance(fortnights=1)",
        "kinesis.advance(hours='x')",
        "kinesis.advance(days=10**12)",
        "kinesis.travel_to('2026-01-01T02:00:00Z')",
        "kinesis.travel_to('2026-01-01T03:00:00+01:00')",
        "kinesis.travel_to('2026-01-01T01:00:00Z')",
        "kinesis.travel_to('2026-01-01T03:00:00')",
        "kinesis.travel_to('tomorrow')",
        "kinesis.travel_to(5)",
        "kinesis.travel_to(datetime.fromisoformat('2026-01-01T04:00:00.123456+00:00'))",
        "kinesis.travel_to(datetime.fromisoformat('2026-01-01T05:00:00'))",
        "kinesis.settle()",
        "kinesis.pending()",
    ):
        t.do(source, **names)
    t.call("CreateStream", StreamName="new", ShardCount=1)
    t.call("SplitShard", StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey="5")
    t.call("RegisterStreamConsumer", StreamARN=t.kinesis.stream("orders").stream_arn, ConsumerName="billing")
    t.attempt("str(pending())", lambda: str(t.kinesis.pending()))
    t.do("kinesis.summary()")
    t.do("kinesis.summary(0)")
    t.do("kinesis.advance(seconds=25)")
    t.do("kinesis.pending()")
    t.do("kinesis.settle()")


def _snapshots(t: Transcript) -> None:
    t.do("kinesis.stream('orders').put('before', 'a')")
    t.call("SplitShard", StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey="5")
    view = t.do("kinesis.stream('orders')")
    snapshot = t.do("kinesis.snapshot()")
    for _ in range(2):
        t.do("kinesis.settle()")
        t.do("kinesis.stream('orders').put('after', 'a')")
        iterator = t.iterator("orders", "LATEST", shard="shardId-000000000002")
        t.call("CreateStream", StreamName="new", ShardCount=1)
        t.do("kinesis.restore(snapshot)", snapshot=snapshot)
        t.do("kinesis.stream('orders').records")
        t.do("kinesis.pending()")
        t.read(iterator)
    t.do("view", view=view)
    t.do("view.put('too late', 'a')", view=view)
    t.do("kinesis.restore('yesterday')")
    with t.fake("another fake"):
        t.do("kinesis.restore(snapshot)", snapshot=snapshot)


def _autojump(t: Transcript) -> None:
    t.call("CreateStream", StreamName="new", ShardCount=1)
    t.call("ListStreams")
    t.call("DescribeStream", StreamName="new")
    t.call("SplitShard", StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey="5")
    t.call("ListShards", StreamName="orders")
    t.call("DescribeStream", StreamName="orders")
    t.call("DescribeStreamSummary", StreamName="orders")
    orders = t.kinesis.stream("orders").stream_arn
    t.call("RegisterStreamConsumer", StreamARN=orders, ConsumerName="billing")
    t.call("DescribeStreamConsumer", StreamARN=orders, ConsumerName="billing")
    t.call("ListStreamConsumers", StreamARN=orders)
    t.call("DeregisterStreamConsumer", StreamARN=orders, ConsumerName="billing")
    t.call("ListStreamConsumers", StreamARN=orders)
    t.call("DescribeStreamConsumer", StreamARN=orders, ConsumerName="billing")


def _sleep(t: Transcript) -> None:
    t.call("CreateStream", StreamName="new", ShardCount=1)
    t.attempt("time.sleep(19.999)", lambda: time.sleep(19.999))
    t.do("kinesis.stream('new').status")
    t.attempt("time.sleep(0.001)", lambda: time.sleep(0.001))
    t.do("kinesis.stream('new').status")
    woken: list[str] = []

    async def nap(seconds: float) -> None:
        await asyncio.sleep(seconds)
        woken.append(f"{seconds} at {instant(t.kinesis.now)}")

    async def naps() -> None:
        await asyncio.gather(nap(30), nap(0.5), nap(20), nap(0))

    t.attempt("four tasks sleep", lambda: asyncio.run(naps()))
    t.attempt("they woke", lambda: list(woken))


def _misuse(t: Transcript) -> None:
    names = {"KinesisFake": KinesisFake, "VirtualClock": VirtualClock, "fake_kinesis": fake_kinesis}
    for source in (
        "KinesisFake(account_id='12')",
        "KinesisFake(region='Mars!')",
        "KinesisFake(autojump='x')",
        "KinesisFake(seed='x')",
        "KinesisFake(accounts='x')",
        "KinesisFake(accounts={'A': 'x'})",
        "KinesisFake(clock='sundial')",
        "KinesisFake(clock='system', start='2026-01-01T00:00:00Z')",
        "KinesisFake(durations=5)",
        "KinesisFake(limits={})",
        "KinesisFake(streams=['a'])",
        "KinesisFake(streams={'a': 'x'})",
        "KinesisFake(streams={'a': {'colour': 1}})",
        "KinesisFake(streams={'a': 0})",
        "KinesisFake(start='noon')",
        "KinesisFake(start='2026-01-01T00:00:00')",
        "fake_kinesis(colour='red')",
        "VirtualClock('2026-01-01T00:00:00Z').now",
        "kinesis.client(colour='red')",
        "kinesis.create_stream('orders', shards=1)",
        "kinesis.create_stream('new', shards='many')",
        "kinesis.create_stream('new', colour='red')",
        "kinesis.attach(5)",
    ):
        t.do(source, **names)

    def left() -> None:
        with fake_kinesis() as other:
            client = other.client()
        client.list_streams()

    t.attempt("a client of a fake that has been left", left)
