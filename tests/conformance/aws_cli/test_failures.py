"""What ``aws kinesis`` prints and returns when AWS refuses a call, and when it gives up a wait."""

from __future__ import annotations

import pytest

from kinesis_fake import KinesisFake
from tests.support.aws_cli import ACCOUNT, START, STARTED_AT, Aws, Run

# The AWS CLI takes a second to import; what it puts and reads crosses the same door as any client's.
pytestmark = [pytest.mark.fake_kinesis(start=START), pytest.mark.thorough]


@pytest.mark.fake_kinesis(streams={"orders": 1})
@pytest.mark.parametrize(
    ("arguments", "code", "operation", "message"),
    [
        (
            "create-stream --stream-name orders --shard-count 1",
            "ResourceInUseException",
            "CreateStream",
            f"Stream orders under account {ACCOUNT} already exists.",
        ),
        (
            "put-record --stream-name gone --data x --partition-key y",
            "ResourceNotFoundException",
            "PutRecord",
            f"Stream gone under account {ACCOUNT} not found.",
        ),
        (
            "get-records --shard-iterator AAAA",
            "InvalidArgumentException",
            "GetRecords",
            "Invalid ShardIterator.",
        ),
        (
            "list-streams --no-paginate --limit 10001 --exclusive-start-stream-name a,b",
            "ValidationException",
            "ListStreams",
            "2 validation errors detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have "
            "value less than or equal to 10000; Value 'a,b' at 'exclusiveStartStreamName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ),
        (
            "update-shard-count --stream-name orders --target-shard-count 3 --scaling-type UNIFORM_SCALING",
            "InvalidArgumentException",
            "UpdateShardCount",
            "UpdateShardCount cannot scale up over double your current open shard count. "
            "Current open shard count: 1 Target shard count: 3",
        ),
    ],
    ids=["in use", "not found", "invalid", "constraints", "limit"],
)
def test_a_refusal_is_told_in_awss_words(
    monkeypatch: pytest.MonkeyPatch, run: Run, arguments: str, code: str, operation: str, message: str
) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")  # the default changed
    finished = run(*arguments.split())
    # The SDK repeats what is over a limit, in virtual time.
    retries = " (reached max retries: 2)" if code == "LimitExceededException" else ""
    assert finished.err == f"\nAn error occurred ({code}) when calling the {operation} operation{retries}: {message}\n"
    assert (finished.exit_code, finished.out) == (255, "")


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_an_iterator_that_is_too_old_is_told_in_awss_words(kinesis: KinesisFake, aws: Aws, run: Run) -> None:
    iterator = aws(
        *("get-shard-iterator", "--stream-name", "orders", "--shard-id", "shardId-000000000000"),
        *("--shard-iterator-type", "LATEST"),
    )["ShardIterator"]
    kinesis.advance(minutes=5, milliseconds=1)
    finished = run("get-records", "--shard-iterator", iterator)
    assert finished.err == (
        "\nAn error occurred (ExpiredIteratorException) when calling the GetRecords operation: Iterator expired. "
        "The iterator was created at time Thu Jan 01 00:00:00 UTC 2026 while right now it is "
        "Thu Jan 01 00:05:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.\n"
    )
    assert finished.exit_code == 255


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_wait_that_nothing_ends_is_given_up(kinesis: KinesisFake, run: Run) -> None:
    finished = run("wait", "stream-not-exists", "--stream-name", "orders")
    assert (finished.exit_code, finished.out) == (255, "")
    assert finished.err == "\nWaiter StreamNotExists failed: Max attempts exceeded\n"
    assert (kinesis.now.timestamp() - STARTED_AT) == 170  # 18 polls, 10 seconds apart
