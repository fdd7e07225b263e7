"""Iterators of all five types, what GetRecords answers to them, and when they expire."""

from __future__ import annotations

from typing import Any

from tests.transcript.writing import SHARD, Transcript, arn, at


def script(t: Transcript) -> None:
    with t.fake("reading", streams={"orders": 2, "other": 1}):
        _reading(t)
    with t.fake("bad iterators", streams={"orders": 2, "other": 1}):
        _bad_iterators(t)
    with t.fake("expiry", streams={"orders": 1}):
        _expiry(t)
    with t.fake("trimmed and closed", streams={"orders": 1}):
        _trimmed(t)
    with t.fake("iterators of others", streams={"orders": 1}):
        _others(t)


def _reading(t: Transcript) -> None:
    numbers = []
    for number in range(4):
        numbers.append(t.do(f"kinesis.stream('orders').put('{number}', 'a', 0)").sequence_number)
        t.do("kinesis.advance(milliseconds=750)")
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        for number in (numbers[0], numbers[2], numbers[3]):
            t.read(t.iterator("orders", kind, StartingSequenceNumber=number))
    for instant in ("2020-01-01T00:00:00", "2026-01-01T00:00:01", "2026-01-01T00:00:02", "2026-01-01T00:00:03"):
        t.read(t.iterator("orders", "AT_TIMESTAMP", Timestamp=at(instant)))
    t.read(t.iterator("orders", shard="1"))
    latest = t.iterator("orders", "LATEST")
    t.read(latest)
    t.do("kinesis.stream('orders').put('later', 'a', 0)")
    t.read(latest)
    following = t.iterator("orders")
    for limit in (1, 2, 10_000):
        following = t.read(following, Limit=limit)["NextShardIterator"]
    t.read(following)
    for bad in (0, 10_001, -1, "x"):
        t.read(following, Limit=bad)
    t.read(following, StreamARN=arn("orders"))
    t.read(following, StreamARN=arn("other"))
    t.read(following, StreamARN=arn("none"))
    t.read(following, StreamARN="nonsense")
    start = t.do("kinesis.stream('orders').shards[0].starting_sequence_number")
    t.read(t.iterator("orders", "AT_SEQUENCE_NUMBER", StartingSequenceNumber=start))
    t.call("GetShardIterator", StreamARN=arn("orders"), ShardId="0", ShardIteratorType="LATEST")


def _bad_iterators(t: Transcript) -> None:
    mine = t.do("kinesis.stream('orders').put('1', 'a', 0)").sequence_number
    others = t.do("kinesis.stream('orders').put('1', 'a', 2**128 - 1)").sequence_number

    def ask(kind: str, **more: object) -> None:
        params: dict[str, Any] = {"StreamName": "orders", "ShardId": SHARD, "ShardIteratorType": kind, **more}
        t.call("GetShardIterator", **params)

    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        ask(kind)
        for number in (others, "0", "1", "x", str(int(mine) + 1), str(int(mine) - 1), mine[:-1] + "7"):
            ask(kind, StartingSequenceNumber=number)
    ask("TRIM_HORIZON", StartingSequenceNumber=mine)
    ask("LATEST", StartingSequenceNumber=mine)
    ask("LATEST", Timestamp=at("2026-01-01T00:00:00"))
    ask("AT_TIMESTAMP")
    ask("AT_TIMESTAMP", Timestamp=at("2026-01-01T00:00:00"))
    ask("AT_TIMESTAMP", Timestamp=at("2026-01-01T00:00:01"))
    ask("SOMEWHERE")
    ask("LATEST", ShardId="shardId-000000000009")
    ask("LATEST", ShardId="nonsense")
    ask("LATEST", ShardId="?")
    ask("LATEST", ShardId="")
    ask("LATEST", StreamName="none")
    ask("LATEST", StreamName="")
    t.call("GetShardIterator", ShardId=SHARD, ShardIteratorType="LATEST")
    t.call("GetShardIterator", StreamName="orders", ShardIteratorType="LATEST")
    t.call("GetShardIterator", StreamName="orders", ShardId=SHARD)
    t.call("GetShardIterator", StreamName="other", ShardId=SHARD, ShardIteratorType="AT_SEQUENCE_NUMBER")
    t.call("GetRecords", ShardIterator="nonsense")
    t.call("GetRecords", ShardIterator="")
    t.call("GetRecords", ShardIterator="AAAA" * 128)
    t.call("GetRecords", ShardIterator="A" * 513)
    t.call("GetRecords")
    iterator = t.iterator("orders")
    t.call("GetRecords", ShardIterator=iterator[:-8] + "AAAAAAA=")
    t.call("GetRecords", ShardIterator=iterator + " ")
    token = t.call("ListShards", StreamName="orders", MaxResults=1)["NextToken"]
    t.call("GetRecords", ShardIterator=token)
    t.call("ListShards", NextToken=iterator)


