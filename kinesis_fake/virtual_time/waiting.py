"""Waiting in virtual time, in a task of whatever kind of loop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from types import coroutine
from typing import Any

from kinesis_fake.virtual_time.timeline import Timeline


async def step_aside() -> None:
    """Let all other tasks go on that can, once."""
    if "trio" in sys.modules and _runs_trio():
        import trio

        await trio.lowlevel.checkpoint()
    else:
        await _once()


@coroutine
def _once() -> Generator[None]:
    """What ``asyncio.sleep(0)`` does, which a test may have replaced."""
    yield


async def wait_until(timeline: Timeline, instant: int, is_over: Callable[[], bool] | None = None) -> None:
    """Let other tasks go on, and the clock move, until an instant or until something has happened."""
    await _sleepers_here().wait(timeline, instant, is_over)


async def drive_to(timeline: Timeline, instant: int) -> None:
    """Let the task of the test wait until an instant, and with it time pass for those that wait for the test."""
    await _sleepers_here().drive_to(timeline, instant)


def _sleepers_here() -> Any:
    """What makes tasks of the running kind of loop wait: asyncio's or trio's."""
    if "trio" in sys.modules and _runs_trio():
        from kinesis_fake.virtual_time import trio_tasks

        return trio_tasks
    import asyncio

    from kinesis_fake.virtual_time.asyncio_tasks import sleepers_of

    return sleepers_of(asyncio.get_running_loop())


def _runs_trio() -> bool:
    import trio

    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True
