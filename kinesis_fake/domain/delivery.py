"""What a queue remembers of the records it delivers: who holds them, and which it has given up.

A record that nobody has received yet costs nothing here: it is found in its shard, after the position that the queue
has come to. From its first receive until it is acknowledged, or its retention ends, a :class:`Delivery` remembers it.
A visibility timeout is no entry on the agenda: whatever asks first lets those end that have ended by then.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from kinesis_fake import errors
from kinesis_fake.domain.record import Record

if TYPE_CHECKING:
    from kinesis_fake.domain.shard import Shard
    from kinesis_fake.domain.stream import Stream

#: A receive is bounded by its ten records; no bound of bytes is documented.
_NO_BYTE_LIMIT = 1 << 62


class Unreceived(NamedTuple):
    """A record that nobody has received from the queue, and where it stands."""

    record: Record
    shard: Shard
    position: int

    @property
    def visible_since(self) -> tuple[int, int, int, int]:
        """What the queue orders its records by: a new record comes before one that is visible again since then."""
        return self.record.arrived_at, 0, self.shard.index, self.position


class Delivery:
    """A record that has been received and not been acknowledged. Instants are in milliseconds since the epoch.

    It is in flight until ``visible_at``. ``receipt`` is the number of its newest receive, which alone can be
    acknowledged; ``place`` tells the one valid entry in the heaps of the queue from older ones of this delivery.
    """

    __slots__ = (
        "first_received_at",
        "is_dead_letter",
        "place",
        "position",
        "receipt",
        "receive_count",
        "record",
        "shard",
        "visible_at",
    )

    def __init__(self, unreceived: Unreceived, now: int) -> None:
        self.record, self.shard, self.position = unreceived
        self.first_received_at = now
        self.receive_count = 0
        self.receipt = 0
        self.visible_at = now
        self.is_dead_letter = False
        self.place = 0

    @property
    def visible_since(self) -> tuple[int, int, int, int]:
        return self.visible_at, 1, self.place, 0


#: Deliveries by the instant at which they are visible, then by their places.
_Heap = list[tuple[int, int, Delivery]]
_visible_since = attrgetter("visible_since")


class Deliveries:
    """The records of one queue, from the position at which it begins.

    ``max_receive_count`` is None if dead-letter handling is off. ``positions`` are, by shard index, those after the
    last record that needs no first receive; a shard that has none is read from its beginning.
    """

    def __init__(self, stream: Stream, max_receive_count: int | None, positions: dict[int, int]) -> None:
        self._stream = stream
        self._max_receive_count = max_receive_count
        self._positions = positions
        self._received: dict[tuple[int, int], Delivery] = {}
        self._in_flight: _Heap = []
        self._in_flight_count = 0
        self._visible: _Heap = []
        self._visible_dead_letters: _Heap = []
        self._last_place = 0
        self._last_receipt = 0

    # --- receiving --------------------------------------------------------------------------------------------

    def choose(self, limit: int, now: int) -> list[Unreceived | Delivery]:
        """Up to ``limit`` records that can be received, those first that have been visible the longest."""
        self._end_timeouts(now)
        limit = min(limit, self._room())
        if limit == 0:
            return []
        both: Iterable[Unreceived | Delivery] = heapq.merge(
            self._unreceived(limit, now), self._kept(self._visible, now), key=_visible_since
        )
        return list(islice(both, limit))

    def choose_dead_letters(self, limit: int, now: int) -> list[Delivery]:
        """Up to ``limit`` dead letters that can be received, those first that have been visible the longest."""
        self._end_timeouts(now)
        return list(islice(self._kept(self._visible_dead_letters, now), min(limit, self._room())))

    def hand_out(self, chosen: Sequence[Unreceived | Delivery], visibility_timeout_ms: int, now: int) -> list[Delivery]:
        """Let somebody receive what was chosen: it is in flight from now on."""
        received = []
        for one in chosen:
            if isinstance(one, Unreceived):
                delivery = self._received[one.shard.index, one.position] = Delivery(one, now)
                self._positions[one.shard.index] = one.position + 1
            else:
                delivery = one
                self._take(delivery, now)
            self._last_receipt += 1
            delivery.receipt = self._last_receipt
            delivery.receive_count += 1
            self._put(delivery, now + visibility_timeout_ms, now)
            received.append(delivery)
        self._clean(self._visible, now)
        self._clean(self._visible_dead_letters, now)
        return received

    def next_visible_at(self) -> int | None:
        """When the next visibility timeout ends; None if nothing is in flight."""
        heap = self._in_flight
        while heap and heap[0][2].place != heap[0][1]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def _room(self) -> int:
        return max(self._stream.region.world.limits.queue_records_in_flight - self._in_flight_count, 0)

    def _unreceived(self, limit: int | None, now: int) -> Iterator[Unreceived]:
        """Records that nobody has received, as they arrived; ``limit`` says how many are wanted at most.

        The records of one shard keep their order even if their timestamps do not, because no more than a position of
        it is remembered.
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
                        Unreceived(Record._make(fields), shard, first + offset)
                        for offset, fields in enumerate(batch.records)
                    ]
                )
        return heapq.merge(*shards, key=_visible_since)

    # --- what becomes of a received record --------------------------------------------------------------------

    def held(self, shard_index: int, position: int, receipt: int, is_dead_letter: bool, now: int) -> Delivery:
        """The delivery that a receipt handle stands for; AWS's errors if there is none any more."""
        self._end_timeouts(now)
        delivery = self._received.get((shard_index, position))
        if delivery is None or delivery.is_dead_letter != is_dead_letter or not self._is_readable(delivery, now):
            raise errors.queue_record_gone(is_dead_letter)
        if delivery.receipt != receipt:
            raise errors.receipt_handle_superseded()
        return delivery

    def acknowledge(self, delivery: Delivery, now: int) -> None:
        """Deliver the record never again, whether it is still in flight or visible by now."""
        self._take(delivery, now)
        del self._received[delivery.shard.index, delivery.position]

    def change_visibility(self, delivery: Delivery, visibility_timeout_ms: int, now: int) -> None:
        """Let a record that is in flight be visible after another time, counted from now."""
        if delivery.visible_at <= now:
            raise errors.queue_record_not_in_flight()
        self._take(delivery, now)
        self._put(delivery, now + visibility_timeout_ms, now)

    def restore(self, delivery: Delivery, now: int) -> None:
        """Return a dead letter to the others, visible at once, as if it had never been received."""
        self._take(delivery, now)
        delivery.is_dead_letter = False
        delivery.receive_count = 0
        self._put(delivery, now, now)

    def change_max_receive_count(self, max_receive_count: int | None, now: int) -> None:
        """From now on give records up after so many receives; what is visible and has had them is a dead letter now."""
        self._end_timeouts(now)
        self._max_receive_count = max_receive_count
        visible, self._visible = self._visible, []
        for _, place, delivery in visible:
            if delivery.place == place:
                self._show(delivery)

    # --- for views --------------------------------------------------------------------------------------------

    def unreceived(self, now: int) -> list[Unreceived]:
        """All records that nobody has received yet."""
        return list(self._unreceived(None, now))

    def received(self, now: int) -> list[Delivery]:
        """All records that were received and neither acknowledged nor trimmed, by the instant they are visible at."""
        self._end_timeouts(now)
        kept = [delivery for delivery in self._received.values() if self._is_readable(delivery, now)]
        return sorted(kept, key=_visible_since)

    # --- the heaps --------------------------------------------------------------------------------------------

    def _put(self, delivery: Delivery, visible_at: int, now: int) -> None:
        self._last_place += 1
        delivery.place = self._last_place
        delivery.visible_at = visible_at
        if visible_at > now:
            self._in_flight_count += 1
            heapq.heappush(self._in_flight, (visible_at, delivery.place, delivery))
        else:
            self._show(delivery)

    def _take(self, delivery: Delivery, now: int) -> None:
        """Make its entry void; popping it is left to whoever meets it at the top of its heap."""
        if delivery.visible_at > now:
            self._in_flight_count -= 1
        delivery.place = 0

    def _end_timeouts(self, now: int) -> None:
        heap = self._in_flight
        while heap and heap[0][0] <= now:
            _, place, delivery = heapq.heappop(heap)
            if delivery.place == place:
                self._in_flight_count -= 1
                self._show(delivery)

    def _show(self, delivery: Delivery) -> None:
        """The end of a visibility timeout: the record is visible again, or a dead letter if it has had its receives."""
        most = self._max_receive_count
        if most is not None and delivery.receive_count >= most:
            delivery.is_dead_letter = True
        heap = self._visible_dead_letters if delivery.is_dead_letter else self._visible
        heapq.heappush(heap, (delivery.visible_at, delivery.place, delivery))

    def _kept(self, heap: _Heap, now: int) -> Iterator[Delivery]:
        """The deliveries of a heap, in its order, without those that have been taken or have left the stream."""
        for _, place, delivery in _in_order(heap):
            if delivery.place == place and self._is_readable(delivery, now):
                yield delivery

    def _clean(self, heap: _Heap, now: int) -> None:
        """Forget what comes before the first delivery that is kept."""
        while heap:
            _, place, delivery = heap[0]
            if delivery.place == place:
                if self._is_readable(delivery, now):
                    break
                del self._received[delivery.shard.index, delivery.position]
            heapq.heappop(heap)

    def _is_readable(self, delivery: Delivery, now: int) -> bool:
        """Whether the stream still keeps the record."""
        shard = self._stream.find_shard(delivery.shard.index, now)
        return shard is not None and delivery.position >= shard.position_of_trim_horizon(now, self._stream.retention_ms)


def _in_order(heap: _Heap) -> Iterator[tuple[int, int, Delivery]]:
    """The entries of a heap from the smallest on, which stay where they are."""
    next_ones = [(heap[0], 0)] if heap else []
    while next_ones:
        entry, index = heapq.heappop(next_ones)
        yield entry
        for child in range(2 * index + 1, min(2 * index + 3, len(heap))):
            heapq.heappush(next_ones, (heap[child], child))
