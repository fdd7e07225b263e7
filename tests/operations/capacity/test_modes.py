"""Switching a stream between its modes, and when its capacity can be changed at all."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits
from tests.support.capacity import NO_COMMITMENT, A, arn, commit, instant, mode, summary, switch
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    streams={"provisioned": 2, "on-demand": {"stream_mode_details": {"StreamMode": "ON_DEMAND"}}},
    autojump=False,
)


def not_active(state: str) -> tuple[str, str]:
    return "ResourceInUseException", f"Stream {state} under account {A} not ACTIVE, instead in state {state.upper()}"


MISSING = ("ResourceNotFoundException", f"Stream missing under account {A} not found.")
#: Every operation of this family that acts on an ACTIVE stream, with parameters that are in order.
CALLS: dict[str, dict[str, Any]] = {
    "UpdateStreamMode": {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
    "UpdateStreamWarmThroughput": {"WarmThroughputMiBps": 10},
    "UpdateMaxRecordSize": {"MaxRecordSizeInKiB": 2048},
    "UpdateStreamRecordDistributionStrategy": {"RecordDistributionStrategy": "AUTO"},
}
every_operation = [pytest.param(operation, marks=needs(operation)) for operation in CALLS]


# --- any change ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", every_operation)
@pytest.mark.parametrize("state", ["creating", "updating", "deleting"])
def test_only_an_active_stream_can_be_changed(
    kinesis: KinesisFake, client: Any, refusal: Any, operation: Any, state: Any
) -> None:
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
def test_a_stream_that_does_not_exist_cannot_be_changed(kinesis: KinesisFake, refusal: Any, operation: Any) -> None:
    assert refusal(operation, StreamARN=arn("missing"), **CALLS[operation]) == MISSING


# --- UpdateStreamMode ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream_name", "before", "after", "shards"),
    [("provisioned", "PROVISIONED", "ON_DEMAND", 2), ("on-demand", "ON_DEMAND", "PROVISIONED", 4)],
)
def test_a_switch_takes_its_time_and_keeps_the_shards(
    kinesis: KinesisFake, client: Any, stream_name: Any, before: Any, after: Any, shards: Any
) -> None:
    switch(client, stream_name, after)
    kinesis.advance(milliseconds=29_999)
    assert mode(client, stream_name) == ("UPDATING", before, shards)
    kinesis.advance(milliseconds=1)
    assert mode(client, stream_name) == ("ACTIVE", after, shards)


@instant
def test_shards_are_split_merged_and_counted_by_the_caller_of_a_provisioned_stream_only(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    calls: dict[str, dict[str, Any]] = {
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
def test_the_mode_can_be_switched_twice_in_24_hours(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    def refuse_a_third_time() -> None:
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
    refuse_a_third_time()
    switch(client, "provisioned", "ON_DEMAND")  # the limit is one per stream
    kinesis.advance(hours=23, milliseconds=-1)
    refuse_a_third_time()
    kinesis.advance(milliseconds=1)
    switch(client, "on-demand", "PROVISIONED")
    assert mode(client, "on-demand") == ("ACTIVE", "PROVISIONED", 4)


@instant
def test_a_stream_that_is_made_anew_has_the_switches_of_its_name(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    switch(client, "on-demand", "PROVISIONED")
    switch(client, "on-demand", "ON_DEMAND")
    client.delete_stream(StreamName="on-demand")
    kinesis.create_stream("on-demand")
    code, _ = refusal("UpdateStreamMode", StreamARN=arn("on-demand"), StreamModeDetails={"StreamMode": "PROVISIONED"})
    assert code == "LimitExceededException"
    kinesis.advance(hours=24)
    switch(client, "on-demand", "PROVISIONED")


def test_the_mode_that_a_stream_has_is_no_change(kinesis: KinesisFake, client: Any) -> None:
    switch(client, "provisioned", "PROVISIONED")
    switch(client, "on-demand", "ON_DEMAND")
    assert mode(client, "provisioned") == ("ACTIVE", "PROVISIONED", 2)
    assert mode(client, "on-demand") == ("ACTIVE", "ON_DEMAND", 4)


@instant
@pytest.mark.fake_kinesis(limits=Limits(on_demand_streams=2))
def test_a_switch_keeps_to_the_number_of_on_demand_streams(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
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
def test_warm_throughput_can_come_with_the_switch_to_on_demand(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    to_on_demand = {"StreamARN": arn("provisioned"), "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    assert refusal("UpdateStreamMode", **to_on_demand, WarmThroughputMiBps=10) == NO_COMMITMENT
    commit(client)
    to_provisioned = {"StreamARN": arn("on-demand"), "StreamModeDetails": {"StreamMode": "PROVISIONED"}}
    assert refusal("UpdateStreamMode", **to_provisioned, WarmThroughputMiBps=10) == NO_COMMITMENT
    client.update_stream_mode(**to_on_demand, WarmThroughputMiBps=10)
    assert summary(client, "provisioned")["WarmThroughput"] == {"TargetMiBps": 10, "CurrentMiBps": 10}


@needs("UpdateStreamMode", "WarmThroughputMiBps")
@instant
def test_a_switch_to_provisioned_and_back_forgets_the_warm_throughput(kinesis: KinesisFake, client: Any) -> None:
    commit(client)
    client.update_stream_warm_throughput(StreamName="on-demand", WarmThroughputMiBps=10)
    switch(client, "on-demand", "PROVISIONED")
    assert "WarmThroughput" not in summary(client, "on-demand")
    switch(client, "on-demand", "ON_DEMAND")
    assert summary(client, "on-demand")["WarmThroughput"] == {"TargetMiBps": 4, "CurrentMiBps": 4}


# --- what holds a stream in its mode ------------------------------------------------------------------------------


@needs("CreateQueue")
def test_a_stream_with_queues_cannot_become_provisioned(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
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
