"""How long an event source mapping takes to hand many records over to a handler that does nothing."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks import work

if TYPE_CHECKING:
    from kinesis_fake import KinesisFake

BATCH_SIZE = 100


def seconds_for(kinesis: KinesisFake, records: int) -> float:
    """The processor time of one drain, in batches of a hundred from four shards."""
    kinesis.create_stream("mapped", shards=work.SHARDS)
    client = kinesis.client()
    for first in range(0, records, work.PUT_RECORDS):
        batch: list[Any] = [
            {"Data": b"s" * 100, "PartitionKey": f"customer-{first + offset}"} for offset in range(work.PUT_RECORDS)
        ]
        client.put_records(StreamName="mapped", Records=batch)
        kinesis.advance(milliseconds=work.PAUSE_MS)
    seen = 0

    def handler(event: dict[str, Any], context: object) -> None:
        nonlocal seen
        seen += len(event["Records"])

    mapping = kinesis.event_source_mapping(handler, "mapped", batch_size=BATCH_SIZE)
    gc.collect()
    gc.disable()
    try:
        before = time.thread_time()
        mapping.drain()
        seconds = time.thread_time() - before
    finally:
        gc.enable()
    assert seen == records
    return seconds
