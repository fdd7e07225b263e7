"""Tasks of asyncio that wait in virtual time.

They are woken in the order of the instants at which their waits end, each when nothing else is ready to run on its
loop, so that tasks side by side see the order they would see on a real loop.

The idea of jumping when nothing else can run is that of trio's ``MockClock(autojump_threshold=0)``.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.allowances import (
    MAX_ALLOWANCES,
    MAX_ALLOWANCES_OF_TIMERS,
    REAL_TIME_ALLOWANCE_S,
    ThreadWatch,
)
from kinesis_fake.virtual_time.clock import LATEST_MS
from kinesis_fake.virtual_time.threads import real_pause
from kinesis_fake.virtual_time.timeline import BUSY_TURNS, Timeline

#: How many turns a loop must have been idle for, so that what has just been made ready has had its turn.
IDLE_TURNS = 2
#: How long, in seconds of real time, and how often, sleepers wait for a thread that a task of their loop waits for.
WORK_POLL_S = 0.001
MAX_WORK_POLLS = 250
#: Added to the order of a sleeper, it comes after all others of its loop.
_LAST = 1 << 62
#: A future of these types completes when tasks do. The tasks are inspected themselves, so the loop need not wait for
#: the future.
FUTURES_OF_TASKS = (asyncio.Task, getattr(asyncio.tasks, "_GatheringFuture", asyncio.Task))
#: What ``asyncio.timeout``, ``wait_for``, ``wait`` and the cancel scopes of anyio set a timer for.
_CALLBACKS_OF_TIMEOUTS = ("Timeout._on_timeout", "_release_waiter", "CancelScope._timeout")


class VirtualTimer(asyncio.TimerHandle):
    """A timer in virtual time, as ``call_later`` and ``call_at`` return it; a sleeper treats it as a future."""

    _has_rung = False
    #: The activity of the timeline when it was set.
    set_at = -1

    def is_timeout_of_what_began(self, since: int) -> bool:
        """Whether it is the timeout of something that has begun since the timeline had this activity."""
        timer: Any = self
        return self.set_at >= since and getattr(timer._callback, "__qualname__", "") in _CALLBACKS_OF_TIMEOUTS

    def cancel(self) -> None:
        asyncio.Handle.cancel(self)  # without telling the loop, which does not know of it

    def done(self) -> bool:
        return self._has_rung or self.cancelled()

    def set_result(self, _: None) -> None:
        self._has_rung = True
        timer: Any = self
        timer._loop.call_soon(self._ring, context=timer._context)

    def set_exception(self, error: BaseException) -> None:
        """The instant of the timer lies beyond the end of virtual time: it never rings."""
        self.cancel()

    def _ring(self) -> None:
        if not self.cancelled():
            timer: Any = self
            timer._callback(*timer._args)


@dataclass(order=True)
class _Sleeper:
    """One task that sleeps in virtual time, or waits for something to happen until an instant at the latest."""

    rank: int
    order: int
    due_at: int = field(compare=False)
    timeline: Timeline = field(compare=False)
    future: asyncio.Future[None] | VirtualTimer = field(compare=False)
    is_over: Callable[[], bool] | None = field(compare=False)
    #: Whether this is the test, which lets time pass where all others wait for it.
    drives: bool = field(default=False, compare=False)
    #: Whether a client waits, as for a retry, and not the code under test itself.
    is_of_client: bool = field(default=False, compare=False)

    def wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class LoopSleepers:
    """The tasks of one event loop that sleep in virtual time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._heap: list[_Sleeper] = []
        self._order = 0
        #: What the loop's own clock showed when the scale of this loop began, in seconds.
        self._zero_s = real_time_of(loop)
        #: What each virtual clock showed when the scale of this loop began.
        self._origins: WeakKeyDictionary[Timeline, int] = WeakKeyDictionary()
        self._is_armed = False
        self._turns = 0
        self._idle_turns = 0
        self._allowances = 0
        #: The activity of the timeline at the beginning of the last allowance.
        self._activity = -1
        self._watch: ThreadWatch | None = None
        #: Whether an executor had work when the loop was idle the last time.
        self._was_beside_work = False
        self._work_polls = 0
        #: How many times in a row all tasks were found to wait for the test.
        self._idle_looks = 0
        #: Work in threads that takes longer than virtual time waits for.
        self._given_up: WeakSet[Any] = WeakSet()

    async def sleep(self, timeline: Timeline, due_at: int) -> None:
        """Sleep until an instant."""
        future = self._loop.create_future()
        self._add(timeline, due_at, future, None)
        await future

    async def wait(self, timeline: Timeline, due_at: int, is_over: Callable[[], bool] | None = None) -> None:
        """Wait in a call of a client until an instant, or until something has happened."""
        future = self._loop.create_future()
        self._add(timeline, due_at, future, is_over, is_of_client=True)
        await future

    async def drive_to(self, timeline: Timeline, instant: int) -> None:
        """Let the task of the test wait until an instant, and time pass for the tasks that wait for the test."""
        future = self._loop.create_future()
        self._add(timeline, instant, future, None, drives=True)
        await future

    def time(self, timeline: Timeline) -> float:
        """The virtual time as the loop's own clock shows it, in seconds."""
        return self._zero_s + self._rank(timeline, timeline.now) / 1000

    def due_at(self, timeline: Timeline, when: float) -> int:
        """The instant at which the loop's own clock shows ``when`` in virtual time."""
        self._rank(timeline, 0)
        return self._origins[timeline] + round((when - self._zero_s) * 1000)

    def call_at(
        self, timeline: Timeline, when: float, callback: Callable[..., object], args: Any, context: Context | None
    ) -> VirtualTimer:
        """Let a timer ring when the loop's own clock shows ``when`` in virtual time."""
        timer = VirtualTimer(when, callback, args, self._loop, context)
        timer.set_at = timeline.activity
        due_at = self.due_at(timeline, when)
        if due_at <= timeline.now:
            timer.set_result(None)
        elif due_at <= LATEST_MS:
            self._add(timeline, due_at, timer, None)
        return timer

    def _add(
        self,
        timeline: Timeline,
        due_at: int,
        future: asyncio.Future[None] | VirtualTimer,
        is_over: Callable[[], bool] | None,
        *,
        drives: bool = False,
        is_of_client: bool = False,
    ) -> None:
        self._order += 1
        rank = self._rank(timeline, due_at)
        # Of the waits that end at one instant, that of the test comes last.
        order = self._order + _LAST if drives else self._order
        heapq.heappush(self._heap, _Sleeper(rank, order, due_at, timeline, future, is_over, drives, is_of_client))
        if not self._is_armed:
            self._arm()

    def _rank(self, timeline: Timeline, due_at: int) -> int:
        """An instant on the scale of this loop, on which waits of several fakes can be put in order."""
        origin = self._origins.get(timeline)
        if origin is None:
            passed = max((known.now - began for known, began in self._origins.items()), default=0)
            origin = self._origins[timeline] = timeline.now - passed
        return due_at - origin

    def _arm(self) -> None:
        self._is_armed = True
        self._turns = self._idle_turns = self._allowances = self._work_polls = 0
        self._activity = -1
        self._watch = None
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
        first = self._heap[0]
        is_busy = self._turns >= BUSY_TURNS
        if first.timeline.is_manual and self._waits_for_test(first):
            return
        if not is_busy and not first.timeline.threads.can_only_wait() and (work := self._work_in_threads()):
            self._wait_for(work)
            self._loop.call_soon(self._turn)
            return
        if not is_busy and self._grants_real_time(first):
            call_later_for_real(self._loop, REAL_TIME_ALLOWANCE_S, self._turn)
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
        """Let what is due happen, each thing at its own instant, until this task or an earlier one is to be woken."""
        while first.timeline.now < first.due_at:
            first.timeline.step_to(first.due_at)
            first.timeline.settle_threads()
            if any(sleeper.is_over is not None and sleeper.is_over() for sleeper in self._heap):
                break
            if first.timeline.threads.are_waking():
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
        real_pause(WORK_POLL_S)
        self._turns = self._idle_turns = 0
        self._work_polls += 1
        if self._work_polls >= MAX_WORK_POLLS:
            self._work_polls = 0
            self._given_up.update(work)

    def _waits_for_test(self, first: _Sleeper) -> bool:
        """Whether time stands still until the test drives it on; this looks again in a moment."""
        timeline = first.timeline
        if first.due_at <= timeline.now or any(each.drives and each.timeline is timeline for each in self._heap):
            self._idle_looks = 0
            return False
        self._idle_looks += 1
        is_idle = not timeline.threads.running() and not self._waits_for_real()
        if is_idle and (waits := [each for each in self._heap if each.is_of_client and each.timeline is timeline]):
            # No task is left that could move the clock: the first client that waits does, as in a thread of the test.
            min(waits).drives = True
            return False
        if self._idle_looks > MAX_ALLOWANCES and is_idle:
            self._idle_looks = 0
            if not first.future.done():
                from kinesis_fake.virtual_time.manual_timeline import deadlock_of_tasks

                error = deadlock_of_tasks()
                timeline.report(error)  # the test may not wait for this task
                first.future.set_exception(error)
        call_later_for_real(self._loop, REAL_TIME_ALLOWANCE_S, self._turn)
        return True

    def _grants_real_time(self, first: _Sleeper) -> bool:
        """Whether a thread or a connection, which the loop does not see, is given a moment to do something."""
        timeline = first.timeline
        is_timer = isinstance(first.future, VirtualTimer)
        if is_timer and self._has_connections() and self._grant(MAX_ALLOWANCES_OF_TIMERS):
            return True
        is_beside_work = bool(timeline.threads.working())
        if self._was_beside_work and not is_beside_work:
            self._was_beside_work = False
            return True  # what has been computed in this moment is on its way to the loop
        self._was_beside_work = is_beside_work
        if first.is_over is None and not timeline.threads.waits and not is_beside_work:
            return False
        if first.is_over is not None and self._waits_for_real() and self._activity != timeline.activity:
            self._activity = timeline.activity
            return self._grant(MAX_ALLOWANCES)
        if self._watch is None:
            self._watch = ThreadWatch(timeline.threads, with_workers=True)
        return self._watch.next_allowance_s(timeline.activity) is not None

    def _grant(self, at_most: int) -> bool:
        self._allowances += 1
        return self._allowances <= at_most

    def _has_connections(self) -> bool:
        """Whether the loop has connections besides its own, by which it is woken. Of uvloop nothing is known."""
        selector = getattr(self._loop, "_selector", None)
        return selector is not None and len(selector.get_map() or ()) > 1

    def _is_idle(self) -> bool:
        """Whether nothing else is ready to run."""
        ready = getattr(self._loop, "_ready", None)
        if ready is not None:
            return not ready
        return all(future is not None and not future.done() for future in self._awaited())

    def _waits_for_real(self) -> bool:
        """Whether the loop has timers, or connections besides its own, by which it is woken."""
        if hasattr(self._loop, "_scheduled"):
            return self.has_real_timers()
        ours = {sleeper.future for sleeper in self._heap}
        return any(
            future is not None and future not in ours and not isinstance(future, FUTURES_OF_TASKS)
            for future in self._awaited()
        )

    def has_real_timers(self) -> bool:
        """Whether the loop is known to have timers in real time, or connections."""
        timers = getattr(self._loop, "_scheduled", ())
        return self._has_connections() or any(not timer.cancelled() for timer in timers)

    def has_timers_beside_timeouts(self, since: int) -> bool:
        """Whether virtual timers are set that do more than end what has begun since the timeline had this activity."""
        timers = [sleeper.future for sleeper in self._heap if isinstance(sleeper.future, VirtualTimer)]
        return any(not timer.done() and not timer.is_timeout_of_what_began(since) for timer in timers)

    def _awaited(self) -> list[Any]:
        """What each task of the loop waits for, None if it does not wait. Of a loop of uvloop no more can be seen."""
        return [getattr(task, "_fut_waiter", None) for task in asyncio.all_tasks(self._loop)]


def real_time_of(loop: asyncio.AbstractEventLoop) -> float:
    """What the loop's own clock shows when no fake replaces it, in seconds."""
    original: Any = getattr(type(loop).time, "__wrapped__", type(loop).time)
    return float(original(loop))


def call_later_for_real(loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], object]) -> None:
    """A timer of the loop in real time, whatever is done to those of the code under test."""
    if isinstance(loop, asyncio.BaseEventLoop):
        original: Any = getattr(type(loop).call_at, "__wrapped__", type(loop).call_at)
        original(loop, real_time_of(loop) + seconds, callback)
    else:
        original = getattr(type(loop).call_later, "__wrapped__", type(loop).call_later)
        original(loop, seconds, callback)


_sleepers: WeakKeyDictionary[asyncio.AbstractEventLoop, LoopSleepers] = WeakKeyDictionary()


def sleepers_of(loop: asyncio.AbstractEventLoop) -> LoopSleepers:
    """The sleepers of a loop."""
    sleepers = _sleepers.get(loop)
    if sleepers is None:
        sleepers = _sleepers[loop] = LoopSleepers(loop)
    return sleepers
