"""The time of one fake: its clock, what is due, the lock that makes each step atomic, and the waits.

A *wait* is what a thread or a task of the code under test does until an instant comes or something happens. Whatever
sleeps, retries, streams or restores speaks to the timeline, and nothing else moves the clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol
from weakref import WeakSet

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.fork_locks import TIMELINES
from kinesis_fake.virtual_time.agenda import Agenda
from kinesis_fake.virtual_time.clock import LATEST_MS, NEVER_MS, VirtualClock, real_monotonic
from kinesis_fake.virtual_time.threads import RealCondition, Trace, traces_of, without_blocked, workers

#: How much real time, in seconds, a wait leaves to what goes on in real time: other threads, and timers and connections
#: of the loop. They get as much again whenever one of them has done something ...
REAL_TIME_ALLOWANCE_S = 0.01
#: ... but not more often than this: a thread that calls in a loop until a wait ends must not prevent that end.
MAX_ALLOWANCES = 100
#: How often a wait looks at threads that execute nothing until it goes on without them.
MAX_UNCHANGED_LOOKS = 10
#: How many allowances of real time a timer of a loop with connections grants: they may be what the timer limits.
MAX_ALLOWANCES_OF_TIMERS = 10
#: How long, in seconds of real time, a thread waits before it looks a second time whether all others wait.
MOMENT_S = 0.0001
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
        self._monotonic_zero_s = real_monotonic() - clock.now / 1000
        self._monotonic_looks = 0
        self._reported: KinesisFakeError | None = None
        #: A move of the clock that a task has asked for and not awaited.
        self.unawaited: str | None = None
        #: What works while the only thread sleeps, outside the lock, and moves the clock to the end of that sleep.
        self.while_sleeping: Callable[[int], None] | None = None
        self._notified = RealCondition(self.lock)
        #: What is waited for now, in whatever thread or task.
        self._waits: list[Wait] = []
        #: Those of them that a thread waits for, by the thread's number.
        self._waits_in_threads: dict[int, Wait] = {}
        #: The threads that have called this fake.
        self._callers: set[int] = set()
        #: The threads that were there before this fake, and have nothing to do with it until they call it.
        self._bystanders = WeakSet(threading.enumerate())
        #: Whether threads and tasks sleep until the test moves the clock.
        self.is_manual = False
        #: The waits of threads that may go on, in manual mode, and the order in which all of them began.
        self._permitted: set[int] = set()
        self._order: dict[int, int] = {}
        self._last_order = 0
        #: Where threads have tried the patience of a wait, by their numbers.
        self._stuck: dict[int, Trace] = {}
        self._home = threading.current_thread()
        self._bystanders.discard(self._home)
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

    def leave(self) -> None:
        """The fake is left; whatever waits goes on."""
        with self.lock:
            self.is_left = True
            self.notify()

    def report(self, error: KinesisFakeError) -> None:
        """Keep an error until the test leaves the fake: raised in its own thread, it would not reach the test."""
        with self.lock:
            self._reported = self._reported or error

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
        """The test fails for another reason, or what was reported has been raised."""
        self._reported = self.unawaited = None

    # --- threads ----------------------------------------------------------------------------------------------

    def is_at_home(self) -> bool:
        """Whether this is the thread that made the fake."""
        return threading.current_thread() is self._home

    def is_bystander(self) -> bool:
        """Whether this thread was there before the fake, or was started by such a thread, and has never called it."""
        return threading.current_thread() in self._bystanders and threading.get_ident() not in self._callers

    def exclude(self, thread: threading.Thread) -> None:
        """Say that a thread has nothing to do with the fake until it calls it."""
        self._bystanders.add(thread)

    def other_threads(self) -> list[threading.Thread]:
        """The threads besides this one that have called, or have been started since this fake began."""
        here = threading.current_thread()
        return [
            thread
            for thread in threading.enumerate()
            if thread is not here and (thread.ident in self._callers or thread not in self._bystanders)
        ]

    def forget_other_threads(self) -> None:
        """Forget all threads but this one, which is the only one of a forked process."""
        self._waits_in_threads.clear()
        self._callers.clear()

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
        if self.is_manual:
            if self.is_at_home():
                self.drive_to(min(wait.ends_at(), LATEST_MS), wait)
            else:
                self._wait_for_permit(wait)
            return
        with self.lock, self.registered(wait):
            self._waits_in_threads[here] = wait
            try:
                if not wait.is_over():
                    self._let_other_threads_go_on(wait)
                if not wait.is_over() and not self.is_left:
                    self.step_to(wait.ends_at())
            finally:
                self._waits_in_threads.pop(here, None)

    def wait_in_thread_until_over(self, wait: Wait) -> None:
        """Let this thread wait until the wait is over, or the fake is left."""
        while not wait.is_over() and not self.is_left:
            self.wait_in_thread(wait)

    def pause_in_thread(self, pause: Pause) -> None:
        """Let time pass until an instant, side by side with the waits of other threads if there are any."""
        if self._waits_in_threads or self.is_manual:
            self.wait_in_thread_until_over(pause)
        if not self.is_left:
            self.move_to(pause.until)

    def sleep_in_thread(self, milliseconds: int) -> None:
        """Let this thread sleep for a duration, side by side with the waits of other threads."""
        with self.lock:
            pause = Pause(self, self.clock.now + milliseconds)
            is_alone = not self.other_threads() and not self._waits
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

    def _goes_on(self, number: int) -> bool:
        """Whether a thread that waits has been woken."""
        return number in self._permitted if self.is_manual else self._waits_in_threads[number].is_over()

    # --- threads that wait for the test -----------------------------------------------------------------------

    def drive_to(self, target: int, wait: Wait | None = None) -> None:
        """Move the clock, waking the threads that are due, one after the other, each at its own instant.

        Each goes on until it sleeps or blocks again. With ``wait`` this ends as soon as that is over.
        """
        self.settle_threads()
        while not self.is_left and (wait is None or not wait.is_over()):
            with self.lock:
                ends = [other.ends_at() for other in self._waits_in_threads.values()]
                self.clock.move_on_to(min([target, *(at for at in ends if at > self.clock.now)]))
                self._catch_up(by_wait=wait is not None)
            self.settle_threads()
            if self.clock.now >= target:
                return

    def settle_threads(self) -> None:
        """Wake the threads whose waits are over, one after the other, until all threads sleep or block."""
        with self.lock:
            while not self.is_left:
                watch = ThreadWatch(self)
                while (seconds := watch.next_allowance_s()) is not None:
                    self._notified.wait(seconds)
                first = self._first_to_wake()
                if first is None:
                    return
                self._permitted.add(first)
                self._notified.notify_all()

    def _first_to_wake(self) -> int | None:
        """The thread to be woken next: those that are due come in the order of their instants."""
        now = self.clock.now
        over = [
            (min(wait.ends_at(), now), self._order[number], number)
            for number, wait in self._waits_in_threads.items()
            if number not in self._permitted and number in self._order and wait.is_over()
        ]
        return min(over)[2] if over else None

    def _wait_for_permit(self, wait: Wait) -> None:
        """Let this thread wait until its wait is over and it is its turn."""
        here, looks = threading.get_ident(), 0
        with self.lock, self.registered(wait):
            self._last_order += 1
            self._order[here] = self._last_order
            self._waits_in_threads[here] = wait
            self._notified.notify_all()
            try:
                while here not in self._permitted and not self.is_left:
                    was_notified = self._notified.wait(REAL_TIME_ALLOWANCE_S)
                    looks = 0 if was_notified else looks + 1
                    is_first = not self._permitted and self._first_to_wake() == here
                    # The test does not drive: it waits for another thread, or has been doing something else for long.
                    if is_first and (not self.running_threads() or looks >= MAX_ALLOWANCES):
                        self._permitted.add(here)
                    elif looks >= MAX_ALLOWANCES and self._is_deadlocked():
                        raise self._deadlock()
            finally:
                self._waits_in_threads.pop(here, None)
                self._order.pop(here, None)
                self._permitted.discard(here)

    def _is_deadlocked(self) -> bool:
        """Whether the test waits for a thread, and all threads wait for the test."""
        return self._home.is_alive() and not self.running_threads() and self._first_to_wake() is None

    def _deadlock(self) -> KinesisFakeError:
        error = KinesisFakeError(
            "With virtual_sleep='manual' this thread sleeps until the test moves the clock, but the test waits for its "
            "threads. Call kinesis.advance(), travel_to() or settle() before the test waits, or wait with a timeout.",
            see="clock",
        )
        self.report(error)
        return error

    def deadlock_of_tasks(self) -> KinesisFakeError:
        """The error for a task that would sleep for ever."""
        return KinesisFakeError(
            "With virtual_sleep='manual' this task sleeps until the test moves the clock, but all tasks wait. Write "
            "`await kinesis.advance(...)` in the test.",
            see="clock",
        )

    def _let_other_threads_go_on(self, wait: Wait) -> None:
        """Give other threads real time, until all of them are known to wait or nothing comes of it."""
        watch = ThreadWatch(self, all_threads=getattr(wait, "ends_by_any_thread", False))
        while (seconds := watch.next_allowance_s()) is not None:
            self._notified.wait(seconds)
            if wait.is_over() or self.is_left:
                return

    def has_waits_in_threads(self) -> bool:
        """Whether threads wait in virtual time."""
        return bool(self._waits_in_threads)

    def wakes_threads(self) -> bool:
        """Whether threads whose waits are over have not woken up yet."""
        with self.lock:
            return any(self._goes_on(number) for number in self._waits_in_threads)

    def only_waits_in_threads(self) -> bool:
        """Whether threads wait in virtual time, and no other thread can do anything."""
        with self.lock:
            return self.has_waits_in_threads() and not self.running_threads()

    def are_stuck(self, traces: dict[int, Trace]) -> bool:
        """Whether all these threads are where they have tried the patience of a wait before."""
        return all(trace is not None and self._stuck.get(number) == trace for number, trace in traces.items())

    def remember_stuck(self, traces: dict[int, Trace]) -> None:
        """Note where threads have executed nothing for a while."""
        self._stuck.update(traces)

    def running_threads(self) -> list[threading.Thread]:
        """The other threads of the test that may be about to do something: those that are not known to wait."""
        return self._running(self.other_threads())

    def working_threads(self) -> list[threading.Thread]:
        """The threads of executors, whenever they were started, that have a job and are not known to wait."""
        here = threading.current_thread()
        return self._running([thread for thread in workers() if thread is not here])

    def sleeping_threads(self) -> list[threading.Thread]:
        """The other threads whose sleep or timeout will end when time goes on."""
        with self.lock:
            waits = {number: wait.ends_at() for number, wait in self._waits_in_threads.items()}
        return [thread for thread in self.other_threads() if waits.get(thread.ident or 0, NEVER_MS) < NEVER_MS]

    def running_bystanders(self) -> list[threading.Thread]:
        """The threads that have nothing to do with the fake, and are not known to wait."""
        concerned = [threading.current_thread(), *self.other_threads()]
        return self._running([thread for thread in threading.enumerate() if thread not in concerned])

    def _running(self, threads: list[threading.Thread]) -> list[threading.Thread]:
        waiting = self._waits_in_threads
        running = [thread for thread in threads if thread.ident not in waiting or self._goes_on(thread.ident)]
        return without_blocked(running) if running else []

    # --- time -------------------------------------------------------------------------------------------------

    def monotonic(self) -> float:
        """The virtual time as ``time.monotonic`` shows it, in seconds: it goes on from what that showed at first.

        A nanosecond passes with each look, because code that counts down to a deadline may go on at the very deadline.
        """
        self._monotonic_looks += 1
        return self._monotonic_zero_s + self.now / 1000 + self._monotonic_looks / 1_000_000_000

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


class ThreadWatch:
    """Looks at the other threads again and again, for as long as they may be about to do something.

    A thread that executes nothing is given some patience: on a busy machine it may only be waiting for its turn. One
    that has tried this patience once, because it waits for a connection perhaps, is hardly given any until it goes on.
    """

    def __init__(self, timeline: Timeline, *, with_workers: bool = False, all_threads: bool = False) -> None:
        self._timeline = timeline
        #: Whether it looks at the threads of executors that were there before, too, and whether at all threads.
        self._with_workers = with_workers or all_threads
        self._all_threads = all_threads
        self._looks = 0
        self._unchanged_looks = 0
        self._before: object = None
        self._all_waited = False

    def next_allowance_s(self) -> float | None:
        """How much real time to leave to the other threads before the next look, in seconds; None for no more."""
        timeline = self._timeline
        self._looks += 1
        if self._looks > MAX_ALLOWANCES:
            return None
        is_waking = timeline.wakes_threads()
        running = timeline.running_threads()
        if self._with_workers:
            running += [thread for thread in timeline.working_threads() if thread not in running]
        bystanders = timeline.running_bystanders() if self._all_threads and not running and not is_waking else []
        if not running and not is_waking and not bystanders:
            if self._all_waited:
                return None
            self._all_waited = True
            return MOMENT_S if timeline.other_threads() else None
        self._all_waited = False
        traces = traces_of(running or bystanders)
        look = None if bystanders else (timeline.activity, traces)
        self._unchanged_looks = self._unchanged_looks + 1 if look == self._before and not is_waking else 0
        self._before = look
        patience = 1 if timeline.are_stuck(traces) else MAX_UNCHANGED_LOOKS
        if self._unchanged_looks >= patience:
            timeline.remember_stuck(traces)
            return None
        return REAL_TIME_ALLOWANCE_S
