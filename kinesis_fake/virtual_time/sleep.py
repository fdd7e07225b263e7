"""``virtual_sleep``: ``time.sleep`` and ``asyncio.sleep`` of the code under test move the virtual clock.

A ``time.sleep`` moves the clock by its duration and returns at once, in whichever thread it is called. Tasks in
``asyncio.sleep`` are woken as :mod:`kinesis_fake.virtual_time.asyncio_tasks` says.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.late_imports import LateImports
from kinesis_fake.process.patches import Patches
from kinesis_fake.process.undoing import UndoStack
from kinesis_fake.virtual_time import loop_timers, thread_timers
from kinesis_fake.virtual_time.asyncio_tasks import sleepers_of
from kinesis_fake.virtual_time.timeline import Timeline

#: As it is before a fake or another package replaces it.
_SLEEP = time.sleep
#: Modules that sleep between two looks at a child process, which lives in real time.
_WAIT_FOR_PROCESSES = ("subprocess",)
#: How often the code under test may sleep without a call of Kinesis in between. A loop that sleeps until a deadline of
#: the real clock would go on until then, and drive the virtual clock far ahead.
MAX_IDLE_SLEEPS = 100_000


class VirtualSleep:
    """Replaces the sleeps of the process while a fake with virtual_sleep is active; the others sleep as before."""

    def __init__(self, timeline_here: Callable[[], Timeline | None]) -> None:
        self._timeline_here = timeline_here
        self._patches = Patches()
        #: What undoes the replacements.
        self._undo: UndoStack | None = None
        self._late_imports = LateImports(("trio", "uvloop"), self._lead)
        #: How often the code under test has slept since the last call of Kinesis, and the number of that call.
        self._idle_sleeps: WeakKeyDictionary[Timeline, tuple[int, int]] = WeakKeyDictionary()

    def replace(self, undo: UndoStack) -> None:
        """Put virtual sleeps in the place of the real ones."""
        found_there = time.sleep
        self._patches.replace(time, "sleep", self._replace_sleep, undo)
        if time.sleep is not found_there:
            self._replace_bound_sleeps((found_there, _SLEEP), undo)
        self._patches.replace(asyncio, "sleep", self._replace_async_sleep, undo)
        self._patches.replace(asyncio.tasks, "sleep", lambda _: asyncio.sleep, undo)  # one function, as before
        thread_timers.replace_timers(self._patches, self._timeline_here, undo)
        self._undo = undo
        self._late_imports.watch(undo)
        self._lead("asyncio")
        if "trio" in sys.modules:
            self._lead("trio")

    def _lead(self, package: str) -> None:
        """Make the timers of a package's event loops virtual: at once, or when the process imports the package."""
        assert self._undo is not None
        if package == "trio":
            from kinesis_fake.virtual_time import trio_tasks

            trio_tasks.replace_timers(self._patches, self._timeline_here, self._undo)
        else:
            loop_timers.replace_timers(self._patches, self._timeline_here, self._undo)

    def _replace_bound_sleeps(self, originals: tuple[Callable[[float], None], ...], undo: UndoStack) -> None:
        """Replace the names that modules have from ``from time import sleep``."""
        for module in list(sys.modules.values()):
            # Nearly all modules have no such name, and a process has a thousand of them.
            if type(module) is not ModuleType or (bound := module.__dict__.get("sleep")) is None or module is time:
                continue
            if any(bound is original for original in originals):
                self._patches.replace(module, "sleep", self._replace_sleep, undo)

    def _replace_sleep(self, original: Callable[[float], None]) -> Any:
        def sleep(seconds: float, /) -> None:
            timeline = self._timeline_here()
            if (
                timeline is None
                or seconds <= 0
                or sys._getframe(1).f_globals.get("__name__") in _WAIT_FOR_PROCESSES
                or not self._counts(timeline)
            ):
                original(seconds)
            else:
                timeline.sleep_in_thread(_milliseconds(seconds))

        return sleep

    def _counts(self, timeline: Timeline) -> bool:
        """Whether a sleep moves the virtual clock: not after very many in which nothing else was done.

        In the test's own thread such a loop gets an error. In another thread the fake keeps the error and raises it
        when the test leaves the fake: raised in that thread, it would end the thread and the test would not see it.
        """
        calls = timeline.call_count
        last, sleeps = self._idle_sleeps.get(timeline, (calls, 0))
        sleeps = sleeps + 1 if last == calls else 1
        self._idle_sleeps[timeline] = calls, sleeps
        if sleeps <= MAX_IDLE_SLEEPS:
            return True
        error = KinesisFakeError(
            f"The code under test has slept {MAX_IDLE_SLEEPS:,} times without a call of Kinesis in between. "
            "A loop until a deadline of time.monotonic(), time.time() or datetime.now() goes on until that has passed "
            "for real: let those clocks show the virtual time, with fake_kinesis(clock='shared'). A loop that waits "
            "for something that never happens needs another end, such as a number of turns."
        )
        if timeline.threads.is_at_home():
            timeline.remember(error)
            raise error
        timeline.report(error)
        return False

    def _replace_async_sleep(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def sleep(delay: float, result: Any = None) -> Any:
            timeline = self._timeline_here()
            if timeline is None or delay <= 0:
                return await original(delay, result)
            if not self._counts(timeline):
                return await original(delay, result)
            loop = asyncio.get_running_loop()
            try:
                loop_timers.require_led(loop)
            except KinesisFakeError as error:
                timeline.remember(error)
                raise
            if delay == math.inf:  # until it is cancelled; no reason for time to go on
                await loop.create_future()
            await sleepers_of(loop).sleep(timeline, timeline.now + _milliseconds(delay))
            return result

        return sleep


def _milliseconds(seconds: float) -> int:
    """A duration in whole milliseconds; the shortest sleep moves the clock by one."""
    if not math.isfinite(seconds):
        raise KinesisFakeError(f"A virtual sleep cannot last {seconds} seconds; give it an end.")
    return max(1, round(seconds * 1000))


def lead_running_loop(timeline: Timeline) -> None:
    """Let the run of trio in which a fake is entered, if there is one, go on in virtual time."""
    if "trio" in sys.modules:
        from kinesis_fake.virtual_time import trio_tasks

        trio_tasks.lead_run(timeline)
