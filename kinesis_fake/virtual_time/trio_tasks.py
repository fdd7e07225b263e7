"""Tasks of trio that wait in virtual time: what :class:`kinesis_fake.virtual_time.sleeping.LoopSleepers` is to asyncio.

Imported only where trio runs. trio tells by itself when no other task can go on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import trio
import trio.testing

from kinesis_fake.virtual_time.sleeping import BUSY_TURNS, GRACE_S, MOST_GRACES, Mover


@dataclass(eq=False)
class _Sleeper:
    due_at: int
    mover: Mover
    has_happened: Callable[[], bool]
    scope: Any

    def is_to_wake(self) -> bool:
        return self.mover.now >= self.due_at or self.has_happened()


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
        """Move the clock to where something happens next, if nobody is to wake up already; wake whom it concerns."""
        self.turns = 0
        if not any(sleeper.is_to_wake() for sleeper in self.all):
            first = min(self.all, key=lambda sleeper: sleeper.due_at)
            first.mover.step_to(first.due_at)
        for sleeper in self.all:
            if sleeper.is_to_wake():
                sleeper.scope.cancel()


_sleepers = cast("trio.lowlevel.RunVar[_Sleepers]", trio.lowlevel.RunVar("kinesis_fake_sleepers"))


async def sleep(mover: Mover, due_at: int, has_happened: Callable[[], bool] | None) -> None:
    """Sleep until an instant, or until something has happened."""
    try:
        sleepers = _sleepers.get()
    except LookupError:
        sleepers = _Sleepers()
        _sleepers.set(sleepers)
    sleeper = _Sleeper(due_at, mover, has_happened or _never, trio.CancelScope())
    sleepers.add(sleeper)
    graces = 0
    try:
        await trio.lowlevel.checkpoint()
        while not sleeper.is_to_wake():
            stirrings = mover.stirrings
            with trio.CancelScope() as sleeper.scope:
                await trio.testing.wait_all_tasks_blocked(GRACE_S if _leaves_room(sleeper) else 0)
            # All that wait are woken at once: one moves the clock, the others see that something was done meanwhile.
            # Other threads may do something all the time.
            if mover.stirrings == stirrings or graces == MOST_GRACES or sleepers.is_busy():
                sleepers.pass_time()
                graces = 0
            else:
                graces += 1
    finally:
        sleepers.remove(sleeper)


def _leaves_room(sleeper: _Sleeper) -> bool:
    """Whether somebody may be about to do something in real time: another thread, or a task with a timer."""
    return sleeper.has_happened is not _never and (
        sleeper.mover.has_other_threads() or trio.lowlevel.current_statistics().seconds_to_next_deadline < math.inf
    )


def _never() -> bool:
    return False
