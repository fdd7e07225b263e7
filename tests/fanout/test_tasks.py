"""Producers and consumers as tasks of one loop: asyncio's, uvloop's, and trio's."""

from __future__ import annotations

import asyncio
import importlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis
from tests.fanout.conftest import CREDENTIALS, SHARD
from tests.support.bare_machine import LOADER
from tests.support.model import needs

session_module = pytest.importorskip("aiobotocore.session")

from aiobotocore.config import AioConfig  # noqa: E402

pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio_clients]

#: When an event came, in seconds since the subscription, and the data in it.
Heard = list[tuple[float, list[bytes]]]


def new_client(**parameters: Any) -> Any:
    session = session_module.get_session()
    session.register_component("data_loader", LOADER)
    return session.create_client("kinesis", **CREDENTIALS, **parameters)


@asynccontextmanager
async def consumer_of(kinesis: KinesisFake, **config: Any) -> AsyncIterator[tuple[Any, str]]:
    """A client, and the ARN of an ACTIVE consumer of the stream ``orders``."""
    async with new_client(config=AioConfig(**config)) as client:
        yield client, registered(kinesis)


def registered(kinesis: KinesisFake, consumer_name: str = "billing") -> str:
    arn = kinesis.stream("orders").stream_arn
    answer = kinesis.client().register_stream_consumer(StreamARN=arn, ConsumerName=consumer_name)
    kinesis.settle()
    return str(answer["Consumer"]["ConsumerARN"])


async def consume(kinesis: KinesisFake, client: Any, consumer: str, shard: str = SHARD, enough: int = -1) -> Heard:
    """Read a shard until the subscription ends, or so many records have been read."""
    start = kinesis.now
    answer = await client.subscribe_to_shard(
        ConsumerARN=consumer, ShardId=shard, StartingPosition={"Type": "TRIM_HORIZON"}
    )
    heard: Heard = []
    async for event in answer["EventStream"]:
        data = [record["Data"] for record in event["SubscribeToShardEvent"]["Records"]]
        heard.append(((kinesis.now - start).total_seconds(), data))
        enough -= len(data)
        if enough == 0:
            break
    return heard


async def put(client: Any, *data: bytes) -> None:
    for one in data:
        await client.put_record(StreamName="orders", Data=one, PartitionKey="ada")


def texts(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


# --- a producer and a consumer --------------------------------------------------------------------------------------


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

    def call_soon(self, *args: Any, **kwargs: Any) -> Any:
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


# --- side by side ---------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_task_that_polls_without_a_pause_lets_the_others_go_on(kinesis: KinesisFake) -> None:
    async with new_client() as client:

        async def poll() -> list[bytes]:
            answer = await client.get_shard_iterator(
                StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON"
            )
            iterator, read = answer["ShardIterator"], []
            while len(read) < 10:
                answer = await client.get_records(ShardIterator=iterator)
                iterator = answer["NextShardIterator"]
                read += [record["Data"] for record in answer["Records"]]
            return read

        read, _ = await asyncio.gather(poll(), put(client, *texts(10)))
        assert read == texts(10)


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_tasks_get_in_each_others_way_as_they_would_in_production(kinesis: KinesisFake) -> None:
    free = 1

    async with new_client() as client:

        async def publish_if_there_is_room() -> None:
            nonlocal free
            if free > 0:  # what is true here need not be true after the call
                await put(client, b"1 teapot")
                free -= 1

        await asyncio.gather(publish_if_there_is_room(), publish_if_there_is_room())
    assert free == -1


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, virtual_sleep=True)
async def test_a_slow_call_keeps_no_other_task_from_waking_in_time(kinesis: KinesisFake) -> None:
    start, woken = kinesis.now, []

    async def nap(milliseconds: int) -> None:
        await asyncio.sleep(milliseconds / 1000)
        woken.append((milliseconds, kinesis.now - start))

    async with new_client() as client:
        kinesis.inject(Fault.latency("PutRecord", milliseconds=700))
        await asyncio.gather(put(client, b"late"), nap(500), nap(900), nap(100))
    assert woken == [(at, timedelta(milliseconds=at)) for at in (100, 500, 900)]
    (record,) = kinesis.stream("orders").records
    assert record.approximate_arrival_timestamp == start + timedelta(milliseconds=700)


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_of_two_tasks_only_one_meets_a_fault_that_strikes_once(kinesis: KinesisFake) -> None:
    kinesis.inject(Fault.latency("PutRecord", milliseconds=700, times=2))
    kinesis.inject(Fault.access_denied("PutRecord"))
    async with new_client() as client:
        denied, _ = await asyncio.gather(put(client, b"1"), put(client, b"2"), return_exceptions=True)
    assert denied.response["Error"]["Code"] == "AccessDeniedException"
    assert [record.data for record in kinesis.stream("orders").records] == [b"2"]


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_late_call_that_outlives_its_state_says_so(kinesis: KinesisFake) -> None:
    snapshot = kinesis.snapshot()
    kinesis.inject(Fault.latency("PutRecord", milliseconds=700))
    async with new_client() as client:
        late = asyncio.create_task(put(client, b"late"))
        for _ in range(2):
            await asyncio.sleep(0)
        kinesis.restore(snapshot)
        with pytest.raises(KinesisFakeError, match=r"in a state of the fake that restore\(\) has replaced"):
            await late
    assert kinesis.stream("orders").records == []
    assert [call.outcome for call in kinesis.calls] == ["KinesisFakeError"]


# --- cancelling -----------------------------------------------------------------------------------------------------


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
    """Whether something was suspended so often that it could be cancelled the n-th time."""

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
    answer = kinesis.client().create_queue(QueueName="jobs", StreamConfigurationList=[source])
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
                # Nobody waits any more: an ordinary call does not move the clock, and a new consumer is served.
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


# --- trio -----------------------------------------------------------------------------------------------------------


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
def test_a_task_that_calls_all_the_time_holds_nobody_up_on_trio(kinesis: KinesisFake) -> None:
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
