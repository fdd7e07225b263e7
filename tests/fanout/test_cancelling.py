"""Cancelled calls and tasks leave a consistent state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from itertools import count
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, fake_kinesis
from tests.support.aiobotocore_tasks import consume, consumer_of, new_client, registered, texts
from tests.support.libraries import SHARD
from tests.support.model import needs

pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio_clients]


class CancelledAt:
    """Awaits something, and cancels the task that does when it is suspended for the n-th time, the first being 0."""

    def __init__(self, number: int, work: Coroutine[Any, Any, Any]) -> None:
        self._number = number
        self._work = work

    def __await__(self) -> Generator[Any, Any, Any]:
        task = asyncio.current_task()
        assert task is not None
        steps = self._work.__await__()
        resume: Callable[[], Any] = steps.__next__
        for number in count():
            try:
                awaited = resume()
            except StopIteration as stop:
                return stop.value
            if number == self._number:
                asyncio.get_running_loop().call_soon(task.cancel)
            try:
                yield awaited
            except BaseException as error:
                resume = partial(steps.throw, error)
            else:
                resume = steps.__next__


async def is_cancelled_at(number: int, work: Coroutine[Any, Any, Any]) -> bool:
    """Cancel a task when it is suspended the n-th time; return whether it was suspended so often."""

    async def run() -> None:
        await CancelledAt(number, work)

    task = asyncio.create_task(run())
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return task.cancelled()


async def put_with_retries(kinesis: KinesisFake, client: Any, consumer: str) -> None:
    records = [{"Data": data, "PartitionKey": "ada"} for data in texts(10)]
    with kinesis.inject(Fault.internal_error("PutRecords", times=2)):
        await client.put_records(StreamName="orders", Records=records)


async def put_although_answers_are_lost(kinesis: KinesisFake, client: Any, consumer: str) -> None:
    records = [{"Data": data, "PartitionKey": "ada"} for data in texts(10)]
    lost = kinesis.inject(Fault.connection_error("PutRecords"))
    late = kinesis.inject(Fault.latency("PutRecords", milliseconds=700))
    with lost, late:
        await client.put_records(StreamName="orders", Records=records)


async def wait_for_a_stream(kinesis: KinesisFake, client: Any, consumer: str) -> None:
    await client.create_stream(StreamName="payments", ShardCount=1)
    await client.get_waiter("stream_exists").wait(StreamName="payments")


async def turn_pages(kinesis: KinesisFake, client: Any, consumer: str) -> None:
    pages = client.get_paginator("describe_stream").paginate(StreamName="orders", PaginationConfig={"PageSize": 1})
    with kinesis.inject(Fault.throttle("DescribeStream", times=2)):
        async for _ in pages:
            await asyncio.sleep(0)


async def read_some_events(kinesis: KinesisFake, client: Any, consumer: str) -> None:
    answer = await client.subscribe_to_shard(
        ConsumerARN=consumer, ShardId=SHARD, StartingPosition={"Type": "TRIM_HORIZON"}
    )
    events = 0
    async for _ in answer["EventStream"]:
        events += 1
        if events == 5:
            return


async def poll_a_queue(kinesis: KinesisFake, client: Any, consumer: str) -> None:
    source = {"StreamARN": kinesis.create_stream("clicks").stream_arn}
    maker: Any = kinesis.client()
    answer = maker.create_queue(QueueName="jobs", StreamConfigurationList=[source])
    kinesis.settle()
    await client.receive_queue_records(QueueARN=answer["QueueDescription"]["QueueARN"], WaitTimeSeconds=5)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "work",
    [
        put_with_retries,
        put_although_answers_are_lost,
        wait_for_a_stream,
        turn_pages,
        read_some_events,
        pytest.param(poll_a_queue, marks=needs("CreateQueue")),
    ],
)
async def test_whatever_is_cancelled_wherever_leaves_a_consistent_state(work: Any) -> None:
    number = 0
    is_cancelled = True
    async with new_client() as client:
        while is_cancelled:
            with fake_kinesis(streams={"orders": 3}) as kinesis:
                consumer = registered(kinesis)
                is_cancelled = await is_cancelled_at(number, work(kinesis, client, consumer))
                # All or nothing was put, and at most once.
                assert len(kinesis.stream("orders").records) in (0, 10)
                # No task waits any more: an ordinary call does not move the clock, and a new consumer is served.
                kinesis.settle()
                now = kinesis.now
                await client.list_streams()
                await asyncio.sleep(0)
                assert kinesis.now == now
                kinesis.advance(seconds=5)
                kinesis.stream("orders").put("after", explicit_hash_key=0)
                heard = await consume(kinesis, client, consumer)
                assert [data for _, event in heard for data in event][-1] == b"after"
                assert heard[-1][0] == 295
            number += 1
    assert number > 2


async def stream_of(client: Any, consumer: str) -> Any:
    answer = await client.subscribe_to_shard(ConsumerARN=consumer, ShardId=SHARD, StartingPosition={"Type": "LATEST"})
    return answer["EventStream"]


async def all_events(stream: Any) -> list[Any]:
    return [event async for event in stream]


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_stream_whose_reader_was_cancelled_has_ended_as_with_the_library_itself(kinesis: KinesisFake) -> None:
    async with consumer_of(kinesis) as (client, consumer):
        stream = await stream_of(client, consumer)
        assert await is_cancelled_at(1, all_events(stream))
        assert await all_events(stream) == []
        stream.close()


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})
async def test_a_cancelled_reader_does_not_hold_up_the_others(kinesis: KinesisFake) -> None:
    async with consumer_of(kinesis) as (client, consumer):
        await is_cancelled_at(1, consume(kinesis, client, registered(kinesis, "audit")))
        kinesis.advance(seconds=1)
        assert [at for at, _ in await consume(kinesis, client, consumer)] == list(range(0, 300, 5))


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_stream_can_be_closed_by_another_task_while_it_is_waited_for(kinesis: KinesisFake) -> None:
    async with consumer_of(kinesis) as (client, consumer):
        stream = await stream_of(client, consumer)
        reader = asyncio.create_task(all_events(stream))
        await asyncio.sleep(0)
        stream.close()
        assert len(await reader) == 1
