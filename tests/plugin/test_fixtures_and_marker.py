"""The pytest plugin as a user's tests see it: pytest runs inside each test, with the plugin and a small suite."""

from __future__ import annotations

import sys
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def quiet(pytester: pytest.Pytester) -> None:
    """pytest-asyncio warns where this is not set."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a suite of one file, and hold how many tests passed, failed and so on."""
    # Looking through all installed packages for plugins takes longer than the suite.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ("-p", "kinesis_fake.pytest_plugin", "-p", "pytest_asyncio", "-p", "no:cacheprovider")

    def run(suite: str, *args: str, ini: str = "", conftest: str = "", **outcomes: int) -> pytest.RunResult:
        pytester.makepyfile(test_suite="import boto3\nimport pytest\nfrom kinesis_fake import fake_kinesis\n" + suite)
        pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{ini}")
        if conftest:
            pytester.makeconftest(conftest)
        result = pytester.runpytest_inprocess(*plugins, "--strict-markers", *args)
        result.assert_outcomes(**outcomes)
        return result

    return run


# --- fixtures -----------------------------------------------------------------------------------------------------


def test_the_fixture_is_a_fake_that_answers_any_client(run: Any) -> None:
    run(
        """
def test_it(kinesis):
    kinesis.create_stream("orders", shards=1)
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]

def test_another(kinesis):
    assert kinesis.streams == []
""",
        passed=2,
    )


def test_the_client_is_one_of_that_fake(run: Any) -> None:
    run(
        """
def test_it(kinesis, kinesis_client):
    kinesis_client.create_stream(StreamName="orders", ShardCount=1)
    kinesis_client.get_waiter("stream_exists").wait(StreamName="orders")
    assert kinesis.stream("orders").status == "ACTIVE"
    with fake_kinesis():
        assert kinesis_client.list_streams()["StreamNames"] == ["orders"]

def test_alone(kinesis_client):
    assert kinesis_client.list_streams()["StreamNames"] == []
    assert boto3.client("kinesis").list_streams()["StreamNames"] == []
""",
        passed=2,
    )


def test_nothing_is_left_when_a_test_is_over(run: Any) -> None:
    run(
        """
from kinesis_fake.botocore_hook import ACTIVE_FAKES

def test_it(kinesis):
    assert len(ACTIVE_FAKES) == 1

def test_that_fails(kinesis):
    assert False

def test_afterwards():
    assert len(ACTIVE_FAKES) == 0
""",
        passed=2,
        failed=1,
    )


def test_fixtures_of_all_kinds_work_together(run: Any) -> None:
    run(
        """
from kinesis_fake.botocore_hook import ACTIVE_FAKES

@pytest.fixture(scope="session", autouse=True)
@fake_kinesis(streams={"of-the-session": 1})
def session_fake(kinesis):
    yield kinesis
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["of-the-session"]

@pytest.fixture(scope="module")
@fake_kinesis(streams={"of-the-module": 1})
def module_fake(kinesis):
    yield kinesis

@pytest.fixture
def orders(kinesis):
    return kinesis.create_stream("orders", shards=1)

def names():
    return boto3.client("kinesis").list_streams()["StreamNames"]

def test_session():
    assert names() == ["of-the-session"]

def test_module(module_fake):
    assert names() == ["of-the-module"]
    assert len(ACTIVE_FAKES) == 2

def test_function(module_fake, orders, kinesis):
    assert names() == ["orders"]
    assert len(ACTIVE_FAKES) == 3

def test_module_again(module_fake):
    assert names() == ["of-the-module"]

@pytest.mark.fake_kinesis(streams={"marked": 1})
def test_marked(session_fake):
    assert names() == ["marked"]
    assert len(ACTIVE_FAKES) == 3

@pytest.mark.asyncio
async def test_asynchronous(module_fake, orders):
    assert names() == ["orders"]
    async with fake_kinesis():
        assert names() == []
    assert names() == ["orders"]

@fake_kinesis(streams={"decorated": 1})
def test_decorated(module_fake, kinesis):
    assert names() == ["decorated"]
    assert [stream.stream_name for stream in kinesis.streams] == ["decorated"]
""",
        passed=7,
    )


