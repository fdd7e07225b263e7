"""``asyncio.sleep`` with ``virtual_sleep``: tasks side by side wake in the order of their due instants."""

from __future__ import annotations

import asyncio
import math
import random
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis

pytestmark = pytest.mark.interpreter

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
OURS = asyncio.sleep


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True, streams={"orders": 1}) as kinesis:
        yield kinesis


@pytest.fixture(params=["asyncio", pytest.param("uvloop", marks=pytest.mark.asyncio_clients)])
def run(request: Any) -> Any:
    """Runs a coroutine on either kind of loop."""
    return pytest.importorskip(request.param).run


class Timeline:
    """Who said what when, in seconds since the beginning."""

    def __init__(self, kinesis: KinesisFake) -> None:
        self._kinesis = kinesis
        self._start = kinesis.now
        self.told: list[Any] = []

    @property
    def at(self) -> Any:
        return (self._kinesis.now - self._start).total_seconds()

    def tell(self, who: Any) -> None:
        self.told.append((who, self.at))

    async def sleep(self, seconds: Any, who: Any = None) -> None:
        await asyncio.sleep(seconds)
        self.tell(seconds if who is None else who)


@pytest.fixture
def timeline(kinesis: KinesisFake) -> Any:
    return Timeline(kinesis)


# --- one task -----------------------------------------------------------------------------------------------------


def test_a_sleep_moves_the_clock_and_returns_its_result(run: Any, timeline: Any) -> None:
    async def main() -> None:
        assert await asyncio.sleep(3600, "rested") == "rested"
        assert await asyncio.sleep(0.001) is None  # type: ignore[func-returns-value]
        assert await asyncio.sleep(0, "yielded") == "yielded"
        assert await asyncio.sleep(-1, "yielded") == "yielded"
        assert await asyncio.sleep(delay=1, result="by name") == "by name"

    run(main())
    assert timeline.at == 3601.001


def test_what_is_due_happens_while_a_task_sleeps(run: Any, kinesis: KinesisFake, kinesis_client: Any) -> None:
    async def main() -> None:
        kinesis_client.create_stream(StreamName="payments", ShardCount=1)
        await asyncio.sleep(19.999)
        assert kinesis.stream("payments").status == "CREATING"
        await asyncio.sleep(0.001)
        assert kinesis.stream("payments").status == "ACTIVE"

    run(main())


def test_a_sleep_beyond_the_end_of_time_is_refused_and_harms_no_other(run: Any, timeline: Any) -> None:
    async def main() -> None:
        beyond = asyncio.create_task(asyncio.sleep(1e12))
        await timeline.sleep(5)
        with pytest.raises(KinesisFakeError, match="Virtual time ends with the year 9999"):
            await beyond
        await timeline.sleep(6)

    run(main())
    assert timeline.told == [(5, 5), (6, 11)]


