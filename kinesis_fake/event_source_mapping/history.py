"""What a mapping remembers for the test: invocations, shards that are blocked, and records that were lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kinesis_fake.event_source_mapping.events import Origin, StreamRecord, Window
from kinesis_fake.event_source_mapping.responses import error_text
from kinesis_fake.event_source_mapping.sub_stream import Reason
from kinesis_fake.words import counted


@dataclass(frozen=True)
class Invocation:
    """One invocation of the function."""

    #: The shard that the records come from.
    shard_id: str
    #: When it was made, in virtual time.
    at: datetime
    #: Which of the invocations with the same batch it is, counted from 1.
    attempt: int
    #: Why it was made. The first invocation with a batch says what closed the batch: "new records", "batch size",
    #: "payload size", "batching window" or "tumbling window". A reason that follows a failure says "retry", "bisect" or
    #: "partial failure". The last one of a tumbling window says "end of window".
    reason: Reason
    #: The request id, which all invocations with the same batch share.
    request_id: str
    #: What the function returned, as JSON gives it back.
    response: Any
    #: The exception, with its traceback, if the function raised one.
    error: BaseException | None
    _origin: Origin = field(repr=False)
    _records: tuple[StreamRecord, ...] = field(repr=False)
    _window: Window | None = field(repr=False)

    @property
    def event(self) -> dict[str, Any]:
        """The event as the handler was given it, whatever the handler did to it."""
        return self._origin.event(self.shard_id, self._records, self._window)

    @property
    def sequence_numbers(self) -> list[str]:
        """The numbers of the records in the event, in order."""
        return [record.sequence_number for record in self._records]

    def __str__(self) -> str:
        came = error_text(self.error) if self.error is not None else f"returned {self.response!r}"
        return (
            f"{self.at.isoformat()}  {self.shard_id}: {counted(len(self._records), 'record')}, attempt {self.attempt} "
            f"({self.reason}): {came}"
        )


@dataclass(frozen=True)
class BlockedShard:
    """A shard in which all records wait for a failed batch to succeed; under parallelisation a part of a shard."""

    #: The shard that waits.
    shard_id: str
    #: When the batch failed first, in virtual time.
    since: datetime
    #: How many records the batch has; none if the last invocation of a tumbling window fails.
    batch_size: int
    #: How often the batch has been tried.
    attempts: int
    #: When Lambda tries it again.
    next_attempt_at: datetime
    #: What the last invocation failed with, in words.
    problem: str
    #: The exception, if that is what it failed with.
    error: BaseException | None

    def __str__(self) -> str:
        what = counted(self.batch_size, "record") if self.batch_size else "the end of a window"
        return (
            f"{self.shard_id} is blocked by {what} since {self.since.isoformat()}, next attempt "
            f"{self.next_attempt_at.isoformat()}: {self.problem}"
        )


@dataclass(frozen=True)
class LostRecords:
    """Records that retention has trimmed before the mapping read them; no document tells of them."""

    #: The shard that they were in.
    shard_id: str
    #: How many records were lost.
    count: int
    #: When the mapping noticed it, in virtual time.
    at: datetime
