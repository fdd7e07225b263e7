"""Shards that have been split and merged."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake


@pytest.fixture
def family(kinesis: KinesisFake) -> Any:
    """Shards 0 and 1 from the start, 0 split into 2 and 3 an hour later, 3 and 1 merged into 4 two hours later."""
    stream = kinesis.stream("s")
    kinesis.advance(hours=1)
    stream.split("shardId-000000000000")
    kinesis.advance(hours=1)
    stream.merge("shardId-000000000003", "shardId-000000000001")
    kinesis.advance(hours=1)
    return stream
