"""One of two shards gets more than it takes. It is split while the load goes on."""

from __future__ import annotations

import re
import time

import pytest

from kinesis_fake import Limits

pytestmark = pytest.mark.kinesis(
    virtual_sleep=True, limits=Limits(shard_write_records_per_second=100), streams={"clicks": 2}
)


class Producer:
    """Puts 110 records a second under two busy keys, and one under a third; keeps what was refused for later."""

    def __init__(self, client, keys):
        self._client = client
        self._records = [{"PartitionKey": key, "Data": b"click"} for key in [*keys[:2] * 55, keys[2]]]
        self._backlog = []
        self.hot_shard_ids = set()

    def run_for_a_second(self):
        """Put a second's worth; the number of records that are left."""
        records = self._backlog + self._records
        self._backlog = []
        for first in range(0, len(records), 500):
            batch = records[first : first + 500]
            answer = self._client.put_records(StreamName="clicks", Records=batch)
            for record, entry in zip(batch, answer["Records"], strict=True):
                if "ErrorCode" in entry:
                    self._backlog.append(record)
                    self.hot_shard_ids.update(re.findall(r"shardId-\d+", entry["ErrorMessage"]))
        time.sleep(1)
        return len(self._backlog)


def middle_of(shard):
    start, end = (int(shard["HashKeyRange"][name]) for name in ("StartingHashKey", "EndingHashKey"))
    return str((start + end + 1) // 2)


def wrong_relief(client, producer):
    """Splits the first shard that can be split."""
    shard = client.list_shards(StreamName="clicks", ShardFilter={"Type": "AT_LATEST"})["Shards"][0]
    client.split_shard(StreamName="clicks", ShardToSplit=shard["ShardId"], NewStartingHashKey=middle_of(shard))


def right_relief(client, producer):
    """Splits the shard that refuses records, in the middle of its hash keys."""
    shards = client.list_shards(StreamName="clicks", ShardFilter={"Type": "AT_LATEST"})["Shards"]
    (shard,) = [shard for shard in shards if shard["ShardId"] in producer.hot_shard_ids]
    client.split_shard(StreamName="clicks", ShardToSplit=shard["ShardId"], NewStartingHashKey=middle_of(shard))


def keys_for(kinesis):
    """Two keys of the second shard, one in each half of it, and one of the first shard."""
    rehearsal = kinesis.create_stream("rehearsal", shards=4)
    return [kinesis.partition_key_for("rehearsal", rehearsal.shards[index].shard_id) for index in (2, 3, 0)]


def scenario(kinesis, client, relieve):
    producer = Producer(client, keys_for(kinesis))
    while producer.run_for_a_second() < 20:
        pass
    relieve(client, producer)
    backlogs = [producer.run_for_a_second() for _ in range(60)]
    # While the split lasts, the parent refuses as much as before; then the children work the backlog off.
    assert backlogs[20] - backlogs[0] == 20 * 10
    assert backlogs[-1] == 0


def test_the_right_relief_lets_the_backlog_vanish_and_nothing_is_lost(kinesis, client):
    scenario(kinesis, client, right_relief)
    records = kinesis.stream("clicks").records
    assert len(records) == 111 * 62
    assert len({record.sequence_number for record in records}) == len(records)


def test_the_wrong_relief_relieves_nobody(kinesis, client):
    with pytest.raises(AssertionError, match="assert 620 == 0"):
        scenario(kinesis, client, wrong_relief)
    assert len(kinesis.stream("clicks").open_shards) == 3
