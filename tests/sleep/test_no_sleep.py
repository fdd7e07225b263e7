"""The guard of all tests against sleeping: it notices each way to wait for a clock of the machine."""

from __future__ import annotations

import asyncio
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import fake_kinesis
from tests.support import no_sleep

pytestmark = pytest.mark.interpreter

#: Longer than what is allowed, and no longer than it must be.
BRIEFLY = 2 * no_sleep.ALLOWED_S


async def wait_for_a_timer() -> None:
    asyncio.get_running_loop().call_later(BRIEFLY, (done := asyncio.Event()).set)
    await done.wait()


async def run_into_a_timeout() -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), BRIEFLY)


def in_a_thread(wait: Any) -> None:
    thread = threading.Thread(target=wait, name="sleeper")
    thread.start()
    thread.join()


def wait_for_a_thread_that_does_not_end() -> None:
    happens = threading.Event()
    thread = threading.Thread(target=happens.wait)
    thread.start()
    thread.join(BRIEFLY)
    happens.set()
    thread.join()


def wait_for_an_item_that_does_not_come() -> None:
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=BRIEFLY)


WAITS: dict[str, tuple[Callable[[], object], str]] = {
    "a sleep": (lambda: time.sleep(0.001), "time.sleep(0.001) in MainThread, "),
    "a sleep in a thread": (lambda: in_a_thread(lambda: time.sleep(0.001)), "time.sleep(0.001) in sleeper, "),
    "a sleep of asyncio": (lambda: asyncio.run(asyncio.sleep(0.001)), "asyncio.sleep(0.001) in MainThread, "),
    "a timer of a loop": (lambda: asyncio.run(wait_for_a_timer()), "select(timeout=0.0"),
    "a timeout of a loop": (lambda: asyncio.run(run_into_a_timeout()), "select(timeout=0.0"),
    "an event that does not happen": (
        lambda: threading.Event().wait(BRIEFLY),
        f"wait(timeout={BRIEFLY}) in MainThread, ",
    ),
    "an event that does not happen, in a thread": (
        lambda: in_a_thread(lambda: threading.Event().wait(BRIEFLY)),
        f"wait(timeout={BRIEFLY}) in sleeper, ",
    ),
    "an item that does not come": (wait_for_an_item_that_does_not_come, "wait(timeout=0.0"),
    "a thread that does not end": (wait_for_a_thread_that_does_not_end, f"join(timeout={BRIEFLY}) in MainThread, "),
    "nothing to read or write": (lambda: select.select([], [], [], BRIEFLY), f"select(timeout={BRIEFLY}) in MainT"),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_is_found_out(name: Any) -> None:
    wait, told = WAITS[name]
    wait()
    waits = no_sleep.take_waits()
    assert [line for line in waits if line.startswith(told)], waits


def ends_soon() -> None:
    subprocess.run([sys.executable, "-S", "-c", ""], capture_output=True, check=True)


def waits_for_a_thread() -> None:
    happened = threading.Event()
    threading.Thread(target=happened.set).start()
    assert happened.wait(30)


def sleeps_virtually() -> None:
    with fake_kinesis(virtual_sleep=True):
        time.sleep(1000)
        asyncio.run(asyncio.sleep(1000))


@pytest.mark.parametrize(
    "what",
    [
        ends_soon,
        waits_for_a_thread,
        sleeps_virtually,
        lambda: time.sleep(0),
        lambda: asyncio.run(asyncio.sleep(0)),
        lambda: asyncio.run(asyncio.to_thread(int)),
    ],
    ids=["a process", "a thread", "virtual", "no time", "no time of asyncio", "work in a thread"],
)
def test_to_wait_for_what_happens_is_no_sleep(what: Any) -> None:
    what()
    assert no_sleep.take_waits() == []


def test_a_test_that_waits_fails(pytester: Any) -> None:
    pytester.makepyfile(
        """
        import time
        import pytest

        @pytest.fixture
        def slow():
            time.sleep(0.001)

        @pytest.fixture
        def slow_to_leave():
            yield
            time.sleep(0.001)

        def test_quick():
            pass

        def test_slow():
            time.sleep(0.001)

        def test_slow_to_begin(slow):
            pass

        def test_slow_to_end(slow_to_leave):
            pass
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "tests.support.no_sleep")
    result.assert_outcomes(passed=2, failed=1, errors=2)
    result.stdout.fnmatch_lines(["*this waits in real time:", "*time.sleep(0.001) in MainThread, *"])
