"""An event source mapping as a test holds it: what the test does with it, and what it tells."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kinesis_fake.event_source_mapping.documents import DiscardedBatch
from kinesis_fake.event_source_mapping.history import BlockedShard, Invocation, LostRecords
from kinesis_fake.event_source_mapping.poller import DELETED, ENABLED, Poller
from kinesis_fake.misuse import KinesisFakeError, Unassignable, timedelta_from_zero
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.words import counted

if TYPE_CHECKING:
    from kinesis_fake.event_source_mapping.pollers import Pollers


class EventSourceMapping(Unassignable):
    """Lambda's event source mapping of a function to a stream, as :meth:`KinesisFake.event_source_mapping` makes it.

    It hands batches over when the test moves the clock, with ``advance()``, ``travel_to()``, ``settle()`` or
    :meth:`drain`, each at its own instant.
    """

    def __init__(self, pollers: Pollers, poller: Poller) -> None:
        self._pollers = pollers
        self._poller = poller
        self._lock = poller.source.timeline.lock

    def __repr__(self) -> str:
        with self._lock:
            odd = "".join(f", {notice.short}" for notice in self._poller.notices())
        return (
            f"<event source mapping of {self.function_name} to {self.event_source_arn} {self.state}, "
            f"{counted(len(self._poller.invocations), 'invocation')}, {len(self.blocked)} blocked{odd}>"
        )

    # --- what it tells ----------------------------------------------------------------------------------------

    @property
    def uuid(self) -> str:
        """The UUID of the mapping."""
        return self._poller.uuid

    @property
    def function_name(self) -> str:
        """The name of the function, as its context and its ARN have it."""
        return self._poller.function.function_name

    @property
    def event_source_arn(self) -> str:
        """The ARN of the stream, or of the consumer."""
        return self._poller.source.event_source_arn

    @property
    def state(self) -> str:
        """Enabled, Disabled or Deleted."""
        return self._poller.state

    @property
    def invocations(self) -> list[Invocation]:
        """What the function was invoked with, and what came of it, oldest first."""
        return list(self._poller.invocations)

    @property
    def discarded(self) -> list[DiscardedBatch]:
        """The batches that were given up, each with the document for the on-failure destination, oldest first."""
        return list(self._poller.discarded)

    @property
    def lost(self) -> list[LostRecords]:
        """The records that retention has trimmed before the mapping read them."""
        return list(self._poller.lost)

    @property
    def blocked(self) -> list[BlockedShard]:
        """The shards in which everything waits until a batch succeeds that has failed."""
        return self._poller.blocked()

    @property
    def notices(self) -> list[str]:
        """What is odd and fails no test, in words; the report of a failing test has it, too.

        The notices tell of reports of failed records that Lambda ignores, here and on AWS, of coroutines that it does
        not await, why the function was never invoked, and that the source is gone.
        """
        with self._lock:
            return [notice.text for notice in self._poller.notices()]

    @property
    def waiting(self) -> list[str]:
        """The sequence numbers of the records that are not done yet, shard after shard."""
        with self._lock:
            return self._poller.waiting()

    @property
    def iterator_age_ms(self) -> int:
        """The age of the oldest record that is not done; 0 if there is none."""
        with self._lock:
            return self._poller.iterator_age_ms()

    @property
    def configuration(self) -> dict[str, Any]:
        """The members with which Lambda describes the mapping (recorded: the answer to CreateEventSourceMapping)."""
        poller = self._poller
        parameters, function_arn = poller.parameters, poller.function.function_arn
        members: dict[str, Any] = {
            "BatchSize": parameters.batch_size,
            "BisectBatchOnFunctionError": parameters.bisect_batch_on_function_error,
            "DestinationConfig": {
                "OnFailure": {"Destination": parameters.destination} if parameters.destination else {}
            },
            "EventSourceArn": self.event_source_arn,
            "EventSourceMappingArn": function_arn.replace(
                f":function:{self.function_name}", f":event-source-mapping:{self.uuid}"
            ),
            "FunctionArn": function_arn,
            "FunctionResponseTypes": list(parameters.function_response_types),
            "LastModified": datetime_of(poller.made_at),
            "LastProcessingResult": poller.last_processing_result,
            "MaximumBatchingWindowInSeconds": parameters.maximum_batching_window_in_seconds,
            "MaximumRecordAgeInSeconds": parameters.maximum_record_age_in_seconds,
            "MaximumRetryAttempts": parameters.maximum_retry_attempts,
            "ParallelizationFactor": parameters.parallelization_factor,
            "StartingPosition": parameters.starting_position,
            "State": poller.state,
            "StateTransitionReason": "User action",
            "TumblingWindowInSeconds": parameters.tumbling_window_in_seconds,
            "UUID": self.uuid,
        }
        if parameters.patterns:
            members["FilterCriteria"] = {"Filters": [{"Pattern": pattern} for pattern in parameters.patterns]}
        if (starting_at := parameters.starting_at) is not None:
            members["StartingPositionTimestamp"] = datetime_of(starting_at)
        return members

    # --- what a test does -------------------------------------------------------------------------------------

    def drain(self, limit: timedelta = timedelta(hours=1)) -> list[Invocation]:
        """Move the clock until the mapping has nothing left to do; returns the invocations that were made meanwhile.

        If that takes longer than the limit, in virtual time, an error says what is left and what it waits for.
        """
        self._require_present()
        limit_ms = timedelta_from_zero("The limit of drain()", limit) // timedelta(milliseconds=1)
        before = len(self._poller.invocations)
        self._pollers.drain(self._poller, limit_ms)
        return self._poller.invocations[before:]

    def disable(self) -> None:
        """Hand nothing over any more; the mapping keeps its place."""
        self._require_present()
        with self._lock:
            self._poller.disable()

    def enable(self) -> None:
        """Go on after the last record that is done."""
        self._require_present()
        self._poller.state = ENABLED

    def delete(self) -> None:
        """Hand nothing over any more. What the mapping has recorded can still be read."""
        self._pollers.delete(self._poller)

    def _require_present(self) -> None:
        if self.state == DELETED:
            raise KinesisFakeError(
                "This mapping has been deleted, or restore() has replaced its state; make a new one.", see="lambda"
            )
