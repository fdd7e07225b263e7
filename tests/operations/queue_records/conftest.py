"""Queues with records that tests begin with."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.queue_records import make_queue


@pytest.fixture
def billing(kinesis: KinesisFake, client: Any) -> Any:
    """The ARN of an ACTIVE queue that delivers all that the stream orders has."""
    return make_queue(kinesis, client)
