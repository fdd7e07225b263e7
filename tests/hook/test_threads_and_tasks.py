"""Which fake answers a call: that of its thread, task or context, or else the process's active one."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import boto3
import pytest
import pytest_asyncio

from kinesis_fake import KinesisFakeError, fake_kinesis
from kinesis_fake.botocore_hook import ACTIVE_FAKES

pytestmark = pytest.mark.interpreter

T = TypeVar("T")


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    assert len(ACTIVE_FAKES) == 0


@pytest.fixture
def client() -> Any:
    """Made outside every fake, so that only the place of a call decides."""
    return boto3.client("kinesis", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")


@pytest.fixture
def stream_names(client: Any) -> Callable[[], list[str]]:
    return lambda: client.list_streams()["StreamNames"]


def in_thread(work: Callable[[], T]) -> T:
    """The result of ``work`` in a thread that has entered nothing."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(work).result()


StreamNames = Callable[[], "list[str]"]


# --- one active fake ----------------------------------------------------------------------------------------------


def test_a_worker_of_an_executor_uses_the_active_fake(stream_names: StreamNames) -> None:
    with fake_kinesis(streams={"orders": 1}):
        assert in_thread(stream_names) == ["orders"]


def test_a_thread_that_is_older_than_the_fake_uses_it(stream_names: StreamNames) -> None:
    with ThreadPoolExecutor(1) as executor:
        executor.submit(int).result()
        with fake_kinesis(streams={"orders": 1}):
            assert executor.submit(stream_names).result() == ["orders"]
        with fake_kinesis(streams={"invoices": 1}):
            assert executor.submit(stream_names).result() == ["invoices"]


def test_of_nested_fakes_the_innermost_serves_a_worker(stream_names: StreamNames) -> None:
    with fake_kinesis(streams={"outer": 1}):
        with fake_kinesis(streams={"inner": 1}):
            assert in_thread(stream_names) == ["inner"]
        assert in_thread(stream_names) == ["outer"]


def test_a_fake_that_a_thread_entered_serves_the_main_thread_if_it_is_the_only_one(stream_names: StreamNames) -> None:
    way_in = fake_kinesis(streams={"orders": 1})
    in_thread(way_in.__enter__)
    assert stream_names() == ["orders"]
    in_thread(lambda: way_in.__exit__(None, None, None))


def test_what_is_entered_in_one_thread_may_be_left_in_another(stream_names: StreamNames) -> None:
    way_in = fake_kinesis(streams={"orders": 1})
    way_in.__enter__()
    in_thread(lambda: way_in.__exit__(None, None, None))
    with fake_kinesis(streams={"invoices": 1}):
        assert stream_names() == ["invoices"]


# --- several active fakes -----------------------------------------------------------------------------------------


class Side:
    """A thread that enters a fake of its own and leaves it when the test is over."""

    def __init__(self, name: str) -> None:
        self.executor = ThreadPoolExecutor(1)
        self.way_in = fake_kinesis(streams={name: 1})
        self.fake = self.executor.submit(self.way_in.__enter__).result()

    def run(self, work: Callable[[], T]) -> T:
        return self.executor.submit(work).result()

    def close(self) -> None:
        self.run(lambda: self.way_in.__exit__(None, None, None))
        self.executor.shutdown()


@pytest.fixture
def sides() -> Iterator[list[Side]]:
    """Two threads, each inside a fake of its own, entered in one order and left in the same."""
    both = [Side("left"), Side("right")]
    yield both
    for side in both:
        side.close()


def test_each_thread_has_the_fake_that_it_entered(sides: list[Side], stream_names: StreamNames) -> None:
    left, right = sides
    assert (left.run(stream_names), right.run(stream_names)) == (["left"], ["right"])


NOT_CLEAR = (
    "2 fakes are active in this process and this thread or task entered none of them, so it is not clear which one "
    "this Kinesis call belongs to. Enter a fake in this thread, run the call in a copy of the context that did "
    "(contextvars.copy_context().run), or use a client of kinesis.client()."
)


def test_a_thread_that_entered_neither_of_two_fakes_is_told_so(sides: list[Side], stream_names: StreamNames) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        in_thread(stream_names)
    assert str(caught.value) == NOT_CLEAR
    assert [len(side.fake.calls) for side in sides] == [0, 0]


def test_the_three_ways_out_that_the_message_names_work(sides: list[Side], stream_names: StreamNames) -> None:
    with fake_kinesis(streams={"mine": 1}):
        assert stream_names() == ["mine"]
    context = sides[0].run(contextvars.copy_context)
    assert context.run(stream_names) == ["left"]
    assert in_thread(lambda: sides[1].fake.client().list_streams()["StreamNames"]) == ["right"]


def test_a_fake_entered_in_the_main_thread_does_not_serve_a_third_thread_then(
    sides: list[Side], stream_names: StreamNames
) -> None:
    with fake_kinesis(), pytest.raises(KinesisFakeError, match=r"^3 fakes are active in this process"):
        in_thread(stream_names)


def test_the_last_of_several_fakes_serves_all_threads_again(stream_names: StreamNames) -> None:
    left, right = Side("left"), Side("right")
    left.close()
    assert stream_names() == ["right"]
    right.close()


