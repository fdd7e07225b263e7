"""``virtual_sleep`` for event loops of asyncio: ``loop.time``, ``call_later`` and ``call_at``.

``asyncio.timeout``, ``asyncio.wait_for`` and ``asyncio.wait`` are made of these. Timers that a loop had before the
fake was entered are real, and so are those of the loop itself.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextvars import Context
from typing import Any

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.patches import Patches
from kinesis_fake.process.undoing import UndoStack
from kinesis_fake.virtual_time.asyncio_tasks import sleepers_of
from kinesis_fake.virtual_time.timeline import Timeline

#: The loop looks at its real clock here.
_RUN_ONCE = asyncio.BaseEventLoop._run_once.__code__  # type: ignore[attr-defined]


def replace_timers(patches: Patches, timeline_here: Callable[[], Timeline | None], undo: UndoStack) -> None:
    """Let the timers of loops be virtual that code which a timeline concerns sets."""

    def loop_time(original: Any) -> Any:
        def time(self: Any) -> float:
            timeline = timeline_here()
            if timeline is None or sys._getframe(1).f_code is _RUN_ONCE:
                return float(original(self))
            return sleepers_of(self).time(timeline)

        return time

    def call_at(original: Any) -> Any:
        def call_at(
            self: Any, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            timeline = timeline_here()
            if timeline is None:
                return original(self, when, callback, *args, context=context)  # type: ignore[no-any-return]
            return sleepers_of(self).call_at(timeline, when, callback, args, context)

        return call_at

    def call_later(original: Any) -> Any:
        def call_later(
            self: Any, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            if timeline_here() is None:
                return original(self, delay, callback, *args, context=context)  # type: ignore[no-any-return]
            return self.call_at(self.time() + delay, callback, *args, context=context)  # type: ignore[no-any-return]

        return call_later

    for loop_class in _leadable_classes():
        for name, wrap in (("time", loop_time), ("call_at", call_at), ("call_later", call_later)):
            patches.replace(loop_class, name, wrap, undo, inherited=loop_class is not asyncio.BaseEventLoop)


def _leadable_classes() -> list[type[asyncio.AbstractEventLoop]]:
    """The classes of loops whose timers can be replaced; uvloop's own is written in Python, its base is not."""
    uvloop = sys.modules.get("uvloop")
    return [asyncio.BaseEventLoop, *([uvloop.Loop] if uvloop is not None else [])]


def require_led(loop: asyncio.AbstractEventLoop) -> None:
    """Refuse to sleep virtually on a loop whose timers are real."""
    if not hasattr(type(loop).call_at, "__wrapped__"):
        kind = type(loop)
        raise KinesisFakeError(
            f"The timers of this event loop, a {kind.__module__}.{kind.__qualname__}, are real, and a virtual sleep "
            "would overtake those that are pending. virtual_sleep leads the loops of asyncio, uvloop and trio.",
            see="clock",
        )
