"""aiokpl, a producer that aggregates, against the fake."""

from __future__ import annotations

import asyncio

import pytest

from kinesis_fake import KinesisFake

aiokpl = pytest.importorskip("aiokpl", reason="aiokpl wants aiobotocore")


@pytest.mark.asyncio_clients
@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2})
def test_what_aiokpl_has_aggregated_arrives_record_by_record(kinesis: KinesisFake) -> None:
    async def produce() -> None:
        config = aiokpl.Config(region="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
        async with aiokpl.Producer(config) as producer:
            for number in range(50):
                await producer.put_record(
                    stream="orders", partition_key=f"customer-{number % 7}", data=str(number).encode()
                )
            await producer.put_record(stream="orders", partition_key="explicit", data=b"50", explicit_hash_key="7")

    asyncio.run(produce())
    stream = kinesis.stream("orders")
    assert len(stream.records) < 10
    assert sorted(int(each.data) for each in stream.user_records) == list(range(51))
    for shard in stream.shards:
        for record in shard.records:
            for each in record.user_records:
                assert each.hash_key is not None
                assert shard.starting_hash_key <= each.hash_key <= shard.ending_hash_key
    (explicit,) = [each for each in stream.user_records if each.partition_key == "explicit"]
    assert explicit.explicit_hash_key == 7
