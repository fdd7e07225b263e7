"""What a test sees of records: one record, and all those of a shard or a stream."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate
from typing import Any, overload

from kinesis_fake.domain.hash_key import hash_key_of
from kinesis_fake.domain.record import Record, RecordFields
from kinesis_fake.domain.shard import Shard, canonical_shard_id
from kinesis_fake.domain.stream import Stream
from kinesis_fake.misuse import KinesisFakeError, shown, text
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.toolkit.views.lists import ListOfViews
from kinesis_fake.virtual_time.clock import datetime_of, milliseconds_of

#: How many shards a message lists.
MAX_LISTED = 10


@dataclass(frozen=True)
class RecordView:
    """A record in a shard, or a user record inside an aggregate of the Kinesis Producer Library.

    ``explicit_hash_key`` and ``encryption_type`` are None if there was none. The user records of an aggregate all have
    its sequence number.
    """

    #: The data as it was put.
    data: bytes
    #: The partition key as it was put; None for a user record without one.
    partition_key: str | None
    #: The hash key that took the place of the partition key's, if any.
    explicit_hash_key: int | None
    #: A number of 56 digits, as text.
    sequence_number: str
    #: The shard that took the record.
    shard_id: str
    #: When the record arrived, in virtual time, as an aware datetime in UTC.
    approximate_arrival_timestamp: datetime
    #: ``"KMS"``, or None for a record that was written without encryption.
    encryption_type: str | None
    _stream_arn: str = field(repr=False, compare=False)
    _sub_sequence_number: int | None = field(default=None, repr=False)

    @property
    def sub_sequence_number(self) -> int | None:
        """The place of a user record in its aggregate, counted from 0; None for a record that is in no aggregate."""
        return self._sub_sequence_number

    @property
    def hash_key(self) -> int | None:
        """The explicit hash key, or that of the partition key; None for a record that had neither."""
        if self.explicit_hash_key is not None or self.partition_key is None:
            return self.explicit_hash_key
        return hash_key_of(self.partition_key)

    @property
    def user_records(self) -> list[RecordView]:
        """The user records of an aggregate of the Kinesis Producer Library, in order; of another record, itself.

        Reading an aggregate needs the extra ``kpl``.
        """
        from kinesis_fake import kpl

        found = kpl.take_apart(self.data) if self._sub_sequence_number is None else None
        if found is None:
            return [self]
        return [
            replace(
                self,
                data=each.data,
                partition_key=each.partition_key,
                explicit_hash_key=each.explicit_hash_key,
                _sub_sequence_number=number,
            )
            for number, each in enumerate(found)
        ]

    def text(self) -> str:
        """The data as UTF-8 text."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            raise KinesisFakeError(
                f"The data of this record is no UTF-8 text: {shown(self.data)}. Look at record.data."
            ) from None

    def json(self) -> Any:
        """The value that the data holds as JSON."""
        try:
            return json.loads(self.data)
        except ValueError:
            raise KinesisFakeError(f"The data of this record is no JSON: {shown(self.data)}.") from None


class Span(NamedTuple):
    """Records of one shard that do not change any more: those from ``start`` on and before ``end`` in a list."""

    stream_arn: str
    shard_id: str
    records: list[RecordFields]
    start: int
    end: int

    @classmethod
    def readable(cls, stream: Stream, shard: Shard, now: int) -> Span:
        """What a consumer could read of a shard."""
        return cls(stream.stream_arn, shard.shard_id, *shard.readable_span(now, stream.retention_ms))

    def view(self, place: int) -> RecordView:
        """The record at a place, counted from the first one of the span."""
        return self.view_of(self.records[self.start + place])

    def view_of(self, fields: RecordFields) -> RecordView:
        """One of the records as a test sees it."""
        return record_view(Record._make(fields), self.stream_arn, self.shard_id)


class Records(ListOfViews[RecordView]):
    """The records that could be read when they were asked for, shard after shard, in the order of their numbers.

    It is a sequence and compares like a list; a :class:`RecordView` is made when it is looked at, so that neither
    ``len(stream.records)`` nor ``stream.records[-10:]`` depends on how many records there are.
    """

    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans
        self._ends = list(accumulate(span.end - span.start for span in spans))

    def of(
        self,
        *,
        shard: str | None = None,
        partition_key: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> list[RecordView]:
        """Some of the records: those of a shard, those with a partition key, or those of a span of time.

        ``since`` and ``until`` are aware datetimes or ISO 8601 texts; a record that arrived at one of them is within.
        """
        shard_id = "" if shard is None else self._shard_id_of(text("shard", shard, such_as="shardId-000000000000"))
        if partition_key is not None:
            text("partition_key", partition_key)
        first = milliseconds_of(since) if since is not None else None
        last = milliseconds_of(until) if until is not None else None
        if first is not None and last is not None and first > last:
            raise KinesisFakeError(
                f"since {datetime_of(first).isoformat()} is after until {datetime_of(last).isoformat()}, and no record "
                "is in such a span; exchange them."
            )
        return [
            span.view_of(fields)
            for span in self._spans
            if shard is None or span.shard_id == shard_id
            for fields in span.records[span.start : span.end]
            if (partition_key is None or fields[3] == partition_key)
            and (first is None or fields[1] >= first)
            and (last is None or fields[1] <= last)
        ]

    def _shard_id_of(self, shard: str) -> str:
        """The id of one of the shards that these records are of; a record could be in no other."""
        shard_id, known = canonical_shard_id(shard), [span.shard_id for span in self._spans]
        if shard_id in known:
            return shard_id
        more = f" and {len(known) - MAX_LISTED} more" if len(known) > MAX_LISTED else ""
        raise KinesisFakeError(
            f"These are not the records of a shard {shown(shard)}; their shards are: "
            f"{', '.join(known[:MAX_LISTED]) or 'none'}{more}.",
            see="not-there",
        )

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> RecordView: ...

    @overload
    def __getitem__(self, index: slice) -> list[RecordView]: ...

    def __getitem__(self, index: int | slice) -> RecordView | list[RecordView]:
        places = range(len(self))[index]
        return [self._view(place) for place in places] if isinstance(places, range) else self._view(places)

    def __iter__(self) -> Iterator[RecordView]:
        return (span.view(place) for span in self._spans for place in range(span.end - span.start))

    def _in_short(self) -> str:
        return f"{len(self)} records, the last is {self[-1]!r}"

    def _view(self, place: int) -> RecordView:
        number = bisect_right(self._ends, place)
        span = self._spans[number]
        return span.view(place - self._ends[number] + span.end - span.start)


def record_view(record: Record, stream_arn: str, shard_id: str) -> RecordView:
    """A record of a shard as a test sees it."""
    return RecordView(
        data=record.data,
        partition_key=record.partition_key,
        explicit_hash_key=record.explicit_hash_key,
        sequence_number=record.sequence_number,
        shard_id=shard_id,
        approximate_arrival_timestamp=datetime_of(record.arrived_at),
        encryption_type=record.encryption_type,
        _stream_arn=stream_arn,
    )
