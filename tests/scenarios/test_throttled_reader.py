"""Four readers share a shard, which gives five reads and two mebibytes a second to all of them together."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z", virtual_sleep=True, rate_limits=True, streams={"orders": 1}
)

SHARD = "shardId-000000000000"
TOO_MUCH = (
    "An error occurred (ProvisionedThroughputExceededException) when calling the GetRecords operation "
    f"(reached max retries: 0): Rate exceeded for Shard - 123456789012/orders/{SHARD}"
)
MAX_ATTEMPTS = 30


class Reader:
    """Reads the shard bit by bit; ``wait`` is what it does when AWS says that this is too much."""

    def __init__(self, client: Any, wait: Any) -> None:
        self._client = client
        self._wait = wait
        answer = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
        self._iterator = answer["ShardIterator"]
        self.got: list[Any] = []

    def read(self) -> None:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                answer = self._client.get_records(ShardIterator=self._iterator, Limit=1)
            except self._client.exceptions.ProvisionedThroughputExceededException:
                if attempt == MAX_ATTEMPTS:
                    raise
                self._wait(attempt)
            else:
                self._iterator = answer["NextShardIterator"]
                self.got += [int(record["Data"][:1]) for record in answer["Records"]]
                return


def wrong_wait(attempt: Any) -> None:
    """Tries again at once: while it does, no time passes that would help."""


def right_wait(attempt: Any) -> None:
    """Backs off, each time for longer."""
    time.sleep(min(2 ** (attempt - 1), 10))


def scenario(kinesis: KinesisFake, client: Any, wait: Any) -> None:
    for number in range(8):
        kinesis.stream("orders").put(b"%d" % number + bytes(900_000))
    readers = [Reader(client, wait) for _ in range(4)]
    for _ in range(8):
        for reader in readers:
            reader.read()
    assert [reader.got for reader in readers] == [list(range(8))] * 4


def test_the_right_readers_all_get_through(kinesis: KinesisFake, client: Any) -> None:
    before = kinesis.now
    scenario(kinesis, client, right_wait)
    # Of 32 reads of 900 kB three go in a row; then the shard rests for 1.3 s, and the reader for one second and two.
    outcomes = Counter(call.outcome for call in kinesis.calls.of("GetRecords"))
    assert outcomes == {"ok": 32, "ProvisionedThroughputExceededException": 2 * 10}
    assert kinesis.now - before == timedelta(seconds=3 * 10)


def test_the_wrong_reader_gives_up(kinesis: KinesisFake, client: Any) -> None:
    before = kinesis.now
    with refused(client, "ProvisionedThroughputExceededException") as caught:
        scenario(kinesis, client, wrong_wait)
    assert str(caught.value) == TOO_MUCH
    outcomes = [call.outcome for call in kinesis.calls.of("GetRecords")]
    assert outcomes == ["ok"] * 3 + ["ProvisionedThroughputExceededException"] * MAX_ATTEMPTS
    assert kinesis.now == before
