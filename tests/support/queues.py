"""What tests of queues send and expect."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import Durations
from tests.support.model import needs

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
STREAM = f"arn:aws:kinesis:us-east-1:{A}:stream/"
ORDERS = STREAM + "orders"
NOWHERE = f"arn:aws:kinesis:us-east-1:{A}:queue/nowhere"
DURATIONS = Durations()
#: Two streams that may have queues, and one that may not.
THREE_STREAMS = [
    needs("CreateQueue"),
    pytest.mark.fake_kinesis(
        start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}, "other": {}, "old": 1}
    ),
]


def create(
    client: Any, queue_name: Any = "billing", stream_arn: Any = ORDERS, starting_position: Any = None, **parameters: Any
) -> Any:
    configuration = {"StreamARN": stream_arn}
    if starting_position is not None:
        configuration["StartingPosition"] = starting_position
    answer = client.create_queue(QueueName=queue_name, StreamConfigurationList=[configuration], **parameters)
    return answer["QueueDescription"]


def describe(client: Any, queue_arn: Any) -> Any:
    return client.describe_queue(QueueARN=queue_arn)["QueueDescription"]


def names(client: Any, **parameters: Any) -> Any:
    return [summary["QueueName"] for summary in client.list_queues(**parameters)["QueueSummaries"]]
