"""Reads orders by polling, every shard of the stream, and remembers how far it has come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from orders import STREAM_NAME

#: The checkpoint of a shard that has been read to its end.
SHARD_END = "SHARD_END"


class Checkpoints:
    """How far each shard has been read, in a JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, shard_id: str) -> str | None:
        return self.places.get(shard_id)

    def set(self, shard_id: str, place: str) -> None:
        self.places[shard_id] = place
        self.path.write_text(json.dumps(self.places))


class Consumer:
    """Hands every order to a function, those of one customer in their order."""

    def __init__(
        self, on_order: Callable[[dict[str, Any]], None], checkpoints: Checkpoints, client: Any = None
    ) -> None:
        self.on_order = on_order
        self.checkpoints = checkpoints
        self.client = client or boto3.client("kinesis")
        self.iterators: dict[str, str] = {}

    def run(self) -> None:
        """Read until nothing is left, with a second between the rounds."""
        while self.step():
            time.sleep(1)

    def step(self) -> bool:
        """Read every shard once whose parents are done; whether there may be more."""
        shards = self.client.list_shards(StreamName=STREAM_NAME)["Shards"]
        known = {shard["ShardId"] for shard in shards}
        is_behind = False
        for shard in shards:
            shard_id = shard["ShardId"]
            parents = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")} & known
            if all(self.checkpoints.get(parent) == SHARD_END for parent in parents):
                is_behind |= self._read(shard_id)
        return is_behind

    def _read(self, shard_id: str) -> bool:
        if self.checkpoints.get(shard_id) == SHARD_END:
            return False
        answer = self._get_records(shard_id)
        for record in answer["Records"]:
            self.on_order(json.loads(record["Data"]))
            self.checkpoints.set(shard_id, record["SequenceNumber"])
        if "NextShardIterator" not in answer:
            self.iterators.pop(shard_id)
            self.checkpoints.set(shard_id, SHARD_END)
            return True  # its children come next
        self.iterators[shard_id] = answer["NextShardIterator"]
        return bool(answer["MillisBehindLatest"])

    def _get_records(self, shard_id: str) -> dict[str, Any]:
        if shard_id not in self.iterators:
            self.iterators[shard_id] = self._new_iterator(shard_id)
        try:
            return self.client.get_records(ShardIterator=self.iterators[shard_id])
        except self.client.exceptions.ExpiredIteratorException:
            self.iterators[shard_id] = self._new_iterator(shard_id)
            return self.client.get_records(ShardIterator=self.iterators[shard_id])

    def _new_iterator(self, shard_id: str) -> str:
        checkpoint = self.checkpoints.get(shard_id)
        place = {"ShardIteratorType": "TRIM_HORIZON"}
        if checkpoint is not None:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": checkpoint}
        answer = self.client.get_shard_iterator(StreamName=STREAM_NAME, ShardId=shard_id, **place)
        return answer["ShardIterator"]
