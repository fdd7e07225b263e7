"""Capacity modes, and what depends on them: scaling, warm throughput, record size, distribution of records."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFakeError, Limits
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    streams={"provisioned": 2, "on-demand": {"stream_mode_details": {"StreamMode": "ON_DEMAND"}}},
    autojump=False,
)

A = "123456789012"
LAST = 2**128 - 1
instant = pytest.mark.fake_kinesis(durations=Durations.instant())


def arn(stream_name: str) -> str:
    return f"arn:aws:kinesis:us-east-1:{A}:stream/{stream_name}"


def summary(client: Any, stream_name: str) -> dict[str, Any]:
    return client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]


def switch(client: Any, stream_name: str, mode: str, **parameters: Any) -> None:
    client.update_stream_mode(StreamARN=arn(stream_name), StreamModeDetails={"StreamMode": mode}, **parameters)


def mode(client: Any, stream_name: str) -> tuple[str, str, int]:
    """Status, mode and number of open shards, as all three ways to ask for the first two have them."""
    described = client.describe_stream(StreamName=stream_name)["StreamDescription"]
    listed = next(s for s in client.list_streams()["StreamSummaries"] if s["StreamName"] == stream_name)
    shown = summary(client, stream_name)
    shown_by = {(d["StreamStatus"], d["StreamModeDetails"]["StreamMode"]) for d in (described, listed, shown)}
    assert len(shown_by) == 1
    return (*shown_by.pop(), shown["OpenShardCount"])


def commit(client: Any) -> None:
    client.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})


def not_active(state: str) -> tuple[str, str]:
    return "ResourceInUseException", f"Stream {state} under account {A} not ACTIVE, instead in state {state.upper()}"


MISSING = ("ResourceNotFoundException", f"Stream missing under account {A} not found.")
NO_COMMITMENT = (
    "ValidationException",
    "WarmThroughputMiBps is only supported for streams in ON_DEMAND mode of an account with "
    "MinimumThroughputBillingCommitment enabled.",
)

#: Every operation of this family that acts on an ACTIVE stream, with parameters that are in order.
CALLS: dict[str, dict[str, Any]] = {
    "UpdateStreamMode": {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
    "UpdateStreamWarmThroughput": {"WarmThroughputMiBps": 10},
    "UpdateMaxRecordSize": {"MaxRecordSizeInKiB": 2048},
    "UpdateStreamRecordDistributionStrategy": {"RecordDistributionStrategy": "AUTO"},
}
every_operation = [pytest.param(operation, marks=needs(operation)) for operation in CALLS]


@pytest.mark.parametrize("operation", every_operation)
@pytest.mark.parametrize("state", ["creating", "updating", "deleting"])
def test_only_an_active_stream_can_be_changed(kinesis, client, refusal, operation, state):
    on_demand = {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    client.create_stream(StreamName=state, **on_demand)
    if state != "creating":
        kinesis.settle()
    if state == "updating":
        client.start_stream_encryption(StreamName=state, EncryptionType="KMS", KeyId="alias/aws/kinesis")
    if state == "deleting":
        client.delete_stream(StreamName=state)
    assert refusal(operation, StreamARN=arn(state), **CALLS[operation]) == not_active(state)


@pytest.mark.parametrize("operation", every_operation)
def test_a_stream_that_does_not_exist_cannot_be_changed(kinesis, refusal, operation):
    assert refusal(operation, StreamARN=arn("missing"), **CALLS[operation]) == MISSING


# --- UpdateStreamMode -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream_name", "before", "after", "shards"),
    [("provisioned", "PROVISIONED", "ON_DEMAND", 2), ("on-demand", "ON_DEMAND", "PROVISIONED", 4)],
)
def test_a_switch_takes_its_time_and_keeps_the_shards(kinesis, client, stream_name, before, after, shards):
    switch(client, stream_name, after)
    kinesis.advance(milliseconds=29_999)
    assert mode(client, stream_name) == ("UPDATING", before, shards)
    kinesis.advance(milliseconds=1)
    assert mode(client, stream_name) == ("ACTIVE", after, shards)


@instant
def test_shards_are_split_merged_and_counted_by_the_caller_of_a_provisioned_stream_only(kinesis, client, refusal):
    calls = {
        "SplitShard": {"ShardToSplit": "shardId-000000000000", "NewStartingHashKey": "10"},
        "MergeShards": {
            "ShardToMerge": "shardId-000000000000",
            "AdjacentShardToMerge": "shardId-000000000001",
        },
        "UpdateShardCount": {"TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"},
    }
    for operation, parameters in calls.items():
        assert refusal(operation, StreamName="on-demand", **parameters) == (
            "ValidationException",
            f"Request is invalid. Stream on-demand under account {A} is in On-Demand mode.",
        )
    switch(client, "on-demand", "PROVISIONED")
    client.update_shard_count(StreamName="on-demand", **calls["UpdateShardCount"])
    assert mode(client, "on-demand") == ("ACTIVE", "PROVISIONED", 3)


@instant
def test_the_mode_can_be_switched_twice_in_24_hours(kinesis, client, refusal):
    def refused() -> None:
        assert refusal(
            "UpdateStreamMode", StreamARN=arn("on-demand"), StreamModeDetails={"StreamMode": "PROVISIONED"}
        ) == (
            "LimitExceededException",
            f"UpdateStreamMode cannot be called more than 2 times in 24 hours for stream on-demand under account {A}.",
        )

    switch(client, "on-demand", "PROVISIONED")
    kinesis.advance(hours=1)
    switch(client, "on-demand", "ON_DEMAND")
    switch(client, "on-demand", "ON_DEMAND")  # the mode it has: no switch
    refused()
    switch(client, "provisioned", "ON_DEMAND")  # the limit is one per stream
    kinesis.advance(hours=23, milliseconds=-1)
    refused()
    kinesis.advance(milliseconds=1)
    switch(client, "on-demand", "PROVISIONED")
    assert mode(client, "on-demand") == ("ACTIVE", "PROVISIONED", 4)


@instant
def test_a_stream_that_is_made_anew_has_the_switches_of_its_name(kinesis, client, refusal):
    switch(client, "on-demand", "PROVISIONED")
    switch(client, "on-demand", "ON_DEMAND")
    client.delete_stream(StreamName="on-demand")
    kinesis.create_stream("on-demand")
    code, _ = refusal("UpdateStreamMode", StreamARN=arn("on-demand"), StreamModeDetails={"StreamMode": "PROVISIONED"})
    assert code == "LimitExceededException"
    kinesis.advance(hours=24)
    switch(client, "on-demand", "PROVISIONED")


def test_the_mode_that_a_stream_has_is_no_change(kinesis, client):
    switch(client, "provisioned", "PROVISIONED")
    switch(client, "on-demand", "ON_DEMAND")
    assert mode(client, "provisioned") == ("ACTIVE", "PROVISIONED", 2)
    assert mode(client, "on-demand") == ("ACTIVE", "ON_DEMAND", 4)


@instant
@pytest.mark.fake_kinesis(limits=Limits(on_demand_streams=2))
def test_a_switch_keeps_to_the_number_of_on_demand_streams(kinesis, client, refusal):
    switch(client, "provisioned", "ON_DEMAND")
    kinesis.create_stream("third", shards=1)
    assert refusal("UpdateStreamMode", StreamARN=arn("third"), StreamModeDetails={"StreamMode": "ON_DEMAND"}) == (
        "LimitExceededException",
        f"This request would exceed the on-demand stream limit for the account {A}. Limit: 2.",
    )
    switch(client, "on-demand", "PROVISIONED")
    switch(client, "third", "ON_DEMAND")


@needs("UpdateStreamMode", "WarmThroughputMiBps")
@instant
def test_warm_throughput_can_come_with_the_switch_to_on_demand(kinesis, client, refusal):
    to_on_demand = {"StreamARN": arn("provisioned"), "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    assert refusal("UpdateStreamMode", **to_on_demand, WarmThroughputMiBps=10) == NO_COMMITMENT
    commit(client)
    to_provisioned = {"StreamARN": arn("on-demand"), "StreamModeDetails": {"StreamMode": "PROVISIONED"}}
    assert refusal("UpdateStreamMode", **to_provisioned, WarmThroughputMiBps=10) == NO_COMMITMENT
    client.update_stream_mode(**to_on_demand, WarmThroughputMiBps=10)
    assert summary(client, "provisioned")["WarmThroughput"] == {"TargetMiBps": 10, "CurrentMiBps": 10}


@needs("UpdateStreamMode", "WarmThroughputMiBps")
@instant
def test_a_switch_to_provisioned_and_back_forgets_the_warm_throughput(kinesis, client):
    commit(client)
    client.update_stream_warm_throughput(StreamName="on-demand", WarmThroughputMiBps=10)
    switch(client, "on-demand", "PROVISIONED")
    assert "WarmThroughput" not in summary(client, "on-demand")
    switch(client, "on-demand", "ON_DEMAND")
    assert summary(client, "on-demand")["WarmThroughput"] == {"TargetMiBps": 4, "CurrentMiBps": 4}


# --- scale_to ---------------------------------------------------------------------------------------------------------


def ranges(kinesis: Any) -> list[tuple[int, int]]:
    shards = kinesis.stream("on-demand").open_shards
    return sorted((shard.starting_hash_key, shard.ending_hash_key) for shard in shards)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 8, 100])
def test_an_on_demand_stream_scales_at_once_to_the_shards_that_the_test_wants(kinesis, client, count):
    before = kinesis.now
    shards = kinesis.stream("on-demand").scale_to(count)
    width = 2**128 // count
    starts = [start for start, _ in ranges(kinesis)]
    # Rounding alone cuts no shard: an end that is there already, as good as where it should be, stays.
    assert all(abs(start - number * width) <= count for number, start in enumerate(starts))
    assert [end for _, end in ranges(kinesis)] == [start - 1 for start in starts[1:]] + [LAST]
    assert len(starts) == count
    assert [shard.shard_id for shard in shards] == [shard.shard_id for shard in kinesis.stream("on-demand").open_shards]
    assert mode(client, "on-demand") == ("ACTIVE", "ON_DEMAND", count)
    assert kinesis.now == before


def test_records_move_on_to_the_new_shards_when_a_stream_scales(kinesis, client):
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


def test_scaling_to_the_shards_that_are_there_changes_nothing(kinesis):
    before = [shard.shard_id for shard in kinesis.stream("on-demand").shards]
    kinesis.stream("on-demand").scale_to(4)
    assert [shard.shard_id for shard in kinesis.stream("on-demand").shards] == before


def test_a_provisioned_stream_is_not_scaled(kinesis):
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("provisioned").scale_to(4)
    assert str(caught.value) == (
        "Stream provisioned is provisioned, AWS does not scale it by itself; call UpdateShardCount through a client, "
        "or split() and merge()."
    )


def test_a_stream_in_transition_is_not_scaled(kinesis, client):
    switch(client, "on-demand", "PROVISIONED")
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("on-demand").scale_to(8)
    assert str(caught.value) == "Stream on-demand is UPDATING; call settle() before you change its shards."


def test_a_stream_is_scaled_to_one_shard_at_least(kinesis):
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("on-demand").scale_to(0)
    assert str(caught.value) == (
        "The number of shards of scale_to() must be a whole number from 1 to 2147483647, not 0."
    )


@pytest.mark.fake_kinesis(limits=Limits(shards_per_stream=9, shards=2), streams={"on-demand": {}, "provisioned": 2})
def test_scale_to_obeys_the_quota_of_a_stream_and_not_that_of_provisioned_shards(kinesis):
    stream = kinesis.stream("on-demand")
    assert len(stream.scale_to(9)) == 9
    with pytest.raises(KinesisFakeError) as caught:
        stream.scale_to(10)
    assert str(caught.value) == (
        "scale_to(10) was refused: Target shard count or number of open shards cannot be greater than 9. "
        "Current open shard count: 9, Target shard count: 10"
    )
    assert len(stream.open_shards) == 9


def test_scale_to_refuses_more_shards_than_any_computer_could_make(kinesis):
    with pytest.raises(KinesisFakeError, match=r"^scale_to\(2147483647\) was refused: "):
        kinesis.stream("on-demand").scale_to(2**31 - 1)
    with pytest.raises(KinesisFakeError, match=r" must be a whole number from 1 to 2147483647, not 2147483648\.$"):
        kinesis.stream("on-demand").scale_to(2**31)
    assert len(kinesis.stream("on-demand").open_shards) == 4


# --- warm throughput --------------------------------------------------------------------------------------------------

warm = needs("UpdateStreamWarmThroughput")


def warm_up(client: Any, mibps: int) -> dict[str, Any]:
    answer = client.update_stream_warm_throughput(StreamName="on-demand", WarmThroughputMiBps=mibps)
    assert (answer["StreamName"], answer["StreamARN"]) == ("on-demand", arn("on-demand"))
    return answer["WarmThroughput"]


@warm
def test_a_stream_warms_up_while_it_is_updating(kinesis, client):
    commit(client)
    assert summary(client, "on-demand")["WarmThroughput"] == {"TargetMiBps": 4, "CurrentMiBps": 4}
    assert warm_up(client, 100) == {"TargetMiBps": 100, "CurrentMiBps": 4}
    kinesis.advance(milliseconds=59_999)
    shown = summary(client, "on-demand")
    assert (shown["StreamStatus"], shown["WarmThroughput"]) == ("UPDATING", {"TargetMiBps": 100, "CurrentMiBps": 4})
    kinesis.advance(milliseconds=1)
    shown = summary(client, "on-demand")
    assert (shown["StreamStatus"], shown["WarmThroughput"]) == ("ACTIVE", {"TargetMiBps": 100, "CurrentMiBps": 100})
    assert shown["OpenShardCount"] == 4


@warm
def test_capacity_is_released_by_a_lower_value(kinesis, client):
    commit(client)
    warm_up(client, 100)
    kinesis.settle()
    assert warm_up(client, 50) == {"TargetMiBps": 50, "CurrentMiBps": 100}
    kinesis.settle()
    assert warm_up(client, 0) == {"TargetMiBps": 0, "CurrentMiBps": 50}
    kinesis.settle()
    # Its shards take what they take.
    assert summary(client, "on-demand")["WarmThroughput"] == {"TargetMiBps": 0, "CurrentMiBps": 4}


@warm
def test_the_shards_of_a_scaled_stream_are_its_current_throughput(kinesis, client):
    commit(client)
    kinesis.stream("on-demand").scale_to(9)
    assert summary(client, "on-demand")["WarmThroughput"] == {"TargetMiBps": 9, "CurrentMiBps": 9}


@warm
def test_warm_throughput_needs_the_commitment_of_the_account(kinesis, client, refusal):
    call = {"StreamName": "on-demand", "WarmThroughputMiBps": 10}
    assert refusal("UpdateStreamWarmThroughput", **call) == NO_COMMITMENT
    commit(client)
    client.update_account_settings(MinimumThroughputBillingCommitment={"Status": "DISABLED"})
    kinesis.advance(hours=24, milliseconds=-1)
    assert "WarmThroughput" in summary(client, "on-demand")
    client.update_stream_warm_throughput(**call)
    kinesis.advance(milliseconds=1)
    assert "WarmThroughput" not in summary(client, "on-demand")
    kinesis.settle()
    assert refusal("UpdateStreamWarmThroughput", **call) == NO_COMMITMENT


@warm
def test_a_provisioned_stream_has_no_warm_throughput(kinesis, client, refusal):
    commit(client)
    assert "WarmThroughput" not in summary(client, "provisioned")
    assert refusal("UpdateStreamWarmThroughput", StreamName="provisioned", WarmThroughputMiBps=10) == (
        "ValidationException",
        f"Request is invalid. Stream provisioned under account {A} is in Provisioned mode.",
    )


@warm
def test_warm_throughput_goes_up_to_ten_gibibytes_per_second(kinesis, client, refusal):
    commit(client)
    too_high = (
        "LimitExceededException",
        "WarmThroughputMiBps 10241 exceeds the limit of 10240 MiBps for a stream.",
    )
    assert refusal("UpdateStreamWarmThroughput", StreamName="on-demand", WarmThroughputMiBps=10_241) == too_high
    assert refusal("CreateStream", StreamName="new", WarmThroughputMiBps=10_241) == too_high
    assert warm_up(client, 10_240)["TargetMiBps"] == 10_240


@warm
def test_a_stream_can_be_created_warm(kinesis, client, refusal):
    assert refusal("CreateStream", StreamName="warm", WarmThroughputMiBps=10) == NO_COMMITMENT
    commit(client)
    assert refusal("CreateStream", StreamName="warm", ShardCount=1, WarmThroughputMiBps=10) == NO_COMMITMENT
    client.create_stream(StreamName="warm", WarmThroughputMiBps=10)
    kinesis.settle()
    assert summary(client, "warm")["WarmThroughput"] == {"TargetMiBps": 10, "CurrentMiBps": 10}


# --- the size of records ----------------------------------------------------------------------------------------------

size = needs("UpdateMaxRecordSize")
MIB = 1024 * 1024


@size
def test_larger_records_are_taken_when_the_stream_is_active_again(kinesis, client, refusal):
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
def test_records_that_have_become_too_large_can_still_be_read(kinesis, client, refusal):
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
def test_the_record_size_that_a_stream_has_is_no_change(kinesis, client):
    client.update_max_record_size(StreamARN=arn("provisioned"), MaxRecordSizeInKiB=1024)
    assert summary(client, "provisioned")["StreamStatus"] == "ACTIVE"


@size
@pytest.mark.parametrize(
    ("kib", "constraint"),
    [(1023, "greater than or equal to 1024"), (10_241, "less than or equal to 10240")],
)
def test_a_record_size_out_of_range_is_refused(kinesis, refusal, kib, constraint):
    assert refusal("UpdateMaxRecordSize", StreamARN=arn("provisioned"), MaxRecordSizeInKiB=kib) == (
        "ValidationException",
        f"1 validation error detected: Value '{kib}' at 'maxRecordSizeInKiB' failed to satisfy constraint: "
        f"Member must have value {constraint}",
    )


@size
def test_only_an_arn_says_whose_record_size_is_meant(kinesis, refusal):
    assert refusal("UpdateMaxRecordSize", MaxRecordSizeInKiB=2048) == (
        "ValidationException",
        "1 validation error detected: Value null at 'streamARN' failed to satisfy constraint: Member must not be null",
    )


# --- the distribution of records --------------------------------------------------------------------------------------

distribution = needs("UpdateStreamRecordDistributionStrategy")


def distribute(client: Any, strategy: str, stream_name: str = "on-demand") -> None:
    client.update_stream_record_distribution_strategy(StreamARN=arn(stream_name), RecordDistributionStrategy=strategy)


def shards_of(client: Any, count: int, **parameters: Any) -> list[str]:
    """Where so many equal records go."""
    return [client.put_record(StreamName="on-demand", Data=b"x", **parameters)["ShardId"] for _ in range(count)]


@distribution
def test_a_strategy_holds_at_once_and_the_stream_stays_active(kinesis, client):
    assert summary(client, "on-demand")["RecordDistributionStrategy"] == "USER_PARTITION_KEY"
    distribute(client, "AUTO")
    shown = summary(client, "on-demand")
    assert (shown["StreamStatus"], shown["RecordDistributionStrategy"]) == ("ACTIVE", "AUTO")
    assert "RecordDistributionStrategy" not in summary(client, "provisioned")


@distribution
def test_a_stream_with_auto_spreads_records_evenly_whatever_their_keys(kinesis, client):
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
def test_a_partition_key_is_read_back_only_if_it_was_given(kinesis, client):
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
def test_a_stream_with_auto_has_no_order_to_ask_for(kinesis, client, refusal):
    distribute(client, "AUTO")
    number = client.put_record(StreamName="on-demand", Data=b"x")["SequenceNumber"]
    assert refusal("PutRecord", StreamName="on-demand", Data=b"x", SequenceNumberForOrdering=number) == (
        "InvalidArgumentException",
        f"SequenceNumberForOrdering is not supported for stream on-demand under account {A}, whose record distribution "
        "strategy is AUTO.",
    )


@distribution
def test_switched_back_a_stream_wants_partition_keys_again(kinesis, client, refusal):
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
    assert placed.items() <= records.items()  # what is there stays where it is


@distribution
@pytest.mark.parametrize("strategy", ["AUTO", "USER_PARTITION_KEY"])
def test_a_provisioned_stream_has_no_strategy(kinesis, refusal, strategy):
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
def test_a_stream_that_becomes_provisioned_goes_by_partition_keys(kinesis, client, refusal):
    distribute(client, "AUTO")
    switch(client, "on-demand", "PROVISIONED")
    assert refusal("PutRecord", StreamName="on-demand", Data=b"x")[0] == "ValidationException"
    switch(client, "on-demand", "ON_DEMAND")
    assert summary(client, "on-demand")["RecordDistributionStrategy"] == "USER_PARTITION_KEY"


# --- what holds a stream in its mode ----------------------------------------------------------------------------------


@needs("CreateQueue")
def test_a_stream_with_queues_stays_on_demand(kinesis, client, refusal):
    queue = client.create_queue(
        QueueName="jobs",
        StreamConfigurationList=[
            {"StreamARN": arn("on-demand"), "StartingPosition": {"Type": "TRIM_HORIZON"}},
        ],
    )["QueueDescription"]["QueueARN"]
    kinesis.settle()
    assert refusal("UpdateStreamMode", StreamARN=arn("on-demand"), StreamModeDetails={"StreamMode": "PROVISIONED"}) == (
        "ResourceInUseException",
        f"Stream on-demand under account {A} cannot be switched to PROVISIONED mode because it has queues. Delete the "
        "queues before you change the capacity mode.",
    )
    switch(client, "on-demand", "ON_DEMAND")
    client.delete_queue(QueueARN=queue)
    kinesis.settle()
    switch(client, "on-demand", "PROVISIONED")
    kinesis.settle()
    assert mode(client, "on-demand") == ("ACTIVE", "PROVISIONED", 4)
