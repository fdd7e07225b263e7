"""Queues with records that tests begin with."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.dead_letters import (
    Queue,
    dead_letters_after,
)
from tests.support.queue_records import make_queue


@pytest.fixture
def billing(kinesis: KinesisFake, client: Any) -> Any:
    """The ARN of an ACTIVE queue that delivers all that the stream orders has."""
    return make_queue(kinesis, client)


@pytest.fixture
def make(kinesis: KinesisFake, client: Any) -> Any:
    return lambda queue_name="billing", **attributes: Queue(kinesis, client, queue_name, attributes)


@pytest.fixture
def queue(make: Any) -> Any:
    """A queue that gives records up after two receives."""
    return make(**dead_letters_after(2))
