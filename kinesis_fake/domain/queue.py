"""A queue on a stream, and what becomes of it later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_fake import errors
from kinesis_fake.domain.delivery import Deliveries
from kinesis_fake.domain.stream import ACTIVE, CREATING, DELETING, UPDATING

if TYPE_CHECKING:
    from kinesis_fake.domain.policy import Policy
    from kinesis_fake.domain.region import Region
    from kinesis_fake.domain.stream import Stream

DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30
DEFAULT_MAX_RECEIVE_COUNT = 6


@dataclass(frozen=True)
class QueueAttributes:
    """What UpdateQueue can change. ``max_receive_count`` is None if dead-letter handling is off."""

    visibility_timeout_seconds: int = DEFAULT_VISIBILITY_TIMEOUT_SECONDS
    max_receive_count: int | None = DEFAULT_MAX_RECEIVE_COUNT


@dataclass(frozen=True)
class StartingPosition:
    """Where a queue begins; ``timestamp`` is in milliseconds since the epoch and there for AT_TIMESTAMP only."""

    type: str
    timestamp: int | None = None


class Queue:
    """One queue of a region. ``attributes`` are in force, ``requested_attributes`` will be when UPDATING is over.

    ``transition`` is the agenda entry that the queue waits for, if any, and ``transition_ends_at`` the instant at
    which it is due.
    """

    def __init__(
        self,
        region: Region,
        stream: Stream,
        queue_name: str,
        starting_position: StartingPosition,
        attributes: QueueAttributes,
        tags: dict[str, str],
        now: int,
    ) -> None:
        self.region = region
        self.stream = stream
        self.uid = region.world.next_uid()
        self.queue_name = queue_name
        #: Not derived from the name (API reference, QueueDescription).
        self.queue_id = region.world.mint.identifier("queue", self.uid)
        self.queue_arn = f"{region.arn_prefix}queue/{self.queue_id}"
        self.status = CREATING
        self.created_at = now
        self.starting_position = starting_position
        #: The instant at which a record must have arrived to be delivered; not known before the queue is ACTIVE.
        self.starts_at: int | None = None
        self.attributes = self.requested_attributes = attributes
        self.tags = tags
        self.policy: Policy | None = None
        self.deliveries = Deliveries(stream, attributes.max_receive_count, {})
        self.transition: object | None = None
        self.transition_ends_at: int | None = None

    # --- facts ------------------------------------------------------------------------------------------------

    @property
    def resource_arn(self) -> str:
        return self.queue_arn

    @property
    def creation_timestamp(self) -> int:
        """When the queue was made, in whole seconds, as streams show it."""
        return self.created_at // 1000 * 1000

    def require_changeable(self) -> None:
        """Refuse other attributes, tags and another policy unless the queue is ACTIVE."""
        if self.status != ACTIVE:
            raise errors.queue_not_active(self.queue_name, self.region.account_id, self.status)

    def require_delivering(self) -> None:
        """Refuse records and their receipts unless the queue is ACTIVE or UPDATING."""
        if self.status not in (ACTIVE, UPDATING):
            raise errors.queue_not_delivering(self.queue_id, self.region.account_id, self.status)

    # --- status -----------------------------------------------------------------------------------------------

    def become_active(self, now: int) -> None:
        """The queue is made, or its update is done; records in flight keep the timeout they were received with."""
        if self.status == CREATING:
            self._find_start(now)
        else:
            self.attributes = self.requested_attributes
            self.deliveries.change_max_receive_count(self.attributes.max_receive_count, now)
        self.status = ACTIVE
        self.transition = self.transition_ends_at = None

    def _find_start(self, now: int) -> None:
        """Settle where to begin. Before this the effective position is not determined (QueueStartingPosition)."""
        stream = self.stream
        earliest = stream.trim_horizon(now)
        positions: dict[int, int] = {}
        if self.starting_position.type == "LATEST":
            self.starts_at = now
            positions = {shard.index: shard.end_position for shard in stream.shards(now)}
        elif self.starting_position.timestamp is None:  # TRIM_HORIZON
            self.starts_at = earliest
        else:
            timestamp = self.starting_position.timestamp
            self.starts_at = max(timestamp, earliest)
            positions = {shard.index: shard.position_at_timestamp(timestamp) for shard in stream.shards(now)}
        self.deliveries = Deliveries(stream, self.attributes.max_receive_count, positions)


# --- what becomes of a queue later --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class QueueBecomesActive:
    """The end of CREATING or of UPDATING."""

    queue: Queue

    def is_pending(self) -> bool:
        return self.queue.transition is self

    def apply(self, now: int) -> None:
        self.queue.become_active(now)

    def describe(self) -> str:
        return f"{_called(self.queue)} becomes ACTIVE"


@dataclass(frozen=True, eq=False)
class QueueVanishes:
    """The end of DELETING: the name is free again, and the stream can be deleted."""

    queue: Queue

    def is_pending(self) -> bool:
        return self.queue.transition is self

    def apply(self, now: int) -> None:
        self.queue.region.forget_queue(self.queue)

    def describe(self) -> str:
        return f"{_called(self.queue)} is gone"


def begin_creating_queue(queue: Queue, now: int) -> None:
    """CREATING for as long as that takes; from now on the stream has the queue."""
    queue.region.queues[queue.queue_id] = queue.stream.queues[queue.queue_id] = queue
    _schedule(queue, QueueBecomesActive(queue), now, queue.region.world.durations.creating_queue_ms)


def begin_updating_queue(queue: Queue, attributes: QueueAttributes, now: int) -> None:
    """UPDATING, at the end of which other attributes are in force."""
    queue.status = UPDATING
    queue.requested_attributes = attributes
    _schedule(queue, QueueBecomesActive(queue), now, queue.region.world.durations.updating_queue_ms)


def begin_deleting_queue(queue: Queue, now: int) -> None:
    """DELETING, whatever else was going on; a queue that is being deleted already goes on as it was."""
    if queue.status == DELETING:
        return
    queue.status = DELETING
    _schedule(queue, QueueVanishes(queue), now, queue.region.world.durations.deleting_queue_ms)


def _schedule(queue: Queue, entry: QueueBecomesActive | QueueVanishes, now: int, duration_ms: int) -> None:
    queue.transition = entry
    queue.transition_ends_at = now + duration_ms
    world = queue.region.world
    world.agenda.schedule(now + duration_ms, entry)
    if duration_ms == 0:
        world.run_due(now)


def _called(queue: Queue) -> str:
    return f"queue {queue.queue_name} of stream {queue.stream.stream_name}"
