"""Tasks that call side by side."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from kinesis_fake import Fault, KinesisFake, KinesisFakeError
from tests.support.aiobotocore_tasks import new_client, put, texts
from tests.support.libraries import SHARD

pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio_clients]


@pytest.mark.asyncio
@pytest.mark.fake_kinesis(streams={"orders": 1})
async def test_a_task_that_polls_without_a_pause_lets_the_others_go_on(kinesis: KinesisFake) -> None:
    async with new_client() as client:

        async def poll() -> list[bytes]:
            answer = await client.get_shard_iterator(
                StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON"
            )
            iterator = answer["ShardIterator"]
            read: list[bytes] = []
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
    assert isinstance(denied, ClientError)
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
