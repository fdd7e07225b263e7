"""The poller of one mapping: it reads the shards of the source, invokes the function, and keeps what came of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from kinesis_fake.domain.shard import Shard
from kinesis_fake.event_source_mapping.documents import DiscardedBatch, Documents
from kinesis_fake.event_source_mapping.events import MAX_PAYLOAD_BYTES, Origin
from kinesis_fake.event_source_mapping.filters import compile_filters
from kinesis_fake.event_source_mapping.function import Function, InvocationOutcome, PayloadTooLarge
from kinesis_fake.event_source_mapping.history import BlockedShard, Invocation, LostRecords
from kinesis_fake.event_source_mapping.identifiers import uuid_of
from kinesis_fake.event_source_mapping.notices import Notice, of_idleness, of_lost_source, of_responses
from kinesis_fake.event_source_mapping.parameters import Parameters, invalid_filter
from kinesis_fake.event_source_mapping.patterns import InvalidPattern
from kinesis_fake.event_source_mapping.responses import Failed, PartlyFailed, Verdict
from kinesis_fake.event_source_mapping.shard_reader import ShardReader, Task
from kinesis_fake.event_source_mapping.source import Position, Source
from kinesis_fake.event_source_mapping.sub_stream import Batch, GivenUp
from kinesis_fake.event_source_mapping.tumbling_window import FinalInvocation
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.words import counted

ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
DELETED: Final = "Deleted"


class Poller:
    """What Lambda does for one mapping.

    ``raise_errors`` says which errors of the function the call raises that has moved the clock: all, none or, if it is
    None, those that are meant for the test.
    """

    def __init__(
        self,
        source: Source,
        function: Function,
        parameters: Parameters,
        ordinal: int,
        deliver_to: Callable[[DiscardedBatch], object] | None,
        raise_errors: bool | None,
    ) -> None:
        self.source = source
        self.function = function
        self.parameters = parameters
        self.uuid: str = uuid_of(source.event_source_arn, function.function_name, ordinal)
        self.made_at: int = source.timeline.clock.now
        self.state = ENABLED if parameters.enabled else DISABLED
        self.last_processing_result: str = "No records processed"
        self.invocations: list[Invocation] = []
        self.discarded: list[DiscardedBatch] = []
        self.lost: list[LostRecords] = []
        self._deliver_to = deliver_to
        self._raise_errors = raise_errors
        self._origin = Origin(source.event_source_arn, source.stream.region.region_name, function.role_arn)
        try:
            self._lets_through = compile_filters(parameters.patterns, self._origin)
        except InvalidPattern as problem:
            raise invalid_filter(str(problem)) from None
        self._documents = Documents(function.function_arn, source.stream.stream_arn, self.uuid, parameters.destination)
        self._requests = 0
        #: An error that is meant for the test. The poller raises it when it has dealt with the invocation.
        self._escaping: BaseException | None = None
        self._readers: dict[str, ShardReader] = {}
        for shard in source.shards():
            self._add_reader(shard, source.start_of(shard, parameters.starting_position, parameters.starting_at))

    # --- what it tells ----------------------------------------------------------------------------------------

    def blocked(self) -> list[BlockedShard]:
        """The shards in which everything waits until a batch succeeds that has failed."""
        return [_blocked(reader, what) for reader in self._readers.values() for what in reader.blocked]

    def waiting(self) -> list[str]:
        """The numbers of the records that are not done, shard after shard."""
        if not self.source.is_there:
            return []
        if self.state != DELETED:
            self._find_shards()
        return [number for reader in self._readers.values() for number in reader.waiting()]

    def waiting_since(self) -> int | None:
        """When the oldest record arrived that is not done; None if there is none."""
        if not self.source.is_there:
            return None
        waiting = [reader.waiting_since() for reader in self._readers.values()]
        return min((since for since in waiting if since is not None), default=None)

    def iterator_age_ms(self) -> int:
        """The age of the oldest record that is not done; 0 if there is none."""
        since = self.waiting_since()
        return 0 if since is None else self.source.timeline.clock.now - since

    def report_lines(self) -> list[str]:
        """The mapping in lines for people: what it is, and the shards that are blocked."""
        source = self.source.event_source_arn.partition(":stream/")[2]
        line = (
            f"{self.function.function_name} on {source}: {self.state}, {counted(len(self.invocations), 'invocation')}, "
            f"{counted(len(self.discarded), 'batch', 'batches')} discarded, iterator age {self.iterator_age_ms()} ms"
        )
        errors = [
            f"{reader.shard_id} cannot be read: {reader.poll_problem}"
            for reader in self._readers.values()
            if reader.poll_problem is not None
        ]
        lost = [f"{each.count} records of {each.shard_id} were trimmed before they were read" for each in self.lost]
        odd = [notice.text for notice in self.notices()]
        return [line, *(f"  {each}" for each in (*self.blocked(), *errors, *lost, *odd))]

    def notices(self) -> list[Notice]:
        """What is odd about the mapping and fails no test."""
        if not self.source.is_there and self.state != DELETED:
            kind, name = self.source.kind_and_name
            return [of_lost_source(kind, name), *of_responses(self.invocations, self.parameters)]
        if self.invocations:
            return of_responses(self.invocations, self.parameters)
        readers = self._readers.values()
        return of_idleness(
            waiting=len(self.waiting()),
            is_enabled=self.state == ENABLED,
            held_back=sum(reader.held_back for reader in readers),
            skipped=sum(reader.skipped for reader in readers),
            parameters=self.parameters,
        )

    # --- its work ---------------------------------------------------------------------------------------------

    def disable(self) -> None:
        """Hand nothing over any more, and keep the place."""
        self.state = DISABLED
        for reader in self._readers.values():
            reader.start_again()

    def next_step(self) -> tuple[int, ShardReader] | None:
        """What the poller does next, and from which instant on it may; None if there is nothing to do."""
        if self.state != ENABLED or not self.source.is_there:
            return None
        found: tuple[int, ShardReader] | None = None
        for reader in self._active_readers():
            due_at = reader.due_at()
            if due_at is not None and (found is None or due_at < found[0]):
                found = due_at, reader
        return found

    def step(self, reader: ShardReader, now: int) -> None:
        """Do the next thing that is due."""
        reader.step(now, self)
        if reader.is_finished:
            self._find_shards()
        if (error := self._escaping) is not None:
            self._escaping = None
            raise error

    def invoke(self, task: Task) -> InvocationOutcome:
        """Run the function, and remember it."""
        clock = self.source.timeline.clock
        at = clock.now
        if len(task.records) == 1 and self._origin.payload_bytes(task.shard_id, task.records[0]) > MAX_PAYLOAD_BYTES:
            too_large = PayloadTooLarge("the event of this record alone is larger than the 6 MB that Lambda takes")
            outcome = InvocationOutcome(error=too_large)
        else:
            event = self._origin.event(task.shard_id, task.records, task.window)
            outcome = self.function.invoke(event, task.request_id, clock)
        self.invocations.append(
            Invocation(
                task.shard_id,
                datetime_of(at),
                task.attempt,
                task.reason,
                task.request_id,
                outcome.response,
                outcome.error,
                self._origin,
                tuple(task.records),
                task.window,
            )
        )
        if outcome.error is not None and self._is_for_the_test(outcome.error):
            self._escaping = outcome.error
        return outcome

    def _is_for_the_test(self, error: BaseException) -> bool:
        if self._raise_errors is None:
            # The handler asserts something for the test, or has misused the fake: no retry will help.
            return isinstance(error, (AssertionError, KinesisFakeError))
        return self._raise_errors

    def judged(self, verdict: Verdict) -> None:
        failed = isinstance(verdict, (Failed, PartlyFailed))
        self.last_processing_result = "PROBLEM: Function call failed" if failed else "OK"

    def discard(self, shard_id: str, given_up: GivenUp) -> None:
        """Write the document about records that are given up, and give it to the on-failure destination."""
        batch, records = given_up.batch, given_up.records
        failure = batch.failure
        discarded = self._documents.discard(
            shard_id,
            records,
            self._origin.event(shard_id, records),
            given_up.condition,
            request_id=batch.request_id or self.new_request_id(),
            invoke_count=batch.attempts,
            function_ran=not isinstance(failure, Failed) or failure.function_ran,
            error=failure.error if isinstance(failure, Failed) else None,
            now=self.source.timeline.clock.now,
        )
        self.discarded.append(discarded)
        if self._deliver_to is not None:
            self._deliver_to(discarded)

    def lose(self, shard_id: str, count: int) -> None:
        self.lost.append(LostRecords(shard_id, count, datetime_of(self.source.timeline.clock.now)))

    def new_request_id(self) -> str:
        self._requests += 1
        return uuid_of(self.uuid, self._requests)

    # --- shards -----------------------------------------------------------------------------------------------

    def _active_readers(self) -> Iterator[ShardReader]:
        """The readers whose shards may be read by now: parents come before their children."""
        if not self._readers:  # until now the stream had no shards
            self._find_shards()
        for reader in self._readers.values():
            if not reader.is_finished and all(
                self._is_done(parent)
                for parent in (reader.shard.parent_shard_id, reader.shard.adjacent_parent_shard_id)
                if parent is not None
            ):
                yield reader

    def _is_done(self, shard_id: str) -> bool:
        reader = self._readers.get(shard_id)
        return reader is None or reader.is_finished

    def _find_shards(self) -> None:
        """Find the shards that were not there before; they are read from their beginning."""
        for shard in self.source.shards():
            if shard.shard_id not in self._readers:
                self._add_reader(shard, Position("TRIM_HORIZON"))

    def _add_reader(self, shard: Shard, position: Position) -> None:
        self._readers[shard.shard_id] = ShardReader(
            self.source, self.parameters, self._origin, self._lets_through, shard, position, self.made_at
        )


def _blocked(reader: ShardReader, what: Batch | FinalInvocation) -> BlockedShard:
    failure = what.failure
    assert failure is not None
    assert what.blocked_since is not None
    return BlockedShard(
        reader.shard_id,
        datetime_of(what.blocked_since),
        len(what.records) if isinstance(what, Batch) else 0,
        what.attempts,
        datetime_of(what.due_at),
        failure.problem,
        failure.error if isinstance(failure, Failed) else None,
    )
