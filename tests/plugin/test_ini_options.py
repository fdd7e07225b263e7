"""The options of the ini file, in suites that pytest runs inside each test."""

from __future__ import annotations

from typing import Any

import pytest


def test_ini_options_hold_for_every_test(run: Any) -> None:
    run(
        """
def test_it(kinesis, kinesis_client):
    assert kinesis.now.isoformat() == "2026-01-01T00:00:00+00:00"
    assert {stream.stream_name: len(stream.shards) for stream in kinesis.streams} == {"invoices": 1, "orders": 2}
    assert kinesis.stream("orders").stream_arn == "arn:aws:kinesis:eu-central-1:210987654321:stream/orders"
    kinesis_client.create_stream(StreamName="more", ShardCount=1)
    assert kinesis_client.list_streams()["StreamSummaries"][1]["StreamStatus"] == "CREATING"
    assert kinesis.stream("more").status == "CREATING"
    kinesis.advance(milliseconds=1500)
    assert kinesis.stream("more").status == "ACTIVE"
    with pytest.raises(kinesis_client.exceptions.LimitExceededException):
        kinesis_client.create_stream(StreamName="one-too-many", ShardCount=1)
    theirs = boto3.client("kinesis", aws_access_key_id="THEIRS", aws_secret_access_key="secret")
    assert theirs.list_streams()["StreamNames"] == []
""",
        ini="""
kinesis_start = 2026-01-01T00:00:00Z
kinesis_streams =
    orders = 2
    invoices=1
kinesis_durations =
    creating_ms = 1500
kinesis_limits =
    shards = 4
kinesis_autojump = no
kinesis_account_id = 210987654321
kinesis_accounts =
    THEIRS = 111122223333
kinesis_region = eu-central-1
kinesis_seed = 7
""",
        passed=1,
    )


def test_more_ini_options_hold(run: Any) -> None:
    run(
        """
import time
from botocore.config import Config

def test_it(kinesis, kinesis_client):
    before = kinesis.now
    time.sleep(1000)
    assert (kinesis.now - before).total_seconds() >= 1000
    kinesis_client.create_stream(StreamName="orders", ShardCount=1)
    assert kinesis.stream("orders").status == "ACTIVE"
    once = kinesis.client(config=Config(retries={"total_max_attempts": 1}))
    once.describe_limits()
    with pytest.raises(once.exceptions.LimitExceededException):
        once.describe_limits()
""",
        ini="kinesis_virtual_sleep = on\nkinesis_clock = system\nkinesis_rate_limits = true\n"
        "kinesis_durations = instant\n",
        passed=1,
    )


def test_the_marker_wins_over_ini_options(run: Any) -> None:
    run(
        """
@pytest.mark.fake_kinesis(start="2020-01-01T00:00:00Z", streams={"marked": 1})
def test_marked(kinesis):
    assert kinesis.now.year == 2020
    assert [stream.stream_name for stream in kinesis.streams] == ["marked"]
    assert boto3.client("kinesis").meta.region_name == "eu-central-1"

def test_unmarked(kinesis):
    assert kinesis.now.year == 2026
""",
        ini="kinesis_start = 2026-01-01T00:00:00Z\nkinesis_streams = orders = 1\nkinesis_region = eu-central-1\n",
        passed=2,
    )


def test_ini_options_are_those_of_fixtures_only(run: Any) -> None:
    run(
        """
def test_it():
    with fake_kinesis() as kinesis:
        assert kinesis.streams == []
""",
        ini="kinesis_streams = orders = 1\n",
        passed=1,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [(yes, True) for yes in ("true", "Yes", "ON", "1")] + [(no, False) for no in ("false", "no", "Off", "0")],
)
@pytest.mark.thorough_but("Yes")
def test_yes_and_no_may_be_written_in_four_ways(run: Any, value: str, expected: bool) -> None:
    run(
        f"""
def test_it(kinesis, kinesis_client):
    kinesis_client.create_stream(StreamName="orders", ShardCount=1)
    kinesis_client.describe_stream(StreamName="orders")
    assert (kinesis.stream("orders").status == "ACTIVE") is {expected}
""",
        ini=f"kinesis_autojump = {value}\n",
        passed=1,
    )


def test_a_stream_of_an_ini_option_may_be_on_demand(run: Any) -> None:
    run(
        """
def test_it(kinesis, kinesis_client):
    assert len(kinesis.stream("orders").shards) == 3
    described = kinesis_client.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]
    assert described["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert described["StreamStatus"] == "ACTIVE"
""",
        ini="kinesis_streams =\n    orders = 3\n    clicks = on-demand\n",
        passed=1,
    )


def test_the_help_says_what_takes_virtual_time(pytester: pytest.Pytester) -> None:
    said = " ".join(pytester.runpytest_inprocess("--help").stdout.str().split())
    assert "Whether sleeps and timeouts take virtual time only (default: no)." in said


def test_every_option_of_a_fake_has_an_ini_option_and_a_help(pytester: pytest.Pytester) -> None:
    import inspect

    from kinesis_fake import KinesisFake

    result = pytester.runpytest_inprocess("--help")
    result.stdout.fnmatch_lines_random(
        [f"  kinesis_{option} (*):*" for option in inspect.signature(KinesisFake).parameters]
    )


def test_all_calls_are_remembered_with_the_word_all(run: Any) -> None:
    run(
        """
def test_it(kinesis, kinesis_client):
    for _ in range(10_001):
        kinesis.calls.add("ListStreams", {}, "ok", 0, 1, "1", "us-east-1", None)
    assert len(kinesis.calls) == 10_001
""",
        ini="kinesis_remember_calls = all\n",
        passed=1,
    )
