"""One of two shards gets more than the mebibyte a second that it takes. It is split while the load goes on."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    virtual_sleep=True,
    rate_limits=True,
    durations=Durations(splitting_ms=5_000),
    streams={"images": 2},
)

#: A shard takes five of these a second, and no sixth.
IMAGE = bytes(200 * 1024)


class Producer:
    """Puts three images a second under each of two busy keys, and a note under a third; keeps for later what failed."""

    def __init__(self, client: Any, keys: Any) -> None:
        self._client = client
        *busy, quiet = keys
        images = [{"PartitionKey": key, "Data": IMAGE} for key in busy]
        self._records = [*images * 3, {"PartitionKey": quiet, "Data": b"a note"}]
        self._backlog: list[Any] = []
        self.hot_shard_ids: set[Any] = set()

    def run_for_a_second(self) -> Any:
        """Put a second's worth; the number of records that are left."""
        records = self._backlog + self._records
        answer = self._client.put_records(StreamName="images", Records=records)
        entries = answer["Records"]
        self._backlog = [record for record, entry in zip(records, entries, strict=True) if "ErrorCode" in entry]
        messages = (entry.get("ErrorMessage", "") for entry in entries)
        self.hot_shard_ids.update(chain.from_iterable(re.findall(r"shardId-\d+", message) for message in messages))
        time.sleep(1)
        return len(self._backlog)


def split_in_the_middle(client: Any, shard: Any) -> None:
    start, end = (int(shard["HashKeyRange"][name]) for name in ("StartingHashKey", "EndingHashKey"))
    middle = str((start + end + 1) // 2)
    client.split_shard(StreamName="images", ShardToSplit=shard["ShardId"], NewStartingHashKey=middle)


def open_shards(client: Any) -> Any:
    return client.list_shards(StreamName="images", ShardFilter={"Type": "AT_LATEST"})["Shards"]


def wrong_relief(client: Any, producer: Any) -> None:
    """Splits the first shard that can be split."""
    split_in_the_middle(client, open_shards(client)[0])


def right_relief(client: Any, producer: Any) -> None:
    """Splits the shard that refuses records."""
    (shard,) = [shard for shard in open_shards(client) if shard["ShardId"] in producer.hot_shard_ids]
    split_in_the_middle(client, shard)


def keys_for(kinesis: KinesisFake) -> Any:
    """Two keys of the second shard, one in each half of it, and one of the first shard."""
    rehearsal = kinesis.create_stream("rehearsal", shards=4)
    return [kinesis.partition_key_for("rehearsal", rehearsal.shards[index].shard_id) for index in (2, 3, 0)]


def scenario(kinesis: KinesisFake, client: Any, relieve: Any) -> None:
    producer = Producer(client, keys_for(kinesis))
    while producer.run_for_a_second() < 3:
        pass
    relieve(client, producer)
    backlogs = [producer.run_for_a_second() for _ in range(9)]
    # Whatever is split, the hot shard refuses one record a second as long as that lasts.
    assert backlogs[:5] == [4, 5, 6, 7, 8]
    assert backlogs[-1] == 0, f"left: {backlogs[5:]}"


def test_the_right_relief_lets_the_backlog_vanish_and_nothing_is_lost(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    before = kinesis.now
    scenario(kinesis, kinesis_client, right_relief)
    # The quiet shard has its notes, the hot one five images a second, and its children have the rest.
    assert [len(shard.records) for shard in kinesis.stream("images").shards] == [12, 8 * 5, 16, 16]
    assert kinesis.now - before == timedelta(seconds=12)


def test_the_wrong_relief_relieves_no_reader(kinesis: KinesisFake, kinesis_client: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, kinesis_client, wrong_relief)
    assert str(caught.value).splitlines()[0] == "left: [9, 10, 11, 12]"
    assert len(kinesis.stream("images").open_shards) == 3
