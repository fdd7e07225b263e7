"""``fake_kinesis`` above functions and methods: each call has a fake of its own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from unittest import mock

import boto3
import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.botocore_hook import ACTIVE_FAKES
from tests.support.decorated import nothing_is_left_behind, stream_names

__all__ = ["nothing_is_left_behind"]

pytestmark = pytest.mark.interpreter


# --- functions ----------------------------------------------------------------------------------------------------


def test_a_decorated_function_runs_inside_a_fake() -> None:
    @fake_kinesis
    def work() -> list[str]:
        boto3.client("kinesis").create_stream(StreamName="orders", ShardCount=1)
        return stream_names()

    assert work() == ["orders"]


def test_each_call_has_a_fake_of_its_own() -> None:
    @fake_kinesis
    def work() -> list[str]:
        boto3.client("kinesis").create_stream(StreamName="orders", ShardCount=1)
        return stream_names()

    assert [work(), work()] == [["orders"], ["orders"]]


def test_options_are_those_of_each_fake() -> None:
    @fake_kinesis(streams={"orders": 2}, start="2026-01-01T00:00:00Z")
    def work(kinesis: KinesisFake) -> tuple[list[str], str]:
        kinesis.advance(hours=1)
        return stream_names(), kinesis.now.isoformat()

    assert work() == work() == (["orders"], "2026-01-01T01:00:00+00:00")


def test_a_decorator_with_no_options_may_be_called_or_not() -> None:
    assert fake_kinesis()(stream_names)() == fake_kinesis(stream_names)() == []


def test_one_decorator_serves_several_functions() -> None:
    with_orders = fake_kinesis(streams={"orders": 1})
    assert [with_orders(stream_names)(), with_orders(stream_names)()] == [["orders"], ["orders"]]


def test_arguments_and_the_result_pass_through() -> None:
    @fake_kinesis
    def work(first: int, /, second: int, *rest: int, third: int, **more: int) -> Any:
        return first, second, rest, third, more

    assert work(1, 2, 3, third=4, fourth=5) == (1, 2, (3,), 4, {"fourth": 5})


def test_the_function_keeps_its_name_docstring_and_signature() -> None:
    @fake_kinesis
    def work(first: int) -> str:
        """What it does."""
        return ""

    assert (work.__name__, work.__doc__, str(inspect.signature(work))) == (
        "work",
        "What it does.",
        "(first: 'int') -> 'str'",
    )


def test_an_exception_of_the_function_comes_out_and_leaves_nothing_behind() -> None:
    @fake_kinesis
    def work() -> None:
        raise ValueError("the test's own")

    with pytest.raises(ValueError, match=r"^the test's own$"):
        work()


#: The decorator without its types, which tell only of functions that take nothing but the fake.
decorate: Any = fake_kinesis


# --- the argument -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda: decorate(lambda kinesis: kinesis)(),
        lambda: decorate(lambda kinesis, x: (x, kinesis)[1])(1),
        lambda: decorate(lambda kinesis, x: (x, kinesis)[1])(x=1),
        lambda: decorate(lambda x, kinesis: (x, kinesis)[1])(1),
        lambda: decorate(lambda x, kinesis, y: (x, y, kinesis)[2])(1, 2),
        lambda: decorate(lambda x, kinesis, y: (x, y, kinesis)[2])(1, y=2),
        lambda: decorate(lambda x, *, kinesis: (x, kinesis)[1])(1),
        lambda: decorate(lambda *rest, kinesis: (rest, kinesis)[1])(1, 2),
        lambda: decorate(lambda kinesis, /: kinesis)(),
        lambda: decorate(lambda x, kinesis, /, y: (x, y, kinesis)[2])(1, 2),
        lambda: decorate(lambda kinesis=None: kinesis)(),
    ],
)  # fmt: skip
def test_a_parameter_named_kinesis_is_given_the_fake_wherever_it_stands(call: Callable[[], Any]) -> None:
    assert type(call()) is KinesisFake


def test_the_fake_that_is_given_answers_the_calls() -> None:
    @fake_kinesis
    def work(kinesis: KinesisFake) -> list[str]:
        kinesis.create_stream("orders", shards=1)
        return stream_names()

    assert work() == ["orders"]


def test_the_parameter_that_is_filled_is_not_in_the_signature() -> None:
    @fake_kinesis
    def work(first: int, kinesis: KinesisFake) -> None: ...

    assert list(inspect.signature(work).parameters) == ["first"]


def test_other_decorators_may_stand_below() -> None:
    @fake_kinesis
    @mock.patch("os.getcwd", return_value="nowhere")
    def work(getcwd: Any, kinesis: KinesisFake) -> tuple[Any, type]:
        return getcwd(), type(kinesis)

    call: Any = work
    assert call() == ("nowhere", KinesisFake)


# --- methods ------------------------------------------------------------------------------------------------------


class Program:
    name = "of the class"

    def __init__(self) -> None:
        self.name = "of the object"

    @fake_kinesis
    def method(self, kinesis: KinesisFake) -> tuple[str, type, list[str]]:
        return self.name, type(kinesis), stream_names()

    @fake_kinesis
    @classmethod
    def class_method_below(cls, kinesis: KinesisFake) -> tuple[str, type, list[str]]:
        return cls.name, type(kinesis), stream_names()

    @classmethod
    @fake_kinesis
    def class_method_above(cls, kinesis: KinesisFake) -> tuple[str, type, list[str]]:
        return cls.name, type(kinesis), stream_names()

    @fake_kinesis
    @staticmethod
    def static_method_below(kinesis: KinesisFake) -> tuple[type, list[str]]:
        return type(kinesis), stream_names()

    @staticmethod
    @fake_kinesis
    def static_method_above(kinesis: KinesisFake) -> tuple[type, list[str]]:
        return type(kinesis), stream_names()


def test_methods_run_inside_a_fake() -> None:
    program: Any = Program
    assert program().method() == ("of the object", KinesisFake, [])
    assert program.class_method_below() == program.class_method_above() == ("of the class", KinesisFake, [])
    assert program.static_method_below() == program.static_method_above() == (KinesisFake, [])
    assert program().static_method_below() == program().static_method_above() == (KinesisFake, [])


# --- misuse -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thing", [{"orders": 1}, "orders", 5, property(lambda self: None)])
def test_what_cannot_be_called_is_not_decorated(thing: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(thing)
    assert str(caught.value) == (
        f"fake_kinesis decorates functions and classes, not {thing!r}; options are keywords, as in "
        "fake_kinesis(streams={'orders': 1})."
    )


def test_a_fixture_is_not_decorated_from_the_outside() -> None:
    @pytest.fixture
    def fixture() -> None: ...

    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(fixture)
    assert str(caught.value) == ("A fixture is decorated from the inside: write @pytest.fixture above @fake_kinesis.")


async def coroutine() -> list[str]:
    return stream_names()


def generator() -> Iterator[list[str]]:
    yield stream_names()


async def async_generator() -> AsyncIterator[list[str]]:
    yield stream_names()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("later", "kind", "place"),
    [
        (coroutine, "a coroutine", "the async def"),
        (generator, "a generator", "the def of the generator"),
        (async_generator, "an async generator", "the async def of the generator"),
    ],
)
def test_what_would_run_when_its_fake_has_been_left_is_refused(
    later: Callable[[], object], kind: str, place: str
) -> None:
    @fake_kinesis
    @functools.wraps(later)
    def hidden() -> Any:
        return later()

    with pytest.raises(KinesisFakeError) as caught:
        hidden()
    assert str(caught.value) == (
        f"{later.__name__}() returned {kind}, which would run after its fake has been left. Put @fake_kinesis right "
        f"above {place}."
    )
    assert len(ACTIVE_FAKES) == 0


def test_an_unknown_option_is_refused_where_it_is_written() -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(shards=3)  # type: ignore[call-overload]
    assert str(caught.value).startswith("fake_kinesis has no option 'shards'; its options are: start, streams, ")


def test_an_option_of_a_wrong_kind_is_refused_when_the_fake_is_made() -> None:
    @fake_kinesis(account_id="123")
    def work() -> None: ...

    with pytest.raises(KinesisFakeError) as caught:
        work()
    assert str(caught.value) == "account_id must be twelve digits, such as '123456789012', not '123'."


@pytest.mark.filterwarnings("error")
def test_nothing_happens_when_a_function_is_only_decorated() -> None:
    @fake_kinesis(account_id="123")
    def work() -> None: ...

    assert callable(work)
    assert len(ACTIVE_FAKES) == 0
