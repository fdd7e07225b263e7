"""Which fakes are active, and which of them a call belongs to.

Fakes may be nested, and several may be active side by side in threads or tasks of their own. Each *activation* knows
the one it was entered in; a context variable holds the innermost one of the running thread or task. A thread that
entered none, such as a worker of an executor, is served by the process's active fake if that is clear.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import Generic, TypeVar

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.fork_locks import brief

D = TypeVar("D")
F = TypeVar("F")


class Activation(Generic[D, F]):
    """What threads and tasks know of a fake that is active: the fake, and the door through which calls reach it.

    Contexts refer to it for as long as they like, so it owns nothing. What undoes the entering belongs to an
    :class:`~kinesis_fake.activation.entering.Entered`, which makes the activation and ends it.
    """

    __slots__ = ("door", "fake", "outer")

    def __init__(self, door: D, fake: F, outer: Activation[D, F] | None) -> None:
        #: Both are None once the fake has been left: a context that still refers to this activation must not keep the
        #: records.
        self.door: D | None = door
        self.fake: F | None = fake
        self.outer: Activation[D, F] | None = outer


class ActiveFakes(Generic[D, F]):
    """All fakes that are active in this process, in the order in which they were entered."""

    def __init__(self) -> None:
        self._lock = brief(threading.RLock())
        self._active: list[Activation[D, F]] = []
        self._entered: ContextVar[Activation[D, F] | None] = ContextVar("kinesis_fake_entered", default=None)

    def __len__(self) -> int:
        return len(self._active)

    def enter(self, activation: Activation[D, F]) -> None:
        """Make this thread or task belong to a fake."""
        with self._lock:
            self._active.append(activation)
            self._entered.set(activation)

    def join(self, activation: Activation[D, F]) -> None:
        """Make this context belong to a fake that was entered in another context."""
        self._entered.set(activation)

    def leave(self, activation: Activation[D, F]) -> None:
        """End an activation, or do nothing if it has ended; the fake around it, if any, is in force again.

        Fakes that were entered inside it go on until they are left.
        """
        with self._lock:
            activation.door = activation.fake = None
            # No comprehension with an `if`: if Ctrl-C comes in one, Python 3.13 leaves the block with the lock taken.
            if activation in self._active:
                self._active.remove(activation)
            # A fixture or a test framework may leave in another context than it entered in. The context that it entered
            # in learns of that from the activation.
            if self._entered.get() is activation:
                self._entered.set(activation.outer)

    def has_others_inside(self, activation: Activation[D, F]) -> bool:
        """Whether fakes that were entered inside this one have not been left."""
        return any(other.outer is activation for other in self._all())

    def current(self) -> D | None:
        """The door of the fake that a call made here belongs to; None if no fake is active."""
        entered = self._entered.get()
        while entered is not None:
            # Read once: another thread may leave it in this moment.
            if (door := entered.door) is not None:
                return door
            entered = entered.outer
        if not self._active:
            return None
        active = self._all()
        outer = {id(activation.outer) for activation in active}
        innermost = [activation for activation in active if id(activation) not in outer]
        if len(innermost) == 1:
            return innermost[0].door
        if not innermost:
            return None
        raise KinesisFakeError(
            f"{len(innermost)} fakes are active in this process and this thread or task entered none of them, so it is "
            "not clear which one this Kinesis call belongs to. Enter a fake in this thread, run the call in a copy of "
            "the context that did (contextvars.copy_context().run), or use a client of kinesis.client().",
            see="several-fakes",
        )

    def fakes(self) -> list[F]:
        """All fakes that are active, in whichever thread or task they were entered."""
        return [activation.fake for activation in self._all() if activation.fake is not None]

    def doors(self) -> list[D]:
        """The doors of all fakes that are active."""
        return [activation.door for activation in self._all() if activation.door is not None]

    def _all(self) -> list[Activation[D, F]]:
        with self._lock:
            return list(self._active)

    def entered_here(self) -> Activation[D, F] | None:
        """The innermost activation of this thread or task that has not ended."""
        activation = self._entered.get()
        while activation is not None and activation.fake is None:
            activation = activation.outer
        return activation
