"""Numbers that tell the fakes that exist at the same time from each other."""

from __future__ import annotations

import threading
from itertools import count
from weakref import WeakValueDictionary

from kinesis_fake.process.fork_locks import brief


class Ordinals:
    """Hands out the smallest free number.

    So a script that makes its fakes in the same order gets the same numbers again, whatever the process did before.
    """

    def __init__(self) -> None:
        self._lock = brief(threading.RLock())
        #: A number whose owner no longer exists is free.
        self._owners: WeakValueDictionary[int, object] = WeakValueDictionary()

    def take(self, owner: object) -> int:
        """The smallest free number; the owner has it until it gives it back or ceases to exist."""
        with self._lock:
            number = next(number for number in count() if number not in self._owners)
            self._owners[number] = owner
        return number

    def give_back(self, owner: object) -> None:
        """Take back the number of an owner, if it has one, for another fake."""
        with self._lock:
            for number, other in list(self._owners.items()):
                if other is owner:
                    del self._owners[number]
