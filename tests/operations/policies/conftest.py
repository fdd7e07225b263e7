"""Callers and resources that tests of policies begin with."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.policies import BILLING, ORDERS, other_account


@pytest.fixture
def reader(kinesis: KinesisFake) -> Any:
    """A client of another account."""
    return other_account(kinesis, "READER")


@pytest.fixture
def billing(kinesis: KinesisFake, client: Any) -> Any:
    """The ARN of an ACTIVE consumer of the stream orders."""
    arn = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    assert arn == BILLING
    kinesis.settle()
    return arn
