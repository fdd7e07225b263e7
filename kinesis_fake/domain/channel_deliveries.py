"""The batches that a channel has delivered, and the records that it has yet to deliver."""

from __future__ import annotations

from bisect import bisect_left
from copy import copy, deepcopy
from typing import TYPE_CHECKING, Any

from kinesis_fake.named_tuples import NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.domain.stream import Stream


class ChannelBatch(NamedTuple):
    """Records' data that a channel delivered at one instant, in the order of its arrival."""

    delivered_at: int
    data: list[bytes]


class ChannelDeliveries:
    """The deliveries of one channel, from the instant at which it became ACTIVE.

    Deliveries are not on the agenda, and writing a record does nothing here. The deliveries catch up before every
    question, and before every change that would alter the outcome: new settings, the end of delivery, the trimming of
    the stream. It makes no difference how often they catch up.
    """

    def __init__(self, stream: Stream, data_freshness_in_seconds: int, now: int) -> None:
        self._stream = stream
        self._freshness_ms = data_freshness_in_seconds * 1000
        self._freshness_since = now
        self._positions = {shard.index: shard.end_position for shard in stream.kept_shards}
        #: For each record: when it arrived, the index of its shard, its position there, and its data.
        self._undelivered: list[tuple[int, int, int, bytes]] = []
        self.batches: list[ChannelBatch] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> ChannelDeliveries:
        """A copy that shares the lists, because they are never changed: longer ones replace them."""
        twin = copy(self)
        memo[id(self)] = twin
        twin._stream = deepcopy(self._stream, memo)
        return twin

    def catch_up(self, now: int) -> None:
        """Deliver what is due: each batch when its oldest record is as old as the freshness allows.

        A record that arrives in the very millisecond of a delivery belongs to the next batch. So it does not matter
        whether the test looked between the delivery and the record.
        """
        positions = {}
        undelivered = self._undelivered.copy()
        for shard in self._stream.kept_shards:
            position = self._positions.get(shard.index, 0)
            for record in shard.records_from(position):
                undelivered.append((record[1], shard.index, position, record[2]))
                position += 1
            positions[shard.index] = position
        undelivered.sort()
        batches = []
        start = 0
        while start < len(undelivered):
            # A shorter freshness can make a record overdue, but the channel delivers nothing in the past.
            due_at = max(undelivered[start][0] + self._freshness_ms, self._freshness_since)
            if due_at > now:
                break
            end = bisect_left(undelivered, (due_at,), start)
            batches.append(ChannelBatch(due_at, [data for _, _, _, data in undelivered[start:end]]))
            start = end
        if batches:
            batches = self.batches + batches
            del undelivered[:start]
        # One assignment: after an interrupt, no record may be delivered twice, or never.
        self._positions, self._undelivered, self.batches = positions, undelivered, batches or self.batches

    @property
    def undelivered_count(self) -> int:
        """How many records the channel had yet to deliver when it caught up last."""
        return len(self._undelivered)

    def change_freshness(self, data_freshness_in_seconds: int, now: int) -> None:
        """Use another freshness from now on, also for records that have arrived already."""
        self.catch_up(now)
        self._freshness_ms, self._freshness_since = data_freshness_in_seconds * 1000, now
