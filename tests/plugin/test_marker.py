"""The marker ``fake_kinesis``, in suites that pytest runs inside each test."""

from __future__ import annotations

from typing import Any

import pytest


def test_the_marker_carries_the_options_of_a_fake(run: Any) -> None:
    run(
        """
from kinesis_fake import Durations, Limits

@pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z", streams={"orders": 2, "invoices": {"shard_count": 1}}, durations=Durations.instant(),
    limits=Limits(shards=7), autojump=False, account_id="210987654321", region="eu-central-1", seed=5,
)
def test_it(kinesis, kinesis_client):
    assert kinesis.now.isoformat() == "2026-01-01T00:00:00+00:00"
    assert len(kinesis.stream("orders").shards) == 2
    assert kinesis.stream("orders").stream_arn == "arn:aws:kinesis:eu-central-1:210987654321:stream/orders"
    kinesis_client.create_stream(StreamName="more", ShardCount=4)
    assert kinesis.stream("more").status == "ACTIVE"
    with pytest.raises(kinesis_client.exceptions.LimitExceededException):
        kinesis_client.create_stream(StreamName="one-too-many", ShardCount=1)
""",
        passed=1,
    )


def test_a_marked_test_runs_inside_a_fake_although_it_names_no_fixture(run: Any) -> None:
    run(
        """
import unittest

class TestOfAClass:
    @pytest.fixture(autouse=True)
    def prepare(self):
        self.names = boto3.client("kinesis").list_streams()["StreamNames"]

    @pytest.mark.fake_kinesis(streams={"orders": 1})
    def test_it(self):
        assert self.names == ["orders"]

@pytest.mark.fake_kinesis(streams={"orders": 1})
class TestOfUnittest(unittest.TestCase):
    def setUp(self):
        self.names = boto3.client("kinesis").list_streams()["StreamNames"]

    def test_it(self):
        assert self.names == ["orders"]

@pytest.mark.fake_kinesis(streams={"orders": 1})
@pytest.mark.parametrize("number", [1, 2])
def test_with_parameters(number):
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]

@pytest.mark.fake_kinesis(streams={"orders": 1})
@pytest.mark.asyncio
async def test_asynchronous():
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]
""",
        passed=5,
    )


def test_a_marker_of_one_parameter_leaves_the_others_alone(run: Any) -> None:
    run(
        """
from kinesis_fake.botocore_hook import ACTIVE_FAKES

@pytest.mark.parametrize("fakes", [0, pytest.param(1, marks=pytest.mark.fake_kinesis), 0])
def test_it(fakes):
    assert len(ACTIVE_FAKES) == fakes
""",
        passed=3,
    )


def test_the_marker_nearest_to_a_test_wins_option_by_option(run: Any) -> None:
    run(
        """
pytestmark = pytest.mark.fake_kinesis(start="2020-01-01T00:00:00Z", streams={"of-the-module": 1}, region="eu-west-1")

def test_module(kinesis):
    assert (kinesis.now.year, [stream.stream_name for stream in kinesis.streams]) == (2020, ["of-the-module"])

@pytest.mark.fake_kinesis(streams={"of-the-class": 1})
class TestOfClass:
    def test_class(self, kinesis):
        assert (kinesis.now.year, [stream.stream_name for stream in kinesis.streams]) == (2020, ["of-the-class"])

    @pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z")
    def test_function(self, kinesis):
        assert (kinesis.now.year, [stream.stream_name for stream in kinesis.streams]) == (2026, ["of-the-class"])
        assert boto3.client("kinesis").meta.region_name == "eu-west-1"
""",
        passed=3,
    )


def test_the_marker_is_registered_and_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.fake_kinesis(*): run the test inside a Kinesis of its own;*"])


def test_the_fixtures_are_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--fixtures", "-p", "no:randomly")
    result.stdout.fnmatch_lines(
        [
            "kinesis -- *",
            "    A fake for this test alone: it answers all Kinesis calls of the process while the test runs.",
            "kinesis_client -- *",
            "    A botocore client of the ``kinesis`` fixture.",
        ]
    )
