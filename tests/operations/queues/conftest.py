"""Queues that tests begin with."""

from __future__ import annotations

import pytest

from tests.support.queues import create


@pytest.fixture
def billing(kinesis, client):
    """The ARN of an ACTIVE queue on the stream orders."""
    queue_arn = create(client)["QueueARN"]
    kinesis.settle()
    return queue_arn
