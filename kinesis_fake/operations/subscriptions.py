"""SubscribeToShard, which pushes a shard's records to a consumer."""

from __future__ import annotations

from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.iterator import StartingPosition
from kinesis_fake.domain.life_cycle import ACTIVE
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.shard import shard_id_of
from kinesis_fake.domain.subscription import Subscription, SubscriptionEvent
from kinesis_fake.operations.addressing import CONSUMER, StreamAddress, shard_index_of
from kinesis_fake.operations.dry_run import ended_dry_run
from kinesis_fake.operations.iterators import child_shards, record_descriptions
from kinesis_fake.operations.rate import per_shard, subscriptions
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.settings import TAKE_OVER_MS


@operation(
    rate=per_shard(subscriptions),
    across_accounts="ConsumerARN",
    kms="decrypt",
    member_order=(),
    answers_with_events=True,
)
def subscribe_to_shard(
    region: Region,
    now: int,
    *,
    consumer_arn: str,
    shard_id: str,
    starting_position: dict[str, Any],
    dry_run: bool = False,
    caller_arn: str,
) -> Result:
    """Subscribe a consumer to a shard for five minutes.

    Within five seconds of a successful call another call for the same consumer and shard is refused. A later call takes
    the subscription over, and the old event stream ends with an error. Refused calls count towards the rate of one per
    second, but do not start the five seconds.

    *Not modelled:* HTTP/2 itself, and events that AWS splits in other places.
    """
    consumer = CONSUMER.of(region, consumer_arn)
    stream = consumer.stream
    account_id = stream.region.account_id
    index = shard_index_of(shard_id, StreamAddress(stream.region, account_id, stream.stream_name))
    shard = stream.find_shard(index, now)
    if shard is None:
        raise errors.shard_does_not_exist(shard_id_of(index), stream.stream_name, account_id)
    if region.world.rates is not None and not dry_run:
        region.world.rates.require_subscription(consumer.consumer_arn, stream.stream_name, account_id, index, now)
    if consumer.status != ACTIVE:
        raise errors.consumer_not_active_to_subscribe(
            consumer.consumer_name, consumer.creation_second, stream.stream_name, account_id
        )
    position = StartingPosition(
        starting_position["Type"], starting_position.get("SequenceNumber"), starting_position.get("Timestamp")
    ).position_in(stream, shard, now)
    subscribed_at = consumer.subscribed_at.get(index)
    if subscribed_at is not None and now - subscribed_at < TAKE_OVER_MS:
        raise errors.subscription_taken_over(account_id, stream.stream_name, shard.shard_id, consumer.consumer_name)
    if dry_run:
        raise ended_dry_run(region, stream, "SubscribeToShard", now)
    previous = consumer.subscriptions.get(index)
    if previous is not None:
        previous.take_over(now)
    subscription = consumer.subscriptions[index] = Subscription(caller_arn, consumer, shard, position, now)
    consumer.subscribed_at[index] = now
    consumer.began_at[index] = min(position, consumer.began_at.get(index, position))
    return {"EventStream": subscription}


def event_description(event: SubscriptionEvent, subscription: Subscription) -> dict[str, Any]:
    """A SubscribeToShardEvent as a client sees it; at the end of a shard it names the child shards."""
    description: dict[str, Any] = {"Records": record_descriptions(subscription.shard, event.batch)}
    if event.continuation_sequence_number is not None:
        description["ContinuationSequenceNumber"] = event.continuation_sequence_number
    description["MillisBehindLatest"] = event.batch.millis_behind_latest
    if event.continuation_sequence_number is None:
        description["ChildShards"] = child_shards(subscription.consumer.stream, subscription.shard)
    return description
