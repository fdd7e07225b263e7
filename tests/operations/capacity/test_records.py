"""How large records may be, and how they are distributed over shards."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.capacity import A, arn, instant, summary, switch
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    streams={"provisioned": 2, "on-demand": {"stream_mode_details": {"StreamMode": "ON_DEMAND"}}},
    autojump=False,
)


# --- the size of records ------------------------------------------------------------------------------------------


size = needs("UpdateMaxRecordSize")
MIB = 1024 * 1024


@size
def test_larger_records_are_taken_when_the_stream_is_active_again(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    two_mib = {"StreamName": "provisioned", "Data": bytes(2 * MIB - 1), "PartitionKey": "k"}
    client.update_max_record_size(StreamARN=arn("provisioned"), MaxRecordSizeInKiB=2048)
    kinesis.advance(milliseconds=4_999)
    shown = summary(client, "provisioned")
    assert (shown["StreamStatus"], shown["MaxRecordSizeInKiB"]) == ("UPDATING", 1024)
    assert refusal("PutRecord", **two_mib)[0] == "ValidationException"
    kinesis.advance(milliseconds=1)
    shown = summary(client, "provisioned")
    assert (shown["StreamStatus"], shown["MaxRecordSizeInKiB"]) == ("ACTIVE", 2048)
    client.put_record(**two_mib)
    assert refusal("PutRecord", **{**two_mib, "Data": bytes(2 * MIB + 1)}) == (
        "ValidationException",
        "1 validation error detected: Value at 'data' failed to satisfy constraint: "
        f"Member must have length less than or equal to {2 * MIB}",
    )


@size
@instant
def test_records_that_have_become_too_large_can_still_be_read(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    client.update_max_record_size(StreamARN=arn("provisioned"), MaxRecordSizeInKiB=10_240)
    large = bytes(10 * MIB - 1)
    shard_id = client.put_record(StreamName="provisioned", Data=large, PartitionKey="k")["ShardId"]
    client.update_max_record_size(StreamARN=arn("provisioned"), MaxRecordSizeInKiB=1024)
    assert refusal("PutRecord", StreamName="provisioned", Data=large, PartitionKey="k")[0] == "ValidationException"
    iterator = client.get_shard_iterator(StreamName="provisioned", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    assert client.get_records(ShardIterator=iterator)["Records"][0]["Data"] == large


@size
def test_the_record_size_that_a_stream_has_is_no_change(kinesis: KinesisFake, client: Any) -> None:
    client.update_max_record_size(StreamARN=arn("provisioned"), MaxRecordSizeInKiB=1024)
    assert summary(client, "provisioned")["StreamStatus"] == "ACTIVE"


@size
@pytest.mark.parametrize(
    ("kib", "constraint"),
    [(1023, "greater than or equal to 1024"), (10_241, "less than or equal to 10240")],
)
def test_a_record_size_out_of_range_is_refused(kinesis: KinesisFake, refusal: Any, kib: Any, constraint: Any) -> None:
    assert refusal("UpdateMaxRecordSize", StreamARN=arn("provisioned"), MaxRecordSizeInKiB=kib) == (
        "ValidationException",
        f"1 validation error detected: Value '{kib}' at 'maxRecordSizeInKiB' failed to satisfy constraint: "
        f"Member must have value {constraint}",
    )


@size
def test_only_an_arn_says_whose_record_size_is_meant(kinesis: KinesisFake, refusal: Any) -> None:
    assert refusal("UpdateMaxRecordSize", MaxRecordSizeInKiB=2048) == (
        "ValidationException",
        "1 validation error detected: Value null at 'streamARN' failed to satisfy constraint: Member must not be null",
    )


# --- the distribution of records ----------------------------------------------------------------------------------


distribution = needs("UpdateStreamRecordDistributionStrategy")


def distribute(client: Any, strategy: str, stream_name: str = "on-demand") -> None:
    client.update_stream_record_distribution_strategy(StreamARN=arn(stream_name), RecordDistributionStrategy=strategy)


def shards_of(client: Any, count: int, **parameters: Any) -> list[str]:
    """Where so many equal records go."""
    return [client.put_record(StreamName="on-demand", Data=b"x", **parameters)["ShardId"] for _ in range(count)]


@distribution
def test_a_strategy_holds_at_once_and_the_stream_is_never_updating(kinesis: KinesisFake, client: Any) -> None:
    assert summary(client, "on-demand")["RecordDistributionStrategy"] == "USER_PARTITION_KEY"
    distribute(client, "AUTO")
    shown = summary(client, "on-demand")
    assert (shown["StreamStatus"], shown["RecordDistributionStrategy"]) == ("ACTIVE", "AUTO")
    assert "RecordDistributionStrategy" not in summary(client, "provisioned")


@distribution
def test_a_stream_with_auto_spreads_records_evenly_whatever_their_keys(kinesis: KinesisFake, client: Any) -> None:
    distribute(client, "AUTO")
    once = shards_of(client, 4)
    assert sorted(once) == [f"shardId-00000000000{index}" for index in range(4)]
    assert shards_of(client, 4, PartitionKey="same") == once
    # An ExplicitHashKey is not even looked at.
    assert shards_of(client, 4, PartitionKey="same", ExplicitHashKey=str(10**38)) == once
    assert shards_of(client, 4, PartitionKey="same", ExplicitHashKey="9" * 39) == once
    batch = client.put_records(StreamName="on-demand", Records=[{"Data": b"x"}] * 10)
    assert Counter(Counter(record["ShardId"] for record in batch["Records"]).values()) == {2: 2, 3: 2}


@distribution
def test_a_partition_key_is_read_back_only_if_it_was_given(kinesis: KinesisFake, client: Any) -> None:
    distribute(client, "AUTO")
    kinesis.stream("on-demand").scale_to(1)
    (shard,) = kinesis.stream("on-demand").open_shards
    shards_of(client, 1)
    shards_of(client, 1, PartitionKey="key", ExplicitHashKey="5")
    iterator = client.get_shard_iterator(
        StreamName="on-demand", ShardId=shard.shard_id, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = client.get_records(ShardIterator=iterator)["Records"]
    assert [record.get("PartitionKey") for record in records] == [None, "key"]
    assert "PartitionKey" not in records[0]


@distribution
def test_a_stream_with_auto_has_no_order_to_ask_for(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    distribute(client, "AUTO")
    number = client.put_record(StreamName="on-demand", Data=b"x")["SequenceNumber"]
    assert refusal("PutRecord", StreamName="on-demand", Data=b"x", SequenceNumberForOrdering=number) == (
        "InvalidArgumentException",
        f"SequenceNumberForOrdering is not supported for stream on-demand under account {A}, whose record distribution "
        "strategy is AUTO.",
    )


@distribution
def test_switched_back_a_stream_wants_partition_keys_again(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    distribute(client, "AUTO")
    shards_of(client, 5)
    placed = {record.sequence_number: record.shard_id for record in kinesis.stream("on-demand").records}
    distribute(client, "USER_PARTITION_KEY")
    assert refusal("PutRecord", StreamName="on-demand", Data=b"x") == (
        "ValidationException",
        "1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: "
        "Member must not be null",
    )
    entries = [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x"}]
    assert refusal("PutRecords", StreamName="on-demand", Records=entries) == (
        "ValidationException",
        "1 validation error detected: Value null at 'records.2.member.partitionKey' failed to satisfy constraint: "
        "Member must not be null",
    )
    assert len(set(shards_of(client, 5, PartitionKey="same"))) == 1
    records = {record.sequence_number: record.shard_id for record in kinesis.stream("on-demand").records}
    assert placed.items() <= records.items()  # old records do not move to another shard


@distribution
@pytest.mark.parametrize("strategy", ["AUTO", "USER_PARTITION_KEY"])
def test_a_provisioned_stream_has_no_strategy(kinesis: KinesisFake, refusal: Any, strategy: Any) -> None:
    assert refusal(
        "UpdateStreamRecordDistributionStrategy",
        StreamARN=arn("provisioned"),
        RecordDistributionStrategy=strategy,
    ) == (
        "InvalidArgumentException",
        "RecordDistributionStrategy is only supported for streams in ON_DEMAND mode.",
    )


@distribution
@instant
def test_a_stream_that_becomes_provisioned_goes_by_partition_keys(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    distribute(client, "AUTO")
    switch(client, "on-demand", "PROVISIONED")
    assert refusal("PutRecord", StreamName="on-demand", Data=b"x")[0] == "ValidationException"
    switch(client, "on-demand", "ON_DEMAND")
    assert summary(client, "on-demand")["RecordDistributionStrategy"] == "USER_PARTITION_KEY"
