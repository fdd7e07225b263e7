"""What views of one thing have in common."""

from __future__ import annotations

from typing import Generic, TypeVar

from kinesis_fake.misuse import Unassignable

T = TypeVar("T")


class View(Unassignable, Generic[T]):
    """A view of a stream, a shard, a queue or a channel: equal to any other view of the same thing."""

    _held: T

    def __eq__(self, other: object) -> bool:
        return self._held is other._held if isinstance(other, View) else NotImplemented

    def __hash__(self) -> int:
        return id(self._held)
