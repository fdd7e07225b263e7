"""Sleeps and deadlines of trio: with ``virtual_sleep`` they are virtual, without it they are real."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, fake_kinesis

trio = pytest.importorskip("trio")

pytestmark = [pytest.mark.asyncio_clients, pytest.mark.any_botocore]

imported_before = trio.run

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def kinesis() -> Generator[KinesisFake]:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True, streams={"orders": 1}) as kinesis:
        yield kinesis


def at(kinesis: KinesisFake) -> float:
    return (kinesis.now - NEW_YEAR).total_seconds()


def test_a_sleep_moves_the_clock(kinesis: KinesisFake) -> None:
    async def main() -> None:
        start = trio.current_time()
        await trio.sleep(3600)
        await trio.sleep_until(start + 3601)
        assert trio.current_time() - start == pytest.approx(3601, abs=1e-6)

    trio.run(main)
    assert at(kinesis) == 3601


def test_tasks_wake_in_the_order_of_their_instants(kinesis: KinesisFake) -> None:
    told = []

    async def sleep(seconds: Any) -> None:
        await trio.sleep(seconds)
        told.append((seconds, at(kinesis)))

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            for seconds in (30, 10, 20.5, 10.001):
                nursery.start_soon(sleep, seconds)

    trio.run(main)
    assert told == [(10, 10), (10.001, 10.001), (20.5, 20.5), (30, 30)]


def test_a_deadline_ends_a_longer_sleep_at_its_instant(kinesis: KinesisFake) -> None:
    async def main() -> None:
        with trio.move_on_after(0.5) as scope:
            await trio.sleep(100)
        assert (scope.cancelled_caught, at(kinesis)) == (True, 0.5)
        with pytest.raises(trio.TooSlowError), trio.fail_after(60):
            await trio.Event().wait()
        assert at(kinesis) == 60.5
        with trio.fail_after(60):
            await trio.sleep(0.5)
        assert at(kinesis) == 61

    trio.run(main)


def test_what_is_due_happens_while_a_task_sleeps(kinesis: KinesisFake, kinesis_client: Any) -> None:
    async def main() -> None:
        kinesis_client.create_stream(StreamName="payments", ShardCount=1)
        await trio.sleep(19.999)
        assert kinesis.stream("payments").status == "CREATING"
        await trio.sleep(0.001)
        assert kinesis.stream("payments").status == "ACTIVE"

    trio.run(main)


def test_a_call_that_takes_longer_than_it_may_is_cancelled(kinesis: KinesisFake) -> None:
    """With a client of aiobotocore: five seconds of latency, one second of patience."""
    pytest.importorskip("httpx2")
    if not hasattr(pytest.importorskip("aiobotocore.waiter"), "AnyioWaiter"):
        pytest.skip("this aiobotocore needs asyncio")
    from aiobotocore.config import AioConfig
    from aiobotocore.httpxsession import HttpxSession
    from aiobotocore.session import get_session

    kinesis.inject(Fault.latency("PutRecord", milliseconds=5000, times=1))

    async def main() -> None:
        settings: dict[str, Any] = {"http_session_cls": HttpxSession}  # the stubs know of no other than aiohttp's
        config = AioConfig(**settings)
        async with get_session().create_client("kinesis", region_name="us-east-1", config=config) as client:
            record: dict[str, Any] = {"StreamName": "orders", "PartitionKey": "ada", "Data": b"1 teapot"}
            with trio.move_on_after(1) as scope:
                await client.put_record(**record)
            assert (scope.cancelled_caught, at(kinesis)) == (True, 1)
            assert kinesis.stream("orders").records == []
            with trio.fail_after(1):
                await client.put_record(**record)
            assert (at(kinesis), len(kinesis.stream("orders").records)) == (1, 1)

    trio.run(main)


def test_a_sleep_for_ever_ends_when_it_is_cancelled(kinesis: KinesisFake) -> None:
    async def main() -> None:
        with trio.move_on_after(7):
            await trio.sleep_forever()
        with trio.CancelScope(deadline=math.inf) as scope:
            scope.cancel()
            await trio.sleep_forever()

    trio.run(main)
    assert at(kinesis) == 7


def test_work_in_a_thread_takes_no_virtual_time_unless_it_sleeps(kinesis: KinesisFake) -> None:
    async def main() -> None:
        with trio.fail_after(1):
            await trio.to_thread.run_sync(sum, range(100_000))
        assert at(kinesis) == 0
        with trio.fail_after(6):
            await trio.to_thread.run_sync(time.sleep, 5)
        assert at(kinesis) == 5

    trio.run(main)


def test_a_thread_and_a_task_sleep_side_by_side(kinesis: KinesisFake) -> None:
    told = []

    def sleep() -> None:
        for _ in range(3):
            time.sleep(4)
            told.append(("thread", at(kinesis)))

    async def main() -> None:
        thread = threading.Thread(target=sleep)
        thread.start()
        for _ in range(2):
            await trio.sleep(5)
            told.append(("task", at(kinesis)))
        await trio.to_thread.run_sync(thread.join)

    trio.run(main)
    assert told == [("thread", 4), ("task", 5), ("thread", 8), ("task", 10), ("thread", 12)]


def test_a_fake_that_is_entered_inside_of_a_run_leads_it_as_long_as_it_is_active() -> None:
    async def main() -> None:
        start = trio.current_time()
        async with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
            await trio.sleep(3600)
            assert at(kinesis) == 3600
        assert 3600 <= trio.current_time() - start < 3700
        before = time.perf_counter()
        await trio.sleep(0.01)
        assert time.perf_counter() - before >= 0.009

    trio.run(main)


def test_a_run_with_a_clock_of_its_own_keeps_it(kinesis: KinesisFake) -> None:
    clock = trio.testing.MockClock(autojump_threshold=0)

    async def main() -> None:
        await trio.sleep(3600)
        assert trio.current_time() == 3600

    trio.run(main, clock=clock)
    assert at(kinesis) == 0


def test_many_sleeps_cost_hardly_any_real_time(kinesis: KinesisFake) -> None:
    """The socket with which other threads wake a run of trio up is no connection that time would wait for."""

    async def main() -> None:
        for _ in range(100):
            await trio.sleep(1)

    before = time.perf_counter()
    trio.run(main)
    assert time.perf_counter() - before < 3  # with ten moments for a connection each: more than ten
    assert at(kinesis) == 100


def test_without_the_option_sleeps_are_real() -> None:
    async def main() -> None:
        before = time.perf_counter()
        await trio.sleep(0.01)
        assert time.perf_counter() - before >= 0.009

    setup = trio._core._run.setup_runner
    with fake_kinesis(start=NEW_YEAR) as kinesis:
        assert trio._core._run.setup_runner is setup
        trio.run(main)
        assert at(kinesis) == 0
    with fake_kinesis(virtual_sleep=True):
        assert trio._core._run.setup_runner is not setup
    assert trio._core._run.setup_runner is setup


def test_a_run_whose_function_was_imported_before_the_fake_is_led(kinesis: KinesisFake) -> None:
    imported_before(trio.sleep, 3600)
    assert at(kinesis) == 3600


LATE = """
from kinesis_fake import fake_kinesis
import sys
with fake_kinesis(start="2026-01-01T00:00:00Z", virtual_sleep={option!r}) as kinesis:
    assert "trio" not in sys.modules
    import trio
    async def main():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 3600)
            {drive}
    trio.run(main)
    print(kinesis.now.isoformat(), trio.__loader__ is trio.__spec__.loader, type(trio.__loader__).__name__)
"""


@pytest.mark.parametrize(
    ("option", "drive"),
    [
        pytest.param(True, "pass", marks=pytest.mark.thorough),
        ("manual", "await kinesis.advance(hours=1)"),
    ],
)
def test_trio_that_is_imported_while_the_fake_is_active_is_led(option: Any, drive: str) -> None:
    script = LATE.format(option=option, drive=drive)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "2026-01-01T01:00:00+00:00 True SourceFileLoader\n"
