"""A reader is slower than its producer, until retention overtakes it; AWS gives no error for that."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kinesis_fake import KinesisFake

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", virtual_sleep=True, streams={"orders": 1})

SHARD = "shardId-000000000000"
HOUR_MS = 3_600_000


def read_slowly(client: Any, done: Any, look_at_lag: Any) -> None:
    """Take half an hour for a record, and a new iterator for each."""
    position = {"ShardIteratorType": "TRIM_HORIZON"}
    while True:
        iterator = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, **position)["ShardIterator"]
        answer = client.get_records(ShardIterator=iterator, Limit=1)
        if not answer["Records"]:
            return
        look_at_lag(answer["MillisBehindLatest"])
        (record,) = answer["Records"]
        time.sleep(1800)
        done.append(int(record["Data"]))
        position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": record["SequenceNumber"]}


def wrong_consumer(client: Any, done: Any) -> None:
    """Trusts that what was put will be there when it gets round to it."""
    read_slowly(client, done, look_at_lag=lambda millis_behind_latest: None)


def right_consumer(client: Any, done: Any) -> None:
    """Has the records kept for longer when it falls behind by half the retention period."""

    def look_at_lag(millis_behind_latest: Any) -> None:
        summary = client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
        hours = summary["RetentionPeriodHours"]
        if millis_behind_latest > hours * HOUR_MS / 2:
            client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=2 * hours)

    read_slowly(client, done, look_at_lag)


def scenario(kinesis: KinesisFake, client: Any, consumer: Any) -> None:
    for number in range(60):
        kinesis.stream("orders").put(str(number))
        kinesis.advance(minutes=10)
    done: list[Any] = []
    consumer(client, done)
    assert done == sorted(set(done))
    lost = sorted(set(range(60)) - set(done))
    assert not lost, f"lost: {lost}"


def test_the_right_consumer_loses_nothing(kinesis: KinesisFake, kinesis_client: Any) -> None:
    scenario(kinesis, kinesis_client, right_consumer)
    assert kinesis.stream("orders").retention_period_hours == 96


def test_the_wrong_consumer_loses_records_without_an_error(kinesis: KinesisFake, kinesis_client: Any) -> None:
    # A record is put every ten minutes, and read every thirty: from the day's end on, two of three are gone.
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, kinesis_client, wrong_consumer)
    assert str(caught.value).splitlines()[0] == "lost: [42, 44, 45, 47, 48, 50, 51, 53, 54, 56, 57, 59]"
    assert {call.outcome for call in kinesis.calls} == {"ok"}
