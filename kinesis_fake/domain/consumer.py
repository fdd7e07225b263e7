"""An enhanced fan-out consumer of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_fake import errors
from kinesis_fake.domain.life_cycle import ACTIVE, CREATING, Resource
from kinesis_fake.domain.tags import check_resource_tags

if TYPE_CHECKING:
    from kinesis_fake.domain.stream import Stream
    from kinesis_fake.domain.subscription import Subscription


class Consumer(Resource):
    """One registration of a consumer. Registering the name again makes another consumer with another ARN.

    The ARN ends with ``creation_second``.
    """

    def __init__(self, stream: Stream, consumer_name: str, creation_second: int, tags: dict[str, str]) -> None:
        consumer_arn = f"{stream.stream_arn}/consumer/{consumer_name}:{creation_second}"
        super().__init__(stream.region, consumer_arn, tags, creation_second * 1000)
        self.stream = stream
        self.consumer_name = consumer_name
        self.creation_second = creation_second
        #: By the index of the shard: the latest subscription; and, below, the instant of the last successful call.
        self.subscriptions: dict[int, Subscription] = {}
        self.subscribed_at: dict[int, int] = {}
        #: By the index of the shard: the lowest position at which a subscription has begun to read.
        self.began_at: dict[int, int] = {}
        #: By the index of the shard: the instant until which the records already pushed use up the consumer's rate.
        self.paid_until: dict[int, int] = {}

    def __str__(self) -> str:
        return f"consumer {self.consumer_name} of stream {self.stream.stream_name}"

    @property
    def consumer_arn(self) -> str:
        return self.resource_arn

    def require_changeable(self) -> None:
        """Refuse a change of tags or policy unless the consumer is ACTIVE."""
        if self.status != ACTIVE:
            raise errors.consumer_not_active(
                self.consumer_name, self.creation_second, self.stream.stream_name, self.region.account_id
            )

    def join_region(self) -> None:
        self.stream.consumers[self.consumer_name] = self

    def leave_region(self, now: int) -> None:
        if self.stream.consumers.get(self.consumer_name) is self:
            del self.stream.consumers[self.consumer_name]

    def tell_quotas(self) -> None:
        is_here = self.stream.consumers.get(self.consumer_name) is self
        self.region.consumers_in_creation.tell(self.resource_arn, is_here and self.status == CREATING)

    # --- registering and deregistering ------------------------------------------------------------------------

    @classmethod
    def register(cls, stream: Stream, consumer_name: str, tags: dict[str, str], now: int) -> Consumer:
        """A new consumer, in CREATING; raises AWS's error if it is one too many, or if its name is taken."""
        region = stream.region
        limits = region.world.limits
        stream.require_changeable()
        check_resource_tags(tags, {}, f"consumer {consumer_name}", limits.tags)
        if consumer_name in stream.consumers:
            raise errors.consumer_already_exists(consumer_name, stream.stream_name, region.account_id)
        if region.consumers_in_creation.total >= limits.consumers_creating:
            raise errors.too_many_consumers_creating(region.account_id, limits.consumers_creating)
        stream.require_room_for_consumer(now)
        second = region.creation_second_for_consumer(stream.stream_name, consumer_name, now)
        consumer = cls(stream, consumer_name, second, tags)
        consumer.begin_creating(now, region.world.durations.registering_consumer_ms)
        return consumer

    def begin_deregistering(self, now: int) -> None:
        """Begin DELETING, also from CREATING."""
        self.begin_deleting(now, self.region.world.durations.deregistering_consumer_ms)
