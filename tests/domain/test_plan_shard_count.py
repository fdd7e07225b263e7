"""The plan of an UpdateShardCount: single splits and merges from any shards to even ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake.domain.hash_key import even_ranges
from kinesis_fake.domain.region import World
from kinesis_fake.domain.stream import Merge, Split, Stream
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


@contextmanager
def following(stream: Stream, target: int) -> Iterator[list[Split | Merge]]:
    plan = stream.plan_shard_count(target)
    for now, step in enumerate(plan, start=1):
        before = ranges_of(stream)
        stream.reshard(step, now * 1000)
        after = ranges_of(stream)
        assert after[0][0] == 0
        assert after[-1][1] == 2**128 - 1
        assert all(end + 1 == start for (_, end), (start, _) in zip(after, after[1:], strict=False))
        assert len(after) - len(before) == (1 if isinstance(step, Split) else -1)
    yield plan


@given(st.integers(1, 40), st.integers(1, 40))
def test_the_plan_leads_from_even_shards_to_even_shards(count, target):
    stream = stream_with(count)
    with following(stream, target) as plan:
        assert ranges_of(stream) == even_ranges(target)
        assert len(plan) < count + target


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 99), st.integers(2, 2**128 - 3)), max_size=12), st.integers(1, 9))
def test_the_plan_leads_from_any_shards_to_even_shards(count, cuts, target):
    stream = stream_with(count)
    for which, where in cuts:
        shard = stream.open_shards[which % len(stream.open_shards)]
        hash_key = shard.starting_hash_key + where % (shard.ending_hash_key - shard.starting_hash_key + 1)
        if shard.starting_hash_key + 1 < hash_key < shard.ending_hash_key:
            stream.reshard(Split(shard.index, hash_key), 500)
    with following(stream, target):
        assert ranges_of(stream) == even_ranges(target)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64])
def test_even_shards_need_no_step(count):
    assert stream_with(count).plan_shard_count(count) == []


@pytest.mark.parametrize("count", [1, 2, 5, 50])
def test_twice_as_many_need_one_split_each_and_half_as_many_one_merge_each(count):
    # Where the remainders fall differently, as from 5 to 10, ends are moved by a hash key or two.
    assert sum(isinstance(step, Split) for step in stream_with(count).plan_shard_count(2 * count)) >= count
    halves = stream_with(2 * count).plan_shard_count(count)
    assert sum(isinstance(step, Merge) for step in halves) >= count
