"""A client that does not retry, so that a refusal is the answer to one call."""

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
