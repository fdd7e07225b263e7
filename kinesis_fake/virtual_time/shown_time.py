"""The time that ``time.time`` and ``datetime.now`` of the process show, by way of time-machine.

time-machine changes several things when a travel begins and ends: functions, the time zone, a list of its own. An
interrupt between two of them would leave the process with half of them, and the clocks of the process would stand still
for ever. Ctrl-C and the signal of a time limit interrupt the main thread only, so both are done in another one.
"""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from kinesis_fake.process.fork_locks import brief

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: Held while time-machine begins or ends a travel: it has one list of travels for the process.
_LOCK = brief(threading.RLock())
#: The names that time-machine has had for the list of the travels that go on.
_NAMES_OF_TRAVELS = ("traveller_stack", "coordinates_stack")


class ShownTime:
    """An instant that the process shows from :meth:`begin` to :meth:`end`; it begins once."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant
        self._travel: Any = None
        self._traveller: Any = None
        self._has_ended = False

    def begin(self) -> None:
        """Let the process show the instant."""
        _carry_out(self._begin)

    def move_to(self, instant: datetime) -> None:
        """Show another instant, if this one is shown."""
        if self._traveller is not None:
            # Not the traveller's move_to(), which sets the time zone anew and could be interrupted on its way.
            shown = _EPOCH + timedelta(microseconds=self._traveller.time_ns() // 1000)
            self._traveller.shift(instant - shown)

    def end(self) -> None:
        """Let the process show the machine's time again; a second call, or one before begin(), changes nothing."""
        _carry_out(self._end)

    def _begin(self) -> None:
        import time_machine

        with _LOCK:
            if self._has_ended:  # the main thread was interrupted and has given up
                return
            before = _travels_under_way()
            self._travel = time_machine.travel(self._instant, tick=False)
            try:
                self._traveller = self._travel.start()
            except BaseException:
                if _travels_under_way() > before:
                    self._travel.stop()
                raise

    def _end(self) -> None:
        with _LOCK:
            self._has_ended = True
            if self._traveller is not None:
                self._traveller = None
                self._travel.stop()


def _travels_under_way() -> int:
    import time_machine

    return max(len(getattr(time_machine, name, ())) for name in _NAMES_OF_TRAVELS)


def _carry_out(step: Callable[[], None]) -> None:
    """Do something from its beginning to its end, even if this thread is interrupted while it waits for that."""
    if sys.is_finalizing() or threading.current_thread() is not threading.main_thread():
        step()  # no signal interrupts it
        return
    failures: list[BaseException] = []
    ended = threading.Lock()
    ended.acquire()

    def run() -> None:
        try:
            step()
        except BaseException as error:
            failures.append(error)
        finally:
            ended.release()

    _thread.start_new_thread(run, ())
    ended.acquire()
    if failures:
        raise failures[0]
