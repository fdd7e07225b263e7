"""Processing takes longer than the five minutes that an iterator lives."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.kinesis(virtual_sleep=True, streams={"orders": 1})

SHARD = "shardId-000000000000"


def process(record, done):
    time.sleep(90)
    done.append(record["Data"])


def wrong_consumer(client, done):
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


def right_consumer(client, done):
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


def scenario(kinesis, client, consumer):
    for number in range(10):
        kinesis.stream("orders").put(str(number))
    done = []
    consumer(client, done)
    assert done == [b"%d" % number for number in range(10)]


def test_the_right_consumer_processes_every_record_once(kinesis, kinesis_client):
    scenario(kinesis, kinesis_client, right_consumer)
    assert "ExpiredIteratorException" in [call.outcome for call in kinesis.calls]


def test_the_wrong_consumer_dies(kinesis, kinesis_client):
    with pytest.raises(kinesis_client.exceptions.ExpiredIteratorException, match="300000 milliseconds"):
        scenario(kinesis, kinesis_client, wrong_consumer)
