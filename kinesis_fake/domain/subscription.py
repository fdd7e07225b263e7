"""One subscription of a consumer to a shard: what SubscribeToShard pushes, event by event.

The first event comes at once. After that an event comes as soon as there are records, and without records every
:data:`IDLE_MS`. AWS documents neither; its own client gives a subscription up after 35 seconds without an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_fake import errors
from kinesis_fake.domain.consumer import Consumer
from kinesis_fake.domain.encryption import require_keys_to_read
from kinesis_fake.domain.shard import Batch, Shard
from kinesis_fake.domain.stream import ACTIVE
from kinesis_fake.settings import SUBSCRIPTION_LIFETIME_MS

if TYPE_CHECKING:
    from kinesis_fake.domain.region import Region

#: How often an event comes while there are no records.
IDLE_MS = 5_000
#: The most one event carries. AWS does not document it; a record always fits.
EVENT_MAX_RECORDS = 1_000
EVENT_MAX_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Event:
    """One SubscribeToShardEvent. At the end of a shard ``continuation_sequence_number`` is None."""

    batch: Batch
    continuation_sequence_number: str | None
    is_last: bool


class Subscription:
    """A consumer's place in a shard, for five minutes. Instants are in milliseconds since the epoch."""

    def __init__(self, caller: Region, consumer: Consumer, shard: Shard, position: int, now: int) -> None:
        self.consumer = consumer
        self.shard = shard
        self._caller = caller
        self._position = position
        self._ends_at = now + SUBSCRIPTION_LIFETIME_MS
        self._next_event_at = now
        self._has_begun = False
        #: The instant before which the rate of the consumer allows no more records.
        self._rests_until = now
        self.is_over = False
        #: The error that an injected fault puts into the stream, before the first event or after it.
        self.fails_with: errors.AwsError | None = None
        self.fails_after_first_event = False

    # --- the life of a subscription ---------------------------------------------------------------------------

    def is_taken_over(self) -> bool:
        """Whether a later call of the same consumer and shard has taken this one's place."""
        return self.consumer.subscriptions.get(self.shard.index) is not self

    def has_something_to_say(self, now: int) -> bool:
        """Whether :meth:`advance` would give an event, an error or the end at this instant."""
        return (
            self.is_over
            or now >= min(self._next_event_at, self._ends_at)
            or self.is_taken_over()
            or not self._is_served(now)
            or (now >= self._rests_until and self._has_news())
        )

    def next_event_at(self) -> int:
        """When something is said at the latest."""
        return min(self._next_event_at, self._ends_at)

    def advance(self, now: int) -> Event | None:
        """The event of this instant, or None when the five minutes are over; raises the error that ends the stream."""
        stream = self.consumer.stream
        if self.is_taken_over():
            self.is_over = True
            raise errors.subscription_taken_over(
                stream.region.account_id, stream.stream_name, self.shard.shard_id, self.consumer.consumer_name
            )
        if not self._is_served(now):
            self.close()
            if stream.consumers.get(self.consumer.consumer_name) is not self.consumer:
                raise errors.consumer_not_found(self.consumer.consumer_name, stream.region.account_id)
            raise errors.shard_does_not_exist(self.shard.shard_id, stream.stream_name, stream.region.account_id)
        if now >= self._ends_at:
            self.close()
            return None
        if self.fails_with is not None and self._has_begun >= self.fails_after_first_event:
            self.close()
            raise self.fails_with
        limit = EVENT_MAX_RECORDS if now >= self._rests_until else 0
        batch = self.shard.read(self._position, limit, EVENT_MAX_BYTES, now, stream.retention_ms)
        if batch.records:
            try:
                require_keys_to_read(self._caller.root_arn, stream, self.shard, batch)
            except errors.AwsError:
                self.close()
                raise
        self._rest(batch, now)
        self._position = batch.next_position
        self._has_begun = True
        self._next_event_at = now + IDLE_MS
        if batch.at_end:
            self.close()
            return Event(batch, None, is_last=True)
        return Event(batch, self.shard.number_after(batch.next_position, now), is_last=False)

    def close(self) -> None:
        """Say nothing more."""
        self.is_over = True
        if not self.is_taken_over():
            del self.consumer.subscriptions[self.shard.index]

    # --- inside -----------------------------------------------------------------------------------------------

    def _has_news(self) -> bool:
        return self._position < self.shard.end_position or not self.shard.is_open

    def _is_served(self, now: int) -> bool:
        """Whether the consumer is registered, and the stream and the shard are there."""
        stream = self.consumer.stream
        return (
            stream.consumers.get(self.consumer.consumer_name) is self.consumer
            and self.consumer.status == ACTIVE
            and stream.region.streams.get(stream.stream_name) is stream
            and stream.find_shard(self.shard.index, now) is self.shard
        )

    def _rest(self, batch: Batch, now: int) -> None:
        limit = self.consumer.stream.region.world.limits.consumer_read_bytes_per_second
        if limit is not None and batch.records:
            size = sum(len(record[2]) for record in batch.records)
            self._rests_until = now + -(-size * 1000 // limit)
