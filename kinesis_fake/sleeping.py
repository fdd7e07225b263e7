"""``virtual_sleep``: ``time.sleep`` and ``asyncio.sleep`` of the code under test move the virtual clock.

A ``time.sleep`` moves the clock by its duration and returns at once, in whichever thread it is called. Tasks in
``asyncio.sleep`` are woken in the order of their due instants, each when nothing else is ready to run on its loop, so
that tasks side by side see the order they would see on a real loop.

The idea of jumping when nothing else can run is that of trio's ``MockClock(autojump_threshold=0)``.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from kinesis_fake.errors import KinesisFakeError

#: How many turns of a busy loop a sleeper waits for the loop to become idle before it is woken all the same: a task
#: that spins on ``asyncio.sleep(0)`` until another one wakes up must not wait for ever.
BUSY_TURNS = 1000
#: How many turns a loop must have been idle for, so that what has just been made ready has had its turn.
IDLE_TURNS = 2
#: How much real time, in seconds, a task that waits for an event leaves to those that sleep in real time.
GRACE_S = 0.01


class Mover(Protocol):
    """Whose clock a sleep moves."""

    @property
    def now(self) -> int: ...

    def move_to(self, instant: int) -> None: ...


@dataclass(order=True)
class _Sleeper:
    """One task that sleeps in virtual time, or waits for something to happen until an instant at the latest."""

    due_at: int
    order: int
    mover: Mover = field(compare=False)
    future: asyncio.Future[None] = field(compare=False)
    has_happened: Callable[[], bool] | None = field(compare=False)

    def wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class LoopSleepers:
    """The tasks of one event loop that sleep in virtual time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._heap: list[_Sleeper] = []
        self._order = 0
        self._is_armed = False
        self._turns = 0

    async def sleep(self, mover: Mover, due_at: int, has_happened: Callable[[], bool] | None = None) -> None:
        """Sleep until an instant, or until something has happened."""
        self._order += 1
        sleeper = _Sleeper(due_at, self._order, mover, self._loop.create_future(), has_happened)
        heapq.heappush(self._heap, sleeper)
        self._arm()
        await sleeper.future

    def _arm(self) -> None:
        if not self._is_armed:
            self._is_armed = True
            self._turns = 0
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """One turn of the loop: wake whom something has happened for, or the first if nobody else can run."""
        for sleeper in self._heap:
            if sleeper.has_happened is not None and not sleeper.future.done() and sleeper.has_happened():
                sleeper.wake()
        self._heap = [sleeper for sleeper in self._heap if not sleeper.future.done()]  # woken or cancelled
        heapq.heapify(self._heap)
        self._is_armed = bool(self._heap)
        if not self._heap:
            return
        self._turns += 1
        if self._turns < (IDLE_TURNS if self._is_idle() else BUSY_TURNS):
            self._loop.call_soon(self._turn)
            return
        first = self._heap[0]
        if first.has_happened is not None and self._turns == IDLE_TURNS and self._has_timer():
            # Somebody sleeps in real time, a producer perhaps: let it have a moment before virtual time goes on.
            self._loop.call_later(GRACE_S, self._turn)
            return
        heapq.heappop(self._heap)
        if first.due_at > first.mover.now:
            first.mover.move_to(first.due_at)
        first.wake()
        self._is_armed = False
        if self._heap:
            self._arm()

    def _is_idle(self) -> bool:
        """Whether nothing else is ready to run; loops that do not tell are taken to be busy."""
        ready = getattr(self._loop, "_ready", None)
        return ready is not None and not ready

    def _has_timer(self) -> bool:
        timers = getattr(self._loop, "_scheduled", ())
        return any(not timer.cancelled() for timer in timers)


_sleepers: WeakKeyDictionary[asyncio.AbstractEventLoop, LoopSleepers] = WeakKeyDictionary()


def sleepers_of(loop: asyncio.AbstractEventLoop) -> LoopSleepers:
    """The sleepers of a loop."""
    sleepers = _sleepers.get(loop)
    if sleepers is None:
        sleepers = _sleepers[loop] = LoopSleepers(loop)
    return sleepers


class VirtualSleep:
    """Replaces the sleeps of the process for as long as any fake wants it; the others sleep as before."""

    def __init__(self, mover_of_call: Callable[[], Mover | None]) -> None:
        self._mover_of_call = mover_of_call
        self._lock = threading.Lock()
        self._holders = 0
        self._originals: tuple[Any, Any] | None = None

    def acquire(self) -> None:
        with self._lock:
            self._holders += 1
            if self._originals is None:
                self._originals = time.sleep, asyncio.sleep
                time.sleep = self._replace_sleep(time.sleep)
                asyncio.sleep = asyncio.tasks.sleep = self._replace_async_sleep(asyncio.sleep)

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0 and self._originals is not None:
                time.sleep, asyncio.sleep = self._originals
                asyncio.tasks.sleep = self._originals[1]
                self._originals = None

    def _replace_sleep(self, original: Callable[[float], None]) -> Any:
        def sleep(seconds: float, /) -> None:
            mover = self._mover_of_call()
            if mover is None or seconds <= 0:
                original(seconds)
            else:
                mover.move_to(mover.now + _milliseconds(seconds))

        return sleep

    def _replace_async_sleep(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def sleep(delay: float, result: Any = None) -> Any:
            mover = self._mover_of_call()
            if mover is None or delay <= 0:
                return await original(delay, result)
            sleepers = sleepers_of(asyncio.get_running_loop())
            await sleepers.sleep(mover, mover.now + _milliseconds(delay))
            return result

        return sleep


def _milliseconds(seconds: float) -> int:
    """A duration in whole milliseconds; the shortest sleep moves the clock by one."""
    if not math.isfinite(seconds):
        raise KinesisFakeError(f"A virtual sleep cannot last {seconds} seconds; give it an end.")
    return max(1, round(seconds * 1000))
