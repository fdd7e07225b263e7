"""The cost of many records: whether they make calls slower, and how much memory each takes."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.benchmarks import work
from tests.benchmarks.rounds import Arguments, Calls, compare

if TYPE_CHECKING:
    from kinesis_fake import KinesisFake

FEW = 1_000
PAGE = 100


def measure_growth(kinesis: KinesisFake, many: int, rounds: int) -> tuple[float, float]:
    """How many times longer put_record and get_records take at ``many`` records in the shard than at a thousand."""
    client = kinesis.client()
    for stream_name, records in (("few", FEW), ("many", many)):
        kinesis.create_stream(stream_name, shards=1)
        for _ in range(records // work.PUT_RECORDS):
            client.put_records(**_small_records(stream_name))
            kinesis.advance(milliseconds=work.PAUSE_MS)

    def put(stream_name: str) -> Calls:
        def batch(_: int) -> Sequence[Arguments]:
            return [{**work.put_record(), "StreamName": stream_name} for _ in range(20)]

        return Calls(client.put_record, batch, lambda: kinesis.advance(milliseconds=work.PAUSE_MS))

    def get(stream_name: str, number: int) -> Calls:
        middle = kinesis.stream(stream_name).shards[0].records[number // 2].sequence_number

        def batch(_: int) -> Sequence[Arguments]:
            where: dict[str, Any] = {"ShardId": "shardId-000000000000", "ShardIteratorType": "AT_SEQUENCE_NUMBER"}
            iterator = client.get_shard_iterator(StreamName=stream_name, StartingSequenceNumber=middle, **where)
            return [{"ShardIterator": iterator["ShardIterator"], "Limit": PAGE}] * 20

        return Calls(client.get_records, batch)

    reading = compare([get("many", many), get("few", FEW)], rounds).ratios[1]
    # Writing comes last, and briefly, so that there are still few.
    writing = compare([put("many"), put("few")], rounds).ratios[1]
    return writing, reading


def _small_records(stream_name: str) -> dict[str, Any]:
    keys = count()
    records = [{"Data": b"small", "PartitionKey": f"customer-{next(keys)}"} for _ in range(work.PUT_RECORDS)]
    return {"StreamName": stream_name, "Records": records}


def bytes_per_record(kinesis: KinesisFake, records: int, records_per_call: int) -> float:
    """The memory of a record without its data and its partition key, which are made before the counting begins."""
    kinesis.create_stream("memory", shards=work.SHARDS)
    client: Any = kinesis.client()
    batches = [
        [{"Data": b"data", "PartitionKey": f"customer-{first + offset}"} for offset in range(records_per_call)]
        for first in range(0, records, records_per_call)
    ]
    client.put_records(StreamName="memory", Records=batches.pop())
    gc.collect()
    tracemalloc.start()
    try:
        for batch in batches:
            client.put_records(StreamName="memory", Records=batch)
            kinesis.advance(milliseconds=work.PAUSE_MS)
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return used / len(batches) / records_per_call
