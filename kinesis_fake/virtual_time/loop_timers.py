"""``virtual_sleep`` for event loops of asyncio: ``loop.time``, ``call_later`` and ``call_at``.

``asyncio.timeout``, ``asyncio.wait_for`` and ``asyncio.wait`` are made of these. Timers that a loop had before the
fake was entered are real, and so are those of the loop itself, such as the time limit for threads that a loop joins
when it closes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.patches import Patches
from kinesis_fake.process.undoing import UndoStack
from kinesis_fake.virtual_time.asyncio_tasks import sleepers_of
from kinesis_fake.virtual_time.timeline import Timeline

#: The function in which a loop waits for its timers; it must see the loop's real clock.
_RUN_ONCE = asyncio.BaseEventLoop._run_once.__code__  # type: ignore[attr-defined]

#: Whether the loop itself, and not the code under test, sets the timers of this context.
_IS_LOOPS_OWN = ContextVar("_IS_LOOPS_OWN", default=False)


def replace_timers(patches: Patches, timeline_here: Callable[[], Timeline | None], undo: UndoStack) -> None:
    """Replace the timers of loops. A timer is virtual if the code that sets it belongs to a timeline."""

    def loop_time(original: Any) -> Any:
        def time(self: Any) -> float:
            timeline = timeline_here()
            if timeline is None or sys._getframe(1).f_code is _RUN_ONCE or _IS_LOOPS_OWN.get():
                return float(original(self))
            return sleepers_of(self).time(timeline)

        return time

    def call_at(original: Any) -> Any:
        def call_at(
            self: Any, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            timeline = timeline_here()
            if timeline is None or _IS_LOOPS_OWN.get():
                return original(self, when, callback, *args, context=context)  # type: ignore[no-any-return]
            return sleepers_of(self).call_at(timeline, when, callback, args, context)

        return call_at

    def call_later(original: Any) -> Any:
        def call_later(
            self: Any, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            if timeline_here() is None or _IS_LOOPS_OWN.get():
                return original(self, delay, callback, *args, context=context)  # type: ignore[no-any-return]
            return self.call_at(self.time() + delay, callback, *args, context=context)  # type: ignore[no-any-return]

        return call_later

    def shutdown_default_executor(original: Any) -> Any:
        async def shutdown_default_executor(self: Any, *timeout_s: float | None) -> None:
            # A thread of the executor works in real time: five virtual minutes would pass before it has ended.
            token = _IS_LOOPS_OWN.set(True)
            try:
                await original(self, *timeout_s)
            finally:
                _IS_LOOPS_OWN.reset(token)

        return shutdown_default_executor

    wrappers = (loop_time, call_at, call_later, shutdown_default_executor)
    for loop_class in _leadable_classes():
        for name, wrap in zip(("time", "call_at", "call_later", "shutdown_default_executor"), wrappers, strict=True):
            patches.replace(loop_class, name, wrap, undo, inherited=loop_class is not asyncio.BaseEventLoop)


def _leadable_classes() -> list[type[asyncio.AbstractEventLoop]]:
    """The classes of loops whose timers can be replaced. That of uvloop has a base that is not written in Python."""
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
