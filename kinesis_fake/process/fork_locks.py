"""Locks over a fork: in the new process no lock may be held by a thread that it does not have.

Before a fork, the forking thread takes all locks of this package, so that the state under them is copied in one piece.
After it, both processes release them. A forked process has a copy of every fake as it was at that moment.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet

if TYPE_CHECKING:
    from typing import Protocol

    class LockHolder(Protocol):
        """An object that holds the lock of one fake."""

        lock: Any

        def forget_other_threads(self) -> None:
            """Forget all threads but this one, which is the only one of a forked process."""


L = TypeVar("L")

#: The timelines of all fakes.
TIMELINES: WeakSet[LockHolder] = WeakSet()
#: The locks of the process that are held while code of others runs, which may call a fake.
_outer_locks: list[Any] = []
#: The locks of the process that are held for a moment only.
_brief_locks: list[Any] = []
#: The locks that were taken before the fork that is under way.
_taken: list[Any] = []


def outer(lock: L) -> L:
    """A lock of the process under which fakes may be called."""
    _outer_locks.append(lock)
    return lock


def brief(lock: L) -> L:
    """A lock of the process that is held for a moment only."""
    _brief_locks.append(lock)
    return lock


def _before() -> None:
    """Take all locks without a deadlock.

    A thread that holds the lock of one fake may want that of another: a predicate of a fault may call any fake. So
    while this thread waits for a lock that is not free it holds no other, and then it tries all of them again.
    """
    locks = [*_outer_locks, *(timeline.lock for timeline in list(TIMELINES)), *_brief_locks]
    taken: list[Any] = []
    while len(taken) < len(locks):
        for lock in locks:
            if lock in taken:
                continue
            if not lock.acquire(blocking=False):
                for each in reversed(taken):
                    each.release()
                lock.acquire()
                taken = [lock]
                break
            taken.append(lock)
    _taken[:] = taken


def _after_in_parent() -> None:
    for lock in reversed(_taken):
        lock.release()
    _taken.clear()


def _after_in_child() -> None:
    _after_in_parent()
    for timeline in list(TIMELINES):
        timeline.forget_other_threads()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing is forked
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
