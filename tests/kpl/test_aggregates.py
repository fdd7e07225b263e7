"""Aggregates of the Kinesis Producer Library: views take them apart and make them as other libraries do."""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import deaggregate_records, iter_deaggregate_records

from kinesis_fake import KinesisFake, KinesisFakeError, kpl

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})


def aggregated(*records: tuple[Any, ...]) -> dict[str, Any]:
    """The arguments of PutRecord that aws-kinesis-agg makes of (partition key, data, explicit hash key)."""
    aggregator = RecordAggregator()
    for record in records:
        aggregator.add_user_record(*record)
    partition_key, explicit_hash_key, data = aggregator.clear_and_get().get_contents()
    arguments = {"PartitionKey": partition_key, "Data": data}
    return arguments if explicit_hash_key is None else {**arguments, "ExplicitHashKey": explicit_hash_key}


def test_a_view_takes_apart_what_aws_kinesis_agg_has_put_together(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.put_record(StreamName="orders", **aggregated(("ada", b"1"), ("bob", b"2", "7"), ("ada", "drei")))
    (record,) = kinesis.stream("orders").records
    found = record.user_records
    assert [(each.partition_key, each.data, each.sub_sequence_number) for each in found] == [
        ("ada", b"1", 0),
        ("bob", b"2", 1),
        ("ada", b"drei", 2),
    ]
    assert found[1].explicit_hash_key == found[1].hash_key == 7
    assert {each.sequence_number for each in found} == {record.sequence_number}
    assert {each.approximate_arrival_timestamp for each in found} == {record.approximate_arrival_timestamp}
    assert found[2].text() == "drei"


def test_a_plain_record_is_its_own_user_record(kinesis: KinesisFake) -> None:
    record = kinesis.stream("orders").put("1 teapot")
    assert record.user_records == [record]
    assert record.sub_sequence_number is None


def test_a_stream_shows_all_its_user_records_in_order(kinesis: KinesisFake) -> None:
    stream = kinesis.stream("orders")
    stream.put("first")
    stream.put_aggregated(["second", {"json": {"third": 3}, "partition_key": "ada"}])
    stream.put("fourth")
    assert [each.text() for each in stream.user_records] == ["first", "second", '{"third": 3}', "fourth"]
    assert [each.partition_key for each in stream.user_records] == ["test", "test", "ada", "test"]


def test_what_a_view_has_put_together_is_taken_apart_by_aws_kinesis_agg(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    stream = kinesis.stream("orders")
    stream.put_aggregated(
        [
            {"data": b"1", "partition_key": "ada", "explicit_hash_key": 5},
            {"data": b"2", "partition_key": "bob", "explicit_hash_key": 6},
            {"data": b"", "partition_key": "ada", "explicit_hash_key": 5},
        ]
    )
    iterator = kinesis_client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = kinesis_client.get_records(ShardIterator=iterator)["Records"]
    user_records = [each["kinesis"] for each in iter_deaggregate_records(records, data_format="Boto3")]
    assert [base64.b64decode(each["data"]) for each in user_records] == [b"1", b"2", b""]
    assert [each["partitionKey"] for each in user_records] == ["ada", "bob", "ada"]
    assert [each["explicitHashKey"] for each in user_records] == ["5", "6", "5"]
    assert [each["subSequenceNumber"] for each in user_records] == [0, 1, 2]


def test_both_libraries_make_the_same_bytes(kinesis: KinesisFake) -> None:
    records = [("ada", b"1", "7"), ("bob", b"2", "8"), ("ada", b"3", "7")]
    ours = kpl.aggregate(kpl.AggregatedRecord(data, key, int(hash_key)) for key, data, hash_key in records)
    assert ours == aggregated(*records)["Data"]


def test_an_aggregate_goes_where_its_first_record_would_go(kinesis: KinesisFake) -> None:
    stream = kinesis.create_stream("two", shards=2)
    upper = stream.shards[1].starting_hash_key
    assert stream.put_aggregated([{"data": "x", "explicit_hash_key": upper}, "y"]).shard_id == stream.shards[1].shard_id
    assert stream.put_aggregated([{"data": "x", "explicit_hash_key": 0}, "y"]).shard_id == stream.shards[0].shard_id
    key = kinesis.partition_key_for("two", stream.shards[1].shard_id)
    assert stream.put_aggregated(["x"], partition_key=key).shard_id == stream.shards[1].shard_id
    assert stream.put_aggregated(["x"], shard=stream.shards[1].shard_id).shard_id == stream.shards[1].shard_id


def test_after_a_reshard_a_consumer_keeps_the_user_records_whose_hash_keys_are_in_its_shard(
    kinesis: KinesisFake,
) -> None:
    """As the Kinesis Client Library does: a producer that knows the old shards packs records of both children."""
    stream = kinesis.stream("orders")
    middle = 2**127
    low, high = {"data": "low", "explicit_hash_key": 1}, {"data": "high", "explicit_hash_key": middle + 1}
    stream.split("shardId-000000000000", middle)
    stream.put_aggregated([low, high, {"data": "by its key", "partition_key": "ada"}])
    shard = stream.shard("shardId-000000000001")
    (record,) = shard.records
    kept = [
        each.text()
        for each in record.user_records
        if each.hash_key is not None and shard.starting_hash_key <= each.hash_key <= shard.ending_hash_key
    ]
    ada = int(hashlib.md5(b"ada", usedforsecurity=False).hexdigest(), 16)
    assert record.user_records[2].hash_key == ada > middle
    assert kept == ["low"]


# --- what is no aggregate -------------------------------------------------------------------------------------------


def damaged() -> Iterator[tuple[str, bytes]]:
    whole = kpl.aggregate([kpl.AggregatedRecord(b"data", "key", None)])
    digest = hashlib.md5(b"\xff\xff", usedforsecurity=False).digest()
    no_key = whole[4:-16].replace(b"\x08\x00", b"\x08\x05")
    yield "another magic number", b"\xf3\x89\x9a\xc3" + whole[4:]
    yield "another digest", whole[:-1] + bytes([whole[-1] ^ 1])
    yield "nothing but the magic number", kpl.MAGIC
    yield "no message", kpl.MAGIC + hashlib.md5(b"", usedforsecurity=False).digest()
    yield "no protocol buffer", kpl.MAGIC + b"\xff\xff" + digest
    yield "a key that is not in the table", kpl.MAGIC + no_key + hashlib.md5(no_key, usedforsecurity=False).digest()


@pytest.mark.parametrize(("what", "data"), list(damaged()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_damaged_aggregate_is_a_plain_record(kinesis: KinesisFake, what: str, data: bytes) -> None:
    record = kinesis.stream("orders").put(data)
    assert record.user_records == [record]


def test_wrong_user_records_are_refused(kinesis: KinesisFake) -> None:
    stream = kinesis.stream("orders")
    wrong: Any
    for wrong, told in (
        ([], "put_aggregated() takes one record at least."),
        ("text", "The records of put_aggregated() must be several values, such as ['a', 'b'], not 'text'."),
        (["a", 7], "Record 1 of put_aggregated() takes bytes or text, not 7."),
        (
            [{"data": "a", "shard": "shardId-000000000000"}],
            "Record 0 of put_aggregated() has an unknown argument 'shard'; it takes data, partition_key, "
            "explicit_hash_key, json.",
        ),
        (
            [{"data": "a", "partition_key": None}],
            "The partition key of Record 0 of put_aggregated() must be text of 1 to 256 characters, not None.",
        ),
        (
            [{"data": "a", "explicit_hash_key": -1}],
            f"The explicit hash key of Record 0 of put_aggregated() must be a whole number from 0 to {2**128 - 1}, "
            "not -1.",
        ),
    ):
        with pytest.raises(KinesisFakeError) as caught:
            stream.put_aggregated(wrong)
        assert str(caught.value) == told
    assert stream.records == []


def test_an_aggregate_that_is_too_large_for_a_record_is_refused(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError, match=r"^put\(\) was refused: "):
        kinesis.stream("orders").put_aggregated([b"x" * 600_000, b"y" * 600_000])


def test_without_protobuf_an_aggregate_is_told_from_a_plain_record(
    kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = kinesis.stream("orders")
    plain, whole = stream.put("plain"), stream.put_aggregated(["a"])
    for name in [name for name in sys.modules if name.startswith("google.protobuf")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "google.protobuf", None)
    kpl._message.cache_clear()
    assert plain.user_records == [plain]
    with pytest.raises(KinesisFakeError) as caught:
        _ = whole.user_records
    assert str(caught.value) == (
        "A record of the Kinesis Producer Library is a message of protocol buffers, and protobuf is not installed: "
        "pip install 'kinesis-fake[kpl]'."
    )
    again = stream.put_aggregated(["a"])
    assert again.data == whole.data


# --- Lambda ---------------------------------------------------------------------------------------------------------


def consumer_arn(kinesis: KinesisFake, kinesis_client: Any) -> str:
    arn = kinesis.stream("orders").stream_arn
    registered = kinesis_client.register_stream_consumer(StreamARN=arn, ConsumerName="reader")
    kinesis.settle()
    return str(registered["Consumer"]["ConsumerARN"])


def test_a_mapping_of_a_stream_hands_aggregates_over_as_they_are(kinesis: KinesisFake) -> None:
    seen: list[Any] = []

    def handler(event: Any, context: Any) -> None:
        seen.extend(base64.b64decode(each["kinesis"]["data"]) for each in deaggregate_records(event["Records"]))
        assert len(event["Records"]) == 2

    stream = kinesis.stream("orders")
    stream.put_aggregated(["a", "b"])
    stream.put("c")
    kinesis.event_source_mapping(handler, "orders").drain()
    assert seen == [b"a", b"b", b"c"]


def test_a_mapping_of_a_consumer_takes_aggregates_apart(kinesis: KinesisFake, kinesis_client: Any) -> None:
    events: list[Any] = []
    mapping = kinesis.event_source_mapping(
        lambda event, context: events.append(event), consumer_arn(kinesis, kinesis_client), batch_size=3
    )
    stream = kinesis.stream("orders")
    aggregate = stream.put_aggregated(["a", {"data": "b", "partition_key": "ada"}])
    stream.put_many(["c", "d"])
    mapping.drain()
    assert [[each["kinesis"]["data"] for each in event["Records"]] for event in events] == [
        ["YQ==", "Yg==", "Yw=="],
        ["ZA=="],
    ]
    first, second, third = (each["kinesis"] for each in events[0]["Records"])
    assert first["sequenceNumber"] == second["sequenceNumber"] == aggregate.sequence_number != third["sequenceNumber"]
    assert [first["partitionKey"], second["partitionKey"]] == ["test", "ada"]


def test_a_report_of_an_aggregate_starts_at_its_first_user_record(kinesis: KinesisFake, kinesis_client: Any) -> None:
    seen: list[list[str]] = []

    def handler(event: Any, context: Any) -> Any:
        seen.append([base64.b64decode(each["kinesis"]["data"]).decode() for each in event["Records"]])
        number = event["Records"][2]["kinesis"]["sequenceNumber"] if len(seen) == 1 else None
        return {"batchItemFailures": [{"itemIdentifier": number}] if number else []}

    mapping = kinesis.event_source_mapping(
        handler,
        consumer_arn(kinesis, kinesis_client),
        function_response_types=["ReportBatchItemFailures"],
    )
    kinesis.stream("orders").put("a")
    kinesis.stream("orders").put_aggregated(["b", "c", "d"])
    mapping.drain()
    assert seen == [["a", "b", "c", "d"], ["b", "c", "d"]]


def test_a_filter_sees_the_aggregate_and_not_its_user_records(kinesis: KinesisFake, kinesis_client: Any) -> None:
    events: list[Any] = []
    criteria = {"Filters": [{"Pattern": '{"data": {"kind": ["order"]}}'}]}
    mapping = kinesis.event_source_mapping(
        lambda event, context: events.append(event), consumer_arn(kinesis, kinesis_client), filter_criteria=criteria
    )
    kinesis.stream("orders").put_aggregated([{"json": {"kind": "order"}}])
    kinesis.stream("orders").put(json={"kind": "order"})
    mapping.drain()
    assert [len(event["Records"]) for event in events] == [1]
