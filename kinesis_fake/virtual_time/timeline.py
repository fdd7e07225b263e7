"""The time of one fake: its clock, what is due, the lock that makes each step atomic, and who waits.

A *wait* is what a thread or a task of the code under test does until an instant comes or something happens. Whatever
sleeps, retries, streams or restores speaks to the timeline, and nothing else moves the clock.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol
from weakref import WeakSet

from kinesis_fake.process.fork_locks import TIMELINES
from kinesis_fake.virtual_time.agenda import Agenda
from kinesis_fake.virtual_time.clock import VirtualClock

#: How much real time, in seconds, a wait leaves to what goes on in real time: other threads, and timers and connections
#: of the loop. They get as much again whenever one of them has done something ...
REAL_TIME_ALLOWANCE_S = 0.01
#: ... but not more often than this: a thread that calls in a loop until a wait ends must not prevent that end.
MAX_ALLOWANCES = 100
#: How many turns of a busy loop a task waits for the loop to become idle before it is woken all the same: a task that
#: spins on ``asyncio.sleep(0)`` until another one wakes up must not wait for ever. A long poll ignores that much.
BUSY_TURNS = 1000


class Wait(Protocol):
    """What a thread or a task waits for."""

    def is_over(self) -> bool:
        """Whether the thread or task can go on."""

    def ends_at(self) -> int:
        """The instant at which it can go on at the latest."""


class Pause:
    """The wait for an instant or, with ``since``, for any activity before it.

    ``since`` is the timeline's count of activity when the thread or task found that it had to wait.
    """

    def __init__(self, timeline: Timeline, until: int, *, since: int | None = None) -> None:
        self.until = until
        self.ends_on_activity = since is not None
        self._timeline = timeline
        self._since = since

    def is_over(self) -> bool:
        timeline = self._timeline
        return timeline.clock.now >= self.until or (self.ends_on_activity and timeline.activity != self._since)

    def ends_at(self) -> int:
        return self.until


class Timeline:
    """The one time that all clients, threads and tasks of a fake share."""

    def __init__(self, clock: VirtualClock, agenda: Agenda) -> None:
        self.clock = clock
        #: What is due, and when. It belongs to the world of the fake, so that a snapshot copies both together.
        self.agenda = agenda
        #: Held during every call and every move of the clock, so that each is atomic.
        self.lock = threading.RLock()
        #: Grows with every call, every move of the clock and every event of an event stream.
        self.activity = 0
        #: How many calls of Kinesis were made.
        self.call_count = 0
        self._notified = threading.Condition(self.lock)
        #: What is waited for now, in whatever thread or task.
        self._waits: list[Wait] = []
        #: Those of them that a thread waits for.
        self._waits_in_threads: list[Wait] = []
        #: The threads that have called this fake.
        self._callers: set[int] = set()
        #: The threads that were there before this fake, and have nothing to do with it until they call it.
        self._bystanders = WeakSet(threading.enumerate())
        self._bystanders.discard(threading.current_thread())
        TIMELINES.add(self)

    # --- activity ---------------------------------------------------------------------------------------------

    def notify(self) -> None:
        """Say that something was done which may end a wait; the threads that wait look when the lock is free."""
        self.activity += 1
        if self._waits:
            self._notified.notify_all()

    def count_call(self) -> None:
        """Say that this thread makes a call of Kinesis."""
        self._callers.add(threading.get_ident())
        self.call_count += 1
        self.notify()

    # --- waiting ----------------------------------------------------------------------------------------------

    @contextmanager
    def registered(self, wait: Wait) -> Generator[None]:
        """Let no step of the clock pass the instant at which this wait ends."""
        with self.lock:
            self._waits.append(wait)
        try:
            yield
        finally:
            with self.lock:
                self._waits.remove(wait)

    def wait_in_thread(self, wait: Wait) -> None:
        """Let this thread wait, until the clock has moved or something was done; the wait need not be over then."""
        with self.lock, self.registered(wait):
            self._waits_in_threads.append(wait)
            try:
                if not wait.is_over() and self.has_other_threads():
                    self._let_other_threads_go_on(wait)
                if not wait.is_over():
                    self.step_to(wait.ends_at())
            finally:
                self._waits_in_threads.remove(wait)

    def _let_other_threads_go_on(self, wait: Wait) -> None:
        for _ in range(MAX_ALLOWANCES):
            was_notified = self._notified.wait(REAL_TIME_ALLOWANCE_S)
            if wait.is_over():
                return
            # Another thread whose wait is over has not woken up yet.
            if not was_notified and not any(other.is_over() for other in self._waits_in_threads):
                return

    def has_other_threads(self) -> bool:
        """Whether there are threads besides this one that have called, or have been started since this fake began."""
        here = threading.current_thread()
        return any(
            thread is not here and (thread.ident in self._callers or thread not in self._bystanders)
            for thread in threading.enumerate()
        )

    def forget_other_threads(self) -> None:
        """This is the only thread of a forked process."""
        self._waits_in_threads.clear()
        self._callers.clear()

    # --- time -------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The present, in milliseconds since the epoch, with everything done that is due."""
        return self.run_due()

    def run_due(self) -> int:
        """Let everything happen that is due by now; a clock that follows the system clock moves by itself."""
        with self.lock:
            now = self.clock.now
            if self.agenda.is_due(now):
                self.agenda.run_due(now)
            return now

    def move_to(self, instant: int) -> None:
        """Move the clock to an instant, letting everything happen on the way at its own instant.

        It may have passed: other threads and tasks that wait at the same time move the same clock.
        """
        with self.lock:
            self.clock.move_on_to(instant)
            self._catch_up()

    def travel_to(self, instant: int) -> None:
        """Move the clock to an instant that must not be in the past."""
        with self.lock:
            self.clock.move_to(instant)
            self._catch_up()

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward, however far others move it in the same moment."""
        with self.lock:
            self.clock.move_by(milliseconds)
            self._catch_up()

    def step_to(self, instant: int) -> None:
        """Move the clock to the next instant at which something is due or a wait ends, at most to this one."""
        with self.lock:
            now = self.now
            ahead = [wait.ends_at() for wait in self._waits]
            if (due_at := self.agenda.next_due_at()) is not None:
                ahead.append(due_at)
            self.move_to(min([instant, *(at for at in ahead if at > now)]))

    def restore(self, instant: int, agenda: Agenda) -> None:
        """Go back to the clock and the agenda of a snapshot."""
        with self.lock:
            self.clock = self.clock.started_at(instant)
            self.agenda = agenda
            self.notify()

    def _catch_up(self) -> None:
        self.agenda.run_due(self.clock.now)
        self.notify()
