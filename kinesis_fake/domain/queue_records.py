"""The records of one queue: those not yet received, those in flight or visible again, and the dead letters.

A record that was never received costs nothing here: it is found in its shard, after the queue's position there. From
its first receive until it is acknowledged, or its retention ends, a :class:`ReceivedRecord` remembers it. Visibility
timeouts are not on the agenda: every question first ends those that are over.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from copy import copy, deepcopy
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from kinesis_fake import errors
from kinesis_fake.domain.record import Record
from kinesis_fake.domain.shard import shard_id_of
from kinesis_fake.named_tuples import NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.domain.stream import Stream

#: AWS documents no limit of bytes for a receive, only ten records.
_NO_BYTE_LIMIT = 1 << 62

#: Where a record of the queue stands: the index of its shard, and its position there.
RecordKey = tuple[int, int]


class Unreceived(NamedTuple):
    """A record that was never received from the queue."""

    key: RecordKey
    record: Record

    @property
    def shard_id(self) -> str:
        return shard_id_of(self.key[0])

    @property
    def visible_since(self) -> tuple[int, int, RecordKey]:
        """The key of the queue's order. Of one instant, new records come before those that are visible again."""
        return self.record.arrived_at, 0, self.key


class ReceivedRecord(NamedTuple):
    """A record that has been received and not been acknowledged. Instants are in milliseconds since the epoch.

    It is in flight until its visibility timeout ends, at ``visible_at``. ``receipt`` is the number of its newest
    receive, the only one that can be acknowledged. ``place`` is that of its valid entry in the queue's heaps; older
    entries have other places.
    """

    key: RecordKey
    record: Record
    first_received_at: int
    receive_count: int
    receipt: int
    visible_at: int
    place: int
    is_in_flight: bool = True
    is_dead_letter: bool = False

    @property
    def shard_id(self) -> str:
        return shard_id_of(self.key[0])

    @property
    def visible_since(self) -> tuple[int, int, tuple[int, int]]:
        return self.visible_at, 1, (self.place, 0)


#: Received records by the instant at which they are visible, then by their places.
_Heap = list[tuple[int, int, RecordKey]]
_visible_since = attrgetter("visible_since")


