"""An enhanced fan-out consumer of a stream, and what becomes of it later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_fake import errors
from kinesis_fake.domain.stream import ACTIVE, CREATING, DELETING

if TYPE_CHECKING:
    from kinesis_fake.domain.policy import Policy
    from kinesis_fake.domain.stream import Stream
    from kinesis_fake.domain.subscription import Subscription


class Consumer:
    """One registration of a consumer; a name that is registered again is another consumer with another ARN.

    ``creation_second`` is what the ARN ends with. ``transition`` is the agenda entry that the consumer waits for, if
    any, and ``transition_ends_at`` the instant at which it is due.
    """

    def __init__(self, stream: Stream, consumer_name: str, creation_second: int, tags: dict[str, str]) -> None:
        self.stream = stream
        self.consumer_name = consumer_name
        self.creation_second = creation_second
        self.consumer_arn = f"{stream.stream_arn}/consumer/{consumer_name}:{creation_second}"
        self.status = CREATING
        self.tags = tags
        self.policy: Policy | None = None
        #: The subscription in force, and the instant of the last successful call, by the index of the shard.
        self.subscriptions: dict[int, Subscription] = {}
        self.subscribed_at: dict[int, int] = {}
        #: Until when the consumer has had what its rate allows, by the index of the shard.
        self.rests_until: dict[int, int] = {}
        self.transition: object | None = None
        self.transition_ends_at: int | None = None

    @property
    def resource_arn(self) -> str:
        return self.consumer_arn

    @property
    def creation_timestamp(self) -> int:
        """The instant that the ARN names, in milliseconds."""
        return self.creation_second * 1000

    def require_changeable(self) -> None:
        """Refuse other tags and another policy unless the consumer is ACTIVE."""
        if self.status != ACTIVE:
            raise errors.consumer_not_active(
                self.consumer_name, self.creation_second, self.stream.stream_name, self.stream.region.account_id
            )


@dataclass(frozen=True, eq=False)
class ConsumerBecomesActive:
    """The end of CREATING."""

    consumer: Consumer

    def is_pending(self) -> bool:
        return self.consumer.transition is self

    def apply(self, now: int) -> None:
        self.consumer.status = ACTIVE
        self.consumer.transition = self.consumer.transition_ends_at = None

    def describe(self) -> str:
        return f"{_called(self.consumer)} becomes ACTIVE"


@dataclass(frozen=True, eq=False)
class ConsumerVanishes:
    """The end of DELETING: the name is free again."""

    consumer: Consumer

    def is_pending(self) -> bool:
        return self.consumer.transition is self

    def apply(self, now: int) -> None:
        self.consumer.stream.forget_consumer(self.consumer)

    def describe(self) -> str:
        return f"{_called(self.consumer)} is gone"


def begin_registering(stream: Stream, consumer_name: str, tags: dict[str, str], now: int) -> Consumer:
    """A new consumer, which is CREATING for as long as that takes."""
    second = stream.region.creation_second_for_consumer(stream.stream_name, consumer_name, now)
    consumer = stream.consumers[consumer_name] = Consumer(stream, consumer_name, second, tags)
    _schedule(consumer, ConsumerBecomesActive(consumer), now, stream.region.world.durations.registering_consumer_ms)
    return consumer


def begin_deregistering(consumer: Consumer, now: int) -> None:
    """DELETING, also from CREATING; a consumer that is being deleted already goes on as it was."""
    if consumer.status == DELETING:
        return
    consumer.status = DELETING
    durations = consumer.stream.region.world.durations
    _schedule(consumer, ConsumerVanishes(consumer), now, durations.deregistering_consumer_ms)


def _schedule(consumer: Consumer, entry: ConsumerBecomesActive | ConsumerVanishes, now: int, duration_ms: int) -> None:
    consumer.transition = entry
    consumer.transition_ends_at = now + duration_ms
    world = consumer.stream.region.world
    world.agenda.schedule(now + duration_ms, entry)
    if duration_ms == 0:
        world.run_due(now)


def _called(consumer: Consumer) -> str:
    return f"consumer {consumer.consumer_name} of stream {consumer.stream.stream_name}"
