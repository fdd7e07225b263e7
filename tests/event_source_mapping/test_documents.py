"""The documents for on-failure destinations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.handlers import Poison, failing_on, put

QUEUE = "arn:aws:sqs:us-east-1:123456789012:failures"
TOPIC = "arn:aws:sns:us-east-1:123456789012:failures"
BUCKET = "arn:aws:s3:::failures"


def discard(kinesis: KinesisFake, destination: str, **parameters: Any) -> tuple[Any, Any]:
    """Let two records fail; returns the mapping and what it has discarded."""
    put(kinesis, "bad")
    kinesis.advance(milliseconds=250)
    put(kinesis, "worse")
    kinesis.advance(milliseconds=1_750)
    mapping = kinesis.event_source_mapping(
        failing_on("bad"),
        "orders",
        maximum_retry_attempts=2,
        destination_config={"OnFailure": {"Destination": destination}},
        **parameters,
    )
    mapping.drain()
    (discarded,) = mapping.discarded
    return mapping, discarded


@pytest.mark.parametrize("destination", [QUEUE, TOPIC])
def test_a_document_for_sqs_or_sns_has_the_members_of_lambda_in_their_order(
    kinesis: KinesisFake, destination: str
) -> None:
    mapping, discarded = discard(kinesis, destination)
    first, last = kinesis.stream("orders").records
    assert discarded.body == json.dumps(
        {
            "requestContext": {
                "requestId": mapping.invocations[0].request_id,
                "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:handler",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 3,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": "2026-01-01T00:00:02.600Z",
            "KinesisBatchInfo": {
                "shardId": "shardId-000000000000",
                "startSequenceNumber": first.sequence_number,
                "endSequenceNumber": last.sequence_number,
                "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00.000Z",
                "approximateArrivalOfLastRecord": "2026-01-01T00:00:00.250Z",
                "batchSize": 2,
                "streamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/orders",
            },
        }
    )
    assert discarded.destination == destination
    assert discarded.key is None


def test_an_object_in_s3_has_the_event_as_an_escaped_text(kinesis: KinesisFake) -> None:
    mapping, discarded = discard(kinesis, BUCKET)
    payload = json.loads(discarded.body)["payload"]
    assert isinstance(payload, str)
    assert json.loads(payload) == mapping.invocations[0].event
    assert list(discarded.document)[-1] == "payload"
    uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    assert re.fullmatch(
        rf"aws/lambda/{mapping.uuid}/shardId-000000000000/2026/01/01/2026-01-01T00\.00\.02-{uuid}", discarded.key
    )


def test_without_a_destination_the_test_still_sees_what_was_given_up(kinesis: KinesisFake) -> None:
    put(kinesis, "bad")
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders", maximum_retry_attempts=0)
    mapping.drain()
    (discarded,) = mapping.discarded
    assert discarded.destination is None
    assert discarded.event == mapping.invocations[0].event
    assert isinstance(discarded.error, Poison)
    assert "payload" not in discarded.document


def test_documents_are_the_same_in_every_run() -> None:
    def document() -> str:
        with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}) as kinesis:
            body: str = discard(kinesis, BUCKET)[1].body
            return body

    assert document() == document()


@pytest.fixture
def sqs() -> Iterator[Any]:
    from moto import mock_aws

    with mock_aws():
        yield boto3.client("sqs", region_name="us-east-1")


def test_motos_queue_takes_what_the_mapping_discards(kinesis: KinesisFake, sqs: Any) -> None:
    url = sqs.create_queue(QueueName="failures")["QueueUrl"]
    _, discarded = discard(
        kinesis, QUEUE, deliver_to=lambda each: sqs.send_message(QueueUrl=url, MessageBody=each.body)
    )
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == discarded.document


def test_a_failure_to_deliver_a_document_fails_the_test_and_loses_nothing(kinesis: KinesisFake, sqs: Any) -> None:
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        discard(
            kinesis,
            QUEUE,
            deliver_to=lambda each: sqs.send_message(
                QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/no-queue", MessageBody=each.body
            ),
        )
