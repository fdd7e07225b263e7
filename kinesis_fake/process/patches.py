"""Functions of other packages that are replaced for a while, without getting in the way of others who do the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakSet


class Replacements:
    """What is replaced in classes and modules until it is undone."""

    def __init__(self) -> None:
        self._made: list[tuple[Any, str, Any, Any]] = []
        #: All that was ever put in the place of something, as long as anybody keeps it.
        self._ours: WeakSet[Any] = WeakSet()

    def make(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        """Put what ``wrap`` makes of an attribute into its place, unless that is done already."""
        if any(made[0] is owner and made[1] == name for made in self._made):
            return
        original = vars(owner)[name]
        if any(original is ours for ours in self._ours):  # put back late, by somebody who has found it there earlier
            original = original.__wrapped__
        replacement = wrap(original)
        replacement.__name__ = replacement.__qualname__ = name
        replacement.__wrapped__ = original
        self._ours.add(replacement)
        self._made.append((owner, name, original, replacement))
        setattr(owner, name, replacement)

    def undo(self) -> None:
        """Restore everything, but for what somebody else has wrapped in the meantime: that stays theirs."""
        for owner, name, original, replacement in reversed(self._made):
            if vars(owner)[name] is replacement:
                setattr(owner, name, original)
        self._made.clear()
