"""Reads and writes sequence numbers digit by digit, by the recorded layout and without the package's own code.

A number of version 2 has 47 hexadecimal digits: ``2 CCCCCCCCC N IIIIIIIIIIIIIIII BB TTTTTTTTT SSSSSSSS V``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

#: The difference between the first numbers of two neighbours that were made in the same second (recorded).
BETWEEN_NEIGHBOURS = 22300745198530623141535718272648361505980432
LAST_COUNTER = 0x7FFFFFFFFFFFFFFF


class Fields(NamedTuple):
    """C, N, I, B, T, S and V; the leading digit is always 2."""

    creation_second: int
    index_nibble: int
    counter: int
    zeroes: int
    second: int
    shard_index: int
    version: int


def fields_of(digits: str) -> Fields:
    text = f"{int(digits):x}"
    assert len(digits) == 56
    assert len(text) == 47
    assert text[0] == "2"
    cuts = (1, 10, 11, 27, 29, 38, 46, 47)
    return Fields(*(int(text[start:end], 16) for start, end in pairwise(cuts)))


def written(
    *,
    creation_second: int = 0,
    counter: int = 0,
    second: int = 0,
    shard_index: int = 0,
    version: int = 2,
    first: int = 2,
) -> str:
    """The digits of a number with these fields; fields that are not given are zero."""
    text = (
        f"{first:x}{creation_second:09x}{shard_index & 0xF:x}{counter:016x}00{second:09x}{shard_index:08x}{version:x}"
    )
    assert len(text) == 47
    return str(int(text, 16))
