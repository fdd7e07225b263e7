"""Draw the pictures of the documentation: ``python docs/pictures.py``, from the top of the checkout."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from kinesis_fake import Fault, KinesisFake, StreamView, fake_kinesis

ASSETS = Path(__file__).parent / "assets"
#: Stands for the iterator of a shard that has been read to its end.
ENDED = "ended"
START = "2026-01-01T00:00:00Z"


class Reader:
    """Reads a batch of every open or closed shard, as a consumer would."""

    def __init__(self, kinesis: KinesisFake, stream_name: str) -> None:
        self.kinesis = kinesis
        self.client = kinesis.client()
        self.stream_name = stream_name
        self.iterators: dict[str, str] = {}

    def read(self, limit: int = 4) -> None:
        for shard in self.kinesis.stream(self.stream_name).shards:
            if self.iterators.get(shard.shard_id) == ENDED:
                continue
            with suppress(ClientError):
                iterator = self.iterators.get(shard.shard_id) or self.first(shard.shard_id)
                answer = self.client.get_records(ShardIterator=iterator, Limit=limit)
                self.iterators[shard.shard_id] = answer.get("NextShardIterator", ENDED)

    def first(self, shard_id: str) -> str:
        shard = {"ShardId": shard_id, "ShardIteratorType": "TRIM_HORIZON"}
        return str(self.client.get_shard_iterator(StreamName=self.stream_name, **shard)["ShardIterator"])


def one_shard(kinesis: KinesisFake) -> StreamView:
    """A stream with one shard, a few records, and a reader that is behind."""
    stream = kinesis.create_stream("audit", shards=1)
    reader = Reader(kinesis, "audit")
    for number in range(24):
        stream.put(b"%d" % number, f"user-{number % 7}")
        kinesis.advance(seconds=2)
        if number % 4 == 0:
            reader.read(limit=3)
    return stream


def reshards(kinesis: KinesisFake) -> StreamView:
    """A stream that is split and merged while it is written, throttled and read."""
    stream = kinesis.create_stream("orders", shards=2)
    client = kinesis.client()
    reader = Reader(kinesis, "orders")
    for minute in range(16):
        for number in range(6):
            kinesis.advance(seconds=10)
            put(client, minute, number)
        reader.read()
        shards = sorted(stream.open_shards, key=lambda shard: shard.starting_hash_key)
        if minute == 3:
            middle = (shards[0].starting_hash_key + shards[0].ending_hash_key + 1) // 2
            client.split_shard(StreamName="orders", ShardToSplit=shards[0].shard_id, NewStartingHashKey=str(middle))
        elif minute == 5:
            kinesis.inject(Fault.throttle("PutRecord", times=3))
            kinesis.inject(Fault.read_timeout("GetRecords"))
        elif minute == 8:
            client.merge_shards(
                StreamName="orders",
                ShardToMerge=shards[1].shard_id,
                AdjacentShardToMerge=shards[2].shard_id,
            )
        elif minute == 11:
            kinesis.inject(Fault.expired_iterator())
    return stream


def put(client: Any, minute: int, number: int) -> None:
    with suppress(ClientError):
        client.put_record(
            StreamName="orders",
            Data=b"%d" % number,
            PartitionKey=f"customer-{minute * 7 + number * 3}",
        )


def retention(kinesis: KinesisFake) -> StreamView:
    """A stream of which retention has taken the beginning."""
    stream = kinesis.create_stream("clicks", shards=3)
    for hour in range(40):
        for number in range(4):
            stream.put(b"%d" % number, f"visitor-{hour * 5 + number}")
        if hour == 22:
            stream.split(stream.open_shards[1].shard_id)
        kinesis.advance(hours=1)
    return stream


def many_shards(kinesis: KinesisFake) -> StreamView:
    """A stream with two hundred shards, after an UpdateShardCount to so many."""
    stream = kinesis.create_stream("events", shards=100)
    client = kinesis.client()
    reader = Reader(kinesis, "events")
    for step in range(30):
        for number in range(20):
            stream.put(b"%d" % number, f"device-{step * 20 + number}")
        if step == 10:
            client.update_shard_count(StreamName="events", TargetShardCount=200, ScalingType="UNIFORM_SCALING")
        if step == 24:
            kinesis.inject(Fault.throttle("GetRecords", times=40))
        if step % 8 == 0:
            reader.read(limit=100)
        kinesis.advance(seconds=5)
    return stream


SCENES = {
    "picture-one-shard": one_shard,
    "picture-reshards": reshards,
    "picture-retention": retention,
    "picture-many-shards": many_shards,
}


def main() -> None:
    ASSETS.mkdir(exist_ok=True)
    for name, scene in SCENES.items():
        with fake_kinesis(start=START) as kinesis:
            stream = scene(kinesis)
            for theme in ("light", "dark"):
                figure = stream.plot(theme=theme)
                figure.savefig(ASSETS / f"{name}-{theme}.png", metadata={"Software": None})
            print(stream.diagram())  # noqa: T201
            print()  # noqa: T201


if __name__ == "__main__":
    main()
