"""Queues on streams: making, changing, describing, listing and deleting them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.iterator import StartingPosition
from kinesis_fake.domain.life_cycle import first_end_of
from kinesis_fake.domain.queue import Queue, QueueAttributes
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import ON_DEMAND, Stream
from kinesis_fake.operations.addressing import QUEUE, address_of
from kinesis_fake.operations.paging import page_by_stream
from kinesis_fake.operations.rate import UNDOCUMENTED
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS

#: A page holds at most so many queues, even if the caller asks for more (undocumented; as for consumers and channels).
LIST_QUEUES_PAGE = 100


def end_of_transition(region: Region, *, queue_arn: str, **_: object) -> int | None:
    """When the described queue's transition ends."""
    return QUEUE.of(region, queue_arn).transition_ends_at


def first_end_of_transition(region: Region, **_: object) -> int | None:
    """When the first transition of the listed queues ends."""
    return first_end_of(region.queues.values())


@operation(
    rate=UNDOCUMENTED,
    across_accounts=None,
    kms=None,
    member_order=(),
    begins=("CREATING", "creating_queue_ms"),
    needs_stream="ACTIVE",
)
def create_queue(
    region: Region,
    now: int,
    *,
    queue_name: str,
    stream_configuration_list: Sequence[Mapping[str, Any]],
    queue_attributes: Mapping[str, Any] | None = None,
    tags: dict[str, str] | None = None,
    caller_arn: str,
) -> Result:
    """Make a queue on an on-demand stream; it is CREATING at first and has its tags from the beginning."""
    if len(stream_configuration_list) != 1:
        raise errors.queue_needs_one_stream(len(stream_configuration_list))
    (configuration,) = stream_configuration_list
    starting_position = _starting_position(configuration.get("StartingPosition", {"Type": "LATEST"}), now)
    attributes = _changed(QueueAttributes(), queue_attributes or {})
    address = address_of(region, None, configuration["StreamARN"])
    if address.account_id != region.account_id:
        raise errors.access_across_accounts_impossible(caller_arn, "kinesis:CreateQueue", configuration["StreamARN"])
    stream = address.stream()
    _require_on_demand(stream)
    queue = Queue.create(region, stream, queue_name, starting_position, attributes, dict(tags or {}), now)
    return {"QueueDescription": _description(queue)}


@operation(rate=UNDOCUMENTED, across_accounts=None, kms=None, member_order=(), begins=("DELETING", "deleting_queue_ms"))
def delete_queue(region: Region, now: int, *, queue_arn: str) -> None:
    """Delete a queue in any state; it is DELETING at first, and its receipt handles are invalid from now on."""
    QUEUE.of(region, queue_arn).delete(now)


@operation(rate=UNDOCUMENTED, across_accounts="QueueARN", kms=None, member_order=(), poll=end_of_transition)
def describe_queue(region: Region, now: int, *, queue_arn: str) -> Result:
    """Describe a queue; while it is UPDATING, with the attributes that it will have."""
    return {"QueueDescription": _description(QUEUE.of(region, queue_arn))}


@operation(rate=UNDOCUMENTED, across_accounts=None, kms=None, member_order=(), begins=("UPDATING", "updating_queue_ms"))
def update_queue(region: Region, now: int, *, queue_arn: str, queue_attributes: Mapping[str, Any]) -> Result:
    """Change the given attributes. The queue is UPDATING at first, and uses the old attributes until that ends."""
    queue = QUEUE.of(region, queue_arn)
    attributes = _changed(queue.attributes, queue_attributes)
    queue.require_changeable()
    queue.update(attributes, now)
    return {"QueueDescription": _description(queue)}


@operation(rate=UNDOCUMENTED, across_accounts=None, kms=None, member_order=(), poll=first_end_of_transition)
def list_queues(
    region: Region,
    now: int,
    *,
    max_results: int = LIST_QUEUES_PAGE,
    next_token: str | None = None,
    stream_filter: Sequence[Mapping[str, Any]] | None = None,
) -> Result:
    """List the queues of the region."""
    limit = min(max_results, LIST_QUEUES_PAGE)
    queues, token = page_by_stream(
        region, "ListQueues", region.queues.values(), _name_of, stream_filter, limit, next_token, now
    )
    answer: dict[str, Any] = {"QueueSummaries": [_summary(queue) for queue in queues]}
    if token is not None:
        answer["NextToken"] = token
    return answer


def _name_of(queue: Queue) -> str:
    return queue.queue_name


def _require_on_demand(stream: Stream) -> None:
    if stream.stream_mode != ON_DEMAND:
        raise errors.queue_needs_on_demand(stream.stream_name, stream.region.account_id)


def _starting_position(given: Mapping[str, Any], now: int) -> StartingPosition:
    timestamp = given.get("Timestamp")
    if given["Type"] != "AT_TIMESTAMP":
        if timestamp is not None:
            raise errors.starting_timestamp_unwanted(given["Type"])
    elif timestamp is None:
        raise errors.starting_timestamp_missing()
    elif timestamp > now:
        raise errors.timestamp_in_the_future(timestamp, now)
    return StartingPosition(given["Type"], timestamp=timestamp)


def _changed(attributes: QueueAttributes, given: Mapping[str, Any]) -> QueueAttributes:
    """The attributes with the given values. A MaxReceiveCount is ignored if dead-letter handling is off."""
    max_receive_count = attributes.max_receive_count
    dead_letters = given.get("DeadLetterConfiguration")
    if dead_letters is not None:
        max_receive_count = dead_letters.get("MaxReceiveCount") if dead_letters["TargetType"] == "BUILT_IN" else None
        if max_receive_count is None and dead_letters["TargetType"] == "BUILT_IN":
            raise errors.max_receive_count_missing()
    timeout = given.get("VisibilityTimeoutSeconds", attributes.visibility_timeout_seconds)
    return QueueAttributes(timeout, max_receive_count)


def _description(queue: Queue) -> dict[str, Any]:
    attributes = queue.requested_attributes
    dead_letters: dict[str, Any] = {"TargetType": "NONE"}
    if attributes.max_receive_count is not None:
        dead_letters = {"TargetType": "BUILT_IN", "MaxReceiveCount": attributes.max_receive_count}
    starting_position: dict[str, Any] = {"Type": queue.starting_position.type}
    starts_at = queue.starting_position.timestamp if queue.starts_at is None else queue.starts_at
    if starts_at is not None:
        starting_position["Timestamp"] = TIMESTAMPS[starts_at]
    return {
        "QueueName": queue.queue_name,
        "QueueARN": queue.queue_arn,
        "QueueStatus": queue.status,
        "QueueCreationTimestamp": TIMESTAMPS[queue.creation_timestamp],
        "StreamConfigurationList": [{"StreamARN": queue.stream.stream_arn, "StartingPosition": starting_position}],
        "QueueAttributes": {
            "VisibilityTimeoutSeconds": attributes.visibility_timeout_seconds,
            "DeadLetterConfiguration": dead_letters,
        },
    }


def _summary(queue: Queue) -> dict[str, Any]:
    stream = queue.stream
    return {
        "QueueName": queue.queue_name,
        "QueueARN": queue.queue_arn,
        "QueueStatus": queue.status,
        "QueueCreationTimestamp": TIMESTAMPS[queue.creation_timestamp],
        "Streams": [{"StreamARN": stream.stream_arn, "StreamCreationTimestamp": TIMESTAMPS[stream.creation_timestamp]}],
    }
