"""aioboto3, which is boto3's interface on aiobotocore."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake
from tests.support.libraries import SHARD
from tests.support.refusals import refused

aioboto3: Any = pytest.importorskip("aioboto3")

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.asyncio_clients,
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z"),
]


async def test_the_whole_way_of_a_record(kinesis: KinesisFake) -> None:
    async with aioboto3.Session().client("kinesis") as client:
        await client.create_stream(StreamName="orders", ShardCount=1)
        await client.get_waiter("stream_exists").wait(StreamName="orders")
        kinesis.inject(Fault.internal_error("PutRecord"))
        put = await client.put_record(StreamName="orders", Data=b"1 teapot", PartitionKey="ada")
        assert put["ResponseMetadata"]["RetryAttempts"] == 1

        pages = client.get_paginator("list_shards").paginate(StreamName="orders")
        assert [shard["ShardId"] async for page in pages for shard in page["Shards"]] == [SHARD]

        registered = await client.register_stream_consumer(
            StreamARN=kinesis.stream("orders").stream_arn, ConsumerName="billing"
        )
        kinesis.settle()
        answer = await client.subscribe_to_shard(
            ConsumerARN=registered["Consumer"]["ConsumerARN"],
            ShardId=SHARD,
            StartingPosition={"Type": "TRIM_HORIZON"},
        )
        events = [event["SubscribeToShardEvent"] async for event in answer["EventStream"]]
        assert [record["Data"] for event in events for record in event["Records"]] == [b"1 teapot"]
        assert len(events) == 60

        with refused(client, "ResourceNotFoundException"):
            await client.describe_stream(StreamName="payments")
