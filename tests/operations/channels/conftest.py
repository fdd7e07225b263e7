"""Channels that tests begin with."""

from __future__ import annotations

import pytest

from tests.support.channels import create


@pytest.fixture
def lake(kinesis, client):
    """The ARN of an ACTIVE channel from the stream orders to a bucket."""
    channel_arn = create(client)["ChannelARN"]
    kinesis.settle()
    return channel_arn
