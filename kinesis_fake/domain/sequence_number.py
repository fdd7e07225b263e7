"""Sequence numbers in AWS's own layout.

A number of version 2 is a 186-bit integer, 56 decimal digits. Its bits, the lowest being 0:

========  ===========================================
184-187   2
148-183   creation second of the shard, since the epoch
144-147   low nibble of the shard's index
80-143    counter, 63 bits; 0 starts a shard, all ones end it
72-79     0
36-71     second of this number
4-35      index of the shard
0-3       version, 2
========  ===========================================

AWS does not document the layout; it was derived from recorded numbers of 2014 to 2026.
"""

from __future__ import annotations

from kinesis_fake.named_tuples import NamedTuple

#: The counter of a closed shard's EndingSequenceNumber.
LAST_COUNTER = (1 << 63) - 1
#: AWS refuses numbers whose shard was created at this second or later (recorded).
_CREATION_SECOND_BOUND = 16_025_175_000
COUNTER_SHIFT = 80
SECOND_SHIFT = 36


class InvalidSequenceNumberError(ValueError):
    """AWS cannot have issued a sequence number of these digits."""


class SequenceNumber(NamedTuple):
    """The parts of a sequence number; seconds are since the epoch."""

    version: int
    creation_second: int
    shard_index: int
    second: int


def base_of(creation_second: int, shard_index: int) -> int:
    """The fields that are the same in all numbers of a shard: all but the counter and the second."""
    return (2 << 184) | (creation_second << 148) | ((shard_index & 0xF) << 144) | (shard_index << 4) | 2


def number(base: int, counter: int, second: int) -> str:
    """The sequence number with this counter and second in the shard of this base."""
    return str(base | counter << COUNTER_SHIFT | second << SECOND_SHIFT)


def is_last(digits: str) -> bool:
    """Whether a number of version 2 has the counter of an EndingSequenceNumber, the shard's last number."""
    return int(digits) >> COUNTER_SHIFT & LAST_COUNTER == LAST_COUNTER


def widened(digits: str) -> str:
    """A short number of version 0 with the bit that AWS adds to it (recorded)."""
    value = int(digits)
    return str(value + (1 << 124) if value < 1 << 124 else value)


def parse(digits: str) -> SequenceNumber:
    """Read a number of version 0, 1 or 2; raises :class:`InvalidSequenceNumberError`."""
    value = int(digits)
    if value < 1 << 124:
        value += 1 << 124
    nibbles = f"{value:x}"
    if value < 1 << 129:
        return _parsed(0, nibbles[1:10], nibbles[28:32], nibbles[1:10])
    if not 1 << 185 < value < 3 << 184:
        raise InvalidSequenceNumberError(digits)
    version = value & 0xF
    if version == 2:
        if int(nibbles[11], 16) > 7:
            raise InvalidSequenceNumberError(digits)
        return _parsed(2, nibbles[1:10], nibbles[38:46], nibbles[29:38])
    if version == 1:
        return _parsed(1, nibbles[1:10], nibbles[38:46], nibbles[13:22])
    raise InvalidSequenceNumberError(digits)


def _parsed(version: int, creation: str, index: str, second: str) -> SequenceNumber:
    creation_second = int(creation, 16)
    if version != 1 and creation_second >= _CREATION_SECOND_BOUND:
        raise InvalidSequenceNumberError(creation)
    shard_index = int(index, 16)
    if shard_index >= 1 << 31:  # AWS reads the index as a signed 32-bit integer
        shard_index -= 1 << 32
    return SequenceNumber(version, creation_second, shard_index, int(second, 16))
