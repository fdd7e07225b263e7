"""What Lambda writes to an on-failure destination about records that it discards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from kinesis_fake.event_source_mapping.events import StreamRecord
from kinesis_fake.event_source_mapping.identifiers import uuid_of
from kinesis_fake.virtual_time.clock import datetime_of

Condition = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]
RETRY_ATTEMPTS_EXHAUSTED: Final = "RetryAttemptsExhausted"
RECORD_AGE_EXCEEDED: Final = "RecordAgeExceeded"


@dataclass(frozen=True)
class DiscardedBatch:
    """Records that the mapping has given up, and what Lambda tells the destination about them."""

    #: The invocation record that Lambda sends to SQS or SNS or, with the event in its ``payload``, writes to S3.
    document: dict[str, Any]
    #: The event with the records that were given up.
    event: dict[str, Any] = field(repr=False)
    #: The shard that the records come from.
    shard_id: str
    #: When they were given up, in virtual time.
    at: datetime
    #: The ARN that the mapping names, if any.
    destination: str | None
    #: The key of the object in S3; None for another destination.
    key: str | None
    #: The exception of the last invocation, if that is what the records were given up for.
    error: BaseException | None

    @property
    def body(self) -> str:
        """The document as text: the body of the SQS message, the Message of the SNS notification, the S3 object."""
        return json.dumps(self.document)


@dataclass(frozen=True)
class Documents:
    """The documents of one mapping."""

    function_arn: str
    stream_arn: str
    mapping_uuid: str
    destination: str | None

    def discard(
        self,
        shard_id: str,
        records: Sequence[StreamRecord],
        event: dict[str, Any],
        condition: Condition,
        *,
        request_id: str,
        invoke_count: int,
        function_ran: bool,
        error: BaseException | None,
        now: int,
    ) -> DiscardedBatch:
        """Write the document; members and order are as recorded (LSL: on_failure_destination_config, s3_on_failure)."""
        document: dict[str, Any] = {
            "requestContext": {
                "requestId": request_id,
                "functionArn": self.function_arn,
                "condition": condition,
                # Records that were too old on arrival have one, too, although no invocation had them (recorded).
                "approximateInvokeCount": max(invoke_count, 1),
            }
        }
        if condition == RETRY_ATTEMPTS_EXHAUSTED and function_ran:
            document["responseContext"] = {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                # Null, and not missing, for failures that the function has reported itself (recorded).
                "functionError": None if error is None else "Unhandled",
            }
        document["version"] = "1.0"
        document["timestamp"] = _instant_text(now)
        document["KinesisBatchInfo"] = {
            "shardId": shard_id,
            "startSequenceNumber": records[0].sequence_number,
            "endSequenceNumber": records[-1].sequence_number,
            "approximateArrivalOfFirstRecord": _instant_text(records[0].arrived_at),
            "approximateArrivalOfLastRecord": _instant_text(records[-1].arrived_at),
            "batchSize": len(records),
            "streamArn": self.stream_arn,
        }
        key = None
        if self.destination is not None and ":s3:" in self.destination:
            document["payload"] = json.dumps(event)
            key = self._key(shard_id, request_id, now)
        return DiscardedBatch(document, event, shard_id, datetime_of(now), self.destination, key, error)

    def _key(self, shard_id: str, request_id: str, now: int) -> str:
        at = datetime_of(now)
        name = f"{at:%Y-%m-%dT%H.%M.%S}-{uuid_of(self.mapping_uuid, request_id, now)}"
        return f"aws/lambda/{self.mapping_uuid}/{shard_id}/{at:%Y/%m/%d}/{name}"


def _instant_text(milliseconds: int) -> str:
    """An instant in UTC with its milliseconds, as the documents have them."""
    at = datetime_of(milliseconds)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
