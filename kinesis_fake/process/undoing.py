"""Changes to the process, and how they are undone, wherever an interrupt comes.

An exception can arrive between any two lines of ours: Ctrl-C, or the signal of a time limit. So three rules hold here.
What undoes a change is noted before the change is made. Undoing may be repeated, and undoing what was never done does
nothing. And a step is forgotten only when it has been carried out to its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kinesis_fake.process.fork_locks import brief

#: Undoes one change; it may be called before the change, after it, and more than once.
Step = Callable[[], object]

#: Held while anything is acquired or released. The garbage collector may release something in any thread at any time,
#: so there is one lock for everything, which a thread that holds it may take again.
_LOCK = brief(threading.RLock())


class UndoStack:
    """The changes that must be undone at the end, the last one first.

    If an exception arrives before the first line of :meth:`run`, they are undone when the stack ceases to exist.
    """

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def __del__(self) -> None:
        if hasattr(self, "_steps"):
            self._run()

    def note(self, step: Step) -> None:
        """Note what will undo the change that follows."""
        self._steps.append(step)

    def run(self) -> None:
        """Undo everything. If a step is interrupted, the rest is undone before the exception goes on."""
        try:
            self._run()
        finally:
            self._run()

    def _run(self) -> None:
        while self._steps:
            step = self._steps[-1]
            step()
            if self._steps and self._steps[-1] is step:  # another call, from the garbage collector, may have done it
                self._steps.pop()


class Shared:
    """Something that the process has once and all fakes use: the first of them acquires it, the last one releases it.

    ``acquire`` makes the changes, and notes on the stack what undoes each. It is called for each holder, and makes only
    those changes that have not been made: the first may have come before a package was loaded.
    """

    def __init__(self, acquire: Callable[[UndoStack], None]) -> None:
        self._acquire = acquire
        self._undo = UndoStack()
        self._holders: set[object] = set()

    def acquire(self, undo: UndoStack) -> None:
        """Hold it until ``undo`` runs."""
        holder = object()
        undo.note(lambda: self._release(holder))
        with _LOCK:
            self._holders.add(holder)
            self._acquire(self._undo)

    def catch_up(self) -> None:
        """Make the changes that could not be made before, if anything holds it."""
        with _LOCK:
            if self._holders:
                self._acquire(self._undo)

    def _release(self, holder: object) -> None:
        with _LOCK:
            self._holders.discard(holder)
            if not self._holders:
                self._undo.run()
