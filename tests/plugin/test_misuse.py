"""What the plugin refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("ini", "message"),
    [
        ("kinesis_seed = seven", "The ini option kinesis_seed is written as a whole number, not 'seven'."),
        ("kinesis_autojump = maybe", "The ini option kinesis_autojump is written as yes or no, not 'maybe'."),
        (
            "kinesis_streams = orders",
            "The ini option kinesis_streams is written as lines of 'name = shards' or 'name = on-demand', not "
            "['orders'].",
        ),
        (
            "kinesis_streams = orders = two",
            "The ini option kinesis_streams is written as lines of 'name = shards' or 'name = on-demand', not "
            "['orders = two'].",
        ),
        (
            "kinesis_accounts = = 111122223333",
            "The ini option kinesis_accounts is written as lines of 'access key = account or ARN', not "
            "['= 111122223333'].",
        ),
        (
            "kinesis_durations = creating = 5",
            "The ini option kinesis_durations is written as lines of 'creating_ms = 5000', or the word instant, not "
            "['creating = 5']. Durations has no argument 'creating'; do you mean 'creating_ms'? It takes *",
        ),
        (
            "kinesis_durations = creating_ms = -5",
            "The ini option kinesis_durations is written as lines of 'creating_ms = 5000', or the word instant, not "
            "['creating_ms = -5']. Durations.creating_ms must be a whole number from 0 on, not -5.",
        ),
        (
            "kinesis_limits = shards",
            "The ini option kinesis_limits is written as lines of 'shards = 500', not ['shards'].",
        ),
        (
            "kinesis_limits =\n  tag = 5",
            "The ini option kinesis_limits is written as lines of 'shards = 500', not ['tag = 5']. Limits has no "
            "argument 'tag'; do you mean 'tags'? *",
        ),
        (
            "kinesis_streams =\n  orders = 1\n  orders = 2",
            "The ini option kinesis_streams is written as lines of 'name = shards' or 'name = on-demand', not "
            "['orders = 1', 'orders = 2']. There are two lines for orders; leave one of them out.",
        ),
    ],
)
@pytest.mark.thorough_but(first=1)
def test_an_ini_option_that_cannot_be_read_ends_the_run_at_once(
    pytester: pytest.Pytester, ini: str, message: str
) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{ini}\n")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message.replace('[', '[[]')}"])


@pytest.mark.parametrize(
    ("ini", "message"),
    [
        ("kinesis_seed = 99999999999999999999", "seed must be a whole number from *, not 99999999999999999999."),
        ("kinesis_clock = wall", "clock must be 'virtual', 'system' or 'shared', not 'wall'."),
        ("kinesis_region = eu-west", "region must be the name of a region, such as 'us-east-1', not 'eu-west'."),
        (
            "kinesis_start = noon",
            "'noon' is no instant; write it as in '2026-01-01T00:00:00Z' or pass an aware datetime.",
        ),
        ("kinesis_accounts = A = x", "accounts gives each access key an account, such as *, not 'x'."),
        ("kinesis_state = nowhere.json", "state: nowhere.json cannot be read: No such file or directory."),
    ],
)
@pytest.mark.thorough_but(first=1)
def test_a_value_of_the_ini_file_that_no_fake_takes_is_told_with_its_option(run: Any, ini: str, message: str) -> None:
    result = run("def test_it(kinesis): pass", ini=f"{ini}\n", errors=1)
    name = ini.partition(" ")[0]
    told = f"E  *KinesisFakeError: {message.replace('[', '[[]')}"
    result.stdout.fnmatch_lines([told, f"E  *The value is that of the ini option {name}."])


def test_a_value_of_the_marker_is_not_blamed_on_the_ini_file(run: Any) -> None:
    marked = "@pytest.mark.fake_kinesis(region='eu-west')\ndef test_it(kinesis): pass"
    result = run(marked, ini="kinesis_region = eu-central-1\nkinesis_seed = 7\n", errors=1)
    result.stdout.fnmatch_lines(["E  *region must be the name of a region, such as 'us-east-1', not 'eu-west'."])
    result.stdout.no_fnmatch_line("*The value is that of the ini option*")


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        (
            "'2026-01-01T00:00:00Z'",
            "*The fake_kinesis marker takes keyword arguments only, such as start='2026-01-01T00:00Z'.",
        ),
        ("shards=3", "*KinesisFakeError: fake_kinesis has no option 'shards'; its options are: start, streams, *"),
        ("region=''", "*KinesisFakeError: region must be the name of a region, such as 'us-east-1', not ''."),
        ("streams=['orders']", "*KinesisFakeError: streams must be a dict, such as streams={'orders': 2} or *"),
        (
            "streams={'orders': '2'}",
            "*KinesisFakeError: The stream 'orders' must be a number of shards, 'on-demand' or a dict, such as *",
        ),
        (
            "streams={'orders': {'shards': 0}}",
            "*KinesisFakeError: create_stream('orders') was refused: 1 validation error detected: Value '0' at "
            "'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            "streams={'orders': {'shard_count': 'two'}}",
            "*KinesisFakeError: The number of shards must be a whole number, not 'two'.",
        ),
    ],
)
@pytest.mark.thorough_but(first=1)
def test_a_marker_that_cannot_be_understood_fails_its_test_with_a_sentence(run: Any, marker: str, message: str) -> None:
    result = run(f"@pytest.mark.fake_kinesis({marker})\ndef test_it(kinesis): pass", errors=1)
    result.stdout.fnmatch_lines([f"E  {message.replace('[', '[[]')}"])


DECORATED_WITH_CLIENT = (
    "E  *UsageError: {} is decorated with fake_kinesis and asks for the fixture kinesis_client, which belongs to a "
    "fake of its own: use the marker instead of the decorator, or kinesis.client()."
)


@pytest.mark.parametrize(
    ("suite", "decorated"),
    [
        ("@fake_kinesis\ndef test_it(kinesis_client): pass", "test_it"),
        ("@fake_kinesis(streams={'orders': 1})\ndef test_it(kinesis, kinesis_client): pass", "test_it"),
        ("@pytest.mark.asyncio\n@fake_kinesis\nasync def test_it(kinesis_client): pass", "test_it"),
        ("@pytest.mark.fake_kinesis\n@fake_kinesis\ndef test_it(kinesis_client): pass", "test_it"),
        (
            "@pytest.fixture\ndef producer(kinesis_client): pass\n@fake_kinesis\ndef test_it(producer): pass",
            "test_it",
        ),
        (
            "from unittest import mock\n@mock.patch('os.getcwd')\n@fake_kinesis\n"
            "def test_it(getcwd, kinesis_client): pass",
            "test_it",
        ),
        ("class TestIt:\n    @fake_kinesis\n    def test_it(self, kinesis_client): pass", "test_it"),
        ("class TestIt:\n    @fake_kinesis\n    @staticmethod\n    def test_it(kinesis_client): pass", "test_it"),
        ("@fake_kinesis\nclass TestIt:\n    def test_it(self, kinesis_client): pass", "TestIt"),
        (
            "@fake_kinesis\nclass Base: pass\nclass TestIt(Base):\n    def test_it(self, kinesis_client): pass",
            "Base",
        ),
        (
            "import unittest\n@fake_kinesis\n@pytest.mark.usefixtures('kinesis_client')\n"
            "class TestIt(unittest.TestCase):\n    def test_it(self): pass",
            "TestIt",
        ),
    ],
)
@pytest.mark.thorough_but(first=1)
def test_a_decorated_test_that_asks_for_a_client_of_another_fake_is_refused(
    run: Any, suite: str, decorated: str
) -> None:
    result = run(suite, errors=1)
    result.stdout.fnmatch_lines([DECORATED_WITH_CLIENT.format(decorated)])


def test_a_decorated_test_may_be_marked_and_use_fixtures_that_are_decorated(run: Any) -> None:
    run(
        """
pytestmark = pytest.mark.fake_kinesis(streams={"marked": 1})

def names():
    return boto3.client("kinesis").list_streams()["StreamNames"]

@fake_kinesis(streams={"decorated": 1})
def test_decorated(kinesis):
    assert names() == ["decorated"]

@pytest.fixture
@fake_kinesis(streams={"of-the-fixture": 1})
def fixture():
    yield

def test_undecorated(kinesis_client, fixture):
    assert names() == ["of-the-fixture"]
    assert kinesis_client.list_streams()["StreamNames"] == ["marked"]
""",
        passed=2,
    )
