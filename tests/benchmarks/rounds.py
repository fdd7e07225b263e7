"""Compares the time of two functions, in short rounds by turns, so that a slow moment of the machine hits both.

What is measured is the time that the thread had the processor for. On an idle machine that is the time that passed; on
a busy one it leaves out when others had the processor.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple, Protocol

#: Keyword arguments of one call.
Arguments = Mapping[str, Any]


class Contender(Protocol):
    """A client under measurement: it makes calls and says how long one of them took."""

    def turn(self, number: int) -> float:
        """Seconds per call of this turn; ``number`` counts the turns from 0."""
        ...


class Calls:
    """Calls of one function: arguments are made before a turn, what happens in between is not timed.

    ``clock`` is the time of the thread; what waits for another process is measured by the time that passes.
    A turn tells the median of its calls, without the first fifth: another contender had the processor's caches before.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Callable[[int], Sequence[Arguments]],
        between: Callable[[], object] = lambda: None,
        clock: Callable[[], int] = time.thread_time_ns,
    ) -> None:
        self._clock = clock
        self._function = function
        self._arguments = arguments
        self._between = between

    def turn(self, number: int) -> float:
        function, between, clock = self._function, self._between, self._clock
        batch = self._arguments(number)
        nanoseconds = []
        with no_collection():
            for arguments in batch:
                started_at = clock()
                function(**arguments)
                nanoseconds.append(clock() - started_at)
                between()
        return (median(nanoseconds[len(batch) // 5 :]) - _clock_reading_ns()) / 1e9


@cache
def _clock_reading_ns() -> int:
    """What reading the clock adds to everything that is measured with it: it is a call of the system's."""
    readings = [time.thread_time_ns() for _ in range(1001)]
    return int(median(later - earlier for earlier, later in pairwise(readings)))


@contextmanager
def no_collection() -> Iterator[None]:
    """No garbage collection inside, as in :mod:`timeit`: which contender's call sets one off would be chance."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Comparison(NamedTuple):
    """Median seconds per call of each contender, and the median of the rounds' ratios to the first."""

    seconds: list[float]
    ratios: list[float]


def compare(contenders: Sequence[Contender], rounds: int) -> Comparison:
    """Let the contenders take turns, after one round that does not count."""
    gc.collect()
    gc.freeze()  # what is there by now is not looked at before every turn
    try:
        turns = [[contender.turn(number) for contender in contenders] for number in range(rounds + 1)][1:]
    finally:
        gc.unfreeze()
    return Comparison(
        [median(seconds) for seconds in zip(*turns, strict=True)],
        [median(turn[0] / turn[index] for turn in turns) for index in range(len(contenders))],
    )
