"""Queues that tests begin with."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.queues import create


@pytest.fixture
def billing(kinesis: KinesisFake, client: Any) -> Any:
    """The ARN of an ACTIVE queue on the stream orders."""
    queue_arn = create(client)["QueueARN"]
    kinesis.settle()
    return queue_arn
