"""Loops that would never end: they read an open shard again and again, and nothing else is there that could act."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.other_actors import a_task_may_act, task_here
from kinesis_fake.virtual_time.timeline import Timeline

#: How many reads without records, one after the other, make a loop. A loop until a deadline of the machine's clock, a
#: second or two ahead, makes some thousand reads, and is right; so is a loop that polls an idle shard for half an hour.
MAX_FRUITLESS_READS = 10_000
#: How many of the last reads must be of one shard: a test may have thousands of shards and read each once. As many must
#: be by each thread or task that is there: a thread that has read less may be about to put a record.
ENOUGH_TO_TELL = 100


class _LastReads:
    """Of the last reads of a loop, how many were of each shard, and how many by each thread or task."""

    def __init__(self) -> None:
        self.shards: Counter[str] = Counter()
        self.readers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def are_what_it_does(self, thread_or_task: Any) -> bool:
        """Whether a thread or task reads, and so does nothing else."""
        return self.readers.get(thread_or_task, 0) >= ENOUGH_TO_TELL


class FruitlessReads:
    """Counts GetRecords that find no records in an open shard, for as long as nothing but sleeping is done between."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._reads = 0
        self._began_at = 0
        #: At the last read: the instant, how much had been done besides letting time pass, and how often time passed.
        self._last = (-1, -1, -1)
        #: The same at the read before that one.
        self._before = self._last
        self._last_reads: _LastReads | None = None

    def count(self, at: int) -> bool:
        """Count a read at an instant, which is the last thing that was done; whether it is one to :meth:`look` at."""
        timeline = self._timeline
        passing = timeline.passing
        done = timeline.activity - passing
        last_at, last_done, last_passing = self._before = self._last
        self._last = at, done, passing
        if done == last_done + 1 and (at == last_at or passing != last_passing):
            self._reads += 1
        else:
            self._reads, self._began_at = 1, at
        if self._reads > MAX_FRUITLESS_READS - ENOUGH_TO_TELL:
            return True
        self._last_reads = None
        return False

    def look(self, name: str) -> None:
        """Look who has just read a shard, which ``name`` tells. Raises an error if a loop of reads cannot end."""
        last_reads = self._last_reads = self._last_reads or _LastReads()
        last_reads.shards[name] += 1
        reader = task_here() or threading.current_thread()
        last_reads.readers[reader] = last_reads.readers.get(reader, 0) + 1
        is_to_be_judged = self._reads >= MAX_FRUITLESS_READS and self._reads % ENOUGH_TO_TELL == 0
        if (
            is_to_be_judged
            and last_reads.shards[name] >= ENOUGH_TO_TELL
            and not self._another_may_act(last_reads, since=self._before[1] + self._before[2])
        ):
            reads, self._reads = self._reads, 0
            raise self._error(name, reads, self._last[0] - self._began_at)

    def _another_may_act(self, last_reads: _LastReads, since: int) -> bool:
        """Whether another thread, task or timer may put a record, or something is due that may close the shard.

        ``since`` is the activity at the read before this one.
        """
        timeline = self._timeline
        sleeps = timeline.clock.now != self._began_at
        if sleeps and (timeline.agenda.next_due_at() is not None or timeline.while_sleeping is not None):
            return True
        threads = timeline.threads.running()
        # In manual mode those that sleep wait for this thread, if this is the test, to let time pass.
        if sleeps or not (timeline.is_manual and timeline.threads.is_at_home()):
            threads += timeline.threads.sleeping()
        return not all(map(last_reads.are_what_it_does, threads)) or a_task_may_act(last_reads.are_what_it_does, since)

    def _error(self, name: str, reads: int, milliseconds: int) -> KinesisFakeError:
        remedy = (
            "End the loop by what it has read, such as a number of records or MillisBehindLatest of 0; or let the test "
            "advance(), put records or close the shard in between."
        )
        if milliseconds == 0:
            return KinesisFakeError(
                f"The code under test has read {name} again and again at one virtual instant: {reads:,} GetRecords in "
                "a row have returned no records. The shard is open, so its NextShardIterator never ends, and while "
                f"time stands still nothing will arrive. {remedy}",
                see="waiting",
            )
        return KinesisFakeError(
            f"The code under test has read {name} again and again, and slept in between: {reads:,} GetRecords in a "
            f"row, over {timedelta(seconds=milliseconds // 1000)} of virtual time, have returned no records. The shard "
            "is open, so its NextShardIterator never ends, and no other thread, task or timer is there that could put "
            f"a record. {remedy} A loop that compares a deadline with time.monotonic() or time.time() needs "
            "clock='shared'.",
            see="waiting",
        )
