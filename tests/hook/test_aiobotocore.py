"""aiobotocore clients: the same door, awaited."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import AsyncExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from kinesis_fake import Durations, Fault, KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.bare_machine import run_script
from tests.support.refusals import refused

session_module = pytest.importorskip("aiobotocore.session")

from aiobotocore.config import AioConfig  # noqa: E402
from botocore import UNSIGNED  # noqa: E402
from botocore.exceptions import WaiterError  # noqa: E402

pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio, pytest.mark.asyncio_clients]

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
KEYS: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of all sleeps on the loop."""
    seconds: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(delay: float, result: Any = None) -> Any:
        seconds.append(delay)
        return await real_sleep(0, result)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seconds


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(start=NEW_YEAR, durations=Durations(creating_ms=25_000)) as kinesis:
        yield kinesis


def new_client(**parameters: Any) -> Any:
    return session_module.get_session().create_client("kinesis", **parameters)


async def use(client: Any) -> None:
    """Let a client go through the main job in a fake that is active."""
    await client.create_stream(StreamName="orders", ShardCount=1)
    await client.get_waiter("stream_exists").wait(StreamName="orders")
    await client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    await client.put_records(StreamName="orders", Records=[{"Data": bytearray(b"second"), "PartitionKey": "k"}])
    answer = await client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )
    records = (await client.get_records(ShardIterator=answer["ShardIterator"]))["Records"]
    assert [record["Data"] for record in records] == [b"first", b"second"]
    pages = [page async for page in client.get_paginator("list_shards").paginate(StreamName="orders")]
    assert [len(page["Shards"]) for page in pages] == [1]
    with refused(client, "ResourceNotFoundException", "Stream invoices under account 123456789012 not found."):
        await client.delete_stream(StreamName="invoices")


# --- any client ---------------------------------------------------------------------------------------------------

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "nothing given": {},
    "FIPS and dual-stack": {"config": AioConfig(use_fips_endpoint=True, use_dualstack_endpoint=True)},
    "endpoint": {"endpoint_url": "http://localhost:4566"},
    "unsigned": {"config": AioConfig(signature_version=UNSIGNED)},
    "adaptive retries": {"config": AioConfig(retries={"mode": "adaptive"})},
    "a proxy": {"config": AioConfig(proxies={"https": "http://proxy.invalid:3128"})},
    "defaults by guess": {"config": AioConfig(defaults_mode="auto")},
    "without TLS": {"use_ssl": False},
    "keys": KEYS,
}


