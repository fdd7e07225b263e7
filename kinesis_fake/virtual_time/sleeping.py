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
from weakref import WeakKeyDictionary, WeakSet

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.fork_locks import brief
from kinesis_fake.process.patches import Replacements

#: How many turns of a busy loop a sleeper waits for the loop to become idle before it is woken all the same: a task
#: that spins on ``asyncio.sleep(0)`` until another one wakes up must not wait for ever.
BUSY_TURNS = 1000
#: How many turns a loop must have been idle for, so that what has just been made ready has had its turn.
IDLE_TURNS = 2
#: How much real time, in seconds, whoever waits for an event leaves to what goes on in real time: other threads, and
#: timers and connections of the loop. They get as much again whenever one of them has made a call ...
GRACE_S = 0.01
#: ... but not more often than this: one that calls in a loop until another one wakes up must not wait for ever.
MOST_GRACES = 100
#: How long, in seconds of real time, and how often, sleepers wait for a thread that a task of their loop waits for.
WORK_POLL_S = 0.001
MOST_WORK_POLLS = 250
#: How often the code under test may sleep without a call of Kinesis in between: a loop until a deadline of the real
#: clock would go on for as long, and drive the virtual one far ahead.
MOST_IDLE_SLEEPS = 100_000
#: Who waits for one of these waits for tasks, and those are looked at themselves.
_OF_TASKS = (asyncio.Task, getattr(asyncio.tasks, "_GatheringFuture", asyncio.Task))


class Mover(Protocol):
    """Whose clock a sleep moves."""

    @property
    def now(self) -> int: ...

    @property
    def stirrings(self) -> int:
        """A number that grows with everything anybody does."""

    @property
    def calls(self) -> int:
        """A number that grows with every call of Kinesis."""

    def move_to(self, instant: int) -> None: ...

    def advance(self, milliseconds: int) -> None: ...

    def step_to(self, instant: int) -> None:
        """Move to the next instant at which something happens, at most to this one."""

    def has_other_threads(self) -> bool:
        """Whether threads besides this one may have something to do with the clock."""


