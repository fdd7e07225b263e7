"""Settings for a whole suite: a fake around every test, and fixtures of wider scopes."""

from __future__ import annotations

from typing import Any

import pytest

ASYNCIO = "asyncio_default_fixture_loop_scope = function\n"


@pytest.fixture
def run(pytester: pytest.Pytester) -> Any:
    def run_suite(suite: str, ini: str = "", **outcomes: int) -> pytest.RunResult:
        pytester.makeini(f"[pytest]\naddopts = -p no:randomly\n{ASYNCIO}{ini}")
        pytester.makepyfile(test_suite=f"import boto3, pytest\nfrom kinesis_fake import *\n{suite}")
        result = pytester.runpytest()
        result.assert_outcomes(**outcomes)
        return result

    return run_suite


def sections(result: pytest.RunResult) -> int:
    return len([line for line in result.outlines if line.strip("- =") == "kinesis"])


NAMES = """
def names():
    return boto3.client("kinesis").list_streams()["StreamNames"]
"""

# --- every test in a fake -------------------------------------------------------------------------------------------


def test_an_ini_option_puts_every_test_into_a_fake_of_its_own(run: Any) -> None:
    run(
        NAMES
        + """
import unittest

@pytest.fixture
def stream():
    boto3.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)

def test_function():
    assert names() == ["orders"]
    boto3.client("kinesis").create_stream(StreamName="payments", ShardCount=1)

def test_the_next_one_has_a_new_one(stream):
    assert names() == ["clicks", "orders"]

class TestClass:
    def test_method(self):
        assert names() == ["orders"]

class TestCase(unittest.TestCase):
    def test_method(self):
        assert names() == ["orders"]

def test_that_names_it(kinesis):
    kinesis.create_stream("payments")
    assert names() == ["orders", "payments"]

@pytest.mark.fake_kinesis(streams={"marked": 1})
def test_that_is_marked():
    assert names() == ["marked"]
""",
        ini="kinesis_autouse = yes\nkinesis_streams = orders = 1",
        passed=6,
    )


def test_a_fake_that_was_put_around_a_test_and_never_used_is_not_told_of(run: Any) -> None:
    result = run(
        NAMES
        + """
def test_unrelated():
    assert False

def test_that_calls():
    names()
    assert False

@pytest.mark.fake_kinesis
def test_with_nothing_in_it():
    assert False

def test_that_asks(kinesis):
    assert False
""",
        ini="kinesis_autouse = yes\nkinesis_streams = orders = 1",
        failed=4,
    )
    assert sections(result) == 3
    assert "test_unrelated" in result.stdout.str().split(" kinesis ")[0]


def test_a_fake_that_only_a_fixture_of_the_project_asks_for_and_nothing_uses_is_not_told_of(run: Any) -> None:
    result = run(
        NAMES
        + """
@pytest.fixture(autouse=True)
def everywhere(kinesis):
    pass

@pytest.fixture
def broken_set_up():
    assert False

def test_unrelated():
    assert False

def test_set_up(broken_set_up):
    pass

def test_that_calls():
    names()
    assert False
""",
        ini="kinesis_streams = orders = 1",
        failed=2,
        errors=1,
    )
    assert sections(result) == 1
    assert "ListStreams() -> ok" in result.stdout.str().split(" kinesis ")[1]


@pytest.mark.parametrize(
    "suite",
    [
        "@pytest.fixture(autouse=True)\ndef fake():\n    with fake_kinesis():\n        yield\n",
        "@pytest.fixture(autouse=True)\ndef fake(kinesis):\n    yield\n",
        "pytestmark = pytest.mark.fake_kinesis\n",
    ],
)
@pytest.mark.thorough_but(first=1)
def test_an_empty_fake_is_not_told_of(run: Any, suite: str) -> None:
    assert sections(run(suite + "def test_unrelated():\n    assert False", failed=1)) == 0


def test_an_unrelated_test_case_is_told_nothing_of_a_fake_of_the_project(run: Any) -> None:
    suite = "import unittest\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n        assert False"
    assert sections(run(suite, ini="kinesis_autouse = yes", failed=1)) == 0


@pytest.mark.parametrize(
    ("option", "form"), [("kinesis_autouse", "yes or no"), ("kinesis_outside_calls", "allow or refuse")]
)
def test_an_option_that_cannot_be_understood_ends_the_run(pytester: pytest.Pytester, option: str, form: str) -> None:
    pytester.makeini(f"[pytest]\n{ASYNCIO}{option} = perhaps")
    result = pytester.runpytest()
    result.stderr.fnmatch_lines([f"ERROR: The ini option {option} is written as {form}, not 'perhaps'."])


# --- fixtures of a project ------------------------------------------------------------------------------------------


def test_the_fake_has_a_second_name_for_projects_that_have_a_fixture_kinesis(run: Any) -> None:
    run(
        NAMES
        + """
@pytest.fixture
def kinesis():
    return "something else"

@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_it(kinesis, kinesis_fake, kinesis_client):
    assert kinesis == "something else"
    assert [stream.stream_name for stream in kinesis_fake.streams] == ["orders"]
    assert names() == kinesis_client.list_streams()["StreamNames"] == ["orders"]

def test_both_are_one(kinesis_fake):
    kinesis_fake.create_stream("payments")
    assert names() == ["payments"]
""",
        passed=2,
    )


