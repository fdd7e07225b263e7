"""A short guided tour: what happens to a producer and a consumer in production, played in virtual time.

``python -m kinesis_fake`` prints it. Every call goes through an ordinary botocore client, nothing sleeps, and each run
gives the same text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from kinesis_fake import KinesisFake, ShardView, StreamView, fake_kinesis

START = "2026-01-01T00:00:00Z"
#: Four partition keys, one for each quarter of the hash keys.
_CUSTOMERS = ("dora", "hana", "ada", "zoe")
_LINE_WIDTH = 110
#: How many characters stand for all hash keys in the picture of the shards.
_PICTURE_WIDTH = 56

_Chapter = Callable[[KinesisFake, Any], Iterator[str]]


def tour() -> str:
    """The whole tour as text."""
    with fake_kinesis(start=START) as kinesis:
        client = kinesis.client()
        lines = [
            "kinesis_fake, a short tour: a real botocore client talks to a Kinesis inside this process.",
            f"Virtual time starts at {_instant(kinesis.now)} and moves only when the test or a client waits.",
        ]
        started_at = kinesis.now
        for number, (title, chapter) in enumerate(_CHAPTERS, start=1):
            lines += ["", f"{number}. {title}", "", *chapter(kinesis, client)]
        lines += ["", "The streams now", "", *_summary(kinesis, started_at)]
    return "\n".join(lines)


# --- the chapters -------------------------------------------------------------------------------------------------


def _create(kinesis: KinesisFake, client: Any) -> Iterator[str]:
    client.create_stream(StreamName="orders", ShardCount=2)
    yield _line(kinesis, "orders", "CreateStream, 2 shards")
    refusal = _refusal(client, "put_record", StreamName="orders", Data=b"too early", PartitionKey="dora")
    yield _line(kinesis, "orders", f"PutRecord is refused: {refusal}")
    polls: list[str] = []

    def note_poll(parsed: Any, **_: Any) -> None:
        status = parsed["StreamDescription"]["StreamStatus"]
        polls.append(_line(kinesis, "orders", f"the waiter stream_exists polls: {status}"))

    client.meta.events.register("after-call.kinesis.DescribeStream", note_poll)
    client.get_waiter("stream_exists").wait(StreamName="orders")
    client.meta.events.unregister("after-call.kinesis.DescribeStream", note_poll)
    yield from polls

    audit = kinesis.create_stream("audit", shards=1)
    yield _line(kinesis, "audit", f"create_stream() of the fake itself, 1 shard: {audit.status} at once")
    client.increase_stream_retention_period(StreamName="audit", RetentionPeriodHours=48)
    yield _line(kinesis, "audit", f"IncreaseStreamRetentionPeriod to 48 hours: {audit.status}")
    kinesis.settle()
    yield _line(kinesis, "audit", f"settle(): {audit.status}")


def _put(kinesis: KinesisFake, client: Any) -> Iterator[str]:
    for number in (1, 2):
        records = [{"Data": f"{name}-{number}".encode(), "PartitionKey": name} for name in _CUSTOMERS]
        entries = client.put_records(StreamName="orders", Records=records)["Records"]
        homes = [
            f"{name}-{number} in {_index(entry['ShardId'])}" for name, entry in zip(_CUSTOMERS, entries, strict=True)
        ]
        yield _line(kinesis, "orders", f"PutRecords, by shard: {', '.join(homes)}")
        kinesis.advance(seconds=1)
    client.put_record(StreamName="audit", Data=b"audit-1", PartitionKey="audit")
    yield _line(kinesis, "audit", "PutRecord: audit-1")


def _split(kinesis: KinesisFake, client: Any) -> Iterator[str]:
    orders = kinesis.stream("orders")
    parent, neighbour = (shard.shard_id for shard in orders.shards)
    client.split_shard(StreamName="orders", ShardToSplit=parent, NewStartingHashKey=str(1 << 126))
    yield _line(kinesis, "orders", f"SplitShard of shard 0, in its middle: {orders.status}")
    for pending in kinesis.pending():
        yield _line(kinesis, "orders", f"pending(): {pending}")
    refusal = _refusal(client, "merge_shards", StreamName="orders", ShardToMerge=parent, AdjacentShardToMerge=neighbour)
    yield _line(kinesis, "orders", f"MergeShards is refused: {refusal}")
    kinesis.advance(seconds=20)
    yield _put_of_dora(kinesis, client, 3, "the parent still takes records")
    kinesis.settle()
    yield _line(kinesis, "orders", f"settle(): {orders.status}")
    yield _put_of_dora(kinesis, client, 4, "the same key leads to a child now")
    yield ""
    yield from _picture(orders)


def _read(kinesis: KinesisFake, client: Any) -> Iterator[str]:
    shard_ids = [kinesis.stream("orders").shards[0].shard_id]  # children join the end: parents are read first
    for shard_id in shard_ids:
        answer = client.get_records(ShardIterator=_iterator(client, "orders", shard_id))
        data = ", ".join(record["Data"].decode() for record in answer["Records"]) or "nothing yet"
        yield _line(kinesis, "orders", f"GetRecords from shard {_index(shard_id)}: {data}")
        if "NextShardIterator" not in answer:
            shard_ids += (child["ShardId"] for child in answer["ChildShards"])
            children = " and ".join(_index(child["ShardId"]) for child in answer["ChildShards"])
            yield _line(kinesis, "orders", f"no NextShardIterator: shard 0 has ended, its children are {children}")


def _expire(kinesis: KinesisFake, client: Any) -> Iterator[str]:
    iterator = _iterator(client, "audit", "shardId-000000000000")
    yield _line(kinesis, "audit", "GetShardIterator, TRIM_HORIZON")
    kinesis.advance(minutes=5)
    (record,) = client.get_records(ShardIterator=iterator)["Records"]
    yield _line(kinesis, "audit", f"GetRecords after exactly five minutes: {record['Data'].decode()}")
    kinesis.advance(milliseconds=1)
    refusal = _refusal(client, "get_records", ShardIterator=iterator)
    yield _line(kinesis, "audit", f"GetRecords a millisecond later is refused: {refusal}")


def _trim(kinesis: KinesisFake, client: Any) -> Iterator[str]:
    orders = kinesis.stream("orders")
    arrivals = [record.approximate_arrival_timestamp for record in orders.records]
    for arrival in (min(arrivals), max(arrivals)):
        for too_early in (timedelta(milliseconds=1), timedelta(0)):
            kinesis.travel_to(arrival + timedelta(hours=24) - too_early)
            shards = len(orders.shards)
            yield _line(kinesis, "orders", f"{_records(len(orders.records))} can be read, from {shards} shards")
    listed = ", ".join(_index(shard["ShardId"]) for shard in client.list_shards(StreamName="orders")["Shards"])
    yield _line(kinesis, "orders", f"ListShards: {listed}; the closed parent is past its retention and gone")
    yield _line(kinesis, "audit", f"{_records(len(kinesis.stream('audit').records))} can be read, for another day")


_CHAPTERS: tuple[tuple[str, _Chapter], ...] = (
    ("Streams are made, and a wait moves the clock", _create),
    ("Records are put", _put),
    ("A shard is split, and the stream goes on meanwhile", _split),
    ("A consumer reads the parent to its end, then the children", _read),
    ("A shard iterator lives five minutes", _expire),
    ("A day later, retention trims to the millisecond", _trim),
)


# --- calls --------------------------------------------------------------------------------------------------------


def _put_of_dora(kinesis: KinesisFake, client: Any, number: int, remark: str) -> str:
    answer = client.put_record(StreamName="orders", Data=f"dora-{number}".encode(), PartitionKey="dora")
    return _line(kinesis, "orders", f"PutRecord: dora-{number} in shard {_index(answer['ShardId'])}; {remark}")


def _iterator(client: Any, stream_name: str, shard_id: str) -> str:
    answer = client.get_shard_iterator(StreamName=stream_name, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    return str(answer["ShardIterator"])


def _refusal(client: Any, method: str, **params: Any) -> str:
    """The code and message of AWS's error for a call that it refuses."""
    try:
        getattr(client, method)(**params)
    except client.exceptions.ClientError as error:
        refusal = error.response["Error"]
        return f'{refusal["Code"]}, "{refusal["Message"]}"'
    raise AssertionError(f"{method} was not refused")


