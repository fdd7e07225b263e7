"""Queues on streams: making them, and receiving, acknowledging and restoring records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.delivery import Deliveries, Delivery, Unreceived
from kinesis_fake.domain.encryption import require_keys_to_read
from kinesis_fake.domain.queue import (
    Queue,
    QueueAttributes,
    StartingPosition,
    begin_creating_queue,
    begin_deleting_queue,
    begin_updating_queue,
)
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.shard import Batch
from kinesis_fake.domain.stream import CREATING, DELETING, ON_DEMAND, Stream
from kinesis_fake.domain.token import InvalidTokenError
from kinesis_fake.errors import AwsError
from kinesis_fake.operations.addressing import address_of, parse_arn
from kinesis_fake.operations.paging import open_next_token, page
from kinesis_fake.operations.registry import Answer, Wait, operation
from kinesis_fake.operations.resources import resource_kind
from kinesis_fake.operations.tags import check_resource_tags
from kinesis_fake.timestamps import TIMESTAMPS

#: The most queues a page holds, whatever the caller asks for (not documented; as for consumers and channels).
LIST_QUEUES_PAGE = 100
#: API reference, ReceiveQueueRecords.
RECEIVE_LIMIT = 10
WAIT_TIME_SECONDS = 9


@resource_kind(r"queue/(\S+)", errors.queue_not_found)
def _find_queue(home: Region, queue_id: str) -> Queue | None:
    return home.queues.get(queue_id)


def queue_of(region: Region, queue_arn: str) -> Queue:
    """The queue that an ARN names; AWS's error if there is none."""
    arn = parse_arn(queue_arn)
    if arn is None or not arn.resource.startswith("queue/"):  # the model's pattern is wider than any real ARN
        raise errors.queue_not_found(queue_arn.rpartition("/")[2], region.account_id)
    queue_id = arn.resource.removeprefix("queue/")
    home = arn.home(region.world) if arn.region_name == region.region_name else None
    queue = home.queues.get(queue_id) if home is not None else None
    if queue is None:
        raise errors.queue_not_found(queue_id, arn.account_id)
    return queue


def end_of_transition(region: Region, *, queue_arn: str, **_: object) -> int | None:
    """When the queue that was described will have ended its transition."""
    return queue_of(region, queue_arn).transition_ends_at


def first_end_of_transition(region: Region, **_: object) -> int | None:
    """When the first of the queues that were listed will have ended its transition."""
    ends = [queue.transition_ends_at for queue in region.queues.values() if queue.transition_ends_at is not None]
    return min(ends, default=None)


# --- the queues themselves --------------------------------------------------------------------------------------


@operation
def create_queue(
    region: Region,
    now: int,
    *,
    queue_name: str,
    stream_configuration_list: Sequence[Mapping[str, Any]],
    queue_attributes: Mapping[str, Any] | None = None,
    tags: dict[str, str] | None = None,
    caller_arn: str,
) -> Answer:
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
    stream.require_active()
    check_resource_tags(tags or {}, {}, f"queue {queue_name}", region)
    if any(queue.queue_name == queue_name for queue in region.queues.values()):
        raise errors.queue_already_exists(queue_name, region.account_id)
    _require_room_in_transition(region)
    stream.require_room_for_consumer(now)
    queue = Queue(region, stream, queue_name, starting_position, attributes, dict(tags or {}), now)
    begin_creating_queue(queue, now)
    return {"QueueDescription": _description(queue)}


@operation
def delete_queue(region: Region, now: int, *, queue_arn: str) -> None:
    """Delete a queue in any state; it is DELETING at first, and its receipt handles are worth nothing from now on."""
    queue = queue_of(region, queue_arn)
    if queue.status not in (CREATING, DELETING):
        _require_room_in_transition(queue.region)
    begin_deleting_queue(queue, now)


@operation(poll=end_of_transition)
def describe_queue(region: Region, now: int, *, queue_arn: str) -> Answer:
    """Describe a queue; while it is UPDATING, with the attributes that it will have."""
    return {"QueueDescription": _description(queue_of(region, queue_arn))}


@operation
def update_queue(region: Region, now: int, *, queue_arn: str, queue_attributes: Mapping[str, Any]) -> Answer:
    """Change the attributes that are given. The queue is UPDATING at first, and delivers by the old ones until then."""
    queue = queue_of(region, queue_arn)
    attributes = _changed(queue.attributes, queue_attributes)
    queue.require_changeable()
    begin_updating_queue(queue, attributes, now)
    return {"QueueDescription": _description(queue)}


