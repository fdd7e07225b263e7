"""Parameters that look wrong, but that AWS accepts, as recorded."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.sequence_numbers import written
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"active": 2})

START = 1767225600


@pytest.mark.parametrize(
    "digits",
    [
        pytest.param(written(version=2), id="version 2, all fields zero"),
        pytest.param(written(version=1), id="version 1, all fields zero"),
        pytest.param("0", id="version 0, all fields zero"),
        pytest.param("5", id="version 0, of another shard"),
        pytest.param(written(shard_index=0x80000000), id="version 2, 8 in the shard word"),
        pytest.param(written(creation_second=16_025_174_999), id="the last creation second"),
        pytest.param(written(second=START), id="of this very second"),
        pytest.param(written(creation_second=START, counter=(1 << 63) - 1, second=START), id="of a closed shard"),
    ],
)
def test_any_well_formed_number_that_is_not_from_the_future_is_good_for_ordering(client: Any, digits: Any) -> None:
    answer = client.put_record(StreamName="active", Data=b"", PartitionKey="a", SequenceNumberForOrdering=digits)
    assert int(answer["SequenceNumber"]) > 0


def test_a_number_that_the_stream_gave_is_good_for_ordering_even_if_it_carries_the_next_second(
    kinesis: KinesisFake, client: Any
) -> None:
    stream = kinesis.stream("active")
    stream.split("shardId-000000000000", 1000)  # the children are stamped with a second that has not begun
    record = {"StreamName": "active", "Data": b"", "PartitionKey": "a", "ExplicitHashKey": "1000"}
    first = client.put_record(**record)
    second = client.put_record(**record, SequenceNumberForOrdering=first["SequenceNumber"])
    assert int(second["SequenceNumber"]) > int(first["SequenceNumber"])


def test_empty_data_is_data(kinesis: KinesisFake, client: Any) -> None:
    client.put_record(StreamName="active", Data=b"", PartitionKey="a")
    client.put_records(StreamName="active", Records=[{"Data": b"", "PartitionKey": "a"}] * 2)
    assert [record.data for record in kinesis.stream("active").records] == [b""] * 3


def test_a_shard_that_starts_at_0_can_be_split_at_2(kinesis: KinesisFake, client: Any) -> None:
    client.split_shard(StreamName="active", ShardToSplit="shardId-000000000000", NewStartingHashKey="2")
    kinesis.settle()
    children = kinesis.stream("active").shards[2:]
    assert [(shard.starting_hash_key, shard.ending_hash_key) for shard in children] == [(0, 1), (2, 2**127 - 1)]


def test_a_shard_can_be_split_up_to_one_below_its_last_hash_key(kinesis: KinesisFake, client: Any) -> None:
    client.split_shard(StreamName="active", ShardToSplit="1", NewStartingHashKey=str(2**128 - 2))
    kinesis.settle()
    children = kinesis.stream("active").shards[2:]
    assert [(shard.starting_hash_key, shard.ending_hash_key) for shard in children] == [
        (2**127, 2**128 - 3),
        (2**128 - 2, 2**128 - 1),
    ]


@pytest.mark.parametrize("direction", ["increase", "decrease"])
def test_the_retention_that_the_stream_has_already_changes_nothing(
    kinesis: KinesisFake, client: Any, direction: Any
) -> None:
    before = state_of(kinesis)
    getattr(client, f"{direction}_stream_retention_period")(StreamName="active", RetentionPeriodHours=24)
    assert state_of(kinesis) == before


def test_removing_tags_that_are_not_there_changes_nothing(kinesis: KinesisFake, client: Any) -> None:
    client.add_tags_to_stream(StreamName="active", Tags={"a": "1", "b": "2"})
    client.remove_tags_from_stream(StreamName="active", TagKeys=["b", "c", "b"])
    assert client.list_tags_for_stream(StreamName="active")["Tags"] == [{"Key": "a", "Value": "1"}]


def test_tags_are_listed_after_any_text_in_the_order_of_code_points(client: Any) -> None:
    keys = [" a", "+a", "/a", "0a", "=a", "@a", "Zb", "_a", "a", "ÿ"]
    client.add_tags_to_stream(StreamName="active", Tags={key: key for key in reversed(keys)})

    def keys_after(start: str) -> list[str]:
        answer = client.list_tags_for_stream(StreamName="active", ExclusiveStartTagKey=start)
        assert answer["HasMoreTags"] is False
        return [tag["Key"] for tag in answer["Tags"]]

    assert keys_after("$Z%*(*&@,,.,,ZAC") == keys[1:]
    assert keys_after("/a") == keys[3:]
    assert keys_after("/b") == keys[3:]
    assert keys_after("Za") == keys[6:]
    assert keys_after("ÿ") == []
    assert keys_after("\x01") == keys


def test_streams_are_listed_after_a_name_that_no_stream_has(kinesis: KinesisFake, client: Any) -> None:
    for name in ("a", "b", "d", "B"):
        kinesis.create_stream(name, shards=1)
    assert client.list_streams(ExclusiveStartStreamName="c")["StreamNames"] == ["d"]
    assert client.list_streams(ExclusiveStartStreamName="A")["StreamNames"] == ["B", "a", "active", "b", "d"]
    assert client.list_streams(ExclusiveStartStreamName="z")["StreamNames"] == []


@pytest.mark.parametrize(
    "shard_id", ["shardId-000000000001", "shardId-1", "anything-1", "-1", "1", "0000001", "a.b_c-01"]
)
def test_only_the_number_in_a_shard_id_matters(kinesis: KinesisFake, client: Any, shard_id: Any) -> None:
    record = client.put_record(StreamName="active", Data=b"1", PartitionKey="a", ExplicitHashKey=str(2**127))
    iterator = client.get_shard_iterator(StreamName="active", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    records = client.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert [each["SequenceNumber"] for each in records] == [record["SequenceNumber"]]
    client.merge_shards(StreamName="active", ShardToMerge="0", AdjacentShardToMerge=shard_id)
    kinesis.settle()
    assert kinesis.stream("active").shards[2].adjacent_parent_shard_id == "shardId-000000000001"


def test_an_iterator_may_come_in_double_quotes(client: Any) -> None:
    iterator = client.get_shard_iterator(StreamName="active", ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    record = client.put_record(StreamName="active", Data=b"1", PartitionKey="a", ExplicitHashKey="0")
    records = client.get_records(ShardIterator=f'"{iterator}"')["Records"]
    assert [each["SequenceNumber"] for each in records] == [record["SequenceNumber"]]


def test_an_answer_without_a_body_has_the_length_zero(client: Any) -> None:
    answer = client.add_tags_to_stream(StreamName="active", Tags={"a": "b"})
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
    answer = client.list_tags_for_stream(StreamName="active")
    assert answer["ResponseMetadata"]["HTTPHeaders"].get("content-length") != "0"
