"""``fake_kinesis`` above classes of tests: each test has a fake of its own, ``self.kinesis``.

The classes of this file are decorated themselves, so pytest runs them as it runs a user's.
"""

from __future__ import annotations

import asyncio
from typing import Any

import boto3
import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from kinesis_fake.botocore_hook import ACTIVE_FAKES
from tests.support.decorated import nothing_is_left_behind, stream_names

__all__ = ["nothing_is_left_behind"]

pytestmark = pytest.mark.interpreter


@fake_kinesis(streams={"orders": 1})
class TestOfPlainClass:
    def test_its_tests_run_inside_a_fake(self) -> None:
        assert stream_names() == ["orders"]
        self.kinesis.create_stream("invoices", shards=1)  # type: ignore[attr-defined]

    def test_which_no_other_test_has_changed(self) -> None:
        assert stream_names() == ["orders"]

    def test_a_parameter_named_kinesis_is_that_fake(self, kinesis: KinesisFake) -> None:
        assert kinesis is self.kinesis  # type: ignore[attr-defined]
        assert len(ACTIVE_FAKES) == 1

    @pytest.mark.parametrize("number", [1, 2])
    def test_other_parameters_are_left_to_pytest(self, number: int, kinesis: KinesisFake, tmp_path: Any) -> None:
        assert number in (1, 2)
        assert kinesis is self.kinesis  # type: ignore[attr-defined]

    @staticmethod
    def test_a_static_method_runs_inside_a_fake() -> None:
        assert stream_names() == ["orders"]

    @classmethod
    def test_a_class_method_runs_inside_a_fake(cls) -> None:
        assert stream_names() == ["orders"]

    @pytest.mark.asyncio
    async def test_an_asynchronous_test_runs_inside_the_fake(self, kinesis: KinesisFake) -> None:
        await asyncio.sleep(0)
        assert stream_names() == ["orders"]
        assert kinesis is self.kinesis  # type: ignore[attr-defined]
        assert len(ACTIVE_FAKES) == 1

    @pytest.fixture
    def invoices(self) -> str:
        boto3.client("kinesis").create_stream(StreamName="invoices", ShardCount=1)
        return "invoices"

    def test_fixtures_of_the_class_run_inside_the_fake(self, invoices: str) -> None:
        assert stream_names() == [invoices, "orders"]


@fake_kinesis(streams={"orders": 1})
class TestOfClassAroundClasses:
    class TestOfPlainClassInside:
        def test_its_tests_run_inside_a_fake(self) -> None:
            assert stream_names() == ["orders"]
            assert len(ACTIVE_FAKES) == 1


@fake_kinesis
class TestOfClassWithSetup:
    def setup_method(self, method: Any) -> None:
        assert method.__name__.startswith("test_")
        boto3.client("kinesis").create_stream(StreamName="orders", ShardCount=1)

    def teardown_method(self) -> None:
        assert "orders" in stream_names()
        assert len(ACTIVE_FAKES) == 1

    def test_setup_and_test_share_a_fake(self, kinesis: KinesisFake) -> None:
        assert stream_names() == ["orders"]
        assert kinesis is self.kinesis  # type: ignore[attr-defined]

    def test_again(self) -> None:
        assert stream_names() == ["orders"]


@fake_kinesis
class TestOfClassWithSetupThatTakesNothing:
    def setup_method(self) -> None:
        self.name = "orders"
        boto3.client("kinesis").create_stream(StreamName=self.name, ShardCount=1)

    def test_setup_and_test_share_a_fake(self) -> None:
        assert stream_names() == [self.name]


class UndecoratedBase:
    def setup_method(self, method: Any) -> None:
        boto3.client("kinesis").create_stream(StreamName="of-the-base", ShardCount=1)

    def test_of_the_base(self) -> None:
        assert stream_names() == ["of-the-base"]


@fake_kinesis
class TestOfSubclassOfUndecoratedBase(UndecoratedBase):
    def test_inherited_methods_run_inside_the_fake_too(self) -> None:
        assert stream_names() == ["of-the-base"]


