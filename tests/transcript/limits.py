"""Quotas, the tester's own durations, and modes of streams."""

from __future__ import annotations

from kinesis_fake import Durations, Limits
from tests.transcript.writing import SHARD, Transcript, arn


def script(t: Transcript) -> None:
    limits = Limits(
        shards=4,
        streams_creating_or_deleting=2,
        on_demand_streams=1,
        tags=2,
        consumers_per_stream=1,
        retention_period_hours=30,
    )
    with t.fake("small quotas", limits=limits):
        _small(t)
    with t.fake("modes", streams={"orders": 2, "flow": {}}):
        _modes(t)
    with t.fake("instant durations", durations=Durations.instant()):
        _instant(t)
    with t.fake("durations of one's own", durations=Durations(creating_ms=1, splitting_ms=1500, deleting_ms=60_000)):
        _own(t)
    with t.fake("another region", region="eu-central-1", account_id="000000000001", seed=7):
        _another(t)


def _small(t: Transcript) -> None:
    t.call("DescribeLimits")
    t.call("CreateStream", StreamName="a", ShardCount=5)
    t.call("CreateStream", StreamName="a", ShardCount=2)
    t.call("CreateStream", StreamName="b", ShardCount=1)
    t.call("CreateStream", StreamName="c", ShardCount=1)
    t.do("kinesis.settle()")
    t.call("CreateStream", StreamName="flow")
    t.call("DeleteStream", StreamName="b")
    t.call("DescribeLimits")
    t.do("kinesis.settle()")
    t.call("DescribeLimits")
    t.call("CreateStream", StreamName="flow")
    t.do("kinesis.create_stream('flow', shards=3)")
    t.do("kinesis.create_stream('one', shards=1)")
    t.call("SplitShard", StreamName="a", ShardToSplit=SHARD, NewStartingHashKey="5")
    t.do("kinesis.settle()")
    t.call("SplitShard", StreamName="one", ShardToSplit=SHARD, NewStartingHashKey="5")
    t.call("UpdateShardCount", StreamName="a", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    t.call("AddTagsToStream", StreamName="a", Tags={"a": "1", "b": "2", "c": "3"})
    t.call("AddTagsToStream", StreamName="a", Tags={"a": "1", "b": "2"})
    t.call("RegisterStreamConsumer", StreamARN=arn("a"), ConsumerName="one")
    t.call("RegisterStreamConsumer", StreamARN=arn("a"), ConsumerName="two")
    t.call("IncreaseStreamRetentionPeriod", StreamName="a", RetentionPeriodHours=31)
    t.call("IncreaseStreamRetentionPeriod", StreamName="a", RetentionPeriodHours=30)
    t.call("DescribeLimits", by={"region_name": "eu-west-1"})
    t.call("CreateStream", by={"region_name": "eu-west-1"}, StreamName="flow")
    t.call("CreateStream", by={"region_name": "eu-west-1"}, StreamName="flow", ShardCount=4)
    t.call("CreateStream", by="READER", StreamName="flow", ShardCount=4)


def _modes(t: Transcript) -> None:
    def switch(stream_name: str, mode: str) -> None:
        t.call("UpdateStreamMode", StreamARN=arn(stream_name), StreamModeDetails={"StreamMode": mode})

    switch("orders", "PROVISIONED")
    switch("orders", "ON_DEMAND")
    t.do("kinesis.pending()")
    switch("orders", "ON_DEMAND")
    t.call("DescribeStreamSummary", StreamName="orders")
    t.do("kinesis.settle()")
    t.call("DescribeStreamSummary", StreamName="orders")
    t.do("kinesis.stream('orders').scale_to(4)")
    t.do("kinesis.stream('orders').scale_to(0)")
    t.do("kinesis.stream('orders').scale_to('x')")
    switch("orders", "PROVISIONED")
    t.do("kinesis.settle()")
    t.do("kinesis.stream('orders').scale_to(4)")
    switch("orders", "ON_DEMAND")
    t.do("kinesis.travel_to('2026-01-02T00:00:00Z')")
    switch("orders", "ON_DEMAND")
    t.do("kinesis.settle()")
    switch("none", "ON_DEMAND")
    switch("flow", "SOMETIMES")
    t.call("UpdateStreamMode", StreamARN=arn("flow"), StreamModeDetails={})
    t.call("UpdateStreamMode", StreamARN=arn("flow"))
    t.call("UpdateStreamMode", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    t.call("DescribeLimits")


def _instant(t: Transcript) -> None:
    t.call("CreateStream", StreamName="a", ShardCount=1)
    t.call("DescribeStreamSummary", StreamName="a")
    t.call("SplitShard", StreamName="a", ShardToSplit=SHARD, NewStartingHashKey="5")
    t.do("kinesis.pending()")
    t.call("ListShards", StreamName="a")
    t.call("UpdateShardCount", StreamName="a", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    t.do("kinesis.stream('a')")
    t.call("RegisterStreamConsumer", StreamARN=arn("a"), ConsumerName="one")
    t.call("ListStreamConsumers", StreamARN=arn("a"))
    t.call("DeleteStream", StreamName="a", EnforceConsumerDeletion=True)
    t.call("ListStreams")


def _own(t: Transcript) -> None:
    t.call("CreateStream", StreamName="a", ShardCount=1)
    t.do("kinesis.advance(milliseconds=1)")
    t.call("SplitShard", StreamName="a", ShardToSplit=SHARD, NewStartingHashKey="5")
    t.do("kinesis.pending()")
    t.call("DeleteStream", StreamName="a")
    t.do("kinesis.pending()")
    t.do("kinesis.advance(seconds=2)")
    t.do("kinesis.stream('a')")


def _another(t: Transcript) -> None:
    t.do("kinesis.create_stream('a', stream_mode_details={'StreamMode': 'ON_DEMAND'}, tags={'k': 'v'})")
    t.call("DescribeStream", StreamName="a")
    t.iterator("a")
    t.call("DescribeLimits")
    t.call("DescribeLimits", by={"region_name": "us-east-1"})
    t.do("kinesis")
