"""``fake_kinesis`` above classes of unittest: each test has a fake of its own, ``self.kinesis``.

The classes of this file are decorated themselves, so pytest runs them as it runs a user's; those that must be looked
at from outside are made and run inside a test.
"""

from __future__ import annotations

import asyncio
import contextvars
import re
import unittest

import boto3
import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.botocore_hook import ACTIVE_FAKES
from tests.support.decorated import nothing_is_left_behind, stream_names

__all__ = ["nothing_is_left_behind"]

pytestmark = pytest.mark.interpreter


@fake_kinesis(streams={"orders": 1})
class TestOfTestCase(unittest.TestCase):
    def setUp(self) -> None:
        boto3.client("kinesis").create_stream(StreamName="of-set-up", ShardCount=1)
        self.addCleanup(self.check)

    def check(self) -> None:
        assert "of-set-up" in stream_names()

    def tearDown(self) -> None:
        self.check()

    def test_set_up_and_test_share_a_fake(self) -> None:
        assert stream_names() == ["of-set-up", "orders"]
        self.kinesis.create_stream("of-the-test", shards=1)  # type: ignore[attr-defined]

    def test_which_no_other_test_has_changed(self) -> None:
        assert stream_names() == ["of-set-up", "orders"]

    @fake_kinesis
    def test_a_decorated_method_has_a_fake_inside_that_one(self, kinesis: KinesisFake) -> None:
        assert kinesis is not self.kinesis  # type: ignore[attr-defined]
        assert stream_names() == []


class TestOfSubclassOfDecoratedTestCase(TestOfTestCase):
    def setUp(self) -> None:
        assert stream_names() == ["orders"]
        assert len(ACTIVE_FAKES) == 1
        super().setUp()

    def test_of_the_subclass(self) -> None:
        assert stream_names() == ["of-set-up", "orders"]


@fake_kinesis(streams={"of-the-class": 1})
class TestOfDecoratedSubclassOfDecoratedTestCase(TestOfTestCase):
    def setUp(self) -> None:
        assert len(ACTIVE_FAKES) == 1
        super().setUp()

    def test_set_up_and_test_share_a_fake(self) -> None:
        assert stream_names() == ["of-set-up", "of-the-class"]

    def test_which_no_other_test_has_changed(self) -> None:
        assert stream_names() == ["of-set-up", "of-the-class"]


