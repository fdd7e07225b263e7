"""Timers of event loops: with ``virtual_sleep`` they are virtual, without it they are real."""

from __future__ import annotations

import asyncio
import concurrent.futures
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis

pytestmark = [pytest.mark.asyncio_clients, pytest.mark.any_botocore]

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)

needs_timeout = pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout came with Python 3.11")
timeout: Any = getattr(asyncio, "timeout", None)
timeout_at: Any = getattr(asyncio, "timeout_at", None)


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: Any) -> Any:
    """Runs a coroutine on either kind of loop."""
    return pytest.importorskip(request.param).run


@pytest.fixture
def kinesis(run: Any) -> Any:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True, streams={"orders": 1}) as kinesis:
        yield kinesis


def at(kinesis: KinesisFake) -> float:
    return (kinesis.now - NEW_YEAR).total_seconds()


# --- timeouts -----------------------------------------------------------------------------------------------------


@needs_timeout
def test_a_timeout_ends_a_longer_sleep_at_its_instant(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with timeout(0.5):
                await asyncio.sleep(100)
        assert at(kinesis) == 0.5
        async with timeout(100):
            await asyncio.sleep(0.5)
        assert at(kinesis) == 1
        await asyncio.sleep(1000)  # the rest of the timeout is forgotten
        assert at(kinesis) == 1001

    run(main())


@needs_timeout
def test_a_timeout_at_an_instant_of_the_loop_and_a_timeout_that_is_moved(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(TimeoutError):
            async with timeout_at(loop.time() + 7):
                await asyncio.Event().wait()
        assert at(kinesis) == 7

        async def have_more_patience() -> None:
            async with timeout(10) as patience:
                await asyncio.sleep(5)
                patience.reschedule(loop.time() + 30)
                await asyncio.sleep(100)

        with pytest.raises(TimeoutError):
            await have_more_patience()
        assert at(kinesis) == 42

    run(main())


def test_wait_for_gives_up_at_its_instant(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.sleep(100), 1)
        assert at(kinesis) == 1
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 60)
        assert at(kinesis) == 61
        assert await asyncio.wait_for(asyncio.sleep(5, "rested"), 6) == "rested"
        assert at(kinesis) == 66

    run(main())


def test_wait_gives_up_at_its_instant(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        short, long = (asyncio.ensure_future(asyncio.sleep(seconds)) for seconds in (5, 50))
        done, pending = await asyncio.wait([short, long], timeout=10)
        assert (done, pending, at(kinesis)) == ({short}, {long}, 10)
        long.cancel()

    run(main())


def test_a_queue_of_asyncio_is_waited_for_in_virtual_time(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        orders: asyncio.Queue[int] = asyncio.Queue()
        got = []

        async def produce() -> None:
            for number in range(3):
                await asyncio.sleep(10)
                await orders.put(number)

        async def consume() -> None:
            while True:
                try:
                    got.append((await asyncio.wait_for(orders.get(), 15), at(kinesis)))
                except asyncio.TimeoutError:
                    return

        await asyncio.gather(produce(), consume())
        assert got == [(0, 10), (1, 20), (2, 30)]
        assert at(kinesis) == 45

    run(main())


def test_what_comes_to_nothing_gives_up_at_its_instant(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        condition, semaphore = asyncio.Condition(), asyncio.Semaphore(0)
        (first,) = asyncio.as_completed([asyncio.sleep(100)], timeout=2)
        with pytest.raises(asyncio.TimeoutError):
            await first
        assert at(kinesis) == 2
        async with condition:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(condition.wait(), 3)
        assert at(kinesis) == 5
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(semaphore.acquire(), 4)
        assert at(kinesis) == 9

    run(main())


@pytest.mark.parametrize("how", ["wait_for", "wait", "gather"])
@pytest.mark.parametrize("executor", ["of the loop", "from before"])
@pytest.mark.thorough_but("of the loop-wait_for", "from before-gather")
@pytest.mark.thorough
def test_a_timeout_leaves_an_executor_that_computes_its_time(run: Any, how: str, executor: str) -> None:
    def compute() -> str:
        end = time.perf_counter() + 0.3
        while time.perf_counter() < end:
            pass
        return "computed"

    async def main() -> Any:
        work = asyncio.get_running_loop().run_in_executor(pool if executor == "from before" else None, compute)
        if how == "wait_for":
            return await asyncio.wait_for(work, 5)
        if how == "gather":
            return (await asyncio.wait_for(asyncio.gather(work), 5))[0]
        done, _ = await asyncio.wait([work], timeout=5)
        return done.pop().result()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()  # so that its thread is there before the fake
        with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
            assert run(main()) == "computed"
            assert at(kinesis) == 0


def test_a_thread_gives_up_waiting_for_a_task_at_its_instant(run: Any, kinesis: KinesisFake) -> None:
    told = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def wait() -> None:
            future = asyncio.run_coroutine_threadsafe(asyncio.sleep(100), loop)
            with pytest.raises(concurrent.futures.TimeoutError):
                future.result(2)
            told.append(at(kinesis))
            future.cancel()

        await asyncio.get_running_loop().run_in_executor(None, wait)

    run(main())
    assert told == [2]


def test_a_call_that_takes_longer_than_it_may_is_cancelled(run: Any, kinesis: KinesisFake) -> None:
    """With a client of aiobotocore: five seconds of latency, one second of patience."""
    session = pytest.importorskip("aiobotocore.session").get_session()
    kinesis.inject(Fault.latency("PutRecord", milliseconds=5000, times=1))

    async def main() -> None:
        async with session.create_client("kinesis", region_name="us-east-1") as client:
            record: dict[str, Any] = {"StreamName": "orders", "PartitionKey": "ada", "Data": b"1 teapot"}
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.put_record(**record), 1)
            assert at(kinesis) == 1
            assert kinesis.stream("orders").records == []
            await asyncio.wait_for(client.put_record(**record), 1)
            assert (at(kinesis), len(kinesis.stream("orders").records)) == (1, 1)

    run(main())


# --- call_later, call_at and time -----------------------------------------------------------------------------------


def test_timers_ring_in_the_order_of_their_instants(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        rung: list[object] = []

        def ring(name: object) -> None:
            rung.append((name, at(kinesis)))

        start = loop.time()
        for seconds in (30, 10, 20.5):
            loop.call_later(seconds, ring, seconds)
        loop.call_at(start + 15, ring, "at")
        cancelled = loop.call_later(12, rung.append, "cancelled")
        assert not cancelled.cancelled()
        cancelled.cancel()
        assert cancelled.cancelled()
        await asyncio.sleep(25)
        assert rung == [(10, 10), ("at", 15), (20.5, 20.5)]
        assert loop.time() - start == pytest.approx(25, abs=1e-6)
        await asyncio.sleep(5)
        assert rung[3:] == [(30, 30)]

    run(main())


def test_a_timer_that_is_due_rings_at_once(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        loop, rung = asyncio.get_running_loop(), asyncio.Event()
        loop.call_later(0, rung.set)
        await rung.wait()
        loop.call_at(loop.time() - 5, rung.clear)
        while rung.is_set():
            await asyncio.sleep(0)
        assert at(kinesis) == 0

    run(main())


def test_what_a_timer_raises_is_the_loops_business_as_always(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        loop, told = asyncio.get_running_loop(), []
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        loop.call_later(5, lambda: 1 / 0)
        await asyncio.sleep(6)
        assert [type(error) for error in told] == [ZeroDivisionError]

    run(main())


def test_a_timer_beyond_the_end_of_virtual_time_never_rings(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1e12, lambda: 1 / 0).cancel()
        loop.call_later(1e12, lambda: 1 / 0)
        await asyncio.sleep(3600)
        assert at(kinesis) == 3600

    run(main())


def test_a_loop_until_a_deadline_of_the_loop_ends_in_virtual_time(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        loop, turns = asyncio.get_running_loop(), 0
        deadline = loop.time() + 20
        while loop.time() < deadline:
            await asyncio.sleep(5)
            turns += 1
        assert turns in (4, 5)  # the clock of a loop is a float

    run(main())


def test_work_in_a_thread_that_sleeps_is_given_up_in_virtual_time(run: Any, kinesis: KinesisFake) -> None:
    async def main() -> None:
        await asyncio.wait_for(asyncio.to_thread(time.sleep, 5), 6)
        assert at(kinesis) == 5
        release = threading.Event()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(release.wait, 50), 4)
        assert at(kinesis) == 9
        release.set()

    run(main())


# --- real timers ----------------------------------------------------------------------------------------------------


def test_without_the_option_timers_are_real(run: Any) -> None:
    async def main() -> None:
        with fake_kinesis(start=NEW_YEAR) as kinesis:
            before = time.perf_counter()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.01)
            assert time.perf_counter() - before >= 0.009
            assert at(kinesis) == 0

    run(main())


def test_a_timer_that_was_set_before_the_fake_is_real(run: Any) -> None:
    async def main() -> None:
        rung: list[Any] = []
        timer = asyncio.get_running_loop().call_later(3600, rung.append, 1)
        with fake_kinesis(virtual_sleep=True):
            await asyncio.sleep(3601)
        await asyncio.sleep(0)
        assert rung == []
        timer.cancel()

    run(main())


def test_afterwards_timers_are_real_again(run: Any) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        before = type(loop).call_at, type(loop).call_later, type(loop).time
        with fake_kinesis(virtual_sleep=True):
            await asyncio.sleep(3600)
            assert loop.time() > 3600
        assert (type(loop).call_at, type(loop).call_later, type(loop).time) == before
        assert not {"call_at", "call_later", "time"} & set(vars(type(loop)))

    run(main())


def test_uvloop_that_is_imported_while_the_fake_is_active_is_led() -> None:
    pytest.importorskip("uvloop")
    script = """
import asyncio, sys
from kinesis_fake import fake_kinesis
async def main():
    asyncio.get_running_loop().call_later(1, lambda: print(kinesis.now.isoformat()))
    await asyncio.sleep(5)
    print(kinesis.now.isoformat())
with fake_kinesis(start="2026-01-01T00:00:00Z", virtual_sleep=True) as kinesis:
    assert "uvloop" not in sys.modules
    import uvloop
    uvloop.run(main())
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told == "2026-01-01T00:00:01+00:00\n2026-01-01T00:00:05+00:00\n"


LEADS = r"would overtake those that are pending\. virtual_sleep leads the loops of asyncio, uvloop and trio\."


def test_a_loop_of_an_unknown_kind_is_not_led() -> None:
    class Foreign(asyncio.SelectorEventLoop):
        def call_at(self, *args: Any, **options: Any) -> Any:  # type: ignore[override]
            return super().call_at(*args, **options)

    loop = Foreign()
    with fake_kinesis(virtual_sleep=True), pytest.raises(KinesisFakeError, match=LEADS):
        loop.run_until_complete(asyncio.sleep(5))
    loop.close()
