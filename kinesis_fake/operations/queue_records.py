"""Receiving records from queues, and acknowledging, hiding and restoring received records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.encryption import require_keys_to_read
from kinesis_fake.domain.queue import Queue
from kinesis_fake.domain.queue_records import QueueRecords, ReceivedRecord, Unreceived
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sealed_token import InvalidTokenError
from kinesis_fake.domain.shard import ShardRead
from kinesis_fake.errors import AwsError
from kinesis_fake.operations.addressing import QUEUE
from kinesis_fake.operations.rate import QUEUE_RECORDS
from kinesis_fake.operations.registry import NoAnswerYet, Result, operation
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS

#: The defaults of a receive (API reference, ReceiveQueueRecords).
RECEIVE_LIMIT = 10
WAIT_TIME_SECONDS = 9

#: The two kinds of receipt handles: the operations on dead letters take the second kind, all others the first.
_RECEIPT = "receipt"
_DEAD_LETTER_RECEIPT = "dead-letter receipt"

# --- receiving --------------------------------------------------------------------------------------------------


@operation(rate=QUEUE_RECORDS, across_accounts="QueueARN", kms="decrypt", member_order=())
def receive_queue_records(
    region: Region,
    now: int,
    *,
    called_at: int,
    caller_arn: str,
    queue_arn: str,
    limit: int = RECEIVE_LIMIT,
    wait_time_seconds: int = WAIT_TIME_SECONDS,
    visibility_timeout_seconds: int | None = None,
) -> Result:
    """Receive records, those first that have been visible the longest; wait in virtual time if there are none."""
    queue = _delivering(region, queue_arn)
    chosen = queue.records.choose(limit, now)
    wait_ends_at = called_at + wait_time_seconds * 1000
    return _receive(caller_arn, queue, chosen, _RECEIPT, visibility_timeout_seconds, now, wait_ends_at)


@operation(rate=QUEUE_RECORDS, across_accounts="QueueARN", kms="decrypt", member_order=())
def receive_dead_letter_queue_records(
    region: Region,
    now: int,
    *,
    called_at: int,
    caller_arn: str,
    queue_arn: str,
    limit: int = RECEIVE_LIMIT,
    wait_time_seconds: int = WAIT_TIME_SECONDS,
    visibility_timeout_seconds: int | None = None,
) -> Result:
    """Receive dead letters; wait in virtual time if there are none. Their receives are counted, too."""
    queue = _delivering(region, queue_arn)
    chosen = queue.records.choose_dead_letters(limit, now)
    wait_ends_at = called_at + wait_time_seconds * 1000
    return _receive(caller_arn, queue, chosen, _DEAD_LETTER_RECEIPT, visibility_timeout_seconds, now, wait_ends_at)


def _delivering(region: Region, queue_arn: str) -> Queue:
    queue = QUEUE.of(region, queue_arn)
    queue.require_delivering()
    return queue


def _receive(
    caller_arn: str,
    queue: Queue,
    chosen: Sequence[Unreceived | ReceivedRecord],
    kind: str,
    visibility_timeout_seconds: int | None,
    now: int,
    wait_ends_at: int,
) -> Result:
    """Receive the records that were chosen; if there are none, wait until an event that may bring some."""
    for one in chosen:
        shard_index, position = one.key
        shard = queue.stream.find_shard(shard_index, now)
        assert shard is not None
        require_keys_to_read(caller_arn, queue.stream, shard, ShardRead([one.record], position + 1, 0, at_end=False))
    if visibility_timeout_seconds is None:
        visibility_timeout_seconds = queue.attributes.visibility_timeout_seconds
    received = queue.records.receive(chosen, visibility_timeout_seconds * 1000, now)
    answer = {"QueueRecords": [_record_description(queue, one, kind) for one in received]}
    if not received and now < wait_ends_at:
        instants = (wait_ends_at, queue.records.next_visible_at(), queue.region.world.agenda.next_due_at())
        raise NoAnswerYet(min(instant for instant in instants if instant is not None), answer)
    return answer


def _record_description(queue: Queue, received: ReceivedRecord, kind: str) -> dict[str, Any]:
    mint = queue.region.world.mint
    record = received.record
    receipt: list[object] = [queue.uid, *received.key, received.receipt]
    description: dict[str, Any] = {
        "ReceiptHandle": mint.seal(kind, receipt),
        # A record has the same id in every queue of the stream (API reference, QueueRecord).
        "RecordId": mint.identifier("record", queue.stream.uid, record.sequence_number),
        "Data": record.data,
        "ApproximateArrivalTimestamp": TIMESTAMPS[record.arrived_at],
        "FirstReceiveTimestamp": TIMESTAMPS[received.first_received_at],
        "ReceiveCount": received.receive_count,
    }
    if record.partition_key is not None:
        description["PartitionKey"] = record.partition_key
    return description


# --- acknowledging, hiding and restoring ------------------------------------------------------------------------

RequestEntry = Mapping[str, Any]
#: Changes the record of one entry.
Change = Callable[[QueueRecords, ReceivedRecord, RequestEntry, int], None]


@operation(rate=QUEUE_RECORDS, across_accounts="QueueARN", kms=None, member_order=())
def acknowledge_queue_records(region: Region, now: int, *, queue_arn: str, entries: Sequence[RequestEntry]) -> Result:
    """Never deliver these records again; one whose visibility timeout has ended can still be acknowledged."""
    return _each(region, queue_arn, entries, _RECEIPT, _acknowledge, now)


@operation(rate=QUEUE_RECORDS, across_accounts="QueueARN", kms=None, member_order=())
def update_queue_records_visibility(
    region: Region, now: int, *, queue_arn: str, entries: Sequence[RequestEntry]
) -> Result:
    """Let records in flight be visible later or earlier, or at once."""
    return _each(region, queue_arn, entries, _RECEIPT, _change_visibility, now)


@operation(rate=QUEUE_RECORDS, across_accounts="QueueARN", kms=None, member_order=())
def acknowledge_dead_letter_queue_records(
    region: Region, now: int, *, queue_arn: str, entries: Sequence[RequestEntry]
) -> Result:
    """Discard dead letters."""
    return _each(region, queue_arn, entries, _DEAD_LETTER_RECEIPT, _acknowledge, now)


@operation(rate=QUEUE_RECORDS, across_accounts="QueueARN", kms=None, member_order=())
def update_dead_letter_queue_records_visibility(
    region: Region, now: int, *, queue_arn: str, entries: Sequence[RequestEntry]
) -> Result:
    """Let dead letters in flight be visible later or earlier, or at once."""
    return _each(region, queue_arn, entries, _DEAD_LETTER_RECEIPT, _change_visibility, now)


@operation(rate=QUEUE_RECORDS, across_accounts="QueueARN", kms=None, member_order=())
def restore_dead_letter_queue_records(
    region: Region, now: int, *, queue_arn: str, entries: Sequence[RequestEntry]
) -> Result:
    """Return dead letters to the queue's other records, with a receive count of zero."""
    return _each(region, queue_arn, entries, _DEAD_LETTER_RECEIPT, _restore, now)


