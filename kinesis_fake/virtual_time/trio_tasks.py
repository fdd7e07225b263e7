"""Tasks of trio that wait in virtual time: what `kinesis_fake.virtual_time.asyncio_tasks` is to asyncio.

Imported only where trio runs. trio tells by itself when no other task can go on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import trio
import trio.testing

from kinesis_fake.virtual_time.timeline import BUSY_TURNS, MAX_ALLOWANCES, REAL_TIME_ALLOWANCE_S, Timeline


@dataclass(eq=False)
class _Sleeper:
    due_at: int
    timeline: Timeline
    is_over: Callable[[], bool]
    scope: Any

    def is_to_wake(self) -> bool:
        return self.timeline.now >= self.due_at or self.is_over()


class _Sleepers:
    """The sleepers of one run of trio; while there are any, an instrument that counts the turns of its loop."""

    def __init__(self) -> None:
        self.all: list[_Sleeper] = []
        #: Since time last went on.
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
        """Move the clock to where something happens next, if no task is to wake up already; wake the tasks that are."""
        self.turns = 0
        if not any(sleeper.is_to_wake() for sleeper in self.all):
            first = min(self.all, key=lambda sleeper: sleeper.due_at)
            first.timeline.step_to(first.due_at)
        for sleeper in self.all:
            if sleeper.is_to_wake():
                sleeper.scope.cancel()


_sleepers = cast("trio.lowlevel.RunVar[_Sleepers]", trio.lowlevel.RunVar("kinesis_fake_sleepers"))


async def sleep(timeline: Timeline, due_at: int, is_over: Callable[[], bool] | None) -> None:
    """Sleep until an instant, or until something has happened."""
    try:
        sleepers = _sleepers.get()
    except LookupError:
        sleepers = _Sleepers()
        _sleepers.set(sleepers)
    sleeper = _Sleeper(due_at, timeline, is_over or _never, trio.CancelScope())
    sleepers.add(sleeper)
    allowances = 0
    try:
        await trio.lowlevel.checkpoint()
        while not sleeper.is_to_wake():
            activity = timeline.activity
            with trio.CancelScope() as sleeper.scope:
                await trio.testing.wait_all_tasks_blocked(REAL_TIME_ALLOWANCE_S if _grants_real_time(sleeper) else 0)
            # All that wait are woken at once: one moves the clock, the others see the activity.
            # Other threads may do something all the time.
            if timeline.activity == activity or allowances == MAX_ALLOWANCES or sleepers.is_busy():
                sleepers.pass_time()
                allowances = 0
            else:
                allowances += 1
    finally:
        sleepers.remove(sleeper)


def _grants_real_time(sleeper: _Sleeper) -> bool:
    """Whether something may happen in real time: another thread is there, or a task with a timer."""
    return sleeper.is_over is not _never and (
        sleeper.timeline.has_other_threads() or trio.lowlevel.current_statistics().seconds_to_next_deadline < math.inf
    )


def _never() -> bool:
    return False
