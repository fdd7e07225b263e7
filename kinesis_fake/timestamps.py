"""Instants as a client of botocore sees them."""

from __future__ import annotations

from datetime import datetime

from dateutil.tz import tzlocal

from kinesis_fake.clock import datetime_of

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MEMO_SIZE = 16_384


class Timestamps(dict[int, datetime]):
    """Milliseconds since the epoch to the aware datetimes that botocore's parser makes of them.

    The parser uses the local time zone. Answers of one instant share one datetime; the memo is emptied when it has
    grown.
    """

    def __missing__(self, milliseconds: int) -> datetime:
        if len(self) >= _MEMO_SIZE:
            self.clear()
        instant = self[milliseconds] = datetime.fromtimestamp(milliseconds / 1000, tzlocal())
        return instant


#: The memo that all answers share.
TIMESTAMPS = Timestamps()


def java_date(milliseconds: int) -> str:
    """An instant as Java's ``Date`` prints it, for example ``Wed Jan 15 05:31:22 UTC 2020``."""
    instant = datetime_of(milliseconds)
    return (
        f"{_WEEKDAYS[instant.weekday()]} {_MONTHS[instant.month - 1]} {instant.day:02d} "
        f"{instant:%H:%M:%S} UTC {instant.year:04d}"
    )
