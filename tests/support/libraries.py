"""A client of either library with the same methods, for tests that hold for both."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from typing import Any

import boto3

from tests.support.models import LOADER

SHARD = "shardId-000000000000"


CREDENTIALS: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}


class Boto3:
    """A client of boto3."""

    def __init__(self) -> None:
        self.client = boto3.session.Session().client("kinesis", **CREDENTIALS)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def events(self, stream: Any) -> Iterator[Any]:
        """The events of a stream, each when it is asked for."""
        return (event["SubscribeToShardEvent"] for event in stream)

    def initial_response(self, stream: Any) -> Any:
        return stream.get_initial_response()

    def close(self) -> None:
        self.client.close()


class AioBotocore:
    """A client of aiobotocore for ordinary functions: each call runs the loop until it is done."""

    def __init__(self, **parameters: Any) -> None:
        session = importlib.import_module("aiobotocore.session").get_session()
        session.register_component("data_loader", LOADER)
        self.loop = asyncio.new_event_loop()
        self._context = session.create_client("kinesis", **{**CREDENTIALS, **parameters})
        self.client = self.loop.run_until_complete(self._context.__aenter__())

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.client, name)
        if name in ("exceptions", "meta"):
            return attribute
        return lambda **parameters: self.loop.run_until_complete(attribute(**parameters))

    def iterate(self, iterable: Any) -> Iterator[Any]:
        """The events of a stream or the pages of a paginator, each when it is asked for."""
        iterator = iterable.__aiter__()
        while True:
            try:
                yield self.loop.run_until_complete(iterator.__anext__())
            except StopAsyncIteration:
                return

    def events(self, stream: Any) -> Iterator[Any]:
        return (event["SubscribeToShardEvent"] for event in self.iterate(stream))

    def initial_response(self, stream: Any) -> Any:
        return self.loop.run_until_complete(stream.get_initial_response())

    def close(self) -> None:
        self.loop.run_until_complete(self._context.__aexit__(None, None, None))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


LIBRARIES = {"boto3": Boto3, "aiobotocore": AioBotocore}


class Subscribe:
    """Subscribes the consumer; gives the events."""

    def __init__(self, client: Any, consumer: str) -> None:
        self._client = client
        self._consumer = consumer

    def stream(self, position: str = "TRIM_HORIZON", shard: str = SHARD, **more: Any) -> Any:
        """The event stream itself."""
        answer = self._client.subscribe_to_shard(
            ConsumerARN=self._consumer, ShardId=shard, StartingPosition={"Type": position, **more}
        )
        return answer["EventStream"]

    def __call__(self, position: str = "TRIM_HORIZON", shard: str = SHARD, **more: Any) -> Iterator[Any]:
        return self._client.events(self.stream(position, shard, **more))  # type: ignore[no-any-return]