@operation(poll=first_end_of_transition)
def list_queues(
    region: Region,
    now: int,
    *,
    max_results: int = LIST_QUEUES_PAGE,
    next_token: str | None = None,
    stream_filter: Sequence[Mapping[str, Any]] | None = None,
) -> Answer:
    """List the queues of the region in the order of their names. A token stands for the filter and the place.

    The filter may be given again with the token, because botocore's paginator does so, but it must be the same one.
    """
    wanted = [[entry["StreamARN"], entry.get("StreamCreationTimestamp")] for entry in stream_filter or ()]
    after = ""
    if next_token is not None:
        issued_for, after = open_next_token(region, "ListQueues", next_token, now)
        if stream_filter is not None and wanted != issued_for:
            raise errors.next_token_invalid()
        wanted = issued_for
    queues = sorted(
        (
            queue
            for queue in region.queues.values()
            if queue.queue_name > after and (not wanted or _is_on_one_of(queue.stream, wanted))
        ),
        key=lambda queue: queue.queue_name,
    )
    limit = min(max_results, LIST_QUEUES_PAGE)
    queues, token = page(region, "ListQueues", queues, limit, lambda queue: [wanted, queue.queue_name], now)
    answer: dict[str, Any] = {"QueueSummaries": [_summary(queue) for queue in queues]}
    if token is not None:
        answer["NextToken"] = token
    return answer


def _is_on_one_of(stream: Stream, wanted: Sequence[Sequence[Any]]) -> bool:
    return any(
        stream.stream_arn == stream_arn and created in (None, stream.creation_timestamp)
        for stream_arn, created in wanted
    )


def _require_on_demand(stream: Stream) -> None:
    if stream.stream_mode != ON_DEMAND:
        raise errors.queue_needs_on_demand(stream.stream_name, stream.region.account_id)


def _require_room_in_transition(region: Region) -> None:
    limit = region.world.limits.queues_creating_or_deleting
    if sum(1 for queue in region.queues.values() if queue.status in (CREATING, DELETING)) >= limit:
        raise errors.too_many_queues_in_transition(region.account_id, limit)


def _starting_position(given: Mapping[str, Any], now: int) -> StartingPosition:
    timestamp = given.get("Timestamp")
    if given["Type"] != "AT_TIMESTAMP":
        if timestamp is not None:
            raise errors.starting_timestamp_unwanted(given["Type"])
    elif timestamp is None:
        raise errors.starting_timestamp_missing()
    elif timestamp > now:
        raise errors.timestamp_in_the_future(timestamp, now)
    return StartingPosition(given["Type"], timestamp)


def _changed(attributes: QueueAttributes, given: Mapping[str, Any]) -> QueueAttributes:
    """The attributes with those replaced that are given. Without dead-letter handling a MaxReceiveCount is ignored."""
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


# --- receiving --------------------------------------------------------------------------------------------------

_RECEIPT = "receipt"
_DEAD_LETTER_RECEIPT = "dead-letter receipt"


@operation
def receive_queue_records(
    region: Region,
    now: int,
    *,
    called_at: int,
    queue_arn: str,
    limit: int = RECEIVE_LIMIT,
    wait_time_seconds: int = WAIT_TIME_SECONDS,
    visibility_timeout_seconds: int | None = None,
) -> Answer:
    """Take records, waiting in virtual time for the first; those that have been visible the longest come first."""
    queue = _delivering(region, queue_arn)
    chosen = queue.deliveries.choose(limit, now)
    return _receive(region, queue, chosen, _RECEIPT, visibility_timeout_seconds, now, called_at, wait_time_seconds)


@operation
def receive_dead_letter_queue_records(
    region: Region,
    now: int,
    *,
    called_at: int,
    queue_arn: str,
    limit: int = RECEIVE_LIMIT,
    wait_time_seconds: int = WAIT_TIME_SECONDS,
    visibility_timeout_seconds: int | None = None,
) -> Answer:
    """Take dead letters, waiting in virtual time for the first; receiving them is counted, too."""
    queue = _delivering(region, queue_arn)
    chosen = queue.deliveries.choose_dead_letters(limit, now)
    return _receive(
        region, queue, chosen, _DEAD_LETTER_RECEIPT, visibility_timeout_seconds, now, called_at, wait_time_seconds
    )


def _delivering(region: Region, queue_arn: str) -> Queue:
    queue = queue_of(region, queue_arn)
    queue.require_delivering()
    return queue


def _receive(
    region: Region,
    queue: Queue,
    chosen: Sequence[Unreceived | Delivery],
    kind: str,
    visibility_timeout_seconds: int | None,
    now: int,
    called_at: int,
    wait_time_seconds: int,
) -> Answer:
    """Hand out what was chosen; if that is nothing, wait until something happens that may bring a record."""
    for one in chosen:
        batch = Batch([one.record], one.position + 1, 0, at_end=False)
        require_keys_to_read(region, queue.stream, one.shard, batch)
    if visibility_timeout_seconds is None:
        visibility_timeout_seconds = queue.attributes.visibility_timeout_seconds
    received = queue.deliveries.hand_out(chosen, visibility_timeout_seconds * 1000, now)
    answer = {"QueueRecords": [_record_description(queue, delivery, kind) for delivery in received]}
    wait_ends_at = called_at + wait_time_seconds * 1000
    if not received and now < wait_ends_at:
        changes = (queue.deliveries.next_visible_at(), queue.region.world.agenda.next_due_at())
        raise Wait(min(wait_ends_at, *(instant for instant in changes if instant is not None)), answer)
    return answer


