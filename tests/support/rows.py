"""Tables whose rows one test checks, because a test for each row would take longer than most rows do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def hold_for_each(rows: Iterable[T], check: Callable[[T], object]) -> None:
    """Check every row, also after a row that fails; then report all failures together, each after its row's name."""
    failures: list[tuple[T, Exception]] = []
    for row in rows:
        try:
            check(row)
        except Exception as error:
            failures.append((row, error))
    if failures:
        told = "\n\n".join(f"{row}: {type(error).__name__}: {error}" for row, error in failures)
        raise AssertionError(f"{len(failures)} of the rows fail\n\n{told}") from failures[0][1]
