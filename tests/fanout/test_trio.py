"""aiobotocore on trio."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, fake_kinesis
from tests.support.aiobotocore_tasks import Heard, consume, consumer_of, new_client, put, texts
from tests.support.libraries import SHARD

AioConfig = pytest.importorskip("aiobotocore.config").AioConfig

pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio_clients]


def run_trio(main: Callable[..., Any], *args: Any) -> Any:
    """aiobotocore runs on trio with its httpx backend, since 3.4."""
    trio = pytest.importorskip("trio")
    pytest.importorskip("httpx2")
    if not hasattr(importlib.import_module("aiobotocore.waiter"), "AnyioWaiter"):
        pytest.skip("this aiobotocore needs asyncio")
    return trio.run(main, *args)


async def on_trio(kinesis: KinesisFake) -> Any:
    import trio
    from aiobotocore.httpxsession import HttpxSession

    async with consumer_of(kinesis, http_session_cls=HttpxSession) as (client, consumer):
        await client.create_stream(StreamName="payments", ShardCount=1)
        await client.get_waiter("stream_exists").wait(StreamName="payments")
        assert [page["StreamNames"] async for page in client.get_paginator("list_streams").paginate()] == [
            ["orders", "payments"]
        ]
        kinesis.inject(Fault.internal_error("PutRecord", times=2))
        answer = await client.put_record(StreamName="orders", Data=b"first", PartitionKey="ada")
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2

        heard: dict[str, Heard] = {}

        async def listen(shard: str) -> None:
            heard[shard] = await consume(kinesis, client, consumer, shard)

        async def produce() -> None:
            for one in texts(10):
                await put(client, one)
                await trio.sleep(0)
            await client.split_shard(StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=str(2**126))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen, SHARD)
            nursery.start_soon(listen, "shardId-000000000001")
            nursery.start_soon(produce)

        with trio.move_on_after(0):
            await consume(kinesis, client, consumer, "shardId-000000000002")
        kinesis.advance(seconds=5)
        await consume(kinesis, client, consumer, "shardId-000000000002")
        instants = [sorted({at for at, _ in heard[shard]}) for shard in sorted(heard)]
        return instants, [data for shard in sorted(heard) for _, event in heard[shard] for data in event], kinesis.now


async def busy_on_trio(kinesis: KinesisFake) -> list[timedelta]:
    import trio
    from aiobotocore.httpxsession import HttpxSession

    start = kinesis.now
    arrivals = []
    async with new_client(config=AioConfig(http_session_cls=HttpxSession)) as client:

        async def put_late() -> None:
            await put(client, b"1")
            await client.list_streams()
            arrivals.append(kinesis.now - start)

        for times in (1, 2, 3):  # what comes first arrives last
            kinesis.inject(Fault.latency("PutRecord", milliseconds=700, times=times))
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(put_late)
            while len(arrivals) < 3:
                await client.list_streams()
    return arrivals


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_task_that_calls_all_the_time_holds_no_other_up_on_trio(kinesis: KinesisFake) -> None:
    assert run_trio(busy_on_trio, kinesis) == [timedelta(milliseconds=at) for at in (700, 1400, 2100)]


def test_aiobotocore_works_on_trio_at_the_same_instants_every_time() -> None:
    """trio itself runs its tasks in random order, so records may come in one event or another of the same instant."""
    outcomes = []
    for _ in range(3):
        with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2}) as kinesis:
            outcomes.append(run_trio(on_trio, kinesis))
    (first, second), data, _ = outcomes[0]
    assert first[:-1] == [0, 5, 10, 15, 20, 25, 30]
    assert 30 < first[-1] < 31  # a reshard ends with a second
    assert second == list(range(0, 300, 5))
    assert data == [b"first", *texts(10)]
    assert outcomes[1:] == outcomes[:1] * 2
