"""A shard: a range of hash keys, and the records of that range in the order of their sequence numbers."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from copy import copy
from operator import itemgetter
from typing import Any

from kinesis_fake.domain import sequence_number
from kinesis_fake.domain.record import Record, RecordFields
from kinesis_fake.domain.sequence_number import COUNTER_SHIFT, SECOND_SHIFT
from kinesis_fake.named_tuples import NamedTuple

_sequence_number_of = itemgetter(0)
_arrived_at_of = itemgetter(1)


class ShardRead(NamedTuple):
    """The result of one read of a shard.

    ``next_position`` is the position after the last record, ``millis_behind_latest`` the age of that position, and
    ``at_end`` says that the shard is closed and has no more records.
    """

    records: list[RecordFields]
    next_position: int
    millis_behind_latest: int
    at_end: bool


class Shard:
    """One shard of a stream.

    A *position* counts the records ever written to the shard: 0 is before the first one. It is still valid when
    the oldest records have been trimmed. Instants are in milliseconds since the epoch; ``closed_at`` is the last
    millisecond in which the shard took records.
    """

    __slots__ = (
        "_base",
        "_cumulative_bytes",
        "_dropped_bytes",
        "_first_position",
        "_key_changes",
        "_last_second",
        "_records",
        "_stamp",
        "_written_bytes",
        "adjacent_parent_shard_id",
        "child_indexes",
        "closed_at",
        "created_at",
        "creation_second",
        "ending_hash_key",
        "ending_sequence_number",
        "index",
        "is_uniform",
        "keeps_expired_records",
        "parent_shard_id",
        "shard_id",
        "starting_hash_key",
        "starting_sequence_number",
    )

    def __init__(
        self,
        index: int,
        hash_key_range: tuple[int, int],
        created_at: int,
        creation_second: int,
        parent_shard_id: str | None = None,
        adjacent_parent_shard_id: str | None = None,
    ) -> None:
        self.index: int = index
        self.shard_id: str = shard_id_of(index)
        self.starting_hash_key: int = hash_key_range[0]
        self.ending_hash_key: int = hash_key_range[1]
        self.created_at: int = created_at
        self.creation_second: int = creation_second
        self.closed_at: int | None = None
        self.parent_shard_id: str | None = parent_shard_id
        self.adjacent_parent_shard_id: str | None = adjacent_parent_shard_id
        #: The indexes of the shards that took over from this one.
        self.child_indexes: tuple[int, ...] = ()
        self._base = sequence_number.base_of(creation_second, index)
        self.starting_sequence_number: str = sequence_number.number(self._base, 0, creation_second)
        self.ending_sequence_number: str | None = None
        #: Whether no record is encrypted and all have a partition key. Then GetRecords need not look at each.
        self.is_uniform: bool = True
        #: Whether expired records are kept, because a channel may have yet to deliver them.
        self.keeps_expired_records: bool = False
        #: Plain tuples: they are quicker to take apart than named ones, and the garbage collector ignores them.
        self._records: list[RecordFields] = []
        #: Bytes of data ever written to the shard, up to and including each kept record.
        self._cumulative_bytes = array("Q")
        self._written_bytes = 0
        self._dropped_bytes = 0
        self._first_position = 0
        self._last_second = creation_second
        #: The part that all sequence numbers of the last second share.
        self._stamp = self._base | creation_second << SECOND_SHIFT
        #: Positions, and the KMS key that encrypts the records from there on; None if none does.
        self._key_changes: list[tuple[int, str | None]] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Shard:
        """A copy with lists of its own, which shares the records, because they never change."""
        twin = copy(self)
        twin._records = self._records.copy()
        twin._cumulative_bytes = self._cumulative_bytes[:]
        twin._key_changes = self._key_changes.copy()
        return twin

    @property
    def is_open(self) -> bool:
        """Whether the shard takes records."""
        return self.closed_at is None

    def was_open_at(self, instant: int) -> bool:
        """Whether the shard could have taken a record at an instant in the past."""
        return self.created_at <= instant and not self.ended_before(instant)

    def ended_before(self, instant: int) -> bool:
        """Whether every record of the shard must have arrived before this instant.

        While the clock stands still, a shard may take records in the very millisecond in which its children begin.
        """
        if self.closed_at is None or self.closed_at >= instant:
            return False
        return not self._records or self._records[-1][1] < instant

    @property
    def end_position(self) -> int:
        """The position after the newest record."""
        return self._first_position + len(self._records)

    # --- writing ----------------------------------------------------------------------------------------------

    def append(
        self,
        data: bytes,
        partition_key: str | None,
        explicit_hash_key: int | None,
        encryption_type: str | None,
        now: int,
    ) -> str:
        """Write a record and return its sequence number."""
        # A new child's numbers start with the second after its parent's end, even if that second has not begun yet.
        if now // 1000 > self._last_second:
            self._last_second = now // 1000
            self._stamp = self._base | self._last_second << SECOND_SHIFT
        records = self._records
        number = str(self._stamp | (self._first_position + len(records) + 1) << COUNTER_SHIFT)
        records.append((number, now, data, partition_key, explicit_hash_key, encryption_type))
        self._written_bytes += len(data)
        self._cumulative_bytes.append(self._written_bytes)
        if encryption_type is not None or partition_key is None:
            self.is_uniform = False
        return number

    def change_key(self, key_id: str | None) -> None:
        """Encrypt records from the next one on with this KMS key, or with none."""
        change = self.end_position, key_id
        if self._key_changes[-1:] != [change]:
            self._key_changes.append(change)

    def close(self, closed_at: int, closing_second: int, child_indexes: tuple[int, ...]) -> None:
        """Take no more records. ``closing_second`` is the second in the EndingSequenceNumber."""
        self.child_indexes = child_indexes
        self.closed_at = closed_at
        self._last_second = closing_second
        self.ending_sequence_number = sequence_number.number(self._base, sequence_number.LAST_COUNTER, closing_second)

    @property
    def closing_second(self) -> int | None:
        """The second that the EndingSequenceNumber carries; None while the shard is open."""
        return self._last_second if self.closed_at is not None else None

    @property
    def was_encrypted(self) -> bool:
        """Whether the KMS key of its records has ever been chosen or changed."""
        return bool(self._key_changes)

    def count_trimmed(self, count: int) -> None:
        """Let a shard without records be one whose records, so many, have all expired."""
        self._first_position += count

    def earliest_closing_second(self, closed_at: int) -> int:
        """The second for a close at this instant: not before that of any record of the shard."""
        return max(closed_at // 1000, self._last_second)

    # --- reading ----------------------------------------------------------------------------------------------

    def read(self, position: int, limit: int, max_bytes: int, now: int, retention_ms: int) -> ShardRead:
        """Read from a position: at most ``limit`` records and ``max_bytes`` of data, but at least one record."""
        oldest = self._oldest(now, retention_ms)
        records = self._records
        length = len(records)
        start = max(position - self._first_position, oldest)
        end = min(start + limit, length)
        if end > start:
            sizes = self._cumulative_bytes
            ceiling = (sizes[start - 1] if start else self._dropped_bytes) + max_bytes
            if sizes[end - 1] > ceiling:
                end = max(bisect_right(sizes, ceiling, start, end), start + 1)
        at_end = end >= length and self.closed_at is not None
        if at_end:
            # The age of the shard's end, by the second in its EndingSequenceNumber.
            millis_behind_latest = max(now - self._last_second * 1000, 0)
        elif end >= length:
            millis_behind_latest = 0
        else:
            # Zero would mean that there is no more to read (API reference, GetRecords), even if the clock stands still.
            millis_behind_latest = max(now - records[end - 1 if end > start else end][1], 1)
        return ShardRead(
            records[start:end],
            self._first_position + end,
            millis_behind_latest,
            at_end,
        )

    def key_ids_of(self, batch: ShardRead) -> list[str]:
        """The KMS keys that the records of a batch were encrypted with, each once, the oldest first."""
        end = batch.next_position
        start = end - len(batch.records)
        ends = [position for position, _ in self._key_changes[1:]] + [end]
        used = dict.fromkeys(
            key_id
            for (position, key_id), until in zip(self._key_changes, ends, strict=False)
            if max(position, start) < min(until, end)
        )
        return [key_id for key_id in used if key_id is not None]

    def position_of_trim_horizon(self, now: int, retention_ms: int) -> int:
        """The position before the oldest record that can still be read."""
        oldest = self._oldest(now, retention_ms)
        return self._first_position + oldest

    def position_at_sequence_number(self, digits: str) -> int:
        """The position before the first record whose number is this one or above it."""
        return self._first_position + bisect_left(self._records, digits, key=_sequence_number_of)

    def position_after_sequence_number(self, digits: str) -> int:
        """The position before the first record whose number is above this one."""
        return self._first_position + bisect_right(self._records, digits, key=_sequence_number_of)

    def number_after(self, position: int, now: int) -> str:
        """A sequence number above those of all records before a position, and below those of all after it."""
        return sequence_number.number(self._base, position, max(now // 1000, self._last_second) + 1)

    def position_at_timestamp(self, instant: int) -> int:
        """The position before the first record that arrived at this instant or later."""
        return self._first_position + bisect_left(self._records, instant, key=_arrived_at_of)

    def records_from(self, position: int) -> list[RecordFields]:
        """All records after a position that the shard still has, readable or not."""
        return self._records[max(position - self._first_position, 0) :]

    def record_before(self, position: int) -> RecordFields | None:
        """The record before a position; None if the shard no longer has it, or if there was none."""
        place = position - self._first_position - 1
        return self._records[place] if 0 <= place < len(self._records) else None

    def readable_span(self, now: int, retention_ms: int) -> tuple[list[RecordFields], int, int]:
        """The records within the retention period: a list, and the indexes in it where they begin and end.

        The list is the shard's own and is not copied. The part between the two indexes never changes: new records come
        after it, and dropping expired records makes a new list (see :meth:`_drop`).
        """
        oldest = self._oldest(now, retention_ms)
        return self._records, oldest, len(self._records)

    def newest_record(self) -> Record:
        """The record that was written last; there must be one."""
        return Record._make(self._records[-1])

    # --- retention --------------------------------------------------------------------------------------------

    def _oldest(self, now: int, retention_ms: int) -> int:
        """The index of the first record within the retention period: records are readable while younger than that."""
        records = self._records
        horizon = now - retention_ms
        if not records or records[0][1] > horizon:
            return 0
        oldest = bisect_right(records, horizon, key=_arrived_at_of)
        if oldest > 1024 and oldest * 2 > len(records) and not self.keeps_expired_records:
            # Expired records can never be read again. The cost of dropping them is spread over as many appends.
            self._drop(oldest)
            return 0
        return oldest

    def trim(self, now: int, retention_ms: int) -> None:
        """Drop the records that are past the retention period."""
        self._drop(self._oldest(now, retention_ms))

    def _drop(self, count: int) -> None:
        if count:
            # A new list, because a caller may hold a span of the old one.
            sizes = self._cumulative_bytes
            records, kept_sizes, dropped_bytes = self._records[count:], sizes[count:], sizes[count - 1]
            first_position = self._first_position + count
            # One assignment, because an interrupt must not come in between.
            (self._records, self._cumulative_bytes, self._first_position, self._dropped_bytes) = (
                records,
                kept_sizes,
                first_position,
                dropped_bytes,
            )

    def is_expired(self, now: int, retention_ms: int) -> bool:
        """Whether the shard is closed, and even a record of its last millisecond would be past the retention period."""
        return self.closed_at is not None and now - self.closed_at > retention_ms


def shard_id_of(index: int) -> str:
    """A shard's id with twelve digits. A negative index keeps its sign among them, as AWS prints it."""
    return f"shardId-{index:012d}"


def canonical_shard_id(shard_id: str) -> str:
    """A shard id in its spelling with twelve digits. A text that is no shard id is returned as it is."""
    match = re.fullmatch(r"(?:[^-]*-)?(\d{1,12})", shard_id, re.ASCII)
    return shard_id_of(int(match[1])) if match is not None else shard_id
