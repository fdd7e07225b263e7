"""SplitShard and MergeShards: what happens to shards, to the records in them, and to their readers."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.sequence_numbers import LAST_COUNTER, fields_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 2})

MIDDLE = 2**127
LAST = 2**128 - 1
S0, S1, S2, S3, S4 = (f"shardId-{index:012}" for index in range(5))


def put(client: Any, hash_key: Any, data: Any = b"data") -> Any:
    return client.put_record(StreamName="s", Data=data, PartitionKey="key", ExplicitHashKey=str(hash_key))


def shard_of(client: Any, hash_key: Any) -> Any:
    return put(client, hash_key)["ShardId"]


def iterator(client: Any, shard_id: Any, iterator_type: Any = "TRIM_HORIZON", **parameters: Any) -> Any:
    return client.get_shard_iterator(StreamName="s", ShardId=shard_id, ShardIteratorType=iterator_type, **parameters)[
        "ShardIterator"
    ]


def read(client: Any, shard_id: Any, **parameters: Any) -> Any:
    return client.get_records(ShardIterator=iterator(client, shard_id), **parameters)


def shards(client: Any) -> Any:
    described = client.describe_stream(StreamName="s")["StreamDescription"]["Shards"]
    assert client.list_shards(StreamName="s")["Shards"] == described
    return described


def split(client: Any, shard_id: Any, hash_key: Any) -> None:
    client.split_shard(StreamName="s", ShardToSplit=shard_id, NewStartingHashKey=str(hash_key))


def merge(client: Any, shard_id: Any, adjacent_shard_id: Any) -> None:
    client.merge_shards(StreamName="s", ShardToMerge=shard_id, AdjacentShardToMerge=adjacent_shard_id)


def hash_key_range(start: Any, end: Any) -> Any:
    return {"StartingHashKey": str(start), "EndingHashKey": str(end)}


def test_a_split_cuts_a_shard_in_two_and_closes_it(kinesis: KinesisFake, client: Any) -> None:
    before = shards(client)
    split(client, S0, 1000)
    assert shards(client) == before
    kinesis.advance(seconds=30)
    parent, other, lower, upper = shards(client)
    number = parent["SequenceNumberRange"].pop("EndingSequenceNumber")
    assert (fields_of(number).counter, int(number) > int(parent["SequenceNumberRange"]["StartingSequenceNumber"])) == (
        LAST_COUNTER,
        True,
    )
    assert [parent, other] == before
    assert [{**child, "SequenceNumberRange": None} for child in (lower, upper)] == [
        {
            "ShardId": S2,
            "ParentShardId": S0,
            "HashKeyRange": hash_key_range(0, 999),
            "SequenceNumberRange": None,
        },
        {
            "ShardId": S3,
            "ParentShardId": S0,
            "HashKeyRange": hash_key_range(1000, MIDDLE - 1),
            "SequenceNumberRange": None,
        },
    ]
    assert all(list(child["SequenceNumberRange"]) == ["StartingSequenceNumber"] for child in (lower, upper))


def test_a_merge_joins_two_shards_and_closes_them(kinesis: KinesisFake, client: Any) -> None:
    merge(client, S0, S1)
    kinesis.advance(seconds=30)
    lower, upper, child = shards(client)
    assert {**child, "SequenceNumberRange": None} == {
        "ShardId": S2,
        "ParentShardId": S0,
        "AdjacentParentShardId": S1,
        "HashKeyRange": hash_key_range(0, LAST),
        "SequenceNumberRange": None,
    }
    ends = [fields_of(parent["SequenceNumberRange"]["EndingSequenceNumber"]) for parent in (lower, upper)]
    assert ends[0].second == ends[1].second


def test_until_the_stream_is_active_again_records_go_to_the_parents(kinesis: KinesisFake, client: Any) -> None:
    split(client, S0, 1000)
    kinesis.advance(milliseconds=29_999)
    assert kinesis.stream("s").status == "UPDATING"
    assert [shard_of(client, key) for key in (0, 999, 1000, MIDDLE - 1, MIDDLE)] == [S0, S0, S0, S0, S1]
    kinesis.advance(milliseconds=1)
    assert kinesis.stream("s").status == "ACTIVE"
    assert [shard_of(client, key) for key in (0, 999, 1000, MIDDLE - 1, MIDDLE)] == [S2, S2, S3, S3, S1]
    merge(client, S3, S1)
    kinesis.advance(milliseconds=29_999)
    assert [shard_of(client, key) for key in (1000, LAST)] == [S3, S1]
    kinesis.advance(milliseconds=1)
    assert [shard_of(client, key) for key in (999, 1000, MIDDLE, LAST)] == [S2, S4, S4, S4]


def test_a_reshard_ends_on_a_whole_second(kinesis: KinesisFake, client: Any) -> None:
    kinesis.advance(milliseconds=1)
    split(client, S0, 1000)
    kinesis.advance(milliseconds=30_998)
    assert shard_of(client, 0) == S0
    kinesis.advance(milliseconds=1)
    assert shard_of(client, 0) == S2


def test_the_parent_keeps_its_records_as_they_were(kinesis: KinesisFake, client: Any) -> None:
    numbers: list[Any] = []
    for _ in range(5):
        numbers.append(put(client, 0, b"%d" % len(numbers))["SequenceNumber"])
        kinesis.advance(milliseconds=7)
    before = read(client, S0)["Records"]
    split(client, S0, 1000)
    kinesis.settle()
    assert read(client, S0)["Records"] == before
    assert [record["SequenceNumber"] for record in before] == numbers
    assert [record["Data"] for record in before] == [b"0", b"1", b"2", b"3", b"4"]
    assert read(client, S2)["Records"] == read(client, S3)["Records"] == []


def test_a_closed_shard_ends_with_the_children_of_its_split(kinesis: KinesisFake, client: Any) -> None:
    put(client, 0)
    split(client, S0, 1000)
    kinesis.settle()
    end = read(client, S0)
    assert [record["Data"] for record in end["Records"]] == [b"data"]
    assert "NextShardIterator" not in end
    assert end["ChildShards"] == [
        {"ShardId": S2, "ParentShards": [S0], "HashKeyRange": hash_key_range(0, 999)},
        {"ShardId": S3, "ParentShards": [S0], "HashKeyRange": hash_key_range(1000, MIDDLE - 1)},
    ]
    assert end["MillisBehindLatest"] == 1000  # as old as the second of the EndingSequenceNumber


@pytest.mark.parametrize(("later", "behind"), [(0, 1000), (1, 2000), (999, 2000), (1000, 2000), (60_000, 61_000)])
def test_the_end_of_a_closed_shard_is_as_old_as_its_last_second(
    kinesis: KinesisFake, client: Any, later: Any, behind: Any
) -> None:
    put(client, 0)
    split(client, S0, 1000)
    kinesis.settle()
    last_second = fields_of(shards(client)[0]["SequenceNumberRange"]["EndingSequenceNumber"]).second
    kinesis.advance(milliseconds=later)
    assert kinesis.now.timestamp() == last_second + 1 + later / 1000
    places = [iterator(client, S0, how) for how in ("TRIM_HORIZON", "LATEST")]
    answers = [client.get_records(ShardIterator=place) for place in places]
    assert [len(answer["Records"]) for answer in answers] == [1, 0]
    assert [answer["MillisBehindLatest"] for answer in answers] == [behind, behind]


def test_both_parents_of_a_merge_end_with_its_child(kinesis: KinesisFake, client: Any) -> None:
    merge(client, S0, S1)
    kinesis.settle()
    child = {"ShardId": S2, "ParentShards": [S0, S1], "HashKeyRange": hash_key_range(0, LAST)}
    for parent in (S0, S1):
        end = read(client, parent)
        assert (end["Records"], end["ChildShards"], "NextShardIterator" in end) == ([], [child], False)


def test_a_closed_shard_goes_on_until_its_last_record(kinesis: KinesisFake, client: Any) -> None:
    for number in range(3):
        put(client, 0, b"%d" % number)
    split(client, S0, 1000)
    kinesis.settle()
    page = read(client, S0, Limit=2)
    assert "ChildShards" not in page
    assert page["MillisBehindLatest"] == 30_000
    page = client.get_records(ShardIterator=page["NextShardIterator"], Limit=1)
    assert [record["Data"] for record in page["Records"]] == [b"2"]
    assert ("NextShardIterator" in page, len(page["ChildShards"])) == (False, 2)


def test_an_open_shard_never_ends(kinesis: KinesisFake, client: Any) -> None:
    page = read(client, S0)
    for _ in range(3):
        assert ("ChildShards" in page, page["Records"], page["MillisBehindLatest"]) == (False, [], 0)
        page = client.get_records(ShardIterator=page["NextShardIterator"])


def test_a_reader_that_was_there_before_the_split_reads_on_and_comes_to_the_end(
    kinesis: KinesisFake, client: Any
) -> None:
    place = iterator(client, S0, "LATEST")
    put(client, 0, b"before")
    split(client, S0, 1000)
    page = client.get_records(ShardIterator=place)
    assert [record["Data"] for record in page["Records"]] == [b"before"]
    kinesis.advance(milliseconds=29_999)
    put(client, 0, b"at the last moment")
    page = client.get_records(ShardIterator=page["NextShardIterator"], Limit=1)
    kinesis.advance(milliseconds=1)
    put(client, 0, b"after")
    end = client.get_records(ShardIterator=place)
    assert [record["Data"] for record in end["Records"]] == [b"before", b"at the last moment"]
    assert ("NextShardIterator" in end, len(end["ChildShards"])) == (False, 2)
    end = client.get_records(ShardIterator=page["NextShardIterator"])
    assert (end["Records"], "NextShardIterator" in end, len(end["ChildShards"])) == ([], False, 2)


@pytest.mark.parametrize("how", ["LATEST", "AT_SEQUENCE_NUMBER"])
def test_a_reader_that_starts_at_the_end_of_a_closed_shard_is_sent_to_its_children(
    kinesis: KinesisFake, client: Any, how: Any
) -> None:
    put(client, 0)
    split(client, S0, 1000)
    kinesis.settle()
    end = shards(client)[0]["SequenceNumberRange"]["EndingSequenceNumber"]
    place = iterator(client, S0, how, **({} if how == "LATEST" else {"StartingSequenceNumber": end}))
    page = client.get_records(ShardIterator=place)
    assert (page["Records"], "NextShardIterator" in page, len(page["ChildShards"])) == ([], False, 2)


def test_a_grandparent_names_its_children_only(kinesis: KinesisFake, client: Any) -> None:
    split(client, S0, 1000)
    kinesis.settle()
    merge(client, S2, S3)
    kinesis.settle()
    assert [child["ShardId"] for child in read(client, S0)["ChildShards"]] == [S2, S3]
    assert [child["ShardId"] for child in read(client, S2)["ChildShards"]] == [S4]
    assert read(client, S4)["NextShardIterator"]


def test_a_shard_can_be_split_down_to_two_hash_keys(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("s")
    lower, upper = stream.split(S1, LAST - 1)
    assert [shard_of(client, key) for key in (LAST - 2, LAST - 1, LAST)] == [
        lower.shard_id,
        upper.shard_id,
        upper.shard_id,
    ]


def test_deleting_a_stream_ends_its_reshard(kinesis: KinesisFake, client: Any) -> None:
    split(client, S0, 1000)
    client.delete_stream(StreamName="s")
    kinesis.advance(seconds=20)
    client.create_stream(StreamName="s", ShardCount=1)
    kinesis.advance(seconds=20)
    kinesis.advance(minutes=2)
    assert [shard["ShardId"] for shard in shards(client)] == [S0]


def test_streams_reshard_independently_of_each_other(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("other", shards=2)
    split(client, S0, 1000)
    kinesis.advance(seconds=10)
    client.merge_shards(StreamName="other", ShardToMerge="0", AdjacentShardToMerge="1")
    kinesis.advance(seconds=20)
    assert (kinesis.stream("s").status, kinesis.stream("other").status) == ("ACTIVE", "UPDATING")
    kinesis.advance(seconds=10)
    assert [len(kinesis.stream(name).open_shards) for name in ("s", "other")] == [3, 1]


def test_no_refused_call_can_delete_the_end_of_a_reshard(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    split(client, S0, 1000)
    refusal("SplitShard", StreamName="s", ShardToSplit="1", NewStartingHashKey="5")
    refusal("CreateStream", StreamName="s", ShardCount=1)
    kinesis.advance(seconds=30)
    assert kinesis.stream("s").status == "ACTIVE"
    assert len(kinesis.stream("s").open_shards) == 3
