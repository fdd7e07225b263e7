"""The events that Lambda makes of the records of a shard.

Members and their order are those of the events that were recorded (LSL:test_create_kinesis_event_source_mapping,
2025-11-25).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any

from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.virtual_time.clock import datetime_of

#: Lambda takes no larger event in a synchronous invocation, metadata included.
MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
#: The most records that a batch may have.
MAX_BATCH_SIZE = 10_000


class StreamRecord(NamedTuple):
    """A record as the mapping has read it; ``arrived_at`` is in milliseconds since the epoch.

    ``sub_sequence_number`` counts the user records of a KPL aggregate that was taken apart; it is None elsewhere.
    """

    sequence_number: str
    partition_key: str | None
    data: bytes
    arrived_at: int
    sub_sequence_number: int | None = None


class Window(NamedTuple):
    """What the event of a tumbling window says about it; the instants are in milliseconds since the epoch."""

    start_at: int
    end_at: int
    state: str
    is_final: bool = False
    is_terminated_early: bool = False


@dataclass(frozen=True)
class Origin:
    """Where records come from, and for whom: the source's ARN, its region and the role of the function."""

    event_source_arn: str
    region_name: str
    role_arn: str

    def event(self, shard_id: str, records: Iterable[StreamRecord], window: Window | None = None) -> dict[str, Any]:
        """The event of a batch; in a tumbling window it has the members of one, too (LDG)."""
        event: dict[str, Any] = {"Records": [self._record(shard_id, record) for record in records]}
        if window is not None:
            event["window"] = {"start": _second_text(window.start_at), "end": _second_text(window.end_at)}
            event["state"] = json.loads(window.state)
            event["shardId"] = shard_id
            event["eventSourceARN"] = self.event_source_arn
            event["isFinalInvokeForWindow"] = window.is_final
            event["isWindowTerminatedEarly"] = window.is_terminated_early
        return event

    def _record(self, shard_id: str, record: StreamRecord) -> dict[str, Any]:
        number = record.sequence_number
        kinesis: dict[str, Any] = {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": number,
            "data": b64encode(record.data).decode(),
            "approximateArrivalTimestamp": record.arrived_at / 1000,
        }
        if record.partition_key is None:  # the stream distributes records itself, and this one came without a key
            del kinesis["partitionKey"]
        return {
            "kinesis": kinesis,
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard_id}:{number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": self.role_arn,
            "awsRegion": self.region_name,
            "eventSourceARN": self.event_source_arn,
        }

    def payload_bytes(self, shard_id: str, record: StreamRecord) -> int:
        """How much a record adds to the event as JSON, without making it."""
        frame = len(shard_id) + len(self.event_source_arn) + len(self.region_name) + len(self.role_arn) + _FRAME_BYTES
        key = 0 if record.partition_key is None else len(encode_basestring_ascii(record.partition_key))
        data = (len(record.data) + 2) // 3 * 4
        return frame + 2 * len(record.sequence_number) + key + data + len(repr(record.arrived_at / 1000))

    def batches(self, shard_id: str, records: Sequence[StreamRecord], batch_size: int) -> Iterable[list[StreamRecord]]:
        """The records in batches that Lambda can hand over: of at most so many records, in events of at most 6 MB."""
        sizes = [self.payload_bytes(shard_id, record) for record in records]
        start = 0
        while start < len(records):
            size = fitting(sizes[start : start + batch_size])
            yield list(records[start : start + size])
            start += size


def fitting(sizes: Sequence[int]) -> int:
    """How many records Lambda can hand over at once, at least one; ``sizes`` says what each adds to an event."""
    room = MAX_PAYLOAD_BYTES - _EMPTY_EVENT_BYTES
    for count, size in enumerate(sizes):
        room -= size
        if room < 0:
            return max(count, 1)
    return len(sizes)


def _second_text(milliseconds: int) -> str:
    return f"{datetime_of(milliseconds):%Y-%m-%dT%H:%M:%SZ}"


#: What an event without records takes as JSON: ``{"Records":[]}``.
_EMPTY_EVENT_BYTES = 14


def _frame_bytes() -> int:
    """The bytes of a record as JSON, with a comma, if every text in it is empty and the arrival is missing."""
    record = Origin("", "", "")._record("", StreamRecord("", "", b"", 0))
    return len(json.dumps(record, separators=(",", ":"))) - len('""') - len("0.0") + len(",")


_FRAME_BYTES = _frame_bytes()
