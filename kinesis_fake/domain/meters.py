"""Meters of what a shard takes and gives per second, for fakes that enforce rates.

Windows slide: no second, wherever it begins, holds more than the limit. A refused request uses nothing up.
"""

from __future__ import annotations

from collections import deque

SECOND_MS = 1000
KIB = 1024
MIB = 1024 * KIB


class SlidingWindow:
    """Counts what happened in the last second."""

    __slots__ = ("_entries", "_total")

    def __init__(self) -> None:
        self._entries: deque[tuple[int, int]] = deque()
        self._total = 0

    def total(self, now: int) -> int:
        """The sum of what was added after ``now`` minus one second."""
        entries = self._entries
        while entries and entries[0][0] <= now - SECOND_MS:
            self._total -= entries.popleft()[1]
        return self._total

    def add(self, amount: int, now: int) -> None:
        """Count an amount at this instant."""
        self._total += amount
        self._entries.append((now, amount))


class WriteMeter:
    """Decides which records one shard still takes.

    Records of up to one second's worth of bytes share the shard's bytes per second. A larger record uses a burst
    allowance, which refills at the same rate. While the allowance is empty, the shard refuses all records ("subsequent
    small records may be throttled until the tank is refilled", DOC:large-records). A record that is larger than the
    whole allowance is taken only while the allowance is full, and leaves a debt.
    """

    __slots__ = (
        "_burst",
        "_bytes",
        "_bytes_per_second",
        "_capacity",
        "_filled_at",
        "_records",
        "_records_per_second",
    )

    def __init__(self, bytes_per_second: int | None, records_per_second: int | None, burst_bytes: int) -> None:
        self._bytes_per_second = bytes_per_second
        self._records_per_second = records_per_second
        #: In thousandths of a byte, so that the refill per millisecond is a whole number.
        self._capacity = self._burst = burst_bytes * SECOND_MS
        self._filled_at = 0
        self._bytes = SlidingWindow()
        self._records = SlidingWindow()

    def takes(self, size: int, now: int) -> bool:
        """Take one record of this many bytes, if the shard has room for it."""
        limit = self._records_per_second
        if limit is not None and self._records.total(now) + 1 > limit:
            return False
        if self._bytes_per_second is not None and not self._takes_bytes(size, self._bytes_per_second, now):
            return False
        self._records.add(1, now)
        return True

    def takes_all(self, records: int, size: int, now: int) -> bool:
        """Take so many records, with so many bytes together, if there is room for them without the burst allowance.

        In that case the shard would take each record by itself, too. Otherwise this takes none, although the shard may
        take some of them.
        """
        records_limit, limit = self._records_per_second, self._bytes_per_second
        if records_limit is not None and self._records.total(now) + records > records_limit:
            return False
        if limit is not None:
            burst = min(self._capacity, self._burst + (now - self._filled_at) * limit)
            if self._bytes.total(now) + size > limit or burst < size * SECOND_MS:
                return False
            self._bytes.add(size, now)
            self._burst = burst - size * SECOND_MS
            self._filled_at = now
        self._records.add(records, now)
        return True

    def _takes_bytes(self, size: int, limit: int, now: int) -> bool:
        burst = min(self._capacity, self._burst + (now - self._filled_at) * limit)
        if burst < min(size * SECOND_MS, self._capacity):
            return False
        if size <= limit:
            if self._bytes.total(now) + size > limit:
                return False
            self._bytes.add(size, now)
        self._burst = burst - size * SECOND_MS
        self._filled_at = now
        return True


class ReadMeter:
    """Decides when one shard answers GetRecords.

    It answers while it has given less than a second's worth of bytes in the last second. A call's bytes are known only
    afterwards. If they were more than that, the shard refuses calls until its rate has made up for it: for five seconds
    after the 10 MiB that one call returns at most (API reference, GetRecords).
    """

    __slots__ = ("_bytes", "_bytes_per_second", "_calls", "_calls_per_second", "_rests_until")

    def __init__(self, bytes_per_second: int | None, calls_per_second: int | None) -> None:
        self._bytes_per_second = bytes_per_second
        self._calls_per_second = calls_per_second
        self._bytes = SlidingWindow()
        self._calls = SlidingWindow()
        self._rests_until = 0

    def may_give(self, now: int) -> bool:
        """Whether a call may read now."""
        if now < self._rests_until:
            return False
        if self._bytes_per_second is not None and self._bytes.total(now) >= self._bytes_per_second:
            return False
        return self._calls_per_second is None or self._calls.total(now) + 1 <= self._calls_per_second

    def gave(self, size: int, now: int) -> None:
        """Count a call that returned this many bytes of data."""
        self._calls.add(1, now)
        if self._bytes_per_second is not None:
            self._bytes.add(size, now)
            given = self._bytes.total(now)
            if given > self._bytes_per_second:
                self._rests_until = now + -(-given * SECOND_MS // self._bytes_per_second)


class CallMeter:
    """Counts the calls per second."""

    __slots__ = ("_calls", "_calls_per_second")

    def __init__(self, calls_per_second: int) -> None:
        self._calls_per_second = calls_per_second
        self._calls = SlidingWindow()

    def takes(self, now: int) -> bool:
        """Count a call, if it is allowed."""
        if self._calls.total(now) + 1 > self._calls_per_second:
            return False
        self._calls.add(1, now)
        return True
