"""Packages that the process imports while a fake is active, and that the fake must know of from then on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from kinesis_fake.process.undoing import UndoStack


class LateImports(MetaPathFinder):
    """Tells when the process has imported one of a few packages; another finder has to find it."""

    def __init__(self, names: tuple[str, ...], was_imported: Callable[[str], object]) -> None:
        self._names = names
        self._was_imported = was_imported

    def watch(self, undo: UndoStack) -> None:
        """Watch imports until that is undone, unless this is done already."""
        if self not in sys.meta_path:
            undo.note(self._stop)
            sys.meta_path.insert(0, self)

    def _stop(self) -> None:
        # An interpreter that ends has no finders any more.
        if self in (sys.meta_path or ()):
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders say of a package, with a loader that tells when it is there."""
        if fullname not in self._names:
            return None
        for finder in [each for each in sys.meta_path if each is not self]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _TellingLoader(spec.loader, self._was_imported)
                return spec
        return None


class _TellingLoader(Loader):
    """The loader of a package for one import; afterwards the package has its own loader again."""

    def __init__(self, loader: Loader, was_imported: Callable[[str], object]) -> None:
        self._loader = loader
        self._was_imported = was_imported

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._was_imported(module.__name__)
