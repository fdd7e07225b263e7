"""Warm throughput of streams on demand."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.capacity import NO_COMMITMENT, A, arn, commit, summary
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    streams={"provisioned": 2, "on-demand": {"stream_mode_details": {"StreamMode": "ON_DEMAND"}}},
    autojump=False,
)


warm = needs("UpdateStreamWarmThroughput")


def warm_up(client: Any, mibps: int) -> dict[str, Any]:
    answer = client.update_stream_warm_throughput(StreamName="on-demand", WarmThroughputMiBps=mibps)
    assert (answer["StreamName"], answer["StreamARN"]) == ("on-demand", arn("on-demand"))
    warm_throughput: dict[str, Any] = answer["WarmThroughput"]
    return warm_throughput


@warm
def test_a_stream_warms_up_while_it_is_updating(kinesis: KinesisFake, client: Any) -> None:
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
def test_capacity_is_released_by_a_lower_value(kinesis: KinesisFake, client: Any) -> None:
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
def test_the_shards_of_a_scaled_stream_are_its_current_throughput(kinesis: KinesisFake, client: Any) -> None:
    commit(client)
    kinesis.stream("on-demand").scale_to(9)
    assert summary(client, "on-demand")["WarmThroughput"] == {"TargetMiBps": 9, "CurrentMiBps": 9}


@warm
def test_warm_throughput_needs_the_commitment_of_the_account(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
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
def test_a_provisioned_stream_has_no_warm_throughput(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    commit(client)
    assert "WarmThroughput" not in summary(client, "provisioned")
    assert refusal("UpdateStreamWarmThroughput", StreamName="provisioned", WarmThroughputMiBps=10) == (
        "ValidationException",
        f"Request is invalid. Stream provisioned under account {A} is in Provisioned mode.",
    )


@warm
def test_warm_throughput_goes_up_to_ten_gibibytes_per_second(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    commit(client)
    too_high = (
        "LimitExceededException",
        "WarmThroughputMiBps 10241 exceeds the limit of 10240 MiBps for a stream.",
    )
    assert refusal("UpdateStreamWarmThroughput", StreamName="on-demand", WarmThroughputMiBps=10_241) == too_high
    assert refusal("CreateStream", StreamName="new", WarmThroughputMiBps=10_241) == too_high
    assert warm_up(client, 10_240)["TargetMiBps"] == 10_240


@warm
def test_a_stream_can_be_created_warm(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    assert refusal("CreateStream", StreamName="warm", WarmThroughputMiBps=10) == NO_COMMITMENT
    commit(client)
    assert refusal("CreateStream", StreamName="warm", ShardCount=1, WarmThroughputMiBps=10) == NO_COMMITMENT
    client.create_stream(StreamName="warm", WarmThroughputMiBps=10)
    kinesis.settle()
    assert summary(client, "warm")["WarmThroughput"] == {"TargetMiBps": 10, "CurrentMiBps": 10}
