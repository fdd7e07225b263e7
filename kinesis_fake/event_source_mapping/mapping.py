"""The face of an event source mapping: what a test does with it, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from kinesis_fake.domain.shard import Shard
from kinesis_fake.event_source_mapping.documents import Discarded, Documents
from kinesis_fake.event_source_mapping.events import MAX_PAYLOAD_BYTES, Origin, StreamRecord, Window
from kinesis_fake.event_source_mapping.filters import compile_filters
from kinesis_fake.event_source_mapping.function import Function, Handler, Outcome, PayloadTooLarge
from kinesis_fake.event_source_mapping.identifiers import uuid_of
from kinesis_fake.event_source_mapping.parameters import Parameters, invalid_filter
from kinesis_fake.event_source_mapping.patterns import InvalidPattern
from kinesis_fake.event_source_mapping.responses import Failed, PartlyFailed, Verdict, error_text
from kinesis_fake.event_source_mapping.shard_reader import ShardReader, Task
from kinesis_fake.event_source_mapping.source import Position, Source
from kinesis_fake.event_source_mapping.sub_stream import Batch, GivenUp, Reason
from kinesis_fake.event_source_mapping.tumbling_window import FinalInvocation
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.clock import datetime_of

if TYPE_CHECKING:
    from kinesis_fake.event_source_mapping.delivery import Delivery

ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
DELETED: Final = "Deleted"


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
            f"{self.at.isoformat()}  {self.shard_id}: {_counted(self._records, 'record')}, attempt {self.attempt} "
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
        records = "1 record" if self.batch_size == 1 else f"{self.batch_size} records"
        what = records if self.batch_size else "the end of a window"
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


class EventSourceMapping:
    """Lambda's event source mapping of a function to a stream, as :meth:`KinesisFake.event_source_mapping` makes it.

    It hands batches over when the test moves the clock, with ``advance()``, ``travel_to()``, ``settle()`` or
    :meth:`drain`, each at its own instant.
    """

    def __init__(
        self,
        delivery: Delivery,
        source: Source,
        function: Function,
        parameters: Parameters,
        ordinal: int,
        deliver_to: Callable[[Discarded], object] | None,
        raise_errors: bool | None,
    ) -> None:
        self._delivery = delivery
        self._source = source
        self._function = function
        self._parameters = parameters
        self._deliver_to = deliver_to
        self._raise_errors = raise_errors
        self._made_at = source.timeline.clock.now
        self.uuid = uuid_of(source.event_source_arn, function.function_name, ordinal)
        self._origin = Origin(source.event_source_arn, source.stream.region.region_name, function.role_arn)
        try:
            self._lets_through = compile_filters(parameters.patterns, self._origin)
        except InvalidPattern as problem:
            raise invalid_filter(str(problem)) from None
        self._documents = Documents(function.function_arn, source.stream.stream_arn, self.uuid, parameters.destination)
        self._state = ENABLED if parameters.enabled else DISABLED
        self._last_processing_result = "No records processed"
        self._requests = 0
        self._invocations: list[Invocation] = []
        self._discarded: list[Discarded] = []
        self._lost: list[LostRecords] = []
        #: An error that the test is to see, once the invocation that met it has been accounted for.
        self._escaping: BaseException | None = None
        self._readers: dict[str, ShardReader] = {}
        for shard in source.shards():
            position = source.start_of(shard, parameters.starting_position, parameters.starting_at)
            self._add_reader(shard, position)

    def __repr__(self) -> str:
        return (
            f"<event source mapping of {self.function_name} to {self._source.event_source_arn} {self.state}, "
            f"{len(self._invocations)} invocations, {len(self.blocked)} blocked>"
        )

    @property
    def handler(self) -> Handler:
        """The code under test."""
        return self._function.handler

    # --- what it tells ----------------------------------------------------------------------------------------

    @property
    def function_name(self) -> str:
        return self._function.function_name

    @property
    def event_source_arn(self) -> str:
        """The ARN of the stream, or of the consumer."""
        return self._source.event_source_arn

    @property
    def state(self) -> str:
        """Enabled, Disabled or Deleted."""
        return self._state

    @property
    def invocations(self) -> list[Invocation]:
        """What the function was invoked with, and what came of it, oldest first."""
        return list(self._invocations)

    @property
    def discarded(self) -> list[Discarded]:
        """The batches that were given up, each with the document for the on-failure destination, oldest first."""
        return list(self._discarded)

    @property
    def lost(self) -> list[LostRecords]:
        """The records that retention has trimmed before the mapping read them."""
        return list(self._lost)

    @property
    def blocked(self) -> list[BlockedShard]:
        """The shards in which everything waits until a batch succeeds that has failed."""
        return [_blocked(reader, what) for reader in self._readers.values() for what in reader.blocked]

    @property
    def waiting(self) -> list[str]:
        """The sequence numbers of the records that are not done, shard after shard; their turn is still to come."""
        with self._source.timeline.lock:
            if not self._source.is_there:
                return []
            if self._state != DELETED:
                self._find_shards()
            return [number for reader in self._readers.values() for number in reader.waiting()]

    @property
    def iterator_age_ms(self) -> int:
        """The age of the oldest record that is not done; 0 if there is none."""
        with self._source.timeline.lock:
            if not self._source.is_there:
                return 0
            waiting = [reader.waiting_since() for reader in self._readers.values()]
            oldest = min((since for since in waiting if since is not None), default=None)
            return 0 if oldest is None else self._source.timeline.clock.now - oldest

    @property
    def configuration(self) -> dict[str, Any]:
        """The members with which Lambda describes the mapping (recorded: the answer to CreateEventSourceMapping)."""
        parameters = self._parameters
        members: dict[str, Any] = {
            "BatchSize": parameters.batch_size,
            "BisectBatchOnFunctionError": parameters.bisect_batch_on_function_error,
            "DestinationConfig": {
                "OnFailure": {"Destination": parameters.destination} if parameters.destination else {}
            },
            "EventSourceArn": self.event_source_arn,
            "EventSourceMappingArn": self._function.function_arn.partition(":function:")[0]
            + f":event-source-mapping:{self.uuid}",
            "FunctionArn": self._function.function_arn,
            "FunctionResponseTypes": list(parameters.function_response_types),
            "LastModified": datetime_of(self._made_at),
            "LastProcessingResult": self._last_processing_result,
            "MaximumBatchingWindowInSeconds": parameters.maximum_batching_window_in_seconds,
            "MaximumRecordAgeInSeconds": parameters.maximum_record_age_in_seconds,
            "MaximumRetryAttempts": parameters.maximum_retry_attempts,
            "ParallelizationFactor": parameters.parallelization_factor,
            "StartingPosition": parameters.starting_position,
            "State": self._state,
            "StateTransitionReason": "User action",
            "TumblingWindowInSeconds": parameters.tumbling_window_in_seconds,
            "UUID": self.uuid,
        }
        if parameters.patterns:
            members["FilterCriteria"] = {"Filters": [{"Pattern": pattern} for pattern in parameters.patterns]}
        if (starting_at := parameters.starting_at) is not None:
            members["StartingPositionTimestamp"] = datetime_of(starting_at)
        return members

    def told(self) -> list[str]:
        """The mapping in lines for people: what it is, and the shards that are blocked."""
        source = self._source.event_source_arn.partition(":stream/")[2]
        line = (
            f"{self.function_name} on {source}: {self._state}, {_counted(self._invocations, 'invocation')}, "
            f"{_counted(self._discarded, 'batch', 'batches')} discarded, iterator age {self.iterator_age_ms} ms"
        )
        errors = [
            f"{reader.shard_id} cannot be read: {reader.poll_problem}"
            for reader in self._readers.values()
            if reader.poll_problem is not None
        ]
        lost = [f"{each.count} records of {each.shard_id} were trimmed before they were read" for each in self._lost]
        return [line, *(f"  {each}" for each in (*self.blocked, *errors, *lost))]

    # --- what a test does -------------------------------------------------------------------------------------

    def drain(self, limit: timedelta = timedelta(hours=1)) -> list[Invocation]:
        """Move the clock until the mapping has nothing left to do; returns the invocations that this has taken.

        If that takes longer than the limit, in virtual time, an error says what is left and what it waits for.
        """
        self._require_present()
        given: object = limit
        if not isinstance(given, timedelta) or given < timedelta(0):
            raise KinesisFakeError(f"drain() takes a timedelta of zero or more, not {limit!r}.", see="lambda")
        before = len(self._invocations)
        self._delivery.drain(self, limit // timedelta(milliseconds=1))
        return self._invocations[before:]

    def disable(self) -> None:
        """Hand nothing over any more; the mapping keeps its place."""
        self._require_present()
        with self._source.timeline.lock:
            self._state = DISABLED
            for reader in self._readers.values():
                reader.start_again()

    def enable(self) -> None:
        """Go on after the last record that is done."""
        self._require_present()
        self._state = ENABLED

    def delete(self) -> None:
        """Hand nothing over for good; what was told stays."""
        self._state = DELETED
        self._delivery.forget(self)

    def _require_present(self) -> None:
        if self._state == DELETED:
            raise KinesisFakeError(
                "This mapping has been deleted, or restore() has replaced its state; make a new one.", see="restored"
            )

    # --- its work ---------------------------------------------------------------------------------------------

    def next_step(self) -> tuple[int, ShardReader] | None:
        """What is due next, and when, which may have passed; None if there is nothing to do."""
        if self._state != ENABLED or not self._source.is_there:
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

    def invoke(self, task: Task) -> Outcome:
        """Run the function, and remember it."""
        clock = self._source.timeline.clock
        at = clock.now
        if len(task.records) == 1 and self._origin.payload_bytes(task.shard_id, task.records[0]) > MAX_PAYLOAD_BYTES:
            too_large = PayloadTooLarge("the event of this record alone is larger than the 6 MB that Lambda takes")
            outcome = Outcome(error=too_large)
        else:
            event = self._origin.event(task.shard_id, task.records, task.window)
            outcome = self._function.invoke(event, task.request_id, clock)
        self._invocations.append(
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
        self._last_processing_result = "PROBLEM: Function call failed" if failed else "OK"

    def discard(self, shard_id: str, given_up: GivenUp) -> None:
        """Write the document about records that are given up, and hand it on."""
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
            now=self._source.timeline.clock.now,
        )
        self._discarded.append(discarded)
        if self._deliver_to is not None:
            self._deliver_to(discarded)

    def lose(self, shard_id: str, count: int) -> None:
        self._lost.append(LostRecords(shard_id, count, datetime_of(self._source.timeline.clock.now)))

    def new_request_id(self) -> str:
        self._requests += 1
        return uuid_of(self.uuid, self._requests)

    # --- shards -----------------------------------------------------------------------------------------------

    def _active_readers(self) -> Iterator[ShardReader]:
        """The readers whose shards may be read by now: parents come before their children."""
        if not self._readers:  # the stream has had none until now
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
        """Read the shards from their beginning that were not there before."""
        for shard in self._source.shards():
            if shard.shard_id not in self._readers:
                self._add_reader(shard, Position("TRIM_HORIZON"))

    def _add_reader(self, shard: Shard, position: Position) -> None:
        self._readers[shard.shard_id] = ShardReader(
            self._source, self._parameters, self._origin, self._lets_through, shard, position, self._made_at
        )


def _counted(things: Sized, noun: str, plural: str | None = None) -> str:
    return f"{len(things)} {noun if len(things) == 1 else plural or noun + 's'}"


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


def from_snake_case(parameters: Mapping[str, Any]) -> Parameters:
    """The parameters of a mapping by their keyword arguments; a name that none of them has is refused."""
    known = Parameters.__dataclass_fields__
    for name in parameters:
        if name not in known:
            raise KinesisFakeError(
                f"event_source_mapping() has no parameter {name!r}; it takes those of CreateEventSourceMapping in "
                f"snake case: {', '.join(known)}.",
                see="lambda",
            )
    return Parameters(**parameters)
