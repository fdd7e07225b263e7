"""Records of one shard that are handed over in order: all of them or, under parallelisation, those of some keys.

The module decides which records make a batch and when, and what becomes of a batch that fails: it is tried again, in
whole, in halves or in part, or given up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from kinesis_fake.event_source_mapping.documents import RECORD_AGE_EXCEEDED, RETRY_ATTEMPTS_EXHAUSTED, Condition
from kinesis_fake.event_source_mapping.events import MAX_PAYLOAD_BYTES, Origin, StreamRecord, fitting
from kinesis_fake.event_source_mapping.parameters import Parameters
from kinesis_fake.event_source_mapping.responses import Failed, PartlyFailed, Succeeded, Verdict

#: Why the function is invoked. A batch of new records is closed by its size, by the 6 MB of an event, by the end of
#: its batching window or tumbling window, or because the shard has no more at the moment ("new records").
Reason = Literal[
    "new records",
    "batch size",
    "payload size",
    "batching window",
    "tumbling window",
    "retry",
    "bisect",
    "partial failure",
    "end of window",
]

#: The first retry follows after this time, and each one after twice the time of the one before (recorded) ...
FIRST_RETRY_MS = 200
#: ... up to this one (inferred: AWS states no delays).
LONGEST_RETRY_MS = 60_000


@dataclass
class Batch:
    """Records that are handed over together until they are done, cut or discarded.

    ``due_at`` is when the function is invoked with them next; ``attempts`` counts the invocations so far, all under
    one ``request_id``. ``failure`` is what came of the last one, and ``blocked_since`` the instant of the first one
    that failed.
    """

    records: list[StreamRecord]
    reason: Reason
    due_at: int
    request_id: str = ""
    attempts: int = 0
    failure: Failed | PartlyFailed | None = None
    blocked_since: int | None = None


@dataclass(frozen=True)
class GivenUp:
    """Records of a batch that are discarded."""

    batch: Batch
    records: list[StreamRecord]
    condition: Condition


class SubStream:
    """The records of a shard, or of some of its partition keys, that have been read and are not done yet."""

    def __init__(self, parameters: Parameters, origin: Origin, shard_id: str) -> None:
        self._parameters = parameters
        self._origin = origin
        self._shard_id = shard_id
        self._waiting: deque[StreamRecord] = deque()
        #: How many bytes each of them adds to an event, and the sum.
        self._sizes: deque[int] = deque()
        self._waiting_bytes = 0
        self._gathering_since = 0
        #: The batches that are not done, the next one at the end. A bisected batch is there as its pieces.
        self._batches: list[Batch] = []
        #: Whether the function runs with the first of them.
        self.is_in_flight = False

    # --- what is there ----------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._waiting) + sum(len(batch.records) for batch in self._batches)

    @property
    def batch(self) -> Batch | None:
        """The batch that is handed over next, or again; the records behind it wait for it."""
        return self._batches[-1] if self._batches else None

    @property
    def oldest(self) -> StreamRecord | None:
        """The record that has waited longest."""
        if self._batches:
            return self._batches[-1].records[0]
        return self._waiting[0] if self._waiting else None

    @property
    def has_room(self) -> bool:
        """Whether more records may be read: no batch is in the making, and the next one is not full."""
        return not self._batches and not self._is_full

    @property
    def _is_full(self) -> bool:
        return len(self._waiting) >= self._parameters.batch_size or self._waiting_bytes > MAX_PAYLOAD_BYTES

    def records(self) -> list[StreamRecord]:
        """All records that are not done, in order."""
        return [record for batch in reversed(self._batches) for record in batch.records] + list(self._waiting)

    # --- new records ------------------------------------------------------------------------------------------

    def add(self, records: Iterable[StreamRecord], now: int) -> None:
        """Records that have been read."""
        if not self._waiting:
            self._gathering_since = now
        payload_bytes, shard_id = self._origin.payload_bytes, self._shard_id
        for record in records:
            size = payload_bytes(shard_id, record)
            self._waiting.append(record)
            self._sizes.append(size)
            self._waiting_bytes += size

    def start_again(self) -> None:
        """Forget which batches there were: the mapping was disabled, and goes on after the last record that is done.

        An invocation that is in flight counts all the same.
        """
        kept = self._batches[-1:] if self.is_in_flight else []
        for batch in self._batches[: len(self._batches) - len(kept)]:
            sizes = [self._origin.payload_bytes(self._shard_id, each) for each in batch.records]
            self._waiting.extendleft(reversed(batch.records))
            self._sizes.extendleft(reversed(sizes))
            self._waiting_bytes += sum(sizes)
        self._batches = kept

    def due_at(self) -> int | None:
        """From which instant on there is something to do; None if nothing waits."""
        if self._batches:
            batch = self._batches[-1]
            expires_at = self._expires_at(batch.records[0])
            return batch.due_at if expires_at is None else min(batch.due_at, expires_at)
        if not self._waiting:
            return None
        due_at = self._gathering_since
        if not self._is_full:
            due_at += self._parameters.batching_window_ms
        if (window_ends_at := self._window_end(self._waiting[0])) is None:
            return due_at
        if self._window_end(self._waiting[-1]) != window_ends_at:
            return self._gathering_since
        return min(due_at, window_ends_at)

    def close_batch(self, now: int) -> None:
        """Make a batch of the first records that wait, if it is time to hand them over."""
        due_at = self.due_at()
        if self._batches or due_at is None or due_at > now:
            return
        waiting = list(islice(self._waiting, self._parameters.batch_size + 1))
        ends_with_window = len(waiting)
        if (window_ends_at := self._window_end(waiting[0])) is not None:
            ends_with_window = next(
                (index for index, each in enumerate(waiting) if self._window_end(each) != window_ends_at), len(waiting)
            )
        size = min(ends_with_window, self._parameters.batch_size)
        end = fitting(list(islice(self._sizes, size)))
        reason: Reason = "new records"
        if end == self._parameters.batch_size:
            reason = "batch size"
        elif end < size:
            reason = "payload size"
        elif end < len(waiting) or (window_ends_at is not None and window_ends_at <= now):
            reason = "tumbling window"
        elif self._parameters.batching_window_ms:
            reason = "batching window"
        batch = Batch(waiting[:end], reason, now)
        for _ in batch.records:
            self._waiting.popleft()
            self._waiting_bytes -= self._sizes.popleft()
        self._gathering_since = now
        self._batches.append(batch)

    def _window_end(self, record: StreamRecord) -> int | None:
        """The end of the tumbling window that a record belongs to."""
        length = self._parameters.tumbling_window_ms
        return (record.arrived_at // length + 1) * length if length else None

    # --- before an invocation ---------------------------------------------------------------------------------

    def drop_too_old(self, now: int) -> GivenUp | None:
        """Split off the records at the head of the next batch that are older than the mapping allows."""
        batch = self._batches[-1]
        too_old = 0
        for record in batch.records:
            expires_at = self._expires_at(record)
            if expires_at is None or expires_at > now:
                break
            too_old += 1
        return self._split_off(batch, too_old)

    def drop_trimmed(self, first_readable: str | None) -> GivenUp | None:
        """Split off the records that retention has overtaken: the stream can no longer be read before that number."""
        batch = self._batches[-1]
        gone = [first_readable is None or int(each.sequence_number) < int(first_readable) for each in batch.records]
        return self._split_off(batch, sum(gone))

    def _split_off(self, batch: Batch, count: int) -> GivenUp | None:
        if count == 0:
            return None
        given_up = GivenUp(batch, batch.records[:count], RECORD_AGE_EXCEEDED)
        batch.records = batch.records[count:]
        if not batch.records:
            self._batches.pop()
        return given_up

    def _expires_at(self, record: StreamRecord) -> int | None:
        """The instant from which on a record is too old. Its age may be the maximum, but no more."""
        maximum = self._parameters.maximum_record_age_ms
        return None if maximum is None else record.arrived_at + maximum + 1

    # --- after an invocation ----------------------------------------------------------------------------------

    def settle(self, verdict: Verdict, now: int) -> GivenUp | None:
        """Act on an invocation: the batch is done, in part or not at all, is tried again, or is given up."""
        batch = self._batches[-1]
        if isinstance(verdict, Succeeded):
            self._batches.pop()
            return None
        if isinstance(verdict, PartlyFailed) and verdict.index > 0:
            # Progress makes a new batch with all its retries (recorded: report_batch_item_failures).
            self._batches[-1] = Batch(batch.records[verdict.index :], "partial failure", now)
            self._batches[-1].failure = verdict
            self._batches[-1].blocked_since = batch.blocked_since if batch.blocked_since is not None else now
            return None
        batch.failure = verdict
        batch.blocked_since = now if batch.blocked_since is None else batch.blocked_since
        if isinstance(verdict, Failed) and self._parameters.bisect_batch_on_function_error and len(batch.records) > 1:
            self._bisect(batch, now)
            return None
        if 0 <= self._parameters.maximum_retry_attempts < batch.attempts:
            self._batches.pop()
            return GivenUp(batch, batch.records, RETRY_ATTEMPTS_EXHAUSTED)
        batch.reason = "retry"
        batch.due_at = now + retry_delay_ms(batch.attempts)
        return None

    def _bisect(self, batch: Batch, now: int) -> None:
        """Cut at half the records, rounded down, the left half first and at once (recorded); it is no retry."""
        middle = len(batch.records) // 2
        self._batches.pop()
        for half in (batch.records[middle:], batch.records[:middle]):
            piece = Batch(half, "bisect", now)
            piece.failure, piece.blocked_since = batch.failure, batch.blocked_since
            self._batches.append(piece)


def retry_delay_ms(attempts: int) -> int:
    """How long Lambda waits after so many failed invocations."""
    return min(FIRST_RETRY_MS << min(attempts - 1, 16), LONGEST_RETRY_MS)
