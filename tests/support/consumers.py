"""What tests of consumers expect."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from kinesis_fake import Durations

A = "123456789012"
START = 1767225600
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
ORDERS = f"arn:aws:kinesis:us-east-1:{A}:stream/orders"
OTHER = f"arn:aws:kinesis:us-east-1:{A}:stream/other"
DURATIONS = Durations()


def arn_of(consumer_name: Any, second: Any = START, stream_arn: Any = ORDERS) -> Any:
    return f"{stream_arn}/consumer/{consumer_name}:{second}"


def arn_not_found(consumer_arn: Any) -> Any:
    """The refusal for a consumer that a call names by its ARN, and that does not exist."""
    stream, _, consumer = consumer_arn.rpartition("/consumer/")
    name, _, second = consumer.partition(":")
    return (
        "ResourceNotFoundException",
        f"Consumer {name} with creation timestamp {second} under stream: {stream.rpartition('/')[2]}, "
        f"account {A} not found.",
    )


def statuses(client: Any, stream_arn: Any = ORDERS) -> Any:
    return {
        c["ConsumerName"]: c["ConsumerStatus"] for c in client.list_stream_consumers(StreamARN=stream_arn)["Consumers"]
    }


def status_of(client: Any, consumer_name: Any) -> Any:
    answer = client.describe_stream_consumer(StreamARN=ORDERS, ConsumerName=consumer_name)
    return answer["ConsumerDescription"]["ConsumerStatus"]
