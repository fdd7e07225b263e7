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
    """One invocation of the function.

    ``attempt`` counts the invocations with the same batch, from 1; all of them have one ``request_id``. ``reason`` says
    why it was made: "new records", "batch size", "payload size", "batching window" and "tumbling window" for the first
    one with a batch, by what closed the batch; "retry", "bisect" and "partial failure" for those that follow a failure;
    "end of window" for the last one of a tumbling window. ``response`` is what the function returned, as JSON gives it
    back, and ``error`` the exception that it raised instead, with its traceback.
    """

    shard_id: str
    at: datetime
    attempt: int
    reason: Reason
    request_id: str
    response: Any
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
    """A shard, or a part of one under parallelisation, in which everything waits until one batch succeeds."""

    shard_id: str
    since: datetime
    #: How many records the batch has; none if the last invocation of a tumbling window fails.
    batch_size: int
    attempts: int
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

    shard_id: str
    count: int
    at: datetime
