"""A loop that reads an open shard for ever ends with an error; one that may yet find something does not."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.fruitless_reads import SHARD, fewer_reads, iterator_of

__all__ = ["fewer_reads"]


def read_to_the_end(client: Any, at_most: int | None = None) -> int:
    """The loop that a tutorial begins with; how often it has read."""
    iterator, reads = iterator_of(client), 0
    while iterator and reads != at_most:
        iterator = client.get_records(ShardIterator=iterator).get("NextShardIterator")
        reads += 1
    return reads


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        yield kinesis


def test_a_loop_over_an_open_shard_ends_with_the_cause_and_the_remedy(kinesis: KinesisFake) -> None:
    client = kinesis.client()
    with pytest.raises(KinesisFakeError) as caught:
        read_to_the_end(client)
    assert str(caught.value) == (
        "The code under test has read shardId-000000000000 of stream orders again and again at one virtual instant: "
        "60 GetRecords in a row have returned no records. The shard is open, so its NextShardIterator never ends, and "
        "while time stands still nothing will arrive. End the loop by what it has read, such as a number of records or "
        "MillisBehindLatest of 0; or let the "
        "test advance(), put records or close the shard in between."
    )


def test_one_read_less_is_no_loop(kinesis: KinesisFake) -> None:
    assert read_to_the_end(kinesis.client(), 59) == 59


@pytest.mark.parametrize("what", ["a record", "a call", "time", "records of the test"])
def test_anything_that_is_done_in_between_begins_the_count_anew(kinesis: KinesisFake, what: str) -> None:
    client = kinesis.client()
    iterator = iterator_of(client)
    for number in range(200):
        iterator = client.get_records(ShardIterator=iterator)["NextShardIterator"]
        if number % 50 == 49:
            if what == "a record":
                client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")
            elif what == "a call":
                client.list_streams()
            elif what == "time":
                kinesis.advance(milliseconds=1)
            else:
                kinesis.stream("orders").put("1 teapot")


def test_a_closed_shard_comes_to_its_end(kinesis: KinesisFake) -> None:
    kinesis.stream("orders").split(SHARD)
    assert read_to_the_end(kinesis.client()) <= 2


def test_each_of_many_shards_may_be_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_kinesis(streams={"orders": 120}) as kinesis:
        client = kinesis.client()
        iterators = [iterator_of(client, shard.shard_id) for shard in kinesis.stream("orders").shards]
        for iterator in iterators * 2:
            client.get_records(ShardIterator=iterator)


def test_a_consumer_beside_a_thread_that_may_put_records_goes_on(kinesis: KinesisFake) -> None:
    client, begun = kinesis.client(), threading.Event()
    got: list[Any] = []

    def consume() -> None:
        iterator, reads = iterator_of(client), 0
        while not got:
            answer = client.get_records(ShardIterator=iterator)
            got.extend(answer["Records"])
            iterator, reads = answer["NextShardIterator"], reads + 1
            if reads == 120:
                begun.set()

    thread = threading.Thread(target=consume)
    thread.start()
    while not begun.is_set():  # busy, as a test that computes is
        pass
    kinesis.stream("orders").put("1 teapot")
    thread.join()
    assert [record["Data"] for record in got] == [b"1 teapot"]


def test_a_thread_that_the_test_waits_for_is_told(kinesis: KinesisFake) -> None:
    told: list[BaseException] = []

    def consume() -> None:
        try:
            read_to_the_end(kinesis.client())
        except KinesisFakeError as error:
            told.append(error)

    thread = threading.Thread(target=consume)
    thread.start()
    thread.join()
    assert "again and again at one virtual instant" in str(told)


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("kind", ["asyncio", "uvloop", "trio"])
def test_a_task_that_is_alone_is_told_and_one_beside_a_producer_is_not(kinesis: KinesisFake, kind: str) -> None:
    """With the calls of a client of botocore, which tasks make, too."""
    library = pytest.importorskip(kind)
    client = kinesis.client()

    async def pause() -> None:
        await (library.sleep(0) if kind == "trio" else asyncio.sleep(0))

    async def consume(got: list[Any]) -> None:
        iterator = iterator_of(client)
        while not got:
            answer = client.get_records(ShardIterator=iterator)
            got.extend(answer["Records"])
            iterator = answer["NextShardIterator"]
            await pause()

    async def produce() -> None:
        for _ in range(120):
            await pause()
        kinesis.stream("orders").put("1 teapot")

    async def alone() -> None:
        await consume([])

    async def both() -> None:
        if kind == "trio":
            async with library.open_nursery() as nursery:
                nursery.start_soon(consume, [])
                nursery.start_soon(produce)
        else:
            await asyncio.gather(consume([]), produce())

    with pytest.raises(KinesisFakeError, match="again and again at one virtual instant"):
        library.run(alone) if kind == "trio" else library.run(alone())
    library.run(both) if kind == "trio" else library.run(both())