@fake_kinesis(streams={"orders": 1})
class TestOfAsynchronousTestCase(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        assert stream_names() == ["orders"]

    async def asyncSetUp(self) -> None:
        boto3.client("kinesis").create_stream(StreamName="of-set-up", ShardCount=1)

    async def asyncTearDown(self) -> None:
        assert "of-set-up" in stream_names()

    async def test_set_up_and_test_share_a_fake(self) -> None:
        await asyncio.sleep(0)
        assert stream_names() == ["of-set-up", "orders"]

    async def test_its_tasks_and_threads_have_it_too(self) -> None:
        in_task = await asyncio.create_task(asyncio.sleep(0, stream_names()))
        assert in_task == await asyncio.to_thread(stream_names)

    @fake_kinesis
    async def test_a_decorated_method_has_a_fake_inside_that_one(self, kinesis: KinesisFake) -> None:
        assert kinesis is not self.kinesis  # type: ignore[attr-defined]
        assert stream_names() == []


class TestOfTestCaseThatStartsAFake(unittest.TestCase):
    def setUp(self) -> None:
        self.fake = fake_kinesis(streams={"orders": 1})
        self.kinesis = self.fake.start()
        self.addCleanup(self.fake.stop)

    def tearDown(self) -> None:
        assert "orders" in stream_names()

    def test_it_is_inside_the_fake(self) -> None:
        assert stream_names() == ["orders"]
        self.kinesis.create_stream("invoices", shards=1)

    def test_which_no_other_test_has_changed(self) -> None:
        assert stream_names() == ["orders"]


class TestOfAsynchronousTestCaseThatStartsAFake(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        fake = fake_kinesis(streams={"orders": 1})
        self.kinesis = fake.start()
        self.addCleanup(fake.stop)

    async def test_it_is_inside_the_fake(self) -> None:
        await asyncio.sleep(0)
        assert stream_names() == ["orders"]


def outcome_of(test: unittest.TestCase) -> tuple[list[str], list[str]]:
    """The exceptions of the failures and of the errors of one test, as unittest's own runner collects them."""
    result = unittest.TestResult()
    unittest.TestSuite([test]).run(result)
    assert result.testsRun == 1
    return (
        [_exception_of(text) for _, text in result.failures],
        [_exception_of(text) for _, text in result.errors],
    )


def _exception_of(traceback: str) -> str:
    """The line that names the exception; notes may follow."""
    return str(re.findall(r"^[\w.]+(?:: .*)?$", traceback, re.MULTILINE)[-1])


def test_a_fake_may_be_started_for_a_whole_test_case() -> None:
    class Suite(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            fake = fake_kinesis(streams={"of-the-class": 1})
            fake.start()
            cls.addClassCleanup(fake.stop)

        def test_it(self) -> None:
            assert stream_names() == ["of-the-class"]

    assert outcome_of(Suite("test_it")) == ([], [])
    assert len(ACTIVE_FAKES) == 0


def test_a_test_case_made_inside_a_fake_runs_inside_its_own() -> None:
    # IsolatedAsyncioTestCase copies the context when it is made, and with it the fake that is active then.
    @fake_kinesis(streams={"inner": 1})
    class Suite(unittest.IsolatedAsyncioTestCase):
        def setUp(self) -> None:
            assert stream_names() == ["inner"]

        async def test_it(self) -> None:
            assert stream_names() == ["inner"]

    with fake_kinesis(streams={"outer": 1}):
        assert outcome_of(Suite("test_it")) == ([], [])
        assert stream_names() == ["outer"]


def test_the_context_of_an_asynchronous_test_case_is_not_replaced() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")

    @fake_kinesis
    class Suite(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self) -> None:
            variable.set("set up")

        async def test_it(self) -> None:
            assert variable.get() == "set up"

    assert outcome_of(Suite("test_it")) == ([], [])


def test_a_test_case_that_fails_leaves_nothing_behind_and_can_be_run_again() -> None:
    @fake_kinesis
    class Suite(unittest.TestCase):
        def test_it(self) -> None:
            self.fail("the test's own")

    test = Suite("test_it")
    for _ in range(2):
        assert outcome_of(test) == (["AssertionError: the test's own"], [])
        assert len(ACTIVE_FAKES) == 0


def test_a_test_case_that_is_debugged_runs_inside_a_fake_too() -> None:
    @fake_kinesis(streams={"orders": 1})
    class Suite(unittest.TestCase):
        def test_it(self) -> None:
            seen.append(stream_names())

    seen: list[list[str]] = []
    Suite("test_it").debug()
    assert seen == [["orders"]]


def test_an_unused_fault_fails_the_test_case_and_not_its_runner() -> None:
    @fake_kinesis
    class Suite(unittest.TestCase):
        def test_it(self) -> None:
            self.kinesis.inject(Fault.throttle("PutRecords"))  # type: ignore[attr-defined]

    failures, errors = outcome_of(Suite("test_it"))
    assert failures == []
    (error,) = errors
    assert error.startswith(
        "kinesis_fake.misuse.KinesisFakeError: The fault was never used: Fault.throttle('PutRecords'). "
    )


def test_an_unused_fault_does_not_hide_why_a_test_case_fails() -> None:
    @fake_kinesis
    class Suite(unittest.TestCase):
        def test_it(self) -> None:
            self.kinesis.inject(Fault.throttle("PutRecords"))  # type: ignore[attr-defined]
            self.fail("the test's own")

    assert outcome_of(Suite("test_it")) == (["AssertionError: the test's own"], [])


def test_an_unused_fault_does_not_change_that_a_test_case_is_skipped() -> None:
    @fake_kinesis
    class Suite(unittest.TestCase):
        def test_it(self) -> None:
            self.kinesis.inject(Fault.throttle("PutRecords"))  # type: ignore[attr-defined]
            self.skipTest("no need")

    assert outcome_of(Suite("test_it")) == ([], [])


def test_an_unused_fault_is_raised_by_a_test_case_that_is_debugged() -> None:
    @fake_kinesis
    class Suite(unittest.TestCase):
        def test_it(self) -> None:
            self.kinesis.inject(Fault.throttle("PutRecords"))  # type: ignore[attr-defined]

    with pytest.raises(KinesisFakeError, match=r"^The fault was never used: Fault\.throttle\('PutRecords'\)\."):
        Suite("test_it").debug()


def test_a_test_case_that_makes_its_own_result_runs_inside_a_fake() -> None:
    @fake_kinesis
    class Suite(unittest.TestCase):
        def test_it(self) -> None:
            self.kinesis.inject(Fault.throttle("PutRecords"))  # type: ignore[attr-defined]

    result = Suite("test_it").run()
    assert result is not None
    assert len(result.errors) == 1
