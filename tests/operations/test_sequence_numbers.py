"""The sequence numbers that shards and records get, read digit by digit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake
from tests.support.sequence_numbers import BETWEEN_NEIGHBOURS, LAST_COUNTER, Fields, fields_of, written

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False)

START = 1767225600


def put(client: Any, stream_name: Any = "s", key: Any = "0") -> Any:
    answer = client.put_record(StreamName=stream_name, Data=b"", PartitionKey="a", ExplicitHashKey=key)
    return answer["SequenceNumber"]


def numbers_of(client: Any, stream_name: Any = "s") -> Any:
    """First and last number of each shard; the last is None while the shard is open."""
    shards = client.list_shards(StreamName=stream_name)["Shards"]
    found = [shard["SequenceNumberRange"] for shard in shards]
    return [(each["StartingSequenceNumber"], each.get("EndingSequenceNumber")) for each in found]


@pytest.mark.fake_kinesis(streams={"s": 20})
def test_first_numbers_have_counter_0_and_two_equal_seconds_shortly_before_the_stream_was_made(
    kinesis: KinesisFake, client: Any
) -> None:
    for index, (number, last) in enumerate(numbers_of(client)):
        assert fields_of(number) == Fields(
            creation_second=START - 3,
            index_nibble=index % 16,
            counter=0,
            zeroes=0,
            second=START - 3,
            shard_index=index,
            version=2,
        )
        assert last is None


@pytest.mark.fake_kinesis(streams={"s": 16})
def test_first_numbers_of_neighbours_are_as_far_apart_as_recorded(client: Any) -> None:
    firsts = [int(number) for number, _ in numbers_of(client)]
    assert {after - before for before, after in pairwise(firsts)} == {BETWEEN_NEIGHBOURS}


@pytest.mark.fake_kinesis(streams={"s": 300})
def test_numbers_of_records_carry_shard_counter_and_second(kinesis: KinesisFake, client: Any) -> None:
    key = str(2**128 - 1)
    kinesis.advance(seconds=100, milliseconds=999)
    for counter in (1, 2, 3):
        assert fields_of(put(client, key=key)) == Fields(START - 3, 299 % 16, counter, 0, START + 100, 299, 2)
    kinesis.advance(milliseconds=1)
    assert fields_of(put(client, key=key)) == Fields(START - 3, 299 % 16, 4, 0, START + 101, 299, 2)
    assert fields_of(put(client)) == Fields(START - 3, 0, 1, 0, START + 101, 0, 2)


@pytest.mark.fake_kinesis(streams={"s": 1})
def test_a_split_ends_the_parent_one_second_before_its_children_begin(kinesis: KinesisFake, client: Any) -> None:
    put(client)
    kinesis.advance(milliseconds=1234)
    client.split_shard(StreamName="s", ShardToSplit="0", NewStartingHashKey="99")
    kinesis.settle()
    done = START + 32  # 31.234 seconds, at the next whole second
    (_, last), *children = numbers_of(client)
    assert fields_of(last) == Fields(START - 3, 0, LAST_COUNTER, 0, done - 1, 0, 2)
    assert [fields_of(number) for number, _ in children] == [
        Fields(done, index, 0, 0, done, index, 2) for index in (1, 2)
    ]
    assert fields_of(put(client)) == Fields(done, 1, 1, 0, done, 1, 2)


@pytest.mark.fake_kinesis(streams={"s": 2})
def test_both_parents_of_a_merge_end_in_the_same_second(kinesis: KinesisFake, client: Any) -> None:
    client.merge_shards(StreamName="s", ShardToMerge="0", AdjacentShardToMerge="1")
    kinesis.settle()
    (_, lower), (_, upper), (child, _) = numbers_of(client)
    assert fields_of(lower) == Fields(START - 3, 0, LAST_COUNTER, 0, START + 29, 0, 2)
    assert fields_of(upper) == Fields(START - 3, 1, LAST_COUNTER, 0, START + 29, 1, 2)
    assert fields_of(child) == Fields(START + 30, 2, 0, 0, START + 30, 2, 2)


@pytest.mark.parametrize("offset_ms", [0, 1, 999])
@pytest.mark.fake_kinesis(streams={"s": 1}, durations=Durations.instant())
def test_numbers_rise_from_parent_to_child_even_where_all_happens_at_one_instant(
    kinesis: KinesisFake, client: Any, offset_ms: Any
) -> None:
    kinesis.advance(milliseconds=offset_ms)
    lineage = [0]
    numbers = []
    for _ in range(5):
        numbers.append(int(put(client)))
        client.split_shard(
            StreamName="s", ShardToSplit=str(lineage[-1]), NewStartingHashKey=str(2**100 >> len(lineage))
        )
        lineage.append(int(kinesis.stream("s").shards[-2].shard_id[8:]))
    numbers.append(int(put(client)))
    assert numbers == sorted(set(numbers))
    bounds = numbers_of(client)
    for index, number in zip(lineage, numbers, strict=True):
        first, last = bounds[index]
        assert int(first) < number
        assert last is None or number < int(last)
    ends = [fields_of(bounds[index][1]).second for index in lineage[:-1]]
    starts = [fields_of(bounds[index][0]).creation_second for index in lineage[1:]]
    assert starts == [second + 1 for second in ends]
    # A second each, although no time has passed: no shard ends before it began.
    assert starts == list(range(starts[0], starts[0] + 5))


@pytest.mark.fake_kinesis(streams={"s": 4})
def test_numbers_are_unique_in_a_stream_and_rise_in_a_shard_through_reshards(kinesis: KinesisFake, client: Any) -> None:
    given: dict[str, list[int]] = {}
    shard_of: dict[str, str] = {}

    def put_many() -> None:
        records = [{"Data": b"", "PartitionKey": f"key-{number}"} for number in range(40)]
        for entry in client.put_records(StreamName="s", Records=records)["Records"]:
            assert len(entry["SequenceNumber"]) == 56
            assert entry["SequenceNumber"] not in shard_of
            shard_of[entry["SequenceNumber"]] = entry["ShardId"]
            given.setdefault(entry["ShardId"], []).append(int(entry["SequenceNumber"]))

    for target in (3, 5, 4, 8):
        client.update_shard_count(StreamName="s", TargetShardCount=target, ScalingType="UNIFORM_SCALING")
        while kinesis.pending():
            put_many()
            kinesis.travel_to(kinesis.pending()[0].due_at)
            put_many()
    assert all(numbers == sorted(numbers) for numbers in given.values())
    described = {shard["ShardId"]: shard for shard in client.list_shards(StreamName="s")["Shards"]}
    for shard_id, numbers in given.items():
        bounds = described[shard_id]["SequenceNumberRange"]
        assert int(bounds["StartingSequenceNumber"]) < numbers[0]
        assert numbers[-1] < int(bounds.get("EndingSequenceNumber", "9" * 56))
    for shard in described.values():
        for parent in (shard.get("ParentShardId"), shard.get("AdjacentParentShardId")):
            if parent is not None:
                assert int(described[parent]["SequenceNumberRange"]["EndingSequenceNumber"]) < int(
                    shard["SequenceNumberRange"]["StartingSequenceNumber"]
                )


@pytest.mark.fake_kinesis(streams={"s": 1})
def test_a_stream_that_is_made_anew_gives_other_numbers(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    before = put(client)
    client.delete_stream(StreamName="s")
    kinesis.advance(seconds=20)
    client.create_stream(StreamName="s", ShardCount=1)
    kinesis.advance(seconds=20)
    request = {"StreamName": "s", "ShardId": "0", "ShardIteratorType": "AT_SEQUENCE_NUMBER"}
    assert refusal("GetShardIterator", **request, StartingSequenceNumber=before) == (
        "InvalidArgumentException",
        f"StartingSequenceNumber {before} used in GetShardIterator on shard shardId-000000000000 in stream s under "
        "account 123456789012 is invalid because it did not come from this stream.",
    )


def test_numbers_recorded_from_aws_read_as_they_should() -> None:
    real = "49674026002850188218576229259473476449429298564223254594"
    assert fields_of(real)._replace(counter=0) == Fields(
        creation_second=1777319237, index_nibble=4, counter=0, zeroes=0, second=1777320018, shard_index=3076, version=2
    )
    assert (
        written(creation_second=1777319237, shard_index=3076, counter=fields_of(real).counter, second=1777320018)
        == real
    )
