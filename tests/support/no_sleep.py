"""Proves that no test waits for a clock of the machine: such a test fails, and the report shows the wait.

This plugin watches ``time.sleep`` in every thread, ``asyncio.sleep`` on every loop, and the calls that nearly all other
waits end in: a selector that runs into its timeout, as in an event loop that has only timers; a condition that does, as
in an event, a queue or a future; and a ``join`` whose thread does not end. A wait for an event, such as the end of a
process or of a thread, is no sleep.

It does not see waits for a bare lock or a socket, nor a sleep that got another name before this module was imported.
"""

from __future__ import annotations

import asyncio
import select
import selectors
import threading
import time
import traceback
from collections.abc import Callable, Generator
from typing import Any

import pytest

from kinesis_fake.virtual_time.allowances import REAL_TIME_ALLOWANCE_S

#: The real time, in seconds, that the fake itself gives to threads and timers which it cannot see. No test may wait.
ALLOWED_S = REAL_TIME_ALLOWANCE_S

#: The waits since the last call of take_waits(), and where they were.
_waits: list[str] = []
_is_watched = False


def take_waits() -> list[str]:
    """The waits since the last call of this function."""
    waits = _waits.copy()
    _waits.clear()
    return waits


def _tell(what: str) -> None:
    place = traceback.format_stack(limit=6)[0].splitlines()[0].strip()
    _waits.append(f"{what} in {threading.current_thread().name}, {place}")


def _watch_sleep(original: Callable[..., None]) -> Callable[..., None]:
    def sleep(seconds: Any, /) -> None:
        original(seconds)
        if seconds > 0:
            _tell(f"time.sleep({seconds})")

    return sleep


def _watch_async_sleep(original: Callable[..., Any]) -> Callable[..., Any]:
    async def sleep(delay: float, result: Any = None) -> Any:
        value = await original(delay, result)
        if delay > 0:
            _tell(f"asyncio.sleep({delay})")
        return value

    return sleep


def _watch_select(original: Callable[..., Any]) -> Callable[..., Any]:
    def select(self: Any, timeout: float | None = None) -> Any:
        ready = original(self, timeout)
        if not ready and timeout is not None and timeout > ALLOWED_S:
            _tell(f"select(timeout={timeout})")
        return ready

    return select


def _watch_bare_select(original: Callable[..., Any]) -> Callable[..., Any]:
    def select(read: Any, write: Any, exceptional: Any, timeout: float | None = None, /) -> Any:
        ready = original(read, write, exceptional, timeout)
        if not any(ready) and timeout is not None and timeout > ALLOWED_S:
            _tell(f"select(timeout={timeout})")
        return ready

    return select


def _watch_wait(original: Callable[..., bool]) -> Callable[..., bool]:
    def wait(self: Any, timeout: float | None = None) -> bool:
        happened = original(self, timeout)
        if not happened and timeout is not None and timeout > ALLOWED_S:
            _tell(f"wait(timeout={timeout})")
        return happened

    return wait


def _watch_join(original: Callable[..., None]) -> Callable[..., None]:
    def join(self: Any, timeout: float | None = None) -> None:
        original(self, timeout)
        if timeout is not None and timeout > ALLOWED_S and self.is_alive():
            _tell(f"join(timeout={timeout})")

    return join


def _watch() -> None:
    time.sleep = _watch_sleep(time.sleep)
    asyncio.sleep = asyncio.tasks.sleep = _watch_async_sleep(asyncio.sleep)
    threading.Condition.wait = _watch_wait(threading.Condition.wait)  # type: ignore[method-assign]
    threading.Thread.join = _watch_join(threading.Thread.join)  # type: ignore[method-assign]
    select.select = _watch_bare_select(select.select)
    for name in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"):
        selector = getattr(selectors, name, None)
        if selector is not None and "select" in vars(selector):
            selector.select = _watch_select(selector.select)


# --- as a plugin of pytest ------------------------------------------------------------------------------------------


def pytest_configure() -> None:
    """Watch this process from now on; pytest may be run inside a test, in the same process."""
    global _is_watched
    if not _is_watched:
        _is_watched = True
        _watch()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    return (yield from _without_sleep())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    return (yield from _without_sleep())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    return (yield from _without_sleep())


def _without_sleep() -> Generator[None, object, object]:
    take_waits()
    result = yield
    waits = take_waits()
    assert not waits, "this waits in real time:\n" + "\n".join(waits)
    return result
