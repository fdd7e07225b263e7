"""A producer and a consumer as two tasks on one client of aiobotocore."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.bare_machine import run_script

session_module = pytest.importorskip("aiobotocore.session")

RECORDS = 2_000


async def produce(client: Any) -> None:
    """Put records one batch after the other, and split and merge shards on the way."""
    waiter = client.get_waiter("stream_exists")
    for first in range(0, RECORDS, 100):
        answer = await client.put_records(
            StreamName="orders",
            Records=[
                {"Data": str(number).encode(), "PartitionKey": f"customer-{number % 11}"}
                for number in range(first, first + 100)
            ],
        )
        assert answer["FailedRecordCount"] == 0
        if first == 500:
            await client.split_shard(
                StreamName="orders", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**126)
            )
        elif first == 1_000:
            await waiter.wait(StreamName="orders")
        elif first == 1_200:
            await client.merge_shards(
                StreamName="orders", ShardToMerge="shardId-000000000003", AdjacentShardToMerge="shardId-000000000001"
            )
            await waiter.wait(StreamName="orders")
        await asyncio.sleep(0)


class Consumer:
    """Reads every shard in a task of its own, and the children of a shard when their parents have ended."""

    def __init__(self, client: Any, producer: asyncio.Task[None]) -> None:
        self._client = client
        self._producer = producer
        self._ended: set[str] = set()
        self.records: defaultdict[str, list[int]] = defaultdict(list)
        self.shard_ids: list[str] = []

    async def run(self) -> None:
        pages = self._client.get_paginator("list_shards").paginate(StreamName="orders")
        shards = [shard async for page in pages for shard in page["Shards"]]
        await asyncio.gather(*(self._read(shard["ShardId"]) for shard in shards))

    async def _read(self, shard_id: str) -> None:
        self.shard_ids.append(shard_id)
        start = await self._client.get_shard_iterator(
            StreamName="orders", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
        )
        iterator = start["ShardIterator"]
        while True:
            is_last_look = self._producer.done()
            answer = await self._client.get_records(ShardIterator=iterator, Limit=30)
            for record in answer["Records"]:
                self.records[record["PartitionKey"]].append(int(record["Data"]))
            if "NextShardIterator" not in answer:
                break
            if is_last_look and answer["MillisBehindLatest"] == 0:
                return
            iterator = answer["NextShardIterator"]
            await asyncio.sleep(0)
        self._ended.add(shard_id)
        children = [child for child in answer["ChildShards"] if self._ended.issuperset(child["ParentShards"])]
        await asyncio.gather(*(self._read(child["ShardId"]) for child in children))


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 2})
async def test_two_tasks_lose_nothing_and_keep_the_order_through_a_split_and_a_merge(kinesis: KinesisFake) -> None:
    async with session_module.get_session().create_client("kinesis") as client:
        producer = asyncio.create_task(produce(client))
        consumer = Consumer(client, producer)
        await consumer.run()
        await producer

    assert sorted(consumer.shard_ids) == [f"shardId-{index:012d}" for index in range(5)]
    assert consumer.records == {f"customer-{customer}": list(range(customer, RECORDS, 11)) for customer in range(11)}
    assert all(shard.records for shard in kinesis.stream("orders").shards)


def test_a_package_that_is_imported_inside_the_fake_is_answered_as_well(tmp_path: Path) -> None:
    script = """
import asyncio, time
from kinesis_fake import fake_kinesis

pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio_clients]

@fake_kinesis
async def main(kinesis):
    from aiobotocore.session import get_session

    started_at = time.monotonic()
    async with get_session().create_client("kinesis") as client:
        await client.create_stream(StreamName="orders", ShardCount=1)
        await client.get_waiter("stream_exists").wait(StreamName="orders")
    print(kinesis.stream("orders").status)
    assert time.monotonic() - started_at < 8  # a waiter that sleeps does so for ten seconds

asyncio.run(main())
"""
    assert run_script(script, tmp_path) == "ACTIVE\n"
