"""A client that does not retry, so that one fault meets one call."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.clients import new_client


@pytest.fixture(scope="session")
def _client_without_retries() -> Any:
    return new_client(retries={"total_max_attempts": 1})


@pytest.fixture
def client(kinesis: KinesisFake, _client_without_retries: Any) -> Any:
    return _client_without_retries


@pytest.fixture
def iterator(kinesis: KinesisFake, client: Any) -> str:
    """One to the beginning of the only shard of the stream ``orders``."""
    answer = client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )
    return str(answer["ShardIterator"])
