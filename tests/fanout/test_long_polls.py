"""Long polls of a queue, while other threads and other tasks of the loop go on."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.botocore_hook import validator_for
from kinesis_fake.operations.registry import OPERATIONS
from tests.support.model import needs

pytestmark = [
    pytest.mark.interpreter,
    needs("CreateQueue"),
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": {}}),
]


@pytest.fixture
def queue_arn(kinesis: KinesisFake) -> str:
    return make_queue(kinesis)


def make_queue(kinesis: KinesisFake) -> str:
    source: Any = {"StreamARN": kinesis.stream("orders").stream_arn, "StartingPosition": {"Type": "TRIM_HORIZON"}}
    client: Any = kinesis.client()
    answer = client.create_queue(QueueName="billing", StreamConfigurationList=[source])
    kinesis.settle()
    queue_arn: str = answer["QueueDescription"]["QueueARN"]
    return queue_arn


def data_of(answer: Any) -> list[bytes]:
    return [record["Data"] for record in answer["QueueRecords"]]


# --- threads --------------------------------------------------------------------------------------------------------


def test_what_other_threads_put_meanwhile_is_received_by_one_poll_or_another(
    kinesis: KinesisFake, queue_arn: str
) -> None:
    client: Any = kinesis.client()

    def poll() -> list[bytes]:
        received: list[bytes] = []
        while len(received) < 20:
            received += data_of(client.receive_queue_records(QueueARN=queue_arn, VisibilityTimeoutSeconds=43_200))
        return received

    with ThreadPoolExecutor() as pool:
        received = pool.submit(poll)
        for number in range(20):
            client.put_record(StreamName="orders", Data=b"%d" % number, PartitionKey="ada")
        assert received.result() == [b"%d" % number for number in range(20)]


def test_two_threads_that_poll_for_nothing_come_to_their_end(kinesis: KinesisFake, queue_arn: str) -> None:
    start = kinesis.now
    clients: list[Any] = [kinesis.client() for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        polls = [
            pool.submit(client.receive_queue_records, QueueARN=queue_arn, WaitTimeSeconds=seconds)
            for client, seconds in zip(clients, (20, 3), strict=True)
        ]
        assert [data_of(poll.result()) for poll in polls] == [[], []]
    assert 20 <= (kinesis.now - start).total_seconds() <= 23


def test_a_thread_that_calls_until_the_poll_is_over_sees_its_end(kinesis: KinesisFake, queue_arn: str) -> None:
    start = kinesis.now
    client: Any = kinesis.client()
    with ThreadPoolExecutor() as pool:
        poll = pool.submit(client.receive_queue_records, QueueARN=queue_arn, WaitTimeSeconds=20)
        while not poll.done():
            client.list_streams()
        assert data_of(poll.result()) == []
    assert (kinesis.now - start).total_seconds() == 20


def begun_poll(kinesis: KinesisFake, queue_arn: str) -> Any:
    """A call of the service itself, which can be stopped where no client can stop a thread."""
    return kinesis._service.call(
        "123456789012",
        "us-east-1",
        OPERATIONS["ReceiveQueueRecords"],
        {"QueueARN": queue_arn},
        validator_for("ReceiveQueueRecords"),
    )


def test_what_is_put_between_looking_for_records_and_waiting_for_them_ends_the_poll(
    kinesis: KinesisFake, queue_arn: str
) -> None:
    course = begun_poll(kinesis, queue_arn)
    kinesis.stream("orders").put("1 teapot")
    pause = next(course)
    assert pause.is_over()
    with pytest.raises(StopIteration) as answered:
        next(course)
    assert data_of(answered.value.value) == [b"1 teapot"]


def test_a_state_that_is_restored_before_waiting_for_records_ends_the_poll(
    kinesis: KinesisFake, queue_arn: str
) -> None:
    snapshot, course = kinesis.snapshot(), begun_poll(kinesis, queue_arn)
    pause = next(course)
    assert not pause.is_over()
    kinesis.restore(snapshot)
    assert pause.is_over()
    with pytest.raises(KinesisFakeError, match=r"in a state of the fake that restore\(\) has replaced"):
        next(course)


# --- the client's patience ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("read_timeout", "seconds"), [(5, 5), (9, 9), (9.001, 9)])
def test_a_client_gives_up_when_the_poll_takes_as_long_as_its_read_timeout(
    kinesis: KinesisFake, queue_arn: str, read_timeout: float, seconds: float
) -> None:
    client: Any = kinesis.client(config=Config(read_timeout=read_timeout, retries={"total_max_attempts": 1}))
    start = kinesis.now
    if read_timeout > 9:
        assert data_of(client.receive_queue_records(QueueARN=queue_arn)) == []
    else:
        with pytest.raises(ReadTimeoutError):
            client.receive_queue_records(QueueARN=queue_arn)
    assert (kinesis.now - start).total_seconds() == seconds


def test_the_client_tries_again_as_after_every_timeout(kinesis: KinesisFake, queue_arn: str) -> None:
    client: Any = kinesis.client(config=Config(read_timeout=5, retries={"total_max_attempts": 3}))
    with pytest.raises(ReadTimeoutError):
        client.receive_queue_records(QueueARN=queue_arn)
    assert [call.outcome for call in kinesis.calls.of("ReceiveQueueRecords")] == ["ReadTimeoutError"] * 3


def test_what_comes_before_the_client_gives_up_is_received(kinesis: KinesisFake, queue_arn: str) -> None:
    client: Any = kinesis.client(config=Config(read_timeout=5, retries={"total_max_attempts": 1}))
    kinesis.stream("orders").put("1 teapot")
    client.receive_queue_records(QueueARN=queue_arn, VisibilityTimeoutSeconds=4)
    assert data_of(client.receive_queue_records(QueueARN=queue_arn)) == [b"1 teapot"]


def test_a_late_poll_waits_from_its_arrival_on_and_the_client_from_its_call_on(
    kinesis: KinesisFake, queue_arn: str
) -> None:
    client: Any = kinesis.client(config=Config(read_timeout=10, retries={"total_max_attempts": 1}))
    start = kinesis.now
    kinesis.inject(Fault.latency("ReceiveQueueRecords", milliseconds=2_000))
    with pytest.raises(ReadTimeoutError):
        client.receive_queue_records(QueueARN=queue_arn, WaitTimeSeconds=9)
    assert (kinesis.now - start).total_seconds() == 10


# --- tasks ----------------------------------------------------------------------------------------------------------


async def poll_for(client: Any, queue_arn: str, enough: int) -> list[bytes]:
    received: list[bytes] = []
    while len(received) < enough:
        answer = await client.receive_queue_records(QueueARN=queue_arn, WaitTimeSeconds=20)
        received += data_of(answer)
    return received


@pytest.mark.asyncio
@pytest.mark.asyncio_clients
async def test_a_record_that_another_task_puts_meanwhile_ends_the_poll(kinesis: KinesisFake, queue_arn: str) -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()
    start = kinesis.now
    async with session.create_client("kinesis") as client:

        async def produce() -> None:
            for number in range(3):
                for _ in range(10):  # whatever else a producer does
                    await client.list_streams()
                await client.put_record(StreamName="orders", Data=b"%d" % number, PartitionKey="ada")

        received, _ = await asyncio.gather(poll_for(client, queue_arn, 3), produce())
        assert received == [b"0", b"1", b"2"]
        assert kinesis.now == start
        answer = await client.receive_queue_records(QueueARN=queue_arn, WaitTimeSeconds=4)
        assert (data_of(answer), (kinesis.now - start).total_seconds()) == ([], 4)


@pytest.mark.asyncio
@pytest.mark.asyncio_clients
async def test_a_task_that_calls_until_the_poll_is_over_sees_its_end(kinesis: KinesisFake, queue_arn: str) -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()
    start = kinesis.now
    async with session.create_client("kinesis") as client:
        poll = asyncio.create_task(client.receive_queue_records(QueueARN=queue_arn, WaitTimeSeconds=20))
        while not poll.done():
            await client.list_streams()
        assert data_of(poll.result()) == []
    assert (kinesis.now - start).total_seconds() == 20


@pytest.mark.asyncio
@pytest.mark.asyncio_clients
async def test_a_poll_that_is_cancelled_has_received_nothing(kinesis: KinesisFake, queue_arn: str) -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()
    async with session.create_client("kinesis") as client:
        poll = asyncio.create_task(client.receive_queue_records(QueueARN=queue_arn))
        for _ in range(2):
            await asyncio.sleep(0)
        kinesis.stream("orders").put("1 teapot")
        poll.cancel()
        await asyncio.wait([poll])
        assert poll.cancelled()
    assert [call.outcome for call in kinesis.calls.of("ReceiveQueueRecords")] == ["CancelledError"]
    assert [record.data for record in kinesis.queue("billing").waiting] == [b"1 teapot"]


@pytest.mark.asyncio
@pytest.mark.asyncio_clients
async def test_a_poll_that_outlives_its_fake_or_its_state_says_so() -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()
    async with session.create_client("kinesis") as client:
        with fake_kinesis(streams={"orders": {}}) as kinesis:
            arn = make_queue(kinesis)
            snapshot = kinesis.snapshot()
            poll = asyncio.create_task(client.receive_queue_records(QueueARN=arn))
            for _ in range(2):
                await asyncio.sleep(0)
            kinesis.restore(snapshot)
            restored_at = kinesis.now
            with pytest.raises(KinesisFakeError, match=r"in a state of the fake that restore\(\) has replaced"):
                await poll
            assert kinesis.now == restored_at
            poll = asyncio.create_task(client.receive_queue_records(QueueARN=arn))
            for _ in range(2):
                await asyncio.sleep(0)
        with pytest.raises(KinesisFakeError, match="a fake that has been left"):
            await poll