@fake_kinesis(streams={"of-the-base": 1})
class DecoratedBase:
    def setup_method(self) -> None:
        self.set_up = [self.kinesis]  # type: ignore[attr-defined]

    def test_of_the_decorated_base(self, kinesis: KinesisFake) -> None:
        assert "of-the-base" in stream_names() or "of-the-class" in stream_names()
        assert self.set_up[0] is kinesis is self.kinesis  # type: ignore[attr-defined]
        assert len(ACTIVE_FAKES) == 1


class TestOfSubclassOfDecoratedBase(DecoratedBase):
    def setup_method(self, method: Any = None) -> None:
        super().setup_method()
        self.set_up.append(self.kinesis)  # type: ignore[attr-defined]

    def teardown_method(self) -> None:
        assert stream_names() == ["of-the-base"]
        assert len(ACTIVE_FAKES) == 1

    def test_of_the_subclass(self, kinesis: KinesisFake) -> None:
        assert stream_names() == ["of-the-base"]
        assert self.set_up == [kinesis, kinesis]
        assert len(ACTIVE_FAKES) == 1


class TestOfSubclassThatForgetsTheSetupOfItsBase(DecoratedBase):
    def setup_method(self) -> None:
        self.set_up = [self.kinesis]  # type: ignore[attr-defined]
        assert stream_names() == ["of-the-base"]

    def test_it_is_inside_a_fake_nevertheless(self) -> None:
        assert stream_names() == ["of-the-base"]


@fake_kinesis(streams={"of-the-class": 1})
class TestOfDecoratedSubclassOfDecoratedBase(DecoratedBase):
    def test_the_options_of_the_class_hold_and_there_is_one_fake(self, kinesis: KinesisFake) -> None:
        assert stream_names() == ["of-the-class"]
        assert self.set_up == [kinesis]
        assert len(ACTIVE_FAKES) == 1


def test_a_test_that_is_called_without_pytest_has_a_fake_for_the_call() -> None:
    @fake_kinesis(streams={"orders": 1})
    class Suite:
        def test_it(self, kinesis: KinesisFake) -> tuple[list[str], bool]:
            return stream_names(), kinesis is self.kinesis  # type: ignore[attr-defined]

        async def test_it_asynchronously(self) -> list[str]:
            return stream_names()

    class Subclass(Suite):
        def test_it(self, kinesis: KinesisFake) -> tuple[list[str], bool]:
            assert len(ACTIVE_FAKES) == 1
            return super().test_it()  # type: ignore[call-arg]

    assert Suite().test_it() == (["orders"], True)  # type: ignore[call-arg]
    assert asyncio.run(Suite().test_it_asynchronously()) == ["orders"]
    assert Subclass().test_it() == (["orders"], True)  # type: ignore[call-arg]


def test_a_setup_that_fails_leaves_nothing_behind() -> None:
    @fake_kinesis
    class Suite:
        def setup_method(self) -> None:
            raise ValueError("the test's own")

    suite = Suite()
    with pytest.raises(ValueError, match=r"^the test's own$"):
        suite.setup_method()
    assert len(ACTIVE_FAKES) == 0


def test_a_teardown_that_fails_leaves_nothing_behind() -> None:
    @fake_kinesis
    class Suite:
        def teardown_method(self) -> None:
            raise ValueError("the test's own")

    suite = Suite()
    suite.setup_method()  # type: ignore[attr-defined]
    assert len(ACTIVE_FAKES) == 1
    with pytest.raises(ValueError, match=r"^the test's own$"):
        suite.teardown_method()
    assert len(ACTIVE_FAKES) == 0


def test_a_class_keeps_its_own_way_of_making_subclasses() -> None:
    made = []

    @fake_kinesis(streams={"orders": 1})
    class Suite:
        def __init_subclass__(cls, *, label: str, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            made.append(label)

    class Subclass(Suite, label="first"):
        def test_it(self) -> list[str]:
            return stream_names()

    assert made == ["first"]
    assert Subclass().test_it() == ["orders"]
