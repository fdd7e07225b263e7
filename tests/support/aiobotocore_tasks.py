"""Clients, producers and consumers for tests with tasks of aiobotocore."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.libraries import CREDENTIALS, SHARD
from tests.support.models import LOADER

session_module = pytest.importorskip("aiobotocore.session")
from aiobotocore.config import AioConfig  # noqa: E402

#: For each event: when it came, in seconds since the subscription, and the data in it.
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
    """Read a shard until the subscription ends, or until so many records have been read."""
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
