"""Waiting in virtual time, in a task of whatever kind of loop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from types import coroutine

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
    if "trio" in sys.modules and _runs_trio():
        from kinesis_fake.virtual_time import trio_tasks

        await trio_tasks.sleep(timeline, instant, is_over)
    else:
        import asyncio

        from kinesis_fake.virtual_time.asyncio_tasks import sleepers_of

        await sleepers_of(asyncio.get_running_loop()).wait(timeline, instant, is_over)


async def drive_to(timeline: Timeline, instant: int) -> None:
    """Let the task of the test wait until an instant, and with it time pass for those that wait for the test."""
    if "trio" in sys.modules and _runs_trio():
        from kinesis_fake.virtual_time import trio_tasks

        await trio_tasks.drive_to(timeline, instant)
    else:
        import asyncio

        from kinesis_fake.virtual_time.asyncio_tasks import sleepers_of

        await sleepers_of(asyncio.get_running_loop()).drive_to(timeline, instant)


def _runs_trio() -> bool:
    import trio

    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True
