"""Consumers that tests begin with."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.consumers import ORDERS


@pytest.fixture
def billing(kinesis: KinesisFake, client: Any) -> Any:
    """The ARN of an ACTIVE consumer of the stream orders."""
    arn = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    kinesis.settle()
    return arn
