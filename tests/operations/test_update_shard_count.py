"""UpdateShardCount, and the ranges of hash keys that must be covered exactly once at every instant."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake, Limits

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False)

LAST = 2**128 - 1


def ranges(shards: Any) -> Any:
    return [(shard.starting_hash_key, shard.ending_hash_key) for shard in shards]


def even(count: Any) -> Any:
    """AWS's rule: all of the same width, but for the last, which takes the remainder."""
    width = 2**128 // count
    return [(index * width, (index + 1) * width - 1 if index < count - 1 else LAST) for index in range(count)]


def number_of(shard_id: str | None) -> int:
    assert shard_id is not None
    return int(shard_id.removeprefix("shardId-"))


def is_even(shards: Any, count: Any) -> Any:
    """Whether the shards differ from AWS's rule by no more than rounding, which moves an end by a few hash keys."""
    found, rule = ranges(shards), even(count)
    return len(found) == count and all(
        abs(start - even_start) < 1000 and abs(end - even_end) < 1000
        for (start, end), (even_start, even_end) in zip(found, rule, strict=True)
    )


def update(client: Any, target: Any, stream_name: Any = "s") -> Any:
    return client.update_shard_count(StreamName=stream_name, TargetShardCount=target, ScalingType="UNIFORM_SCALING")


def in_order(stream: Any) -> Any:
    return sorted(stream.open_shards, key=lambda shard: shard.starting_hash_key)


def assert_each_hash_key_has_one_open_shard(client: Any, stream: Any) -> None:
    """By the ranges, and by records put to both ends of each."""
    found = ranges(in_order(stream))
    assert [start for start, _ in found] == [0, *(end + 1 for _, end in found[:-1])]
    assert found[-1][1] == LAST
    ends = [key for pair in found for key in pair]
    answer = client.put_records(
        StreamName=stream.stream_name,
        Records=[{"Data": b"", "PartitionKey": "any", "ExplicitHashKey": str(key)} for key in ends],
    )
    assert [entry["ShardId"] for entry in answer["Records"]] == [
        shard.shard_id for shard in in_order(stream) for _ in range(2)
    ]


def check_all_the_way(kinesis: KinesisFake, client: Any, stream: Any) -> Any:
    """Look just before and at every step of what is going on; returns how many steps there were."""
    steps = 0
    assert_each_hash_key_has_one_open_shard(client, stream)
    while pending := kinesis.pending():
        steps += 1
        due_at = pending[0].due_at
        if due_at > kinesis.now:
            kinesis.travel_to(due_at - timedelta(milliseconds=1))
            assert stream.status == "UPDATING"
            assert_each_hash_key_has_one_open_shard(client, stream)
        kinesis.travel_to(due_at)
        assert_each_hash_key_has_one_open_shard(client, stream)
    assert stream.status == "ACTIVE"
    return steps


@pytest.mark.parametrize("count", [*range(1, 34), 100, 128, 999, 1000])
@pytest.mark.fake_kinesis(limits=Limits(shards=1000))
def test_new_streams_are_cut_evenly_and_the_last_shard_takes_the_remainder(kinesis: KinesisFake, count: Any) -> None:
    assert ranges(kinesis.create_stream("s", shards=count).shards) == even(count)


@pytest.mark.parametrize(
    ("count", "ends"),
    [
        (1, [340282366920938463463374607431768211455]),
        (2, [170141183460469231731687303715884105727, 340282366920938463463374607431768211455]),
        (
            3,
            [
                113427455640312821154458202477256070484,
                226854911280625642308916404954512140969,
                340282366920938463463374607431768211455,
            ],
        ),
        (
            5,
            [
                68056473384187692692674921486353642290,
                136112946768375385385349842972707284581,
                204169420152563078078024764459060926872,
                272225893536750770770699685945414569163,
                340282366920938463463374607431768211455,
            ],
        ),
    ],
)
def test_new_streams_are_cut_as_recorded(kinesis: KinesisFake, client: Any, count: Any, ends: Any) -> None:
    kinesis.create_stream("s", shards=count)
    listed = [shard["HashKeyRange"] for shard in client.list_shards(StreamName="s")["Shards"]]
    assert [int(each["EndingHashKey"]) for each in listed] == ends
    assert [int(each["StartingHashKey"]) for each in listed] == [0, *(end + 1 for end in ends[:-1])]


