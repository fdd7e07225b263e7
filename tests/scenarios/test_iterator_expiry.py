"""Processing takes longer than the five minutes that an iterator lives."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", virtual_sleep=True, streams={"orders": 1})

SHARD = "shardId-000000000000"


def process(record: Any, done: Any) -> None:
    time.sleep(90)
    done.append(record["Data"])


def wrong_consumer(client: Any, done: Any) -> None:
    """Trusts that the next iterator is good whenever it is used."""
    iterator = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    iterator = iterator["ShardIterator"]
    while True:
        answer = client.get_records(ShardIterator=iterator, Limit=4)
        for record in answer["Records"]:
            process(record, done)
        if answer["MillisBehindLatest"] == 0:
            return
        iterator = answer["NextShardIterator"]


def forgetful_consumer(client: Any, done: Any) -> None:
    """Asks for a new iterator where it began, and so for what it has processed already."""
    while len(done) < 10:
        answer = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
        iterator = answer["ShardIterator"]
        try:
            while len(done) < 10:
                answer = client.get_records(ShardIterator=iterator, Limit=4)
                for record in answer["Records"]:
                    process(record, done)
                iterator = answer["NextShardIterator"]
        except client.exceptions.ExpiredIteratorException:
            continue


def right_consumer(client: Any, done: Any) -> None:
    """Asks for a new iterator after the last record it has processed, if the one at hand has expired."""
    position = {"ShardIteratorType": "TRIM_HORIZON"}
    iterator = None
    while True:
        if iterator is None:
            answer = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, **position)
            iterator = answer["ShardIterator"]
        try:
            answer = client.get_records(ShardIterator=iterator, Limit=4)
        except client.exceptions.ExpiredIteratorException:
            iterator = None
            continue
        for record in answer["Records"]:
            process(record, done)
            position = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": record["SequenceNumber"],
            }
        if answer["MillisBehindLatest"] == 0:
            return
        iterator = answer["NextShardIterator"]


def scenario(kinesis: KinesisFake, client: Any, consumer: Any) -> None:
    for number in range(10):
        kinesis.stream("orders").put(str(number))
    done: list[Any] = []
    consumer(client, done)
    assert done == [b"%d" % number for number in range(10)], f"processed: {b' '.join(done).decode()}"


def test_the_right_consumer_processes_every_record_once(kinesis: KinesisFake, kinesis_client: Any) -> None:
    scenario(kinesis, kinesis_client, right_consumer)
    outcomes = [call.outcome for call in kinesis.calls.of("GetRecords")]
    assert outcomes == ["ok", "ExpiredIteratorException", "ok", "ExpiredIteratorException", "ok"]


def test_the_wrong_consumer_dies_after_its_first_batch(kinesis: KinesisFake, kinesis_client: Any) -> None:
    with refused(
        kinesis_client,
        "ExpiredIteratorException",
        "Iterator expired. The iterator was created at time Thu Jan 01 00:00:00 UTC 2026 while right now it is Thu Jan "
        "01 00:06:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.",
    ):
        scenario(kinesis, kinesis_client, wrong_consumer)


def test_the_forgetful_consumer_processes_records_again(kinesis: KinesisFake, kinesis_client: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, kinesis_client, forgetful_consumer)
    assert str(caught.value).splitlines()[0] == "processed: 0 1 2 3 0 1 2 3 0 1 2 3"