class QueueRecords:
    """The records of one queue, from the position at which it begins.

    ``max_receive_count`` is None if dead-letter handling is off. ``positions`` has, by shard index, the position after
    which records still need their first receive; a shard without an entry is read from its beginning.

    The heaps and the count of records in flight are derived from the received records. An interrupt in the middle of a
    change may leave them wrong; the next call then makes them anew.
    """

    def __init__(self, stream: Stream, max_receive_count: int | None, positions: dict[int, int]) -> None:
        self._stream = stream
        self._max_receive_count = max_receive_count
        self._positions = positions
        self._received: dict[RecordKey, ReceivedRecord] = {}
        self._in_flight: _Heap = []
        self._in_flight_count = 0
        self._visible: _Heap = []
        self._visible_dead_letters: _Heap = []
        self._is_changing = False
        self._last_place = 0
        self._last_receipt = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> QueueRecords:
        """A copy that shares the received records, because they are never changed: new ones replace them."""
        twin = copy(self)
        memo[id(self)] = twin
        twin._stream = deepcopy(self._stream, memo)
        twin._positions = self._positions.copy()
        twin._received = self._received.copy()
        twin._in_flight = self._in_flight.copy()
        twin._visible = self._visible.copy()
        twin._visible_dead_letters = self._visible_dead_letters.copy()
        return twin

    # --- receiving --------------------------------------------------------------------------------------------

    def choose(self, limit: int, now: int) -> list[Unreceived | ReceivedRecord]:
        """Up to ``limit`` records that can be received, those first that have been visible the longest."""
        self._end_timeouts(now)
        limit = min(limit, self._room())
        if limit == 0:
            return []
        both: Iterable[Unreceived | ReceivedRecord] = heapq.merge(
            self._unreceived(limit, now), self._kept(self._visible, now), key=_visible_since
        )
        return list(islice(both, limit))

    def choose_dead_letters(self, limit: int, now: int) -> list[ReceivedRecord]:
        """Up to ``limit`` dead letters that can be received, those first that have been visible the longest."""
        self._end_timeouts(now)
        return list(islice(self._kept(self._visible_dead_letters, now), min(limit, self._room())))

    def receive(
        self, chosen: Sequence[Unreceived | ReceivedRecord], visibility_timeout_ms: int, now: int
    ) -> list[ReceivedRecord]:
        """Receive the chosen records, which are in flight from now on."""
        self._is_changing = True
        received = []
        for one in chosen:
            self._last_receipt += 1
            if isinstance(one, Unreceived):
                once = ReceivedRecord(one.key, one.record, now, 1, self._last_receipt, now, 0)
                shard_index, position = one.key
                # One assignment: an interrupt must not leave a record that is neither received nor to be received.
                self._received[one.key], self._positions[shard_index] = once, position + 1
            else:
                once = one._replace(receive_count=one.receive_count + 1, receipt=self._last_receipt)
            received.append(self._put(once, now + visibility_timeout_ms, now))
        self._clean(self._visible, now)
        self._clean(self._visible_dead_letters, now)
        self._is_changing = False
        return received

    def next_visible_at(self) -> int | None:
        """When the next visibility timeout ends; None if nothing is in flight."""
        heap = self._in_flight
        while heap and self._of_entry(heap[0]) is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def _room(self) -> int:
        return max(self._stream.region.world.limits.queue_records_in_flight - self._in_flight_count, 0)

    def _unreceived(self, limit: int | None, now: int) -> Iterator[Unreceived]:
        """Up to ``limit`` records that were never received, in the order of their arrival.

        The records of one shard keep their order even if their timestamps do not, because the queue only remembers one
        position per shard.
        """
        shards = []
        for shard in self._stream.shards(now):
            position = self._positions.get(shard.index, 0)
            wanted = shard.end_position - position
            if wanted > 0:
                wanted = wanted if limit is None else min(limit, wanted)
                batch = shard.read(position, wanted, _NO_BYTE_LIMIT, now, self._stream.retention_ms)
                first = batch.next_position - len(batch.records)
                shards.append(
                    [
                        Unreceived((shard.index, first + offset), Record._make(fields))
                        for offset, fields in enumerate(batch.records)
                    ]
                )
        return heapq.merge(*shards, key=_visible_since)

    # --- received records -------------------------------------------------------------------------------------

    def held(self, key: RecordKey, receipt: int, is_dead_letter: bool, now: int) -> ReceivedRecord:
        """The record of a receipt handle; raises AWS's errors if the handle is no longer valid."""
        self._end_timeouts(now)
        held = self._received.get(key)
        if held is None or held.is_dead_letter != is_dead_letter or not self._is_readable(held, now):
            raise errors.queue_record_gone(is_dead_letter)
        if held.receipt != receipt:
            raise errors.receipt_handle_superseded()
        return held

    def acknowledge(self, held: ReceivedRecord, now: int) -> None:
        """Never deliver the record again, whether it is still in flight or visible again."""
        self._is_changing = True
        del self._received[held.key]
        self._in_flight_count -= held.is_in_flight
        self._is_changing = False

    def change_visibility(self, held: ReceivedRecord, visibility_timeout_ms: int, now: int) -> None:
        """Make a record in flight visible after another timeout, counted from now."""
        if not held.is_in_flight:
            raise errors.queue_record_not_in_flight()
        self._is_changing = True
        self._put(held, now + visibility_timeout_ms, now)
        self._is_changing = False

    def restore(self, held: ReceivedRecord, now: int) -> None:
        """Return a dead letter to the queue's other records, visible at once, as if it had never been received."""
        self._is_changing = True
        self._put(held._replace(is_dead_letter=False, receive_count=0), now, now)
        self._is_changing = False

    def change_max_receive_count(self, max_receive_count: int | None, now: int) -> None:
        """Make records dead letters after so many receives: visible ones now, others when they are visible again."""
        self._end_timeouts(now)
        self._is_changing = True
        self._max_receive_count = max_receive_count
        visible, self._visible = self._visible, []
        for entry in visible:
            one = self._of_entry(entry)
            if one is not None:
                self._show(one)
        self._is_changing = False

    # --- for views --------------------------------------------------------------------------------------------

    def unreceived(self, now: int) -> list[Unreceived]:
        """All records that were never received."""
        return list(self._unreceived(None, now))

    def received(self, now: int) -> list[ReceivedRecord]:
        """All records that were received and neither acknowledged nor trimmed, in the order of ``visible_at``."""
        self._end_timeouts(now)
        kept = [one for one in self._received.values() if self._is_readable(one, now)]
        return sorted(kept, key=_visible_since)

    def counts(self, now: int) -> tuple[int, int, int]:
        """How many records wait to be received, how many are in flight, and how many are dead letters."""
        stream = self._stream
        waiting = 0
        for shard in stream.shards(now):
            oldest = shard.position_of_trim_horizon(now, stream.retention_ms)
            waiting += shard.end_position - max(self._positions.get(shard.index, 0), oldest)
        in_flight = dead_letters = 0
        for one in self.received(now):
            if one.is_dead_letter:
                dead_letters += 1
            elif one.is_in_flight:
                in_flight += 1
            else:
                waiting += 1
        return waiting, in_flight, dead_letters

    # --- the heaps --------------------------------------------------------------------------------------------

    def _put(self, one: ReceivedRecord, visible_at: int, now: int) -> ReceivedRecord:
        """Let a received record be visible at an instant; its older entries in the heaps are invalid from now on."""
        before = self._received[one.key]
        self._last_place += 1
        one = one._replace(visible_at=visible_at, place=self._last_place, is_in_flight=visible_at > now)
        self._received[one.key] = one
        self._in_flight_count += one.is_in_flight - (before.is_in_flight and before.place > 0)
        if not one.is_in_flight:
            return self._show(one)
        heapq.heappush(self._in_flight, (visible_at, one.place, one.key))
        return one

    def _end_timeouts(self, now: int) -> None:
        if self._is_changing:
            self._rebuild()
        heap = self._in_flight
        if not heap or heap[0][0] > now:
            return
        self._is_changing = True
        while heap and heap[0][0] <= now:
            one = self._of_entry(heapq.heappop(heap))
            if one is not None:
                self._in_flight_count -= 1
                self._show(one)
        self._is_changing = False

    def _show(self, one: ReceivedRecord) -> ReceivedRecord:
        """End a visibility timeout: the record is visible again, as a dead letter if it has had all its receives."""
        most = self._max_receive_count
        is_dead_letter = one.is_dead_letter or (most is not None and one.receive_count >= most)
        one = self._received[one.key] = one._replace(is_in_flight=False, is_dead_letter=is_dead_letter)
        heap = self._visible_dead_letters if is_dead_letter else self._visible
        heapq.heappush(heap, (one.visible_at, one.place, one.key))
        return one

    def _rebuild(self) -> None:
        """Make the heaps anew from the received records."""
        in_flight: _Heap = []
        visible: _Heap = []
        dead_letters: _Heap = []
        for one in self._received.values():
            heap = in_flight if one.is_in_flight else dead_letters if one.is_dead_letter else visible
            heap.append((one.visible_at, one.place, one.key))
        for heap in (in_flight, visible, dead_letters):
            heap.sort()
        self._in_flight, self._visible, self._visible_dead_letters = in_flight, visible, dead_letters
        self._in_flight_count = len(in_flight)
        self._is_changing = False

    def _of_entry(self, entry: tuple[int, int, RecordKey]) -> ReceivedRecord | None:
        """The record of an entry in a heap; None if the entry is no longer valid."""
        _, place, key = entry
        one = self._received.get(key)
        return one if one is not None and one.place == place else None

    def _kept(self, heap: _Heap, now: int) -> Iterator[ReceivedRecord]:
        """The records of a heap, in its order, without those that have been taken or have left the stream."""
        for entry in _in_order(heap):
            one = self._of_entry(entry)
            if one is not None and self._is_readable(one, now):
                yield one

    def _clean(self, heap: _Heap, now: int) -> None:
        """Remove the entries before the first record that is kept."""
        while heap:
            one = self._of_entry(heap[0])
            if one is not None:
                if self._is_readable(one, now):
                    break
                del self._received[one.key]
            heapq.heappop(heap)

    def _is_readable(self, one: ReceivedRecord, now: int) -> bool:
        """Whether the stream still keeps the record."""
        shard_index, position = one.key
        shard = self._stream.find_shard(shard_index, now)
        return shard is not None and position >= shard.position_of_trim_horizon(now, self._stream.retention_ms)


def _in_order(heap: _Heap) -> Iterator[tuple[int, int, RecordKey]]:
    """The entries of a heap, the smallest first, without changing the heap."""
    next_ones = [(heap[0], 0)] if heap else []
    while next_ones:
        entry, index = heapq.heappop(next_ones)
        yield entry
        for child in range(2 * index + 1, min(2 * index + 3, len(heap))):
            heapq.heappush(next_ones, (heap[child], child))
