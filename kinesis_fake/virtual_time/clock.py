"""Virtual time: an integer number of milliseconds since the epoch. A wait moves it.

The idea of a clock that starts frozen and refuses to go back is that of ``trio.testing.MockClock``. This is the only
module that may look at the system clock: once, when a :class:`VirtualClock` without a start is made, and at every
look for a :class:`SystemClock`.
"""

from __future__ import annotations

import copy
import importlib.util
import re
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from kinesis_fake.misuse import KinesisFakeError, shown
from kinesis_fake.process.fork_locks import brief

if TYPE_CHECKING:
    from kinesis_fake.virtual_time.shown_time import ShownTime

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
#: What datetime begins with, the year 1.
_FIRST_MS = -62_135_596_800_000
#: datetime ends with the year 9999; the clock stops a day earlier so that every time zone can show it.
LATEST_MS = 253_402_214_400_000
_ISO_8601 = r"\d{4}-\d\d-\d\d(.\d\d(:\d\d(:\d\d([.]\d{3}(\d{3})?)?)?)?([Zz]|[+-]\d\d:\d\d(:\d\d([.]\d{6})?)?)?)?"
#: After the end of virtual time.
NEVER_MS = LATEST_MS + 1
#: As it is before a fake or another package replaces it.
_monotonic = time.monotonic


def milliseconds_of(instant: datetime | str) -> int:
    """An aware datetime, or an ISO 8601 text with an offset or ``Z``, as milliseconds since the epoch."""
    if isinstance(instant, str):
        text = instant
        try:
            # Python 3.11 and later read more forms than Python 3.10, and a test must not depend on that.
            if re.fullmatch(_ISO_8601, text, re.ASCII) is None:
                raise ValueError(text)
            instant = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
        except ValueError:
            raise KinesisFakeError(
                f"{shown(text)} is no instant; write it as in '2026-01-01T00:00:00Z' or pass an aware datetime."
            ) from None
        if instant.tzinfo is None:
            raise KinesisFakeError(f"{shown(text)} has no time zone; write '{instant.isoformat()}Z', if you mean UTC.")
    if not isinstance(instant, datetime):
        raise KinesisFakeError(f"An instant must be an aware datetime or an ISO 8601 text, not {shown(instant)}.")
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise KinesisFakeError(
            f"{shown(instant)} has no time zone; pass an aware datetime, such as datetime(..., tzinfo=timezone.utc)."
        )
    return (instant - _EPOCH) // _MILLISECOND


def datetime_of(milliseconds: int) -> datetime:
    """Milliseconds since the epoch as an aware datetime in UTC. Later instants are shown as the end of virtual time."""
    return _EPOCH + timedelta(milliseconds=min(milliseconds, LATEST_MS))


def real_monotonic() -> float:
    """The machine's monotonic clock, in seconds."""
    return _monotonic()


class VirtualClock:
    """A clock that only moves when it is told to, and never back.

    ``start`` is an aware datetime or an ISO 8601 text; without one the clock starts at the system clock's current
    whole second, so that a test that froze that clock finds the same time here.
    """

    def __init__(self, start: datetime | str | None = None) -> None:
        self._now = int(time.time()) * 1000 if start is None else milliseconds_of(start)
        if not 0 <= self._now <= LATEST_MS:
            raise KinesisFakeError("The virtual clock must start between the years 1970 and 9999.", see="clock")

    @property
    def now(self) -> int:
        """Milliseconds since the epoch."""
        return self._now

    def started_at(self, instant: int) -> VirtualClock:
        """A clock of this kind that begins at an instant, in milliseconds since the epoch; for snapshots."""
        clock = copy.copy(self)
        clock._now = instant
        return clock

    def move_to(self, instant: int) -> None:
        """Move to an instant, in milliseconds since the epoch, that is not in the past."""
        if instant < self._now:
            raise KinesisFakeError(
                f"Virtual time cannot go back: it is {datetime_of(self._now).isoformat()} and the test asked for "
                f"{datetime_of(max(instant, _FIRST_MS)).isoformat()}. Start an earlier fake with start=...",
                see="clock",
            )
        if instant > LATEST_MS:
            raise KinesisFakeError("Virtual time ends with the year 9999; travel to an earlier instant.", see="clock")
        self._now = instant

    def move_by(self, milliseconds: int) -> None:
        """Move forward by a duration."""
        self.move_to(self._now + milliseconds)

    def move_on_to(self, instant: int) -> None:
        """Move to an instant, unless it has passed: another thread or task has moved the clock further already."""
        if instant > self.now:
            self.move_to(instant)


