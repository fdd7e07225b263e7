"""The SDK's own retries: a client's real policy decides, and only virtual time passes."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config

from kinesis_fake import Durations, KinesisFake, fake_kinesis
from tests.support.refusals import refused

TOO_MANY = (
    "An error occurred (LimitExceededException) when calling the CreateStream operation (reached max retries: "
    "{retries}): This request would have exceed the limit on the number of streams that can simultaneously be in "
    "CREATING or DELETING for the account 123456789012. Limit: 5."
)
START = "2026-01-01T00:00:00Z"

#: How a client is configured, and how often it tries.
POLICIES: dict[str, tuple[dict[str, Any], int]] = {
    "legacy": ({"mode": "legacy"}, 5),
    "standard": ({"mode": "standard"}, 3),
    "adaptive": ({"mode": "adaptive"}, 3),
    "legacy with two retries": ({"mode": "legacy", "max_attempts": 2}, 3),
    "standard with six retries": ({"mode": "standard", "max_attempts": 6}, 7),
    "adaptive with one retry": ({"mode": "adaptive", "total_max_attempts": 2}, 2),
    "legacy without retries": ({"mode": "legacy", "max_attempts": 0}, 1),
    "standard without retries": ({"mode": "standard", "total_max_attempts": 1}, 1),
}


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(seconds: float) -> None:
        raise AssertionError(f"a sleep of {seconds} s")

    monkeypatch.setattr(time, "sleep", refuse)


def client_with(retries: Any) -> Any:
    return boto3.client("kinesis", config=Config(retries=retries))


def refused_sixth_stream(kinesis: KinesisFake, client: Any) -> Any:
    """The error for a sixth stream while five are CREATING: AWS's limit, which clients retry."""
    for number in range(5):
        client.create_stream(StreamName=f"stream-{number}", ShardCount=1)
    with refused(client, "LimitExceededException") as caught:
        client.create_stream(StreamName="one-too-many", ShardCount=1)
    assert len(kinesis.streams) == 5
    return caught.value


@pytest.mark.parametrize(("retries", "attempts"), POLICIES.values(), ids=POLICIES)
@pytest.mark.fake_kinesis(durations=Durations(creating_ms=600_000), start=START)
def test_a_client_tries_as_often_as_its_policy_says(
    kinesis: KinesisFake, retries: dict[str, Any], attempts: int
) -> None:
    before = kinesis.now
    error = refused_sixth_stream(kinesis, client_with(retries))
    assert str(error) == TOO_MANY.format(retries=attempts - 1)
    assert error.response["ResponseMetadata"]["RetryAttempts"] == attempts - 1
    assert [(call.operation, call.attempt) for call in kinesis.calls[5:]] == [
        ("CreateStream", attempt) for attempt in range(1, attempts + 1)
    ]
    waited = (kinesis.now - before).total_seconds()
    if attempts == 1:
        assert waited == 0
    else:
        # Attempt n waits less than 2^(n-1) seconds in all modes, and no more than 20.
        assert 0 < waited < sum(min(2 ** (attempt - 1), 20) for attempt in range(1, attempts))


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_backoff_is_the_same_in_every_run(mode: str) -> None:
    def moments() -> list[Any]:
        with fake_kinesis(start=START, durations=Durations(creating_ms=600_000)) as kinesis:
            refused_sixth_stream(kinesis, client_with({"mode": mode}))
            return [call.at for call in kinesis.calls]

    random.seed(1)
    first = moments()
    random.seed(2)
    assert moments() == first
    assert len(set(first)) > 2


def test_another_seed_gives_another_backoff() -> None:
    def end(seed: int) -> Any:
        with fake_kinesis(start=START, seed=seed) as kinesis:
            refused_sixth_stream(kinesis, client_with({"mode": "standard"}))
            return kinesis.now

    assert end(0) != end(1)


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.fake_kinesis(durations=Durations(creating_ms=600_000))
def test_the_random_numbers_of_the_program_are_left_alone(kinesis: KinesisFake, mode: str) -> None:
    random.seed(1)
    expected = random.random()
    random.seed(1)
    refused_sixth_stream(kinesis, client_with({"mode": mode}))
    assert random.random() == expected


@pytest.mark.fake_kinesis(durations=Durations(creating_ms=400), start=START)
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_retry_succeeds_when_enough_time_has_passed(kinesis: KinesisFake, mode: str) -> None:
    client = client_with({"mode": mode, "max_attempts": 9})
    for number in range(5):
        client.create_stream(StreamName=f"stream-{number}", ShardCount=1)
    answer = client.create_stream(StreamName="the-sixth", ShardCount=1)
    retries = answer["ResponseMetadata"]["RetryAttempts"]
    assert retries >= 1
    assert [call.outcome for call in kinesis.calls[5:]] == ["LimitExceededException"] * retries + ["ok"]
    assert kinesis.stream("stream-0").status == "ACTIVE"
    assert kinesis.stream("the-sixth").status == "CREATING"


def test_what_a_policy_does_not_retry_is_asked_once(kinesis: KinesisFake) -> None:
    before = kinesis.now
    client = client_with({"mode": "standard"})
    with refused(client, "ResourceNotFoundException") as caught:
        client.delete_stream(StreamName="orders")
    assert str(caught.value) == (
        "An error occurred (ResourceNotFoundException) when calling the DeleteStream operation: "
        "Stream orders under account 123456789012 not found."
    )
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert (len(kinesis.calls), kinesis.now) == (1, before)


@pytest.mark.fake_kinesis(durations=Durations(creating_ms=600_000), autojump=False)
def test_retries_pass_time_without_autojump_too(kinesis: KinesisFake) -> None:
    before = kinesis.now
    refused_sixth_stream(kinesis, client_with({"mode": "standard"}))
    assert kinesis.now > before


@pytest.mark.fake_kinesis(durations=Durations(creating_ms=600_000))
def test_a_client_made_before_the_fake_retries_too() -> None:
    keys: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
    client = boto3.client("kinesis", config=Config(retries={"mode": "legacy"}), **keys)
    with fake_kinesis(durations=Durations(creating_ms=600_000)) as kinesis:
        assert refused_sixth_stream(kinesis, client).response["ResponseMetadata"]["RetryAttempts"] == 4


@pytest.mark.fake_kinesis(durations=Durations(creating_ms=3_600_000))
def test_threads_that_retry_at_the_same_time_all_come_to_an_end(kinesis: KinesisFake) -> None:
    client = client_with({"mode": "legacy"})
    for number in range(5):
        client.create_stream(StreamName=f"stream-{number}", ShardCount=1)

    def attempt(number: int) -> int:
        with refused(client, "LimitExceededException") as caught:
            client.create_stream(StreamName=f"one-too-many-{number}", ShardCount=1)
        retries: int = caught.value.response["ResponseMetadata"]["RetryAttempts"]
        return retries

    with ThreadPoolExecutor(8) as executor:
        assert list(executor.map(attempt, range(24))) == [4] * 24
