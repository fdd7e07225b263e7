"""Strategies for names and keys: names of streams, partition keys and hash keys."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from kinesis_fake.domain.hash_key import hash_key_of
from kinesis_fake.misuse import KinesisFakeError, shown

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from kinesis_fake.toolkit.views.shards import ShardView

LAST_HASH_KEY = 2**128 - 1
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
#: Keys that break programs: one letter written in two ways, characters outside the basic plane, text that runs from
#: right to left, invisible characters, characters that JSON escapes, and texts that look like other values.
_ODD_KEYS = (
    "é",
    "e\u0301",
    "😀",
    "👩\u200d👩\u200d👧",
    "مفتاح",
    "\u202ekey",
    "\u200b",
    "\ufeff",
    "\u2028",
    '"',
    "\\",
    "\n",
    "\x00",
    "\x7f",
    " ",
    "null",
    "None",
    "0",
    "-1",
    "1e3",
)


def stream_names() -> SearchStrategy[str]:
    """Names that CreateStream accepts: 1 to 128 of letters, digits, ``_``, ``.`` and ``-``."""
    ordinary = st.text(_NAME_CHARACTERS, min_size=1, max_size=12)
    limits = st.sampled_from(["a", "-", ".", "_", "..", "0", "A" * 127, "a" * 128, "." * 128])
    return st.one_of(ordinary, limits)


def require_shard(shard: object) -> None:
    """Refuse what is no view of a shard; None stands for any shard."""
    from kinesis_fake.toolkit.views.shards import ShardView

    if shard is not None and not isinstance(shard, ShardView):
        raise KinesisFakeError(
            f"shard must be a view of a shard, such as kinesis.stream('orders').shards[0], not {shown(shard)}."
        )


def partition_keys(shard: ShardView | None = None) -> SearchStrategy[str]:
    """Partition keys of 1 to 256 characters, odd Unicode included; with ``shard`` only keys whose records go there."""
    require_shard(shard)
    if shard is not None:
        return _partition_keys_of(shard.shard_id, shard.starting_hash_key, shard.ending_hash_key)
    ordinary = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
    limits = st.sampled_from(["a" * 255, "a" * 256, "é" * 256, "漢" * 256, "😀" * 128])
    return st.one_of(st.sampled_from("0123456789"), ordinary, st.sampled_from(_ODD_KEYS), limits)


def _partition_keys_of(shard_id: str, starting_hash_key: int, ending_hash_key: int) -> SearchStrategy[str]:
    """The first keys, counted from 0, whose hash keys lie in the range: a filter would throw nearly all keys away."""
    wanted = range(starting_hash_key, ending_hash_key + 1)
    tries = 64 * (2**128 // (ending_hash_key - starting_hash_key + 1) + 1)
    if tries > 1_000_000:
        raise KinesisFakeError(
            f"{shard_id} covers too few hash keys to look for partition keys that lead to it; put records there with "
            f"hash_keys(shard) as their explicit hash keys."
        )
    return st.sampled_from(list(islice((key for key in map(str, range(tries)) if hash_key_of(key) in wanted), 32)))


def hash_keys(shard: ShardView | None = None) -> SearchStrategy[int]:
    """Hash keys at and beside both ends and the middle of the whole range, or of a shard's range."""
    require_shard(shard)
    first, last = (0, LAST_HASH_KEY) if shard is None else (shard.starting_hash_key, shard.ending_hash_key)
    middle = (first + last + 1) // 2
    near = [first, first + 1, first + 2, middle - 1, middle, middle + 1, last - 1, last]
    inside = sorted({hash_key for hash_key in near if first <= hash_key <= last})
    return st.one_of(st.sampled_from(inside), st.integers(first, last))
