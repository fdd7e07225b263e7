"""The cost of calls while many streams, shards, records and entries exist, which must not make them slower."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kinesis_fake import Limits, fake_kinesis
from tests.benchmarks.rounds import Arguments, Calls, compare, no_collection

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
        with no_collection():
            start = time.thread_time()
            action()
            shortest = min(shortest, time.thread_time() - start)
    return shortest


def making_streams(few: int, many: int) -> Growth:
    """One stream of a fake that is entered with so many."""

    def enter(count: int) -> None:
        with fake_kinesis(streams={f"stream-{number}": 1 for number in range(count)}, limits=Limits(shards=count)):
            pass

    return Growth(_seconds(lambda: enter(few)) / few, _seconds(lambda: enter(many), 2) / many)


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

        def find(shard_count: int) -> None:
            stream = kinesis.stream(f"of-{shard_count}")
            for _ in range(500):
                stream.shard(FIRST_SHARD)

        return {
            "ListShards of a shard, in pages of 10,": Growth(
                _seconds(lambda: list_all(few)) / few, _seconds(lambda: list_all(many)) / many
            ),
            "GetRecords at the end of a closed shard": Growth(
                _seconds(lambda: read_end(few)), _seconds(lambda: read_end(many))
            ),
            "stream.put()": Growth(_seconds(lambda: put(few)), _seconds(lambda: put(many))),
            "stream.shard()": Growth(_seconds(lambda: find(few)), _seconds(lambda: find(many))),
        }


def seconds_of_many_streams(streams: int) -> float:
    """Seconds to enter a fake with so many streams."""
    return making_streams(1, streams).many * streams


def of_records(records: int) -> dict[str, float]:
    """Seconds of what a test asks of a stream with one shard and so many records."""
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        client: Any = kinesis.client()
        batch = [{"Data": b"small", "PartitionKey": "ada"}] * 500
        for _ in range(records // 500):
            client.put_records(StreamName="orders", Records=batch)
        stream, snapshot = kinesis.stream("orders"), kinesis.snapshot()
        return {
            "summary()": _seconds(kinesis.summary),
            "len(stream.records)": _seconds(lambda: len(stream.records)),
            "stream.records[-10:]": _seconds(lambda: stream.records[-10:]),
            "snapshot()": _seconds(kinesis.snapshot),
            "restore()": _seconds(lambda: kinesis.restore(snapshot)),
        }


def summary_of_shards(shards: int) -> float:
    """Seconds of summary() with a stream of so many shards."""
    with fake_kinesis(streams={"orders": shards}, limits=Limits(shards=shards)) as kinesis:
        kinesis.stream("orders").put("small")
        return _seconds(kinesis.summary)


def snapshot_of_received(records: int) -> float:
    """Seconds of snapshot() with a queue of so many records that have been received."""
    with fake_kinesis(streams={"orders": "on-demand"}, limits=Limits(queue_records_in_flight=records)) as kinesis:
        client: Any = kinesis.client()
        source = {"StreamARN": kinesis.stream("orders").stream_arn, "StartingPosition": {"Type": "TRIM_HORIZON"}}
        created = client.create_queue(QueueName="jobs", StreamConfigurationList=[source])
        kinesis.settle()
        batch = [{"Data": b"small", "PartitionKey": f"key-{number}"} for number in range(500)]
        for _ in range(records // 500):
            client.put_records(StreamName="orders", Records=batch)
        received, queue_arn = 0, created["QueueDescription"]["QueueARN"]
        while received < records:
            received += len(client.receive_queue_records(QueueARN=queue_arn, Limit=10)["QueueRecords"])
        return _seconds(kinesis.snapshot)


def partly_encrypted(rounds: int) -> float:
    """How many times longer get_records takes for a shard of which every second page is encrypted."""
    with fake_kinesis(streams={"plain": 1, "partly": 1}) as kinesis:
        client: Any = kinesis.client()
        batch = [{"Data": b"d" * 1024, "PartitionKey": "ada"}] * 500
        for number in range(40):
            for stream_name in ("plain", "partly"):
                client.put_records(StreamName=stream_name, Records=batch)
            change = client.start_stream_encryption if number % 2 == 0 else client.stop_stream_encryption
            change(StreamName="partly", EncryptionType="KMS", KeyId="alias/aws/kinesis")
            kinesis.settle()

        def pages(stream_name: str) -> Callable[[int], Sequence[Arguments]]:
            """Iterators that begin in the middle of a page, so that every second one crosses a change."""
            shard = kinesis.stream(stream_name).shards[0]
            iterators = [
                client.get_shard_iterator(
                    StreamName=stream_name,
                    ShardId=shard.shard_id,
                    ShardIteratorType="AT_SEQUENCE_NUMBER",
                    StartingSequenceNumber=shard.records[250 + 1000 * number].sequence_number,
                )["ShardIterator"]
                for number in range(19)
            ]
            return lambda _: [{"ShardIterator": iterator, "Limit": 1000} for iterator in iterators]

        found = compare([Calls(client.get_records, pages("partly")), Calls(client.get_records, pages("plain"))], rounds)
        return found.ratios[1]


def pending_of(entries: int) -> float:
    """Seconds of pending() with so many entries on the agenda."""
    limits = Limits(consumers_per_stream=entries, consumers_creating=entries)
    with fake_kinesis(streams={"orders": 1}, limits=limits) as kinesis:
        client: Any = kinesis.client()
        arn = kinesis.stream("orders").stream_arn
        for number in range(entries):
            client.register_stream_consumer(StreamARN=arn, ConsumerName=f"consumer-{number}")
        return _seconds(lambda: kinesis.pending()[0])
