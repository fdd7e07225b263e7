"""What will happen later: small immutable entries, each applied at its own due instant.

An entry holds the object that it will change, not its name, and looks again whether that object still expects it:
a stream that was deleted and made anew is not touched by its predecessor's entry.
"""

from __future__ import annotations

import heapq
from typing import Protocol


class Entry(Protocol):
    """One change that is due at a known instant."""

    def apply(self, now: int) -> None:
        """Make the change, if the object still expects it; ``now`` is the due instant in milliseconds."""

    def is_pending(self) -> bool:
        """Whether the object still expects this entry."""

    def describe(self) -> str:
        """What will happen, in a few words."""


class Agenda:
    """Entries in the order of their due instants; those of one instant in the order they were made."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Entry]] = []
        self._order = 0

    def schedule(self, due_at: int, entry: Entry) -> None:
        """Put down an entry for an instant, in milliseconds since the epoch."""
        self._order += 1
        heapq.heappush(self._heap, (due_at, self._order, entry))

    def is_due(self, now: int) -> bool:
        """Whether any entry, void ones included, is due at ``now`` or before."""
        return bool(self._heap) and self._heap[0][0] <= now

    def next_due_at(self) -> int | None:
        """When the next entry is due; those that no object expects any more are forgotten. None if there is none."""
        heap = self._heap
        while heap and not heap[0][2].is_pending():
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def run_due(self, now: int) -> None:
        """Apply every entry that is due at ``now`` or before, each at its own instant.

        An interrupt may come at any point: KeyboardInterrupt, or the signal of a time limit. The entry that was being
        applied is put back then, and the next call applies it again. So an entry must be able to finish what it has
        begun.
        """
        heap = self._heap
        while (due_at := self.next_due_at()) is not None and due_at <= now:
            item = heap[0]
            try:
                heapq.heappop(heap)
                item[2].apply(due_at)
            except BaseException:
                heapq.heappush(heap, item)
                raise

    def pending(self) -> list[tuple[int, int, Entry]]:
        """All entries that are expected, each with its due instant and its number, which say the order."""
        return [item for item in self._heap if item[2].is_pending()]
