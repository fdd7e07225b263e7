"""What counts as a success and what as a failure, as it was recorded from Lambda."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.handlers import Handler, put

REPORT = ["ReportBatchItemFailures"]


def calls_after(kinesis: KinesisFake, response: Any, **parameters: Any) -> tuple[list[list[str]], list[Any]]:
    """The calls for two records, with one retry, and the functionError of the documents."""
    handler = Handler(lambda keys: response)
    parameters = {"function_response_types": REPORT, "maximum_retry_attempts": 1, **parameters}
    mapping = kinesis.event_source_mapping(handler, "orders", **parameters)
    mapping.drain()
    return handler.calls, [each.document["responseContext"]["functionError"] for each in mapping.discarded]


@pytest.mark.parametrize(
    "response",
    ["", [], None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, {"statusCode": 200}],
    ids=repr,
)
def test_these_answers_are_successes(kinesis: KinesisFake, response: Any) -> None:
    put(kinesis, "a", "b")
    assert calls_after(kinesis, response) == ([["a", "b"]], [])


@pytest.mark.parametrize(
    "failures",
    [
        [{"itemIdentifier": ""}],
        [{"itemIdentifier": None}],
        [{"itemIdentifier": 123}],
        [{"itemIdentifier": "123"}],
        [{"foo": "a"}],
        [{"foo": None}],
        [{}],
        [None],
        ["123"],
        {"itemIdentifier": "123"},
        "123",
        True,
    ],
    ids=repr,
)
def test_a_malformed_report_fails_the_whole_batch_without_a_function_error(kinesis: KinesisFake, failures: Any) -> None:
    put(kinesis, "a", "b")
    assert calls_after(kinesis, {"batchItemFailures": failures}) == ([["a", "b"]] * 2, [None])


@pytest.mark.parametrize("response", ["done", ["done"], 1, 0, True, False], ids=repr)
def test_an_answer_that_is_no_report_fails_the_whole_batch(kinesis: KinesisFake, response: Any) -> None:
    put(kinesis, "a", "b")
    assert calls_after(kinesis, response) == ([["a", "b"]] * 2, [None])


def test_an_unknown_number_among_known_ones_fails_the_whole_batch(kinesis: KinesisFake) -> None:
    _, second = put(kinesis, "a", "b")
    response = {"batchItemFailures": [{"itemIdentifier": second}, {"itemIdentifier": second[:-1]}]}
    assert calls_after(kinesis, response) == ([["a", "b"]] * 2, [None])


def test_a_number_of_the_batch_that_is_no_text_fails_the_whole_batch(kinesis: KinesisFake) -> None:
    _, second = put(kinesis, "a", "b")
    response = {"batchItemFailures": [{"itemIdentifier": int(second)}]}
    assert calls_after(kinesis, response) == ([["a", "b"]] * 2, [None])


@pytest.mark.parametrize("response", ["done", 1, {"batchItemFailures": "nonsense"}], ids=repr)
def test_any_answer_is_a_success_where_no_report_is_expected(kinesis: KinesisFake, response: Any) -> None:
    put(kinesis, "a", "b")
    assert calls_after(kinesis, response, function_response_types=[]) == ([["a", "b"]], [])


@pytest.mark.parametrize(
    "response", [{1, 2}, b"bytes", object(), {"a": object()}], ids=lambda value: type(value).__name__
)
def test_an_answer_that_is_no_json_is_a_function_error(kinesis: KinesisFake, response: Any) -> None:
    put(kinesis, "a", "b")
    calls, errors = calls_after(kinesis, response, function_response_types=[])
    assert (calls, errors) == ([["a", "b"]] * 2, ["Unhandled"])


def test_a_response_is_kept_as_json_gives_it_back(kinesis: KinesisFake) -> None:
    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(lambda event, context: {1: (Decimal("0.5"), None)}, "orders")
    (invocation,) = mapping.drain()
    assert invocation.response == {"1": [0.5, None]}


# --- the function ---------------------------------------------------------------------------------------------------


def test_a_handler_that_takes_too_long_has_failed_whatever_it_returns(kinesis: KinesisFake) -> None:
    durations = [3.001, 3.0]

    def handler(event: Any, context: Any) -> None:
        kinesis.advance(seconds=durations.pop(0))

    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(handler, "orders", timeout_seconds=3)
    first, second = mapping.drain()
    assert str(first.error) == "Task timed out after 3.00 seconds"
    assert second.error is None
    assert (second.at - first.at).total_seconds() == 3.201


def test_the_remaining_time_is_that_of_the_virtual_clock(kinesis: KinesisFake) -> None:
    remaining = []

    def handler(event: Any, context: Any) -> None:
        remaining.append(context.get_remaining_time_in_millis())
        kinesis.advance(milliseconds=1_500)
        remaining.append(context.get_remaining_time_in_millis())
        kinesis.advance(seconds=60)
        remaining.append(context.get_remaining_time_in_millis())

    put(kinesis, "a")
    kinesis.event_source_mapping(handler, "orders", timeout_seconds=5, maximum_retry_attempts=0).drain()
    assert remaining == [5_000, 3_500, 0]


def test_the_context_has_what_the_python_runtime_gives(kinesis: KinesisFake) -> None:
    contexts: list[Any] = []
    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(
        lambda event, context: contexts.append(context), "orders", function_name="totals"
    )
    (invocation,) = mapping.drain()
    (context,) = contexts
    assert context.function_name == "totals"
    assert context.function_version == "$LATEST"
    assert context.invoked_function_arn == "arn:aws:lambda:us-east-1:123456789012:function:totals"
    assert context.memory_limit_in_mb == "128"
    assert context.aws_request_id == invocation.request_id
    assert context.log_group_name == "/aws/lambda/totals"
    assert context.log_stream_name.startswith("2026/01/01/[$LATEST]")
    assert context.client_context is None
    assert context.identity.cognito_identity_id is None


class EventCounter:
    def __init__(self) -> None:
        self.events = 0

    def __call__(self, event: Any, context: Any) -> None:
        self.events += 1


def test_a_handler_may_be_an_object_that_is_called(kinesis: KinesisFake) -> None:
    handler: Callable[[Any, Any], Any] = EventCounter()
    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(handler, "orders")
    mapping.drain()
    assert handler.events == 1  # type: ignore[attr-defined]
    assert mapping.function_name == "EventCounter"


def test_what_a_handler_does_to_its_event_is_not_seen_by_the_next_one(kinesis: KinesisFake) -> None:
    seen = []

    def handler(event: Any, context: Any) -> None:
        seen.append(len(event["Records"]))
        event["Records"].clear()
        if len(seen) == 1:
            raise ValueError

    put(kinesis, "a", "b")
    mapping = kinesis.event_source_mapping(handler, "orders")
    first, second = mapping.drain()
    assert seen == [2, 2]
    assert first.event == second.event
    assert len(first.event["Records"]) == 2
