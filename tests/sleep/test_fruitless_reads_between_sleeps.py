"""A loop that reads an open shard for ever and sleeps in between ends with an error, unless a record may yet arrive."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.fruitless_reads import SHARD, fewer_reads, iterator_of

__all__ = ["fewer_reads"]


@pytest.fixture
def sleepy() -> Generator[KinesisFake]:
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, virtual_sleep=True) as kinesis:
        yield kinesis


def sleep_virtually(seconds: float) -> None:
    time.sleep(seconds)  # looked up while the fake is active


SLEEPS: dict[str, Callable[[float], object]] = {
    "time.sleep": sleep_virtually,
    "Event.wait": lambda seconds: threading.Event().wait(seconds),
}


def poll(client: Any, got: list[Any], sleep: Callable[[float], object] = sleep_virtually, seconds: float = 1) -> None:
    """A consumer that reads, and sleeps, until it has got a record."""
    iterator = iterator_of(client)
    while not got:
        answer = client.get_records(ShardIterator=iterator)
        got.extend(answer["Records"])
        iterator = answer["NextShardIterator"]
        sleep(seconds)


@pytest.mark.parametrize("sleep", SLEEPS)
def test_a_loop_that_sleeps_beside_nothing_else_ends_with_the_cause_and_the_remedy(
    sleepy: KinesisFake, sleep: str
) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        poll(sleepy.client(), [], SLEEPS[sleep])
    assert str(caught.value) == (
        "The code under test has read shardId-000000000000 of stream orders again and again, and slept in between: "
        "60 GetRecords in a row, over 0:00:59 of virtual time, have returned no records. The shard is open, so its "
        "NextShardIterator never ends, and no other thread, task or timer is there that could put a record. End the "
        "loop by what it has read, such as a number of records or MillisBehindLatest of 0; or let the test advance(), "
        "put records or close the shard in between. A loop that compares a deadline with time.monotonic() or "
        "time.time() needs clock='shared'."
    )


def test_one_read_less_that_sleeps_is_no_loop(sleepy: KinesisFake) -> None:
    client = sleepy.client()
    iterator = iterator_of(client)
    for _ in range(59):
        iterator = client.get_records(ShardIterator=iterator)["NextShardIterator"]
        time.sleep(0.2)


def test_a_test_that_moves_the_clock_in_between_goes_on(sleepy: KinesisFake) -> None:
    client = sleepy.client()
    iterator = iterator_of(client)
    for _ in range(150):
        iterator = client.get_records(ShardIterator=iterator)["NextShardIterator"]
        sleepy.advance(seconds=1)


def test_a_shard_that_is_about_to_close_is_waited_for(sleepy: KinesisFake) -> None:
    client = sleepy.client()
    client.split_shard(StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=str(2**127))
    iterator, reads = iterator_of(client), 0
    while iterator:
        iterator = client.get_records(ShardIterator=iterator).get("NextShardIterator")
        time.sleep(0.1)
        reads += 1
    assert reads > 120


def test_a_test_that_sleeps_meanwhile_comes_back_and_puts(sleepy: KinesisFake) -> None:
    client = sleepy.client()
    got: list[Any] = []
    thread = threading.Thread(target=poll, args=(client, got))
    thread.start()
    time.sleep(150)
    sleepy.stream("orders").put("1 teapot")
    thread.join()
    assert [record["Data"] for record in got] == [b"1 teapot"]


@pytest.mark.parametrize("how", ["a timer", "an executor", "a wait"])
def test_a_thread_that_wakes_up_later_is_waited_for(sleepy: KinesisFake, how: str) -> None:
    stream, never = sleepy.stream("orders"), threading.Event()
    got: list[Any] = []

    def put_later() -> None:
        never.wait(150) if how == "a wait" else time.sleep(150)
        stream.put("1 teapot")

    if how == "a timer":
        timer = threading.Timer(150, stream.put, ["1 teapot"])
        timer.start()
        poll(sleepy.client(), got)
        timer.join()
    else:
        with ThreadPoolExecutor(1) as executor:
            executor.submit(put_later)
            poll(sleepy.client(), got)
    assert [record["Data"] for record in got] == [b"1 teapot"]
    assert 150 <= (sleepy.now - datetime(2026, 1, 1, tzinfo=timezone.utc)).total_seconds() <= 152


@pytest.mark.thorough
def test_a_thread_that_works_for_real_is_waited_for(sleepy: KinesisFake, monkeypatch: pytest.MonkeyPatch) -> None:
    """For as long as it takes, although it has never called."""
    monkeypatch.setattr("kinesis_fake.virtual_time.fruitless_reads.MAX_FRUITLESS_READS", 10)
    monkeypatch.setattr("kinesis_fake.virtual_time.fruitless_reads.ENOUGH_TO_TELL", 5)
    monkeypatch.setattr("kinesis_fake.virtual_time.allowances.MAX_ALLOWANCES", 2)
    client, begun = sleepy.client(), threading.Event()
    got: list[Any] = []

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        begun.set()

    def work() -> None:
        begun.wait()
        while len(sleepy.calls) < 40:  # computes
            pass
        sleepy.stream("orders").put("1 teapot")

    thread = threading.Thread(target=work)
    thread.start()
    poll(client, got, sleep)
    thread.join()
    assert [record["Data"] for record in got] == [b"1 teapot"]


def test_consumers_side_by_side_that_only_poll_are_told(sleepy: KinesisFake) -> None:
    client, told = sleepy.client(), []

    def consume(seconds: float) -> None:
        try:
            poll(client, [], seconds=seconds)
        except KinesisFakeError as error:
            told.append(str(error))

    with ThreadPoolExecutor(3) as executor:
        for seconds in (1, 2, 3):
            executor.submit(consume, seconds)
    assert ["slept in between" in error for error in told] == [True] * 3


def test_an_event_source_mapping_may_put_what_is_read(sleepy: KinesisFake) -> None:
    sleepy.create_stream("payments", shards=1)
    client = sleepy.client()
    got: list[Any] = []
    sleepy.event_source_mapping(
        lambda event, context: sleepy.stream("orders").put("1 teapot"),
        "payments",
        maximum_batching_window_in_seconds=300,
        batch_size=10,
    )
    sleepy.stream("payments").put("1 euro")
    poll(client, got)
    assert [record["Data"] for record in got] == [b"1 teapot"]


@pytest.mark.parametrize("what", ["the loop", "a consumer"])
def test_a_loop_that_is_led_by_the_test_is_told_when_nothing_leads_it(what: str) -> None:
    with fake_kinesis(streams={"orders": 1}, virtual_sleep="manual") as kinesis:
        client = kinesis.client()
        got: list[Any] = []
        if what == "the loop":
            with pytest.raises(KinesisFakeError, match="slept in between"):
                poll(client, got)
        else:  # five minutes, in which nothing is there to be read, is what the test wants to see
            thread = threading.Thread(target=poll, args=(client, got))
            thread.start()
            kinesis.advance(minutes=5)
            assert len(kinesis.calls.of("GetRecords")) == 301
            kinesis.stream("orders").put("1 teapot")
            kinesis.advance(seconds=2)
            thread.join()
            assert [record["Data"] for record in got] == [b"1 teapot"]


@pytest.fixture(params=["asyncio", "uvloop", "trio"])
def library(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(request.param)


def run(library: Any, function: Callable[[], Any]) -> Any:
    return library.run(function) if library.__name__ == "trio" else library.run(function())


async def poll_in_task(library: Any, client: Any, got: list[Any]) -> None:
    iterator = iterator_of(client)
    while not got:
        answer = client.get_records(ShardIterator=iterator)
        got.extend(answer["Records"])
        iterator = answer["NextShardIterator"]
        await sleep_in_task(library, 1)


async def sleep_in_task(library: Any, seconds: float) -> None:
    await (library.sleep(seconds) if library.__name__ == "trio" else asyncio.sleep(seconds))


async def side_by_side(library: Any, *functions: Callable[[], Any]) -> None:
    if library.__name__ == "trio":
        async with library.open_nursery() as nursery:
            for function in functions:
                nursery.start_soon(function)
    elif hasattr(asyncio, "TaskGroup"):
        async with asyncio.TaskGroup() as group:
            for function in functions:
                group.create_task(function())
    else:
        await asyncio.gather(*(function() for function in functions))


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("consumers", [1, 2])
def test_tasks_that_sleep_and_only_read_are_told(sleepy: KinesisFake, library: Any, consumers: int) -> None:
    client, told = sleepy.client(), []

    async def consume() -> None:
        try:
            await poll_in_task(library, client, [])
        except KinesisFakeError as error:
            told.append(str(error))

    run(library, lambda: consume() if consumers == 1 else side_by_side(library, *[consume] * consumers))
    assert ["slept in between" in error for error in told] == [True] * consumers


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("who", ["a task", "the test"])
def test_a_task_that_wakes_up_later_is_waited_for(sleepy: KinesisFake, library: Any, who: str) -> None:
    client = sleepy.client()
    got: list[Any] = []

    async def put_later() -> None:
        await sleep_in_task(library, 150)
        sleepy.stream("orders").put("1 teapot")

    async def consume() -> None:
        await poll_in_task(library, client, got)

    async def main() -> None:
        if who == "a task":
            await side_by_side(library, put_later, consume)
        elif library.__name__ == "trio":
            async with library.open_nursery() as nursery:
                nursery.start_soon(consume)
                await put_later()
        else:
            task = asyncio.ensure_future(consume())
            await put_later()
            await task

    run(library, main)
    assert [record["Data"] for record in got] == [b"1 teapot"]


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_a_timer_of_a_loop_is_waited_for_and_a_timeout_of_each_call_is_not(sleepy: KinesisFake, kind: str) -> None:
    library = pytest.importorskip(kind)
    pytest.importorskip("aiobotocore")
    client = sleepy.aio_client()
    got: list[Any] = []

    async def consume() -> None:
        iterator = iterator_of(sleepy.client())
        while not got:
            answer = await asyncio.wait_for(client.get_records(ShardIterator=iterator), 5)
            got.extend(answer["Records"])
            iterator = answer["NextShardIterator"]
            await asyncio.sleep(1)

    async def with_timer() -> None:
        asyncio.get_running_loop().call_later(150, sleepy.stream("orders").put, "1 teapot")
        await consume()

    async def with_limit() -> None:
        await asyncio.wait_for(consume(), 150)

    library.run(with_timer())
    got.clear()
    with pytest.raises(asyncio.TimeoutError):
        library.run(with_limit())
    with pytest.raises(KinesisFakeError, match="slept in between"):
        library.run(consume())


@pytest.mark.asyncio_clients
def test_a_deadline_of_trio_ends_the_loop(sleepy: KinesisFake) -> None:
    trio = pytest.importorskip("trio")
    client = sleepy.client()

    async def main() -> None:
        with trio.move_on_after(150) as scope:
            await poll_in_task(trio, client, [])
        assert scope.cancelled_caught

    trio.run(main)
