"""PutRecord and PutRecords: where records go, how keys count towards sizes, and how much one call may hold."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any

import pytest

from kinesis_fake import KinesisFake

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 7})

MIB = 1024 * 1024
WIDTH = 2**128 // 7
KEYS = ["a", "key", "käse", "日本語", "😀", "\x00", " ", "a" * 256, "😀" * 256, "é", "e\u0301"]


def shard_at(hash_key: Any) -> Any:
    return f"shardId-{min(hash_key // WIDTH, 6):012}"


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_a_record_goes_to_the_shard_of_its_keys_md5(kinesis: KinesisFake, client: Any, key: Any) -> None:
    expected = shard_at(int(hashlib.md5(key.encode()).hexdigest(), 16))
    assert client.put_record(StreamName="s", Data=b"", PartitionKey=key)["ShardId"] == expected
    answer = client.put_records(StreamName="s", Records=[{"Data": b"", "PartitionKey": key}])
    assert answer["Records"][0]["ShardId"] == expected
    assert [record.partition_key for record in kinesis.stream("s").records] == [key, key]


@pytest.mark.parametrize("index", range(7))
def test_both_ends_of_a_range_belong_to_its_shard(client: Any, index: Any) -> None:
    last = 2**128 - 1 if index == 6 else (index + 1) * WIDTH - 1
    for hash_key in (index * WIDTH, index * WIDTH + 1, last - 1, last):
        record = {"Data": b"", "PartitionKey": "any", "ExplicitHashKey": str(hash_key)}
        assert client.put_record(StreamName="s", **record)["ShardId"] == f"shardId-{index:012}"
        assert client.put_records(StreamName="s", Records=[record])["Records"][0]["ShardId"] == f"shardId-{index:012}"


def test_the_answer_is_in_the_order_of_the_request(kinesis: KinesisFake, client: Any) -> None:
    records = [{"Data": b"%d" % number, "PartitionKey": f"key-{number}"} for number in range(500)]
    answer = client.put_records(StreamName="s", Records=records)
    assert (answer["FailedRecordCount"], len(answer["Records"]), "EncryptionType" in answer) == (0, 500, False)
    stored = {record.sequence_number: record for record in kinesis.stream("s").records}
    for number, entry in enumerate(answer["Records"]):
        record = stored[entry["SequenceNumber"]]
        assert (record.data, record.shard_id) == (b"%d" % number, entry["ShardId"])


def test_what_a_client_may_give_as_data_is_stored_as_bytes(kinesis: KinesisFake, client: Any) -> None:
    for data in (b"1", bytearray(b"2"), "3", "ü"):
        client.put_record(StreamName="s", Data=data, PartitionKey="key")
        client.put_records(StreamName="s", Records=[{"Data": data, "PartitionKey": "key"}])
    assert [record.data for record in kinesis.stream("s").records] == [
        data for data in (b"1", b"2", b"3", "ü".encode()) for _ in range(2)
    ]


@pytest.mark.parametrize(
    ("key", "size"),
    [("k", 1), ("k" * 256, 256), ("é", 2), ("日" * 256, 768), ("😀" * 256, 1024)],
    ids=["1", "256", "2", "768", "1024"],
)
def test_a_key_counts_for_its_bytes_in_utf_8(client: Any, refusal: Any, key: Any, size: Any) -> None:
    fits = {"Data": bytes(MIB - size), "PartitionKey": key}
    client.put_record(StreamName="s", **fits)
    client.put_records(StreamName="s", Records=[fits])
    too_large = {"Data": bytes(MIB - size + 1), "PartitionKey": key}
    over = (
        "InvalidArgumentException",
        "Record size 1048577 bytes, partition key included, exceeds the limit of 1048576 bytes.",
    )
    assert refusal("PutRecord", StreamName="s", **too_large) == over
    assert refusal("PutRecords", StreamName="s", Records=[fits, too_large]) == over


@pytest.mark.parametrize("character", ["a", "é", "😀"])
def test_a_key_has_256_characters_at_most(client: Any, refusal: Any, character: Any) -> None:
    client.put_record(StreamName="s", Data=b"", PartitionKey=character * 256)
    too_long = character * 257
    constraint = "failed to satisfy constraint: Member must have length less than or equal to 256"
    assert refusal("PutRecord", StreamName="s", Data=b"", PartitionKey=too_long) == (
        "ValidationException",
        f"1 validation error detected: Value '{too_long}' at 'partitionKey' {constraint}",
    )
    assert refusal("PutRecords", StreamName="s", Records=[{"Data": b"", "PartitionKey": too_long}]) == (
        "ValidationException",
        f"1 validation error detected: Value '{too_long}' at 'records.1.member.partitionKey' {constraint}",
    )


@pytest.mark.parametrize(("key", "size"), [("k", 1), ("é", 2)])
def test_a_call_holds_ten_mebibytes_at_most_keys_included(
    kinesis: KinesisFake, client: Any, refusal: Any, key: Any, size: Any
) -> None:
    full = {"Data": bytes(MIB - size), "PartitionKey": key}
    client.put_records(StreamName="s", Records=[full] * 10)
    assert len(kinesis.stream("s").records) == 10
    one_less = {"Data": bytes(MIB - 2 * size), "PartitionKey": key}
    empty = {"Data": b"", "PartitionKey": key}
    client.put_records(StreamName="s", Records=[full] * 9 + [one_less, empty])
    over = ("InvalidArgumentException", "Records size exceeds 10 MB limit")
    assert refusal("PutRecords", StreamName="s", Records=[*[full] * 10, empty]) == over
    one_more = {"Data": bytes(MIB - 2 * size + 1), "PartitionKey": key}
    assert refusal("PutRecords", StreamName="s", Records=[*[full] * 9, one_more, empty]) == over


def test_a_call_holds_five_hundred_records_at_most(client: Any, refusal: Any) -> None:
    record = {"Data": b"", "PartitionKey": "k"}
    assert len(client.put_records(StreamName="s", Records=[record] * 500)["Records"]) == 500
    code, message = refusal("PutRecords", StreamName="s", Records=[record] * 501)
    assert code == "ValidationException"
    assert message.startswith(
        "1 validation error detected: Value '[com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@"
    )
    assert message.endswith(
        " at 'records' failed to satisfy constraint: Member must have length less than or equal to 500"
    )


def test_sequence_numbers_of_one_call_follow_each_other_in_a_shard(client: Any) -> None:
    record = {"Data": b"", "PartitionKey": "same"}
    numbers = [int(e["SequenceNumber"]) for e in client.put_records(StreamName="s", Records=[record] * 5)["Records"]]
    assert {after - before for before, after in pairwise(numbers)} == {1 << 80}


def test_a_later_record_of_a_key_has_a_greater_number(kinesis: KinesisFake, client: Any) -> None:
    before = 0
    for step_ms in (0, 1, 999, 0, 60_000):
        kinesis.advance(milliseconds=step_ms)
        answer = client.put_record(
            StreamName="s", Data=b"", PartitionKey="k", **({"SequenceNumberForOrdering": str(before)} if before else {})
        )
        assert int(answer["SequenceNumber"]) > before
        before = int(answer["SequenceNumber"])
