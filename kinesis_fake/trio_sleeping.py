"""Tasks of trio that wait in virtual time: what :class:`kinesis_fake.sleeping.LoopSleepers` is to asyncio.

Imported only where trio runs. trio tells by itself when no other task can go on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import trio
import trio.testing

from kinesis_fake.sleeping import GRACE_S, MOST_GRACES, Mover


@dataclass(eq=False)
class _Sleeper:
    due_at: int
    mover: Mover
    has_happened: Callable[[], bool]
    scope: Any

    def is_to_wake(self) -> bool:
        return self.mover.now >= self.due_at or self.has_happened()


_sleepers = cast("trio.lowlevel.RunVar[list[_Sleeper]]", trio.lowlevel.RunVar("kinesis_fake_sleepers"))


async def sleep(mover: Mover, due_at: int, has_happened: Callable[[], bool] | None) -> None:
    """Sleep until an instant, or until something has happened."""
    try:
        sleepers = _sleepers.get()
    except LookupError:
        sleepers = []
        _sleepers.set(sleepers)
    sleeper = _Sleeper(due_at, mover, has_happened or _never, trio.CancelScope())
    sleepers.append(sleeper)
    graces = 0
    try:
        await trio.lowlevel.checkpoint()
        while not sleeper.is_to_wake():
            stirrings = mover.stirrings
            with trio.CancelScope() as sleeper.scope:
                await trio.testing.wait_all_tasks_blocked(GRACE_S if _leaves_room(sleeper) else 0)
            # All that wait are woken at once: one moves the clock, the others see that something was done meanwhile.
            # Other threads may do something all the time.
            if mover.stirrings == stirrings or graces == MOST_GRACES:
                _pass_time(sleepers)
                graces = 0
            else:
                graces += 1
    finally:
        sleepers.remove(sleeper)


def _pass_time(sleepers: list[_Sleeper]) -> None:
    """Move the clock to the next instant at which something happens, if nobody is to wake up; wake whom it concerns."""
    if not any(sleeper.is_to_wake() for sleeper in sleepers):
        first = min(sleepers, key=lambda sleeper: sleeper.due_at)
        first.mover.step_to(first.due_at)
    for sleeper in sleepers:
        if sleeper.is_to_wake():
            sleeper.scope.cancel()


def _leaves_room(sleeper: _Sleeper) -> bool:
    """Whether somebody may be about to do something in real time: another thread, or a task with a timer."""
    return sleeper.has_happened is not _never and (
        sleeper.mover.has_other_threads() or trio.lowlevel.current_statistics().seconds_to_next_deadline < math.inf
    )


def _never() -> bool:
    return False
