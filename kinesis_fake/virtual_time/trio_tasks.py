"""Tasks of trio that wait in virtual time: what ``asyncio_tasks`` is to asyncio.

Imported only where trio runs. trio tells by itself when no other task can go on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import trio
import trio.testing

from kinesis_fake.process.patches import Patches
from kinesis_fake.process.undoing import UndoStack
from kinesis_fake.virtual_time.allowances import (
    MAX_ALLOWANCES,
    MAX_ALLOWANCES_OF_TIMERS,
    REAL_TIME_ALLOWANCE_S,
    ThreadWatch,
)
from kinesis_fake.virtual_time.clock import LATEST_MS, real_monotonic
from kinesis_fake.virtual_time.threads import learn_worker
from kinesis_fake.virtual_time.timeline import BUSY_TURNS, Timeline


def _waits_for_job(names: Mapping[str, Any]) -> bool:
    return names["self"]._job is None


learn_worker(trio._core._thread_cache.WorkerThread._work, _waits_for_job)


@dataclass(eq=False)
class _Sleeper:
    due_at: int
    timeline: Timeline
    is_over: Callable[[], bool]
    scope: Any
    #: Whether this is the test, which lets time pass where all others wait for it.
    drives: bool = False

    def is_to_wake(self) -> bool:
        return self.timeline.now >= self.due_at or self.is_over()


class _Sleepers:
    """The sleepers of one run of trio. While there are any, trio tells this object of each turn of its loop."""

    def __init__(self) -> None:
        self.all: list[_Sleeper] = []
        #: How many turns the loop has made since time last went on.
        self.turns = 0

    def add(self, sleeper: _Sleeper) -> None:
        if not self.all:
            self.turns = 0
            trio.lowlevel.add_instrument(cast(Any, self))
        self.all.append(sleeper)

    def remove(self, sleeper: _Sleeper) -> None:
        self.all.remove(sleeper)
        if not self.all:
            trio.lowlevel.remove_instrument(cast(Any, self))

    def after_io_wait(self, timeout: float) -> None:
        """A turn of the loop. A task that calls until another one wakes up never blocks, and must not wait for ever."""
        self.turns += 1
        if self.is_busy():
            for sleeper in self.all:
                sleeper.scope.cancel()

    def is_busy(self) -> bool:
        return self.turns >= BUSY_TURNS

    def pass_time(self) -> None:
        """Wake the tasks whose waits are over. If there are none, the clock moves to where something happens first."""
        self.turns = 0
        if not any(sleeper.is_to_wake() for sleeper in self.all):
            first = min(self.all, key=lambda sleeper: sleeper.due_at)
            clock = trio.lowlevel.current_clock()
            if isinstance(clock, _TrioClock) and clock.timeline is first.timeline:
                clock.step_to(first.due_at)
            else:
                first.timeline.step_to(first.due_at)
        for sleeper in self.all:
            if sleeper.is_to_wake():
                sleeper.scope.cancel()


_sleepers = cast("trio.lowlevel.RunVar[_Sleepers]", trio.lowlevel.RunVar("kinesis_fake_sleepers"))


def _sleepers_of_run() -> _Sleepers:
    try:
        return _sleepers.get()
    except LookupError:
        sleepers = _Sleepers()
        _sleepers.set(sleepers)
        return sleepers


async def drive_to(timeline: Timeline, instant: int) -> None:
    """Let the task of the test wait until an instant, and time pass for the tasks that wait for the test."""
    sleepers = _sleepers_of_run()
    sleeper = _Sleeper(instant, timeline, _never, trio.CancelScope(), drives=True)
    sleepers.add(sleeper)
    try:
        while True:
            await trio.testing.wait_all_tasks_blocked()
            timeline.settle_threads()
            await trio.testing.wait_all_tasks_blocked()  # for what those threads have given to the run
            if timeline.now >= instant:
                return
            sleepers.pass_time()
    finally:
        sleepers.remove(sleeper)


async def wait(timeline: Timeline, due_at: int, is_over: Callable[[], bool] | None = None) -> None:
    """Wait in a call of a client until an instant, or until something has happened."""
    sleepers = _sleepers_of_run()
    sleeper = _Sleeper(due_at, timeline, is_over or _never, trio.CancelScope())
    sleepers.add(sleeper)
    allowances = 0
    try:
        await trio.lowlevel.checkpoint()
        while not sleeper.is_to_wake():
            activity = timeline.activity
            with trio.CancelScope() as sleeper.scope:
                await trio.testing.wait_all_tasks_blocked(REAL_TIME_ALLOWANCE_S if _grants_real_time(sleeper) else 0)
            if _waits_for_test(timeline):
                continue
            # All that wait are woken at once: one moves the clock, the others see the activity.
            # Other threads may do something all the time.
            if timeline.activity == activity or allowances == MAX_ALLOWANCES or sleepers.is_busy():
                sleepers.pass_time()
                allowances = 0
            else:
                allowances += 1
    finally:
        sleepers.remove(sleeper)


def _waits_for_test(timeline: Timeline) -> bool:
    """Whether a client that waits leaves it to the test to move the clock: the test does, or a thread may act."""
    clock = trio.lowlevel.current_clock()
    if not timeline.is_manual or not isinstance(clock, _TrioClock) or clock.timeline is not timeline:
        return False
    return any(sleeper.drives for sleeper in _sleepers_of_run().all) or bool(timeline.threads.running())


def _grants_real_time(sleeper: _Sleeper) -> bool:
    """Whether something may happen in real time: another thread is there, or a task with a real timer."""
    if sleeper.timeline.is_manual:
        return True
    if sleeper.is_over is _never:
        return False
    has_real_timers = (
        not isinstance(trio.lowlevel.current_clock(), _TrioClock)
        and trio.lowlevel.current_statistics().seconds_to_next_deadline < math.inf
    )
    return has_real_timers or bool(sleeper.timeline.threads.running())


def _never() -> bool:
    return False


def task_here() -> Any:
    """The task of trio that runs here; None outside of one."""
    try:
        return trio.lowlevel.current_task()
    except RuntimeError:
        return None


def another_task_may_act(only_reads: Callable[[Any], bool]) -> bool:
    """Whether this is a task of trio, and a deadline of it, or another task that does not only read, may go on."""
    here = task_here()
    if here is None:
        return False
    if trio.current_effective_deadline() < math.inf:
        return True
    waiting = [trio.lowlevel.current_root_task()]
    while waiting:
        task: Any = waiting.pop()
        nurseries = task.child_nurseries
        waiting += [child for nursery in nurseries for child in nursery.child_tasks]
        waits_for_children = bool(nurseries) and nurseries[-1]._parent_waiting_in_aexit
        is_of_trio_itself = task.name.startswith("<")
        if not (task is here or waits_for_children or is_of_trio_itself or only_reads(task)):
            return True
    return False


# --- timers -------------------------------------------------------------------------------------------------------


class _TrioClock(trio.abc.Clock):
    """The clock of a run of trio in virtual time: when no task can run, time goes on to the first deadline."""

    def __init__(self, timeline: Timeline, before: Any) -> None:
        self.timeline = timeline
        #: The clock that the run had before, or would have had; it goes on when the fake is left.
        self._before = before
        self._zero_s: float = math.floor(before.current_time()) + 1 - timeline.now / 1000
        #: The latest deadline that has come: its instant is a whole millisecond, and may differ in the last digits.
        self._at_least_s = -math.inf
        self._allowances = 0
        self._watch: ThreadWatch | None = None
        self._has_polled = False
        self._ahead_s: float | None = None
        #: How many times in a row all tasks were found to wait for the test.
        self._idle_looks = 0

    def start_clock(self) -> None:
        pass

    def current_time(self) -> float:
        if self.timeline.is_left:
            return self._ahead() + float(self._before.current_time())
        return max(self._at_least_s, self._zero_s + self.timeline.now / 1000)

    def _ahead(self) -> float:
        """By how much this clock is ahead of the clock before, now that the fake has been left."""
        if self._ahead_s is None:
            shown_s = max(self._at_least_s, self._zero_s + self.timeline.clock.now / 1000)
            self._ahead_s = float(shown_s - self._before.current_time())
        return self._ahead_s

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """How long, in seconds of real time, the run waits for connections; trio asks when no task can run."""
        timeline = self.timeline
        if timeline.is_left:
            return float(self._before.deadline_to_sleep_time(deadline - self._ahead()))
        if deadline <= self.current_time():
            return 0
        instant = self._instant_of(deadline)
        if instant > LATEST_MS:
            return math.inf
        if any(each.is_to_wake() or each.due_at <= instant for each in _sleepers_of_run().all):
            return math.inf  # they wait until no other task can run, and let time go on then
        if timeline.is_manual and not self.is_deadlocked():
            # A client that waits leaves this much to the other tasks itself, and only trio's longer wait lets it do so.
            return math.inf if _sleepers_of_run().all else REAL_TIME_ALLOWANCE_S
        if self._grants_real_time():
            self._allowances += 1
            return REAL_TIME_ALLOWANCE_S
        if not self._has_polled:
            self._has_polled = True
            return 0
        self._has_polled = False
        self._allowances = 0
        self._watch = None
        with timeline.lock:
            timeline.step_to(int(instant))
            if timeline.now >= instant:
                self._at_least_s = deadline
        return 0

    def is_deadlocked(self) -> bool:
        """Whether tasks wait for the test to move the clock, and the test waits for tasks. The fake reports that."""
        timeline = self.timeline
        is_driven = bool(_sleepers_of_run().all)  # by the test, or by a client that waits
        self._idle_looks = 0 if is_driven or timeline.threads.running() else self._idle_looks + 1
        if self._idle_looks <= MAX_ALLOWANCES:
            return False
        from kinesis_fake.virtual_time.manual_timeline import deadlock_of_tasks

        timeline.report(deadlock_of_tasks())
        return True

    def step_to(self, due_at: int) -> None:
        """Let time go on to where something happens next: at the latest to an instant, or to the next deadline."""
        deadline = self.current_time() + trio.lowlevel.current_statistics().seconds_to_next_deadline
        with self.timeline.lock:
            instant = self._instant_of(deadline)
            self.timeline.step_to(int(min(due_at, instant)))
            if self.timeline.now >= instant:
                self._at_least_s = deadline

    def _instant_of(self, deadline: float) -> float:
        return round((deadline - self._zero_s) * 1000) if deadline < math.inf else math.inf

    def _grants_real_time(self) -> bool:
        timeline = self.timeline
        statistics = trio.lowlevel.current_statistics().io_statistics
        waiting = getattr(statistics, "tasks_waiting_read", 0) + getattr(statistics, "tasks_waiting_write", 0)
        # trio itself has one task that waits for a socket: what other threads wake the run up with.
        if waiting > 1 and self._allowances < MAX_ALLOWANCES_OF_TIMERS:
            return True
        if self._watch is None:
            self._watch = ThreadWatch(timeline.threads, with_workers=True)
        return self._watch.next_allowance_s(timeline.activity) is not None


class _RealClock(trio.abc.Clock):
    """The clock that a run of trio would have had."""

    def start_clock(self) -> None:
        pass

    def current_time(self) -> float:
        return real_monotonic()

    def deadline_to_sleep_time(self, deadline: float) -> float:
        return deadline - self.current_time()


def replace_timers(patches: Patches, timeline_here: Callable[[], Timeline | None], undo: UndoStack) -> None:
    """Give the runs of trio that begin from now on a clock in virtual time, unless they bring their own."""

    def setup_runner(original: Any) -> Any:
        def setup_runner(clock: Any, *arguments: Any) -> Any:
            timeline = timeline_here()
            if clock is None and timeline is not None:
                clock = _TrioClock(timeline, _RealClock())
            return original(clock, *arguments)

        return setup_runner

    # Below run() and start_guest_run(), because the code under test may have imported those before.
    patches.replace(trio._core._run, "setup_runner", setup_runner, undo)


def lead_run(timeline: Timeline) -> None:
    """Let the run of trio in which a fake is entered, if there is one, go on in virtual time."""
    runner = getattr(trio._core._run.GLOBAL_RUN_CONTEXT, "runner", None)
    if runner is not None:
        runner.clock = _TrioClock(timeline, runner.clock)
