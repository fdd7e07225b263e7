"""Lists of views that make a view when it is looked at."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, TypeVar

from kinesis_fake.misuse import Unassignable

V = TypeVar("V")
#: How many views a repr shows; of more it says how many there are, and shows one.
_MAX_SHOWN = 10


class ListOfViews(Unassignable, Sequence[V]):
    """A sequence that compares, adds and prints like a list."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (list, tuple, type(self))):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # it compares like a list

    def __add__(self, other: Sequence[V]) -> list[V]:
        return [*self, *other]

    def __radd__(self, other: Sequence[V]) -> list[V]:
        return [*other, *self]

    def __repr__(self) -> str:
        return f"<{self._in_short()}>" if len(self) > _MAX_SHOWN else repr(list(self))

    @abstractmethod
    def _in_short(self) -> str:
        """How many views these are, and one of them."""
