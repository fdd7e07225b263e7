"""Enhanced fan-out consumers: registering, describing, listing and deregistering them."""

from __future__ import annotations

from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.consumer import Consumer
from kinesis_fake.domain.life_cycle import CREATING, first_end_of
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.addressing import CONSUMER, address_of
from kinesis_fake.operations.paging import open_next_token, page
from kinesis_fake.operations.rate import per_account, per_stream
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS

#: A page holds at most so many consumers, even if the caller asks for more (API reference, ListStreamConsumers).
LIST_STREAM_CONSUMERS_PAGE = 100


def _addressed(region: Region, consumer_arn: str | None, stream_arn: str | None, consumer_name: str | None) -> Consumer:
    """The consumer that a call names: by its ARN, by its stream's ARN and its name, or by all three."""
    if consumer_arn is not None:
        if stream_arn is not None and not consumer_arn.startswith(f"{stream_arn}/consumer/"):
            raise errors.consumer_address_conflict(consumer_arn, "StreamARN", stream_arn)
        if consumer_name is not None and consumer_arn.rpartition("/")[2].partition(":")[0] != consumer_name:
            raise errors.consumer_address_conflict(consumer_arn, "ConsumerName", consumer_name)
        return CONSUMER.of(region, consumer_arn)
    if stream_arn is None or consumer_name is None:
        raise errors.consumer_address_missing()
    stream = address_of(region, None, stream_arn).stream()
    consumer = stream.consumers.get(consumer_name)
    if consumer is None:
        raise errors.consumer_not_found(consumer_name, stream.stream_name, stream.region.account_id)
    return consumer


def end_of_transition(
    region: Region,
    *,
    consumer_arn: str | None = None,
    stream_arn: str | None = None,
    consumer_name: str | None = None,
    **_: object,
) -> int | None:
    """When the described consumer's transition ends."""
    return _addressed(region, consumer_arn, stream_arn, consumer_name).transition_ends_at


def first_end_of_transition(region: Region, *, stream: Stream, **_: object) -> int | None:
    """When the first transition of the stream's consumers ends."""
    return first_end_of(stream.consumers.values())


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("CREATING", "registering_consumer_ms"),
    needs_stream="ACTIVE or UPDATING",
)
def register_stream_consumer(
    region: Region, now: int, *, stream: Stream, consumer_name: str, tags: dict[str, str] | None = None
) -> Result:
    """Register a consumer, which is CREATING at first and has its tags from the beginning.

    Every registration has an ARN of its own: if this second already ends another ARN of the same name, a later one is
    used. Queues count towards the limit of consumers; those in CREATING are counted over all streams of the region.
    """
    consumer = Consumer.register(stream, consumer_name, dict(tags or {}), now)
    return {"Consumer": _description(consumer)}


@operation(
    rate=per_stream(5),
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("DELETING", "deregistering_consumer_ms"),
)
def deregister_stream_consumer(
    region: Region,
    now: int,
    *,
    consumer_arn: str | None = None,
    stream_arn: str | None = None,
    consumer_name: str | None = None,
) -> None:
    """Deregister a consumer in any state; it is DELETING at first, and its name is taken until it is gone."""
    _addressed(region, consumer_arn, stream_arn, consumer_name).begin_deregistering(now)


@operation(rate=per_stream(20), across_accounts="ConsumerARN", kms=None, member_order=(), poll=end_of_transition)
def describe_stream_consumer(
    region: Region,
    now: int,
    *,
    consumer_arn: str | None = None,
    stream_arn: str | None = None,
    consumer_name: str | None = None,
) -> Result:
    """Describe a consumer, addressed by its ARN, by its stream's ARN and its name, or by all three."""
    consumer = _addressed(region, consumer_arn, stream_arn, consumer_name)
    return {"ConsumerDescription": {**_description(consumer), "StreamARN": consumer.stream.stream_arn}}


@operation(
    rate=per_stream(5),
    across_accounts=None,
    kms=None,
    member_order=(),
    poll=first_end_of_transition,
    needs_stream="ACTIVE or UPDATING",
)
def list_stream_consumers(
    region: Region,
    now: int,
    *,
    stream: Stream,
    next_token: str | None = None,
    max_results: int = LIST_STREAM_CONSUMERS_PAGE,
    stream_creation_timestamp: int | None = None,
) -> Result:
    """List the consumers of a stream in the order of their names. A token holds the stream and where to continue."""
    identity = [stream.region.account_id, stream.stream_name, stream.uid]
    after = ""
    if next_token is not None:
        if stream_creation_timestamp is not None:
            raise errors.next_token_with("StreamCreationEpoch")
        *issued_for, after = open_next_token(region, "ListStreamConsumers", next_token, now)
        if issued_for != identity:
            raise errors.next_token_invalid()
    elif stream_creation_timestamp is not None and stream_creation_timestamp != stream.creation_timestamp:
        raise errors.stream_created_at_another_time(stream.stream_name, stream.region.account_id)
    if stream.status == CREATING:
        raise errors.stream_not_active_or_updating(stream.stream_name, stream.region.account_id, stream.status)
    names = sorted(name for name in stream.consumers if name > after)
    limit = min(max_results, LIST_STREAM_CONSUMERS_PAGE)
    names, token = page(region, "ListStreamConsumers", names, limit, lambda name: [*identity, name], now)
    answer: dict[str, Any] = {"Consumers": [_description(stream.consumers[name]) for name in names]}
    if token is not None:
        answer["NextToken"] = token
    return answer


def _description(consumer: Consumer) -> dict[str, Any]:
    return {
        "ConsumerName": consumer.consumer_name,
        "ConsumerARN": consumer.consumer_arn,
        "ConsumerStatus": consumer.status,
        "ConsumerCreationTimestamp": TIMESTAMPS[consumer.creation_timestamp],
    }
