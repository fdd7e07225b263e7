"""Enhanced monitoring: which shard-level metrics are enabled, before and after."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, autojump=False)

A = "123456789012"
#: All metrics in the order of the model.
ALL = [
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
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


def test_the_answer_has_the_metrics_before_and_after_in_the_order_of_the_model(kinesis, client):
    assert enable(client, "OutgoingBytes") == answer([], ["OutgoingBytes"])
    both = ["IncomingBytes", "OutgoingBytes"]
    assert enable(client, "OutgoingBytes", "IncomingBytes") == answer(["OutgoingBytes"], both)
    assert disable(client, "OutgoingBytes", "IteratorAgeMilliseconds") == answer(both, ["IncomingBytes"])
    assert disable(client, "IncomingBytes") == answer(["IncomingBytes"], [])


def test_all_stands_for_every_metric(kinesis, client):
    assert enable(client, "ALL") == answer([], ALL)
    assert enable(client, "IncomingBytes", "ALL") == answer(ALL, ALL)
    assert disable(client, "IncomingBytes") == answer(ALL, ALL[1:])
    assert disable(client, "ALL") == answer(ALL[1:], [])


def test_each_metric_can_be_enabled(kinesis, client):
    for number, metric in enumerate(ALL):
        assert enable(client, metric) == answer(ALL[:number], ALL[: number + 1])


def test_the_descriptions_show_the_metrics_and_the_stream_stays_active(kinesis, client):
    def shown() -> list[tuple[str, Any]]:
        described = client.describe_stream(StreamName="orders")["StreamDescription"]
        summary = client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
        return [(d["StreamStatus"], d["EnhancedMonitoring"]) for d in (described, summary)]

    assert shown() == [("ACTIVE", [{"ShardLevelMetrics": []}])] * 2
    enable(client, "OutgoingRecords")
    assert shown() == [("ACTIVE", [{"ShardLevelMetrics": ["OutgoingRecords"]}])] * 2


def test_an_answer_does_not_change_when_the_metrics_do(kinesis, client):
    first = enable(client, "IncomingBytes")
    disable(client, "ALL")
    assert first["DesiredShardLevelMetrics"] == ["IncomingBytes"]


@pytest.mark.parametrize("operation", ["EnableEnhancedMonitoring", "DisableEnhancedMonitoring"])
@pytest.mark.parametrize("state", ["creating", "updating", "deleting"])
def test_only_an_active_stream_changes_its_monitoring(world, refusal, operation, state):
    assert refusal(operation, StreamName=state, ShardLevelMetrics=["ALL"]) == (
        "ResourceInUseException",
        f"Stream {state} under account {A} not ACTIVE, instead in state {state.upper()}",
    )


@pytest.mark.parametrize("operation", ["EnableEnhancedMonitoring", "DisableEnhancedMonitoring"])
def test_a_stream_that_does_not_exist_has_no_monitoring(kinesis, refusal, operation):
    assert refusal(operation, StreamName="missing", ShardLevelMetrics=["ALL"]) == (
        "ResourceNotFoundException",
        f"Stream missing under account {A} not found.",
    )
