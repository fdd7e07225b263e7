"""``asyncio.sleep`` with ``virtual_sleep``, beside tasks that run, threads that work, and tasks of other fakes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.sleeping_tasks import NEW_YEAR

pytestmark = pytest.mark.interpreter
OURS = asyncio.sleep


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
