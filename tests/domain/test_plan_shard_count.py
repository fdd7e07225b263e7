"""The plan of an UpdateShardCount: single splits and merges from any shards to even ones."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake.domain.hash_key import even_ranges
from kinesis_fake.domain.reshard import Merge, Split
from kinesis_fake.domain.stream import Stream
from kinesis_fake.domain.world import World
from kinesis_fake.settings import Durations, Limits


def stream_with(shard_count: int) -> Stream:
    region = World(Durations(), Limits(), 0).region("123456789012", "us-east-1")
    stream = Stream(
        region,
        "s",
        shard_count=shard_count,
        stream_mode="PROVISIONED",
        max_record_size_kib=1024,
        record_distribution_strategy="USER_PARTITION_KEY",
        tags={},
        now=0,
    )
    stream.become_active(0)
    return stream


def ranges_of(stream: Stream) -> list[tuple[int, int]]:
    return [(shard.starting_hash_key, shard.ending_hash_key) for shard in stream.open_shards]


def is_even(stream: Stream, count: int) -> bool:
    """Even but for the rounding of counts that the stream had before."""
    found, rule = ranges_of(stream), even_ranges(count)
    return len(found) == count and all(
        abs(start - even_start) < 1000 and abs(end - even_end) < 1000
        for (start, end), (even_start, even_end) in zip(found, rule, strict=True)
    )


def follow(stream: Stream, target: int) -> tuple[list[Split | Merge], int]:
    """Take all steps; returns them, and how few hash keys a shard had in between."""
    plan = stream.plan_shard_count(target)
    narrowest = 2**128
    for now, step in enumerate(plan, start=1):
        before = ranges_of(stream)
        parent = stream.find_shard(step.shard_index, now * 1000)
        assert parent is not None
        stream.reshard(step, now * 1000)
        children = stream.children_of(parent)
        after = ranges_of(stream)
        assert after[0][0] == 0
        assert after[-1][1] == 2**128 - 1
        assert all(end + 1 == start for (_, end), (start, _) in pairwise(after))
        assert len(after) - len(before) == (1 if isinstance(step, Split) else -1)
        narrowest = min(narrowest, *(child.ending_hash_key - child.starting_hash_key + 1 for child in children))
    return plan, narrowest


@given(st.integers(1, 40), st.integers(1, 40))
def test_the_plan_leads_from_even_shards_to_even_shards(count: Any, target: Any) -> None:
    stream = stream_with(count)
    plan, narrowest = follow(stream, target)
    assert is_even(stream, target)
    assert len(plan) < count + target
    # No slivers are cut off where two counts round differently.
    assert narrowest > 2**128 // (2 * count * target)


lists_of_cuts = st.lists(st.tuples(st.integers(0, 99), st.integers(2, 2**128 - 3)), max_size=12)


@given(st.integers(1, 5), lists_of_cuts, st.integers(1, 9))
def test_the_plan_leads_from_any_shards_to_even_shards(count: Any, cuts: Any, target: Any) -> None:
    stream = stream_with(count)
    for which, where in cuts:
        shard = stream.open_shards[which % len(stream.open_shards)]
        hash_key = shard.starting_hash_key + where % (shard.ending_hash_key - shard.starting_hash_key + 1)
        if shard.starting_hash_key + 1 < hash_key < shard.ending_hash_key:
            stream.reshard(Split(shard.index, hash_key), 500)
    follow(stream, target)
    ends = zip(ranges_of(stream), even_ranges(target), strict=True)
    assert all(abs(end - even_end) < 2**64 for (_, end), (_, even_end) in ends)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64])
def test_even_shards_need_no_step(count: Any) -> None:
    assert stream_with(count).plan_shard_count(count) == []


@given(st.integers(1, 300))
@pytest.mark.thorough
def test_twice_as_many_need_one_split_each_and_half_as_many_one_merge_each(count: Any) -> None:
    doubled = stream_with(count).plan_shard_count(2 * count)
    assert [type(step) for step in doubled] == [Split] * count
    halved = stream_with(2 * count).plan_shard_count(count)
    assert halved == [Merge(2 * index, 2 * index + 1) for index in range(count)]


def test_any_walk_over_counts_keeps_the_ends_where_rounding_puts_them() -> None:
    stream = stream_with(3)
    for target in (6, 5, 10, 7, 14, 9, 13, 26, 17, 3, 2, 1, 2, 3):
        follow(stream, target)
        assert is_even(stream, target)
