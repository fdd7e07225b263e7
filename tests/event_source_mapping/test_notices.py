"""A mapping warns of responses that Lambda mistakes for a success, and says why it never invoked its handler."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_fake import KinesisFake

REPORT = {"function_response_types": ["ReportBatchItemFailures"]}
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"


def handler_that_returns(response: Any) -> Any:
    def handler(event: Any, context: Any) -> Any:
        return response(event) if callable(response) else response

    return handler


def first_failed(key: str) -> Any:
    """A response that reports the first record of the batch under this key."""
    return lambda event: {key: [{"itemIdentifier": event["Records"][0]["kinesis"]["sequenceNumber"]}]}


def mapped(kinesis: KinesisFake, response: Any, **parameters: Any) -> Any:
    """A mapping that has handed one record over."""
    mapping = kinesis.event_source_mapping(
        handler_that_returns(response), "orders", function_name="store", **parameters
    )
    kinesis.stream("orders").put("1 teapot")
    mapping.drain()
    return mapping


def told_in_report(kinesis: KinesisFake) -> list[str]:
    lines = kinesis.summary(last_calls=0).splitlines()
    return [line.strip() for line in lines[lines.index("event source mappings:") + 2 :]]


IGNORED = (
    "1 invocation returned batchItemFailures, which Lambda ignores: the mapping has no "
    "function_response_types=['ReportBatchItemFailures'], so that all records were taken as done"
)


def test_a_report_that_the_mapping_does_not_ask_for_is_told(kinesis: KinesisFake) -> None:
    mapping = mapped(kinesis, first_failed("batchItemFailures"))
    assert mapping.waiting == []
    assert mapping.notices == [IGNORED]
    assert told_in_report(kinesis) == [IGNORED]
    assert repr(mapping) == (
        f"<event source mapping of store to {STREAM} Enabled, 1 invocation, 0 blocked, batchItemFailures ignored>"
    )


def test_an_empty_report_that_the_mapping_does_not_ask_for_is_told_too(kinesis: KinesisFake) -> None:
    assert mapped(kinesis, {"batchItemFailures": []}).notices == [IGNORED]


@pytest.mark.parametrize(
    "key", ["BatchItemFailures", "batchItemFailure", "batchItemsFailures", "batch_item_failures", "batchitemfailures"]
)
def test_a_misspelt_report_is_told(kinesis: KinesisFake, key: str) -> None:
    mapping = mapped(kinesis, first_failed(key), **REPORT)
    assert mapping.waiting == []
    told = (
        f"1 invocation returned {key!r}, which Lambda does not know, so that all records were taken as done; do you "
        "mean 'batchItemFailures'?"
    )
    assert mapping.notices == [told]
    assert told_in_report(kinesis) == [told]
    assert repr(mapping).endswith(f", 1 invocation, 0 blocked, {key!r} ignored>")


@pytest.mark.parametrize(
    ("response", "parameters"),
    [
        (first_failed("batchItemFailures"), REPORT | {"maximum_retry_attempts": 0}),
        ({"batchItemFailures": []}, REPORT),
        (None, REPORT),
        (None, {}),
        ({"statusCode": 200, "failures": 1}, REPORT),
        ("batchItemFailures", {}),
    ],
)
def test_other_responses_are_not_told_of(kinesis: KinesisFake, response: Any, parameters: Any) -> None:
    mapping = mapped(kinesis, response, **parameters)
    assert mapping.notices == []
    assert repr(mapping).endswith(" blocked>")


def test_invocations_are_counted(kinesis: KinesisFake) -> None:
    mapping = mapped(kinesis, first_failed("batchItemFailures"))
    kinesis.stream("orders").put("2 cups")
    mapping.drain()
    assert mapping.notices[0].startswith("2 invocations returned batchItemFailures, ")


def test_records_that_wait_for_the_clock_are_told(kinesis: KinesisFake) -> None:
    mapping = kinesis.event_source_mapping(handler_that_returns(None), "orders", function_name="store")
    assert mapping.notices == []
    kinesis.stream("orders").put_many(["1 teapot", "2 cups"])
    told = "never invoked: 2 records wait until the test moves the clock, as mapping.drain() and kinesis.advance() do"
    assert mapping.notices == [told]
    assert told_in_report(kinesis) == [told]
    assert repr(mapping).endswith("Enabled, 0 invocations, 0 blocked, never invoked>")
    mapping.drain()
    assert mapping.notices == []


def test_records_that_a_disabled_mapping_leaves_are_told(kinesis: KinesisFake) -> None:
    mapping = kinesis.event_source_mapping(handler_that_returns(None), "orders", enabled=False)
    kinesis.stream("orders").put("1 teapot")
    kinesis.advance(seconds=5)
    assert mapping.notices == ["never invoked: 1 record waits until mapping.enable()"]


def test_records_that_the_filters_hold_back_are_told(kinesis: KinesisFake) -> None:
    pattern = json.dumps({"data": {"kind": ["invoice"]}})
    mapping = kinesis.event_source_mapping(
        handler_that_returns(None), "orders", filter_criteria={"Filters": [{"Pattern": pattern}]}
    )
    kinesis.stream("orders").put(json={"kind": "order"})
    mapping.drain()
    assert mapping.notices == ["never invoked: the filters let none of 1 record through"]
    kinesis.stream("orders").put(json={"kind": "invoice"})
    mapping.drain()
    assert mapping.notices == []


def test_records_from_before_latest_are_told(kinesis: KinesisFake) -> None:
    kinesis.stream("orders").put_many(["1 teapot", "2 cups"])
    mapping = kinesis.event_source_mapping(handler_that_returns(None), "orders", starting_position="LATEST")
    mapping.drain()
    assert mapping.notices == [
        "never invoked: all 2 records were put before the place where the mapping starts, which is LATEST"
    ]


def test_a_blocked_shard_is_told_in_one_line_however_long_its_error_is(kinesis: KinesisFake) -> None:
    def handler(event: Any, context: Any) -> None:
        raise ValueError("a teapot:\n  - without a lid\n  - without a handle")

    mapping = kinesis.event_source_mapping(handler, "orders", function_name="store")
    kinesis.stream("orders").put("1 teapot")
    kinesis.advance(milliseconds=100)
    (line,) = told_in_report(kinesis)
    assert line == (
        "shardId-000000000000 is blocked by 1 record since 2026-01-01T00:00:00+00:00, next attempt "
        "2026-01-01T00:00:00.200000+00:00: ValueError: a teapot: - without a lid - without a handle"
    )
    assert str(mapping.invocations[0]).count("\n") == 0
    assert repr(mapping).endswith("Enabled, 1 invocation, 1 blocked>")
    assert mapping.notices == []
