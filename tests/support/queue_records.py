"""What tests of the records of queues send and expect."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.model import needs

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
ORDERS = f"arn:aws:kinesis:us-east-1:{A}:stream/orders"
LONGEST = 43_200
#: A stream that may have queues.
ONE_STREAM = [
    needs("CreateQueue"),
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}),
]
INVALID = ("InvalidArgumentException", "Invalid ReceiptHandle.")
SUPERSEDED = (
    "InvalidArgumentException",
    "The ReceiptHandle is no longer valid because the record has been received again since it was issued.",
)
NOT_IN_FLIGHT = ("InvalidArgumentException", "The record is not in flight: its visibility timeout has ended.")
GONE = ("ResourceNotFoundException", "The ReceiptHandle belongs to no record of this queue any more.")


def make_queue(
    kinesis: KinesisFake,
    client: Any,
    queue_name: Any = "billing",
    position: Any = "TRIM_HORIZON",
    stream_arn: Any = ORDERS,
    **attributes: Any,
) -> Any:
    """The ARN of a new queue, after the clock has moved until the queue is ACTIVE."""
    position = {"Type": position} if isinstance(position, str) else position
    configuration = [{"StreamARN": stream_arn, "StartingPosition": position}]
    answer = client.create_queue(
        QueueName=queue_name, StreamConfigurationList=configuration, QueueAttributes=attributes
    )
    kinesis.settle()
    return answer["QueueDescription"]["QueueARN"]


def put(kinesis: KinesisFake, *texts: Any, stream_name: Any = "orders") -> None:
    for text in texts:
        kinesis.stream(stream_name).put(text, text)


def receive(client: Any, queue_arn: Any, **parameters: Any) -> Any:
    return client.receive_queue_records(QueueARN=queue_arn, **parameters)["QueueRecords"]


def texts(records: Any) -> Any:
    return [record["Data"].decode() for record in records]


def handles(records: Any) -> Any:
    return [record["ReceiptHandle"] for record in records]


def acknowledge(client: Any, queue_arn: Any, *receipt_handles: Any) -> Any:
    entries = [{"ReceiptHandle": handle} for handle in receipt_handles]
    return outcome(client.acknowledge_queue_records(QueueARN=queue_arn, Entries=entries))


def hide(client: Any, queue_arn: Any, seconds: Any, *receipt_handles: Any) -> Any:
    entries = [{"ReceiptHandle": handle, "VisibilityTimeoutSeconds": seconds} for handle in receipt_handles]
    return outcome(client.update_queue_records_visibility(QueueARN=queue_arn, Entries=entries))


def outcome(answer: Any) -> Any:
    """The handles that succeeded, and the code and message for each handle that failed."""
    successful = [entry["ReceiptHandle"] for entry in answer["Successful"]]
    failed = {entry["ReceiptHandle"]: (entry["ErrorCode"], entry["ErrorMessage"]) for entry in answer["Failed"]}
    assert len(failed) == len(answer["Failed"])
    return successful, failed