def test_a_sleep_of_no_number_is_refused(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        with pytest.raises((KinesisFakeError, ValueError)):
            await asyncio.sleep(math.nan)
        with pytest.raises(TypeError):
            await asyncio.sleep("1")  # type: ignore[call-overload]

    run(main())


# --- side by side -------------------------------------------------------------------------------------------------


def test_tasks_wake_in_the_order_of_their_instants(run: Any, timeline: Any) -> None:
    async def main() -> None:
        await asyncio.gather(*map(timeline.sleep, (30, 10, 20, 0.5, 10.001)))

    run(main())
    assert timeline.told == [(0.5, 0.5), (10, 10), (10.001, 10.001), (20, 20), (30, 30)]


def test_tasks_of_one_instant_wake_in_the_order_they_fell_asleep(run: Any, timeline: Any) -> None:
    async def main() -> None:
        await asyncio.gather(*(timeline.sleep(7, name) for name in "dacb"))

    run(main())
    assert timeline.told == [("d", 7), ("a", 7), ("c", 7), ("b", 7)]


def test_loops_of_several_tasks_interleave_as_on_a_real_clock(run: Any, timeline: Any) -> None:
    async def ticker(name: Any, period: Any, times: Any) -> None:
        for _ in range(times):
            await asyncio.sleep(period)
            timeline.tell(name)

    async def main() -> None:
        await asyncio.gather(ticker("a", 2, 6), ticker("b", 3, 4), ticker("c", 5, 2))

    run(main())
    expected = sorted(
        [(2 * n, "a") for n in range(1, 7)] + [(3 * n, "b") for n in range(1, 5)] + [(5 * n, "c") for n in range(1, 3)]
    )
    assert sorted((at, who) for who, at in timeline.told) == expected
    assert [at for _, at in timeline.told] == sorted(at for at, _ in expected)


def test_a_hundred_tasks_of_chance_are_in_order(run: Any, timeline: Any) -> None:
    durations = [random.Random(number).randint(1, 10_000) / 1000 for number in range(100)]

    async def main() -> None:
        await asyncio.gather(*map(timeline.sleep, durations))

    run(main())
    assert [at for _, at in timeline.told] == sorted(durations)
    assert [who for who, _ in timeline.told] == sorted(durations)


def test_a_task_that_is_started_later_counts_from_then(run: Any, timeline: Any) -> None:
    async def main() -> None:
        first = asyncio.create_task(timeline.sleep(10, "first"))
        await asyncio.sleep(4)
        second = asyncio.create_task(timeline.sleep(5, "second"))
        third = asyncio.create_task(timeline.sleep(7, "third"))
        await asyncio.gather(first, second, third)

    run(main())
    assert timeline.told == [("second", 9), ("first", 10), ("third", 11)]


def test_calls_between_sleeps_happen_at_the_instants_between(
    run: Any, kinesis: KinesisFake, kinesis_client: Any
) -> None:
    async def produce(name: Any, period: Any) -> None:
        for _ in range(3):
            await asyncio.sleep(period)
            kinesis_client.put_record(StreamName="orders", PartitionKey=name, Data=b"")

    async def main() -> None:
        await asyncio.gather(produce("slow", 10), produce("fast", 4))

    run(main())
    arrivals = [
        (record.partition_key, (record.approximate_arrival_timestamp - NEW_YEAR).total_seconds())
        for record in kinesis.stream("orders").records
    ]
    assert arrivals == [("fast", 4), ("fast", 8), ("slow", 10), ("fast", 12), ("slow", 20), ("slow", 30)]


def test_a_test_that_moves_the_clock_wakes_those_whose_time_has_come(
    run: Any, kinesis: KinesisFake, timeline: Any
) -> None:
    async def main() -> None:
        tasks = [asyncio.create_task(timeline.sleep(seconds)) for seconds in (5, 50)]
        await asyncio.sleep(0)
        kinesis.advance(seconds=20)
        await asyncio.gather(*tasks)

    run(main())
    assert timeline.told == [(5, 20), (50, 50)]


# --- cancelled ----------------------------------------------------------------------------------------------------


def test_a_task_that_is_cancelled_moves_nothing(run: Any, timeline: Any) -> None:
    async def main() -> None:
        task = asyncio.create_task(timeline.sleep(1000))
        await timeline.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await timeline.sleep(2)

    run(main())
    assert timeline.told == [(1, 1), (2, 3)]


def test_all_sleepers_may_be_cancelled_at_once(run: Any, timeline: Any) -> None:
    async def main() -> None:
        tasks = [asyncio.create_task(timeline.sleep(seconds)) for seconds in (1, 2, 3)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await timeline.sleep(4)

    run(main())
    assert timeline.told == [(4, 4)]


def test_a_task_may_cancel_the_one_that_would_be_next(run: Any, timeline: Any) -> None:
    async def main() -> None:
        victim = asyncio.create_task(timeline.sleep(2, "victim"))
        await timeline.sleep(1, "killer")
        victim.cancel()
        await timeline.sleep(5, "killer")

    run(main())
    assert timeline.told == [("killer", 1), ("killer", 6)]


def test_a_sleep_for_ever_lasts_until_it_is_cancelled_and_moves_nothing(run: Any, timeline: Any) -> None:
    async def main() -> None:
        forever = asyncio.create_task(asyncio.sleep(math.inf))
        await timeline.sleep(10)
        assert not forever.done()
        forever.cancel()
        with pytest.raises(asyncio.CancelledError):
            await forever

    run(main())
    assert timeline.told == [(10, 10)]


# --- not alone ----------------------------------------------------------------------------------------------------


def test_tasks_that_can_go_on_go_on_before_the_clock_moves(run: Any, timeline: Any) -> None:
    async def main() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue()

        async def worker() -> None:
            for _ in range(20):
                await queue.get()
                await asyncio.sleep(0)
                timeline.tell("item")

        task = asyncio.create_task(worker())
        sleeper = asyncio.create_task(timeline.sleep(5, "awake"))
        await asyncio.sleep(0)
        for number in range(20):
            queue.put_nowait(number)
        await asyncio.gather(task, sleeper)

    run(main())
    assert timeline.told == [("item", 0)] * 20 + [("awake", 5)]


def test_a_task_that_spins_until_another_one_wakes_up_does_not_spin_for_ever(run: Any, timeline: Any) -> None:
    async def main() -> None:
        sleeper = asyncio.create_task(timeline.sleep(60, "awake"))
        while not sleeper.done():
            await asyncio.sleep(0)
        timeline.tell("seen")

    run(main())
    assert timeline.told == [("awake", 60), ("seen", 60)]


def test_work_in_a_thread_takes_no_virtual_time(
    run: Any, kinesis: KinesisFake, kinesis_client: Any, timeline: Any
) -> None:
    def work() -> None:
        subprocess.run([sys.executable, "-S", "-c", ""], check=True)  # takes its time
        kinesis_client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")

    async def ticker() -> None:
        while kinesis.stream("orders").records == []:
            await asyncio.sleep(1)

    async def main() -> None:
        await asyncio.gather(ticker(), asyncio.to_thread(work))

    run(main())
    (record,) = kinesis.stream("orders").records
    assert record.approximate_arrival_timestamp == NEW_YEAR
    assert timeline.at <= 1


def test_threads_that_call_beside_a_ticking_task_see_hardly_any_time_pass(
    run: Any, kinesis: KinesisFake, kinesis_client: Any, timeline: Any
) -> None:
    async def ticker() -> None:
        while True:
            await asyncio.sleep(1)

    async def main() -> None:
        task = asyncio.create_task(ticker())
        for number in range(30):
            await asyncio.to_thread(
                kinesis_client.put_record, StreamName="orders", PartitionKey="ada", Data=b"%d" % number
            )
        task.cancel()

    run(main())
    assert [record.data for record in kinesis.stream("orders").records] == [b"%d" % number for number in range(30)]
    assert timeline.at <= 31


def test_threads_that_a_loop_joins_when_it_closes_let_no_time_pass(run: Any, timeline: Any) -> None:
    worked = []

    def work() -> None:
        worked.append(sum(range(3_000_000)))

    async def main() -> None:
        asyncio.get_running_loop().run_in_executor(None, work)

    run(main())
    assert len(worked) == 1
    assert timeline.at == 0


def test_work_that_waits_for_a_task_that_sleeps_comes_to_its_end(run: Any, timeline: Any) -> None:
    released = threading.Event()

    async def release() -> None:
        await timeline.sleep(10, "released")
        released.set()

    async def main() -> None:
        assert (await asyncio.gather(asyncio.to_thread(released.wait, 30), release()))[0]

    run(main())
    assert timeline.told == [("released", 10)]


# --- whose sleep --------------------------------------------------------------------------------------------------


def test_afterwards_sleep_is_what_it_was() -> None:
    with fake_kinesis(virtual_sleep=True):
        assert asyncio.sleep is not OURS
        assert asyncio.tasks.sleep is asyncio.sleep
    assert asyncio.sleep is asyncio.tasks.sleep is OURS
    with fake_kinesis():
        assert asyncio.sleep is OURS


def test_tasks_of_two_fakes_side_by_side_each_sleep_in_their_own_time(run: Any) -> None:
    async def inside(start: Any, seconds: Any) -> Any:
        with fake_kinesis(start=start, virtual_sleep=True) as kinesis:
            before = kinesis.now
            for _ in range(3):
                await asyncio.sleep(seconds)
            return kinesis.now - before

    async def main() -> Any:
        return await asyncio.gather(inside(NEW_YEAR, 10), inside("2020-02-02T00:00:00Z", 1))

    assert run(main()) == [timedelta(seconds=30), timedelta(seconds=3)]


def test_no_fake_starves_another_one(run: Any) -> None:
    async def main() -> None:
        done = asyncio.Event()

        async def tick() -> None:
            with fake_kinesis(start="2000-01-01T00:00:00Z", virtual_sleep=True):
                while not done.is_set():
                    await asyncio.sleep(1)

        async def sleep() -> None:
            with fake_kinesis(start="2030-01-01T00:00:00Z", virtual_sleep=True):
                await asyncio.sleep(10)
                done.set()

        await asyncio.gather(tick(), sleep())

    run(main())


def test_a_fake_may_be_left_while_a_task_of_it_sleeps(run: Any) -> None:
    async def main() -> None:
        with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
            task = asyncio.create_task(asyncio.sleep(60, "awake"))
            await asyncio.sleep(0)
        assert await task == "awake"
        assert kinesis.now == NEW_YEAR + timedelta(seconds=60)

    run(main())
    assert asyncio.sleep is OURS


def test_one_loop_after_another_may_sleep(run: Any, timeline: Any) -> None:
    for _ in range(3):
        run(timeline.sleep(1))
    assert timeline.told == [(1, 1), (1, 2), (1, 3)]
