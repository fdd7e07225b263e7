"""Which fake a call belongs to.

Fakes may be nested, and several may be active side by side in threads or tasks of their own. Each *activation* knows
the one it was entered in; a context variable holds the innermost one of the running thread or task. A thread that
entered none, such as a worker of an executor, is served by the process's active fake if that is clear.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from itertools import count
from typing import Generic, TypeVar
from weakref import finalize

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.fork_locks import brief

T = TypeVar("T")


class Activation(Generic[T]):
    """One stay inside a fake, from entering to leaving it."""

    __slots__ = ("fake", "outer")

    def __init__(self, fake: T, outer: Activation[T] | None) -> None:
        #: None once the fake has been left: a context that outlives the stay must not keep its records in memory.
        self.fake: T | None = fake
        self.outer = outer


class ActiveFakes(Generic[T]):
    """All fakes that are active in this process."""

    def __init__(self) -> None:
        self._lock = brief(threading.Lock())
        self._active: list[Activation[T]] = []
        self._entered: ContextVar[Activation[T] | None] = ContextVar("kinesis_fake_entered", default=None)

    def __len__(self) -> int:
        return len(self._active)

    def enter(self, fake: T) -> Activation[T]:
        """Make a fake the one of this thread or task."""
        with self._lock:
            activation = Activation(fake, self.entered_here())
            self._active.append(activation)
        self._entered.set(activation)
        return activation

    def join(self, activation: Activation[T]) -> None:
        """Make this context belong to a stay that was entered in another one."""
        self._entered.set(activation)

    def leave(self, activation: Activation[T]) -> None:
        """The end of a stay; the fake around it, if any, is in force again.

        Leaving one that has others inside ends it nevertheless, so that the misuse does not reach beyond this test,
        and then complains. The inner ones go on until they are left.
        """
        with self._lock:
            if activation.fake is None:
                raise KinesisFakeError("This fake has been left already; leave every fake once.")
            activation.fake = None
            self._active.remove(activation)
            has_others_inside = any(other.outer is activation for other in self._active)
        # A fixture or a test framework may leave in another context than it entered in; that one then finds out by
        # looking at the activation.
        if self._entered.get() is activation:
            self._entered.set(activation.outer)
        if has_others_inside:
            raise KinesisFakeError(
                "This fake was left while another one was still active inside it; leave the inner fake first, then "
                "the outer one."
            )

    def current(self) -> T | None:
        """The fake that a call made here belongs to; None if no fake is active."""
        entered = self._entered.get()
        while entered is not None:
            # Read once: another thread may leave it in this moment.
            if (fake := entered.fake) is not None:
                return fake
            entered = entered.outer
        if not self._active:
            return None
        with self._lock:
            outer = {id(activation.outer) for activation in self._active}
            innermost = [activation for activation in self._active if id(activation) not in outer]
        if len(innermost) == 1:
            return innermost[0].fake
        if not innermost:
            return None
        raise KinesisFakeError(
            f"{len(innermost)} fakes are active in this process and this thread or task entered none of them, so it is "
            "not clear which one this Kinesis call belongs to. Enter a fake in this thread, run the call in a copy of "
            "the context that did (contextvars.copy_context().run), or use a client of kinesis.client()."
        )

    def all(self) -> list[T]:
        """All fakes that are active, whoever entered them."""
        with self._lock:
            return [activation.fake for activation in self._active if activation.fake is not None]

    def entered_here(self) -> Activation[T] | None:
        """The innermost stay of this thread or task that has not ended."""
        activation = self._entered.get()
        while activation is not None and activation.fake is None:
            activation = activation.outer
        return activation


class Ordinals:
    """Numbers that tell the fakes that exist at the same time from each other.

    The smallest free one is taken, so that a script that makes its fakes in the same order gets the same numbers again,
    whatever the process did before.
    """

    def __init__(self) -> None:
        self._lock = brief(threading.RLock())
        self._taken: set[int] = set()

    def take(self, owner: object) -> tuple[int, Callable[[], object]]:
        """The smallest free number, and the function that gives it back; at the latest the end of ``owner`` does."""
        with self._lock:
            number = next(number for number in count() if number not in self._taken)
            self._taken.add(number)
        return number, finalize(owner, self._give_back, number)

    def _give_back(self, number: int) -> None:
        # Called by the garbage collector as well, perhaps while this very thread is taking a number.
        with self._lock:
            self._taken.discard(number)
