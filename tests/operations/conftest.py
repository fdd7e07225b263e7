"""A fake with a stream in each state."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake


@pytest.fixture
def world(kinesis: KinesisFake, client: Any) -> KinesisFake:
    """A fake with a stream in each state, named after it; needs ``autojump=False`` to keep them there."""
    for stream_name in ("active", "updating", "deleting"):
        kinesis.create_stream(stream_name, shards=3)
        for number in range(12):
            kinesis.stream(stream_name).put(b"data", f"key-{number}")
    client.split_shard(StreamName="updating", ShardToSplit="shardId-000000000000", NewStartingHashKey="10")
    client.delete_stream(StreamName="deleting")
    client.create_stream(StreamName="creating", ShardCount=2)
    return kinesis
