"""``virtual_sleep`` for threads: the timeouts of ``threading``, ``queue`` and ``concurrent.futures``.

All of them come down to ``threading.Condition.wait`` and to the clock from which its callers count down. A thread that
waits there lets the others go on; when all of them wait, the virtual clock moves to the first instant at which a wait
ends.
"""

from __future__ import annotations

import concurrent.futures._base
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from kinesis_fake.process.patches import Patches
from kinesis_fake.process.undoing import UndoStack
from kinesis_fake.virtual_time.clock import LATEST_MS, NEVER_MS, real_monotonic
from kinesis_fake.virtual_time.timeline import Timeline

TimelineHere = Callable[[], "Timeline | None"]


class _ConditionWait:
    """The lock that a condition releases when it is notified, and the wait for that or for the timeout."""

    #: A thread of an executor that was there before the fake may be what notifies.
    ends_by_any_thread = True

    def __init__(self, timeline: Timeline, until: int) -> None:
        self._timeline = timeline
        self._until = until
        #: In which the thread goes on to wait in real time when the fake is left.
        self.lock = threading.Lock()
        self.lock.acquire()
        self.was_notified = False

    def release(self) -> None:
        if not self.was_notified:
            self.was_notified = True
            self.lock.release()
            with self._timeline.lock:
                self._timeline.notify()

    def is_over(self) -> bool:
        return self.was_notified or self._timeline.clock.now >= self._until

    def ends_at(self) -> int:
        return self._until

    def remaining_s(self) -> float:
        return max(0, self._until - self._timeline.clock.now) / 1000


class _ThreadEnd:
    """The wait for the end of a thread, or for the timeout."""

    ends_by_any_thread = True

    def __init__(self, timeline: Timeline, thread: threading.Thread, milliseconds: int) -> None:
        self._timeline = timeline
        self._thread = thread
        self._until = timeline.now + milliseconds

    def is_over(self) -> bool:
        return self.has_run() or self._timeline.clock.now >= self._until

    def has_run(self) -> bool:
        """Whether the thread has come to its end. From Python 3.13 on it may be alive for a moment more."""
        return not self._thread.is_alive() or self._thread not in threading.enumerate()

    def ends_at(self) -> int:
        return self._until


class _ModuleOfTime:
    """The module ``time`` as ``concurrent.futures`` finds it: with another monotonic clock."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


def replace_timers(patches: Patches, timeline_here: TimelineHere, undo: UndoStack) -> None:
    """Replace the timeouts of threads. Those of threads that belong to a timeline are virtual."""

    def monotonic() -> float:
        timeline = timeline_here()
        return real_monotonic() if timeline is None else timeline.monotonic()

    def condition_wait(original: Any) -> Any:
        def wait(self: Any, timeout: float | None = None) -> bool:
            timeline = timeline_here() if timeout is None or _is_timeout(timeout) else None
            if timeline is None or not self._is_owned():
                return bool(original(self, timeout))
            until = NEVER_MS if timeout is None else timeline.now + _milliseconds(timeout)
            # A wait without an end is virtual only in manual mode, where a thread must wait for its turn.
            if until > LATEST_MS and (not timeline.is_manual or timeline.threads.is_at_home()):
                return bool(original(self, timeout))
            wait = _ConditionWait(timeline, until)
            self._waiters.append(wait)
            state = self._release_save()
            try:
                timeline.wait_in_thread_until_over(wait)
                if not wait.is_over():
                    wait.lock.acquire(timeout=-1 if timeout is None else wait.remaining_s())
                return wait.was_notified
            finally:
                self._acquire_restore(state)
                if not wait.was_notified:
                    self._waiters.remove(wait)

        return wait

    def join(original: Any) -> Any:
        def join(self: Any, timeout: float | None = None) -> None:
            timeline = timeline_here() if _is_timeout(timeout) else None
            milliseconds = 0 if timeline is None else _milliseconds(timeout)
            if timeline is None or timeline.now + milliseconds > LATEST_MS or self is threading.current_thread():
                original(self, timeout)
            else:
                end = _ThreadEnd(timeline, self, milliseconds)
                timeline.wait_in_thread_until_over(end)
                if end.has_run():
                    original(self)

        return join

    def start(original: Any) -> Any:
        def start(self: Any) -> None:
            for timeline in timelines_of_strangers():
                timeline.threads.exclude(self)
            original(self)
            here = timeline_here()
            if here is not None and here.threads.is_at_home():
                here.settle_threads()

        return start

    def timelines_of_strangers() -> list[Timeline]:
        from kinesis_fake.process.fork_locks import TIMELINES

        timelines = [timeline for timeline in list(TIMELINES) if isinstance(timeline, Timeline)]
        return [timeline for timeline in timelines if timeline.threads.is_bystander()]

    patches.replace(threading.Condition, "wait", condition_wait, undo)
    patches.replace(threading.Thread, "join", join, undo)
    patches.replace(threading.Thread, "start", start, undo)
    patches.replace(threading, "_time", lambda _: _named(monotonic), undo)
    patches.replace(queue, "time", lambda _: _named(monotonic), undo)
    patches.replace(concurrent.futures._base, "time", lambda _: _ModuleOfTime(monotonic), undo)


def _named(function: Callable[[], float]) -> Callable[[], float]:
    """A new function that calls this one, and is an object of its own."""
    return lambda: function()


def _is_timeout(timeout: object) -> bool:
    return isinstance(timeout, (int, float)) and 0 < timeout < threading.TIMEOUT_MAX


def _milliseconds(seconds: float | None) -> int:
    return max(1, round((seconds or 0) * 1000))
