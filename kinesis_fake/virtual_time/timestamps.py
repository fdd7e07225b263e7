"""Instants as a client of botocore sees them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from dateutil.tz import tzlocal

from kinesis_fake.virtual_time.clock import datetime_of

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MEMO_SIZE = 16_384
#: Wherever a zone's offset changes, it does so at the beginning of a quarter of an hour.
_QUARTER_MS = 900_000
_QUARTER = timedelta(milliseconds=_QUARTER_MS)


class Timestamps:
    """Milliseconds since the epoch to the aware datetimes that botocore's parser makes of them.

    The parser uses the local time zone. Asking it costs as much as a thousand lookups, so answers of one instant share
    one datetime, and the zone is asked once per quarter of an hour.
    """

    def __init__(self) -> None:
        #: The datetimes that were made before; look here first. Python is quickest with a plain dictionary.
        self.known: dict[int, datetime] = {}
        self._quarters: dict[int, datetime | None] = {}

    def __getitem__(self, milliseconds: int) -> datetime:
        return self.known.get(milliseconds) or self.learn((milliseconds,))[milliseconds]

    def learn(self, instants: Iterable[int]) -> dict[int, datetime]:
        """A dictionary that holds the datetimes of these instants, and some others."""
        wanted = set(instants)
        if len(self.known) + len(wanted) > _MEMO_SIZE:
            self.known = {}  # another one, because other threads may be reading
        known, quarters = self.known, self._quarters
        for milliseconds in wanted:
            if milliseconds not in known:
                quarter, rest = divmod(milliseconds, _QUARTER_MS)
                if quarter not in quarters:
                    quarters[quarter] = _start_of(quarter)
                start = quarters[quarter]
                known[milliseconds] = _local(milliseconds) if start is None else start + timedelta(0, 0, 0, rest)
        return known

    def clear(self) -> None:
        """Forget everything, because the local time zone may be another one by now."""
        self.known = {}
        self._quarters = {}


def _start_of(quarter: int) -> datetime | None:
    """The beginning of a quarter of an hour; None if the datetimes in it cannot be told from that alone."""
    start, end = _local(quarter * _QUARTER_MS), _local((quarter + 1) * _QUARTER_MS)
    # An hour that the clock on the wall shows twice needs datetimes with a fold; sums have none. From the year 2106 on
    # the parser's seconds, a float, are no longer exact to the microsecond, and sums would be.
    return start if start.fold == 0 and end - start == _QUARTER and end.year < 2106 else None


def _local(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tzlocal())


#: The memo that all answers share.
TIMESTAMPS = Timestamps()


def java_date(milliseconds: int) -> str:
    """An instant as Java's ``Date`` prints it, for example ``Wed Jan 15 05:31:22 UTC 2020``."""
    instant = datetime_of(milliseconds)
    return (
        f"{_WEEKDAYS[instant.weekday()]} {_MONTHS[instant.month - 1]} {instant.day:02d} "
        f"{instant:%H:%M:%S} UTC {instant.year:04d}"
    )
