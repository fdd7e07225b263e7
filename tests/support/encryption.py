"""What tests of encryption do and expect."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Durations

A = "123456789012"
KEY = "alias/aws/kinesis"
GUID = "12345678-1234-1234-1234-123456789012"
SHARD = "shardId-000000000000"
instant = pytest.mark.fake_kinesis(durations=Durations.instant())


def start(client: Any, key_id: str = KEY, stream_name: str = "orders") -> None:
    client.start_stream_encryption(StreamName=stream_name, EncryptionType="KMS", KeyId=key_id)


def stop(client: Any, key_id: str = KEY, stream_name: str = "orders") -> None:
    client.stop_stream_encryption(StreamName=stream_name, EncryptionType="KMS", KeyId=key_id)


def put(client: Any, data: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.put_record(StreamName="orders", Data=data, PartitionKey="key")
    return answer


def iterator(client: Any, shard_id: str = SHARD) -> str:
    answer = client.get_shard_iterator(StreamName="orders", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    shard_iterator: str = answer["ShardIterator"]
    return shard_iterator


def read(client: Any, shard_id: str = SHARD, **parameters: Any) -> list[tuple[bytes, str | None]]:
    """Data and EncryptionType of the records of a shard."""
    answer = client.get_records(ShardIterator=iterator(client, shard_id), **parameters)
    return [(record["Data"], record.get("EncryptionType")) for record in answer["Records"]]
