"""One fake, many threads: every call is atomic, event streams wait in threads of their own, nothing is lost."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_fake import KinesisFake
from tests.support.libraries import SHARD

pytestmark = pytest.mark.interpreter

#: What a reshard may be told while others are at it.
RESHARDING = ("ResourceInUseException", "InvalidArgumentException")


@pytest.fixture
def client(kinesis: KinesisFake) -> Any:
    return kinesis.client()


def subscribe(client: Any, consumer: str, shard: str = SHARD) -> Iterator[dict[str, Any]]:
    answer = client.subscribe_to_shard(ConsumerARN=consumer, ShardId=shard, StartingPosition={"Type": "TRIM_HORIZON"})
    return (event["SubscribeToShardEvent"] for event in answer["EventStream"])


def run_side_by_side(*jobs: Callable[[], Any]) -> list[Any]:
    """Begin all jobs at the same time, and return their results."""
    barrier = threading.Barrier(len(jobs))

    def begin(job: Callable[[], Any]) -> Any:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(begin, job) for job in jobs]]


@contextmanager
def expecting(*codes: str) -> Iterator[None]:
    """AWS's errors that are part of the game; all others fail the test."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise


# --- every call is atomic -------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2})
@pytest.mark.thorough
def test_thirty_two_threads_that_put_read_reshard_and_travel_lose_nothing(kinesis: KinesisFake) -> None:
    done = threading.Event()
    acknowledged: dict[str, list[tuple[str, str, bytes]]] = defaultdict(list)

    def writer(name: str) -> Callable[[], None]:
        def write() -> None:
            client: Any = kinesis.client()
            for number in range(0, 60, 6):
                record: dict[str, Any] = {"Data": b"%d" % number, "PartitionKey": name}
                answer = client.put_record(StreamName="orders", **record)
                acknowledged[name].append((answer["ShardId"], answer["SequenceNumber"], record["Data"]))
                records: list[Any] = [{"Data": b"%d" % n, "PartitionKey": name} for n in range(number + 1, number + 6)]
                answer = client.put_records(StreamName="orders", Records=records)
                assert answer["FailedRecordCount"] == 0
                for entry, record in zip(answer["Records"], records, strict=True):
                    acknowledged[name].append((entry["ShardId"], entry["SequenceNumber"], record["Data"]))

        return write

    def read() -> None:
        client = kinesis.client()
        while not done.is_set():
            for shard in client.list_shards(StreamName="orders")["Shards"]:
                with expecting("ExpiredIteratorException"):  # the others travel on meanwhile
                    iterator = client.get_shard_iterator(
                        StreamName="orders", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
                    )["ShardIterator"]
                    records = client.get_records(ShardIterator=iterator)["Records"]
                    numbers = [record["SequenceNumber"] for record in records]
                    assert numbers == sorted(set(numbers))

    def resharder(seed: int) -> Callable[[], None]:
        def reshard() -> None:
            generator = random.Random(seed)
            client = kinesis.client(config=Config(retries={"total_max_attempts": 1}))
            while not done.is_set():
                shards = client.list_shards(StreamName="orders", ShardFilter={"Type": "AT_LATEST"})["Shards"]
                shards.sort(key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))
                index = generator.randrange(len(shards))
                with expecting(*RESHARDING):
                    if len(shards) < 6:
                        hash_keys = shards[index]["HashKeyRange"]
                        middle = (int(hash_keys["StartingHashKey"]) + int(hash_keys["EndingHashKey"])) // 2
                        client.split_shard(
                            StreamName="orders",
                            ShardToSplit=shards[index]["ShardId"],
                            NewStartingHashKey=str(middle),
                        )
                    else:
                        client.merge_shards(
                            StreamName="orders",
                            ShardToMerge=shards[index - 1]["ShardId"],
                            AdjacentShardToMerge=shards[index]["ShardId"],
                        )

        return reshard

    def travel() -> None:
        while not done.is_set():
            kinesis.advance(seconds=3)
            assert kinesis.stream("orders").status in ("ACTIVE", "UPDATING")

    def consume() -> None:
        """Read the streams of all shards, over and over."""
        client = kinesis.client()
        arn = kinesis.stream("orders").stream_arn
        name = threading.current_thread().name
        consumer = client.register_stream_consumer(StreamARN=arn, ConsumerName=name)["Consumer"]["ConsumerARN"]
        client.describe_stream_consumer(ConsumerARN=consumer)
        while not done.is_set():
            for shard in kinesis.stream("orders").shards:
                with expecting("ResourceInUseException"):  # less than five seconds after the time before
                    numbers = []
                    for event in subscribe(client, consumer, shard.shard_id):
                        numbers += [record["SequenceNumber"] for record in event["Records"]]
                        if done.is_set():
                            break
                    assert numbers == sorted(set(numbers))

    names = [f"writer-{number}" for number in range(16)]

    def write_all() -> None:
        try:
            run_side_by_side(*(writer(name) for name in names))
        finally:
            done.set()

    others = [read] * 6 + [resharder(seed) for seed in range(4)] + [travel] * 3 + [consume] * 2
    run_side_by_side(write_all, *others)

    stored = {
        (record.shard_id, record.sequence_number): (record.partition_key, record.data)
        for record in kinesis.stream("orders").records
    }
    put = {(shard, number): (name, data) for name in names for shard, number, data in acknowledged[name]}
    assert len(put) == 16 * 60
    assert stored == put
    for name in names:
        # In the order of the sequence numbers, across parents and children.
        in_order = sorted(acknowledged[name], key=lambda entry: int(entry[1]))
        assert [data for _, _, data in in_order] == [b"%d" % number for number in range(60)]
    assert len(kinesis.stream("orders").shards) > 2


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_the_records_of_one_put_records_are_next_to_each_other(kinesis: KinesisFake) -> None:
    def writer(name: str) -> Callable[[], None]:
        def write() -> None:
            client = kinesis.client()
            for number in range(10):
                records: list[Any] = [{"Data": b"%d" % number, "PartitionKey": name}] * 20
                client.put_records(StreamName="orders", Records=records)

        return write

    def travel() -> None:
        for _ in range(200):
            kinesis.advance(milliseconds=1)

    run_side_by_side(*(writer(f"writer-{number}") for number in range(8)), travel, travel)
    records = kinesis.stream("orders").records
    batches = [records[first : first + 20] for first in range(0, len(records), 20)]
    assert len(batches) == 80
    for batch in batches:
        assert len({(r.partition_key, r.data, r.approximate_arrival_timestamp) for r in batch}) == 1


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_every_advance_counts(kinesis: KinesisFake) -> None:
    before = kinesis.now

    def travel() -> None:
        for _ in range(100):
            kinesis.advance(milliseconds=1)

    run_side_by_side(*[travel] * 32)
    assert kinesis.now - before == timedelta(milliseconds=3200)


