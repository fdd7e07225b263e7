"""What can be seen of threads from outside: whether one waits for another, and whether one has gone on.

A thread that waits in ``threading.Condition.wait``, ``Thread.join`` or for the work of an executor can do nothing until
another thread lets it, and the object that it waits for says whether that has happened. Of all others only this can be
seen: whether they execute anything.
"""

from __future__ import annotations

import concurrent.futures.thread
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from types import CodeType, FrameType
from typing import Any

#: Where a thread is: the frame that it executes, and the place in it.
Trace = tuple[int, int] | None


class RealCondition(threading.Condition):
    """A condition whose timeouts are real, whatever is done to those of the code under test."""

    wait: Callable[..., bool] = threading.Condition.wait


def real_pause(seconds: float) -> None:
    """Let other threads go on for a moment of real time."""
    with (condition := RealCondition()):
        condition.wait(seconds)


# --- threads that wait for other threads ------------------------------------------------------------------------------


def _waits_for_condition(names: Mapping[str, Any]) -> bool:
    waiter = names.get("waiter")
    return waiter is not None and names.get("timeout") is None and bool(waiter.locked())


def _waits_for_thread_state(names: Mapping[str, Any]) -> bool:
    """Of Python 3.10 to 3.12."""
    lock = names.get("lock")
    return lock is not None and bool(names.get("block")) and names.get("timeout") == -1 and bool(lock.locked())


def _waits_for_thread(names: Mapping[str, Any]) -> bool:
    """Of Python 3.13 on."""
    return names.get("timeout") in (None, -1) and bool(names["self"].is_alive())


def _waits_for_work(names: Mapping[str, Any]) -> bool:
    work_queue = names.get("work_queue")
    return work_queue is not None and bool(work_queue.empty())


def _blocking_functions() -> dict[CodeType, Callable[[Mapping[str, Any]], bool]]:
    """The functions in which a thread waits for another one, each with what its variables say about that."""
    functions: dict[CodeType, Callable[[Mapping[str, Any]], bool]] = {
        threading.Condition.wait.__code__: _waits_for_condition,
    }
    worker = getattr(concurrent.futures.thread, "_worker", None)
    if worker is not None:
        functions[worker.__code__] = _waits_for_work
    state = getattr(threading.Thread, "_wait_for_tstate_lock", None)
    if state is not None:
        functions[state.__code__] = _waits_for_thread_state
    else:
        functions[threading.Thread.join.__code__] = _waits_for_thread
    return functions


_BLOCKING = _blocking_functions()


def without_blocked(threads: Iterable[threading.Thread]) -> list[threading.Thread]:
    """Those of some threads that are not known to wait for another one."""
    frames = sys._current_frames()
    return [thread for thread in threads if not _is_blocked(frames.get(thread.ident or 0))]


def _is_blocked(frame: FrameType | None) -> bool:
    waits = _BLOCKING.get(frame.f_code) if frame is not None else None
    return waits is not None and frame is not None and waits(frame.f_locals)


# --- threads that go on -----------------------------------------------------------------------------------------------


def traces_of(threads: Iterable[threading.Thread]) -> dict[int, Trace]:
    """What differs between two looks at these threads if one of them has executed anything in between.

    A thread that computes outside of Python without leaving it time to others cannot be looked at meanwhile.
    """
    frames = sys._current_frames()
    traces: dict[int, Trace] = {}
    for thread in threads:
        frame = frames.get(thread.ident or 0)
        traces[thread.ident or 0] = None if frame is None else (id(frame), frame.f_lasti)
    return traces
