"""What a failing test shows of its fakes, and how an unused fault fails a test."""

from __future__ import annotations

import sys
from typing import Any

import pytest


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
@pytest.mark.thorough_but(first=2)
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
@pytest.mark.thorough_but(first=1)
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
@pytest.mark.thorough_but(first=1)
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
@pytest.mark.thorough_but(first=1)
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


@pytest.mark.thorough
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
    """The test replaces the system clock by one that runs out of answers."""
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


UNUSED = "*KinesisFakeError: The fault was never used: Fault.throttle('PutRecords').*"


@pytest.mark.parametrize(
    "suite",
    [
        "def test_it(kinesis):\n    kinesis.inject(Fault.throttle('PutRecords'))",
        "def test_it(request):\n    request.getfixturevalue('kinesis').inject(Fault.throttle('PutRecords'))",
        "@fake_kinesis\ndef test_it(kinesis):\n    kinesis.inject(Fault.throttle('PutRecords'))",
        "@fake_kinesis\nclass TestIt:\n    def test_it(self):\n"
        "        self.kinesis.inject(Fault.throttle('PutRecords'))",
        "import unittest\n@fake_kinesis\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n"
        "        self.kinesis.inject(Fault.throttle('PutRecords'))",
    ],
)
@pytest.mark.thorough_but(first=1)
def test_a_fault_that_was_never_used_fails_the_test_and_hides_nothing(run: Any, suite: str) -> None:
    result = run(f"from kinesis_fake import Fault\n{suite}\n", failed=1)
    result.stdout.fnmatch_lines([f"E  {UNUSED}"])
    lines = suite.splitlines()
    indent = " " * (len(lines[-1]) - len(lines[-1].lstrip()))
    failing = "\n".join([*lines, f"{indent}raise ValueError('the test\\'s own')"])
    result = run(f"from kinesis_fake import Fault\n{failing}\n", failed=1)
    result.stdout.fnmatch_lines(["E  *ValueError: the test's own"])
    result.stdout.no_fnmatch_line("*never used*")


# --- how much source an unused fault shows --------------------------------------------------------------------------

INJECTED = "kinesis.inject(Fault.throttle('PutRecords'))"


@pytest.mark.parametrize(
    ("suite", "shown"),
    [
        (f"def test_it(kinesis):\n    {INJECTED}", []),
        (f"@fake_kinesis\ndef test_it(kinesis):\n    {INJECTED}", []),
        (f"@fake_kinesis\nclass TestIt:\n    def test_it(self):\n        self.{INJECTED}", []),
        (
            f"def test_it():\n    with fake_kinesis() as kinesis:\n        {INJECTED}",
            [">       with fake_kinesis() as kinesis:"],
        ),
        (
            "@pytest.mark.asyncio\nasync def test_it():\n    async with fake_kinesis() as kinesis:\n"
            f"        {INJECTED}",
            [">       async with fake_kinesis() as kinesis:"],
        ),
        (f"def test_it(kinesis):\n    with {INJECTED}:\n        pass", [f">       with {INJECTED}:"]),
    ],
)
@pytest.mark.thorough_but(first=1)
def test_an_unused_fault_shows_no_source_of_the_fake(run: Any, suite: str, shown: list[str]) -> None:
    result = run(f"from kinesis_fake import Fault\n{suite}", failed=1)
    result.stdout.fnmatch_lines(["E * The fault was never used: Fault.throttle('PutRecords'). *"])
    assert [line for line in result.outlines if line.startswith(">")] == shown
    assert [line for line in result.outlines if "kinesis_fake/" in line] == []


# --- streams of a wider scope ---------------------------------------------------------------------------------------


def test_a_stream_that_autouse_hides_is_said_to_be_in_an_outer_fake(run: Any) -> None:
    result = run(
        """
@pytest.fixture(scope="module")
def kinesis(kinesis_fake_options):
    with fake_kinesis(**kinesis_fake_options, streams={"orders": 1}) as fake:
        yield fake

def test_it(kinesis):
    boto3.client("kinesis", region_name="us-east-1").describe_stream(StreamName="orders")
""",
        ini="kinesis_autouse = yes",
        failed=1,
    )
    result.stdout.fnmatch_lines(["hint: An outer fake has this stream, 'orders', but the fake that was entered last *"])
