"""The commitment that an account has made in one region."""

from __future__ import annotations

from typing import Final

from kinesis_fake.settings import MINIMUM_COMMITMENT_MS

ENABLED: Final = "ENABLED"
DISABLED: Final = "DISABLED"
ENABLED_UNTIL_EARLIEST_ALLOWED_END: Final = "ENABLED_UNTIL_EARLIEST_ALLOWED_END"


class ThroughputCommitment:
    """The minimum throughput billing commitment, which lasts until it is disabled, but at least 24 hours.

    Instants are in milliseconds since the epoch. ``ends_at`` is None until it is disabled; then it is that instant, or
    the earliest allowed end if that is later. The end is not on the agenda, because every question looks at ``now``.
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
        """Whether on-demand streams have the benefits of the commitment, such as warm throughput."""
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