@pytest.mark.fake_kinesis
def test_of_many_threads_that_create_one_stream_one_succeeds(kinesis: KinesisFake) -> None:
    def create() -> str:
        try:
            kinesis.client().create_stream(StreamName="orders", ShardCount=1)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "created"

    answers = run_side_by_side(*[create] * 16)
    assert sorted(answers) == ["Stream orders under account 123456789012 already exists."] * 15 + ["created"]


# --- event streams in threads ---------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_producer_and_a_consumer_in_two_threads(kinesis: KinesisFake, consumer: str) -> None:
    def produce() -> None:
        client = boto3.client("kinesis", region_name="us-east-1")
        for number in range(300):
            client.put_record(StreamName="orders", Data=b"%d" % number, PartitionKey="ada")

    def consume() -> list[bytes]:
        client = boto3.client("kinesis", region_name="us-east-1")
        read: list[bytes] = []
        for event in subscribe(client, consumer):
            read += [record["Data"] for record in event["Records"]]
            if len(read) == 300:
                break
        return read

    _, read = run_side_by_side(produce, consume)
    assert read == [b"%d" % number for number in range(300)]


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_producer_that_has_only_just_been_started_gets_its_moment(
    kinesis: KinesisFake, client: Any, consumer: str
) -> None:
    """The consumer waits in the main thread before the other thread has called anything."""

    def produce() -> None:
        client.put_record(StreamName="orders", Data=b"1 teapot", PartitionKey="ada")

    events = subscribe(client, consumer)
    next(events)
    producer = threading.Thread(target=produce)
    producer.start()
    assert any(event["Records"] for event in events)
    producer.join()


