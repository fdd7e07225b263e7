"""A test's questions cost the same however much a fake holds: counted in executed lines, as a ratio."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import fake_kinesis

#: How much more work is allowed where there is a hundred times as much; a walk over all of it would take some fifty.
FLAT = 1.5


def work_of(function: Any) -> Any:
    """How many lines of Python run, the passes of loops and comprehensions counted one by one."""
    function()  # once before, for what is only done the first time
    lines = 0

    def trace(frame: Any, event: Any, argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return lines


def ratio(function: Any, few: Any, many: Any) -> Any:
    """The work at ``many`` over that at ``few``."""
    return work_of(lambda: function(many)) / work_of(lambda: function(few))


@pytest.fixture(scope="module")
def records() -> Any:
    """Streams with 200 and with 20,000 records, each in a fake of its own."""
    fakes = []
    for count in (200, 20_000):
        way_in = fake_kinesis(streams={"orders": 2})
        kinesis = way_in.start()
        client = kinesis.client()
        for first in range(0, count, 200):
            batch: list[Any] = [{"Data": b"x", "PartitionKey": str(first + number)} for number in range(200)]
            client.put_records(StreamName="orders", Records=batch)
        kinesis.calls.clear()
        way_in.stop()
        fakes.append(kinesis)
    assert [len(kinesis.stream("orders").records) for kinesis in fakes] == [200, 20_000]
    return fakes


ASKED_OF_RECORDS: dict[str, Callable[[Any], object]] = {
    "summary()": lambda kinesis: kinesis.summary(),
    "len(records)": lambda kinesis: len(kinesis.stream("orders").records),
    "records[-10:]": lambda kinesis: kinesis.stream("orders").records[-10:],
    "records[0]": lambda kinesis: kinesis.stream("orders").records[0],
    "bool(records)": lambda kinesis: bool(kinesis.stream("orders").records),
    "put()": lambda kinesis: kinesis.stream("orders").put("x"),
    "repr(stream)": lambda kinesis: repr(kinesis.stream("orders")),
}


@pytest.mark.parametrize("name", ASKED_OF_RECORDS)
def test_a_hundred_times_as_many_records_cost_the_same(records: Any, name: Any) -> None:
    assert ratio(ASKED_OF_RECORDS[name], *records) <= FLAT


@pytest.mark.thorough
def test_a_walk_over_the_records_would_be_found(records: Any) -> None:
    assert ratio(lambda kinesis: [record.data for record in kinesis.stream("orders").records], *records) > 20


SHARD = "shardId-000000000100"
ASKED_OF_SHARDS: dict[str, Callable[[Any], object]] = {
    "put()": lambda kinesis: kinesis.stream("orders").put("x"),
    "put(shard=)": lambda kinesis: kinesis.stream("orders").put("x", shard=SHARD),
    "shard()": lambda kinesis: kinesis.stream("orders").shard(SHARD),
    "shard().records": lambda kinesis: kinesis.stream("orders").shard(SHARD).records,
    "repr(shard)": lambda kinesis: repr(kinesis.stream("orders").shard(SHARD)),
}


@pytest.mark.parametrize("name", ASKED_OF_SHARDS)
@pytest.mark.thorough
def test_a_hundred_times_as_many_shards_cost_the_same(name: Any) -> None:
    with fake_kinesis(streams={"orders": 120}) as few:
        work = work_of(lambda: ASKED_OF_SHARDS[name](few))
    with fake_kinesis(streams={"orders": 12_000}) as many:
        assert work_of(lambda: ASKED_OF_SHARDS[name](many)) / work <= FLAT
