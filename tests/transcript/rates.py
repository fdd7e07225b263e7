"""AWS's rates, where the tester wants them: shards' and accounts', both sides of each."""

from __future__ import annotations

from kinesis_fake import Limits
from tests.transcript.writing import SHARD, Transcript, arn

MIB = 1024 * 1024


def script(t: Transcript) -> None:
    with t.fake("writing", streams={"orders": 1}, rate_limits=True):
        _writing(t)
    with t.fake("reading", streams={"orders": 1}, rate_limits=True):
        _reading(t)
    with t.fake("operations", streams={"orders": 1, "other": 1}, rate_limits=True):
        _operations(t)
    with t.fake("rates of one's own", streams={"orders": 2}, limits=Limits(shard_write_records_per_second=2)):
        _own(t)


def _writing(t: Transcript) -> None:
    def put(size: int) -> None:
        t.call("PutRecord", StreamName="orders", Data=b"x" * size, PartitionKey="k")

    put(MIB - 1)
    put(0)
    t.do("kinesis.advance(milliseconds=500)")
    put(MIB // 2)
    put(MIB // 2 - 1)
    t.do("kinesis.advance(seconds=1)")
    small = [{"Data": b"", "PartitionKey": "k"}] * 500
    for _ in range(3):
        t.call("PutRecords", StreamName="orders", Records=small)
    t.do("kinesis.advance(milliseconds=3)")
    t.call("PutRecords", StreamName="orders", Records=small[:5])
    t.do("kinesis.advance(seconds=60)")
    t.call("PutRecords", StreamName="orders", Records=[{"Data": b"x" * 300_000, "PartitionKey": "k"}] * 5)
    t.call("PutRecord", by={"attempts": 5}, StreamName="orders", Data=b"x" * 300_000, PartitionKey="k")
    t.do("kinesis.stream('orders').put('the test itself is not limited', 'k')")


def _reading(t: Transcript) -> None:
    for _ in range(5):
        iterator = t.iterator("orders")
    t.call("GetShardIterator", StreamName="orders", ShardId=SHARD, ShardIteratorType="LATEST")
    t.do("kinesis.stream('orders').put('1', 'k')")
    for _ in range(6):
        t.read(iterator)
    t.do("kinesis.advance(seconds=1)")
    for _ in range(9):
        t.do("kinesis.stream('orders').put(data, 'k')", data=b"x" * 1_000_000)
    answer = t.read(iterator)
    t.read(answer["NextShardIterator"])
    t.do("kinesis.advance(seconds=4)")
    t.read(answer["NextShardIterator"])
    t.do("kinesis.advance(seconds=1)")
    t.read(answer["NextShardIterator"])
    t.call("GetRecords", by={"attempts": 5}, ShardIterator=answer["NextShardIterator"])


def _operations(t: Transcript) -> None:
    for _ in range(2):
        t.call("DescribeLimits")
    for _ in range(6):
        t.call("ListStreams")
    for _ in range(6):
        t.call("AddTagsToStream", StreamName="orders", Tags={"a": "b"})
    t.call("AddTagsToStream", StreamName="other", Tags={"a": "b"})
    for _ in range(6):
        t.call("ListStreamConsumers", StreamARN=arn("orders"))
    t.call("ListStreamConsumers", StreamARN=arn("other"))
    t.call("ListStreams", by="READER")
    t.call("ListStreams", by={"region_name": "eu-west-1"})
    t.do("kinesis.advance(milliseconds=999)")
    t.call("DescribeLimits")
    t.do("kinesis.advance(milliseconds=1)")
    t.call("DescribeLimits")
    t.call("DescribeLimits", by={"attempts": 4})
    t.call("DescribeLimits", by={"mode": "legacy", "attempts": 4})


def _own(t: Transcript) -> None:
    records = [{"Data": b"", "PartitionKey": "k", "ExplicitHashKey": key} for key in ("0", "0", "0", str(2**128 - 1))]
    t.call("PutRecords", StreamName="orders", Records=records)
    t.do("kinesis.advance(milliseconds=500)")
    t.call("PutRecords", StreamName="orders", Records=records)
