"""How much real time a wait in virtual time leaves to other threads, to timers and to connections."""

from __future__ import annotations

from kinesis_fake.virtual_time.threads import Threads, traces_of

#: How much real time, in seconds, a wait leaves to other threads, and to timers and connections of the loop. They get
#: as much again whenever one of them has done something ...
REAL_TIME_ALLOWANCE_S = 0.01
#: ... but not more often than this: a thread that calls in a loop until a wait ends must not prevent that end.
MAX_ALLOWANCES = 100
#: After so many looks at threads that execute nothing a wait goes on without them.
MAX_UNCHANGED_LOOKS = 10
#: How many allowances a timer grants if its loop has connections: it may be the time limit of one of them.
MAX_ALLOWANCES_OF_TIMERS = 10
#: How long, in seconds of real time, a thread waits before it looks a second time whether all others wait.
MOMENT_S = 0.0001


class ThreadWatch:
    """Looks at the other threads again and again, for as long as they may be about to do something.

    It has some patience with a thread that executes nothing: on a busy machine the thread may only be waiting for its
    turn. With a thread that has exhausted this patience once, because it waits for a connection perhaps, it has hardly
    any until that thread goes on.
    """

    def __init__(self, threads: Threads, *, with_workers: bool = False, all_threads: bool = False) -> None:
        self._threads = threads
        #: Whether it looks at the threads of executors that were there before, too, and whether at all threads.
        self._with_workers = with_workers or all_threads
        self._all_threads = all_threads
        self._looks = 0
        self._unchanged_looks = 0
        self._before: object = None
        self._all_waited = False

    def next_allowance_s(self, activity: int) -> float | None:
        """How much real time to leave to the other threads before the next look, in seconds; None for no more.

        ``activity`` is the timeline's count of it at this look.
        """
        threads = self._threads
        self._looks += 1
        if self._looks > MAX_ALLOWANCES:
            return None
        is_waking = threads.are_waking()
        running = threads.running()
        if self._with_workers:
            running += [thread for thread in threads.working() if thread not in running]
        bystanders = threads.running_bystanders() if self._all_threads and not running and not is_waking else []
        if not running and not is_waking and not bystanders:
            if self._all_waited:
                return None
            self._all_waited = True
            return MOMENT_S if threads.others() else None
        self._all_waited = False
        traces = traces_of(running or bystanders)
        look = None if bystanders else (activity, traces)
        self._unchanged_looks = self._unchanged_looks + 1 if look == self._before and not is_waking else 0
        self._before = look
        patience = 1 if threads.are_stuck(traces) else MAX_UNCHANGED_LOOKS
        if self._unchanged_looks >= patience:
            threads.remember_stuck(traces)
            return None
        return REAL_TIME_ALLOWANCE_S
