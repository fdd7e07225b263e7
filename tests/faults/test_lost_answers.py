"""Answers that never come, after a call that has taken effect and after one that has not."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from kinesis_fake import Fault, KinesisFake
from tests.support.clients import new_client
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

URL = "https://kinesis.us-east-1.amazonaws.com/"


def put(client: Any, data: Any = b"1 teapot") -> Any:
    return client.put_record(StreamName="orders", PartitionKey="ada", Data=data)


def written(kinesis: KinesisFake) -> Any:
    return [record.data for record in kinesis.stream("orders").records]


def seconds_since_start(kinesis: KinesisFake) -> Any:
    return (kinesis.now - datetime(2026, 1, 1, tzinfo=timezone.utc)).total_seconds()


@pytest.mark.parametrize(
    ("fault", "error", "message", "records", "seconds"),
    [
        (Fault.connection_error(), EndpointConnectionError, f'Could not connect to the endpoint URL: "{URL}"', 0, 0),
        (
            Fault.connection_error(applied=True),
            ConnectionClosedError,
            "Connection was closed before we received a valid response from endpoint URL: ",
            1,
            0,
        ),
        (Fault.read_timeout(), ReadTimeoutError, f'Read timeout on endpoint URL: "{URL}"', 1, 60),
        (Fault.read_timeout(applied=False), ReadTimeoutError, f'Read timeout on endpoint URL: "{URL}"', 0, 60),
    ],
    ids=["no connection", "connection closed", "timeout, applied", "timeout, not applied"],
)
def test_the_client_gets_botocores_own_exception(
    kinesis: KinesisFake, client: Any, fault: Any, error: Any, message: Any, records: Any, seconds: Any
) -> None:
    kinesis.inject(fault)
    with pytest.raises(error) as caught:
        put(client)
    assert type(caught.value) is error
    assert str(caught.value).startswith(message)
    assert written(kinesis) == [b"1 teapot"] * records
    assert seconds_since_start(kinesis) == seconds
    (call,) = kinesis.calls
    assert (call.operation, call.outcome) == ("PutRecord", error.__name__)


@pytest.mark.parametrize(("read_timeout", "seconds"), [(5, 5), (0.25, 0.25), (90, 90)])
def test_a_client_waits_for_an_answer_as_long_as_its_read_timeout(
    kinesis: KinesisFake, read_timeout: Any, seconds: Any
) -> None:
    client = new_client(read_timeout=read_timeout, retries={"total_max_attempts": 1})
    kinesis.inject(Fault.read_timeout())
    with pytest.raises(ReadTimeoutError):
        put(client)
    assert seconds_since_start(kinesis) == seconds


def test_the_sdk_retries_a_write_whose_answer_was_lost_and_so_makes_a_duplicate(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    kinesis.inject(Fault.read_timeout("PutRecord"))
    answer = put(kinesis_client)
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    first, second = kinesis.stream("orders").records
    assert first.data == second.data == b"1 teapot"
    assert first.sequence_number < second.sequence_number == answer["SequenceNumber"]
    assert first.approximate_arrival_timestamp.second == 0
    assert 60 <= (second.approximate_arrival_timestamp - first.approximate_arrival_timestamp).total_seconds() < 61


def test_the_sdk_retries_a_write_that_did_not_arrive_and_makes_no_duplicate(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    kinesis.inject(Fault.connection_error("PutRecord"))
    assert put(kinesis_client)["ResponseMetadata"]["RetryAttempts"] == 1
    assert written(kinesis) == [b"1 teapot"]


def test_a_client_that_gives_up_raises_what_it_saw_last(kinesis: KinesisFake) -> None:
    client = new_client(retries={"mode": "standard"})
    kinesis.inject(Fault.connection_error("PutRecord", applied=True, times=None))
    with pytest.raises(ConnectionClosedError):
        put(client)
    attempts = [call.attempt for call in kinesis.calls]
    assert attempts == [1, 2, 3]
    assert len(written(kinesis)) == len(attempts)


def test_a_refusal_is_lost_as_any_answer_is(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.connection_error("CreateStream", applied=True))
    with pytest.raises(ConnectionClosedError):
        client.create_stream(StreamName="orders", ShardCount=1)  # there is one
    assert kinesis.calls[-1].outcome == "ConnectionClosedError"
    with refused(client, "ResourceInUseException"):
        client.create_stream(StreamName="orders", ShardCount=1)


def test_a_stream_was_created_although_no_answer_said_so(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.read_timeout("CreateStream"))
    with pytest.raises(ReadTimeoutError):
        client.create_stream(StreamName="payments", ShardCount=1)
    assert kinesis.stream("payments").status == "ACTIVE"  # the client has waited for longer than that takes
    with refused(client, "ResourceInUseException"):
        client.create_stream(StreamName="payments", ShardCount=1)


def test_latency_up_to_the_read_timeout_is_borne_and_no_more(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.latency("PutRecord", milliseconds=59_999))
    put(client, b"in time")
    assert seconds_since_start(kinesis) == 59.999
    kinesis.inject(Fault.latency("PutRecord", milliseconds=60_000))
    with pytest.raises(ReadTimeoutError):
        put(client, b"too late")
    assert seconds_since_start(kinesis) == 119.999
    assert written(kinesis) == [b"in time", b"too late"]


def test_a_refusal_that_comes_too_late_is_a_read_timeout(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.latency("PutRecord", milliseconds=3_600_000))
    kinesis.inject(Fault.internal_error("PutRecord"))
    with pytest.raises(ReadTimeoutError):
        put(client)
    assert (written(kinesis), seconds_since_start(kinesis)) == ([], 60)