def _acknowledge(records: QueueRecords, held: ReceivedRecord, entry: RequestEntry, now: int) -> None:
    records.acknowledge(held, now)


def _change_visibility(records: QueueRecords, held: ReceivedRecord, entry: RequestEntry, now: int) -> None:
    records.change_visibility(held, entry["VisibilityTimeoutSeconds"] * 1000, now)


def _restore(records: QueueRecords, held: ReceivedRecord, entry: RequestEntry, now: int) -> None:
    records.restore(held, now)


def _each(
    region: Region, queue_arn: str, entries: Sequence[RequestEntry], kind: str, change: Change, now: int
) -> Result:
    """Change the records of all entries, one after the other. An entry that fails does not stop the next ones."""
    queue = _delivering(region, queue_arn)
    successful = []
    failed = []
    for entry in entries:
        receipt_handle = entry["ReceiptHandle"]
        try:
            change(queue.records, _held(queue, receipt_handle, kind, now), entry, now)
            successful.append({"ReceiptHandle": receipt_handle})
        except AwsError as error:
            failed.append(
                {"ReceiptHandle": receipt_handle, "ErrorCode": error.code, "ErrorMessage": str(error.message)}
            )
    return {"Successful": successful, "Failed": failed}


def _held(queue: Queue, receipt_handle: str, kind: str, now: int) -> ReceivedRecord:
    try:
        uid, *receipt = queue.region.world.mint.open(kind, receipt_handle)
    except InvalidTokenError:
        raise errors.receipt_handle_invalid() from None
    if uid != queue.uid:
        raise errors.receipt_handle_invalid()
    shard_index, position, number = receipt
    assert isinstance(shard_index, int) and isinstance(position, int) and isinstance(number, int)
    return queue.records.held((shard_index, position), number, kind == _DEAD_LETTER_RECEIPT, now)
