"""Callers and resources that tests of policies begin with."""

from __future__ import annotations

import pytest

from tests.support.policies import BILLING, ORDERS, _other_account


@pytest.fixture
def reader(kinesis):
    """A client of another account."""
    return _other_account(kinesis, "READER")


@pytest.fixture
def billing(kinesis, client):
    """The ARN of an ACTIVE consumer of the stream orders."""
    arn = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    assert arn == BILLING
    kinesis.settle()
    return arn
