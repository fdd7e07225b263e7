"""Threads: which of them belong to a fake, and what can be seen of each from outside.

A thread that waits in ``threading.Condition.wait`` or ``Thread.join``, for the work of an executor or for the events of
an idle loop can do nothing until another thread lets it, and the object that it waits for says whether that has
happened. Of all other threads only one thing can be seen: whether they execute anything.
"""

from __future__ import annotations

import selectors
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from kinesis_fake.virtual_time.clock import NEVER_MS

if TYPE_CHECKING:
    from typing import Protocol

    class Wait(Protocol):
        """What a thread or a task waits for."""

        def is_over(self) -> bool:
            """Whether the thread or task can go on."""

        def ends_at(self) -> int:
            """The instant at which it can go on at the latest."""


#: Where a thread is: the frame that it executes, the place in it, and for how long it has been on a processor.
Trace = tuple[int, int, tuple[str, ...]] | None


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
    """For ``Thread.join`` of Python 3.10 to 3.12."""
    lock = names.get("lock")
    return lock is not None and bool(names.get("block")) and names.get("timeout") == -1 and bool(lock.locked())


def _waits_for_thread(names: Mapping[str, Any]) -> bool:
    """For ``Thread.join`` of Python 3.13 and later."""
    return names.get("timeout") in (None, -1) and bool(names["self"].is_alive())


def _waits_for_work(names: Mapping[str, Any]) -> bool:
    work_queue = names.get("work_queue")
    if work_queue is None or not work_queue.empty():
        return False
    executor = names.get("executor_reference", _nothing)()
    counted = getattr(getattr(executor, "_idle_semaphore", None), "_value", None)
    if counted is None:
        return True
    # A thread that has taken a job from the queue, and not gone on since, still stands where the idle ones stand. But
    # the executor counts it as idle no more.
    frames = sys._current_frames()
    tops = [frames[thread.ident].f_code for thread in executor._threads if thread.ident in frames]
    return bool(counted >= sum(code in _WORKERS for code in tops))


def _waits_for_events(names: Mapping[str, Any]) -> bool:
    """Whether a loop of asyncio waits in which nothing is ready, and which has neither a timer nor a connection."""
    keys = list((names["self"].get_map() or {}).values())
    if names.get("timeout") not in (None, -1) or len(keys) != 1 or not isinstance(keys[0].data, tuple):
        return False
    # The one connection is the pipe by which other threads wake the loop up, and its reader is a method of the loop.
    loop = getattr(getattr(keys[0].data[0], "_callback", None), "__self__", None)
    return not getattr(loop, "_ready", True)


def _nothing() -> None:
    return None


def _blocking_functions() -> dict[CodeType, Callable[[Mapping[str, Any]], bool]]:
    """The functions in which a thread waits for another one, each with what its variables say about that."""
    functions: dict[CodeType, Callable[[Mapping[str, Any]], bool]] = {
        threading.Condition.wait.__code__: _waits_for_condition,
        selectors.DefaultSelector.select.__code__: _waits_for_events,
    }
    state = getattr(threading.Thread, "_wait_for_tstate_lock", None)
    if state is not None:
        functions[state.__code__] = _waits_for_thread_state
    else:
        functions[threading.Thread.join.__code__] = _waits_for_thread
    return functions


_BLOCKING = _blocking_functions()
#: What worker threads run, which wait for jobs and execute them: those of executors, and so of ``asyncio.to_thread``.
_WORKERS: set[CodeType] = set()


def learn_worker(run: Any, waits: Callable[[Mapping[str, Any]], bool]) -> None:
    """Add a kind of worker: what its threads run, and a function that says whether such a thread waits for a job."""
    _WORKERS.add(run.__code__)
    _BLOCKING[run.__code__] = waits


def _learn_executors() -> None:
    """Add the workers of executors, if the process has loaded them: few programs do, and the fake need not."""
    worker = getattr(sys.modules.get("concurrent.futures.thread"), "_worker", None)
    if worker is not None:
        learn_worker(worker, _waits_for_work)


def without_blocked(threads: Iterable[threading.Thread]) -> list[threading.Thread]:
    """The threads among these that are not known to wait for another thread."""
    _learn_executors()
    frames = sys._current_frames()
    return [thread for thread in threads if not _is_blocked(frames.get(thread.ident or 0))]


def _is_blocked(frame: FrameType | None) -> bool:
    waits = _BLOCKING.get(frame.f_code) if frame is not None else None
    return waits is not None and frame is not None and waits(frame.f_locals)


def workers() -> list[threading.Thread]:
    """The threads that wait for jobs, and execute them."""
    _learn_executors()
    return [
        thread
        for thread in threading.enumerate()
        if getattr(getattr(thread, "_target", None), "__code__", None) in _WORKERS
    ]


# --- threads that go on -----------------------------------------------------------------------------------------------


