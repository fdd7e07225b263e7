"""A record for tests of tasks that sleep."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import Any

from kinesis_fake import KinesisFake

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Timeline:
    """Records which task said what, and when, in seconds since the beginning."""

    def __init__(self, kinesis: KinesisFake) -> None:
        self._kinesis = kinesis
        self._start = kinesis.now
        self.told: list[Any] = []

    @property
    def at(self) -> Any:
        return (self._kinesis.now - self._start).total_seconds()

    def tell(self, who: Any) -> None:
        self.told.append((who, self.at))

    async def sleep(self, seconds: Any, who: Any = None) -> None:
        await asyncio.sleep(seconds)
        self.tell(seconds if who is None else who)
