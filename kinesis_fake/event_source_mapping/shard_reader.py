"""The reader of one shard: it polls, makes batches and has them handed over, each thing at its own instant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kinesis_fake import kpl
from kinesis_fake.domain.hash_key import hash_key_of
from kinesis_fake.domain.shard import Shard
from kinesis_fake.errors import AwsError
from kinesis_fake.event_source_mapping.events import MAX_BATCH_SIZE, Origin, StreamRecord, Window
from kinesis_fake.event_source_mapping.filters import Filter
from kinesis_fake.event_source_mapping.function import InvocationOutcome
from kinesis_fake.event_source_mapping.parameters import Parameters
from kinesis_fake.event_source_mapping.responses import Failed, PartlyFailed, Succeeded, judge
from kinesis_fake.event_source_mapping.source import Page, Position, Reading, Source
from kinesis_fake.event_source_mapping.sub_stream import Batch, GivenUp, Reason, SubStream
from kinesis_fake.event_source_mapping.tumbling_window import FinalInvocation, TumblingWindow
from kinesis_fake.faults.lost_answers import AnswerLost
from kinesis_fake.named_tuples import NamedTuple


class Task(NamedTuple):
    """One invocation that is to be made."""

    shard_id: str
    records: list[StreamRecord]
    window: Window | None
    reason: Reason
    attempt: int
    request_id: str


class Lambda(Protocol):
    """What the reader needs of its mapping."""

    def invoke(self, task: Task) -> InvocationOutcome:
        """Run the function."""

    def judged(self, verdict: Succeeded | PartlyFailed | Failed) -> None:
        """What the last invocation meant for its batch."""

    def discard(self, shard_id: str, given_up: GivenUp) -> None:
        """Tell the on-failure destination."""

    def lose(self, shard_id: str, count: int) -> None:
        """Note records that retention has trimmed before they were read."""

    def new_request_id(self) -> str: ...


class ShardReader:
    """What one mapping does with one shard. It polls at ``origin_at``, and from there at intervals."""

    def __init__(
        self,
        source: Source,
        parameters: Parameters,
        origin: Origin,
        lets_through: Filter | None,
        shard: Shard,
        position: Position,
        origin_at: int,
    ) -> None:
        self.shard = shard
        self.shard_id: str = shard.shard_id
        self.sub_streams: list[SubStream] = [
            SubStream(parameters, origin, shard.shard_id) for _ in range(parameters.parallelization_factor)
        ]
        self.window: TumblingWindow | None = (
            TumblingWindow(parameters.tumbling_window_ms) if parameters.tumbling_window_ms else None
        )
        #: Why the last poll failed, if Kinesis refused it or its answer was lost.
        self.poll_problem: str | None = None
        #: How many records were put before the place where the mapping starts, and how many the filters held back.
        self.skipped: int = max(source.index_of(shard, position) - source.horizon_of(shard), 0)
        self.held_back: int = 0
        self._source = source
        self._parameters = parameters
        self._lets_through = lets_through
        self._position = position
        self._origin_at = origin_at
        self._next_poll_at = origin_at
        self._has_more = False
        self._at_end = False
        self._reading: Reading | None = None
        #: How many records of the shard have been read or counted as lost, or were gone before the mapping began.
        self._accounted = source.horizon_of(shard)

    # --- what is there ----------------------------------------------------------------------------------------

    @property
    def is_finished(self) -> bool:
        """Whether the shard has ended and all of its records are done, so that its children may be read."""
        return (
            self._at_end
            and not any(map(len, self.sub_streams))
            and (self.window is None or self.window.ends_at is None)
        )

    @property
    def blocked(self) -> list[Batch | FinalInvocation]:
        """The batch that has failed and is tried again, while the records behind it wait."""
        batches = [each.batch for each in self.sub_streams]
        blocked: list[Batch | FinalInvocation] = [
            each for each in batches if each is not None and each.failure is not None
        ]
        if self.window is not None and self.window.final is not None and self.window.final.failure is not None:
            blocked.append(self.window.final)
        return blocked

    def waiting_since(self) -> int | None:
        """When the oldest record arrived that is not done."""
        waiting = [oldest.arrived_at for each in self.sub_streams if (oldest := each.oldest) is not None]
        index = self._source.index_of(self.shard, self._position)
        if index < self.shard.end_position and (unread := self._unread_since()) is not None:
            waiting.append(unread)
        return min(waiting, default=None)

    def waiting(self) -> list[str]:
        """The numbers of the records that are not done, in order."""
        read = [record.sequence_number for each in self.sub_streams for record in each.records()]
        return sorted(set(read), key=int) + self._source.unread(self.shard, self._position)

    def start_again(self) -> None:
        """The mapping was disabled: go on after the last record that is done."""
        for sub_stream in self.sub_streams:
            sub_stream.start_again()

    # --- when -------------------------------------------------------------------------------------------------

    def due_at(self) -> int | None:
        """From which instant on there is something to do; None if there is nothing."""
        if self.window is not None and self.window.final is not None:
            return self.window.final.due_at
        ahead = [self._poll_due_at(), self._window_ends_at(), *(each.due_at() for each in self.sub_streams)]
        return min((due_at for due_at in ahead if due_at is not None), default=None)

    def _unread_since(self) -> int | None:
        return self._source.unread_since(self.shard, self._position)

    def _poll_due_at(self) -> int | None:
        if self._at_end or not any(each.has_room for each in self.sub_streams):
            return None
        if self._reading is not None:
            return self._next_poll_at
        if self._has_more:
            # The records of one read are handed over before the next read, unless a batching window gathers more.
            gathers = self._parameters.batching_window_ms > 0
            is_read = any(each.batch is None and each.oldest is not None for each in self.sub_streams)
            return None if is_read and not gathers else self._next_poll_at
        since = self._unread_since()
        return None if since is None else self._poll_at_or_after(max(since, self._next_poll_at))

    def _poll_at_or_after(self, instant: int) -> int:
        """Polls follow each other at intervals, whatever happens between them."""
        interval = self._source.interval_ms
        return self._origin_at - (self._origin_at - instant) // interval * interval

    def _window_ends_at(self) -> int | None:
        """The instant at which no more records of the open window can arrive."""
        if self.window is None or self.window.ends_at is None:
            return None
        (sub_stream,) = self.sub_streams
        oldest = sub_stream.oldest
        if oldest is not None:
            return oldest.arrived_at if self.window.must_end_before(oldest) else None
        if self._at_end:
            return self._next_poll_at
        since = self._unread_since()
        if since is not None and since < self.window.ends_at:
            return None  # to be read first
        return self._poll_at_or_after(self.window.ends_at)

    # --- one thing at a time ----------------------------------------------------------------------------------

    def step(self, now: int, to: Lambda) -> None:
        """Do the next thing that is due."""
        window = self.window
        if window is not None and window.final is not None:
            self._invoke_finally(window, window.final, to)
        elif _is_due(self._poll_due_at(), now):
            self._poll(now, to)
        elif window is not None and _is_due(self._window_ends_at(), now):
            window.end(now)
        else:
            sub_stream = next(each for each in self.sub_streams if _is_due(each.due_at(), now))
            self._hand_over(sub_stream, now, to)

    def _poll(self, now: int, to: Lambda) -> None:
        """Read on; a poll that AWS refuses is made again at the next interval."""
        self._count_trimmed(to)
        if not self._source.has(self.shard):
            self._at_end = True
            return
        if self._reading is None:
            self._reading = self._source.read(self.shard_id, self._position, MAX_BATCH_SIZE)
        try:
            pause = next(self._reading)
        except StopIteration as done:
            self.poll_problem = None
            self._take(done.value, now)
        except AwsError as error:
            self.poll_problem = f"{error.code}: {error.message}"
            self._has_more = False
        except AnswerLost:
            self.poll_problem = "the answer was lost"
            self._has_more = False
        else:
            self._next_poll_at = max(pause.until, now)
            return
        self._reading = None
        self._next_poll_at = now if self._has_more else self._poll_at_or_after(now + 1)

    def _count_trimmed(self, to: Lambda) -> None:
        horizon = self._source.horizon_of(self.shard) if self._source.has(self.shard) else self.shard.end_position
        lost = horizon - max(self._source.index_of(self.shard, self._position), self._accounted)
        if lost > 0:
            to.lose(self.shard_id, lost)
        self._accounted = max(self._accounted, horizon)

    def _take(self, page: Page, now: int) -> None:
        self._has_more = page.has_more
        if page.at_end:
            self._at_end = True
        if not page.records:
            return
        self._position = Position("AFTER_SEQUENCE_NUMBER", page.records[-1].sequence_number)
        records: Iterable[StreamRecord] = page.records
        if (lets_through := self._lets_through) is not None:
            records = [each for each in records if lets_through(self.shard_id, each)]
            self.held_back += len(page.records) - len(records)
        if self._source.consumer is not None:
            records = [each for record in records for each in _user_records(record)]
        for sub_stream, share in zip(self.sub_streams, self._shares(records), strict=True):
            sub_stream.add(share, now)

    def _shares(self, records: Iterable[StreamRecord]) -> list[list[StreamRecord]]:
        """The records of each sub-stream; those of one partition key are in the same one."""
        count = len(self.sub_streams)
        if count == 1:
            return [list(records)]
        shares: list[list[StreamRecord]] = [[] for _ in range(count)]
        for record in records:
            key = record.partition_key
            shares[0 if key is None else hash_key_of(key) % count].append(record)
        return shares

    def _hand_over(self, sub_stream: SubStream, now: int, to: Lambda) -> None:
        sub_stream.close_batch(now)
        batch = sub_stream.batch
        assert batch is not None
        if (given_up := sub_stream.drop_too_old(now)) is not None:
            return to.discard(self.shard_id, given_up)
        if batch.due_at > now:
            return None
        if batch.attempts > 0:
            # Lambda reads the records of a retry anew, so what has been trimmed meanwhile is gone from it (LDG).
            first = self._source.first_readable(self.shard, batch.records[0].sequence_number)
            if (given_up := sub_stream.drop_trimmed(first)) is not None:
                return to.discard(self.shard_id, given_up)
        window = self.window
        shown = window.shown(batch.records[0]) if window is not None else None
        batch.request_id = batch.request_id or to.new_request_id()
        records = batch.records
        task = Task(self.shard_id, records, shown, batch.reason, batch.attempts + 1, batch.request_id)
        sub_stream.is_in_flight = True
        try:
            outcome = to.invoke(task)
        finally:
            sub_stream.is_in_flight = False
        batch.attempts += 1
        verdict = judge(outcome, records, reports_items=self._parameters.reports_items, is_windowed=window is not None)
        to.judged(verdict)
        done_at = self._source.timeline.clock.now
        given_up = sub_stream.settle(verdict, done_at)
        if window is not None and not isinstance(verdict, Failed):
            window.keep(verdict.state, done_at)
        if given_up is not None:
            to.discard(self.shard_id, given_up)
        return None

    def _invoke_finally(self, window: TumblingWindow, final: FinalInvocation, to: Lambda) -> None:
        final.request_id = final.request_id or to.new_request_id()
        shown = window.shown_finally()
        outcome = to.invoke(Task(self.shard_id, [], shown, "end of window", final.attempts + 1, final.request_id))
        final.attempts += 1
        verdict = judge(outcome, [], reports_items=self._parameters.reports_items, is_windowed=True)
        to.judged(verdict)
        window.settle(verdict, self._source.timeline.clock.now)


def _is_due(due_at: int | None, now: int) -> bool:
    return due_at is not None and due_at <= now


def _user_records(record: StreamRecord) -> list[StreamRecord]:
    """The user records of a KPL aggregate, which Lambda takes apart for a registered consumer; else the record."""
    user_records = kpl.take_apart(record.data)
    if user_records is None:
        return [record]
    return [
        record._replace(partition_key=each.partition_key, data=each.data, sub_sequence_number=number)
        for number, each in enumerate(user_records)
    ]
