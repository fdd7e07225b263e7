"""A user's project and its tests, as type checkers see them: checked strictly by mypy in ``tox run -e type``, by
pyright in ``tox run -e package``, and never run.

What must be refused carries the error that mypy gives; an ignore that is not needed is an error itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from aiobotocore.session import get_session
from types_aiobotocore_kinesis.client import KinesisClient as AioKinesisClient
from types_boto3_kinesis.client import KinesisClient
from types_boto3_kinesis.type_defs import RecordTypeDef
from typing_extensions import assert_type

from kinesis_fake import (
    Call,
    Durations,
    Fault,
    Injection,
    KinesisFake,
    KinesisFakeError,
    Limits,
    NotModelledError,
    RecordView,
    ShardView,
    Snapshot,
    StreamView,
    fake_kinesis,
)

# --- the code under test --------------------------------------------------------------------------------------------


def publish(client: KinesisClient, order: str) -> str:
    answer = client.put_record(StreamName="orders", Data=order.encode(), PartitionKey=order)
    return answer["SequenceNumber"]


def listen(client: KinesisClient, consumer_arn: str) -> Iterator[RecordTypeDef]:
    answer = client.subscribe_to_shard(
        ConsumerARN=consumer_arn, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"}
    )
    with closing(answer["EventStream"]) as stream:
        for event in stream:
            yield from event["SubscribeToShardEvent"]["Records"]


async def listen_asynchronously(client: AioKinesisClient, consumer_arn: str) -> AsyncIterator[bytes]:
    answer = await client.subscribe_to_shard(
        ConsumerARN=consumer_arn, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"}
    )
    async for event in answer["EventStream"]:
        for record in event["SubscribeToShardEvent"]["Records"]:
            yield record["Data"]


# --- helpers of the tests -------------------------------------------------------------------------------------------


def drain(orders: StreamView) -> list[bytes]:
    return [record.data for record in orders.records]


def newest(shard: ShardView) -> RecordView:
    return shard.records[-1]


def operations(calls: list[Call]) -> list[str]:
    return [call.operation for call in calls]


# --- tests with the fixtures ----------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_with_the_fixtures(kinesis: KinesisFake, kinesis_client: KinesisClient) -> None:
    publish(kinesis_client, "1 teapot")
    publish(boto3.client("kinesis"), "2 cups")
    assert_type(kinesis.client(region_name="eu-west-1"), KinesisClient)
    assert_type(kinesis.attach(boto3.client("kinesis")), KinesisClient)


def test_the_views(kinesis: KinesisFake) -> None:
    orders = kinesis.create_stream("orders", shards=2, tags={"team": "sales"})
    assert_type(orders.status, str)
    assert_type([shard.starting_hash_key for shard in orders.shards], list[int])
    assert_type(orders.shards[0].parent_shard_id, "str | None")
    assert_type([record.data for record in orders.records], list[bytes])
    assert_type(orders.put("1 teapot").approximate_arrival_timestamp, datetime)
    assert_type([consumer.consumer_arn for consumer in orders.consumers], list[str])
    assert_type(drain(orders), list[bytes])
    assert_type(newest(orders.shard("shardId-000000000000")).json(), Any)
    assert_type(orders.records[-10:], list[RecordView])
    assert_type(orders.records.of(partition_key="ada"), list[RecordView])
    assert_type(orders.put_many(["1 teapot", {"json": {"cups": 2}}]), list[RecordView])
    assert_type(orders.put(json={"cups": 2}, shard="shardId-000000000000").text(), str)
    orders.put(["1 teapot"])  # type: ignore[arg-type]
    assert_type(operations(kinesis.calls.of("PutRecord")), list[str])
    assert_type(kinesis.partition_key_for("orders", "shardId-000000000001"), str)
    assert_type([call.outcome for call in kinesis.calls], list[str])
    assert_type(kinesis.calls[-1], Call)
    assert "PutRecord" in kinesis.calls
    assert kinesis.calls[0] in kinesis.calls
    assert_type([pending.due_at for pending in kinesis.pending()], list[datetime])
    assert orders.shard_count == 2  # type: ignore[attr-defined]


def test_the_clock(kinesis: KinesisFake) -> None:
    kinesis.advance(hours=25)
    kinesis.advance(timedelta(seconds=1))
    kinesis.travel_to(datetime(2027, 1, 1, tzinfo=timezone.utc))
    assert_type(kinesis.now, datetime)
    kinesis.advance("25 hours")  # type: ignore[arg-type]
    before: Snapshot = kinesis.snapshot()
    kinesis.restore(before)


def test_faults(kinesis: KinesisFake) -> None:
    injection = kinesis.inject(Fault.throttle("PutRecords", times=2, stream="orders"))
    assert_type(injection, Injection)
    assert_type(injection.strikes, int)
    with kinesis.inject(Fault.broken_stream(consumer="billing")):
        pass
    kinesis.inject("throttle")  # type: ignore[arg-type]
    assert issubclass(NotModelledError, KinesisFakeError)


# --- the other ways in ----------------------------------------------------------------------------------------------


def test_with_a_context_manager() -> None:
    with fake_kinesis(
        start="2026-01-01T00:00:00Z",
        streams={"orders": 2, "clicks": {"stream_mode_details": {"StreamMode": "ON_DEMAND"}}},
        durations=Durations(creating_ms=1_000),
        limits=Limits(shards=10),
        autojump=False,
        clock="virtual",
    ) as kinesis:
        assert_type(kinesis, KinesisFake)
    with fake_kinesis(streams={"clicks": "on-demand"}, durations="instant") as other:
        assert_type(other, KinesisFake)
    fake_kinesis(durations="slow")  # type: ignore[call-overload]
    fake_kinesis(shards=2)  # type: ignore[call-overload]
    fake_kinesis(autojump="no")  # type: ignore[call-overload]


async def test_with_an_asynchronous_one() -> None:
    async with fake_kinesis(streams={"orders": 1}) as kinesis:
        assert_type(kinesis, KinesisFake)
        async with get_session().create_client("kinesis") as client:
            assert_type(client, AioKinesisClient)
            async for data in listen_asynchronously(client, "arn"):
                assert_type(data, bytes)


class TestWithASetUp:
    def setup_method(self) -> None:
        self.fake = fake_kinesis(streams={"orders": 2})
        self.kinesis = self.fake.start()
        assert_type(self.kinesis, KinesisFake)

    def teardown_method(self) -> None:
        self.fake.stop()


@fake_kinesis
def decorated(order: str, *, times: int = 1) -> int:
    return len(order) * times


@fake_kinesis(streams={"orders": 2})
def given_the_fake(kinesis: KinesisFake) -> str:
    return kinesis.stream("orders").status


@fake_kinesis
async def coroutine_given_the_fake(kinesis: KinesisFake) -> int:
    return len(kinesis.streams)


@fake_kinesis
def given_more(kinesis: KinesisFake, order: str) -> int:
    return len(kinesis.streams) + len(order)


@pytest.fixture
@fake_kinesis(streams={"orders": 2})
def orders(kinesis: KinesisFake) -> Iterator[str]:
    yield kinesis.stream("orders").stream_arn
    assert kinesis.stream("orders").records


@fake_kinesis(streams={"orders": 2})
class TestOrders:
    kinesis: KinesisFake

    def test_an_order(self) -> None:
        assert_type(self.kinesis.stream("orders").stream_name, str)


def test_decorators_keep_the_signature() -> None:
    assert_type(decorated("1 teapot", times=2), int)
    decorated(1)  # type: ignore[arg-type]
    assert_type(TestOrders().kinesis.streams[0].status, str)
    run_one_more(given_more)
    run_one_more(decorated)  # type: ignore[arg-type]


async def test_decorators_fill_the_parameter_of_a_function_that_takes_nothing_but_the_fake() -> None:
    assert_type(given_the_fake(), str)
    assert_type(await coroutine_given_the_fake(), int)
    run(given_the_fake, coroutine_given_the_fake)
    run(decorated, coroutine_given_the_fake)  # type: ignore[arg-type]


def run(function: Callable[[], str], coroutine_function: Callable[[], Coroutine[Any, Any, int]]) -> None: ...


def run_one_more(function: Callable[[KinesisFake, str], int]) -> None: ...