def test_an_asynchronous_suite_with_a_loop_for_the_session_works(run: Any) -> None:
    run(
        """
import pytest_asyncio
pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio(loop_scope="session")]

@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
@fake_kinesis(streams={"of-the-session": 1})
async def session_fake():
    yield

def names():
    return boto3.client("kinesis").list_streams()["StreamNames"]

async def test_session():
    assert names() == ["of-the-session"]

async def test_function(kinesis):
    assert names() == []
    kinesis.create_stream("orders", shards=1)
    assert names() == ["orders"]

async def test_session_again():
    assert names() == ["of-the-session"]
""",
        passed=3,
    )


def test_a_user_may_build_a_fixture_upon_it(run: Any) -> None:
    run(
        """
@pytest.fixture
def kinesis(kinesis):
    kinesis.create_stream("orders", shards=1)
    return kinesis

def test_it(kinesis, kinesis_client):
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]
""",
        passed=1,
    )


def test_a_fixture_named_kinesis_of_a_project_may_be_anything(run: Any) -> None:
    run(
        """
@pytest.fixture
def kinesis(request):
    if request.node.get_closest_marker("fake_kinesis"):
        assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]
    return "the project's own"

@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_marked(kinesis):
    assert kinesis == "the project's own"
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]

@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_with_a_client(kinesis_client, kinesis):
    assert kinesis == "the project's own"
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]

def test_with_ini_options_only(kinesis_client, kinesis):
    assert kinesis == "the project's own"
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]
""",
        ini="kinesis_streams = orders = 1\n",
        passed=3,
    )


def test_the_client_belongs_to_the_fake_that_a_project_has_put_there(run: Any) -> None:
    run(
        """
@pytest.fixture
@fake_kinesis(streams={"orders": 1})
def kinesis(kinesis):
    yield kinesis

@pytest.mark.fake_kinesis(streams={"marked": 1})
def test_without_a_client(kinesis):
    assert [stream.stream_name for stream in kinesis.streams] == ["orders"]

def test_with_a_client(kinesis_client, kinesis):
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]

@pytest.mark.fake_kinesis(streams={"marked": 1})
def test_with_nothing_but_a_client(kinesis_client):
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]
""",
        passed=3,
    )


# --- the marker ---------------------------------------------------------------------------------------------------


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
            "    A Kinesis of this test's own: all Kinesis calls of the process are answered by it *",
            "kinesis_client -- *",
            "    A botocore client of the ``kinesis`` fixture.",
        ]
    )


# --- ini options --------------------------------------------------------------------------------------------------


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


def test_the_help_says_that_both_sleeps_are_virtual(pytester: pytest.Pytester) -> None:
    said = " ".join(pytester.runpytest_inprocess("--help").stdout.str().split())
    assert "Whether time.sleep and asyncio.sleep move the virtual clock (default: no)." in said


def test_every_option_of_a_fake_has_an_ini_option_and_a_help(pytester: pytest.Pytester) -> None:
    import inspect

    from kinesis_fake import KinesisFake

    result = pytester.runpytest_inprocess("--help")
    result.stdout.fnmatch_lines_random(
        [f"  kinesis_{option} (*):*" for option in inspect.signature(KinesisFake).parameters]
    )


# --- misuse -------------------------------------------------------------------------------------------------------


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
            # Python 3.13 adds a guess.
            "['creating = 5']. Durations.__init__() got an unexpected keyword argument 'creating'*",
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
    ],
)
def test_an_ini_option_that_cannot_be_read_ends_the_run_at_once(
    pytester: pytest.Pytester, ini: str, message: str
) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{ini}\n")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message.replace('[', '[[]')}"])


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


# --- faults and failures ------------------------------------------------------------------------------------------


def test_a_failing_test_shows_the_state_of_its_fake(run: Any) -> None:
    result = run(
        """
@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2})
def test_it(kinesis, kinesis_client):
    kinesis_client.create_stream(StreamName="invoices", ShardCount=1)
    assert False
""",
        failed=1,
    )
    result.stdout.fnmatch_lines(
        [
            "* kinesis *",
            "virtual time: 2026-01-01T00:00:00.000Z",
            "  orders: ACTIVE, 2 open shards of 2, 0 records",
            "  2026-01-01T00:00:20.000Z  stream invoices becomes ACTIVE",
            "  2026-01-01T00:00:00.000Z  CreateStream(StreamName=invoices, ShardCount=1) -> ok",
        ]
    )


