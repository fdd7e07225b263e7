"""AWS scales a stream on demand when the test says so."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, Limits
from tests.support.capacity import mode, switch

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    streams={"provisioned": 2, "on-demand": {"stream_mode_details": {"StreamMode": "ON_DEMAND"}}},
    autojump=False,
)

LAST = 2**128 - 1


def ranges(kinesis: Any) -> list[tuple[int, int]]:
    shards = kinesis.stream("on-demand").open_shards
    return sorted((shard.starting_hash_key, shard.ending_hash_key) for shard in shards)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 8, 100])
def test_an_on_demand_stream_scales_at_once_to_the_shards_that_the_test_wants(
    kinesis: KinesisFake, client: Any, count: Any
) -> None:
    before = kinesis.now
    shards = kinesis.stream("on-demand").scale_to(count)
    width = 2**128 // count
    starts = [start for start, _ in ranges(kinesis)]
    # Rounding alone cuts no shard: the fake keeps an end that differs from the exact one by rounding only.
    assert all(abs(start - number * width) <= count for number, start in enumerate(starts))
    assert [end for _, end in ranges(kinesis)] == [start - 1 for start in starts[1:]] + [LAST]
    assert len(starts) == count
    assert [shard.shard_id for shard in shards] == [shard.shard_id for shard in kinesis.stream("on-demand").open_shards]
    assert mode(client, "on-demand") == ("ACTIVE", "ON_DEMAND", count)
    assert kinesis.now == before


def test_records_move_on_to_the_new_shards_when_a_stream_scales(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("on-demand")
    old = stream.put(b"old", "key")
    stream.scale_to(8)
    new = stream.put(b"new", "key")
    assert new.shard_id == next(
        shard.shard_id for shard in stream.open_shards if shard.parent_shard_id == old.shard_id and shard.records
    )
    iterator = client.get_shard_iterator(
        StreamName="on-demand", ShardId=old.shard_id, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    answer = client.get_records(ShardIterator=iterator)
    assert [record["Data"] for record in answer["Records"]] == [b"old"]
    assert new.shard_id in {child["ShardId"] for child in answer["ChildShards"]}


def test_scaling_to_the_shards_that_are_there_changes_nothing(kinesis: KinesisFake) -> None:
    before = [shard.shard_id for shard in kinesis.stream("on-demand").shards]
    kinesis.stream("on-demand").scale_to(4)
    assert [shard.shard_id for shard in kinesis.stream("on-demand").shards] == before


def test_a_provisioned_stream_is_not_scaled(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("provisioned").scale_to(4)
    assert str(caught.value) == (
        "Stream provisioned is provisioned, AWS does not scale it by itself; call UpdateShardCount through a client, "
        "or split() and merge()."
    )


def test_a_stream_in_transition_is_not_scaled(kinesis: KinesisFake, client: Any) -> None:
    switch(client, "on-demand", "PROVISIONED")
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("on-demand").scale_to(8)
    assert str(caught.value) == "Stream on-demand is UPDATING; call settle() before you change its shards."


def test_a_stream_is_scaled_to_one_shard_at_least(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("on-demand").scale_to(0)
    assert str(caught.value) == (
        "The number of shards of scale_to() must be a whole number from 1 to 2147483647, not 0."
    )


@pytest.mark.fake_kinesis(limits=Limits(shards_per_stream=9, shards=2), streams={"on-demand": {}, "provisioned": 2})
def test_scale_to_obeys_the_quota_of_a_stream_and_not_that_of_provisioned_shards(kinesis: KinesisFake) -> None:
    stream = kinesis.stream("on-demand")
    assert len(stream.scale_to(9)) == 9
    with pytest.raises(KinesisFakeError) as caught:
        stream.scale_to(10)
    assert str(caught.value) == (
        "scale_to(10) was refused: Target shard count or number of open shards cannot be greater than 9. "
        "Current open shard count: 9, Target shard count: 10"
    )
    assert len(stream.open_shards) == 9


def test_scale_to_refuses_more_shards_than_any_computer_could_make(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError, match=r"^scale_to\(2147483647\) was refused: "):
        kinesis.stream("on-demand").scale_to(2**31 - 1)
    with pytest.raises(KinesisFakeError, match=r" must be a whole number from 1 to 2147483647, not 2147483648\.\n"):
        kinesis.stream("on-demand").scale_to(2**31)
    assert len(kinesis.stream("on-demand").open_shards) == 4
