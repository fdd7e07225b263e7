"""``virtual_sleep="manual"``: sleepers, in threads and tasks, wait until the test moves the clock."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis

pytestmark = pytest.mark.any_botocore

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def kinesis() -> Generator[KinesisFake]:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep="manual", streams={"orders": 4}) as kinesis:
        yield kinesis


def at(kinesis: KinesisFake) -> float:
    return (kinesis.now - NEW_YEAR).total_seconds()


def started(function: Callable[..., Any], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    return thread


def test_a_thread_sleeps_until_the_test_moves_the_clock(kinesis: KinesisFake) -> None:
    told = []

    def sleep() -> None:
        for _ in range(3):
            time.sleep(10)
            told.append(at(kinesis))

    thread = started(sleep)
    assert (told, at(kinesis)) == ([], 0)
    kinesis.advance(seconds=9.999)
    assert told == []
    kinesis.advance(milliseconds=1)
    assert told == [10]
    kinesis.travel_to("2026-01-01T00:00:35Z")
    assert (told, at(kinesis)) == ([10, 20, 30], 35)
    thread.join()


def test_sleepers_wake_in_the_order_of_their_instants_one_after_the_other(kinesis: KinesisFake) -> None:
    told = []

    def sleep(seconds: Any) -> None:
        time.sleep(seconds)
        told.append((seconds, at(kinesis)))
        time.sleep(1)
        told.append((seconds, at(kinesis)))

    threads = [started(sleep, seconds) for seconds in (3, 1, 2)]
    kinesis.advance(seconds=10)
    assert told == [(1, 1), (2, 2), (1, 2), (3, 3), (2, 3), (3, 4)]
    for thread in threads:
        thread.join()


def test_settling_wakes_those_that_are_due_on_the_way(kinesis: KinesisFake, kinesis_client: Any) -> None:
    told = []

    def sleep() -> None:
        time.sleep(7)
        told.append(at(kinesis))

    kinesis_client.create_stream(StreamName="payments", ShardCount=1)
    thread = started(sleep)
    kinesis.settle()
    assert (told, at(kinesis)) == ([7], 20)
    thread.join()


def test_timeouts_wait_for_the_test_and_what_happens_before_them_ends_the_wait(kinesis: KinesisFake) -> None:
    orders: queue.Queue[int] = queue.Queue()
    got: list[tuple[int | str, float]] = []

    def consume() -> None:
        try:
            while True:
                got.append((orders.get(timeout=60), at(kinesis)))
        except queue.Empty:
            got.append(("nothing more", at(kinesis)))

    thread = started(consume)
    kinesis.advance(seconds=59)
    orders.put(1)
    kinesis.advance(seconds=2)
    assert got == [(1, 59)]
    kinesis.advance(seconds=60)
    assert got == [(1, 59), ("nothing more", 119)]
    thread.join()


def test_a_sleep_of_the_test_itself_moves_the_clock(kinesis: KinesisFake) -> None:
    told = []

    def sleep() -> None:
        time.sleep(2)
        told.append(at(kinesis))

    thread = started(sleep)
    time.sleep(1)
    assert (told, at(kinesis)) == ([], 1)
    assert not threading.Event().wait(4)
    assert (told, at(kinesis)) == ([2], 5)
    thread.join(10)
    assert at(kinesis) == 5


def run_pool() -> str:
    """Four consumers, each of a shard, that poll once a second; what they and the test have called."""
    with fake_kinesis(start=NEW_YEAR, virtual_sleep="manual", streams={"orders": 4}) as kinesis:
        client, stop = kinesis.client(), threading.Event()

        def consume(shard_id: str) -> None:
            iterator = client.get_shard_iterator(
                StreamName="orders", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while not stop.wait(1):
                iterator = client.get_records(ShardIterator=iterator)["NextShardIterator"]

        with ThreadPoolExecutor(4) as pool:
            for shard in kinesis.stream("orders").shards:
                pool.submit(consume, shard.shard_id)
            for number in range(3):
                client.put_record(StreamName="orders", PartitionKey=f"key-{number}", Data=b"1 teapot")
                kinesis.advance(seconds=1.5)
            stop.set()
        return "\n".join(map(repr, kinesis.calls)) + f"\n{at(kinesis)}"


@pytest.mark.thorough
def test_a_pool_of_four_consumers_makes_the_same_calls_in_a_hundred_runs() -> None:
    first = run_pool()
    assert first.count("GetRecords") == 16
    assert {run_pool() for _ in range(100)} == {first}


def test_an_idle_subscription_beside_a_thread_costs_hardly_any_real_time(kinesis: KinesisFake) -> None:
    client = kinesis.client()
    arn = kinesis.stream("orders").stream_arn
    consumer_arn = client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    kinesis.settle()
    stop = threading.Event()
    thread = started(stop.wait)
    start, before = at(kinesis), time.perf_counter()
    events = client.subscribe_to_shard(
        ConsumerARN=consumer_arn, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"}
    )["EventStream"]
    assert len(list(events)) >= 59
    assert time.perf_counter() - before < 0.6
    assert at(kinesis) - start == 300
    stop.set()
    thread.join()


@pytest.mark.thorough
def test_a_test_that_waits_for_a_thread_that_waits_for_the_test_is_told() -> None:
    def sleep() -> None:
        with suppress(KinesisFakeError):  # it is told in the thread, too
            time.sleep(60)

    def run_it() -> None:
        with fake_kinesis(start=NEW_YEAR, virtual_sleep="manual"):
            started(sleep).join()

    with pytest.raises(KinesisFakeError, match=r"Call kinesis.advance\(\), travel_to\(\) or settle\(\) before"):
        run_it()


@pytest.mark.thorough
def test_a_loop_that_waits_for_a_thread_that_waits_for_the_test_is_told() -> None:
    async def main() -> None:
        with fake_kinesis(virtual_sleep="manual"):
            await asyncio.to_thread(time.sleep, 60)

    with pytest.raises(KinesisFakeError, match=r"this thread sleeps until the test moves the clock"):
        asyncio.run(main())


def test_a_word_that_is_none_is_refused() -> None:
    with pytest.raises(KinesisFakeError, match=r"^virtual_sleep must be True, False or 'manual', not 'auto'\."):
        fake_kinesis(virtual_sleep="auto").start()  # type: ignore[call-overload]


# --- tasks ----------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_tasks_sleep_until_the_test_moves_the_clock(kind: Any) -> None:
    run = pytest.importorskip(kind).run

    async def main() -> None:
        with fake_kinesis(start=NEW_YEAR, virtual_sleep="manual") as kinesis:
            told = []

            async def sleep(seconds: Any) -> None:
                for _ in range(2):
                    await asyncio.sleep(seconds)
                    told.append((seconds, at(kinesis)))

            tasks = [asyncio.ensure_future(sleep(seconds)) for seconds in (3, 2)]
            await asyncio.sleep(0)
            await kinesis.advance(seconds=1)
            assert (told, at(kinesis)) == ([], 1)
            await kinesis.advance(seconds=3)
            assert (told, at(kinesis)) == ([(2, 2), (3, 3), (2, 4)], 4)
            await kinesis.travel_to("2026-01-01T00:00:10Z")
            assert (told[3:], at(kinesis)) == ([(3, 6)], 10)
            await asyncio.gather(*tasks)

    run(main())


@pytest.mark.asyncio_clients
def test_tasks_of_trio_sleep_until_the_test_moves_the_clock() -> None:
    trio = pytest.importorskip("trio")

    async def main() -> None:
        with fake_kinesis(start=NEW_YEAR, virtual_sleep="manual") as kinesis:
            told = []

            async def sleep(seconds: Any) -> None:
                for _ in range(2):
                    await trio.sleep(seconds)
                    told.append((seconds, at(kinesis)))

            async def give_up() -> None:
                with trio.move_on_after(3.5):
                    await trio.sleep_forever()
                told.append(("gives up", at(kinesis)))

            async with trio.open_nursery() as nursery:
                for seconds in (3, 2.001):
                    nursery.start_soon(sleep, seconds)
                nursery.start_soon(give_up)
                await kinesis.advance(seconds=1)
                assert (told, at(kinesis)) == ([], 1)
                await trio.lowlevel.checkpoint()
                assert (told, at(kinesis)) == ([], 1)
                await kinesis.advance(seconds=3.5)
                assert (told, at(kinesis)) == ([(2.001, 2.001), (3, 3), ("gives up", 3.5), (2.001, 4.002)], 4.5)
                await kinesis.travel_to("2026-01-01T00:00:10Z")
                assert (told[4:], at(kinesis)) == ([(3, 6)], 10)

    trio.run(main)


@pytest.mark.asyncio_clients
def test_settling_wakes_the_tasks_of_trio_that_are_due_on_the_way(kinesis: KinesisFake, kinesis_client: Any) -> None:
    trio = pytest.importorskip("trio")
    told = []

    async def sleep() -> None:
        await trio.sleep(7)
        told.append(at(kinesis))

    async def main() -> None:
        kinesis_client.create_stream(StreamName="payments", ShardCount=1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sleep)
            await kinesis.settle()
            assert (told, at(kinesis)) == ([7], 20)

    trio.run(main)


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("kind", ["asyncio", "uvloop", "trio"])
def test_threads_and_tasks_wake_in_the_order_of_their_instants(kinesis: KinesisFake, kind: str) -> None:
    library = pytest.importorskip(kind)
    told = []

    def in_thread() -> None:
        for _ in range(3):
            time.sleep(4)
            told.append(("thread", at(kinesis)))

    async def in_task() -> None:
        for _ in range(2):
            await (library.sleep(5) if kind == "trio" else asyncio.sleep(5))
            told.append(("task", at(kinesis)))

    async def main() -> None:
        thread = started(in_thread)
        if kind == "trio":
            async with library.open_nursery() as nursery:
                nursery.start_soon(in_task)
                await kinesis.advance(seconds=20)
        else:
            task = asyncio.ensure_future(in_task())
            await kinesis.advance(seconds=20)
            await task
        thread.join()

    library.run(main) if kind == "trio" else library.run(main())
    assert told == [("thread", 4), ("task", 5), ("thread", 8), ("task", 10), ("thread", 12)]
    assert at(kinesis) == 20


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("kind", ["asyncio", "uvloop", "trio"])
def test_a_move_that_is_not_awaited_in_a_task_is_told(kind: str) -> None:
    library = pytest.importorskip(kind)

    async def main() -> None:
        with fake_kinesis(virtual_sleep="manual") as kinesis:
            kinesis.advance(seconds=1)

    with pytest.raises(KinesisFakeError, match=r"write `await kinesis.advance\(\)`"):
        library.run(main) if kind == "trio" else library.run(main())


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("kind", ["asyncio", "uvloop", "trio"])
@pytest.mark.thorough
def test_tasks_that_all_wait_for_the_test_are_told(kind: str) -> None:
    library = pytest.importorskip(kind)

    async def main() -> None:
        with fake_kinesis(virtual_sleep="manual"):
            await (library.sleep(5) if kind == "trio" else asyncio.sleep(5))

    with pytest.raises(KinesisFakeError, match=r"Write `await kinesis.advance\(...\)` in the test"):
        library.run(main) if kind == "trio" else library.run(main())


@pytest.mark.thorough
def test_a_test_is_told_that_a_task_waits_for_it_although_the_task_hides_the_error() -> None:
    async def main() -> None:
        async def sleep() -> None:
            with suppress(Exception):
                await asyncio.sleep(5)

        with fake_kinesis(virtual_sleep="manual"):
            await asyncio.ensure_future(sleep())

    with pytest.raises(KinesisFakeError, match=r"^With virtual_sleep='manual' this task sleeps until the test moves "):
        asyncio.run(main())


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("kind", ["asyncio", "uvloop", "trio"])
def test_the_wait_of_a_client_moves_the_clock_if_no_task_can(kind: str) -> None:
    library = pytest.importorskip(kind)
    clients = pytest.importorskip("tests.support.aiobotocore_tasks")
    told: list[str] = []

    async def main() -> None:
        async def poll() -> None:
            for turn in range(2):
                await (library.sleep(8) if kind == "trio" else asyncio.sleep(8))
                told.append(f"poll {turn}")

        async with fake_kinesis(start=NEW_YEAR, virtual_sleep="manual") as kinesis, clients.new_client() as client:
            kinesis.inject(Fault.latency("ListStreams", milliseconds=20_000))
            async with AsyncExitStack() as stack:
                if kind == "trio":
                    (await stack.enter_async_context(library.open_nursery())).start_soon(poll)
                else:
                    task = asyncio.create_task(poll())
                await client.list_streams()
                told.append(f"answer at {at(kinesis)}")
            if kind != "trio":
                await task

    before = time.perf_counter()
    library.run(main) if kind == "trio" else library.run(main())
    assert told == ["poll 0", "poll 1", "answer at 20.0"]
    assert time.perf_counter() - before < 8, "a wait takes a moment of real time, and no more"
