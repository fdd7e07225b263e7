"""Channels that tests begin with."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.channels import create


@pytest.fixture
def lake(kinesis: KinesisFake, client: Any) -> Any:
    """The ARN of an ACTIVE channel from the stream orders to a bucket."""
    channel_arn = create(client)["ChannelARN"]
    kinesis.settle()
    return channel_arn