def test_one_object_entered_in_two_threads_is_left_by_each_for_itself(stream_names: StreamNames) -> None:
    way_in = fake_kinesis()
    entered, left_first = threading.Barrier(2, timeout=30), threading.Event()

    def work(name: str, goes_first: bool) -> list[str]:
        with way_in as kinesis:
            kinesis.create_stream(name, shards=1)
            entered.wait()
            if not goes_first:
                assert left_first.wait(30)
            names = stream_names()
        left_first.set()
        return names

    with ThreadPoolExecutor(2) as executor:
        first, second = executor.submit(work, "first", True), executor.submit(work, "second", False)
        assert (first.result(), second.result()) == (["first"], ["second"])


# --- tasks --------------------------------------------------------------------------------------------------------


def test_tasks_side_by_side_have_the_fakes_that_they_entered(stream_names: StreamNames) -> None:
    async def work(name: str, turns: int) -> list[list[str]]:
        seen = []
        async with fake_kinesis(streams={name: 1}):
            for _ in range(turns):
                await asyncio.sleep(0)
                seen.append(stream_names())
        return seen

    async def both() -> list[list[list[str]]]:
        return [*await asyncio.gather(work("first", 3), work("second", 5))]

    assert asyncio.run(both()) == [[["first"]] * 3, [["second"]] * 5]


def test_a_task_belongs_to_the_fake_in_which_it_was_started(stream_names: StreamNames) -> None:
    async def work() -> list[list[str]]:
        with fake_kinesis(streams={"outer": 1}):
            go_on = asyncio.Event()

            async def task() -> list[str]:
                await go_on.wait()
                return stream_names()

            started = asyncio.create_task(task())
            with fake_kinesis(streams={"inner": 1}):
                go_on.set()
                return [await started, stream_names(), await asyncio.to_thread(stream_names)]

    assert asyncio.run(work()) == [["outer"], ["inner"], ["inner"]]


def test_tasks_may_enter_fakes_inside_a_common_one_and_leave_in_any_order(stream_names: StreamNames) -> None:
    async def work(name: str, mine: asyncio.Event, other: asyncio.Event) -> list[str]:
        with fake_kinesis(streams={name: 1}):
            mine.set()
            await other.wait()
            return stream_names()

    async def all_of_them() -> Any:
        with fake_kinesis(streams={"outer": 1}):
            first, second = asyncio.Event(), asyncio.Event()
            inner = await asyncio.gather(work("first", first, second), work("second", second, first))
            return inner, stream_names()

    assert asyncio.run(all_of_them()) == ([["first"], ["second"]], ["outer"])


def test_a_task_that_outlives_its_fake_belongs_to_the_one_around_it(stream_names: StreamNames) -> None:
    async def work() -> list[str]:
        with fake_kinesis(streams={"outer": 1}):
            go_on = asyncio.Event()

            async def task() -> list[str]:
                await go_on.wait()
                return stream_names()

            with fake_kinesis(streams={"inner": 1}):
                started = asyncio.create_task(task())
                await asyncio.sleep(0)
            go_on.set()
            return await started

    assert asyncio.run(work()) == ["outer"]


def test_a_context_in_which_nothing_was_entered_uses_the_active_fake(stream_names: StreamNames) -> None:
    empty = contextvars.Context()
    with fake_kinesis(streams={"orders": 1}):
        assert empty.run(stream_names) == ["orders"]


# --- as frameworks do ---------------------------------------------------------------------------------------------


@pytest.fixture
def kinesis_with_orders(kinesis: Any) -> None:
    kinesis.create_stream("orders", shards=1)


@pytest.fixture
@fake_kinesis(streams={"orders": 1})
def a_decorated_generator() -> Iterator[None]:
    yield
    assert len(ACTIVE_FAKES) == 1


@pytest.mark.parametrize("fixture", ["kinesis_with_orders", "a_decorated_generator"])
@pytest.mark.asyncio
async def test_an_asynchronous_test_uses_the_fake_of_a_fixture(
    fixture: str, request: pytest.FixtureRequest, stream_names: StreamNames
) -> None:
    request.getfixturevalue(fixture)
    await asyncio.sleep(0)
    assert stream_names() == ["orders"]
    assert await asyncio.to_thread(stream_names) == ["orders"]
    assert await asyncio.create_task(asyncio.sleep(0, stream_names())) == ["orders"]


@pytest_asyncio.fixture
@fake_kinesis(streams={"orders": 1})
async def a_decorated_asynchronous_generator() -> AsyncIterator[None]:
    await asyncio.sleep(0)
    yield


@pytest.mark.asyncio
async def test_an_asynchronous_test_uses_the_fake_of_an_asynchronous_fixture(
    a_decorated_asynchronous_generator: None, stream_names: StreamNames
) -> None:
    assert stream_names() == ["orders"]
    async with fake_kinesis(streams={"mine": 1}):
        assert stream_names() == ["mine"]
    assert stream_names() == ["orders"]


@pytest.mark.asyncio
async def test_an_asynchronous_test_enters_a_fake_inside_that_of_its_fixture(
    kinesis_with_orders: None, stream_names: StreamNames
) -> None:
    async with fake_kinesis(streams={"mine": 1}):
        assert stream_names() == ["mine"]
    assert stream_names() == ["orders"]
