"""Four readers share a shard, which gives five reads and two mebibytes a second to all of them together."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.kinesis(virtual_sleep=True, rate_limits=True, streams={"orders": 1})

SHARD = "shardId-000000000000"


class Reader:
    """Reads the shard bit by bit; ``wait`` is what it does when AWS says that this is too much."""

    def __init__(self, client, wait):
        self._client = client
        self._wait = wait
        answer = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
        self._iterator = answer["ShardIterator"]
        self.got = []

    def read(self):
        for attempt in range(30):
            try:
                answer = self._client.get_records(ShardIterator=self._iterator, Limit=1)
            except self._client.exceptions.ProvisionedThroughputExceededException:
                self._wait(attempt)
            else:
                self._iterator = answer["NextShardIterator"]
                self.got += [record["Data"][:1] for record in answer["Records"]]
                return
        raise TimeoutError("the shard does not let me read")


def wrong_wait(attempt):
    """Tries again at once: while it does, no time passes that would help."""


def right_wait(attempt):
    """Backs off, each time for longer."""
    time.sleep(min(2**attempt, 10))


def scenario(kinesis, client, wait):
    for number in range(8):
        kinesis.stream("orders").put(b"%d" % number + bytes(900_000))
    readers = [Reader(client, wait) for _ in range(4)]
    for _ in range(8):
        for reader in readers:
            reader.read()
    for reader in readers:
        assert reader.got == [b"%d" % number for number in range(8)]


def test_the_right_readers_all_get_through(kinesis, client):
    scenario(kinesis, client, right_wait)
    assert "ProvisionedThroughputExceededException" in [call.outcome for call in kinesis.calls]


def test_the_wrong_reader_gives_up(kinesis, client):
    with pytest.raises(TimeoutError, match="does not let me read"):
        scenario(kinesis, client, wrong_wait)
