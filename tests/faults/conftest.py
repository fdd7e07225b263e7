"""The stream that tests of faults read from."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake


@pytest.fixture
def iterator(kinesis: KinesisFake, client: Any) -> str:
    """An iterator at the beginning of the only shard of the stream ``orders``."""
    answer = client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )
    return str(answer["ShardIterator"])
