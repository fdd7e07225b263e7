"""Loops that would never end: they read an open shard again and again while time stands still."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.asyncio_tasks import sleepers_of
from kinesis_fake.virtual_time.timeline import Timeline

#: How many reads without records, one after the other and at one virtual instant, make a loop.
MAX_FRUITLESS_READS = 10_000
#: How many of the reads that follow must be of one shard: a test may have thousands of shards, and read each once.
MAX_FRUITLESS_READS_OF_ONE_SHARD = 100


class FruitlessReads:
    """Counts GetRecords that find no records in an open shard, for as long as nothing else is done."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._reads = 0
        #: The instant and the activity of the timeline at the last of them.
        self._last = (-1, -1)
        self._shards: Counter[str] = Counter()

    def count(self, shard: Callable[[], str]) -> None:
        """Count a read, which is the last thing that was done; ``shard`` names the shard, which takes a while."""
        timeline = self._timeline
        at, activity = timeline.clock.now, timeline.activity
        self._reads = self._reads + 1 if self._last == (at, activity - 1) else 1
        self._last = at, activity
        if self._reads <= MAX_FRUITLESS_READS:
            if self._shards:
                self._shards.clear()
            return
        self._shards[name := shard()] += 1
        if self._shards[name] < MAX_FRUITLESS_READS_OF_ONE_SHARD:
            return
        reads, self._reads = self._reads, 0
        if not self._another_may_act():
            raise KinesisFakeError(
                f"The code under test has read {name} again and again at one virtual instant: {reads:,} GetRecords in "
                "a row have returned no records. The shard is open, so its NextShardIterator never ends, and while "
                "time stands still nothing will arrive. End the loop by what it has read, such as a number of records "
                "or MillisBehindLatest of 0; or let the test advance(), put records or close the shard in between.",
                see="waiting",
            )

    def _another_may_act(self) -> bool:
        """Whether another thread or task may put a record, or move the clock, while this one goes on reading."""
        if self._timeline.running_threads():
            return True
        if "trio" in sys.modules:
            from kinesis_fake.virtual_time.trio_tasks import another_task_may_act

            if another_task_may_act():
                return True
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        return sleepers_of(loop).another_task_may_act()