def test_a_failing_test_of_a_decorated_class_shows_it_too(run: Any) -> None:
    result = run(
        """
@fake_kinesis(streams={"orders": 2})
class TestOfClass:
    def test_it(self):
        assert False
""",
        failed=1,
    )
    result.stdout.fnmatch_lines(["* kinesis *", "  orders: ACTIVE, 2 open shards of 2, 0 records"])


def fakes_shown(result: pytest.RunResult) -> list[str]:
    """The names of the streams in the sections about fakes, in their order."""
    shown = [line.split(":")[0].strip() for line in result.outlines if line.endswith(" 0 records")]
    assert len([line for line in result.outlines if line.strip("- ") == "kinesis"]) == len(shown)
    return shown


@pytest.mark.parametrize(
    ("suite", "shown"),
    [
        ("@fake_kinesis(streams={'a': 1})\ndef test_it():\n    assert False", ["a"]),
        ("@pytest.mark.asyncio\n@fake_kinesis(streams={'a': 1})\nasync def test_it():\n    assert False", ["a"]),
        ("def test_it():\n    with fake_kinesis(streams={'a': 1}):\n        assert False", ["a"]),
        (
            "@pytest.mark.asyncio\nasync def test_it():\n    async with fake_kinesis(streams={'a': 1}):\n"
            "        assert False",
            ["a"],
        ),
        (
            "@pytest.mark.fake_kinesis(streams={'b': 1})\n@fake_kinesis(streams={'a': 1})\n"
            "def test_it():\n    assert False",
            ["a", "b"],
        ),
        (
            "@fake_kinesis(streams={'c': 1})\ndef test_it():\n    with fake_kinesis(streams={'b': 1}):\n"
            "        with fake_kinesis(streams={'a': 1}):\n            assert False",
            ["a", "b", "c"],
        ),
        (
            "@fake_kinesis(streams={'b': 1})\nclass TestIt:\n    @fake_kinesis(streams={'a': 1})\n"
            "    def test_it(self):\n        assert False",
            ["a", "b"],
        ),
        (
            "import unittest\n@pytest.mark.fake_kinesis(streams={'c': 1})\n@fake_kinesis(streams={'b': 1})\n"
            "class TestIt(unittest.TestCase):\n    @fake_kinesis(streams={'a': 1})\n"
            "    def test_it(self):\n        assert False",
            ["a", "b", "c"],
        ),
        (
            "import unittest\nclass TestIt(unittest.TestCase):\n    def setUp(self):\n"
            "        fake = fake_kinesis(streams={'a': 1})\n        self.own = fake.start()\n"
            "        self.addCleanup(fake.stop)\n    def test_it(self):\n        assert False",
            ["a"],
        ),
        (
            "class TestIt:\n    def setup_method(self):\n        self.fake = fake_kinesis(streams={'a': 1})\n"
            "        self.fake.start()\n    def teardown_method(self):\n        self.fake.stop()\n"
            "    def test_it(self):\n        assert False",
            ["a"],
        ),
        (
            "@pytest.fixture\n@fake_kinesis(streams={'a': 1})\ndef fixture():\n    yield\n"
            "@pytest.mark.fake_kinesis(streams={'b': 1})\ndef test_it(fixture):\n    assert False",
            ["a", "b"],
        ),
        (
            "@pytest.fixture\n@fake_kinesis(streams={'a': 1})\ndef fixture():\n    yield\n"
            "@fake_kinesis(streams={'b': 1})\nclass TestIt:\n    def test_it(self, fixture):\n        assert False",
            ["a", "b"],
        ),
        (
            "def test_it():\n    try:\n        with fake_kinesis(streams={'a': 1}):\n            raise KeyError\n"
            "    except KeyError as error:\n        raise ValueError from error",
            ["a"],
        ),
        (
            "def test_it():\n    try:\n        with fake_kinesis(streams={'a': 1}):\n            raise KeyError\n"
            "    except KeyError:\n        raise ValueError",
            ["a"],
        ),
        (
            "from kinesis_fake import Fault\ndef test_it():\n    with fake_kinesis(streams={'a': 1}) as kinesis:\n"
            "        kinesis.inject(Fault.throttle('PutRecords'))",
            ["a"],
        ),
    ],
)
def test_a_failing_test_shows_every_fake_that_it_was_in_innermost_first(run: Any, suite: str, shown: list[str]) -> None:
    assert fakes_shown(run(suite, failed=1)) == shown


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups of exceptions came with Python 3.11")
def test_a_failing_task_of_a_group_shows_the_fake_that_it_was_in(run: Any) -> None:
    result = run(
        """
import asyncio

@fake_kinesis(streams={"a": 1})
async def work():
    assert False

@pytest.mark.asyncio
@fake_kinesis(streams={"b": 1})
async def test_it():
    async with asyncio.TaskGroup() as group:
        group.create_task(work())
""",
        failed=1,
    )
    assert fakes_shown(result) == ["a", "b"]


