"""A typical Lambda function, which makes its client when its module is imported, before any fake is active."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from kinesis_fake import KinesisFake

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


@pytest.mark.fake_kinesis(start=START, streams={"orders": 2, "totals": 1})
def test_a_function_reads_its_batches_and_writes_with_a_client_from_before_the_fake(kinesis: KinesisFake) -> None:
    orders = kinesis.stream("orders")
    for shard in orders.shards:
        for amount in range(1, 6):
            orders.put(json={"amount": amount}, shard=shard.shard_id)
            kinesis.advance(milliseconds=987)
    poison = orders.put("no JSON", explicit_hash_key=0)
    orders.put(json={"amount": 1_000}, explicit_hash_key=0)

    mapping = kinesis.event_source_mapping(
        handler,
        "orders",
        batch_size=4,
        function_response_types=["ReportBatchItemFailures"],
        maximum_retry_attempts=1,
    )
    mapping.drain()
    # The first shard: 1 to 4, then 5 and what fails. What remains fails twice and is given up, with what follows it.
    assert [record.json() for record in kinesis.stream("totals").records] == [10, 5, 0, 10, 5, 0]
    (discarded,) = mapping.discarded
    info = discarded.document["KinesisBatchInfo"]
    assert (info["startSequenceNumber"], info["batchSize"]) == (poison.sequence_number, 2)
    times = [record["kinesis"]["approximateArrivalTimestamp"] for record in mapping.invocations[0].event["Records"]]
    assert times == [1767225600.0, 1767225600.987, 1767225601.974, 1767225602.961]
