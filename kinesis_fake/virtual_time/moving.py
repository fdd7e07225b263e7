"""What ``advance``, ``travel_to`` and ``settle`` return with ``virtual_sleep="manual"``; a task awaits it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from kinesis_fake.virtual_time.manual_timeline import ManualTimeline
from kinesis_fake.virtual_time.other_actors import task_here
from kinesis_fake.virtual_time.waiting import drive_to


class Move:
    """A move of the clock. A task must await it; elsewhere it is made at once."""

    def __init__(self, timeline: ManualTimeline, name: str, next_instant: Callable[[], int | None]) -> None:
        self._timeline = timeline
        self._name = name
        #: Asked again and again: the instant to move on to, None at the end.
        self._next_instant = next_instant
        self._is_done = False
        if _is_in_task():
            timeline.unawaited = name
        else:
            self._make()

    def _make(self) -> None:
        self._is_done = True
        self._timeline.settle_threads()
        while (instant := self._next_instant()) is not None:
            self._timeline.drive_to(instant)

    def __await__(self) -> Generator[Any, Any, None]:
        return self._make_in_task().__await__()

    async def _make_in_task(self) -> None:
        if self._is_done:
            return
        self._is_done = True
        self._timeline.unawaited = None
        while (instant := self._next_instant()) is not None:
            await drive_to(self._timeline, instant)


def once(instant: int) -> Callable[[], int | None]:
    """One instant, and then no more."""
    instants = [instant]
    return lambda: instants.pop() if instants else None


def _is_in_task() -> bool:
    return task_here() is not None