@pytest.mark.parametrize(
    "suite",
    [
        "with pytest.raises(KeyError):\n        with fake_kinesis(streams={'a': 1}):\n            raise KeyError",
        "try:\n        with fake_kinesis(streams={'a': 1}):\n            raise KeyError\n    except KeyError:\n"
        "        error = ValueError()\n    raise error",
        "try:\n        with fake_kinesis(streams={'a': 1}):\n            raise KeyError\n    except KeyError:\n"
        "        raise ValueError from None",
        "with fake_kinesis(streams={'a': 1}):\n        pass",
    ],
)
def test_a_failing_test_does_not_show_fakes_that_its_failure_has_not_left(run: Any, suite: str) -> None:
    assert fakes_shown(run(f"def test_it():\n    {suite}\n    assert False", failed=1)) == []


@pytest.mark.parametrize(
    ("suite", "shown"),
    [
        (
            "@pytest.fixture\ndef breaks(kinesis):\n    assert False\n"
            "@pytest.mark.fake_kinesis(streams={'a': 1})\ndef test_it(breaks): pass",
            ["a"],
        ),
        (
            "@pytest.fixture(scope='module')\n@fake_kinesis(streams={'a': 1})\ndef breaks():\n    assert False\n"
            "    yield\ndef test_it(breaks): pass",
            ["a"],
        ),
        (
            "@fake_kinesis(streams={'a': 1})\nclass TestIt:\n    def setup_method(self):\n        assert False\n"
            "    def test_it(self): pass",
            ["a"],
        ),
        (
            "@pytest.fixture\ndef breaks():\n    assert False\n"
            "@fake_kinesis(streams={'a': 1})\nclass TestIt:\n    def test_it(self, breaks): pass",
            ["a"],
        ),
    ],
)
def test_a_failing_set_up_shows_its_fakes(run: Any, suite: str, shown: list[str]) -> None:
    assert fakes_shown(run(suite, errors=1)) == shown


@pytest.mark.parametrize(
    ("suite", "shown"),
    [
        (
            "@pytest.fixture\ndef breaks(kinesis):\n    yield\n    assert False\n"
            "@pytest.mark.fake_kinesis(streams={'a': 1})\ndef test_it(breaks): pass",
            ["a"],
        ),
        (
            "@pytest.mark.fake_kinesis(streams={'b': 1})\n@fake_kinesis(streams={'a': 1})\nclass TestIt:\n"
            "    def teardown_method(self):\n        assert False\n    def test_it(self): pass",
            ["a", "b"],
        ),
        (
            "@pytest.fixture\n@fake_kinesis(streams={'a': 1})\ndef breaks():\n    yield\n    assert False\n"
            "def test_it(breaks): pass",
            ["a"],
        ),
        (
            "@pytest.fixture(scope='session')\n@fake_kinesis(streams={'b': 1})\ndef outer():\n    yield\n"
            "@pytest.fixture\n@fake_kinesis(streams={'a': 1})\ndef inner():\n    yield\n"
            "@pytest.fixture\ndef breaks(outer, inner):\n    yield\n    assert False\n"
            "def test_it(breaks): pass",
            ["a", "b"],
        ),
        (
            "@fake_kinesis(streams={'a': 1})\nclass TestIt:\n    @pytest.fixture\n    def breaks(self):\n"
            "        yield\n        assert False\n    def test_it(self, breaks): pass",
            ["a"],
        ),
    ],
)
def test_a_failing_tear_down_shows_its_fakes(run: Any, suite: str, shown: list[str]) -> None:
    assert fakes_shown(run(suite, passed=1, errors=1)) == shown


