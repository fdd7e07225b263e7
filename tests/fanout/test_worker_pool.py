"""A pool of workers reads 50,000 records through reshards, a re-registration, failures and the loss of a worker."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from kinesis_fake import Fault, KinesisFake
from tests.support.libraries import CREDENTIALS
from tests.support.models import LOADER
from tests.support.worker_pool import (
    SHARD_END,
    AsyncioRuntime,
    ChildrenAtOnce,
    FromNowOn,
    FromTheLastRecord,
    LeaseTable,
    Runtime,
    ThreadRuntime,
    Worker,
    run_blocking,
)

RECORDS = 50_000
#: So many are there, in a stream that has been split and merged, before the first worker begins.
BACKLOG = 10_000
BATCH = 500
#: How long, in seconds, the producer takes for a batch.
PAUSE = 15
KEYS = 97

pytestmark = [
    pytest.mark.interpreter,
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 3}, virtual_sleep=True),
]


class Log:
    """The records that a pool has processed, in order."""

    def __init__(self) -> None:
        self.numbers: defaultdict[str, list[int]] = defaultdict(list)
        #: The shard of each event.
        self.shards: list[str] = []

    def process(self, shard_id: str, records: list[dict[str, Any]]) -> None:
        self.shards.append(shard_id)
        for record in records:
            self.numbers[record["PartitionKey"]].append(int(record["Data"]))


@dataclass
class Pool:
    """The workers, what they share, and what is put for them."""

    kinesis: KinesisFake
    runtime: Runtime
    log: Log
    leases: LeaseTable
    workers: list[Worker]

    async def run(self) -> None:
        # A stream breaks and calls fail, in between the subscriptions of the backlog.
        self.kinesis.inject(Fault.broken_stream(times=5))
        self.kinesis.inject(Fault.internal_error("SubscribeToShard", times=5))
        await self._produce(0, BACKLOG)
        await self.runtime.join(
            [*(self.runtime.start(worker.run()) for worker in self.workers), self.runtime.start(self._direct())]
        )

    async def _direct(self) -> None:
        """Put the rest, and stop the workers when they have read it."""
        try:
            await self._produce(BACKLOG, RECORDS)
            self.leases.complete()
            await self.runtime.wait_for(self.leases.is_drained)
        finally:
            for worker in self.workers:
                worker.stop()

    async def _produce(self, first: int, end: int) -> None:
        """Put records, and let happen on the way what happens to streams."""
        incidents: dict[int, Callable[[], Any]] = {
            2_000: self._split("shardId-000000000001", 2**127),
            6_000: self._merge("shardId-000000000003", "shardId-000000000004"),
            12_000: self._split("shardId-000000000005", 2**127),
            18_000: self._deregister,
            24_000: self._scale_to(6),
            32_000: self._lose_worker,
            40_000: self._scale_to(3),
        }
        for number in range(first, end, BATCH):
            entries = [
                {"Data": b"%d" % each, "PartitionKey": f"customer-{each % KEYS}"}
                for each in range(number, number + BATCH)
            ]
            answer = await self.runtime.call("put_records", StreamName="orders", Records=entries)
            assert answer["FailedRecordCount"] == 0
            if number in incidents:
                await incidents[number]()
            await self.runtime.sleep(PAUSE)

    def _split(self, shard_id: str, hash_key: int) -> Callable[[], Any]:
        return lambda: self.runtime.call(
            "split_shard", StreamName="orders", ShardToSplit=shard_id, NewStartingHashKey=str(hash_key)
        )

    def _merge(self, shard_id: str, adjacent: str) -> Callable[[], Any]:
        return lambda: self.runtime.call(
            "merge_shards", StreamName="orders", ShardToMerge=shard_id, AdjacentShardToMerge=adjacent
        )

    def _scale_to(self, count: int) -> Callable[[], Any]:
        return lambda: self.runtime.call(
            "update_shard_count", StreamName="orders", TargetShardCount=count, ScalingType="UNIFORM_SCALING"
        )

    async def _deregister(self) -> None:
        """The workers register the consumer again, under its name; it has another ARN then."""
        (consumer,) = self.kinesis.stream("orders").consumers
        await self.runtime.call("deregister_stream_consumer", ConsumerARN=consumer.consumer_arn)

    async def _lose_worker(self) -> None:
        self.workers[0].stop()


def pool_of(
    kinesis: KinesisFake,
    runtime: Runtime,
    table_class: type[LeaseTable] = LeaseTable,
    worker_class: type[Worker] = Worker,
) -> Pool:
    log = Log()
    leases = table_class(runtime.notify, log.process)
    arn = kinesis.stream("orders").stream_arn
    workers = [worker_class(f"worker-{number}", runtime, leases, arn, "billing") for number in range(3)]
    return Pool(kinesis, runtime, log, leases, workers)


def run_on_asyncio(kinesis: KinesisFake, **classes: Any) -> Pool:
    session = pytest.importorskip("aiobotocore.session").get_session()
    session.register_component("data_loader", LOADER)

    async def main() -> Pool:
        async with session.create_client("kinesis", **CREDENTIALS) as client:
            pool = pool_of(kinesis, AsyncioRuntime(client), **classes)
            await pool.run()
            return pool

    return asyncio.run(main())


def run_on_threads(kinesis: KinesisFake) -> Pool:
    with closing(ThreadRuntime(boto3.client("kinesis", **CREDENTIALS))) as runtime:
        pool = pool_of(kinesis, runtime)
        run_blocking(pool.run())
        return pool


def wrongs_of(pool: Pool) -> set[str]:
    """The mistakes that a pool has made."""
    numbers = pool.log.numbers
    times = Counter(number for of_key in numbers.values() for number in of_key)
    wrongs = {
        "lost": times.keys() != set(range(RECORDS)),
        "repeated": max(times.values()) > 1,
        "out of order": any(of_key != sorted(of_key) for of_key in numbers.values()),
        "children before parents": any(last > first for last, first in ends_and_beginnings(pool)),
    }
    return {wrong for wrong, is_so in wrongs.items() if is_so}


def ends_and_beginnings(pool: Pool) -> list[tuple[int, int]]:
    """For each parent and child, the place in the log of the parent's last event and of the child's first."""
    events = pool.log.shards
    firsts = {shard_id: place for place, shard_id in reversed([*enumerate(events)])}
    lasts = {shard_id: place for place, shard_id in enumerate(events)}
    return [
        (lasts[parent], firsts[shard.shard_id])
        for shard in pool.kinesis.stream("orders").shards
        for parent in (shard.parent_shard_id, shard.adjacent_parent_shard_id)
        if parent is not None
    ]


def errors_of(pool: Pool) -> set[str]:
    return {code for worker in pool.workers for code in worker.errors}


def check(pool: Pool) -> None:
    assert wrongs_of(pool) == set()
    # Every shard was read: the closed ones to their ends, and after the checkpoints of the others nothing is left.
    stream = pool.kinesis.stream("orders")
    client: Any = pool.kinesis.client()
    checkpoints = pool.leases.checkpoints
    assert checkpoints.keys() == {shard.shard_id for shard in stream.shards}
    assert len(checkpoints) == 15
    for shard in stream.shards:
        assert (checkpoints[shard.shard_id] == SHARD_END) == (not shard.is_open)
        if shard.is_open:
            iterator = client.get_shard_iterator(
                StreamName="orders",
                ShardId=shard.shard_id,
                ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                StartingSequenceNumber=checkpoints[shard.shard_id],
            )
            assert client.get_records(ShardIterator=iterator["ShardIterator"])["Records"] == []
    # All that was to happen has happened.
    assert all(worker.begun for worker in pool.workers)
    assert sum(worker.expired for worker in pool.workers) > 0
    assert "InternalFailureException" in errors_of(pool)
    (consumer,) = stream.consumers
    assert [call.parameters["ConsumerARN"] for call in pool.kinesis.calls.of("DeregisterStreamConsumer")] != [
        consumer.consumer_arn
    ]


@pytest.mark.asyncio_clients
def test_on_asyncio(kinesis: KinesisFake) -> None:
    pool = run_on_asyncio(kinesis)
    check(pool)
    # A second after a stream has broken its subscription still counts; on threads others have slept meanwhile.
    assert "ResourceInUseException" in errors_of(pool)


@pytest.mark.thorough
def test_on_threads(kinesis: KinesisFake) -> None:
    check(run_on_threads(kinesis))


@pytest.mark.asyncio_clients
@pytest.mark.parametrize(
    ("role", "mistaken", "wrongs"),
    [
        ("table_class", ChildrenAtOnce, {"children before parents", "out of order"}),
        ("worker_class", FromTheLastRecord, {"repeated"}),
        ("worker_class", FromNowOn, {"lost"}),
    ],
)
def test_a_pool_that_gets_one_thing_wrong_is_found_out(
    kinesis: KinesisFake, role: str, mistaken: type, wrongs: set[str]
) -> None:
    assert wrongs_of(run_on_asyncio(kinesis, **{role: mistaken})) == wrongs