@pytest.mark.fake_kinesis(streams={"s": 4})
def test_four_shards_become_three_as_was_observed(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("s")
    answer = update(client, 3)
    del answer["ResponseMetadata"]
    assert answer == {
        "StreamName": "s",
        "StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        "CurrentShardCount": 4,
        "TargetShardCount": 3,
    }
    check_all_the_way(kinesis, client, stream)
    assert [int(shard.shard_id[8:]) for shard in stream.open_shards] == [6, 9, 10]
    assert [int(shard.shard_id[8:]) for shard in stream.shards] == list(range(11))
    assert ranges(in_order(stream)) == even(3)


# Not only counts that divide 2^128: where rounding puts the ends elsewhere, no slivers must be cut off.
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 10])
def test_doubling_splits_each_shard_in_the_middle(kinesis: KinesisFake, client: Any, count: Any) -> None:
    stream = kinesis.create_stream("s", shards=count)
    update(client, 2 * count)
    assert check_all_the_way(kinesis, client, stream) == count
    assert is_even(stream.open_shards, 2 * count)
    assert [int(shard.shard_id[8:]) for shard in stream.open_shards] == list(range(count, 3 * count))
    assert [number_of(shard.parent_shard_id) for shard in stream.open_shards] == [n // 2 for n in range(2 * count)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 10])
def test_halving_merges_neighbours(kinesis: KinesisFake, client: Any, count: Any) -> None:
    stream = kinesis.create_stream("s", shards=2 * count)
    update(client, count)
    assert check_all_the_way(kinesis, client, stream) == count
    assert is_even(stream.open_shards, count)
    assert [
        (number_of(shard.parent_shard_id), number_of(shard.adjacent_parent_shard_id)) for shard in stream.open_shards
    ] == [(2 * n, 2 * n + 1) for n in range(count)]


@pytest.mark.fake_kinesis(streams={"s": 3})
def test_doubling_and_halving_come_back_to_the_same_ranges(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("s")
    for target in (6, 3, 6, 12, 6, 3):
        update(client, target)
        kinesis.settle()
    assert ranges(in_order(stream)) == even(3)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.thorough_but(first=3)
def test_every_walk_over_shard_counts_covers_all_hash_keys_once_and_ends_even(
    kinesis: KinesisFake, client: Any, seed: Any
) -> None:
    random = Random(seed)
    count = random.randint(1, 9)
    stream = kinesis.create_stream("s", shards=count)
    for _ in range(4):
        count = random.randint(-(-count // 2), min(2 * count, 14))
        update(client, count)
        check_all_the_way(kinesis, client, stream)
        assert is_even(in_order(stream), count)


@pytest.mark.fake_kinesis(streams={"s": 2})
def test_uneven_shards_are_made_even(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("s")
    first, _ = stream.split("shardId-000000000000", 2)
    stream.split("shardId-000000000001", LAST - 1)
    assert ranges([first]) == [(0, 1)]
    update(client, 5)
    check_all_the_way(kinesis, client, stream)
    assert ranges(in_order(stream)) == even(5)


@pytest.mark.fake_kinesis(streams={"s": 3}, limits=Limits(update_shard_count_per_day=1))
def test_the_count_that_a_stream_has_already_changes_nothing(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("s")
    stream.merge("shardId-000000000000", "shardId-000000000001")
    stream.split("shardId-000000000003", 7)  # UpdateShardCount does not even them out
    before = client.list_shards(StreamName="s")["Shards"]
    for _ in range(3):
        answer = update(client, 3)
        assert (answer["CurrentShardCount"], answer["TargetShardCount"], stream.status) == (3, 3, "ACTIVE")
    assert kinesis.pending() == []
    assert client.list_shards(StreamName="s")["Shards"] == before
    update(client, 4)
    assert stream.status == "UPDATING"


@pytest.mark.fake_kinesis(streams={"s": 3})
def test_three_shards_become_one_as_was_recorded(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("s")
    update(client, 1)
    seen = [len(stream.open_shards)]
    while kinesis.pending():
        kinesis.travel_to(kinesis.pending()[0].due_at)
        seen.append(len(stream.open_shards))
    assert seen == [3, 2, 1]
    assert [shard.shard_id for shard in stream.open_shards] == ["shardId-000000000004"]


@pytest.mark.fake_kinesis(streams={"s": 2})
def test_two_shards_become_three_as_was_recorded(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("s")
    update(client, 3)
    seen = [len(stream.open_shards)]
    while kinesis.pending():
        kinesis.travel_to(kinesis.pending()[0].due_at)
        seen.append(len(stream.open_shards))
    assert (seen[0], max(seen), seen[-1]) == (2, 4, 3)
    assert ranges(in_order(stream)) == even(3)
    assert len(stream.shards) == 7


@pytest.mark.fake_kinesis(streams={"s": 2})
def test_the_steps_are_seen_while_they_go_on(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("s")
    update(client, 4)
    seen = []
    for _ in range(4):
        seen.append(
            (stream.status, len(stream.open_shards), client.list_shards(StreamName="s")["Shards"][-1]["ShardId"])
        )
        kinesis.advance(seconds=20)
    assert seen == [
        ("UPDATING", 2, "shardId-000000000001"),
        ("UPDATING", 2, "shardId-000000000001"),
        ("UPDATING", 3, "shardId-000000000003"),
        ("ACTIVE", 4, "shardId-000000000005"),
    ]


@pytest.mark.fake_kinesis(streams={"s": 6}, durations=Durations.instant())
def test_without_durations_it_is_over_at_once(kinesis: KinesisFake, client: Any) -> None:
    now = kinesis.now
    update(client, 9)
    stream = kinesis.stream("s")
    assert (stream.status, kinesis.now) == ("ACTIVE", now)
    assert is_even(in_order(stream), 9)
    assert_each_hash_key_has_one_open_shard(client, stream)


@pytest.mark.fake_kinesis(streams={"s": 500})
def test_a_large_stream_is_doubled(kinesis: KinesisFake, client: Any) -> None:
    update(client, 1000)
    kinesis.settle()
    assert is_even(in_order(kinesis.stream("s")), 1000)
    assert kinesis.now.isoformat() == "2026-01-01T00:01:00+00:00"
