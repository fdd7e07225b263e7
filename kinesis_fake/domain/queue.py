"""A queue, from which consumers receive the records of a stream."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kinesis_fake import errors
from kinesis_fake.domain.iterator import LATEST, TRIM_HORIZON, StartingPosition
from kinesis_fake.domain.life_cycle import ACTIVE, CREATING, DELETING, UPDATING, Resource
from kinesis_fake.domain.queue_records import QueueRecords
from kinesis_fake.domain.tags import check_resource_tags
from kinesis_fake.named_tuples import NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.domain.region import Region
    from kinesis_fake.domain.stream import Stream

DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30
DEFAULT_MAX_RECEIVE_COUNT = 6


class QueueAttributes(NamedTuple):
    """What UpdateQueue can change. ``max_receive_count`` is None if dead-letter handling is off."""

    visibility_timeout_seconds: int = DEFAULT_VISIBILITY_TIMEOUT_SECONDS
    max_receive_count: int | None = DEFAULT_MAX_RECEIVE_COUNT


class Queue(Resource):
    """One queue of a region. ``attributes`` are in force; ``requested_attributes`` will be once UPDATING is over."""

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
        self.uid: int = region.world.next_uid()
        #: Does not depend on the name (API reference, QueueDescription).
        self.queue_id: str = region.world.mint.identifier("queue", self.uid)
        super().__init__(region, f"{region.arn_prefix}queue/{self.queue_id}", tags, now)
        self.stream = stream
        self.queue_name = queue_name
        self.starting_position = starting_position
        #: The queue delivers records that arrived at this instant or later; None before the queue is ACTIVE.
        self.starts_at: int | None = None
        self.attributes: QueueAttributes = attributes
        self.requested_attributes: QueueAttributes = attributes
        self.records: QueueRecords = QueueRecords(stream, attributes.max_receive_count, {})

    def __str__(self) -> str:
        return f"queue {self.queue_name} of stream {self.stream.stream_name}"

    # --- questions --------------------------------------------------------------------------------------------

    @property
    def queue_arn(self) -> str:
        return self.resource_arn

    def require_changeable(self) -> None:
        """Refuse a change of attributes, tags or policy unless the queue is ACTIVE."""
        if self.status != ACTIVE:
            raise errors.queue_not_active(self.queue_name, self.region.account_id, self.status)

    def require_delivering(self) -> None:
        """Refuse to deliver records and to take receipt handles unless the queue is ACTIVE or UPDATING."""
        if self.status not in (ACTIVE, UPDATING):
            raise errors.queue_not_delivering(self.queue_id, self.region.account_id, self.status)

    # --- life cycle -------------------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        region: Region,
        stream: Stream,
        queue_name: str,
        starting_position: StartingPosition,
        attributes: QueueAttributes,
        tags: dict[str, str],
        now: int,
    ) -> Queue:
        """A new queue, in CREATING; raises AWS's error if it is one too many, or if its name is taken."""
        stream.require_active()
        check_resource_tags(tags, {}, f"queue {queue_name}", region.world.limits.tags)
        if any(queue.queue_name == queue_name for queue in region.queues.values()):
            raise errors.queue_already_exists(queue_name, region.account_id)
        region.require_room_for_queue_transition()
        stream.require_room_for_consumer(now)
        queue = cls(region, stream, queue_name, starting_position, attributes, tags, now)
        queue.begin_creating(now, region.world.durations.creating_queue_ms)
        return queue

    def join_region(self) -> None:
        self.region.queues[self.queue_id] = self.stream.queues[self.queue_id] = self

    def leave_region(self, now: int) -> None:
        self.region.queues.pop(self.queue_id, None)
        self.stream.queues.pop(self.queue_id, None)

    def tell_quotas(self) -> None:
        counts = self.queue_id in self.region.queues and self.status in (CREATING, DELETING)
        self.region.queues_in_creation_or_deletion.tell(self.resource_arn, counts)

    def start(self, now: int) -> None:
        """Determine where the queue begins. Before this it has no effective position (QueueStartingPosition)."""
        stream = self.stream
        earliest = stream.trim_horizon(now)
        positions: dict[int, int] = {}
        if self.starting_position.type == LATEST:
            self.starts_at = now
            positions = {shard.index: shard.end_position for shard in stream.shards(now)}
        elif self.starting_position.type == TRIM_HORIZON:
            self.starts_at = earliest
        else:
            timestamp = self.starting_position.timestamp
            assert timestamp is not None
            self.starts_at = max(timestamp, earliest)
            positions = {shard.index: shard.position_at_timestamp(timestamp) for shard in stream.shards(now)}
        self.records = QueueRecords(stream, self.attributes.max_receive_count, positions)

    def update(self, attributes: QueueAttributes, now: int) -> None:
        """Begin UPDATING, at the end of which the new attributes are in force."""
        self.requested_attributes = attributes
        duration_ms = self.region.world.durations.updating_queue_ms
        self.begin_updating(partial(self._change_attributes, attributes), "becomes ACTIVE", now, duration_ms)

    def _change_attributes(self, attributes: QueueAttributes, now: int) -> None:
        """Use other attributes from now on. Records in flight keep the timeout that they were received with."""
        self.attributes = attributes
        self.records.change_max_receive_count(attributes.max_receive_count, now)

    def delete(self, now: int) -> None:
        """Begin DELETING, in any status; raises AWS's error if too many queues are being made and deleted."""
        if self.status not in (CREATING, DELETING):
            self.region.require_room_for_queue_transition()
        self.begin_deleting(now, self.region.world.durations.deleting_queue_ms)
