"""Tasks of asyncio that wait in virtual time.

They are woken in the order of the instants at which their waits end, each when nothing else is ready to run on its
loop, so that tasks side by side see the order they would see on a real loop.

The idea of jumping when nothing else can run is that of trio's ``MockClock(autojump_threshold=0)``.
"""

from __future__ import annotations

import asyncio
import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.timeline import BUSY_TURNS, MAX_ALLOWANCES, REAL_TIME_ALLOWANCE_S, Timeline

#: How many turns a loop must have been idle for, so that what has just been made ready has had its turn.
IDLE_TURNS = 2
#: How long, in seconds of real time, and how often, sleepers wait for a thread that a task of their loop waits for.
WORK_POLL_S = 0.001
MAX_WORK_POLLS = 250
#: A future of these types completes when tasks do. The tasks are inspected themselves, so the loop need not wait for
#: the future.
_FUTURES_OF_TASKS = (asyncio.Task, getattr(asyncio.tasks, "_GatheringFuture", asyncio.Task))


@dataclass(order=True)
class _Sleeper:
    """One task that sleeps in virtual time, or waits for something to happen until an instant at the latest."""

    rank: int
    order: int
    due_at: int = field(compare=False)
    timeline: Timeline = field(compare=False)
    future: asyncio.Future[None] = field(compare=False)
    is_over: Callable[[], bool] | None = field(compare=False)

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
        self._origins: WeakKeyDictionary[Timeline, int] = WeakKeyDictionary()
        self._is_armed = False
        self._turns = 0
        self._idle_turns = 0
        self._allowances = 0
        #: The activity of the timeline at the beginning of the last allowance.
        self._activity = -1
        self._work_polls = 0
        #: Work in threads that takes longer than virtual time waits for.
        self._given_up: WeakSet[Any] = WeakSet()

    async def sleep(self, timeline: Timeline, due_at: int, is_over: Callable[[], bool] | None = None) -> None:
        """Sleep until an instant, or until something has happened."""
        self._order += 1
        rank = self._rank(timeline, due_at)
        sleeper = _Sleeper(rank, self._order, due_at, timeline, self._loop.create_future(), is_over)
        heapq.heappush(self._heap, sleeper)
        if not self._is_armed:
            self._arm()
        await sleeper.future

    def _rank(self, timeline: Timeline, due_at: int) -> int:
        """An instant on a scale of this loop, where the clocks of several fakes agree in which order to go on."""
        origin = self._origins.get(timeline)
        if origin is None:
            passed = max((known.now - began for known, began in self._origins.items()), default=0)
            origin = self._origins[timeline] = timeline.now - passed
        return due_at - origin

    def _arm(self) -> None:
        self._is_armed = True
        self._turns = self._idle_turns = self._allowances = self._work_polls = 0
        self._activity = -1
        self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """One turn of the loop: wake the tasks whose waits are over, or the first one if no task can run."""
        self._wake_those_whose_wait_is_over()
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
        if first.is_over is not None and self._turns < BUSY_TURNS and self._grants_real_time(first.timeline):
            self._loop.call_later(REAL_TIME_ALLOWANCE_S, self._turn)
            return
        try:
            self._pass_time_until(first)
        except KinesisFakeError as error:  # the end of virtual time
            if not first.future.done():
                first.future.set_exception(error)
        self._wake_those_whose_wait_is_over()
        if self._heap:
            self._arm()
        else:
            self._is_armed = False

    def _wake_those_whose_wait_is_over(self) -> None:
        """Wake the tasks whose waits are over, and forget them and those that were cancelled."""
        for sleeper in self._heap:
            if sleeper.is_over is not None and not sleeper.future.done() and sleeper.is_over():
                sleeper.wake()
        self._heap = [sleeper for sleeper in self._heap if not sleeper.future.done()]
        heapq.heapify(self._heap)

    def _pass_time_until(self, first: _Sleeper) -> None:
        """Let everything happen at its own instant until this task or, before it, another one is to be woken."""
        while first.timeline.now < first.due_at:
            first.timeline.step_to(first.due_at)
            if any(sleeper.is_over is not None and sleeper.is_over() for sleeper in self._heap):
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
        if self._work_polls >= MAX_WORK_POLLS:
            self._work_polls = 0
            self._given_up.update(work)

    def _grants_real_time(self, timeline: Timeline) -> bool:
        """Whether a thread or a connection, which the loop does not see, is given a moment to do something."""
        if not (timeline.has_other_threads() or self._waits_for_real()):
            return False
        activity = timeline.activity
        if activity == self._activity or self._allowances == MAX_ALLOWANCES:
            return False
        self._activity = activity
        self._allowances += 1
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
            future is not None and future not in ours and not isinstance(future, _FUTURES_OF_TASKS)
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
