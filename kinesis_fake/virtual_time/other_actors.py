"""What goes on beside the running task: other tasks of its loop that may act, and those that only wait for tasks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

from kinesis_fake.virtual_time.running_loop import running_loop


def task_here() -> Any:
    """The task that runs here, of whatever kind of loop; None outside of one."""
    if "trio" in sys.modules:
        from kinesis_fake.virtual_time import trio_tasks

        if (task := trio_tasks.task_here()) is not None:
            return task
    if (loop := running_loop()) is None:
        return None
    import asyncio

    return asyncio.current_task(loop)


def a_task_may_act(only_reads: Callable[[Any], bool], since: int) -> bool:
    """Whether anything but the task that runs here can go on: another task, a timer or a connection of its loop.

    ``only_reads`` says whether a task is known to do nothing but read. A timer does not count if it is the timeout of
    something that has begun since the timeline had the activity ``since``.
    """
    if "trio" in sys.modules:
        from kinesis_fake.virtual_time import trio_tasks

        if trio_tasks.another_task_may_act(only_reads):
            return True
    if (loop := running_loop()) is None:
        return False
    import asyncio

    from kinesis_fake.virtual_time.asyncio_tasks import sleepers_of

    here, sleepers = asyncio.current_task(loop), sleepers_of(loop)
    if sleepers.has_real_timers() or sleepers.has_timers_beside_timeouts(since):
        return True
    others = [task for task in asyncio.all_tasks(loop) if task is not here and not only_reads(task)]
    return not all(map(_only_waits_for_tasks, others))


def _only_waits_for_tasks(task: Any) -> bool:
    from kinesis_fake.virtual_time.asyncio_tasks import FUTURES_OF_TASKS

    return (
        isinstance(getattr(task, "_fut_waiter", None), FUTURES_OF_TASKS)
        or _innermost_code_of(task) in _functions_that_wait_for_tasks()
    )


def _innermost_code_of(task: Any) -> CodeType | None:
    """The function in which a task waits."""
    coroutine, code = task.get_coro(), None
    while (found := getattr(coroutine, "cr_code", None)) is not None:
        code, coroutine = found, coroutine.cr_await
    return code


@cache
def _functions_that_wait_for_tasks() -> frozenset[CodeType]:
    import asyncio

    group = getattr(asyncio, "TaskGroup", None)  # from Python 3.11 on
    found = [asyncio.wait_for, asyncio.tasks._wait]  # type: ignore[attr-defined]
    found += [getattr(group, name) for name in ("__aexit__", "_aexit") if hasattr(group, name)]
    return frozenset(function.__code__ for function in found)
