"""Events for the plain unit test of a handler, without any mapping."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from kinesis_fake.event_source_mapping.events import MAX_BATCH_SIZE, Origin, StreamRecord
from kinesis_fake.event_source_mapping.parameters import role_arn
from kinesis_fake.misuse import KinesisFakeError, shown, text, whole_number
from kinesis_fake.virtual_time.clock import milliseconds_of


class RecordOfView(Protocol):
    """A record as a view shows it."""

    @property
    def data(self) -> bytes: ...

    @property
    def partition_key(self) -> str | None: ...

    @property
    def sequence_number(self) -> str: ...

    @property
    def shard_id(self) -> str: ...

    @property
    def approximate_arrival_timestamp(self) -> datetime: ...

    @property
    def _stream_arn(self) -> str: ...


class HasRecords(Protocol):
    """A view of a shard or of a stream."""

    @property
    def records(self) -> Sequence[RecordOfView]: ...


Records = HasRecords | RecordOfView | Iterable[RecordOfView]


def lambda_event(records: Records, role: str | None) -> dict[str, Any]:
    """The one event that has all of these records; refused if Lambda would never send it."""
    role = role_arn("lambda_event()", role)
    shards = _by_shard(records, "lambda_event")
    if not shards:
        raise KinesisFakeError(
            "lambda_event() was given no records, and Lambda sends no event without records.", see="lambda"
        )
    if len(shards) > 1:
        known = ", ".join(shard_id for _, shard_id in shards)
        raise KinesisFakeError(
            f"An event of Lambda has the records of one shard, and these are of {len(shards)}: {known}. Use "
            "lambda_events(), which makes the events of each shard, or pass the records of one shard.",
            see="lambda",
        )
    events = _events(shards, MAX_BATCH_SIZE, role)
    if len(events) > 1:
        raise KinesisFakeError(
            f"An event of Lambda has at most {MAX_BATCH_SIZE} records and 6 MB, and these take {len(events)} events. "
            "Use lambda_events().",
            see="lambda",
        )
    return events[0]


def lambda_events(records: Records, batch_size: int, role: str | None) -> list[dict[str, Any]]:
    """The events of these records: shard after shard, in batches of at most so many records and 6 MB."""
    whole_number("lambda_events() was refused: batch_size", batch_size, 1, MAX_BATCH_SIZE)
    return _events(_by_shard(records, "lambda_events"), batch_size, role_arn("lambda_events()", role))


def _events(
    shards: dict[tuple[str, str], list[StreamRecord]], batch_size: int, role: str | None
) -> list[dict[str, Any]]:
    events = []
    for (stream_arn, shard_id), read in shards.items():
        _, partition, _, region_name, account_id, _ = stream_arn.split(":", 5)
        execution_role = role or f"arn:{partition}:iam::{account_id}:role/function-role"
        origin = Origin(stream_arn, region_name, execution_role)
        events += [origin.event(shard_id, batch) for batch in origin.batches(shard_id, read, batch_size)]
    return events


def _by_shard(records: Records, method: str) -> dict[tuple[str, str], list[StreamRecord]]:
    """Each shard's records, in the order of their sequence numbers."""
    given: Any = getattr(records, "records", records)
    shards: dict[tuple[str, str], list[StreamRecord]] = {}
    for each in [given] if hasattr(given, "sequence_number") else given if isinstance(given, Iterable) else [given]:
        if not hasattr(each, "_stream_arn"):
            raise KinesisFakeError(
                f"{method}() takes a view of a shard or of a stream, or records of such a view, not {shown(each)}.",
                see="lambda",
            )
        text(f"The sequence number of a record of {method}()", each.sequence_number, pattern="[0-9]+")
        record = StreamRecord(
            each.sequence_number, each.partition_key, each.data, milliseconds_of(each.approximate_arrival_timestamp)
        )
        shards.setdefault((each._stream_arn, each.shard_id), []).append(record)
    for read in shards.values():
        read.sort(key=lambda record: int(record.sequence_number))
    return shards
