"""GetRecords: what a record looks like, how far behind a reader is, and how much one answer holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 1})

KIB = 1024
MIB = 1024 * KIB


def put_many(client: Any, count: Any, data: Any = b"", stream_name: Any = "s") -> None:
    for first in range(0, count, 500):
        records = [{"Data": data, "PartitionKey": "k"}] * min(500, count - first)
        client.put_records(StreamName=stream_name, Records=records)


@pytest.fixture
def iterator(client: Any) -> Any:
    def iterator(iterator_type: Any = "TRIM_HORIZON", stream_name: Any = "s") -> Any:
        request = {"StreamName": stream_name, "ShardId": "shardId-000000000000", "ShardIteratorType": iterator_type}
        return client.get_shard_iterator(**request)["ShardIterator"]

    return iterator


def test_a_record_has_the_members_that_it_was_put_with(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    kinesis.advance(milliseconds=123)
    put = client.put_record(StreamName="s", Data=b"\x00\xff", PartitionKey="käse", ExplicitHashKey="1")
    assert set(put) == {"ShardId", "SequenceNumber", "ResponseMetadata"}
    arrived_at = kinesis.now
    kinesis.advance(seconds=1)
    answer = client.get_records(ShardIterator=iterator())
    assert answer["Records"] == [
        {
            "SequenceNumber": put["SequenceNumber"],
            "ApproximateArrivalTimestamp": arrived_at,
            "Data": b"\x00\xff",
            "PartitionKey": "käse",
        }
    ]
    assert set(answer) == {"Records", "NextShardIterator", "MillisBehindLatest", "ResponseMetadata"}


def test_an_answer_is_the_readers_own(client: Any, iterator: Any) -> None:
    put_many(client, 2, b"data")
    place = iterator()
    answer = client.get_records(ShardIterator=place)
    answer["Records"][0]["Data"] = b"changed"
    del answer["Records"][1:]
    assert [record["Data"] for record in client.get_records(ShardIterator=place)["Records"]] == [b"data", b"data"]


def test_how_far_behind_a_reader_is_follows_the_clock(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    for _ in range(3):
        put_many(client, 1)
        kinesis.advance(seconds=10)
    place = iterator()
    behind = []
    for _ in range(3):
        answer = client.get_records(ShardIterator=place, Limit=1)
        behind.append(answer["MillisBehindLatest"])
        place = answer["NextShardIterator"]
    # The last answer has come to the tip, but its limit has cut it.
    assert behind == [30_000, 20_000, 10_000]
    kinesis.advance(minutes=5)
    assert client.get_records(ShardIterator=place)["MillisBehindLatest"] == 0


def test_a_reader_with_more_to_read_is_never_said_to_be_at_the_tip(client: Any, iterator: Any) -> None:
    put_many(client, 2)
    answer = client.get_records(ShardIterator=iterator(), Limit=1)
    assert answer["MillisBehindLatest"] == 1000
    assert client.get_records(ShardIterator=answer["NextShardIterator"])["MillisBehindLatest"] == 0


@pytest.mark.parametrize(
    ("age", "shown"), [(1, 1000), (999, 1000), (1000, 1000), (1001, 2000), (8200, 9000), (9000, 9000)]
)
def test_the_lag_is_told_in_whole_seconds_rounded_up(
    kinesis: KinesisFake, client: Any, iterator: Any, age: Any, shown: Any
) -> None:
    put_many(client, 1)
    kinesis.advance(milliseconds=500)
    put_many(client, 1)
    kinesis.advance(milliseconds=age - 500 if age > 500 else 0)
    first = client.get_records(ShardIterator=iterator(), Limit=1)
    assert first["MillisBehindLatest"] == max(shown, 1000)
    assert client.get_records(ShardIterator=iterator(), Limit=3)["MillisBehindLatest"] == 0


def test_an_answer_that_its_limit_has_cut_is_not_at_the_tip_even_where_nothing_follows(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    put_many(client, 2)
    behind = []
    for _ in range(3):
        answer = client.get_records(ShardIterator=iterator(), Limit=2)
        behind.append(answer["MillisBehindLatest"])
        kinesis.advance(seconds=5)
    assert behind == [1000, 5000, 10_000]
    assert client.get_records(ShardIterator=answer["NextShardIterator"], Limit=2)["MillisBehindLatest"] == 0
    assert client.get_records(ShardIterator=iterator(), Limit=3)["MillisBehindLatest"] == 0
    assert client.get_records(ShardIterator=iterator())["MillisBehindLatest"] == 0


def test_an_answer_holds_ten_thousand_records_at_most(client: Any, iterator: Any) -> None:
    put_many(client, 10_001)
    place = iterator()
    answer = client.get_records(ShardIterator=place)
    assert (len(answer["Records"]), answer["MillisBehindLatest"] > 0) == (10_000, True)
    answer = client.get_records(ShardIterator=answer["NextShardIterator"])
    assert (len(answer["Records"]), answer["MillisBehindLatest"]) == (1, 0)
    assert len(client.get_records(ShardIterator=place, Limit=10_000)["Records"]) == 10_000


@pytest.mark.parametrize(("limit", "expected"), [(1, 1), (4, 4), (5, 5), (6, 5), (10_000, 5)])
def test_an_answer_holds_as_many_records_as_asked_for_at_most(
    client: Any, iterator: Any, limit: Any, expected: Any
) -> None:
    put_many(client, 5)
    assert len(client.get_records(ShardIterator=iterator(), Limit=limit)["Records"]) == expected


@pytest.mark.parametrize("limit", [0, 10_001])
def test_a_limit_is_between_one_and_ten_thousand(iterator: Any, refusal: Any, limit: Any) -> None:
    bound = "greater than or equal to 1" if limit == 0 else "less than or equal to 10000"
    assert refusal("GetRecords", ShardIterator=iterator(), Limit=limit) == (
        "ValidationException",
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}",
    )


def test_an_answer_holds_ten_mebibytes_of_data_at_most(client: Any, iterator: Any) -> None:
    put_many(client, 10, bytes(MIB - 1))  # with its key of one byte each record has the full size
    put_many(client, 10, b"x")
    place = iterator()
    answer = client.get_records(ShardIterator=place)
    # Ten large records and the ten bytes that are still free are all filled.
    assert len(answer["Records"]) == 20
    put_many(client, 1, b"x")
    answer = client.get_records(ShardIterator=place)
    assert len(answer["Records"]) == 20
    answer = client.get_records(ShardIterator=answer["NextShardIterator"])
    assert [record["Data"] for record in answer["Records"]] == [b"x"]
    answer = client.get_records(ShardIterator=place, Limit=5)
    assert len(answer["Records"]) == 5


@needs("CreateStream", "MaxRecordSizeInKiB")
@pytest.mark.fake_kinesis(streams={"large": {"shard_count": 1, "max_record_size_in_kib": 10_240}})
def test_the_largest_records_come_one_at_a_time(client: Any, iterator: Any) -> None:
    for number in range(3):
        client.put_record(StreamName="large", Data=b"%d" % number + bytes(10 * MIB - 2), PartitionKey="k")
    place = iterator(stream_name="large")
    seen = []
    for _ in range(3):
        answer = client.get_records(ShardIterator=place)
        seen += [record["Data"][:1] for record in answer["Records"]]
        assert len(answer["Records"]) == 1
        place = answer["NextShardIterator"]
    assert seen == [b"0", b"1", b"2"]


def test_bytes_are_counted_from_where_the_reader_is_also_after_trimming(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    put_many(client, 3000, b"old")
    kinesis.advance(hours=12)
    put_many(client, 10, bytes(MIB - 1))
    put_many(client, 11, b"x")
    kinesis.advance(hours=12)
    answer = client.get_records(ShardIterator=iterator())
    assert [len(record["Data"]) for record in answer["Records"]] == [MIB - 1] * 10 + [1] * 10
    answer = client.get_records(ShardIterator=answer["NextShardIterator"])
    assert len(answer["Records"]) == 1


def test_a_long_shard_is_read_whole_and_in_order_in_steps_of_any_size(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    for number in range(40):
        client.put_record(StreamName="s", Data=b"%d" % number, PartitionKey="k")
        kinesis.advance(timedelta(milliseconds=number % 3))
    for limit in (1, 3, 7, 39, 40, 41):
        place, seen = iterator(), []
        for _ in range(42):
            answer = client.get_records(ShardIterator=place, Limit=limit)
            seen += [int(record["Data"]) for record in answer["Records"]]
            place = answer["NextShardIterator"]
        assert seen == list(range(40))


def test_an_iterator_is_used_with_the_arn_of_its_stream_only(
    kinesis: KinesisFake, client: Any, iterator: Any, refusal: Any
) -> None:
    kinesis.create_stream("other", shards=1)
    client.get_records(ShardIterator=iterator(), StreamARN=kinesis.stream("s").stream_arn)
    for arn in (kinesis.stream("other").stream_arn, "arn:aws:kinesis:us-east-1:123456789012:stream/missing"):
        assert refusal("GetRecords", ShardIterator=iterator(), StreamARN=arn) == (
            "InvalidArgumentException",
            f"The ShardIterator was not issued for stream {arn}.",
        )
