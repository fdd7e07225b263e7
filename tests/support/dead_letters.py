"""A queue with dead letters, and the refusals of its operations."""

from __future__ import annotations

from typing import Any

from kinesis_fake import KinesisFake
from tests.support.queue_records import make_queue, outcome, put, receive

NO_DEAD_LETTER = (
    "ResourceNotFoundException",
    "The ReceiptHandle belongs to no dead-letter record of this queue any more.",
)


def dead_letters_after(count: Any) -> Any:
    return {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": count}}


class Queue:
    """A queue on the stream orders, with short methods for tests."""

    def __init__(self, kinesis: KinesisFake, client: Any, queue_name: Any, attributes: Any) -> None:
        self.kinesis = kinesis
        self.client = client
        self.arn = make_queue(kinesis, client, queue_name, **attributes)

    def put(self, *texts: Any) -> None:
        put(self.kinesis, *texts)

    def update(self, attributes: Any) -> None:
        self.client.update_queue(QueueARN=self.arn, QueueAttributes=attributes)
        self.kinesis.settle()

    def receive(self, **parameters: Any) -> Any:
        return receive(self.client, self.arn, **parameters)

    def receive_dead(self, **parameters: Any) -> Any:
        return self.client.receive_dead_letter_queue_records(QueueARN=self.arn, **parameters)["QueueRecords"]

    def exhaust(self, times: Any) -> None:
        """Receive all records so many times. Records that have had their last receive are dead letters then."""
        for _ in range(times):
            self.receive(VisibilityTimeoutSeconds=0)

    def do(self, operation: Any, *receipt_handles: Any, seconds: Any = None) -> Any:
        """The handles that succeeded, and the code and message for each handle that failed."""
        more = {} if seconds is None else {"VisibilityTimeoutSeconds": seconds}
        entries = [{"ReceiptHandle": handle, **more} for handle in receipt_handles]
        return outcome(getattr(self.client, operation)(QueueARN=self.arn, Entries=entries))

    def acknowledge(self, *receipt_handles: Any) -> Any:
        return self.do("acknowledge_queue_records", *receipt_handles)

    def acknowledge_dead(self, *receipt_handles: Any) -> Any:
        return self.do("acknowledge_dead_letter_queue_records", *receipt_handles)

    def restore(self, *receipt_handles: Any) -> Any:
        return self.do("restore_dead_letter_queue_records", *receipt_handles)

    def hide(self, seconds: Any, *receipt_handles: Any) -> Any:
        return self.do("update_queue_records_visibility", *receipt_handles, seconds=seconds)

    def hide_dead(self, seconds: Any, *receipt_handles: Any) -> Any:
        return self.do("update_dead_letter_queue_records_visibility", *receipt_handles, seconds=seconds)