def _expiry(t: Transcript) -> None:
    t.do("kinesis.stream('orders').put('1', 'a')")
    first = t.iterator("orders")
    t.do("kinesis.advance(minutes=5)")
    second = t.read(first)["NextShardIterator"]
    t.do("kinesis.advance(milliseconds=1)")
    t.read(first)
    t.read(second)
    t.do("kinesis.advance(minutes=4, seconds=59, milliseconds=999)")
    t.read(second)
    t.do("kinesis.advance(seconds=1)")
    t.read(second)
    t.call("DeleteStream", StreamName="orders")
    third = t.iterator("orders")
    t.read(third)
    t.do("kinesis.settle()")
    t.read(third)
    t.do("kinesis.create_stream('orders', shards=1)")
    t.read(third)
    t.do("kinesis.stream('orders').put('2', 'a')")
    t.read(t.iterator("orders"))


def _trimmed(t: Transcript) -> None:
    t.do("kinesis.stream('orders').put('1', 'a')")
    t.do("kinesis.advance(seconds=10)")
    second = t.do("kinesis.stream('orders').put('2', 'a')").sequence_number
    t.do("kinesis.stream('orders').split('shardId-000000000000')")
    latest = t.iterator("orders", "LATEST")
    t.read(latest)
    horizon = t.iterator("orders")
    following = t.read(horizon, Limit=1)["NextShardIterator"]
    t.read(following, Limit=1)
    t.read(horizon)
    t.do("kinesis.travel_to('2026-01-02T00:00:00Z')")
    t.read(t.iterator("orders"))
    t.do("kinesis.advance(milliseconds=1)")
    t.read(t.iterator("orders"))
    t.do("kinesis.travel_to('2026-01-02T00:00:09.999Z')")
    t.read(t.iterator("orders", "AT_SEQUENCE_NUMBER", StartingSequenceNumber=second))
    held = t.iterator("orders")
    for _ in range(2):
        t.do("kinesis.advance(milliseconds=1)")
        t.read(held)
    t.do("kinesis.advance(seconds=1)")
    t.read(held)
    t.call("GetShardIterator", StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    t.call("ListShards", StreamName="orders")


def _others(t: Transcript) -> None:
    mine = t.iterator("orders")
    with t.fake("inside another fake", streams={"orders": 1}):
        t.read(mine)
        t.read(t.iterator("orders"))
    with t.fake("inside one of another seed", streams={"orders": 1}, seed=1):
        t.read(mine)
        t.iterator("orders")
    t.read(mine)
    t.call("GetRecords", by="READER", ShardIterator=mine)
    t.call("GetRecords", by={"region_name": "eu-west-1"}, ShardIterator=mine)
    t.attempt("the metadata of an answer", lambda: _metadata(t))


def _metadata(t: Transcript) -> object:
    metadata = dict(t.client().list_streams()["ResponseMetadata"])
    metadata["HTTPHeaders"] = dict(metadata["HTTPHeaders"])
    return {"metadata": metadata}
