"""PutRecords succeeds, HTTP status 200 and all, and some of its records were not written."""

from __future__ import annotations

import time

import pytest

from kinesis_fake import Fault

pytestmark = pytest.mark.kinesis(virtual_sleep=True, streams={"orders": 2})

RECORDS = [{"Data": b"%d" % number, "PartitionKey": f"key-{number}"} for number in range(50)]


def wrong_producer(client):
    """Takes an answer without an exception for success."""
    client.put_records(StreamName="orders", Records=RECORDS)


def overzealous_producer(client):
    """Sends everything again if anything has failed."""
    while client.put_records(StreamName="orders", Records=RECORDS)["FailedRecordCount"]:
        time.sleep(1)


def right_producer(client):
    """Sends again what has failed, and nothing else."""
    records = RECORDS
    while records:
        answer = client.put_records(StreamName="orders", Records=records)
        pairs = zip(records, answer["Records"], strict=True)
        records = [record for record, entry in pairs if "ErrorCode" in entry]
        if records:
            time.sleep(1)


def scenario(kinesis, client, producer):
    kinesis.inject(Fault.partial_failure(fraction=0.3, times=3))
    producer(client)
    written = sorted(int(record.data) for record in kinesis.stream("orders").records)
    assert written == list(range(50))


def test_the_right_producer_writes_every_record_once(kinesis, kinesis_client):
    scenario(kinesis, kinesis_client, right_producer)


def test_the_wrong_producer_loses_records(kinesis, kinesis_client):
    with pytest.raises(AssertionError):
        scenario(kinesis, kinesis_client, wrong_producer)
    assert 25 < len(kinesis.stream("orders").records) < 50


def test_the_overzealous_producer_writes_records_twice(kinesis, kinesis_client):
    with pytest.raises(AssertionError):
        scenario(kinesis, kinesis_client, overzealous_producer)
    assert {record.data for record in kinesis.stream("orders").records} == {record["Data"] for record in RECORDS}
    assert len(kinesis.stream("orders").records) > 50
