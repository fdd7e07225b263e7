"""``asyncio.sleep`` with ``virtual_sleep``: tasks side by side wake in the order of their due instants."""

from __future__ import annotations

import asyncio
import math
import random
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError
from tests.support.sleeping_tasks import NEW_YEAR

pytestmark = pytest.mark.interpreter
OURS = asyncio.sleep


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


def test_a_task_may_cancel_the_task_that_would_be_next(run: Any, timeline: Any) -> None:
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
