"""What many streams, shards and received records cost: figures that must not grow with what is there already."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from kinesis_fake import Limits, fake_kinesis

if TYPE_CHECKING:
    from kinesis_fake import KinesisFake

FIRST_SHARD = "shardId-000000000000"


class Growth(NamedTuple):
    """Seconds per thing where there are few of them and where there are many."""

    few: float
    many: float

    @property
    def ratio(self) -> float:
        return self.many / self.few


def _seconds(action: Callable[[], object], times: int = 3) -> float:
    """The shortest time of the thread for an action."""
    shortest = float("inf")
    for _ in range(times):
        start = time.thread_time()
        action()
        shortest = min(shortest, time.thread_time() - start)
    return shortest


def making_streams(few: int, many: int) -> Growth:
    """One stream of a fake that is entered with so many."""

    def enter(count: int) -> None:
        with fake_kinesis(streams={f"stream-{number}": 1 for number in range(count)}, limits=Limits(shards=count)):
            pass

    return Growth(_seconds(lambda: enter(few)) / few, _seconds(lambda: enter(many), 1) / many)


def _with_shards(kinesis: KinesisFake, shard_count: int) -> Any:
    """A stream that has been scaled to so many open shards, over one closed parent at least."""
    return kinesis.create_stream(f"of-{shard_count}").scale_to(shard_count)


def of_shards(few: int, many: int) -> dict[str, Growth]:
    """Listing a shard in pages of ten, coming to the end of a closed one, and putting a record through a view."""
    with fake_kinesis(limits=Limits(shards=4 * many, shards_per_stream=many)) as kinesis:
        client: Any = kinesis.client()
        for shard_count in (few, many):
            _with_shards(kinesis, shard_count)

        def list_all(shard_count: int) -> None:
            asked: dict[str, Any] = {"StreamName": f"of-{shard_count}"}
            while asked:
                answer = client.list_shards(**asked, MaxResults=10)
                asked = {"NextToken": answer["NextToken"]} if "NextToken" in answer else {}

        def read_end(shard_count: int) -> None:
            iterator = client.get_shard_iterator(
                StreamName=f"of-{shard_count}", ShardId=FIRST_SHARD, ShardIteratorType="LATEST"
            )["ShardIterator"]
            for _ in range(50):
                assert client.get_records(ShardIterator=iterator)["ChildShards"]

        def put(shard_count: int) -> None:
            stream = kinesis.stream(f"of-{shard_count}")
            for _ in range(50):
                stream.put("small")

        return {
            "ListShards of a shard, in pages of 10,": Growth(
                _seconds(lambda: list_all(few)) / few, _seconds(lambda: list_all(many), 1) / many
            ),
            "GetRecords at the end of a closed shard": Growth(
                _seconds(lambda: read_end(few)), _seconds(lambda: read_end(many))
            ),
            "stream.put()": Growth(_seconds(lambda: put(few)), _seconds(lambda: put(many))),
        }


def snapshot_of_records(records: int) -> float:
    """Seconds of a snapshot of a shard with so many records."""
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        client: Any = kinesis.client()
        batch = [{"Data": b"small", "PartitionKey": "ada"}] * 500
        for _ in range(records // 500):
            client.put_records(StreamName="orders", Records=batch)
        return _seconds(kinesis.snapshot)


def pending_of(entries: int) -> float:
    """Seconds of pending() with so many entries on the agenda."""
    limits = Limits(consumers_per_stream=entries, consumers_creating=entries)
    with fake_kinesis(streams={"orders": 1}, limits=limits) as kinesis:
        client: Any = kinesis.client()
        arn = kinesis.stream("orders").stream_arn
        for number in range(entries):
            client.register_stream_consumer(StreamARN=arn, ConsumerName=f"consumer-{number}")
        return _seconds(kinesis.pending)
