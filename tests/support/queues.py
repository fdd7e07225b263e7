"""What tests of queues send and expect."""

from __future__ import annotations

from datetime import datetime, timezone

from kinesis_fake import Durations

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
STREAM = f"arn:aws:kinesis:us-east-1:{A}:stream/"
ORDERS = STREAM + "orders"
NOWHERE = f"arn:aws:kinesis:us-east-1:{A}:queue/nowhere"
DURATIONS = Durations()


def create(client, queue_name="billing", stream_arn=ORDERS, starting_position=None, **parameters):
    configuration = {"StreamARN": stream_arn}
    if starting_position is not None:
        configuration["StartingPosition"] = starting_position
    answer = client.create_queue(QueueName=queue_name, StreamConfigurationList=[configuration], **parameters)
    return answer["QueueDescription"]


def describe(client, queue_arn):
    return client.describe_queue(QueueARN=queue_arn)["QueueDescription"]


def names(client, **parameters):
    return [summary["QueueName"] for summary in client.list_queues(**parameters)["QueueSummaries"]]
