"""Handlers that are written with Powertools for AWS Lambda."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch import (
    AsyncBatchProcessor,
    BatchProcessor,
    EventType,
    async_process_partial_response,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import KinesisStreamEvent, event_source
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from kinesis_fake import KinesisFake

PARAMETERS: dict[str, Any] = {
    "batch_size": 10,
    "function_response_types": ["ReportBatchItemFailures"],
    "maximum_retry_attempts": 2,
}


def put_orders(kinesis: KinesisFake, *amounts: Any) -> None:
    for amount in amounts:
        kinesis.stream("orders").put(json.dumps({"amount": amount}), "ada")


def test_the_event_data_class_reads_every_member(kinesis: KinesisFake) -> None:
    seen: list[Any] = []

    @event_source(data_class=KinesisStreamEvent)  # type: ignore[untyped-decorator]
    def handler(event: KinesisStreamEvent, context: LambdaContext) -> None:
        for record in event.records:
            kinesis_record = record.kinesis
            seen.append(
                {
                    "data": kinesis_record.data_as_json(),
                    "key": kinesis_record.partition_key,
                    "number": kinesis_record.sequence_number,
                    "version": kinesis_record.kinesis_schema_version,
                    "arrived": kinesis_record.approximate_arrival_timestamp,
                    "region": record.aws_region,
                    "id": record.event_id,
                    "name": record.event_name,
                    "source": record.event_source,
                    "arn": record.event_source_arn,
                    "role": record.invoke_identity_arn,
                    "event_version": record.event_version,
                    "windows": record.get("window"),
                    "remaining": context.get_remaining_time_in_millis(),
                }
            )

    put_orders(kinesis, 5)
    mapping = kinesis.event_source_mapping(handler, "orders")
    (invocation,) = mapping.drain()
    assert invocation.error is None
    number = kinesis.stream("orders").records[0].sequence_number
    assert seen == [
        {
            "data": {"amount": 5},
            "key": "ada",
            "number": number,
            "version": "1.0",
            "arrived": 1767225600.0,
            "region": "us-east-1",
            "id": f"shardId-000000000000:{number}",
            "name": "aws:kinesis:record",
            "source": "aws:kinesis",
            "arn": "arn:aws:kinesis:us-east-1:123456789012:stream/orders",
            "role": "arn:aws:iam::123456789012:role/handler-role",
            "event_version": "1.0",
            "windows": None,
            "remaining": 3_000,
        }
    ]


def test_a_batch_processor_reports_the_records_that_failed(kinesis: KinesisFake) -> None:
    processor = BatchProcessor(event_type=EventType.KinesisDataStreams)
    totals: list[int] = []

    def add(record: KinesisStreamRecord) -> None:
        totals.append(record.kinesis.data_as_json()["amount"] + 0)

    def handler(event: dict[str, Any], context: LambdaContext) -> Any:
        return process_partial_response(event=event, record_handler=add, processor=processor, context=context)

    put_orders(kinesis, 1, 2, "poison", 4)
    mapping = kinesis.event_source_mapping(handler, "orders", **PARAMETERS)
    mapping.drain()
    # What follows the poison is handed over with every retry of it, and again when the poison is gone.
    assert totals == [1, 2, 4, 4, 4, 4]
    (discarded,) = mapping.discarded
    assert discarded.document["KinesisBatchInfo"]["batchSize"] == 2
    assert [each.error for each in mapping.invocations] == [None] * 4


def test_a_batch_in_which_everything_fails_is_an_exception_of_powertools(kinesis: KinesisFake) -> None:
    processor = BatchProcessor(event_type=EventType.KinesisDataStreams)

    def refuse(record: KinesisStreamRecord) -> None:
        raise ValueError("no")

    def handler(event: dict[str, Any], context: LambdaContext) -> Any:
        return process_partial_response(event=event, record_handler=refuse, processor=processor, context=context)

    put_orders(kinesis, 1, 2)
    mapping = kinesis.event_source_mapping(handler, "orders", **PARAMETERS)
    mapping.drain()
    assert {type(each.error).__name__ for each in mapping.invocations} == {"BatchProcessingError"}
    assert mapping.discarded[0].document["responseContext"]["functionError"] == "Unhandled"


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Powertools asks for the loop of the thread, which Lambda's own thread has from the first call on."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.mark.usefixtures("loop")
def test_an_async_batch_processor_reports_the_records_that_failed(kinesis: KinesisFake) -> None:
    processor = AsyncBatchProcessor(event_type=EventType.KinesisDataStreams)
    totals: list[int] = []

    async def add(record: KinesisStreamRecord) -> None:
        await asyncio.sleep(0)
        totals.append(record.kinesis.data_as_json()["amount"] + 0)

    def handler(event: dict[str, Any], context: LambdaContext) -> Any:
        return async_process_partial_response(event=event, record_handler=add, processor=processor, context=context)

    put_orders(kinesis, 1, "poison", 3)
    mapping = kinesis.event_source_mapping(handler, "orders", bisect_batch_on_function_error=True, **PARAMETERS)
    mapping.drain()
    assert totals == [1, 3, 3, 3, 3]
    assert [each.document["KinesisBatchInfo"]["batchSize"] for each in mapping.discarded] == [2]


def test_the_event_of_a_unit_test_is_read_by_powertools_too(kinesis: KinesisFake) -> None:
    put_orders(kinesis, 5)
    event = KinesisStreamEvent(kinesis.lambda_event(kinesis.stream("orders")))
    assert [record.kinesis.data_as_json() for record in event.records] == [{"amount": 5}]
