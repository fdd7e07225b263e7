"""Enhanced monitoring: which shard-level metrics are enabled, before and after."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, autojump=False)

A = "123456789012"
#: All metrics in the order in which AWS answers them.
ALL = [
    "IncomingBytes",
    "OutgoingRecords",
    "IteratorAgeMilliseconds",
    "IncomingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
    "OutgoingBytes",
]


def answer(current: list[str], desired: list[str]) -> dict[str, Any]:
    return {
        "StreamName": "orders",
        "StreamARN": f"arn:aws:kinesis:us-east-1:{A}:stream/orders",
        "CurrentShardLevelMetrics": current,
        "DesiredShardLevelMetrics": desired,
    }


def enable(client: Any, *metrics: str) -> dict[str, Any]:
    return without_metadata(client.enable_enhanced_monitoring(StreamName="orders", ShardLevelMetrics=list(metrics)))


def disable(client: Any, *metrics: str) -> dict[str, Any]:
    return without_metadata(client.disable_enhanced_monitoring(StreamName="orders", ShardLevelMetrics=list(metrics)))


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_the_answer_has_the_metrics_before_and_after_in_the_order_of_aws(kinesis: KinesisFake, client: Any) -> None:
    assert enable(client, "OutgoingBytes") == answer([], ["OutgoingBytes"])
    both = ["IncomingBytes", "OutgoingBytes"]
    assert enable(client, "OutgoingBytes", "IncomingBytes") == answer(["OutgoingBytes"], both)
    assert disable(client, "OutgoingBytes", "IteratorAgeMilliseconds") == answer(both, ["IncomingBytes"])
    assert disable(client, "IncomingBytes") == answer(["IncomingBytes"], [])


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_all_stands_for_every_metric(kinesis: KinesisFake, client: Any) -> None:
    assert enable(client, "ALL") == answer([], ALL)
    assert enable(client, "IncomingBytes", "ALL") == answer(ALL, ALL)
    assert disable(client, "IncomingBytes") == answer(ALL, ALL[1:])
    assert disable(client, "ALL") == answer(ALL[1:], [])


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_each_metric_can_be_enabled(kinesis: KinesisFake, client: Any) -> None:
    for number, metric in enumerate(ALL):
        assert enable(client, metric) == answer(ALL[:number], ALL[: number + 1])


def shown(client: Any) -> tuple[str, list[str]]:
    described = client.describe_stream(StreamName="orders")["StreamDescription"]
    summary = client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
    for member in ("StreamStatus", "EnhancedMonitoring"):
        assert described[member] == summary[member]
    (monitoring,) = described["EnhancedMonitoring"]
    return described["StreamStatus"], monitoring["ShardLevelMetrics"]


def test_the_stream_is_updating_for_a_moment_and_shows_the_old_metrics_until_then(
    kinesis: KinesisFake, client: Any
) -> None:
    assert shown(client) == ("ACTIVE", [])
    assert enable(client, "OutgoingRecords") == answer([], ["OutgoingRecords"])
    kinesis.advance(milliseconds=Durations().updating_monitoring_ms - 1)
    assert shown(client) == ("UPDATING", [])
    kinesis.advance(milliseconds=1)
    assert shown(client) == ("ACTIVE", ["OutgoingRecords"])
    assert disable(client, "ALL") == answer(["OutgoingRecords"], [])
    assert shown(client) == ("UPDATING", ["OutgoingRecords"])
    kinesis.settle()
    assert shown(client) == ("ACTIVE", [])


def test_metrics_that_are_enabled_already_are_no_change(kinesis: KinesisFake, client: Any) -> None:
    enable(client, "OutgoingRecords")
    kinesis.settle()
    assert enable(client, "OutgoingRecords") == answer(["OutgoingRecords"], ["OutgoingRecords"])
    assert disable(client, "IncomingBytes") == answer(["OutgoingRecords"], ["OutgoingRecords"])
    assert shown(client) == ("ACTIVE", ["OutgoingRecords"])


def test_another_change_must_wait_and_records_need_not(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    enable(client, "OutgoingRecords")
    updating = ("ResourceInUseException", f"Stream orders under account {A} not ACTIVE, instead in state UPDATING")
    for operation in ("EnableEnhancedMonitoring", "DisableEnhancedMonitoring"):
        assert refusal(operation, StreamName="orders", ShardLevelMetrics=["ALL"]) == updating
    assert refusal("IncreaseStreamRetentionPeriod", StreamName="orders", RetentionPeriodHours=48) == updating
    client.put_record(StreamName="orders", Data=b"", PartitionKey="a")
    kinesis.settle()
    disable(client, "ALL")


def test_what_will_happen_tells_the_metrics(kinesis: KinesisFake, client: Any) -> None:
    enable(client, "OutgoingRecords")
    assert [str(entry.what) for entry in kinesis.pending()] == [
        "stream orders sends OutgoingRecords metrics and becomes ACTIVE"
    ]


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_an_answer_does_not_change_when_the_metrics_do(kinesis: KinesisFake, client: Any) -> None:
    first = enable(client, "IncomingBytes")
    disable(client, "ALL")
    assert first["DesiredShardLevelMetrics"] == ["IncomingBytes"]


@pytest.mark.parametrize("operation", ["EnableEnhancedMonitoring", "DisableEnhancedMonitoring"])
@pytest.mark.parametrize("state", ["creating", "updating", "deleting"])
def test_only_an_active_stream_changes_its_monitoring(world: Any, refusal: Any, operation: Any, state: Any) -> None:
    assert refusal(operation, StreamName=state, ShardLevelMetrics=["ALL"]) == (
        "ResourceInUseException",
        f"Stream {state} under account {A} not ACTIVE, instead in state {state.upper()}",
    )


@pytest.mark.parametrize("operation", ["EnableEnhancedMonitoring", "DisableEnhancedMonitoring"])
def test_a_stream_that_does_not_exist_has_no_monitoring(kinesis: KinesisFake, refusal: Any, operation: Any) -> None:
    assert refusal(operation, StreamName="missing", ShardLevelMetrics=["ALL"]) == (
        "ResourceNotFoundException",
        f"Stream missing under account {A} not found.",
    )
