"""The time of one fake: its clock, what is due, the lock that makes each step atomic, and the waits.

A *wait* is what a thread or a task of the code under test does until an instant comes or something happens. Whatever
sleeps, retries, streams or restores speaks to the timeline, and nothing else moves the clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.fork_locks import TIMELINES
from kinesis_fake.virtual_time.agenda import Agenda
from kinesis_fake.virtual_time.clock import LATEST_MS, VirtualClock, real_monotonic
from kinesis_fake.virtual_time.threads import RealCondition, Threads

if TYPE_CHECKING:
    from kinesis_fake.virtual_time.threads import Wait

#: How many turns a task waits for a busy loop to become idle before it is woken all the same. Otherwise a task that
#: spins on ``asyncio.sleep(0)`` until another task wakes up would wait for ever. After as much activity at one instant
#: a long poll ends no earlier than its time is over.
BUSY_TURNS = 1000
#: A loop that swallows the error of each sleep goes on, and one error tells as much as thousands.
_MAX_ERRORS_OF_SLEEPS = 20


class Pause:
    """The wait for an instant or, with ``since``, for any activity before it.

    ``since`` is the timeline's count of activity when the thread or task found that it had to wait.
    """

    def __init__(self, timeline: Timeline, until: int, *, since: int | None = None) -> None:
        self.until = until
        self.ends_on_activity: bool = since is not None
        self._timeline = timeline
        self._since = since

    def is_over(self) -> bool:
        timeline = self._timeline
        return timeline.clock.now >= self.until or (self.ends_on_activity and timeline.activity != self._since)

    def ends_at(self) -> int:
        return self.until


class Timeline:
    """The one time that all clients, threads and tasks of a fake share."""

    #: Whether threads and tasks sleep until the test moves the clock.
    is_manual = False

    def __init__(self, clock: VirtualClock, agenda: Agenda) -> None:
        self.clock: VirtualClock = clock
        #: What is due, and when. It belongs to the world of the fake, so that a snapshot copies both together.
        self.agenda: Agenda = agenda
        #: Held during every call and every move of the clock, so that each is atomic.
        self.lock: threading.RLock = threading.RLock()
        #: Grows with every call, every move of the clock and every event of an event stream.
        self.activity: int = 0
        #: How much of the activity was only that a wait has let time pass.
        self.passing: int = 0
        #: How many calls of Kinesis were made.
        self.call_count: int = 0
        #: Whether the fake has been left; threads that still wait go on in real time.
        self.is_left: bool = False
        #: What ``time.monotonic`` showed when the clock began, and the virtual time at that moment.
        self._began_at: tuple[float, int] = real_monotonic(), clock.now
        self._monotonic_looks = 0
        self._reported: KinesisFakeError | None = None
        #: The errors that sleeps have raised in the code under test, which may swallow them.
        self.errors_of_sleeps: list[KinesisFakeError] = []
        #: A move of the clock that a task has asked for and not awaited.
        self.unawaited: str | None = None
        #: What works while the only thread sleeps, outside the lock, and moves the clock to the end of that sleep.
        self.while_sleeping: Callable[[int], None] | None = None
        self._condition: RealCondition | None = None
        #: The threads that belong to the fake.
        self.threads: Threads = Threads(self.lock)
        self._callers = self.threads.callers
        #: What is waited for now, in whatever thread or task.
        self._waits: list[Wait] = []
        TIMELINES.add(self)

    @property
    def _notified(self) -> RealCondition:
        """What waits in threads are woken by; made, under the lock, when a thread first waits."""
        if self._condition is None:
            self._condition = RealCondition(self.lock)
        return self._condition

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

    def leave(self) -> None:
        """End all waits, because the test has left the fake."""
        with self.lock:
            self.is_left = True
            self.notify()

    def report(self, error: KinesisFakeError) -> None:
        """Keep an error until the test leaves the fake: raised in its own thread, it would not reach the test."""
        with self.lock:
            self._reported = self._reported or error

    def remember(self, error: KinesisFakeError) -> None:
        """Note an error that a sleep raises in the code under test: the test fails if that code swallows it."""
        with self.lock:
            if len(self.errors_of_sleeps) < _MAX_ERRORS_OF_SLEEPS:
                self.errors_of_sleeps.append(error)

    def raise_reported(self) -> None:
        """Raise what was reported."""
        if self._reported is not None:
            raise self._reported
        if self.unawaited is not None:
            raise KinesisFakeError(
                f"{self.unawaited} was called in a task and not awaited, so the clock has not moved: with "
                f"virtual_sleep='manual' write `await kinesis.{self.unawaited}`.",
                see="clock",
            )

    def forget_reported(self) -> None:
        """Forget what was reported, because it has been raised, or the test fails for another reason."""
        self._reported = self.unawaited = None
        self.errors_of_sleeps.clear()

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
        here = threading.get_ident()
        with self.lock, self.registered(wait):
            self.threads.waits[here] = wait
            try:
                if not wait.is_over():
                    self._let_other_threads_go_on(wait)
                if not wait.is_over() and not self.is_left:
                    self.step_to(wait.ends_at())
            finally:
                self.threads.waits.pop(here, None)

    def wait_in_thread_until_over(self, wait: Wait) -> None:
        """Let this thread wait until the wait is over, or the fake is left."""
        while not wait.is_over() and not self.is_left:
            self.wait_in_thread(wait)

    def pause_in_thread(self, pause: Pause) -> None:
        """Let time pass until an instant, side by side with the waits of other threads if there are any."""
        if self.threads.waits or self.is_manual:
            self.wait_in_thread_until_over(pause)
        if not self.is_left:
            self.move_to(pause.until)

    def sleep_in_thread(self, milliseconds: int) -> None:
        """Let this thread sleep for a duration, side by side with the waits of other threads."""
        with self.lock:
            pause = Pause(self, self.clock.now + milliseconds)
            is_alone = not self.threads.others() and not self._waits
            if is_alone and self.while_sleeping is None:
                self.clock.move_by(milliseconds)
                self._catch_up(by_wait=True)
                return
        if is_alone and self.while_sleeping is not None:
            self.while_sleeping(pause.until)
            return
        if pause.until > LATEST_MS:
            self.advance(milliseconds)  # refuses
        self.wait_in_thread_until_over(pause)

    def _let_other_threads_go_on(self, wait: Wait) -> None:
        """Give other threads real time, until all of them are known to wait or nothing comes of it."""
        from kinesis_fake.virtual_time.allowances import ThreadWatch

        watch = ThreadWatch(self.threads, all_threads=getattr(wait, "ends_by_any_thread", False))
        while (seconds := watch.next_allowance_s(self.activity)) is not None:
            self._notified.wait(seconds)
            if wait.is_over() or self.is_left:
                return

    def settle_threads(self) -> None:
        """Wake the threads that wait for the test and whose waits are over, until all threads sleep or block.

        Threads wait for the test only on a ``ManualTimeline``.
        """

    def forget_other_threads(self) -> None:
        """Forget all threads but this one, which is the only one of a forked process."""
        self.threads.forget_others()

    # --- time -------------------------------------------------------------------------------------------------

    def monotonic(self) -> float:
        """The virtual time as ``time.monotonic`` shows it, in seconds: it goes on from what that showed at first.

        A nanosecond passes with each look, because code that counts down to a deadline may go on at the very deadline.
        """
        self._monotonic_looks += 1
        began_at_s, began_at = self._began_at
        return began_at_s + (self.now - began_at) / 1000 + self._monotonic_looks / 1_000_000_000

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
        """Let a wait move the clock to an instant, and everything happen on the way at its own instant.

        It may have passed: other threads and tasks that wait at the same time move the same clock.
        """
        with self.lock:
            self.clock.move_on_to(instant)
            self._catch_up(by_wait=True)

    def travel_to(self, instant: int) -> None:
        """Move the clock to an instant that must not be in the past."""
        with self.lock:
            self.clock.move_to(instant)
            self._catch_up(by_wait=False)

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward, however far others move it in the same moment."""
        with self.lock:
            self.clock.move_by(milliseconds)
            self._catch_up(by_wait=False)

    def settle(self) -> None:
        """Move the clock until nothing is due any more."""
        with self.lock:
            while (due_at := self.agenda.next_due_at()) is not None:
                self.advance(max(0, due_at - self.clock.now))

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

    def _catch_up(self, *, by_wait: bool) -> None:
        self.agenda.run_due(self.clock.now)
        self.passing += by_wait
        self.notify()