def test_the_two_names_mean_one_fake(run: Any) -> None:
    run("def test_it(kinesis, kinesis_fake):\n    assert kinesis is kinesis_fake", passed=1)


@pytest.mark.parametrize("scope", ["class", "module", "session"])
@pytest.mark.thorough_but("session")
def test_a_fixture_of_a_wider_scope_takes_the_place_of_the_fixture_kinesis(run: Any, scope: str) -> None:
    run(
        NAMES
        + f"""
@pytest.fixture(scope="{scope}")
def kinesis(kinesis_fake_options):
    with fake_kinesis(**kinesis_fake_options) as fake:
        fake.create_stream("payments")
        yield fake

@pytest.fixture(autouse=True)
def each_test_finds_it_as_it_was(kinesis):
    snapshot = kinesis.snapshot()
    yield
    kinesis.restore(snapshot)

class TestIt:
    def test_first(self, kinesis, kinesis_client):
        assert names() == kinesis_client.list_streams()["StreamNames"] == ["orders", "payments"]
        kinesis_client.delete_stream(StreamName="orders")
        kinesis.settle()
        assert names() == ["payments"]

    def test_second(self, kinesis_client):
        assert names() == kinesis_client.list_streams()["StreamNames"] == ["orders", "payments"]
""",
        ini="kinesis_streams = orders = 1",
        passed=2,
    )


# --- Hypothesis -----------------------------------------------------------------------------------------------------

SHARED = (
    "All examples of {} would share one fake, because @given makes them inside it. Write @given above @fake_kinesis, "
    "or `with fake_kinesis() as kinesis:` inside the test, so that each example has its own."
)
GIVEN = "from hypothesis import given, settings, strategies as st\nimport unittest\n"


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        ("@fake_kinesis\n@given(st.integers())\ndef test_it(number): pass", "test_it()"),
        ("@fake_kinesis(streams={'a': 1})\n@given(st.integers())\ndef test_it(number): pass", "test_it()"),
        (
            "@fake_kinesis\nclass TestIt:\n    @given(st.integers())\n    def test_it(self, number): pass",
            "TestIt.test_it",
        ),
        (
            "@fake_kinesis\nclass TestIt(unittest.TestCase):\n    @given(st.integers())\n"
            "    def test_it(self, number): pass",
            "TestIt.test_it",
        ),
    ],
)
@pytest.mark.thorough_but(first=1)
def test_a_fake_around_all_examples_of_hypothesis_is_refused(run: Any, suite: str, name: str) -> None:
    result = run(GIVEN + suite, errors=1)
    result.stdout.fnmatch_lines([f"E   *KinesisFakeError: {SHARED.format(name)}"])


def test_a_marker_around_all_examples_of_hypothesis_is_refused(run: Any) -> None:
    result = run(
        GIVEN + "@pytest.mark.fake_kinesis\n@given(st.integers())\ndef test_it(number): pass",
        errors=1,
    )
    result.stdout.fnmatch_lines(
        [
            "E   *UsageError: All examples of test_it would share the fake of the marker fake_kinesis. Write `with "
            "fake_kinesis() as kinesis:` inside the test, or @given above @fake_kinesis, so that each example has its "
            "own."
        ]
    )


def test_each_example_has_a_fake_of_its_own_as_the_sentence_says(run: Any) -> None:
    run(
        GIVEN
        + NAMES
        + """
@settings(max_examples=5, database=None)
@given(number=st.integers())
@fake_kinesis
def test_above(kinesis, number):
    assert names() == []
    kinesis.create_stream("orders")

@settings(max_examples=5, database=None)
@given(number=st.integers())
def test_inside(number):
    with fake_kinesis() as kinesis:
        assert names() == []
        kinesis.create_stream("orders")
""",
        passed=2,
    )


# --- errors that are swallowed --------------------------------------------------------------------------------------


def test_an_error_of_the_fake_that_the_code_under_test_swallows_fails_the_test(run: Any) -> None:
    result = run(
        """
from kinesis_fake.operations.registry import OPERATIONS

def swallow(client):
    try:
        client.list_streams()
    except Exception:
        pass

@pytest.fixture(autouse=True)
def newer_botocore(monkeypatch):
    monkeypatch.delitem(OPERATIONS.family_of, "ListStreams")

def test_of_a_fixture(kinesis):
    swallow(boto3.client("kinesis"))

@fake_kinesis
def test_decorated():
    swallow(boto3.client("kinesis"))

@fake_kinesis
class TestIt:
    def test_method(self):
        swallow(boto3.client("kinesis"))

def test_that_fails_for_another_reason(kinesis):
    swallow(boto3.client("kinesis"))
    raise ZeroDivisionError
""",
        failed=4,
    )
    lines = [line for line in result.outlines if line.startswith("FAILED")]
    assert [("has swallowed" in line or "swallowed" in line, "ZeroDivisionError" in line) for line in lines].count(
        (False, True)
    ) == 1
    assert result.stdout.str().count("The code under test has swallowed an error of the fake (NotModelledError") >= 3