def test_a_test_that_passes_or_is_skipped_shows_nothing(run: Any) -> None:
    result = run(
        """
@fake_kinesis(streams={"a": 1})
def test_skipped():
    pytest.skip("not today")

@pytest.mark.xfail
@fake_kinesis(streams={"a": 1})
def test_expected_to_fail():
    assert False

@fake_kinesis(streams={"a": 1})
def test_passing():
    pass
""",
        "-rA",
        passed=1,
        skipped=1,
        xfailed=1,
    )
    assert fakes_shown(result) == []


def test_a_run_keeps_no_fake_of_a_test_that_is_over(run: Any) -> None:
    run(
        """
import gc
import weakref

watched = []

@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_it(kinesis):
    watched.append(weakref.ref(kinesis))

def test_afterwards():
    gc.collect()
    assert watched[0]() is None
""",
        passed=2,
    )


def test_a_fake_whose_state_cannot_be_told_hides_nothing(run: Any) -> None:
    """As where somebody has put a clock in the place of the system clock that runs out of answers."""
    result = run(
        """
@pytest.mark.fake_kinesis(clock="system", streams={"orders": 1})
def test_it(kinesis, monkeypatch):
    instants = iter([1_800_000_000.0])
    monkeypatch.setattr("time.time", lambda: next(instants))
    assert kinesis.now.year == 1970
""",
        failed=1,
    )
    result.stdout.fnmatch_lines(
        [
            "E       assert 2027 == 1970",
            "* kinesis *",
            "The state of the fake cannot be told: StopIteration()",
        ]
    )
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


UNUSED = "*KinesisFakeError: The fault was never used: throttle on PutRecords.*"


@pytest.mark.parametrize(
    "suite",
    [
        "def test_it(kinesis):\n    kinesis.inject(Fault.throttle('PutRecords'))",
        "@fake_kinesis\ndef test_it(kinesis):\n    kinesis.inject(Fault.throttle('PutRecords'))",
        "@fake_kinesis\nclass TestIt:\n    def test_it(self):\n"
        "        self.kinesis.inject(Fault.throttle('PutRecords'))",
        "import unittest\n@fake_kinesis\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n"
        "        self.kinesis.inject(Fault.throttle('PutRecords'))",
    ],
)
def test_a_fault_that_was_never_used_fails_the_test_and_hides_nothing(run: Any, suite: str) -> None:
    result = run(f"from kinesis_fake import Fault\n{suite}\n", failed=1)
    result.stdout.fnmatch_lines([f"E  {UNUSED}"])
    lines = suite.splitlines()
    indent = " " * (len(lines[-1]) - len(lines[-1].lstrip()))
    failing = "\n".join([*lines, f"{indent}raise ValueError('the test\\'s own')"])
    result = run(f"from kinesis_fake import Fault\n{failing}\n", failed=1)
    result.stdout.fnmatch_lines(["E  *ValueError: the test's own"])
    result.stdout.no_fnmatch_line("*never used*")


# --- what it costs ------------------------------------------------------------------------------------------------


def test_the_plugin_imports_neither_botocore_nor_the_package_until_a_fixture_is_used(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it(request):
            assert request.config.pluginmanager.hasplugin("kinesis_fake.pytest_plugin")
            loaded = {name.partition(".")[0] for name in sys.modules}
            assert not loaded & {"botocore", "boto3", "dateutil"}
            ours = {name for name in sys.modules if name.startswith("kinesis_fake")}
            assert ours == {"kinesis_fake", "kinesis_fake.pytest_plugin"}
        """
    )
    # Without other people's plugins: they may import anything.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\n")
    pytester.runpytest_subprocess("-p", "kinesis_fake.pytest_plugin").assert_outcomes(passed=1)
