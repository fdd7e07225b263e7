"""What an account has agreed with Kinesis in one region."""

from __future__ import annotations

from typing import Final

from kinesis_fake.settings import MINIMUM_COMMITMENT_MS

ENABLED: Final = "ENABLED"
DISABLED: Final = "DISABLED"
ENABLED_UNTIL_EARLIEST_ALLOWED_END: Final = "ENABLED_UNTIL_EARLIEST_ALLOWED_END"


class ThroughputCommitment:
    """The minimum throughput billing commitment: 24 hours at least, and on from there until it is disabled.

    Instants are in milliseconds since the epoch. ``ends_at`` is set once it has been disabled: to the earliest allowed
    end, if it was disabled before that. Nothing has to happen at that instant, because every question looks at ``now``.
    """

    def __init__(self) -> None:
        self.started_at: int | None = None
        self.ends_at: int | None = None

    def status(self, now: int) -> str:
        """ENABLED, DISABLED or ENABLED_UNTIL_EARLIEST_ALLOWED_END."""
        if self.started_at is None or (self.ends_at is not None and now >= self.ends_at):
            return DISABLED
        return ENABLED if self.ends_at is None else ENABLED_UNTIL_EARLIEST_ALLOWED_END

    def is_in_force(self, now: int) -> bool:
        """Whether on-demand streams have what the commitment brings, warm throughput for one."""
        return self.status(now) != DISABLED

    def enable(self, now: int) -> None:
        """Begin a commitment, or cancel the end of the commitment in force."""
        if not self.is_in_force(now):
            self.started_at = now
        self.ends_at = None

    def disable(self, now: int) -> None:
        """End it now, or as soon as that is allowed."""
        if self.started_at is not None and self.ends_at is None:
            self.ends_at = max(now, self.started_at + MINIMUM_COMMITMENT_MS)