def traces_of(threads: Iterable[threading.Thread]) -> dict[int, Trace]:
    """Where each of these threads is. Once a thread has executed anything, its trace is another.

    Where the system does not tell how long a thread has been on a processor, a short loop looks like a wait, and so
    does what a thread computes outside of Python.
    """
    frames = sys._current_frames()
    traces: dict[int, Trace] = {}
    for thread in threads:
        frame = frames.get(thread.ident or 0)
        traces[thread.ident or 0] = None if frame is None else (id(frame), frame.f_lasti, _ticks_on_processor(thread))
    return traces


def _ticks_on_processor(thread: threading.Thread) -> tuple[str, ...]:
    """The ticks that a thread has spent in its own code and in the system's, as Linux tells them; empty elsewhere."""
    try:
        with open(f"/proc/self/task/{thread.native_id}/stat") as file:
            return tuple(file.read().rpartition(")")[2].split()[11:13])
    except OSError:
        return ()


# --- the threads of a fake --------------------------------------------------------------------------------------------


class Threads:
    """The threads that belong to one fake, and the waits of those that wait in virtual time.

    A thread belongs to a fake if it has called it, or was started after the fake was made. ``lock`` is that of the
    timeline.
    """

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        #: The numbers of the threads that have called this fake.
        self.callers: set[int] = set()
        #: What each thread waits for that waits in virtual time now, by the number of the thread.
        self.waits: dict[int, Wait] = {}
        #: The threads that the test lets go on, by their numbers; None if each goes on when its wait is over.
        self.permitted: set[int] | None = None
        self._home = home = threading.current_thread()
        #: The threads that were there before this fake, and have nothing to do with it until they call it.
        self._bystanders = WeakSet([thread for thread in threading.enumerate() if thread is not home])
        #: Where threads were when a wait went on without them, by their numbers.
        self._stuck: dict[int, Trace] = {}

    # --- which belong to the fake -----------------------------------------------------------------------------

    def is_at_home(self) -> bool:
        """Whether this is the thread that made the fake."""
        return threading.current_thread() is self._home

    def home_is_alive(self) -> bool:
        """Whether the thread that made the fake has not ended."""
        return self._home.is_alive()

    def is_bystander(self) -> bool:
        """Whether this thread was there before the fake, or was started by such a thread, and has never called it."""
        return threading.current_thread() in self._bystanders and threading.get_ident() not in self.callers

    def exclude(self, thread: threading.Thread) -> None:
        """Say that a thread has nothing to do with the fake until it calls it."""
        self._bystanders.add(thread)

    def others(self) -> list[threading.Thread]:
        """The threads of the fake besides this one."""
        here = threading.current_thread()
        return [
            thread
            for thread in threading.enumerate()
            if thread is not here and (thread.ident in self.callers or thread not in self._bystanders)
        ]

    def forget_others(self) -> None:
        """Forget all threads but this one, which is the only one of a forked process."""
        self.waits.clear()
        self.callers.clear()

    # --- what they do -----------------------------------------------------------------------------------------

    def are_waking(self) -> bool:
        """Whether threads whose waits are over have not woken up yet."""
        with self._lock:
            return any(self._goes_on(number) for number in self.waits)

    def can_only_wait(self) -> bool:
        """Whether threads wait in virtual time, and no other thread can do anything."""
        with self._lock:
            return bool(self.waits) and not self.running()

    def running(self) -> list[threading.Thread]:
        """The other threads of the fake that may be about to do something: those that are not known to wait."""
        return self._running(self.others())

    def working(self) -> list[threading.Thread]:
        """The threads of executors, whenever they were started, that have a job and are not known to wait."""
        here = threading.current_thread()
        return self._running([thread for thread in workers() if thread is not here])

    def sleeping(self) -> list[threading.Thread]:
        """The other threads of the fake whose sleep or timeout will end when time goes on."""
        with self._lock:
            ends = {number: wait.ends_at() for number, wait in self.waits.items()}
        return [thread for thread in self.others() if ends.get(thread.ident or 0, NEVER_MS) < NEVER_MS]

    def running_bystanders(self) -> list[threading.Thread]:
        """The threads that have nothing to do with the fake, and are not known to wait."""
        concerned = [threading.current_thread(), *self.others()]
        return self._running([thread for thread in threading.enumerate() if thread not in concerned])

    def _running(self, threads: list[threading.Thread]) -> list[threading.Thread]:
        running = [thread for thread in threads if thread.ident not in self.waits or self._goes_on(thread.ident)]
        return without_blocked(running) if running else []

    def _goes_on(self, number: int) -> bool:
        """Whether a thread that waits has been woken."""
        return self.waits[number].is_over() if self.permitted is None else number in self.permitted

    def are_stuck(self, traces: dict[int, Trace]) -> bool:
        """Whether all these threads are where they were when a wait went on without them."""
        return all(trace is not None and self._stuck.get(number) == trace for number, trace in traces.items())

    def remember_stuck(self, traces: dict[int, Trace]) -> None:
        """Note where threads have executed nothing for a while."""
        self._stuck.update(traces)
