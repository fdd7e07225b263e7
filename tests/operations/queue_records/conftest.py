"""Queues with records that tests begin with."""

from __future__ import annotations

import pytest

from tests.support.queue_records import make_queue


@pytest.fixture
def billing(kinesis, client):
    """The ARN of an ACTIVE queue that delivers all that the stream orders has."""
    return make_queue(kinesis, client)
