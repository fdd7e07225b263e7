"""Fakes that a test starts and does not stop would answer the calls of the tests after it."""

from __future__ import annotations

from typing import Any

import pytest

COMPLAINT = (
    "E       kinesis_fake.misuse.KinesisFakeError: This test has called start() and not stop(), so its fake would have "
    "answered the calls of the tests after it. The fake has been left now. Let the test call stop() also where it "
    "fails, by addCleanup(fake.stop) or in a fixture, or write `with fake_kinesis() as kinesis:`."
)
#: Is true in a test that no fake surrounds.
AFTERWARDS = """
from kinesis_fake.botocore_hook import ACTIVE_FAKES

def test_afterwards():
    assert len(ACTIVE_FAKES) == 0
"""


@pytest.mark.parametrize(
    "test",
    [
        "def test_it():\n    fake_kinesis().start()",
        "def test_it():\n    fake_kinesis().start().client().list_streams()",
        "import unittest\nclass TestIt(unittest.TestCase):\n    def setUp(self): fake_kinesis().start()\n"
        "    def test_it(self): pass",
    ],
    ids=["dropped", "used", "TestCase"],
)
def test_a_test_that_starts_a_fake_and_does_not_stop_it_gets_an_error(run: Any, test: str) -> None:
    result = run(test + "\n" + AFTERWARDS, passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of *test_it*"])
    assert COMPLAINT.split(": ", 1)[1] in result.stdout.str().replace("\n", "")


def test_an_unused_fault_of_such_a_fake_is_not_told_besides(run: Any) -> None:
    result = run(
        """
from kinesis_fake import Fault

def test_it():
    fake_kinesis().start().inject(Fault.throttle("PutRecord"))
"""
        + AFTERWARDS,
        passed=2,
        errors=1,
    )
    assert "has not been used" not in result.stdout.str()


def test_a_failing_test_leaves_its_fake_without_another_error(run: Any) -> None:
    run(
        """
def test_it():
    fake = fake_kinesis()
    fake.start()
    assert False
    fake.stop()

def test_whose_teardown_fails(breaks):
    fake_kinesis().start()

@pytest.fixture
def breaks():
    yield
    raise ValueError("the test's own")
"""
        + AFTERWARDS,
        passed=2,
        failed=1,
        errors=1,
    )


def test_what_the_test_or_a_fixture_stops_and_what_outlives_the_test_draws_no_complaint(run: Any) -> None:
    run(
        """
import unittest

@pytest.fixture
def stops():
    fake = fake_kinesis()
    yield fake
    fake.stop()

@pytest.fixture(scope="module")
def outlives():
    fake = fake_kinesis(streams={"orders": 1})
    fake.start()
    yield
    fake.stop()

def test_that_its_fixture_stops(stops):
    stops.start()

@pytest.fixture(scope="module")
def outlives_too():
    fake = fake_kinesis(streams={"clicks": 1})
    fake.start()
    yield
    fake.stop()

def test_that_asks_while_it_runs(request):
    request.getfixturevalue("outlives_too")
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["clicks"]

def test_after_it(outlives_too):
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["clicks"]

def test_inside(outlives):
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]

class TestIt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = fake_kinesis()
        cls.fake.start()

    @classmethod
    def tearDownClass(cls):
        cls.fake.stop()

    def setUp(self):
        fake = fake_kinesis()
        fake.start()
        self.addCleanup(fake.stop)

    def test_first(self): pass

    def test_second(self): pass
""",
        passed=6,
    )
