"""Clients for tests that look at single attempts, and what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_fake import KinesisFake


def new_client(region_name: str = "us-east-1", **config: Any) -> Any:
    """A boto3 client of its own session, which any fake answers while it is active."""
    return boto3.session.Session().client(
        "kinesis",
        region_name=region_name,
        config=Config(**config),
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )


@contextmanager
def refused(client: Any, code: str, message: str | None = None, status: int = 400) -> Iterator[Any]:
    """Hold that the block is refused with this code, whole message, status and, if it is modelled, exception."""
    with pytest.raises(ClientError) as caught:
        yield caught
    error = caught.value.response["Error"]
    assert error["Code"] == code
    if message is not None:
        assert error["Message"] == message
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    modelled = client.meta.service_model.shape_for_error_code(code)
    if modelled is not None:
        assert type(caught.value) is getattr(client.exceptions, modelled.name)


@pytest.fixture(scope="session")
def _client_without_retries() -> Any:
    return new_client(retries={"total_max_attempts": 1})


@pytest.fixture
def client(kinesis: KinesisFake, _client_without_retries: Any) -> Any:
    """A boto3 client that does not retry, so that a refusal is the answer to one call."""
    return _client_without_retries