@pytest.mark.parametrize("parameters", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
async def test_a_client_works(kinesis: KinesisFake, parameters: dict[str, Any]) -> None:
    before = dict(os.environ)
    async with new_client(**parameters) as client:
        await use(client)
    assert dict(os.environ) == before


async def test_clients_made_side_by_side_leave_the_environment_alone(kinesis: KinesisFake) -> None:
    before = dict(os.environ)

    async def make() -> str:
        async with new_client(config=AioConfig(defaults_mode="auto")) as client:
            region_name: str = client.meta.region_name
            return region_name

    assert await asyncio.gather(*(make() for _ in range(5))) == ["us-east-1"] * 5
    assert dict(os.environ) == before


async def test_a_container_is_not_asked_for_credentials(kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials")
    async with new_client() as client:
        await use(client)


async def test_a_client_made_before_the_fake_works() -> None:
    async with new_client(**KEYS) as client:
        with fake_kinesis():
            await use(client)


async def test_a_fake_entered_asynchronously_answers_it() -> None:
    async with fake_kinesis(streams={"orders": 1}), new_client() as client:
        assert (await client.list_streams())["StreamNames"] == ["orders"]


async def test_clients_of_both_libraries_see_the_same_streams(kinesis: KinesisFake) -> None:
    kinesis.client().create_stream(StreamName="orders", ShardCount=1)
    async with new_client() as client:
        assert (await client.list_streams())["StreamNames"] == ["orders"]


async def test_tasks_have_the_fakes_that_they_entered() -> None:
    async with new_client(**KEYS) as client:

        async def work(name: str) -> list[list[str]]:
            seen = []
            async with fake_kinesis(streams={name: 1}):
                for _ in range(3):
                    seen.append((await client.list_streams())["StreamNames"])
                    await asyncio.sleep(0)
            return seen

        seen = await asyncio.gather(work("first"), work("second"))
        assert [*seen] == [[["first"]] * 3, [["second"]] * 3]


async def test_a_library_imported_inside_the_fake_works(tmp_path: Path) -> None:
    script = """
import asyncio
from kinesis_fake import fake_kinesis
async def work():
    with fake_kinesis() as kinesis:
        from aiobotocore.session import get_session
        async with get_session().create_client("kinesis") as client:
            await client.create_stream(StreamName="orders", ShardCount=1)
            await client.get_waiter("stream_exists").wait(StreamName="orders")
            return (await client.list_streams())["StreamNames"]
print(asyncio.run(asyncio.wait_for(work(), 60)))
"""
    assert run_script(script, tmp_path) == "['orders']\n"


# --- attach -------------------------------------------------------------------------------------------------------

LEFT = "^This client belongs to a fake that has been left"


@pytest.mark.parametrize("kind", ["client", "session"])
async def test_a_bound_client_calls_its_fake_inside_another_one_and_fails_afterwards(kind: str) -> None:
    async with AsyncExitStack() as stack:
        with fake_kinesis(streams={"outer": 1}) as outer:
            if kind == "client":
                client = outer.attach(await stack.enter_async_context(new_client(**KEYS)))
            else:
                session = outer.attach(session_module.get_session())
                client = await stack.enter_async_context(session.create_client("kinesis"))
            with fake_kinesis(streams={"inner": 1}):
                assert (await client.list_streams())["StreamNames"] == ["outer"]
        with pytest.raises(KinesisFakeError, match=LEFT):
            await client.list_streams()
        with fake_kinesis(), pytest.raises(KinesisFakeError, match=LEFT):
            await client.list_streams()


# --- waiters ------------------------------------------------------------------------------------------------------


async def test_a_waiter_moves_the_clock_by_its_delays(kinesis: KinesisFake, slept: list[float]) -> None:
    async with new_client() as client:
        await client.create_stream(StreamName="orders", ShardCount=1)
        await client.get_waiter("stream_exists").wait(StreamName="orders")
        assert (kinesis.now - NEW_YEAR).total_seconds() == 30
        await client.delete_stream(StreamName="orders")
        await client.get_waiter("stream_not_exists").wait(StreamName="orders", WaiterConfig={"Delay": 7.5})
        assert (kinesis.now - NEW_YEAR).total_seconds() == 52.5
    assert set(slept) <= {0}


async def test_a_waiter_fails_as_it_does_with_aws(kinesis: KinesisFake, slept: list[float]) -> None:
    async with new_client() as client:
        waiter = client.get_waiter("stream_exists")
        with pytest.raises(WaiterError) as caught:
            await waiter.wait(StreamName="orders")
        assert str(caught.value) == (
            "Waiter StreamExists failed: An error occurred (ResourceNotFoundException): "
            "Stream orders under account 123456789012 not found."
        )
        await client.create_stream(StreamName="orders", ShardCount=1)
        with pytest.raises(WaiterError) as caught:
            await waiter.wait(StreamName="orders", WaiterConfig={"MaxAttempts": 3})
        assert str(caught.value) == "Waiter StreamExists failed: Max attempts exceeded"
        assert (kinesis.now - NEW_YEAR).total_seconds() == 20
        with pytest.raises(KinesisFakeError, match=r"^The Delay of a waiter is a number of seconds"):
            await waiter.wait(StreamName="orders", WaiterConfig={"Delay": -1})
    assert set(slept) <= {0}


async def test_waiters_side_by_side_wait_at_the_same_time(kinesis: KinesisFake) -> None:
    async with new_client() as client:
        names = [f"stream-{number}" for number in range(5)]
        for name in names:
            await client.create_stream(StreamName=name, ShardCount=1)
        await asyncio.gather(*(client.get_waiter("stream_exists").wait(StreamName=name) for name in names))
    assert (kinesis.now - NEW_YEAR).total_seconds() == 30


# --- retries ------------------------------------------------------------------------------------------------------


async def refused_sixth_stream(client: Any) -> Any:
    for number in range(5):
        await client.create_stream(StreamName=f"stream-{number}", ShardCount=1)
    with refused(client, "LimitExceededException") as caught:
        await client.create_stream(StreamName="one-too-many", ShardCount=1)
    return caught.value


@pytest.mark.parametrize(
    ("retries", "attempts"),
    [
        ({"mode": "legacy"}, 5),
        ({"mode": "standard"}, 3),
        ({"mode": "adaptive"}, 3),
        ({"mode": "standard", "max_attempts": 6}, 7),
        ({"mode": "legacy", "max_attempts": 0}, 1),
    ],
)
async def test_a_client_tries_as_often_as_its_policy_says(retries: dict[str, Any], attempts: int) -> None:
    async def moments() -> list[datetime]:
        with fake_kinesis(start=NEW_YEAR, durations=Durations(creating_ms=600_000)) as kinesis:
            async with new_client(config=AioConfig(retries=retries)) as client:
                error = await refused_sixth_stream(client)
            assert f"(reached max retries: {attempts - 1})" in str(error)
            assert error.response["ResponseMetadata"]["RetryAttempts"] == attempts - 1
            assert [call.attempt for call in kinesis.calls[5:]] == list(range(1, attempts + 1))
            return [call.at for call in kinesis.calls]

    random.seed(1)
    expected = random.random()
    random.seed(1)
    first = await moments()
    assert random.random() == expected
    assert await moments() == first
    assert len(set(first)) == attempts


async def test_other_tasks_do_not_see_the_random_numbers_of_a_retry(kinesis: KinesisFake) -> None:
    def slow(**_: Any) -> Any:
        # A handler of a user that lets other tasks run in the middle of a retry.
        return asyncio.sleep(0)

    drawn: list[float] = []

    async def draw() -> None:
        for _ in range(20):
            drawn.append(random.random())
            await asyncio.sleep(0)

    async with new_client(config=AioConfig(retries={"mode": "standard"})) as client:
        client.meta.events.register_first("needs-retry.kinesis", slow)
        random.seed(1)
        expected = [random.random() for _ in range(20)]
        random.seed(1)
        await asyncio.gather(draw(), refused_sixth_stream(client))
    assert drawn == expected


async def test_a_call_may_be_cancelled_in_the_middle_of_a_retry(kinesis: KinesisFake) -> None:
    reached = asyncio.Event()

    async def hang(**_: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    async with new_client() as client:
        client.meta.events.register_first("needs-retry.kinesis.DeleteStream", hang)
        random.seed(1)
        expected = random.random()
        random.seed(1)
        task = asyncio.create_task(client.delete_stream(StreamName="orders"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert random.random() == expected
        assert (await client.list_streams())["StreamNames"] == []


# --- handlers below before-call, and clients without async with -------------------------------------------------------


async def test_handlers_below_before_call_are_awaited(kinesis: KinesisFake) -> None:
    kinesis.create_stream("orders")
    seen = []

    async def look(request: Any, **_: Any) -> None:
        await asyncio.sleep(0)
        seen.append(request.url)

    class Answer:
        status_code = 400
        headers: dict[str, str] = {}  # noqa: RUF012

        @property
        async def content(self) -> bytes:
            return b'{"__type": "ResourceNotFoundException", "message": "Not there."}'

    async with new_client(**KEYS) as client:
        client.meta.events.register("before-send.kinesis", look)
        await client.list_streams()
        assert seen == ["https://kinesis.us-east-1.amazonaws.com/"]
        client.meta.events.register("before-send.kinesis", lambda **_: Answer())
        with refused(client, "ResourceNotFoundException", "Not there."):
            await client.list_streams()


async def test_endpoints_are_resolved_once_per_operation(kinesis: KinesisFake) -> None:
    kinesis.create_stream("orders")
    async with new_client(**KEYS) as client:
        resolver = client._ruleset_resolver
        original, resolved = resolver.construct_endpoint, []

        async def construct_endpoint(operation_model: Any, **kwargs: Any) -> Any:
            resolved.append(operation_model.name)
            return await original(operation_model=operation_model, **kwargs)

        resolver.construct_endpoint = construct_endpoint
        for _ in range(2):
            await client.list_streams()
            await client.describe_stream_summary(StreamName="orders")
    assert resolved == ["ListStreams", "DescribeStreamSummary"]


async def test_a_client_of_the_fake_needs_no_async_with(kinesis: KinesisFake) -> None:
    client = kinesis.aio_client()
    await use(client)
    with fake_kinesis():  # it belongs to the outer one
        assert (await client.list_streams())["StreamNames"] == ["orders"]
    assert kinesis.aio_client(region_name="eu-west-1").meta.region_name == "eu-west-1"
    async with kinesis.aio_client() as entered:
        assert (await entered.list_streams())["StreamNames"] == ["orders"]


async def test_a_client_of_the_fake_takes_no_parameter_that_aiobotocore_does_not_know(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.aio_client(zone="a")
    assert str(caught.value) == (
        "aio_client() takes the parameters of AioSession.create_client: got an unexpected keyword argument 'zone'."
    )


@pytest.mark.fake_kinesis(streams={"payments": 1})
async def test_the_fixture_gives_a_client_of_the_fixture_kinesis(aio_kinesis_client: Any) -> None:
    assert aio_kinesis_client.meta.region_name == "us-east-1"


@pytest.mark.parametrize("throttled", [0, 1])
async def test_what_a_task_makes_of_its_records_while_it_waits_is_not_what_is_put(throttled: int) -> None:
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        if throttled:
            kinesis.inject(Fault.throttle("PutRecords"))
        client = kinesis.aio_client()
        batch: list[dict[str, Any]] = [{"Data": b"one", "PartitionKey": "a"}, {"Data": b"two", "PartitionKey": "b"}]
        put = asyncio.create_task(client.put_records(StreamName="orders", Records=batch))
        await asyncio.sleep(0)
        batch[0]["Data"] = object()
        del batch[1:]
        await put
        assert [record.data for record in kinesis.stream("orders").records] == [b"one", b"two"]
