"""Channels that tests begin with."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.channels import create, create_for_bucket


@pytest.fixture
def orders(kinesis: KinesisFake) -> Any:
    """The stream that the test's marker makes."""
    return kinesis.stream("orders")


@pytest.fixture
def lake(kinesis: KinesisFake, client: Any) -> Any:
    """The ARN of an ACTIVE channel from the stream orders to a bucket."""
    channel_arn = create(client)["ChannelARN"]
    kinesis.settle()
    return channel_arn


@pytest.fixture
def channel(kinesis: KinesisFake, client: Any) -> Any:
    """A view of an ACTIVE channel of strings to a bucket, with the default freshness."""
    create_for_bucket(client)
    kinesis.settle()
    return kinesis.channel("lake")
