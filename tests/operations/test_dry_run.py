"""DryRun: the answer says whether the call would have succeeded, and the call changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits
from tests.support.model import needs
from tests.support.refusals import refused, told_by

pytestmark = [pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False), needs("PutRecord", "DryRun")]

A = "123456789012"


def dry(operation: Any) -> Any:
    return (
        "DryRunOperationException",
        f"DryRunOperation validation succeeded while calling {operation} operation.: Request would have succeeded, "
        "but DryRun flag is set.",
    )


RECORD: dict[str, Any] = {"Data": b"data", "PartitionKey": "key"}
SHARD = "shardId-000000000000"


@pytest.fixture
def place(world: Any, client: Any) -> Any:
    return client.get_shard_iterator(StreamName="active", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]


def test_a_call_that_would_have_succeeded_says_so_and_changes_nothing(world: Any, refusal: Any, place: Any) -> None:
    for operation, parameters in (
        ("PutRecord", {"StreamName": "active", **RECORD}),
        ("PutRecords", {"StreamName": "active", "Records": [RECORD] * 3}),
        ("GetShardIterator", {"StreamName": "active", "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}),
        ("GetRecords", {"ShardIterator": place}),
    ):
        assert refusal(operation, **parameters, DryRun=True) == dry(operation)


def test_what_is_wrong_with_a_call_comes_first(world: Any, refusal: Any, place: Any) -> None:
    not_found = ("ResourceNotFoundException", f"Stream missing under account {A} not found.")
    bad_key = {**RECORD, "ExplicitHashKey": str(2**128)}
    out_of_range = (
        "InvalidArgumentException",
        f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {2**128}",
    )
    assert refusal("PutRecord", StreamName="missing", **RECORD, DryRun=True) == not_found
    assert refusal("PutRecord", StreamName="active", **bad_key, DryRun=True) == out_of_range
    assert refusal("PutRecords", StreamName="missing", Records=[RECORD], DryRun=True) == not_found
    assert refusal("PutRecords", StreamName="active", Records=[RECORD, bad_key], DryRun=True) == out_of_range
    too_many = [{"Data": bytes(1024 * 1024), "PartitionKey": "k"}] * 10
    assert refusal("PutRecords", StreamName="active", Records=too_many, DryRun=True)[0] == "InvalidArgumentException"
    request = {"StreamName": "active", "ShardIteratorType": "AT_TIMESTAMP", "DryRun": True}
    assert refusal("GetShardIterator", ShardId=SHARD, **request) == (
        "InvalidArgumentException",
        "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
        "Current request has no timestamp parameter.",
    )
    assert refusal("GetRecords", ShardIterator="made up", DryRun=True) == (
        "InvalidArgumentException",
        "Invalid ShardIterator.",
    )
    world.advance(minutes=5, milliseconds=1)
    assert refusal("GetRecords", ShardIterator=place, DryRun=True)[0] == "ExpiredIteratorException"


def test_false_is_as_good_as_nothing(world: Any, client: Any, place: Any) -> None:
    put = client.put_record(StreamName="active", **RECORD, DryRun=False)
    client.put_records(StreamName="active", Records=[RECORD], DryRun=False)
    request = {"StreamName": "active", "ShardId": put["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = client.get_shard_iterator(**request, DryRun=False)["ShardIterator"]
    numbers = [
        record["SequenceNumber"] for record in client.get_records(ShardIterator=iterator, DryRun=False)["Records"]
    ]
    assert put["SequenceNumber"] in numbers


def test_a_dry_run_does_not_move_the_turn_of_a_stream_that_distributes_records_itself(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    kinesis.create_stream("auto", record_distribution_strategy="AUTO")
    first = client.put_record(StreamName="auto", Data=b"")["ShardId"]
    for _ in range(3):
        assert refusal("PutRecord", StreamName="auto", Data=b"", DryRun=True) == dry("PutRecord")
    second = client.put_record(StreamName="auto", Data=b"")["ShardId"]
    assert int(second[8:]) == (int(first[8:]) + 1) % 4


# --- rates and keys ---------------------------------------------------------------------------------------------------

TOO_MANY = ("ThrottlingException", "Rate exceeded")


@pytest.mark.fake_kinesis(rate_limits=True)
def test_all_five_operations_share_one_dry_run_per_stream_and_second(world: Any, client: Any, place: Any) -> None:
    def told(operation: Any, **parameters: Any) -> Any:
        with refused(client) as caught:  # the rate is counted, so not quite nothing changes
            getattr(client, operation)(**parameters, DryRun=True)
        return told_by(client, caught.value)

    world.advance(seconds=1)
    put = {"StreamName": "active", **RECORD}
    assert told("put_record", **put) == dry("PutRecord")
    look = {"StreamName": "active", "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}
    for operation, parameters in (
        ("put_record", put),
        ("put_records", {"StreamName": "active", "Records": [RECORD]}),
        ("get_shard_iterator", look),
        ("get_records", {"ShardIterator": place}),
    ):
        assert told(operation, **parameters) == TOO_MANY
    assert told("put_record", **{**put, "StreamName": "updating"}) == dry("PutRecord")  # another stream
    client.put_record(**put)  # and this is none
    world.advance(milliseconds=999)
    assert told("get_shard_iterator", **look) == TOO_MANY
    world.advance(milliseconds=1)
    assert told("get_shard_iterator", **look) == dry("GetShardIterator")


@pytest.mark.fake_kinesis(limits=Limits(shard_write_records_per_second=1, shard_read_calls_per_second=1))
def test_a_dry_run_takes_nothing_of_the_rates_of_a_shard_and_is_not_held_to_them(
    world: Any, client: Any, refusal: Any, place: Any
) -> None:
    world.advance(seconds=1)
    client.put_record(StreamName="active", **RECORD)
    client.get_records(ShardIterator=place)
    assert refusal("PutRecord", StreamName="active", **RECORD, DryRun=True) == dry("PutRecord")
    assert refusal("GetRecords", ShardIterator=place, DryRun=True) == dry("GetRecords")


def test_a_dry_run_does_not_ask_kms(world: Any, client: Any, refusal: Any, place: Any) -> None:
    client.start_stream_encryption(StreamName="active", EncryptionType="KMS", KeyId="alias/mine")
    world.settle()
    client.put_record(StreamName="active", **RECORD, ExplicitHashKey="0")
    world.key("alias/mine").disable()
    assert refusal("PutRecord", StreamName="active", **RECORD)[0] == "KMSDisabledException"
    assert refusal("PutRecord", StreamName="active", **RECORD, DryRun=True) == dry("PutRecord")
    assert refusal("PutRecords", StreamName="active", Records=[RECORD], DryRun=True) == dry("PutRecords")
    assert refusal("GetRecords", ShardIterator=place)[0] == "KMSDisabledException"
    assert refusal("GetRecords", ShardIterator=place, DryRun=True) == dry("GetRecords")