def _records(count: int) -> str:
    return f"{count} record{'s' if count != 1 else ''}"


# --- the page -----------------------------------------------------------------------------------------------------


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _line(kinesis: KinesisFake, stream_name: str, text: str) -> str:
    start = f"   {_instant(kinesis.now)}  {stream_name:<6}  "
    return textwrap.fill(
        text, _LINE_WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False
    )


def _index(shard_id: str) -> str:
    return str(int(shard_id.removeprefix("shardId-")))


def _picture(stream: StreamView) -> Iterator[str]:
    """One line per shard, with a bar over the hash keys that it covers."""
    yield f"   {'hash keys':<9}  0{'2^128 - 1':>{_PICTURE_WIDTH - 1}}"
    for shard in stream.shards:
        start, end = (key * _PICTURE_WIDTH >> 128 for key in (shard.starting_hash_key, shard.ending_hash_key + 1))
        bar = " " * start + "[" + ("=" if shard.is_open else ".") * (end - start - 2) + "]"
        yield f"   shard {_index(shard.shard_id):<3}  {bar:<{_PICTURE_WIDTH}}  {_state(shard)}"


def _state(shard: ShardView) -> str:
    return f"{'open' if shard.is_open else 'closed'}, records: {len(shard.records)}"


def _summary(kinesis: KinesisFake, started_at: datetime) -> Iterator[str]:
    for stream in kinesis.streams:
        yield (
            f"   {stream.stream_name:<6}  {stream.status}, keeps records for {stream.retention_period_hours} hours, "
            f"records: {len(stream.records)}"
        )
        yield from _picture(stream)
        yield ""
    yield f"Virtual time is {_instant(kinesis.now)}: {kinesis.now - started_at} have passed, and nothing has slept."
