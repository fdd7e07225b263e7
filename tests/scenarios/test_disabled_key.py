"""Somebody disables the stream's KMS key, and enables it again an hour later. The SDK does not retry that error."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from kinesis_fake import Fault

pytestmark = pytest.mark.kinesis(start="2026-01-01T00:00:00Z", virtual_sleep=True, streams={"orders": 1})

SHARD = "shardId-000000000000"


def iterator_of(client, **position):
    return client.get_shard_iterator(StreamName="orders", ShardId=SHARD, **position)["ShardIterator"]


def wrong_consumer(client, enough):
    """Thinks that any error has to do with its iterator, and goes on with what comes next."""
    got = []
    iterator = iterator_of(client, ShardIteratorType="TRIM_HORIZON")
    while len(got) < enough:
        try:
            answer = client.get_records(ShardIterator=iterator, Limit=2)
        except client.exceptions.ClientError:
            time.sleep(60)
            iterator = iterator_of(client, ShardIteratorType="LATEST")
            enough -= 1  # there is no end to it otherwise
            continue
        got += [record["Data"] for record in answer["Records"]]
        iterator = answer["NextShardIterator"]
    return got


def fragile_consumer(client, enough):
    """Knows nothing of KMS."""
    got = []
    iterator = iterator_of(client, ShardIteratorType="TRIM_HORIZON")
    while len(got) < enough:
        answer = client.get_records(ShardIterator=iterator, Limit=2)
        got += [record["Data"] for record in answer["Records"]]
        iterator = answer["NextShardIterator"]
    return got


def right_consumer(client, enough):
    """Waits until the key is back, and then goes on where it was: with a new iterator, because the old one is old."""
    got = []
    position = {"ShardIteratorType": "TRIM_HORIZON"}
    while len(got) < enough:
        try:
            answer = client.get_records(ShardIterator=iterator_of(client, **position), Limit=2)
        except client.exceptions.KMSDisabledException:
            time.sleep(60)
            continue
        for record in answer["Records"]:
            got.append(record["Data"])
            position = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": record["SequenceNumber"],
            }
    return got


def scenario(kinesis, client, consumer):
    client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId="alias/orders")
    kinesis.settle()
    for number in range(6):
        kinesis.stream("orders").put(str(number))
    reads = 0

    def not_the_first(parameters):
        nonlocal reads
        reads += 1
        return reads > 1

    kinesis.inject(
        Fault.kms_error(
            "GetRecords", code="KMSDisabledException", where=not_the_first, until=kinesis.now + timedelta(hours=1)
        )
    )
    assert consumer(client, 6) == [b"%d" % number for number in range(6)]


def test_the_right_consumer_gets_everything_an_hour_later(kinesis, kinesis_client):
    before = kinesis.now
    scenario(kinesis, kinesis_client, right_consumer)
    assert timedelta(hours=1) <= kinesis.now - before < timedelta(hours=1, minutes=2)
    refused = [call for call in kinesis.calls if call.outcome == "KMSDisabledException"]
    assert {call.attempt for call in refused} == {1}


def test_the_wrong_consumer_skips_what_it_could_not_read(kinesis, kinesis_client):
    with pytest.raises(AssertionError, match=r"\[b'0', b'1'\] == "):
        scenario(kinesis, kinesis_client, wrong_consumer)


def test_the_fragile_consumer_dies(kinesis, kinesis_client):
    with pytest.raises(kinesis_client.exceptions.KMSDisabledException, match="alias/orders is disabled"):
        scenario(kinesis, kinesis_client, fragile_consumer)
