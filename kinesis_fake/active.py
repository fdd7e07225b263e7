"""Which fake a call belongs to.

Fakes may be nested, and several may be active side by side in threads or tasks of their own. Each *activation* knows
the one it was entered in; a context variable holds the innermost one of the running thread or task. A thread that
entered none, such as a worker of an executor, is served by the process's active fake if that is clear.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import Generic, TypeVar

from kinesis_fake.errors import KinesisFakeError

T = TypeVar("T")


class Activation(Generic[T]):
    """One stay inside a fake, from entering to leaving it."""

    __slots__ = ("fake", "is_active", "outer")

    def __init__(self, fake: T, outer: Activation[T] | None) -> None:
        self.fake = fake
        self.outer = outer
        self.is_active = True


class ActiveFakes(Generic[T]):
    """All fakes that are active in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: list[Activation[T]] = []
        self._entered: ContextVar[Activation[T] | None] = ContextVar("kinesis_fake_entered", default=None)

    def __len__(self) -> int:
        return len(self._active)

    def enter(self, fake: T) -> Activation[T]:
        """Make a fake the one of this thread or task."""
        with self._lock:
            activation = Activation(fake, self._entered_here())
            self._active.append(activation)
        self._entered.set(activation)
        return activation

    def leave(self, activation: Activation[T]) -> None:
        """The end of a stay; the fake around it, if any, is in force again."""
        with self._lock:
            if not activation.is_active:
                raise KinesisFakeError("This fake has been left already; leave every fake once.")
            if any(other.outer is activation for other in self._active):
                raise KinesisFakeError(
                    "This fake has another one active inside it; leave the inner fake first, then the outer one."
                )
            activation.is_active = False
            self._active.remove(activation)
        # A fixture or a test framework may leave in another context than it entered in; that one then finds out by
        # looking at is_active.
        if self._entered.get() is activation:
            self._entered.set(activation.outer)

    def current(self) -> T | None:
        """The fake that a call made here belongs to; None if no fake is active."""
        entered = self._entered.get()
        if entered is not None and (entered.is_active or (entered := self._entered_here()) is not None):
            return entered.fake
        if not self._active:
            return None
        with self._lock:
            outer = {id(activation.outer) for activation in self._active}
            innermost = [activation for activation in self._active if id(activation) not in outer]
        if len(innermost) == 1:
            return innermost[0].fake
        raise KinesisFakeError(
            f"{len(innermost)} fakes are active in this process and this thread or task entered none of them, so it is "
            "not clear which one this Kinesis call belongs to. Enter a fake in this thread, run the call in a copy of "
            "the context that did (contextvars.copy_context().run), or use a client of kinesis.client()."
        )

    def _entered_here(self) -> Activation[T] | None:
        activation = self._entered.get()
        while activation is not None and not activation.is_active:
            activation = activation.outer
        return activation
