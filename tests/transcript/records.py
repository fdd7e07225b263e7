"""Records: writing one and many, where they go, and how large they may be."""

from __future__ import annotations

from typing import Any

from tests.transcript.writing import Transcript, arn

KIB = 1024
MIB = KIB * KIB


def script(t: Transcript) -> None:
    with t.fake("one record", streams={"orders": 3}):
        _one(t)
    with t.fake("many records", streams={"orders": 3}):
        _many(t)
    with t.fake("sizes", streams={"orders": 2}):
        _sizes(t)


def _one(t: Transcript) -> None:
    first = t.call("PutRecord", StreamName="orders", Data=b"1", PartitionKey="ada")
    t.call("PutRecord", StreamARN=arn("orders"), Data=b"2", PartitionKey="ada")
    t.call("PutRecord", StreamName="orders", Data=b"", PartitionKey="\u00fcber \U0001f600")
    t.call("PutRecord", StreamName="orders", Data="text", PartitionKey="bob")
    t.call("PutRecord", StreamName="orders", Data=bytearray(b"array"), PartitionKey="bob")
    number = first["SequenceNumber"]
    t.call("PutRecord", StreamName="orders", Data=b"3", PartitionKey="ada", SequenceNumberForOrdering=number)
    t.do("kinesis.advance(milliseconds=1500)")
    t.call("PutRecord", StreamName="orders", Data=b"4", PartitionKey="ada", SequenceNumberForOrdering=number)
    for bad in ("0", "1", "x", "", str(int(number) + 2**60), str(10**129)):
        t.call("PutRecord", StreamName="orders", Data=b"5", PartitionKey="ada", SequenceNumberForOrdering=bad)
    for hash_key in ("0", str(2**127), str(2**128 - 1), str(2**128), "-1", "x", "00"):
        t.call("PutRecord", StreamName="orders", Data=b"6", PartitionKey="ada", ExplicitHashKey=hash_key)
    t.call("PutRecord", StreamName="orders", Data=b"7", PartitionKey="")
    t.call("PutRecord", StreamName="orders", Data=b"7", PartitionKey="k" * 257)
    t.call("PutRecord", StreamName="orders", Data=b"7", PartitionKey="k" * 256)
    t.call("PutRecord", StreamName="orders", PartitionKey="ada")
    t.call("PutRecord", StreamName="orders", Data=b"7", PartitionKey=5)
    t.call("PutRecord", StreamName="none", Data=b"7", PartitionKey="ada")
    t.call("PutRecord", Data=b"7", PartitionKey="ada")
    t.call("PutRecord", StreamName="!", Data=b"7", PartitionKey="", ExplicitHashKey="x")
    t.do("kinesis.stream('orders')")
    t.do("[kinesis.partition_key_for('orders', shard.shard_id) for shard in kinesis.stream('orders').open_shards]")
    t.do("kinesis.partition_key_for('orders', 'shardId-000000000007')")
    t.do("kinesis.partition_key_for('none', 'shardId-000000000000')")
    t.do("kinesis.stream('orders').put('by the test', 'ada', explicit_hash_key=7)")
    t.do("kinesis.stream('orders').put(b'x', '')")
    t.do("kinesis.stream('orders').put(5)")
    t.do("kinesis.stream('orders').put('x', 5)")
    t.do("kinesis.stream('orders').put('x', None)")
    t.do("kinesis.stream('orders').put('x', 'a', explicit_hash_key=2**128)")


def _many(t: Transcript) -> None:
    def put(*records: dict[str, Any], **more: Any) -> None:
        t.call("PutRecords", **{"StreamName": "orders", "Records": [*records], **more})

    good: dict[str, Any] = {"Data": b"1", "PartitionKey": "ada"}
    put(good, {"Data": b"2", "PartitionKey": "bob"}, {"Data": b"3", "PartitionKey": "eve"})
    put(good, {**good, "ExplicitHashKey": "0"}, {**good, "ExplicitHashKey": str(2**128 - 1)})
    put(good, {**good, "ExplicitHashKey": str(2**128)})
    put(good, {**good, "ExplicitHashKey": "x"}, {**good, "PartitionKey": ""})
    put(good, {"PartitionKey": "ada"})
    put()
    put(good, StreamName="none")
    put(*[good] * 500)
    put(*[good] * 501)
    t.call("PutRecords", StreamName="orders")
    t.call("PutRecords", Records=[good])
    t.do("kinesis.summary(2)")
    t.do("kinesis.stream('orders').records[:3]")
    t.do("kinesis.stream('orders').records")


def _sizes(t: Transcript) -> None:
    for size, key in ((MIB - 1, "k"), (MIB, "k"), (MIB - 2, "\u00fc"), (MIB - 1, "\u00fc")):
        t.call("PutRecord", StreamName="orders", Data=b"x" * size, PartitionKey=key)
    full = {"Data": b"x" * (MIB - 1), "PartitionKey": "k"}
    t.call("PutRecords", StreamName="orders", Records=[full] * 10)
    t.call("PutRecords", StreamName="orders", Records=[*[full] * 10, {"Data": b"", "PartitionKey": "k"}])
    t.call("PutRecords", StreamName="orders", Records=[{"Data": b"x" * MIB, "PartitionKey": "k"}, full])
    t.do("kinesis.summary(10)")
    iterator = t.iterator("orders", shard=t.kinesis.stream("orders").records[0].shard_id)
    while iterator:
        answer = t.read(iterator)
        iterator = answer.get("NextShardIterator", "") if answer["Records"] else ""
