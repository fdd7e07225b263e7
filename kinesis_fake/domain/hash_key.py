"""Hash keys: 128-bit integers that decide which shard a record goes to."""

from __future__ import annotations

from functools import partial

# Kinesis uses MD5 to spread keys, not to protect anything, and FIPS builds of OpenSSL want the caller to say so.
# Python's own implementation, where it is built in, takes a third of the time: OpenSSL sets up a context for each key.
try:
    from _md5 import md5 as _md5  # type: ignore[import-not-found]
except ImportError:
    import hashlib

    _md5 = partial(hashlib.md5, usedforsecurity=False)

#: Looked up once here, not for each of the 500 keys of a call.
_int_of_bytes = int.from_bytes

HASH_KEY_SPACE = 1 << 128
MAX_HASH_KEY = HASH_KEY_SPACE - 1


def hash_key_of(partition_key: str) -> int:
    """MD5 of the key's UTF-8 bytes, read as an unsigned big-endian integer (API reference, PutRecord)."""
    return _int_of_bytes(_md5(partition_key.encode("utf-8", "surrogatepass")).digest(), "big")


def even_ranges(shard_count: int) -> list[tuple[int, int]]:
    """The ranges, both ends inclusive, that AWS cuts for ``shard_count`` shards; the last takes the remainder."""
    width = HASH_KEY_SPACE // shard_count
    starts = [index * width for index in range(shard_count)]
    ends = [start - 1 for start in starts[1:]] + [MAX_HASH_KEY]
    return list(zip(starts, ends, strict=True))
