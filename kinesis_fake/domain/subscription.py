"""One subscription of a consumer to a shard: what SubscribeToShard pushes, event by event.

The first event comes at once. After that an event comes as soon as there are records, and every :data:`IDLE_MS` while
there are none. AWS documents neither; its own client gives a subscription up after 35 seconds without an event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_fake import errors
from kinesis_fake.domain.encryption import require_keys_to_read
from kinesis_fake.domain.life_cycle import ACTIVE
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.settings import SUBSCRIPTION_LIFETIME_MS

if TYPE_CHECKING:
    from kinesis_fake.domain.consumer import Consumer
    from kinesis_fake.domain.shard import Shard, ShardRead

#: The time between two events while there are no records.
IDLE_MS = 5_000
#: The most that one event carries, but always at least one record. AWS documents neither number. The bytes are those of
#: the largest recorded events, with records of 640 KiB and of 499,900 bytes.
EVENT_MAX_RECORDS = 1_000
EVENT_MAX_BYTES = 12 * 640 * 1024
#: A consumer that has had no records for a while gets at once as much as its rate gives in this time: 28 MiB at 2 MiB
#: a second. So a consumer that catches up first gets four full events, as was recorded.
BURST_MS = 14_000


class SubscriptionEvent(NamedTuple):
    """One SubscribeToShardEvent. At the end of a shard ``continuation_sequence_number`` is None."""

    batch: ShardRead
    continuation_sequence_number: str | None


class Subscription:
    """A consumer's place in a shard, for up to five minutes. Instants are in milliseconds since the epoch."""

    def __init__(self, caller_arn: str, consumer: Consumer, shard: Shard, position: int, now: int) -> None:
        self.consumer = consumer
        self.shard = shard
        self.is_over: bool = False
        #: The error that an injected fault puts into the stream, before the first event or after it.
        self.fails_with: errors.AwsError | None = None
        self.fails_after_first_event = False
        self._caller_arn = caller_arn
        self._position = position
        self._ends_at = now + SUBSCRIPTION_LIFETIME_MS
        self._next_event_at = now
        self._has_begun = False
        self._is_taken_over = False

    # --- the life of a subscription ---------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The position in the shard after the last record that was pushed."""
        return self._position

    def take_over(self, now: int) -> None:
        """End, unless it is over already, because the same consumer has subscribed to the same shard again."""
        self._is_taken_over = not self.is_over and now < self._ends_at

    def is_in_force(self, now: int) -> bool:
        """Whether the subscription has neither ended nor been taken over."""
        return not self.is_over and not self._is_taken_over and now < self._ends_at

    def has_something_to_say(self, now: int) -> bool:
        """Whether :meth:`advance` would give an event, an error or the end at this instant."""
        return self.is_over or now >= self.speaks_at(now) or self._is_taken_over or self._reason_to_end(now) is not None

    def speaks_at(self, now: int) -> int:
        """When :meth:`advance` gives something at the latest, as far as this instant can tell."""
        instant = min(self._next_event_at, self._ends_at)
        if self._position < self.shard.end_position or not self.shard.is_open:
            instant = min(instant, max(now, self._rests_until))
        return instant

    def advance(self, now: int) -> SubscriptionEvent | None:
        """The event of this instant, or None when the five minutes are over; raises the error that ends the stream."""
        try:
            event = self._advance(now)
        except errors.AwsError:
            self.close()
            raise
        if event is None or event.continuation_sequence_number is None:
            self.close()
        return event

    def close(self) -> None:
        """End the subscription, so that it gives no more events."""
        self.is_over = True
        subscriptions = self.consumer.subscriptions
        if subscriptions.get(self.shard.index) is self:
            del subscriptions[self.shard.index]

    # --- inside -----------------------------------------------------------------------------------------------

    def _advance(self, now: int) -> SubscriptionEvent | None:
        stream = self.consumer.stream
        if self._is_taken_over:
            raise errors.subscription_taken_over(
                stream.region.account_id, stream.stream_name, self.shard.shard_id, self.consumer.consumer_name
            )
        # This check comes first: a late look must not show what happened after the five minutes.
        if now >= self._ends_at:
            return None
        if (reason := self._reason_to_end(now)) is not None:
            raise reason
        if self.fails_with is not None and (self._has_begun or not self.fails_after_first_event):
            raise self.fails_with
        rate = stream.region.world.limits.consumer_read_bytes_per_second
        # Four events are the burst, also where a test has set another rate than AWS's.
        max_bytes = EVENT_MAX_BYTES if rate is None else min(EVENT_MAX_BYTES, rate * 15 // 4)
        limit = EVENT_MAX_RECORDS if now >= self._rests_until else 0
        batch = self.shard.read(self._position, limit, max_bytes, now, stream.retention_ms)
        require_keys_to_read(self._caller_arn, stream, self.shard, batch)
        if rate is not None and batch.records:
            given = sum(len(r[2]) for r in batch.records)
            paid_until = max(self.consumer.paid_until.get(self.shard.index, 0), now)
            self.consumer.paid_until[self.shard.index] = paid_until + -(-given * 1000 // rate)
        self._position = batch.next_position
        self._has_begun = True
        self._next_event_at = now + IDLE_MS
        return SubscriptionEvent(batch, None if batch.at_end else self.shard.number_after(batch.next_position, now))

    @property
    def _rests_until(self) -> int:
        """The instant from which on the consumer's rate allows more records of this shard."""
        return self.consumer.paid_until.get(self.shard.index, 0) - BURST_MS

    def _reason_to_end(self, now: int) -> errors.AwsError | None:
        """The error if the stream, the consumer or the shard is no longer there; else None."""
        consumer = self.consumer
        stream = consumer.stream
        account_id = stream.region.account_id
        if stream.region.streams.get(stream.stream_name) is not stream:
            return errors.stream_not_found(stream.stream_name, account_id)
        if stream.consumers.get(consumer.consumer_name) is not consumer:
            return errors.consumer_arn_not_found(
                consumer.consumer_name, str(consumer.creation_second), stream.stream_name, account_id
            )
        if consumer.status != ACTIVE:
            return errors.consumer_not_active_to_subscribe(
                consumer.consumer_name, consumer.creation_second, stream.stream_name, account_id
            )
        if stream.find_shard(self.shard.index, now) is not self.shard:
            return errors.shard_does_not_exist(self.shard.shard_id, stream.stream_name, account_id)
        return None