class SystemClock(VirtualClock):
    """A clock that follows the system clock: what freezes or moves that one, such as freezegun, moves this one.

    It never goes back. When the system clock does, this clock stands still until the system clock has caught up. The
    one exception is a fake in which nothing has happened yet, because a test may freeze an earlier time after the fake
    was made. What the test moves (``advance``, ``travel_to``, ``settle``) is added to the system clock from then on. A
    wait of the SDK (a waiter, a retry, an event stream, a long poll) is not added: it lets this clock run ahead, and
    this clock then stands still until the system clock has caught up. With ``keeps_distance``, for virtual sleep, every
    move is added.
    """

    def __init__(self, *, keeps_distance: bool = False) -> None:
        super().__init__()
        self._offset = 0
        self._keeps_distance = keeps_distance
        #: Whether nothing has happened yet in the fake, so that its time may go back; the fake fills it in.
        self.may_go_back: Callable[[], bool] = lambda: False

    @property
    def now(self) -> int:
        """Milliseconds since the epoch."""
        # Rounded, because a float of these seconds may lie below the whole millisecond that it was made from.
        shown = round(time.time() * 1000) + self._offset
        if shown > self._now or (shown < self._now and self.may_go_back()):
            self._now = shown
        return self._now

    def move_to(self, instant: int) -> None:
        """Move to an instant that is not in the past, and keep the distance to the system clock."""
        self.now  # noqa: B018  (catches up with the system clock)
        self._keep_distance_at(instant)

    def move_by(self, milliseconds: int) -> None:
        """Move forward by a duration, and keep the distance to the system clock."""
        self._keep_distance_at(self.now + milliseconds)

    def _keep_distance_at(self, instant: int) -> None:
        super().move_to(instant)
        self._offset = instant - round(time.time() * 1000)

    def move_on_to(self, instant: int) -> None:
        """Move to an instant, unless it has passed, even if only a moment ago."""
        if instant > self.now:
            if self._keeps_distance:
                self._keep_distance_at(instant)
            else:
                super().move_to(instant)

    def started_at(self, instant: int) -> VirtualClock:
        """A clock that begins at an instant and follows the system clock from there."""
        clock = SystemClock(keeps_distance=self._keeps_distance)
        clock._offset = instant - clock._now
        clock._now = instant
        return clock


#: The shared clocks of the active fakes, the outermost first. The process shows the last one.
_SHOWN: list[SharedClock] = []
_SHOWN_LOCK = brief(threading.RLock())


class SharedClock(VirtualClock):
    """A virtual clock that ``time.time`` and ``datetime.now`` of the process show, too, by way of time-machine."""

    def __init__(self, start: datetime | str | None = None) -> None:
        super().__init__(start)
        require_time_machine()
        #: What the process shows while the fake is active.
        self._shown: ShownTime | None = None

    def share(self, around: Iterable[VirtualClock]) -> None:
        """Let the process show this clock from now on. Only the clocks around it may be shown before."""
        from kinesis_fake.virtual_time.shown_time import ShownTime

        with _SHOWN_LOCK:
            if any(shown not in around for shown in _SHOWN):
                raise KinesisFakeError(
                    "A fake with clock='shared' is active in another thread or task, and lets the process show its "
                    "time. A process shows one time: leave that fake first, or enter this one inside of it.",
                    see="clock",
                )
            _SHOWN.append(self)
        self._shown = ShownTime(datetime_of(self._now))
        self._shown.begin()

    def stop_sharing(self) -> None:
        """Let the process show the machine's time again."""
        with _SHOWN_LOCK:
            _SHOWN[:] = [shown for shown in _SHOWN if shown is not self]
        if self._shown is not None:
            self._shown.end()

    def move_to(self, instant: int) -> None:
        """Move to an instant, in milliseconds since the epoch, that is not in the past."""
        super().move_to(instant)
        if self._shown is not None:
            self._shown.move_to(datetime_of(instant))

    @staticmethod
    def require_same_time(clock: VirtualClock, around: Iterable[VirtualClock]) -> None:
        """Refuse a clock that would differ from what the process shows because of the fake around it."""
        if not isinstance(clock, SharedClock) and any(isinstance(outer, SharedClock) for outer in around):
            raise KinesisFakeError(
                "The fake around this one has clock='shared', so time.time() and datetime.now() show its time, and "
                "this one would have another. Give this one clock='shared', too: its time is shown until it is left.",
                see="clock",
            )

    def started_at(self, instant: int) -> VirtualClock:
        """This clock, set to an instant: the process has one clock."""
        self._now = instant
        if self._shown is not None:
            self._shown.move_to(datetime_of(instant))
        return self


def require_time_machine() -> None:
    """Refuse what needs time-machine where that is not installed."""
    if importlib.util.find_spec("time_machine") is None:
        raise KinesisFakeError(
            "clock='shared' shows the virtual time in time.time() and datetime.now() by way of time-machine, which is "
            "not installed: pip install 'kinesis-fake[time]'.",
            see="clock",
        )
