"""Reads one shard by enhanced fan-out, one subscription of five minutes after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import EventStreamError


def orders_of(consumer_arn: str, shard_id: str, client: Any = None) -> Iterator[dict[str, Any]]:
    """The orders of a shard, from its oldest on, until the shard ends."""
    client = client or boto3.client("kinesis")
    place: dict[str, Any] = {"Type": "TRIM_HORIZON"}
    while True:
        answer = client.subscribe_to_shard(ConsumerARN=consumer_arn, ShardId=shard_id, StartingPosition=place)
        try:
            for event in answer["EventStream"]:
                event = event["SubscribeToShardEvent"]
                yield from (json.loads(record["Data"]) for record in event["Records"])
                if "ContinuationSequenceNumber" not in event:
                    return
                place = {
                    "Type": "AFTER_SEQUENCE_NUMBER",
                    "SequenceNumber": event["ContinuationSequenceNumber"],
                }
        except EventStreamError:
            continue  # go on where the last event ended