@dataclass(order=True)
class _Sleeper:
    """One task that sleeps in virtual time, or waits for something to happen until an instant at the latest."""

    rank: int
    order: int
    due_at: int = field(compare=False)
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
        #: For each clock the instant at which the scale of this loop has its zero.
        self._origins: WeakKeyDictionary[Mover, int] = WeakKeyDictionary()
        self._is_armed = False
        self._turns = 0
        self._idle_turns = 0
        self._graces = 0
        #: What had been done at the beginning of the last grace.
        self._stirrings = -1
        self._work_polls = 0
        #: Work in threads that takes longer than virtual time waits for.
        self._given_up: WeakSet[Any] = WeakSet()

    async def sleep(self, mover: Mover, due_at: int, has_happened: Callable[[], bool] | None = None) -> None:
        """Sleep until an instant, or until something has happened."""
        self._order += 1
        rank = self._rank(mover, due_at)
        sleeper = _Sleeper(rank, self._order, due_at, mover, self._loop.create_future(), has_happened)
        heapq.heappush(self._heap, sleeper)
        if not self._is_armed:
            self._arm()
        await sleeper.future

    def _rank(self, mover: Mover, due_at: int) -> int:
        """An instant on a scale of this loop, where the clocks of several fakes agree in which order to go on."""
        origin = self._origins.get(mover)
        if origin is None:
            passed = max((known.now - began for known, began in self._origins.items()), default=0)
            origin = self._origins[mover] = mover.now - passed
        return due_at - origin

    def _arm(self) -> None:
        self._is_armed = True
        self._turns = self._idle_turns = self._graces = self._work_polls = 0
        self._stirrings = -1
        self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """One turn of the loop: wake whom something has happened for, or the first if nobody else can run."""
        self._wake_listeners()
        if not self._heap:
            self._is_armed = False
            return
        self._turns += 1
        self._idle_turns = self._idle_turns + 1 if self._is_idle() else 0
        if self._idle_turns < IDLE_TURNS and self._turns < BUSY_TURNS:
            self._loop.call_soon(self._turn)
            return
        if self._turns < BUSY_TURNS and (work := self._work_in_threads()):
            self._wait_for(work)
            self._loop.call_soon(self._turn)
            return
        first = self._heap[0]
        if first.has_happened is not None and self._turns < BUSY_TURNS and self._leaves_room(first.mover):
            self._loop.call_later(GRACE_S, self._turn)
            return
        try:
            self._pass_time_until(first)
        except KinesisFakeError as error:  # the end of virtual time
            if not first.future.done():
                first.future.set_exception(error)
        self._wake_listeners()
        if self._heap:
            self._arm()
        else:
            self._is_armed = False

    def _wake_listeners(self) -> None:
        """Wake those for whom something has happened, and forget them and those that were cancelled."""
        for sleeper in self._heap:
            if sleeper.has_happened is not None and not sleeper.future.done() and sleeper.has_happened():
                sleeper.wake()
        self._heap = [sleeper for sleeper in self._heap if not sleeper.future.done()]
        heapq.heapify(self._heap)

    def _pass_time_until(self, first: _Sleeper) -> None:
        """Let everything happen at its own instant until this sleeper or, before it, a listener is to be woken."""
        while first.mover.now < first.due_at:
            first.mover.step_to(first.due_at)
            if any(sleeper.has_happened is not None and sleeper.has_happened() for sleeper in self._heap):
                break
        else:
            first.wake()

    def _work_in_threads(self) -> list[Any]:
        """What tasks have given to threads and wait for, as with ``asyncio.to_thread``, unless it takes too long."""
        return [
            future
            for future in self._awaited()
            if future not in self._given_up
            and any(
                getattr(callback, "__qualname__", "").startswith("_chain_future.")
                for callback, _ in getattr(future, "_callbacks", None) or ()
            )
        ]

    def _wait_for(self, work: list[Any]) -> None:
        """Leave threads a moment for what they do; time stands still meanwhile."""
        threading.Event().wait(WORK_POLL_S)
        self._turns = self._idle_turns = 0
        self._work_polls += 1
        if self._work_polls >= MOST_WORK_POLLS:
            self._work_polls = 0
            self._given_up.update(work)

    def _leaves_room(self, mover: Mover) -> bool:
        """Whether somebody whom the loop does not see may be about to do something, who is given a moment for it."""
        if not (mover.has_other_threads() or self._waits_for_real()):
            return False
        stirrings = mover.stirrings
        if stirrings == self._stirrings or self._graces == MOST_GRACES:
            return False
        self._stirrings = stirrings
        self._graces += 1
        return True

    def _is_idle(self) -> bool:
        """Whether nothing else is ready to run."""
        ready = getattr(self._loop, "_ready", None)
        if ready is not None:
            return not ready
        return all(future is not None and not future.done() for future in self._awaited())

    def _waits_for_real(self) -> bool:
        """Whether the loop has timers, or connections beside the one that wakes it up."""
        timers = getattr(self._loop, "_scheduled", None)
        if timers is not None:
            selector = getattr(self._loop, "_selector", None)
            connections = selector.get_map() if selector is not None else None
            return len(connections or ()) > 1 or any(not timer.cancelled() for timer in timers)
        ours = {sleeper.future for sleeper in self._heap}
        return any(
            future is not None and future not in ours and not isinstance(future, _OF_TASKS)
            for future in self._awaited()
        )

    def _awaited(self) -> list[Any]:
        """What the tasks of the loop wait for, None for one that does not wait; all that uvloop lets be seen."""
        return [getattr(task, "_fut_waiter", None) for task in asyncio.all_tasks(self._loop)]


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
        self._lock = brief(threading.Lock())
        self._holders = 0
        self._replacements = Replacements()
        #: How often the code under test has slept since the last call of Kinesis, and the number of that.
        self._idle_sleeps: WeakKeyDictionary[Mover, tuple[int, int]] = WeakKeyDictionary()

    def acquire(self) -> None:
        with self._lock:
            self._holders += 1
            self._replacements.make(time, "sleep", self._replace_sleep)
            self._replacements.make(asyncio, "sleep", self._replace_async_sleep)
            self._replacements.make(asyncio.tasks, "sleep", lambda _: asyncio.sleep)  # one function, as before

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._replacements.undo()

    def _replace_sleep(self, original: Callable[[float], None]) -> Any:
        def sleep(seconds: float, /) -> None:
            mover = self._mover_of_call()
            if mover is None or seconds <= 0:
                original(seconds)
            else:
                self._require_end(mover)
                mover.advance(_milliseconds(seconds))

        return sleep

    def _require_end(self, mover: Mover) -> None:
        calls = mover.calls
        last, sleeps = self._idle_sleeps.get(mover, (calls, 0))
        sleeps = sleeps + 1 if last == calls else 1
        self._idle_sleeps[mover] = calls, sleeps
        if sleeps > MOST_IDLE_SLEEPS:
            raise KinesisFakeError(
                f"The code under test has slept {MOST_IDLE_SLEEPS:,} times without a call of Kinesis in between. "
                "Virtual sleep moves kinesis.now, and no other clock: a loop until a deadline of time.monotonic(), "
                "time.time() or datetime.now() goes on until that has passed for real. Count its turns, or let it ask "
                "a clock that the test replaces by kinesis.now."
            )

    def _replace_async_sleep(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def sleep(delay: float, result: Any = None) -> Any:
            mover = self._mover_of_call()
            if mover is None or delay <= 0:
                return await original(delay, result)
            self._require_end(mover)
            loop = asyncio.get_running_loop()
            if delay == math.inf:  # until it is cancelled; no reason for time to go on
                await loop.create_future()
            await sleepers_of(loop).sleep(mover, mover.now + _milliseconds(delay))
            return result

        return sleep


def _milliseconds(seconds: float) -> int:
    """A duration in whole milliseconds; the shortest sleep moves the clock by one."""
    if not math.isfinite(seconds):
        raise KinesisFakeError(f"A virtual sleep cannot last {seconds} seconds; give it an end.")
    return max(1, round(seconds * 1000))
