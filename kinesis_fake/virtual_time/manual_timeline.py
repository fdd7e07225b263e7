"""The time of a fake with ``virtual_sleep="manual"``: threads and tasks sleep until the test moves the clock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.agenda import Agenda
from kinesis_fake.virtual_time.allowances import MAX_ALLOWANCES, REAL_TIME_ALLOWANCE_S, ThreadWatch
from kinesis_fake.virtual_time.clock import LATEST_MS, VirtualClock
from kinesis_fake.virtual_time.timeline import Timeline

if TYPE_CHECKING:
    from kinesis_fake.virtual_time.threads import Wait


class ManualTimeline(Timeline):
    """A timeline on which threads wait for the test.

    When the test moves the clock, it permits one thread after the other to go on, each at its own instant.
    """

    is_manual = True

    def __init__(self, clock: VirtualClock, agenda: Agenda) -> None:
        super().__init__(clock, agenda)
        self.threads.permitted = self._permitted = set[int]()
        #: The order in which the waits of threads began, by the numbers of the threads.
        self._order: dict[int, int] = {}
        self._last_order = 0

    # --- the test moves the clock -----------------------------------------------------------------------------

    def drive_to(self, target: int, wait: Wait | None = None) -> None:
        """Move the clock, waking the threads that are due, one after the other, each at its own instant.

        Each goes on until it sleeps or blocks again. With ``wait`` this ends as soon as that is over.
        """
        self.settle_threads()
        while not self.is_left and (wait is None or not wait.is_over()):
            with self.lock:
                ends = [other.ends_at() for other in self.threads.waits.values()]
                self.clock.move_on_to(min([target, *(at for at in ends if at > self.clock.now)]))
                self._catch_up(by_wait=wait is not None)
            self.settle_threads()
            if self.clock.now >= target:
                return

    def settle_threads(self) -> None:
        with self.lock:
            while not self.is_left:
                watch = ThreadWatch(self.threads)
                while (seconds := watch.next_allowance_s(self.activity)) is not None:
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
            for number, wait in self.threads.waits.items()
            if number not in self._permitted and number in self._order and wait.is_over()
        ]
        return min(over)[2] if over else None

    # --- a thread waits ---------------------------------------------------------------------------------------

    def wait_in_thread(self, wait: Wait) -> None:
        if self.threads.is_at_home():
            self.drive_to(min(wait.ends_at(), LATEST_MS), wait)
        else:
            self._wait_for_permit(wait)

    def _wait_for_permit(self, wait: Wait) -> None:
        """Let this thread wait until its wait is over and it is its turn."""
        here, looks = threading.get_ident(), 0
        with self.lock, self.registered(wait):
            self._last_order += 1
            self._order[here] = self._last_order
            self.threads.waits[here] = wait
            self._notified.notify_all()
            try:
                while here not in self._permitted and not self.is_left:
                    was_notified = self._notified.wait(REAL_TIME_ALLOWANCE_S)
                    looks = 0 if was_notified else looks + 1
                    is_first = not self._permitted and self._first_to_wake() == here
                    # The test does not drive: it waits for another thread, or has been doing something else for long.
                    if is_first and (not self.threads.running() or looks >= MAX_ALLOWANCES):
                        self._permitted.add(here)
                    elif looks >= MAX_ALLOWANCES and self._is_deadlocked():
                        raise self._deadlock()
            finally:
                self.threads.waits.pop(here, None)
                self._order.pop(here, None)
                self._permitted.discard(here)

    def _is_deadlocked(self) -> bool:
        """Whether the test waits for a thread, and all threads wait for the test."""
        return self.threads.home_is_alive() and not self.threads.running() and self._first_to_wake() is None

    def _deadlock(self) -> KinesisFakeError:
        error = KinesisFakeError(
            "With virtual_sleep='manual' this thread sleeps until the test moves the clock, but the test waits for its "
            "threads. Call kinesis.advance(), travel_to() or settle() before the test waits, or wait with a timeout.",
            see="clock",
        )
        self.report(error)
        return error


def deadlock_of_tasks() -> KinesisFakeError:
    """The error for a task that would sleep for ever."""
    return KinesisFakeError(
        "With virtual_sleep='manual' this task sleeps until the test moves the clock, but all tasks wait. Write "
        "`await kinesis.advance(...)` in the test.",
        see="clock",
    )
