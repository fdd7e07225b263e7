"""``clock="shared"``: ``time.monotonic`` shows the virtual time, as time-machine lets ``time.time`` do."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

from kinesis_fake.process.patches import Patches
from kinesis_fake.process.undoing import UndoStack
from kinesis_fake.virtual_time.timeline import Timeline

#: The function in which a loop of asyncio looks at the clock; it must see the real one.
_TIME_OF_LOOP = asyncio.BaseEventLoop.time.__code__


class SharedTime:
    """Replaces the monotonic clock while a fake with a shared clock is active."""

    def __init__(self, timeline_here: Callable[[], Timeline | None]) -> None:
        self._timeline_here = timeline_here
        self._patches = Patches()

    def replace(self, undo: UndoStack) -> None:
        """Put the virtual time in the place of the machine's."""
        self._patches.replace(time, "monotonic", self._monotonic, undo)
        self._patches.replace(time, "monotonic_ns", self._monotonic_ns, undo)

    def _monotonic(self, original: Callable[[], float]) -> Any:
        def monotonic() -> float:
            timeline = self._timeline_here()
            if timeline is None or sys._getframe(1).f_code is _TIME_OF_LOOP:
                return original()
            return timeline.monotonic()

        return monotonic

    def _monotonic_ns(self, original: Callable[[], int]) -> Any:
        def monotonic_ns() -> int:
            timeline = self._timeline_here()
            return original() if timeline is None else round(timeline.monotonic() * 1_000_000_000)

        return monotonic_ns