@pytest.mark.fake_kinesis(streams={"orders": 4})
def test_four_threads_read_a_shard_each_while_the_test_puts(kinesis: KinesisFake, client: Any, consumer: str) -> None:
    def consume(shard: str) -> list[bytes]:
        read: list[bytes] = []
        for event in subscribe(kinesis.client(), consumer, shard):
            read += [record["Data"] for record in event["Records"]]
            if b"end" in read:
                break
        return read

    shards = [shard.shard_id for shard in kinesis.stream("orders").shards]
    keys = [kinesis.partition_key_for("orders", shard) for shard in shards]
    with ThreadPoolExecutor(4) as pool:
        futures: list[Future[list[bytes]]] = [pool.submit(consume, shard) for shard in shards]
        for number in range(50):
            records: list[Any] = [{"Data": b"%d" % number, "PartitionKey": key} for key in keys]
            client.put_records(StreamName="orders", Records=records)
        for key in keys:
            kinesis.stream("orders").put("end", partition_key=key)
        expected = [b"%d" % number for number in range(50)] + [b"end"]
        assert [future.result() for future in futures] == [expected] * 4


@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 3})
def test_threads_that_only_wait_share_one_time(kinesis: KinesisFake, client: Any, consumer: str) -> None:
    """No thread moves the clock past the instant at which another thread is due to receive an event."""
    streams = []
    for shard in kinesis.stream("orders").shards:
        streams.append(subscribe(client, consumer, shard.shard_id))
        next(streams[-1])
        kinesis.advance(seconds=1)

    def seconds(events: Iterator[dict[str, Any]]) -> list[int]:
        # The second that the number carries is the one after that of the event.
        return [int(event["ContinuationSequenceNumber"]) >> 36 & 2**36 - 1 for event in islice(events, 12)]

    start = int(kinesis.now.timestamp())
    heard = run_side_by_side(*(lambda events=events: seconds(events) for events in streams))
    assert heard == [[start - 3 + first + 5 * number + 1 for number in range(1, 13)] for first in range(3)]


@pytest.mark.fake_kinesis(streams={"orders": 1})
@pytest.mark.thorough
def test_a_thread_that_calls_all_the_time_does_not_stop_the_time_of_a_thread_that_waits(
    kinesis: KinesisFake, client: Any, consumer: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        events = pool.submit(lambda: sum(1 for _ in subscribe(kinesis.client(), consumer)))
        start = kinesis.now
        while kinesis.now < start + timedelta(seconds=5):
            client.list_streams()
        kinesis.advance(minutes=5)
        assert events.result() <= 60


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_stream_can_be_closed_by_another_thread_while_it_is_waited_for(
    kinesis: KinesisFake, client: Any, consumer: str
) -> None:
    stream = client.subscribe_to_shard(ConsumerARN=consumer, ShardId=SHARD, StartingPosition={"Type": "LATEST"})[
        "EventStream"
    ]
    heard = threading.Event()

    def read() -> int:
        events = 0
        for _ in stream:
            events += 1
            heard.set()
        return events

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        heard.wait()
        stream.close()
        assert reader.result() >= 1
    kinesis.advance(seconds=5)
    assert next(subscribe(client, consumer))["Records"] == []
