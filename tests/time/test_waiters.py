"""SDK waiters move the virtual clock by exactly their delays, and never really sleep."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

from kinesis_fake import Durations, KinesisFake, KinesisFakeError, fake_kinesis

pytestmark = pytest.mark.interpreter

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of all sleeps; a waiter of the SDK calls sleep(0) between two polls."""
    seconds: list[float] = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    return seconds


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(start=NEW_YEAR, durations=Durations(creating_ms=25_000, deleting_ms=25_000)) as kinesis:
        yield kinesis


@pytest.fixture(params=["boto3", "client()", "made before the fake"])
def client(request: pytest.FixtureRequest) -> Any:
    early = boto3.client("kinesis", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")
    kinesis: KinesisFake = request.getfixturevalue("kinesis")
    return {"boto3": lambda: boto3.client("kinesis"), "client()": kinesis.client}.get(request.param, lambda: early)()


def elapsed(kinesis: KinesisFake) -> float:
    return (kinesis.now - NEW_YEAR).total_seconds()


def test_a_waiter_polls_every_ten_seconds_until_the_stream_exists(
    kinesis: KinesisFake, client: Any, slept: list[float]
) -> None:
    client.create_stream(StreamName="orders", ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName="orders")
    assert kinesis.stream("orders").status == "ACTIVE"
    assert elapsed(kinesis) == 30
    assert [(call.operation, (call.at - NEW_YEAR).total_seconds()) for call in kinesis.calls[1:]] == [
        ("DescribeStream", seconds) for seconds in (0, 10, 20, 30)
    ]
    assert set(slept) == {0}


def test_a_waiter_polls_until_the_stream_does_not_exist(kinesis: KinesisFake, client: Any, slept: list[float]) -> None:
    kinesis.create_stream("orders", shards=1)
    client.delete_stream(StreamName="orders")
    client.get_waiter("stream_not_exists").wait(StreamName="orders")
    assert kinesis.streams == []
    assert elapsed(kinesis) == 30
    assert set(slept) == {0}


def test_a_waiter_that_has_nothing_to_wait_for_does_not_move_the_clock(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("orders", shards=1)
    client.get_waiter("stream_exists").wait(StreamName="orders")
    client.get_waiter("stream_not_exists").wait(StreamName="invoices")
    assert elapsed(kinesis) == 0


@pytest.mark.parametrize(
    ("config", "polls", "seconds"),
    [
        ({"Delay": 5}, 6, 25),
        ({"Delay": 1, "MaxAttempts": 26}, 26, 25),
        ({"Delay": 24.999}, 3, 49.998),
        ({"Delay": 25}, 2, 25),
        ({"Delay": 12.5, "MaxAttempts": 3}, 3, 25),
        ({"Delay": 0.05, "MaxAttempts": 501}, 501, 25),
        ({"MaxAttempts": 4}, 4, 30),
        ({}, 4, 30),
        (None, 4, 30),
    ],
)
def test_a_delay_of_ones_own_is_kept_to_the_millisecond(
    kinesis: KinesisFake, config: dict[str, Any] | None, polls: int, seconds: float
) -> None:
    client = kinesis.client()
    client.create_stream(StreamName="orders", ShardCount=1)
    parameters: dict[str, Any] = {} if config is None else {"WaiterConfig": config}
    before = len(kinesis.calls)
    client.get_waiter("stream_exists").wait(StreamName="orders", **parameters)
    assert elapsed(kinesis) == seconds
    assert len(kinesis.calls) - before == polls


def test_the_configuration_that_was_passed_is_not_changed(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("orders", shards=1)
    config = {"Delay": 5, "MaxAttempts": 2}
    client.get_waiter("stream_exists").wait(StreamName="orders", WaiterConfig=config)
    assert config == {"Delay": 5, "MaxAttempts": 2}


def test_too_few_attempts_fail_as_they_do_with_aws(kinesis: KinesisFake, client: Any, slept: list[float]) -> None:
    client.create_stream(StreamName="orders", ShardCount=1)
    with pytest.raises(WaiterError) as caught:
        client.get_waiter("stream_exists").wait(StreamName="orders", WaiterConfig={"MaxAttempts": 3})
    assert str(caught.value) == "Waiter StreamExists failed: Max attempts exceeded"
    last_response: Any = caught.value.last_response
    assert last_response["StreamDescription"]["StreamStatus"] == "CREATING"
    assert elapsed(kinesis) == 20  # the waiter does not wait after the last attempt
    assert kinesis.stream("orders").status == "CREATING"
    assert set(slept) == {0}


def test_a_delay_of_zero_leaves_the_clock_where_it_is(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="orders", ShardCount=1)
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        client.get_waiter("stream_exists").wait(StreamName="orders", WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    assert elapsed(kinesis) == 0


def test_an_error_ends_a_waiter_as_it_does_with_aws(kinesis: KinesisFake, client: Any) -> None:
    with pytest.raises(WaiterError) as caught:
        client.get_waiter("stream_exists").wait(StreamName="orders")
    assert str(caught.value) == (
        "Waiter StreamExists failed: An error occurred (ResourceNotFoundException): "
        "Stream orders under account 123456789012 not found."
    )
    assert caught.value.last_response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert elapsed(kinesis) == 0


def test_a_stream_that_vanishes_while_it_is_waited_for_ends_the_waiter(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="orders", ShardCount=1)
    client.delete_stream(StreamName="orders")
    with pytest.raises(WaiterError, match=r"An error occurred \(ResourceNotFoundException\)"):
        client.get_waiter("stream_exists").wait(StreamName="orders")
    assert elapsed(kinesis) == 30


def test_a_waiter_moves_the_clock_without_autojump_too() -> None:
    with fake_kinesis(start=NEW_YEAR, autojump=False) as kinesis:
        client = boto3.client("kinesis")
        client.create_stream(StreamName="orders", ShardCount=1)
        client.get_waiter("stream_exists").wait(StreamName="orders")
        assert elapsed(kinesis) == 20


def test_a_poll_inside_a_waiter_does_not_jump_to_the_end_of_the_transition(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="orders", ShardCount=1)
    with pytest.raises(WaiterError):
        client.get_waiter("stream_exists").wait(StreamName="orders", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    assert elapsed(kinesis) == 1
    client.describe_stream(StreamName="orders")
    assert elapsed(kinesis) == 25


def test_two_waiters_one_after_the_other_each_begin_with_a_poll(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="orders", ShardCount=1)
    waiter = client.get_waiter("stream_exists")
    waiter.wait(StreamName="orders")
    client.create_stream(StreamName="invoices", ShardCount=1)
    waiter.wait(StreamName="invoices")
    assert elapsed(kinesis) == 60


def test_waiters_side_by_side_wait_at_the_same_time(kinesis: KinesisFake) -> None:
    client = kinesis.client()
    names = [f"stream-{number}" for number in range(5)]
    for name in names:
        client.create_stream(StreamName=name, ShardCount=1)

    def wait(name: str) -> None:
        client.get_waiter("stream_exists").wait(StreamName=name)

    with ThreadPoolExecutor(len(names)) as executor:
        list(executor.map(wait, names))
    assert {stream.status for stream in kinesis.streams} == {"ACTIVE"}
    # Each waits thirty seconds at the most after the one that polled last before it.
    assert 30 <= elapsed(kinesis) <= 30 * len(names)


def test_a_waiter_model_of_ones_own_waits_virtually_too(kinesis: KinesisFake, client: Any, slept: list[float]) -> None:
    model = WaiterModel(
        {
            "version": 2,
            "waiters": {
                "SummaryActive": {
                    "operation": "DescribeStreamSummary",
                    "delay": 4,
                    "maxAttempts": 10,
                    "acceptors": [
                        {
                            "matcher": "path",
                            "argument": "StreamDescriptionSummary.StreamStatus",
                            "expected": "ACTIVE",
                            "state": "success",
                        }
                    ],
                }
            },
        }
    )
    client.create_stream(StreamName="orders", ShardCount=1)
    create_waiter_with_client("SummaryActive", model, client).wait(StreamName="orders")
    assert elapsed(kinesis) == 28
    assert set(slept) == {0}


def test_a_waiter_model_may_end_in_failure(kinesis: KinesisFake, client: Any) -> None:
    acceptor = {"matcher": "error", "expected": "ResourceNotFoundException", "state": "failure"}
    waiter = {"operation": "DescribeStream", "delay": 4, "maxAttempts": 10, "acceptors": [acceptor]}
    model = WaiterModel({"version": 2, "waiters": {"Fails": waiter}})
    with pytest.raises(WaiterError, match="Waiter encountered a terminal failure state"):
        create_waiter_with_client("Fails", model, client).wait(StreamName="orders")
    assert elapsed(kinesis) == 0


# --- misuse -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [-1, -0.001, float("nan"), float("inf"), 10**400, "5", None, [5]])
@pytest.mark.thorough_but(first=6)
def test_a_delay_that_is_none_is_refused_before_the_first_poll(kinesis: KinesisFake, client: Any, delay: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        client.get_waiter("stream_exists").wait(StreamName="orders", WaiterConfig={"Delay": delay})
    told = repr(delay) if len(repr(delay)) <= 200 else f"{repr(delay)[:199]}…"
    assert str(caught.value) == (
        f"The Delay of a waiter is a number of seconds, from zero to the end of virtual time, not {told}."
    )
    assert len(kinesis.calls) == 0


def test_a_waiter_does_not_wait_beyond_the_end_of_virtual_time() -> None:
    with fake_kinesis(start="9999-12-30T23:59:55Z") as kinesis:
        client = kinesis.client()
        client.create_stream(StreamName="orders", ShardCount=1)
        with pytest.raises(KinesisFakeError, match=r"^Virtual time ends with the year 9999"):
            client.get_waiter("stream_exists").wait(StreamName="orders")


def test_a_hundred_days_pass_in_no_time(kinesis: KinesisFake, client: Any) -> None:
    started = time.perf_counter()
    kinesis.create_stream("orders", shards=1)
    with pytest.raises(WaiterError):
        client.get_waiter("stream_not_exists").wait(
            StreamName="orders", WaiterConfig={"Delay": 86_400, "MaxAttempts": 101}
        )
    assert kinesis.now == NEW_YEAR + timedelta(days=100)
    assert time.perf_counter() - started < 10
