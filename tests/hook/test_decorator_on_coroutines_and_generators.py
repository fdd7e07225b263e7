"""``fake_kinesis`` above coroutines and generators: each call has a fake of its own."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from kinesis_fake.botocore_hook import ACTIVE_FAKES
from tests.support.decorated import nothing_is_left_behind, stream_names

__all__ = ["nothing_is_left_behind"]

pytestmark = pytest.mark.interpreter


def test_an_asynchronous_function_runs_inside_a_fake_until_it_is_done() -> None:
    @fake_kinesis(streams={"orders": 1})
    async def work(kinesis: KinesisFake) -> tuple[type, list[str]]:
        await asyncio.sleep(0)
        return type(kinesis), stream_names()

    assert inspect.iscoroutinefunction(work)
    assert asyncio.run(work()) == (KinesisFake, ["orders"])


def test_an_object_that_is_called_asynchronously_runs_inside_a_fake_until_it_is_done() -> None:
    class Work:
        async def __call__(self, kinesis: KinesisFake) -> list[str]:
            await asyncio.sleep(0)
            return stream_names()

    assert asyncio.run(fake_kinesis(streams={"orders": 1})(Work())()) == ["orders"]


def test_asynchronous_functions_side_by_side_have_fakes_of_their_own() -> None:
    @fake_kinesis
    async def work(name: str) -> list[str]:
        boto3.client("kinesis").create_stream(StreamName=name, ShardCount=1)
        await asyncio.sleep(0)
        return stream_names()

    async def both() -> list[list[str]]:
        return [*await asyncio.gather(work("first"), work("second"))]

    assert asyncio.run(both()) == [["first"], ["second"]]


def test_an_asynchronous_function_that_is_cancelled_leaves_nothing_behind() -> None:
    @fake_kinesis
    async def work() -> None:
        await asyncio.Event().wait()

    async def cancelled() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        assert len(ACTIVE_FAKES) == 1
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())


def test_a_generator_keeps_its_fake_between_its_values() -> None:
    @fake_kinesis(streams={"orders": 1})
    def fixture(kinesis: KinesisFake) -> Iterator[KinesisFake]:
        yield kinesis
        assert stream_names() == ["orders"]

    steps = fixture()
    fake = next(steps)
    assert stream_names() == ["orders"]
    fake.create_stream("invoices", shards=1)
    assert stream_names() == ["invoices", "orders"]
    fake.stream("invoices")
    with pytest.raises(AssertionError):
        next(steps)


def test_a_generator_passes_on_what_is_sent_thrown_and_returned() -> None:
    @fake_kinesis
    def generator() -> Any:
        sent = yield "first"
        try:
            yield sent
        except ValueError as error:
            yield str(error)
        return "the end"

    steps = generator()
    assert next(steps) == "first"
    assert steps.send("a value") == "a value"
    assert steps.throw(ValueError("an error")) == "an error"
    with pytest.raises(StopIteration) as stop:
        next(steps)
    assert stop.value.value == "the end"


def test_a_generator_that_is_closed_halfway_leaves_nothing_behind() -> None:
    @fake_kinesis
    def generator() -> Iterator[int]:
        yield 1
        yield 2

    steps = generator()
    next(steps)
    assert len(ACTIVE_FAKES) == 1
    steps.close()  # type: ignore[attr-defined]
    assert len(ACTIVE_FAKES) == 0


def test_an_asynchronous_generator_keeps_its_fake_between_its_values() -> None:
    @fake_kinesis(streams={"orders": 1})
    async def fixture(kinesis: KinesisFake) -> AsyncIterator[KinesisFake]:
        yield kinesis

    async def work() -> list[str]:
        async with contextlib.asynccontextmanager(fixture)() as fake:
            fake.create_stream("invoices", shards=1)
            return stream_names()

    assert asyncio.run(work()) == ["invoices", "orders"]


def test_an_asynchronous_generator_passes_on_what_is_sent_and_thrown() -> None:
    @fake_kinesis
    async def generator() -> Any:
        sent = yield "first"
        try:
            yield sent
        except ValueError as error:
            yield str(error)

    async def steps() -> list[Any]:
        running = generator()
        values = [
            await running.__anext__(),
            await running.asend("a value"),
            await running.athrow(ValueError("an error")),
        ]
        with pytest.raises(StopAsyncIteration):
            await running.__anext__()
        return values

    assert asyncio.run(steps()) == ["first", "a value", "an error"]


def test_an_asynchronous_generator_that_is_closed_halfway_is_cleaned_up_inside_its_fake() -> None:
    seen = []

    @fake_kinesis(streams={"orders": 1})
    async def generator() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            seen.append(stream_names())

    async def closed() -> None:
        running = generator()
        await running.__anext__()
        await running.aclose()  # type: ignore[attr-defined]

    asyncio.run(closed())
    assert seen == [["orders"]]


def test_an_exception_of_an_asynchronous_generator_comes_out() -> None:
    @fake_kinesis
    async def generator() -> AsyncIterator[int]:
        yield 1
        raise ValueError("the fixture's own")

    async def exhausted() -> None:
        async for _ in generator():
            pass

    with pytest.raises(ValueError, match=r"^the fixture's own$"):
        asyncio.run(exhausted())
