"""Functions of other packages that are replaced for a while, side by side with other patchers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakSet

from kinesis_fake.process.undoing import UndoStack

#: Stands for an original that the owner inherits from a base class.
_INHERITED = object()


class Patch:
    """The replacement of one attribute of a class or a module: what ``wrap`` makes of what is there.

    The replacement is kept when it is undone: the next fake is likely to need the same, and to make it anew takes a
    twentieth of the time in which a fake is entered and left.
    """

    __slots__ = ("_before", "_original", "_ours", "inherited", "is_made", "name", "owner", "replacement", "wrap")

    def __init__(self, owner: Any, name: str, ours: WeakSet[Any]) -> None:
        self.owner = owner
        self.name = name
        self.wrap: Callable[[Any], Any]
        #: Whether the owner may have the attribute from a base class.
        self.inherited = False
        self.is_made = False
        self.replacement: Any = None
        #: What the replacement calls, and what the owner itself had there before.
        self._original: Any = None
        self._before: Any = None
        self._ours = ours

    def make(self) -> None:
        """Replace what is there now."""
        owner, name = self.owner, self.name
        original = self._before = owner.__dict__.get(name, _INHERITED)
        if original is _INHERITED:
            if not self.inherited:
                raise AttributeError(f"{owner.__name__} has no {name}")
            original = getattr(owner, name)
        if original is not self._original and original in self._ours:
            original = original.__wrapped__  # another patcher has put back a replacement of the fake
            if self._before is not _INHERITED:
                self._before = original
        if original is not self._original:
            replacement = self.wrap(original)
            replacement.__name__ = replacement.__qualname__ = name
            replacement.__wrapped__ = original
            self._ours.add(replacement)
            # At last: if an interrupt comes before, the next fake makes the replacement anew.
            self._original, self.replacement = original, replacement
        self.is_made = True
        setattr(owner, name, self.replacement)

    def undo(self) -> None:
        """Put back what was there, unless another patcher has wrapped the replacement in the meantime."""
        if self.is_made:
            if self.owner.__dict__.get(self.name) is self.replacement:
                if self._before is _INHERITED:
                    delattr(self.owner, self.name)
                else:
                    setattr(self.owner, self.name, self._before)
            self.is_made = False


class Patches:
    """The replacements of attributes of classes and modules, until they are undone."""

    def __init__(self) -> None:
        self._patches: dict[tuple[Any, str], Patch] = {}
        #: Every replacement that was ever made, as long as another patcher keeps it.
        self._ours: WeakSet[Any] = WeakSet()

    def replace(
        self, owner: Any, name: str, wrap: Callable[[Any], Any], undo: UndoStack, *, inherited: bool = False
    ) -> None:
        """Put what ``wrap`` makes of an attribute into its place, unless that is done already.

        Raises :class:`AttributeError` if the owner itself has no such attribute, unless it may be ``inherited``.
        """
        self.make([self.patch(owner, name, wrap, inherited=inherited)], undo)

    def patch(self, owner: Any, name: str, wrap: Callable[[Any], Any], *, inherited: bool = False) -> Patch:
        """The replacement of one attribute, to be made later."""
        patch = self._patches.get((owner, name))
        if patch is None:
            patch = self._patches[owner, name] = Patch(owner, name, self._ours)
        patch.wrap, patch.inherited = wrap, inherited
        return patch

    def make(self, patches: Iterable[Patch], undo: UndoStack) -> None:
        """Make those of these replacements that have not been made; they are undone in one step."""
        missing = [patch for patch in patches if not patch.is_made]

        def undo_all() -> None:
            for patch in missing:
                patch.undo()

        if missing:
            undo.note(undo_all)
            for patch in missing:
                patch.make()


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
                del self._environ[self._name]
            else:
                self._environ[self._name] = self.before
        self._is_set = False
