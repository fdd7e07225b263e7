"""Hash keys: MD5 of the key's bytes, and ranges that cover all of them."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake.domain.hash_key import even_ranges, hash_key_of


@pytest.mark.parametrize(
    ("partition_key", "hexadecimal"),
    # RFC 1321, A.5
    [
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ],
)
def test_a_hash_key_is_the_md5_of_the_partition_key(partition_key: Any, hexadecimal: Any) -> None:
    assert hash_key_of(partition_key) == int(hexadecimal, 16)


@given(st.text(min_size=1))
def test_a_hash_key_is_made_of_the_keys_bytes_in_utf_8(partition_key: Any) -> None:
    assert hash_key_of(partition_key) == int.from_bytes(hashlib.md5(partition_key.encode()).digest(), "big")


@given(st.integers(1, 3000))
def test_even_ranges_cover_every_hash_key_once(shard_count: Any) -> None:
    ranges = even_ranges(shard_count)
    assert len(ranges) == shard_count
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 2**128 - 1
    width = 2**128 // shard_count
    assert all(end + 1 == start for (_, end), (start, _) in pairwise(ranges))
    assert {end - start + 1 for start, end in ranges[:-1]} <= {width}
    assert ranges[-1][1] - ranges[-1][0] + 1 == width + 2**128 % shard_count
