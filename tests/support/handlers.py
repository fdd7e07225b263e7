"""Handlers for event source mappings, and functions to read their events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinesis_fake import KinesisFake


def keys_of(event: Mapping[str, Any]) -> list[str]:
    """The partition keys of the records of an event, by which tests name their records."""
    return [record["kinesis"]["partitionKey"] for record in event["Records"]]


def put(kinesis: KinesisFake, *keys: object, shard: int = 0) -> list[str]:
    """Put a record for each key on the shard with this index of the stream orders; returns their numbers."""
    stream = kinesis.stream("orders")
    hash_key = stream.shards[shard].starting_hash_key
    return [stream.put(f"data of {key}", str(key), hash_key).sequence_number for key in keys]


class Handler:
    """A handler that remembers the keys of each event, and then does what the test has ordered for these keys."""

    __name__ = "handler"

    def __init__(self, then: Callable[[list[str]], Any] = lambda keys: None) -> None:
        self.calls: list[list[str]] = []
        self._then = then

    def __call__(self, event: Mapping[str, Any], context: object) -> Any:
        keys = keys_of(event)
        self.calls.append(keys)
        return self._then(keys)


class Poison(Exception):
    """The exception of a handler that meets a record it cannot process."""


def failing_on(*bad: object) -> Handler:
    """A handler that raises when one of these keys is in its event."""
    spoiled = set(map(str, bad))

    def then(keys: list[str]) -> None:
        if spoiled & set(keys):
            raise Poison(f"cannot stand {sorted(spoiled & set(keys))}")

    return Handler(then)