def _record_description(queue: Queue, delivery: Delivery, kind: str) -> dict[str, Any]:
    mint = queue.region.world.mint
    stream = queue.stream
    record = delivery.record
    receipt: list[object] = [queue.uid, delivery.shard.index, delivery.position, delivery.receipt]
    description: dict[str, Any] = {
        "ReceiptHandle": mint.seal(kind, receipt),
        # The same in every queue of the stream (API reference, QueueRecord).
        "RecordId": mint.identifier("record", stream.uid, record.sequence_number),
        "Data": record.data,
        "ApproximateArrivalTimestamp": TIMESTAMPS[record.arrived_at],
        "FirstReceiveTimestamp": TIMESTAMPS[delivery.first_received_at],
        "ReceiveCount": delivery.receive_count,
    }
    if record.partition_key is not None:
        description["PartitionKey"] = record.partition_key
    return description


# --- what is done with received records -------------------------------------------------------------------------

Entry = Mapping[str, Any]


@operation
def acknowledge_queue_records(region: Region, now: int, *, queue_arn: str, entries: Sequence[Entry]) -> Answer:
    """Never deliver these records again; one whose visibility timeout has ended can still be acknowledged."""
    return _each(
        region, queue_arn, entries, _RECEIPT, now, lambda deliveries, held, _: deliveries.acknowledge(held, now)
    )


@operation
def update_queue_records_visibility(region: Region, now: int, *, queue_arn: str, entries: Sequence[Entry]) -> Answer:
    """Let records in flight be visible later or earlier, or at once."""
    return _each(region, queue_arn, entries, _RECEIPT, now, _change_visibility(now))


@operation
def acknowledge_dead_letter_queue_records(
    region: Region, now: int, *, queue_arn: str, entries: Sequence[Entry]
) -> Answer:
    """Discard dead letters."""
    return _each(
        region,
        queue_arn,
        entries,
        _DEAD_LETTER_RECEIPT,
        now,
        lambda deliveries, held, _: deliveries.acknowledge(held, now),
    )


@operation
def update_dead_letter_queue_records_visibility(
    region: Region, now: int, *, queue_arn: str, entries: Sequence[Entry]
) -> Answer:
    """Let dead letters in flight be visible later or earlier, or at once."""
    return _each(region, queue_arn, entries, _DEAD_LETTER_RECEIPT, now, _change_visibility(now))


@operation
def restore_dead_letter_queue_records(region: Region, now: int, *, queue_arn: str, entries: Sequence[Entry]) -> Answer:
    """Return dead letters to the other records, with a receive count of nought."""
    return _each(
        region, queue_arn, entries, _DEAD_LETTER_RECEIPT, now, lambda deliveries, held, _: deliveries.restore(held, now)
    )


def _change_visibility(now: int) -> Callable[[Deliveries, Delivery, Entry], None]:
    return lambda deliveries, held, entry: deliveries.change_visibility(
        held, entry["VisibilityTimeoutSeconds"] * 1000, now
    )


def _each(
    region: Region,
    queue_arn: str,
    entries: Sequence[Entry],
    kind: str,
    now: int,
    change: Callable[[Deliveries, Delivery, Entry], None],
) -> Answer:
    """Do something with the record of each receipt handle, one after the other; what fails concerns one entry alone."""
    queue = _delivering(region, queue_arn)
    successful = []
    failed = []
    for entry in entries:
        receipt_handle = entry["ReceiptHandle"]
        try:
            change(queue.deliveries, _held(queue, receipt_handle, kind, now), entry)
            successful.append({"ReceiptHandle": receipt_handle})
        except AwsError as error:
            failed.append(
                {"ReceiptHandle": receipt_handle, "ErrorCode": error.code, "ErrorMessage": str(error.message)}
            )
    return {"Successful": successful, "Failed": failed}


def _held(queue: Queue, receipt_handle: str, kind: str, now: int) -> Delivery:
    try:
        uid, *receipt = queue.region.world.mint.open(kind, receipt_handle)
    except InvalidTokenError:
        raise errors.receipt_handle_invalid() from None
    if uid != queue.uid:
        raise errors.receipt_handle_invalid()
    shard_index, position, number = receipt
    assert isinstance(shard_index, int) and isinstance(position, int) and isinstance(number, int)
    return queue.deliveries.held(shard_index, position, number, kind == _DEAD_LETTER_RECEIPT, now)
