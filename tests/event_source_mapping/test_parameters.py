"""What CreateEventSourceMapping takes, and what it refuses."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError
from kinesis_fake.event_source_mapping.parameters import Parameters
from tests.support.handlers import Handler, put

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failures"


def refusal_of(kinesis: KinesisFake, source: Any = "orders", handler: Any = None, **parameters: Any) -> str:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.event_source_mapping(handler if handler is not None else Handler(), source, **parameters)
    text = str(caught.value)
    assert text.startswith("event_source_mapping() ")
    return text.removeprefix("event_source_mapping() was refused: ")


RANGES = {
    "batch_size": (1, 10_000, ""),
    "maximum_batching_window_in_seconds": (0, 300, ""),
    "parallelization_factor": (1, 10, ""),
    "maximum_retry_attempts": (0, 10_000, " or -1"),
    "maximum_record_age_in_seconds": (60, 604_800, " or -1"),
    "tumbling_window_in_seconds": (0, 900, ""),
    "timeout_seconds": (1, 900, ""),
}


@pytest.mark.parametrize("name", RANGES)
def test_a_number_has_both_limits_of_lambda(kinesis: KinesisFake, name: str) -> None:
    lowest, highest, other = RANGES[name]
    make: Any = kinesis.event_source_mapping
    for value in (lowest, highest, *([-1] if other else [])):
        make(Handler(), "orders", **{name: value}).delete()
    for wrong in (lowest - (2 if lowest == 0 and other else 1), highest + 1, 1.0, True, "1", None):
        told = refusal_of(kinesis, **{name: wrong})
        assert told == f"{name} must be a whole number from {lowest} to {highest}{other}, not {wrong!r}."


def test_the_defaults_are_those_that_were_recorded(kinesis: KinesisFake) -> None:
    mapping = kinesis.event_source_mapping(Handler(), "orders")
    configuration = mapping.configuration
    assert configuration.pop("LastModified") == kinesis.now
    assert configuration == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": ARN,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{mapping.uuid}",
        "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:handler",
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
        "State": "Enabled",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
        "UUID": mapping.uuid,
    }
    assert sorted(mapping.configuration) == list(mapping.configuration)


def test_the_configuration_shows_what_was_given(kinesis: KinesisFake) -> None:
    pattern = '{"data": {"kind": ["order"]}}'
    mapping = kinesis.event_source_mapping(
        Handler(),
        ARN,
        function_name="totals",
        starting_position="AT_TIMESTAMP",
        starting_position_timestamp=kinesis.now,
        destination_config={"OnFailure": {"Destination": QUEUE}},
        filter_criteria={"Filters": [{"Pattern": pattern}]},
        function_response_types=["ReportBatchItemFailures"],
    )
    configuration = mapping.configuration
    assert configuration["FunctionArn"] == "arn:aws:lambda:us-east-1:123456789012:function:totals"
    assert configuration["StartingPositionTimestamp"] == kinesis.now
    assert configuration["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}
    assert configuration["FilterCriteria"] == {"Filters": [{"Pattern": pattern}]}
    assert configuration["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_last_processing_result_follows_the_function(kinesis: KinesisFake) -> None:
    def handler(event: Any, context: Any) -> None:
        if len(results) == 1:
            raise ValueError

    results: list[str] = []
    put(kinesis, "a", "b")
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=1, maximum_retry_attempts=0)
    results.append(mapping.configuration["LastProcessingResult"])
    mapping.drain()
    results.append(mapping.configuration["LastProcessingResult"])
    put(kinesis, "c")
    mapping.drain()
    results.append(mapping.configuration["LastProcessingResult"])
    assert results == ["No records processed", "PROBLEM: Function call failed", "OK"]


def test_an_unknown_stream_is_refused_in_the_words_of_lambda(kinesis: KinesisFake) -> None:
    unknown = "arn:aws:kinesis:us-east-1:123456789012:stream/nowhere"
    told = f"InvalidParameterValueException: Stream not found: {unknown}"
    assert refusal_of(kinesis, "nowhere") == told
    assert refusal_of(kinesis, unknown) == told
    elsewhere = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"
    assert refusal_of(kinesis, elsewhere) == f"InvalidParameterValueException: Stream not found: {elsewhere}"
    assert refusal_of(kinesis, None).startswith("the source is the name of a stream, or the ARN of a stream or cons")


def test_a_consumer_that_is_not_registered_is_refused(kinesis: KinesisFake) -> None:
    unknown = f"{ARN}/consumer/reader:1767225600"
    assert refusal_of(kinesis, unknown) == f"there is no registered consumer {unknown}."


def test_the_same_function_on_the_same_stream_is_refused_in_the_words_of_lambda(kinesis: KinesisFake) -> None:
    handler = Handler()
    first = kinesis.event_source_mapping(handler, "orders")
    assert refusal_of(kinesis, ARN, handler) == (
        f'ResourceConflictException: The event source arn (" {ARN} ") and function (" handler ") provided mapping '
        f"already exists. Please update or delete the existing mapping with UUID {first.uuid}"
    )
    kinesis.create_stream("payments", shards=1)
    kinesis.event_source_mapping(handler, "payments")
    first.delete()
    assert kinesis.event_source_mapping(handler, "orders").uuid != first.uuid


def test_two_handlers_of_one_name_are_two_functions(kinesis: KinesisFake) -> None:
    names = [kinesis.event_source_mapping(Handler(), "orders").function_name for _ in range(3)]
    assert names == ["handler", "handler-2", "handler-3"]
    assert kinesis.event_source_mapping(lambda event, context: None, "orders").function_name == "lambda"
    assert "function_name has 1 to 64 letters" in refusal_of(kinesis, function_name="not a name")


def test_what_cannot_be_combined_is_refused(kinesis: KinesisFake) -> None:
    assert refusal_of(kinesis, tumbling_window_in_seconds=1, parallelization_factor=2) == (
        "with a tumbling window the parallelization_factor must be 1."
    )
    together = "starting_position_timestamp and the starting_position AT_TIMESTAMP go together."
    assert refusal_of(kinesis, starting_position="AT_TIMESTAMP") == together
    assert refusal_of(kinesis, starting_position_timestamp=kinesis.now) == together
    assert refusal_of(
        kinesis, starting_position="AT_TIMESTAMP", starting_position_timestamp=kinesis.now + timedelta(milliseconds=1)
    ) == ("starting_position_timestamp must not be in the future: it is 2026-01-01T00:00:00+00:00.")
    assert refusal_of(kinesis, starting_position="AT_SEQUENCE_NUMBER").startswith("starting_position must be TRIM_HO")


@pytest.mark.parametrize("types", [["Everything"], ["ReportBatchItemFailures"] * 2, "ReportBatchItemFailures"])
def test_other_response_types_are_refused(kinesis: KinesisFake, types: Any) -> None:
    assert refusal_of(kinesis, function_response_types=types) == (
        f"function_response_types must be [] or ['ReportBatchItemFailures'], not {types!r}."
    )


@pytest.mark.parametrize("destination", ["", QUEUE, QUEUE.replace("sqs", "sns"), "arn:aws:s3:::my-bucket"])
def test_a_destination_is_a_queue_a_topic_or_a_bucket(kinesis: KinesisFake, destination: str) -> None:
    mapping = kinesis.event_source_mapping(
        Handler(), "orders", destination_config={"OnFailure": {"Destination": destination}}
    )
    shown = {"OnFailure": {"Destination": destination} if destination else {}}
    assert mapping.configuration["DestinationConfig"] == shown


def test_other_destinations_are_refused(kinesis: KinesisFake) -> None:
    told = refusal_of(kinesis, destination_config={"OnFailure": {"Destination": ARN}})
    assert told == f"the destination must be the ARN of an SQS queue, an SNS topic or an S3 bucket, not '{ARN}'."
    config: Any
    for config in (QUEUE, {"OnFailure": QUEUE}, {"on_failure": {}}, {"OnFailure": {"destination": QUEUE}}):
        assert refusal_of(kinesis, destination_config=config).startswith("destination_config is written as in the API")


def test_what_is_no_parameter_is_refused(kinesis: KinesisFake) -> None:
    told = refusal_of(kinesis, batch=3)
    assert told.startswith(
        "event_source_mapping() has no parameter 'batch'; it takes those of CreateEventSourceMapping"
    )
    assert refusal_of(kinesis, bisect_batch_on_function_error=1) == (
        "bisect_batch_on_function_error must be True or False, not 1."
    )
    assert refusal_of(kinesis, handler="handler") == (
        "a handler is called with an event and a context, 'handler' cannot be called."
    )
    assert refusal_of(kinesis, deliver_to="queue").startswith("deliver_to is called with each discarded batch")
    assert refusal_of(kinesis, raise_errors="yes") == "raise_errors must be True, False or None, not 'yes'."


WILD = [
    None,
    True,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    10**400,
    "",
    "x",
    "\ud800",
    b"x",
    [],
    ["x"],
    {},
    {"x": 1},
    object(),
]


@pytest.mark.parametrize(
    "name", [*Parameters.__dataclass_fields__, "function_name", "role", "raise_errors", "deliver_to"]
)
def test_a_wild_value_is_taken_or_refused_and_breaks_nothing(kinesis: KinesisFake, name: str) -> None:
    for value in WILD:
        given: dict[str, Any] = {name: value}
        if name == "starting_position_timestamp":
            given["starting_position"] = "AT_TIMESTAMP"
        with suppress(KinesisFakeError):  # nothing else may come out
            kinesis.event_source_mapping(Handler(), "orders", **given).delete()


@pytest.mark.parametrize("index", range(len(WILD)))
def test_a_wild_source_handler_or_role_is_refused(kinesis: KinesisFake, index: int) -> None:
    value: Any = WILD[index]
    with pytest.raises(KinesisFakeError):
        kinesis.event_source_mapping(Handler(), value)
    with pytest.raises(KinesisFakeError):
        kinesis.event_source_mapping(value, "orders")
    if value is not None:
        with pytest.raises(KinesisFakeError):
            kinesis.lambda_events(kinesis.stream("orders"), role=value)


def test_a_refusal_leaves_no_mapping_behind(kinesis: KinesisFake) -> None:
    handler = Handler()
    refusal_of(kinesis, "orders", handler, filter_criteria={"Filters": [{"Pattern": "null"}]})
    put(kinesis, "a")
    kinesis.advance(seconds=10)
    assert handler.calls == []
    assert "handler on orders" not in kinesis.summary()
    kinesis.event_source_mapping(handler, "orders").drain()
    assert handler.calls == [["a"]]


# --- starting positions ---------------------------------------------------------------------------------------------


def test_a_mapping_starts_at_the_trim_horizon_at_the_end_or_at_an_instant(kinesis: KinesisFake) -> None:
    put(kinesis, "trimmed")
    kinesis.advance(hours=20)
    put(kinesis, "old")
    kinesis.advance(hours=5)
    at = kinesis.now
    put(kinesis, "recent")
    handlers = {
        "TRIM_HORIZON": Handler(),
        "LATEST": Handler(),
        "AT_TIMESTAMP": Handler(),
    }
    for position, handler in handlers.items():
        timestamp = at if position == "AT_TIMESTAMP" else None
        kinesis.event_source_mapping(
            handler, "orders", starting_position=position, starting_position_timestamp=timestamp
        )
    put(kinesis, "new")
    kinesis.advance(seconds=1)
    assert [handler.calls for handler in handlers.values()] == [
        [["old", "recent", "new"]],
        [["new"]],
        [["recent", "new"]],
    ]


def test_latest_on_a_shard_without_records_misses_none(kinesis: KinesisFake) -> None:
    handler = Handler()
    kinesis.event_source_mapping(handler, "orders", starting_position="LATEST")
    put(kinesis, "a")
    kinesis.advance(seconds=0)
    assert handler.calls == [["a"]]


def test_an_instant_may_be_given_as_text_or_as_seconds(kinesis: KinesisFake) -> None:
    put(kinesis, "a")
    kinesis.advance(seconds=1)
    put(kinesis, "b")
    handlers = [Handler(), Handler()]
    for handler, timestamp in zip(handlers, ("2026-01-01T00:00:01Z", 1767225601.0), strict=True):
        kinesis.event_source_mapping(
            handler, "orders", starting_position="AT_TIMESTAMP", starting_position_timestamp=timestamp
        )
    kinesis.advance(seconds=1)
    assert [handler.calls for handler in handlers] == [[["b"]], [["b"]]]


def test_a_mapping_of_another_region_has_its_arns(kinesis: KinesisFake) -> None:
    kinesis.client(region_name="eu-west-1").create_stream(StreamName="far", ShardCount=1)
    kinesis.settle()
    arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/far"
    events: list[Any] = []
    contexts: list[Any] = []

    def handler(event: Any, context: Any) -> None:
        events.append(event)
        contexts.append(context)

    mapping = kinesis.event_source_mapping(handler, arn)
    kinesis.stream(arn).put("x")
    mapping.drain()
    assert events[0]["Records"][0]["awsRegion"] == "eu-west-1"
    assert events[0]["Records"][0]["eventSourceARN"] == arn
    assert contexts[0].invoked_function_arn == "arn:aws:lambda:eu-west-1:123456789012:function:handler"
