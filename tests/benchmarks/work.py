"""The calls that are measured: the same for every contender, with partition keys that no contender has used before."""

from __future__ import annotations

from itertools import count
from typing import Any

STREAM_NAME = "orders"
SHARDS = 4
#: A stream of one shard, from whose first shard ``get_records`` reads.
READ_STREAM_NAME = "read"
READ_RECORDS = 1000
PUT_RECORDS = 500
#: Calls of put_records that every contender has answered before it is measured: moto gets slower with each.
PUTS_BEFORE = 20
#: How long a producer lets pass between two calls, so that records differ in their arrival.
PAUSE_MS = 3

_SMALL = b"s" * 100
_LARGE = [bytes([65 + number % 26]) * 1024 for number in range(PUT_RECORDS)]
_keys = count()


def put_record() -> dict[str, Any]:
    return {"StreamName": STREAM_NAME, "Data": _SMALL, "PartitionKey": f"customer-{next(_keys)}"}


def put_records(stream_name: str = STREAM_NAME) -> dict[str, Any]:
    records = [{"Data": data, "PartitionKey": f"customer-{next(_keys)}"} for data in _LARGE]
    return {"StreamName": stream_name, "Records": records}


def get_shard_iterator() -> dict[str, Any]:
    return {
        "StreamName": READ_STREAM_NAME,
        "ShardId": "shardId-000000000000",
        "ShardIteratorType": "TRIM_HORIZON",
    }


def describe_stream_summary() -> dict[str, Any]:
    return {"StreamName": STREAM_NAME}
