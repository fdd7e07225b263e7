"""Functions of other packages that are replaced for a while, side by side with other patchers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakSet

from kinesis_fake.process.undoing import UndoStack

#: Stands for an original that the owner inherits from a base class.
_INHERITED = object()


class Patches:
    """The replacements of attributes of classes and modules, until they are undone."""

    def __init__(self) -> None:
        #: Of each attribute that is replaced now: what was there, and what is there instead.
        self._made: dict[tuple[Any, str], tuple[Any, Any]] = {}
        #: The last replacement of each attribute, with what it replaces. The next fake is likely to need the same, and
        #: to make them anew takes a twentieth of the time in which a fake is entered and left.
        self._last: dict[tuple[Any, str], tuple[Any, Any]] = {}
        #: Every replacement that was ever made, as long as another patcher keeps it.
        self._ours: WeakSet[Any] = WeakSet()

    def replace(
        self, owner: Any, name: str, wrap: Callable[[Any], Any], undo: UndoStack, *, inherited: bool = False
    ) -> None:
        """Put what ``wrap`` makes of an attribute into its place, unless that is done already.

        Raises :class:`AttributeError` if the owner itself has no such attribute, unless it may be ``inherited``.
        """
        if (owner, name) not in self._made:
            undo.note(lambda: self._restore(owner, name))
            self._put(owner, name, wrap, inherited)

    def replace_all(self, wanted: Iterable[tuple[Any, str, Callable[[Any], Any]]], undo: UndoStack) -> None:
        """The same for attributes of several owners, undone in one step."""
        missing = [each for each in wanted if each[:2] not in self._made]
        if missing:
            undo.note(lambda: self._restore_all(missing))
            for owner, name, wrap in missing:
                self._put(owner, name, wrap)

    def _put(self, owner: Any, name: str, wrap: Callable[[Any], Any], inherited: bool = False) -> None:
        if name not in vars(owner) and not inherited:
            raise AttributeError(f"{owner.__name__} has no {name}")
        is_inherited = name not in vars(owner)
        original = getattr(owner, name) if is_inherited else vars(owner)[name]
        replaced, replacement = self._last.get((owner, name), (None, None))
        if replaced is not original and original in self._ours:  # another patcher has put back the fake's replacement
            original = original.__wrapped__
        if replaced is not original:
            replacement = wrap(original)
            replacement.__name__ = replacement.__qualname__ = name
            replacement.__wrapped__ = original
            self._ours.add(replacement)
            self._last[owner, name] = original, replacement
        self._made[owner, name] = _INHERITED if is_inherited else original, replacement
        setattr(owner, name, replacement)

    def _restore_all(self, made: Iterable[tuple[Any, str, object]]) -> None:
        for owner, name, _ in made:
            self._restore(owner, name)

    def _restore(self, owner: Any, name: str) -> None:
        """Put the original back, unless another patcher has wrapped ours in the meantime."""
        if (owner, name) in self._made:
            original, replacement = self._made[owner, name]
            if vars(owner).get(name) is replacement:
                if original is _INHERITED:
                    delattr(owner, name)
                else:
                    setattr(owner, name, original)
            self._made.pop((owner, name), None)


class PatchedVariable:
    """A variable of an environment that is set for a while."""

    def __init__(self, environ: Any, name: str, value: str) -> None:
        self._environ = environ
        self._name = name
        self._value = value
        self._is_set = False
        self.before: str | None = None

    def set(self, undo: UndoStack) -> None:
        """Set it, unless that is done already."""
        if self._is_set:
            return
        before = self._environ.get(self._name)
        # A value of ours, which another patcher has put back, is not what was there before.
        self.before = before if before != self._value else None
        undo.note(self._restore)
        self._is_set = True
        self._environ[self._name] = self._value

    def _restore(self) -> None:
        # A value that another patcher has put there in the meantime is kept.
        if self._is_set and self._environ.get(self._name) == self._value:
            if self.before is None:
                self._environ.pop(self._name, None)
            else:
                self._environ[self._name] = self.before
        self._is_set = False
