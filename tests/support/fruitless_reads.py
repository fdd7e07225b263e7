"""A fixture for tests of loops that read for ever."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake.virtual_time.fruitless_reads import ENOUGH_TO_TELL, MAX_FRUITLESS_READS

SHARD = "shardId-000000000000"


@pytest.fixture(autouse=True)
def fewer_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sixty fruitless reads count as an endless loop, because ten thousand would take too long."""
    assert (MAX_FRUITLESS_READS, ENOUGH_TO_TELL) == (10_000, 100)
    monkeypatch.setattr("kinesis_fake.virtual_time.fruitless_reads.MAX_FRUITLESS_READS", 60)
    monkeypatch.setattr("kinesis_fake.virtual_time.fruitless_reads.ENOUGH_TO_TELL", 20)


def iterator_of(client: Any, shard_id: str = SHARD) -> str:
    answer = client.get_shard_iterator(StreamName="orders", ShardId=shard_id, ShardIteratorType="LATEST")
    iterator: str = answer["ShardIterator"]
    return iterator
