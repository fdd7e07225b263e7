"""Calls in other situations than the plain one: each against both floors, in a fake of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count, cycle
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.benchmarks import floor, work
from tests.benchmarks.rounds import Arguments, Calls, Comparison, compare

if TYPE_CHECKING:
    from kinesis_fake import KinesisFake

_PAGES = 20
_keys = count()

#: Makes the arguments of one call after the other, for a client of a fake.
Make = Callable[["KinesisFake", Any], Callable[[], Arguments]]


class Situation(NamedTuple):
    """One row: how the fake is made, what is called with what, the floor's answer, and how much it may be."""

    what: str
    call: str
    make: Make
    answer: Callable[[], dict[str, Any]]
    at_most_times_floor: float
    options: dict[str, Any] = {}  # noqa: RUF012
    calls_per_turn: int = 100
    #: How much virtual time passes after each call of ours.
    pause_ms: int = work.PAUSE_MS


def _put(data: bytes | str) -> Make:
    def make(kinesis: KinesisFake, client: Any) -> Callable[[], Arguments]:
        return lambda: {"StreamName": work.STREAM_NAME, "Data": data, "PartitionKey": f"key-{next(_keys)}"}

    return make


def _batch(records: int, data: bytes | str) -> Make:
    def make(kinesis: KinesisFake, client: Any) -> Callable[[], Arguments]:
        return lambda: {
            "StreamName": work.STREAM_NAME,
            "Records": [{"Data": data, "PartitionKey": f"key-{next(_keys)}"} for _ in range(records)],
        }

    return make


def _with_a_fault(make: Make) -> Make:
    """The same in a fake with a fault for another operation."""

    def make_with_a_fault(kinesis: KinesisFake, client: Any) -> Callable[[], Arguments]:
        from kinesis_fake import Fault

        kinesis.inject(Fault.throttle("DescribeLimits", times=None)).excuse()
        return make(kinesis, client)

    return make_with_a_fault


def _pages(kinesis: KinesisFake, client: Any) -> Callable[[], Arguments]:
    """Iterators of page after page, so that none is the one that was read last."""
    for _ in range(_PAGES * work.READ_RECORDS // work.PUT_RECORDS):
        client.put_records(**work.put_records(work.READ_STREAM_NAME))
        kinesis.advance(milliseconds=work.PAUSE_MS)
    iterators = []
    answer = client.get_shard_iterator(**work.get_shard_iterator())
    for _ in range(_PAGES):
        iterators.append(answer.get("NextShardIterator") or answer["ShardIterator"])
        answer = client.get_records(ShardIterator=iterators[-1], Limit=work.READ_RECORDS)
    turn = cycle(iterators)
    return lambda: {"ShardIterator": next(turn), "Limit": work.READ_RECORDS}


def _empty_page(kinesis: KinesisFake, client: Any) -> Callable[[], Arguments]:
    iterator = client.get_shard_iterator(**work.get_shard_iterator())["ShardIterator"]
    return lambda: {"ShardIterator": iterator}


def _with(**arguments: Any) -> Make:
    return lambda kinesis, client: lambda: arguments


_STREAM = {"StreamName": work.STREAM_NAME}

SITUATIONS = (
    Situation("put_record, text as data", "put_record", _put("s" * 100), floor.put_record, 1.15),
    Situation(
        "put_record, a fault for another call", "put_record", _with_a_fault(_put(b"s" * 100)), floor.put_record, 1.10
    ),
    Situation("put_record, rate limits", "put_record", _put(b"s" * 100), floor.put_record, 1.25, {"rate_limits": True}),
    Situation("put_records, 10 × 100 B", "put_records", _batch(10, b"s" * 100), floor.put_records(10), 1.15, {}, 60),
    Situation("put_records, 500 × 100 B", "put_records", _batch(500, b"s" * 100), floor.put_records(500), 1.15, {}, 8),
    Situation(
        "put_records, 500 × 100 B of text", "put_records", _batch(500, "s" * 100), floor.put_records(500), 1.25, {}, 8
    ),
    Situation(
        "put_records, 500 × 100 B, such a fault",
        "put_records",
        _with_a_fault(_batch(500, b"s" * 100)),
        floor.put_records(500),
        1.15,
        {},
        8,
    ),
    # With less time in between, the shards would refuse the records.
    Situation(
        "put_records, 500 × 100 B, rate limits",
        "put_records",
        _batch(500, b"s" * 100),
        floor.put_records(500),
        1.30,
        {"rate_limits": True},
        8,
        pause_ms=1000,
    ),
    Situation("get_records, a page not just read", "get_records", _pages, floor.get_records, 1.50, {}, 10),
    Situation("get_records, an empty page", "get_records", _empty_page, floor.get_no_records, 1.05),
    Situation(
        "get_shard_iterator",
        "get_shard_iterator",
        _with(**_STREAM, ShardId="shardId-000000000000", ShardIteratorType="LATEST"),
        floor.get_shard_iterator,
        1.10,
    ),
    Situation("describe_stream", "describe_stream", _with(**_STREAM), floor.describe_stream, 1.10),
    Situation("list_shards of 4", "list_shards", _with(**_STREAM), floor.list_shards, 1.10),
)


def measure(situation: Situation, rounds: int) -> Comparison:
    """Us, the floor, and the floor without resolving endpoints."""
    from kinesis_fake import fake_kinesis

    streams = {work.STREAM_NAME: work.SHARDS, work.READ_STREAM_NAME: 1}
    upper, lower = floor.floor_client(situation.answer), floor.lower_floor_client(situation.answer)
    with fake_kinesis(streams=streams, **situation.options) as kinesis:
        client = kinesis.client()
        make = situation.make(kinesis, client)

        def batch(_: int) -> Sequence[Arguments]:
            return [make() for _ in range(situation.calls_per_turn)]

        return compare(
            [
                Calls(getattr(client, situation.call), batch, lambda: kinesis.advance(milliseconds=situation.pause_ms)),
                Calls(getattr(upper, situation.call), batch),
                Calls(getattr(lower, situation.call), batch),
            ],
            rounds,
        )
