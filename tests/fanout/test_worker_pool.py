"""A pool of workers reads 50,000 records through reshards, a re-registration, failures and the loss of a worker."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from kinesis_fake import Fault, KinesisFake
from tests.bare_machine import LOADER
from tests.fanout.conftest import CREDENTIALS
from tests.fanout.worker_pool import AsyncioRuntime, LeaseTable, Runtime, ThreadRuntime, Worker, run_blocking

RECORDS = 50_000
BATCH = 500
KEYS = 97

pytestmark = pytest.mark.kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 3}, virtual_sleep=True)


class Log:
    """What was processed, in order; several threads may write."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._notify = notify
        self.numbers: defaultdict[str, list[int]] = defaultdict(list)
        self.shards: list[str] = []
        self.count = 0

    def process(self, shard_id: str, records: list[dict[str, Any]]) -> None:
        with self._lock:
            if shard_id not in self.shards:
                self.shards.append(shard_id)
            for record in records:
                self.numbers[record["PartitionKey"]].append(int(record["Data"]))
            self.count += len(records)
        self._notify()


async def produce(runtime: Runtime, workers: list[Worker], consumer_arn: str) -> None:
    """Put the records, and let happen on the way what happens to streams."""

    async def replace_consumer() -> None:
        await runtime.call("deregister_stream_consumer", ConsumerARN=consumer_arn)

    async def lose_worker() -> None:
        workers[0].stop()

    incidents: dict[int, Callable[[], Any]] = {
        8_000: lambda: runtime.call(
            "split_shard", StreamName="orders", ShardToSplit="shardId-000000000001", NewStartingHashKey=str(2**127)
        ),
        16_000: replace_consumer,
        24_000: lambda: runtime.call(
            "update_shard_count", StreamName="orders", TargetShardCount=6, ScalingType="UNIFORM_SCALING"
        ),
        32_000: lose_worker,
        40_000: lambda: runtime.call(
            "update_shard_count", StreamName="orders", TargetShardCount=3, ScalingType="UNIFORM_SCALING"
        ),
    }
    for first in range(0, RECORDS, BATCH):
        entries = [
            {"Data": b"%d" % number, "PartitionKey": f"customer-{number % KEYS}"}
            for number in range(first, first + BATCH)
        ]
        while entries:
            answer = await runtime.call("put_records", StreamName="orders", Records=entries)
            entries = [entry for entry, result in zip(entries, answer["Records"], strict=True) if "ErrorCode" in result]
        if first in incidents:
            await incidents[first]()
        await runtime.sleep(5)


async def stop_when_done(runtime: Runtime, log: Log, workers: list[Worker]) -> None:
    await runtime.wait_for(lambda: log.count >= RECORDS)
    for worker in workers:
        worker.stop()


async def run_pool(kinesis: KinesisFake, runtime: Runtime) -> tuple[Log, LeaseTable, list[Worker]]:
    log, leases = Log(runtime.notify), LeaseTable(runtime.notify)
    arn = kinesis.stream("orders").stream_arn
    for shard in kinesis.stream("orders").shards:
        leases.add(shard.shard_id, [])
    workers = [Worker(f"worker-{number}", runtime, leases, arn, "billing", log.process) for number in range(3)]
    registered = await runtime.call("register_stream_consumer", StreamARN=arn, ConsumerName="billing")
    kinesis.inject(Fault.broken_stream(times=5))
    kinesis.inject(Fault.internal_error("SubscribeToShard", times=5))
    await runtime.join(
        [
            *(runtime.start(worker.run()) for worker in workers),
            runtime.start(produce(runtime, workers, registered["Consumer"]["ConsumerARN"])),
            runtime.start(stop_when_done(runtime, log, workers)),
        ]
    )
    return log, leases, workers


def check(kinesis: KinesisFake, log: Log, leases: LeaseTable, workers: list[Worker]) -> None:
    # Every record once, and those of a key in the order in which they were put.
    assert log.count == RECORDS
    assert log.numbers == {f"customer-{key}": list(range(key, RECORDS, KEYS)) for key in range(KEYS)}
    # No shard before its parents.
    shards = {shard.shard_id: shard for shard in kinesis.stream("orders").shards}
    assert len(shards) > 9
    assert len(leases.finished) > 5
    for shard_id in log.shards:
        parents = {shards[shard_id].parent_shard_id, shards[shard_id].adjacent_parent_shard_id} - {None}
        assert parents <= set(leases.finished)
        assert all(log.shards.index(parent) < log.shards.index(shard_id) for parent in parents if parent in log.shards)
    assert len(leases.finished) == len(set(leases.finished))
    assert not any(shards[shard_id].is_open for shard_id in leases.finished)
    # All that was to happen has happened.
    assert all(worker.subscriptions for worker in workers)
    errors = {code for worker in workers for code in worker.errors}
    assert {"InternalFailureException", "ResourceInUseException"} <= errors
    arns = {consumer.consumer_arn for consumer in kinesis.stream("orders").consumers}
    assert len(arns) == 1
    assert arns.isdisjoint({kinesis.calls.of("DeregisterStreamConsumer")[0].parameters["ConsumerARN"]})


def test_on_asyncio(kinesis: KinesisFake) -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()
    session.register_component("data_loader", LOADER)

    async def main() -> None:
        async with session.create_client("kinesis", **CREDENTIALS) as client:
            check(kinesis, *await run_pool(kinesis, AsyncioRuntime(client)))

    asyncio.run(main())


def test_on_threads(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis", **CREDENTIALS)
    check(kinesis, *run_blocking(run_pool(kinesis, ThreadRuntime(client))))
