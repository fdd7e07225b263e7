"""async-kinesis, a library with a producer and a consumer on aiobotocore."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake

producers = pytest.importorskip("kinesis.producer", reason="async-kinesis needs aiobotocore, and Python 3.11")
consumers = pytest.importorskip("kinesis.consumer")
processors = pytest.importorskip("kinesis.processors")

pytestmark = [
    pytest.mark.interpreter,
    pytest.mark.asyncio,
    pytest.mark.asyncio_clients,
    pytest.mark.fake_kinesis(streams={"events": 4}, virtual_sleep=True),
]


def producer_of(processor: Any, **options: Any) -> Any:
    """A producer that does not hold itself back, for that it does by the clock on the wall."""
    return producers.Producer(
        "events",
        processor=processor,
        put_rate_limit_per_shard=10**6,
        put_bandwidth_limit_per_shard=10**6,
        **options,
    )


async def test_all_records_are_delivered_although_the_batches_are_too_long_at_first(kinesis: KinesisFake) -> None:
    records = {f"event {number}": f"key-{number % 37}" for number in range(1_702)}
    async with producer_of(processors.StringProcessor(), batch_size=600) as producer:
        for data, partition_key in records.items():
            await producer.put(data, partition_key=partition_key)
    # AWS's words, "must have length less than or equal to 500", told it to try a tenth less, and again.
    assert producer.batch_size == 486

    found = kinesis.stream("events").records
    assert len(found) == len(records)
    assert {record.data.decode(): record.partition_key for record in found} == records


async def test_what_its_producer_packs_its_consumer_unpacks_in_order_across_a_split(kinesis: KinesisFake) -> None:
    events = [{"number": number, "text": "x" * 2_000} for number in range(2_000)]
    async with producer_of(processors.JsonLineProcessor()) as producer:
        for event in events[:1_200]:
            await producer.put(event, partition_key="key")
        await producer.flush()
        stream = kinesis.stream("events")
        (parent,) = [shard for shard in stream.shards if shard.records]
        children = stream.split(parent.shard_id)
        for event in events[1_200:]:
            await producer.put(event, partition_key="key")
    assert sum(len(record.data) for record in parent.records) > 2_400_000
    assert sum(len(record.data) for child in children for record in child.records) > 1_600_000

    found: list[Any] = []
    # The consumer stops for good when its queue is empty for two seconds, unless it is told to be more patient. From
    # the end of the parent to the first record of a child it needs longer.
    patient = consumers.Consumer(
        "events", processor=processors.JsonLineProcessor(), shard_fetch_rate=100, idle_timeout=120
    )
    async with patient as consumer:
        async for event in consumer:
            found.append(event)
            if len(found) == len(events):
                break
    assert found == events
    assert kinesis.now > stream.records[-1].approximate_arrival_timestamp
