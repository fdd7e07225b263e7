"""What quotas count: how much of a resource there is, and how often a thing was done in a day."""

from __future__ import annotations

from collections import deque

from kinesis_fake.settings import DAY_MS


class DailyQuota:
    """The calls of the last 24 hours. A refused call is not counted."""

    def __init__(self) -> None:
        self._called_at: deque[int] = deque()

    def is_used_up(self, limit: int, now: int) -> bool:
        """Whether there were as many calls in the 24 hours before this instant as there may be."""
        return sum(1 for instant in self._called_at if now - instant < DAY_MS) >= limit

    def count(self, now: int) -> None:
        """Count a call, and forget those that count no longer."""
        while self._called_at and now - self._called_at[0] >= DAY_MS:
            self._called_at.popleft()
        self._called_at.append(now)


class Tally:
    """A sum to which each of many resources has told its part. Telling the same part again changes nothing."""

    def __init__(self) -> None:
        self.total: int = 0
        self._parts: dict[str, int] = {}

    def tell(self, name: str, part: int) -> None:
        """From now on the thing of this name counts for so much."""
        total = self.total + part - self._parts.get(name, 0)
        # Python handles no signal between two assignments without a call, so an interrupt cannot come between them.
        self._parts[name], self.total = part, total

    def forget(self, name: str) -> None:
        """The thing of this name counts no longer."""
        self.tell(name, 0)
        del self._parts[name]
