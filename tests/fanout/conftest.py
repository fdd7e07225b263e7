"""SubscribeToShard through both client libraries: one set of tests, read with a ``for`` and with an ``async for``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.bare_machine import bare_machine
from tests.support.libraries import LIBRARIES, Subscribe

__all__ = ["bare_machine"]


@pytest.fixture(scope="session", params=["boto3", pytest.param("aiobotocore", marks=pytest.mark.asyncio_clients)])
def library(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of each library in turn, used the same way; it is older than the fakes that answer it."""
    pytest.importorskip(request.param)
    client = LIBRARIES[request.param]()
    yield client
    client.close()


@pytest.fixture
def client(library: Any, kinesis: KinesisFake) -> Any:
    return library


@pytest.fixture
def consumer(kinesis: KinesisFake, client: Any) -> str:
    """The ARN of an ACTIVE consumer of the stream ``orders``, which the test's marker makes."""
    arn = kinesis.stream("orders").stream_arn
    consumer = client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]
    kinesis.settle()
    return str(consumer["ConsumerARN"])


@pytest.fixture
def subscribe(client: Any, consumer: str) -> Subscribe:
    return Subscribe(client, consumer)
