"""Words for counts and lists of numbers in messages, reports and reprs."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: 1 record, 2 records."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(numbers: Sequence[int]) -> str:
    """Numbers with commas between them: all of up to eight, else the first eight and how many more there are."""
    shown = ", ".join(map(str, numbers[:8]))
    return shown if len(numbers) <= 8 else f"{shown} and {len(numbers) - 8} more"
