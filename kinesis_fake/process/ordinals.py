"""Numbers that tell the fakes that exist at the same time from each other."""

from __future__ import annotations

import threading
from weakref import ref

from kinesis_fake.process.fork_locks import brief


class Ordinals:
    """Hands out the smallest free number.

    So a script that makes its fakes in the same order gets the same numbers again, whatever the process did before.
    """

    def __init__(self) -> None:
        self._lock = brief(threading.RLock())
        #: A number whose owner no longer exists is free.
        self._owners: dict[int, ref[object]] = {}

    def take(self, owner: object) -> int:
        """The smallest free number; the owner has it until it gives it back or ceases to exist."""
        with self._lock:
            number = 0
            while (taken_by := self._owners.get(number)) is not None and taken_by() is not None:
                number += 1
            self._owners[number] = ref(owner)
        return number

    def give_back(self, owner: object) -> None:
        """Take back the number of an owner, if it has one, and those of owners that exist no longer."""
        with self._lock:
            for number, taken_by in list(self._owners.items()):
                if taken_by() in (owner, None):
                    del self._owners[number]
