"""A scenario as a file: it comes back as it was, and can be written by hand."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.model import needs

S0, S1, S2, S3 = (f"shardId-{index:012}" for index in range(4))


def records_of(stream: Any) -> Any:
    return [(record.sequence_number, record) for record in stream.records]


def shards_of(stream: Any) -> Any:
    return [
        (
            repr(shard),
            shard.parent_shard_id,
            shard.adjacent_parent_shard_id,
            shard.starting_sequence_number,
            shard.ending_sequence_number,
        )
        for shard in stream.shards
    ]


def busy(kinesis: KinesisFake) -> Any:
    """A stream that has been through everything that a file can tell."""
    orders = kinesis.create_stream("orders", shards=2, tags={"team": "té"})
    orders.put_many([{"data": str(number), "shard": S0} for number in range(3)])
    kinesis.advance(hours=23)
    orders.put_many([{"json": {"n": 1}, "partition_key": "ada"}, b"\xff", "text", '{"n":1}', "[1, 2]", ""])
    kinesis.advance(seconds=1.5)
    orders.split(S0)
    orders.put("x", shard=S2)
    orders.merge(S2, S3)
    kinesis.client().register_stream_consumer(StreamARN=orders.stream_arn, ConsumerName="billing", Tags={"a": "b"})
    kinesis.client().increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    elsewhere = kinesis.client(region_name="eu-west-1")
    elsewhere.create_stream(StreamName="orders", ShardCount=1)
    kinesis.settle()
    elsewhere.put_record(StreamName="orders", Data=b"abroad", PartitionKey="ada")
    return orders


@needs("RegisterStreamConsumer", "Tags")
def test_a_scenario_comes_back_as_it_was(tmp_path: Any) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"clicks": "on-demand"}) as kinesis:
        orders = busy(kinesis)
        kinesis.advance(minutes=90)
        kinesis.dump(first)
        before = records_of(orders), shards_of(orders), orders.consumers, kinesis.now
        later = orders.put("later", shard=S1).sequence_number
    with fake_kinesis(state=first) as kinesis:
        orders = kinesis.stream("orders")
        assert (records_of(orders), shards_of(orders), orders.consumers, kinesis.now) == before
        kinesis.dump(second)
        assert orders.put("later", shard=S1).sequence_number == later
        tags = kinesis.client().list_tags_for_stream(StreamName="orders")["Tags"]
        assert tags == [{"Key": "team", "Value": "té"}]
        assert orders.retention_period_hours == 48
        assert kinesis.stream("clicks").status == "ACTIVE"
        abroad = kinesis.stream("arn:aws:kinesis:eu-west-1:123456789012:stream/orders")
        assert [record.data for record in abroad.records] == [b"abroad"]
    assert first.read_text() == second.read_text()


def test_a_consumer_goes_on_with_a_checkpoint_that_is_kept_beside_the_file(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        checkpoint = kinesis.stream("orders").put_many(["a", "b", "c"])[0].sequence_number
        kinesis.dump(path)
    with fake_kinesis(state=path) as kinesis:
        client = kinesis.client()
        iterator = client.get_shard_iterator(
            StreamName="orders",
            ShardId=S0,
            ShardIteratorType="AFTER_SEQUENCE_NUMBER",
            StartingSequenceNumber=checkpoint,
        )["ShardIterator"]
        assert [record["Data"] for record in client.get_records(ShardIterator=iterator)["Records"]] == [b"b", b"c"]


def test_what_retention_has_taken_is_left_out_and_counted(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        orders = kinesis.stream("orders")
        orders.put_many(["a", "b"])
        kinesis.advance(hours=24)
        kept = orders.put("c")
        kinesis.dump(path)
    with fake_kinesis(state=path) as kinesis:
        assert kinesis.stream("orders").records == [kept]
        assert "1 record, retention has taken 2" in kinesis.summary()


def test_data_is_written_in_the_most_readable_way_that_gives_it_back(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    data = [b'{"n": 1}', b'{"n":1}', b"1", b"text", b"\xff\x00", b"", '{"n": "té"}'.encode(), b'["t\\u00e9"]']
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        kinesis.stream("orders").put_many(data)
        kinesis.dump(path)
    (shard,) = json.loads(path.read_text())["streams"]["orders"]["shards"]
    shown = [
        {name: value for name, value in record.items() if name in ("text", "json", "base64")}
        for record in shard["records"]
    ]
    assert shown == [
        {"json": {"n": 1}},
        {"text": '{"n":1}'},
        {"text": "1"},
        {"text": "text"},
        {"base64": "/wA="},
        {"text": ""},
        {"text": '{"n": "té"}'},
        {"json": ["té"]},
    ]
    with fake_kinesis(state=path) as kinesis:
        assert [record.data for record in kinesis.stream("orders").records] == data


def test_a_file_is_short_when_it_is_written_by_hand(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    path.write_text(
        """
        {
          "format": "kinesis_fake scenario",
          "version": 1,
          "now": "2026-01-01T12:00:00Z",
          "streams": {
            "orders": {
              "shards": 2,
              "records": [
                {"json": {"order": 2}, "partition_key": "bob", "arrived_at": "2026-01-01T11:00:00Z"},
                {"text": "order 1", "partition_key": "ada", "arrived_at": "2026-01-01T10:00:00Z"},
                {"base64": "/w==", "explicit_hash_key": "0"}
              ],
              "consumers": ["billing"]
            },
            "clicks": {"stream_mode": "ON_DEMAND"},
            "payments": {}
          }
        }
        """
    )
    with fake_kinesis(state=str(path), streams={"more": 1}) as kinesis:
        assert kinesis.now == datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
        orders = kinesis.stream("orders")
        by_arrival = sorted(orders.records, key=lambda record: record.approximate_arrival_timestamp)
        assert [record.data for record in by_arrival] == [b"order 1", b'{"order": 2}', b"\xff"]
        assert by_arrival[2].partition_key == "test"
        assert by_arrival[2].approximate_arrival_timestamp == kinesis.now
        assert [consumer.status for consumer in orders.consumers] == ["ACTIVE"]
        assert [stream.stream_name for stream in kinesis.streams] == ["clicks", "more", "orders", "payments"]
        assert [len(stream.open_shards) for stream in kinesis.streams] == [4, 1, 2, 1]
        assert orders.put("next", "ada").shard_id == by_arrival[0].shard_id


def test_a_scenario_may_be_a_dict_and_leave_the_time_to_the_fake() -> None:
    document = {"format": "kinesis_fake scenario", "version": 1, "streams": {"orders": {"records": [{"text": "a"}]}}}
    with fake_kinesis(state=document, start="2026-05-05T00:00:00Z") as kinesis:
        (record,) = kinesis.stream("orders").records
        assert record.approximate_arrival_timestamp == datetime(2026, 5, 5, tzinfo=timezone.utc)
