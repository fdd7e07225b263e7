"""What a test sees of a queue and its records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kinesis_fake.domain.life_cycle import CREATING, DELETED
from kinesis_fake.domain.queue import Queue
from kinesis_fake.domain.queue_records import ReceivedRecord, Unreceived
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.views.view import View
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.words import counted


@dataclass(frozen=True)
class QueueRecordView:
    """A record in a queue, as it was when the test looked at the queue."""

    #: The data as it was put.
    data: bytes
    #: The partition key as it was put.
    partition_key: str | None
    #: A number of 56 digits, as text.
    sequence_number: str
    #: The shard that took the record.
    shard_id: str
    #: When the record arrived in the stream.
    approximate_arrival_timestamp: datetime
    #: How often the record has been received.
    receive_count: int
    #: When the record was first received; None if it has not been received.
    first_receive_timestamp: datetime | None
    #: When the last visibility timeout ends or has ended; for a record that has not been received, when it arrived.
    visible_at: datetime


class QueueView(View[Queue]):
    """A queue of a fake, as :meth:`KinesisFake.queue` returns it; looking at it receives nothing."""

    def __init__(self, backstage: Backstage, queue: Queue) -> None:
        self._backstage = backstage
        self._held = queue

    def __repr__(self) -> str:
        return (
            f"<queue {self.queue_name} {self.status}, {len(self.waiting)} waiting, {len(self.in_flight)} in flight, "
            f"{counted(len(self.dead_letters), 'dead letter')}>"
        )

    @property
    def _queue(self) -> Queue:
        return self._backstage.up_to_date(self._held)

    @property
    def queue_name(self) -> str:
        """The name of the queue."""
        return self._queue.queue_name

    @property
    def queue_arn(self) -> str:
        """The ARN of the queue."""
        return self._queue.queue_arn

    @property
    def stream_name(self) -> str:
        """The name of the stream that the queue delivers."""
        return self._queue.stream.stream_name

    @property
    def status(self) -> str:
        """CREATING, ACTIVE, UPDATING or DELETING; DELETED once the queue is gone, with its records."""
        return self._queue.status

    @property
    def waiting(self) -> list[QueueRecordView]:
        """The records that ReceiveQueueRecords can return now, in the order in which they became visible."""
        with self._backstage.lock:
            now = self._backstage.now
            if self.status in (CREATING, DELETED):
                return []
            visible = [one for one in self._received(now) if one.visible_at <= now and not one.is_dead_letter]
            both: list[Unreceived | ReceivedRecord] = [*self._queue.records.unreceived(now), *visible]
            both.sort(key=lambda one: one.visible_since)
            return [_queue_record_view(one) for one in both]

    @property
    def in_flight(self) -> list[QueueRecordView]:
        """The records that have been received and not acknowledged, in the order in which they become visible again."""
        with self._backstage.lock:
            now = self._backstage.now
            received = self._received(now)
            return [_queue_record_view(one) for one in received if one.visible_at > now and not one.is_dead_letter]

    @property
    def dead_letters(self) -> list[QueueRecordView]:
        """The records that have been given up, in flight or not, in the order in which they became visible."""
        with self._backstage.lock:
            return [_queue_record_view(one) for one in self._received(self._backstage.now) if one.is_dead_letter]

    def _received(self, now: int) -> list[ReceivedRecord]:
        queue = self._queue
        return [] if queue.status == DELETED else queue.records.received(now)


def _queue_record_view(one: Unreceived | ReceivedRecord) -> QueueRecordView:
    record = one.record
    received = one if isinstance(one, ReceivedRecord) else None
    return QueueRecordView(
        data=record.data,
        partition_key=record.partition_key,
        sequence_number=record.sequence_number,
        shard_id=one.shard_id,
        approximate_arrival_timestamp=datetime_of(record.arrived_at),
        receive_count=received.receive_count if received is not None else 0,
        first_receive_timestamp=datetime_of(received.first_received_at) if received is not None else None,
        visible_at=datetime_of(received.visible_at if received is not None else record.arrived_at),
    )
