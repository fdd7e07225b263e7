"""A Lambda function as people write them, with a client that is made when its module is imported, before any fake."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from kinesis_fake import KinesisFake

ROLE_ARN = "arn:aws:iam::123456789012:role/totals"
START = "2026-01-01T00:00:00Z"

#: Lambda gives a region and credentials to every function; this one forwards what it has counted.
client = boto3.session.Session().client(
    "kinesis", region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="secret"
)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Add up the amounts of a batch and forward the total; what cannot be read fails, and what follows with it."""
    total = 0
    failures = []
    for record in event["Records"]:
        payload = record["kinesis"]
        try:
            total += json.loads(base64.b64decode(payload["data"]))["amount"]
        except ValueError:
            failures.append({"itemIdentifier": payload["sequenceNumber"]})
            break
    shard_id = event["Records"][0]["eventID"].split(":")[0]
    client.put_record(StreamName="totals", Data=json.dumps(total).encode(), PartitionKey=shard_id)
    return {"batchItemFailures": failures}


def events(stream_name: str, batch_size: int) -> Iterator[dict[str, Any]]:
    """The events with which Lambda would call the function: batches of one shard each."""
    described = client.describe_stream(StreamName=stream_name)["StreamDescription"]
    for shard in described["Shards"]:
        iterator = client.get_shard_iterator(
            StreamName=stream_name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            answer = client.get_records(ShardIterator=iterator, Limit=batch_size)
            if not answer["Records"]:
                break
            yield {
                "Records": [
                    {
                        "kinesis": {
                            "kinesisSchemaVersion": "1.0",
                            "partitionKey": record["PartitionKey"],
                            "sequenceNumber": record["SequenceNumber"],
                            "data": base64.b64encode(record["Data"]).decode(),
                            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
                        },
                        "eventSource": "aws:kinesis",
                        "eventVersion": "1.0",
                        "eventID": f"{shard['ShardId']}:{record['SequenceNumber']}",
                        "eventName": "aws:kinesis:record",
                        "invokeIdentityArn": ROLE_ARN,
                        "awsRegion": client.meta.region_name,
                        "eventSourceARN": described["StreamARN"],
                    }
                    for record in answer["Records"]
                ]
            }
            iterator = answer["NextShardIterator"]


@pytest.mark.fake_kinesis(start=START, streams={"orders": 2, "totals": 1})
def test_a_function_reads_its_batches_and_writes_with_a_client_from_before_the_fake(kinesis: KinesisFake) -> None:
    orders = kinesis.stream("orders")
    for shard in orders.shards:
        for amount in range(1, 6):
            orders.put(json.dumps({"amount": amount}), explicit_hash_key=shard.starting_hash_key)
            kinesis.advance(milliseconds=987)
    orders.put("no JSON", explicit_hash_key=0)
    orders.put(json.dumps({"amount": 1_000}), explicit_hash_key=0)

    called = [(event, handler(event, None)) for event in events("orders", batch_size=4)]
    assert [json.loads(record.data) for record in kinesis.stream("totals").records] == [10, 5, 10, 5]
    bad = [record for record in orders.records if record.data == b"no JSON"]
    assert [result["batchItemFailures"] for _, result in called] == [
        [],
        [{"itemIdentifier": bad[0].sequence_number}],
        [],
        [],
    ]
    times = [record["kinesis"]["approximateArrivalTimestamp"] for record in called[0][0]["Records"]]
    assert times == [1767225600.0, 1767225600.987, 1767225601.974, 1767225602.961]
