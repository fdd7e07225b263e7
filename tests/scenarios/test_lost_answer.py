"""The answer to a put is lost, the SDK tries again, and the record is there twice."""

from __future__ import annotations

import json

import pytest

from kinesis_fake import Fault

pytestmark = pytest.mark.kinesis(streams={"payments": 1})

SHARD = "shardId-000000000000"


def pay(client, payment_id, amount):
    data = json.dumps({"id": payment_id, "amount": amount}).encode()
    return client.put_record(StreamName="payments", PartitionKey=payment_id, Data=data)


def payments(client):
    """All payments of the stream, as they are delivered."""
    iterator = client.get_shard_iterator(StreamName="payments", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    answer = client.get_records(ShardIterator=iterator["ShardIterator"])
    return [(record["SequenceNumber"], json.loads(record["Data"])) for record in answer["Records"]]


def wrong_consumer(client):
    """Adds up what is delivered, once for each sequence number, which does not help: the second record has another."""
    seen = {}
    for sequence_number, payment in payments(client):
        seen[sequence_number] = payment["amount"]
    return sum(seen.values())


def right_consumer(client):
    """Adds up each payment once, told by an id that the producer has given to it."""
    return sum({payment["id"]: payment["amount"] for _, payment in payments(client)}.values())


def scenario(kinesis, client, consumer):
    pay(client, "first", 100)
    kinesis.inject(Fault.read_timeout("PutRecord"))
    pay(client, "second", 20)
    pay(client, "third", 3)
    assert consumer(client) == 123


def test_the_right_consumer_counts_a_payment_once(kinesis, kinesis_client):
    scenario(kinesis, kinesis_client, right_consumer)
    assert len(kinesis.stream("payments").records) == 4


def test_the_wrong_consumer_counts_a_payment_twice(kinesis, kinesis_client):
    with pytest.raises(AssertionError):
        scenario(kinesis, kinesis_client, wrong_consumer)
    assert wrong_consumer(kinesis_client) == 143
