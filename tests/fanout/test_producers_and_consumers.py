"""A producer and consumers of enhanced fan-out as tasks on one loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.aiobotocore_tasks import Heard, consume, consumer_of, put, texts
from tests.support.libraries import SHARD

pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio_clients]


async def producer_and_consumer(kinesis: KinesisFake) -> list[Heard]:
    """Two consumers and a producer that yields, and reshards; everything in virtual time."""
    async with consumer_of(kinesis) as (client, consumer):

        async def produce() -> None:
            for first in range(0, 100, 10):
                await put(client, *texts(100)[first : first + 10])
                await asyncio.sleep(0)
            await client.split_shard(StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=str(2**126))

        *heard, _ = await asyncio.gather(
            consume(kinesis, client, consumer),
            consume(kinesis, client, consumer, "shardId-000000000001"),
            produce(),
        )
        return heard


def transcript(run: Callable[[Coroutine[Any, Any, Any]], Any]) -> list[Any]:
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2}) as kinesis:
        return [*run(producer_and_consumer(kinesis)), kinesis.now, list(kinesis.calls)]


def test_a_producer_and_consumers_as_tasks_lose_nothing_and_wait_for_nothing() -> None:
    first, second, now, _ = transcript(asyncio.run)
    assert sorted(data for heard in (first, second) for _, event in heard for data in event) == sorted(texts(100))
    # The first one ends with its shard, thirty seconds after the split, and the other one after five minutes.
    assert [at for at, data in first if not data] == [0, 5, 10, 15, 20, 25, 30]
    assert second[-1][0] == 295
    assert now.isoformat() == "2026-01-01T00:05:10+00:00"


def test_they_do_the_same_every_time() -> None:
    assert transcript(asyncio.run) == transcript(asyncio.run)


def test_they_do_the_same_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")
    assert transcript(uvloop.run) == transcript(asyncio.run)


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts what it is given to do."""

    turns = 0

    def call_soon(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        self.turns += 1
        return super().call_soon(*args, **kwargs)


def test_five_idle_minutes_keep_a_loop_busy_for_a_few_turns_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main(kinesis: KinesisFake) -> int:
        async with consumer_of(kinesis) as (client, consumer):
            heard = await consume(kinesis, client, consumer)
        return len(heard)

    loop = CountingLoop()
    try:
        with fake_kinesis(streams={"orders": 1}) as kinesis:
            assert loop.run_until_complete(main(kinesis)) == 60
    finally:
        loop.close()
    assert loop.turns < 60 * 10


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, virtual_sleep=True)
async def test_a_producer_that_sleeps_virtually_and_a_consumer_share_one_time(kinesis: KinesisFake) -> None:
    async with consumer_of(kinesis) as (client, consumer):

        async def produce() -> None:
            for one in texts(3):
                await asyncio.sleep(7)
                await put(client, one)

        heard, _ = await asyncio.gather(consume(kinesis, client, consumer, enough=3), produce())
    assert heard == [(0, []), (5, []), (7, [b"0"]), (12, []), (14, [b"1"]), (19, []), (21, [b"2"])]


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_producer_that_waits_for_a_timer_of_the_loop_is_left_time_to_wake_up(kinesis: KinesisFake) -> None:
    async with consumer_of(kinesis) as (client, consumer):

        async def produce() -> None:
            loop = asyncio.get_running_loop()
            for one in texts(10):
                wake_up = loop.create_future()
                loop.call_later(0.001, wake_up.set_result, None)
                await wake_up
                await put(client, one)

        heard, _ = await asyncio.gather(consume(kinesis, client, consumer, enough=10), produce())
    assert [one for _, data in heard for one in data] == texts(10)


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_producer_in_a_thread_feeds_a_consumer_on_the_loop(kinesis: KinesisFake) -> None:
    async with consumer_of(kinesis) as (client, consumer):
        producer = kinesis.client()

        def produce() -> None:
            for one in texts(200):
                producer.put_record(StreamName="orders", Data=one, PartitionKey="ada")

        heard, _ = await asyncio.gather(consume(kinesis, client, consumer, enough=200), asyncio.to_thread(produce))
    assert [one for _, data in heard for one in data] == texts(200)


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_producer_at_the_other_end_of_a_connection_is_left_time_to_answer(kinesis: KinesisFake) -> None:
    """A service under test listens on a socket and puts what it is sent; the fake cannot see it wait."""
    async with consumer_of(kinesis) as (client, consumer):

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                await put(client, line.strip())
                writer.write(b"ok\n")
                await writer.drain()
            writer.close()

        first, second = socket.socketpair()
        server_reader, server_writer = await asyncio.open_connection(sock=first)
        reader, writer = await asyncio.open_connection(sock=second)
        server = asyncio.create_task(serve(server_reader, server_writer))

        async def produce() -> None:
            for one in texts(20):
                writer.write(one + b"\n")
                await writer.drain()
                assert await reader.readline() == b"ok\n"

        heard, _ = await asyncio.gather(consume(kinesis, client, consumer, enough=20), produce())
        writer.close()
        await server
        await writer.wait_closed()
        await server_writer.wait_closed()
    assert [one for _, data in heard for one in data] == texts(20)


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_task_that_spins_until_the_consumer_has_heard_something_does_not_stop_time(
    kinesis: KinesisFake,
) -> None:
    async with consumer_of(kinesis) as (client, consumer):
        start = kinesis.now
        listener = asyncio.create_task(consume(kinesis, client, consumer, enough=1))
        while kinesis.now < start + timedelta(seconds=15):
            await client.list_streams()
            await asyncio.sleep(0)
        await put(client, b"now")
        # The event of that very instant was under way before the put was.
        assert await listener == [(0, []), (5, []), (10, []), (15, []), (15, [b"now"])]


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})
async def test_a_test_that_keeps_the_loop_moves_the_clock_itself(kinesis: KinesisFake) -> None:
    async with consumer_of(kinesis) as (client, consumer):
        start = kinesis.now
        listener = asyncio.create_task(consume(kinesis, client, consumer, enough=1))
        while not kinesis.calls.of("SubscribeToShard"):
            await asyncio.sleep(0)
        for _ in range(3):
            await asyncio.sleep(0)
            kinesis.advance(seconds=1)
        kinesis.stream("orders").put("0")
        assert await listener == [(0, []), (3, [b"0"])]
        assert (kinesis.now - start).total_seconds() == 3
