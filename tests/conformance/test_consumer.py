"""The developer guide's consumer, on a stream that is resharded again and again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import count, islice
from typing import Any

import boto3
import pytest

from kinesis_fake import KinesisFake
from tests.support.guides_consumer import Consumer, Record

STREAM_NAME = "readings"
RECORDS = 100_000
DEVICES = 700
BATCH = 500

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z")

Reshard = Callable[[Any], None]


class Producer:
    """Puts the readings of many devices, numbered for each of them, as the developer guide says: in batches."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._readings = (
            {"PartitionKey": f"device-{number % DEVICES}", "Data": b"%d" % (number // DEVICES)} for number in count()
        )

    def put(self, records: int) -> None:
        for _ in range(records // BATCH):
            answer = self._client.put_records(StreamName=STREAM_NAME, Records=list(islice(self._readings, BATCH)))
            assert answer["FailedRecordCount"] == 0


class Journal:
    """The readings that a consumer has processed: of each device in the order they came, and from which shards."""

    def __init__(self) -> None:
        self.readings: defaultdict[str, list[int]] = defaultdict(list)
        self.sequence_numbers: defaultdict[str, list[int]] = defaultdict(list)
        self.shards: Counter[str] = Counter()

    def process(self, shard_id: str, record: Record) -> None:
        device = record["PartitionKey"]
        self.readings[device].append(int(record["Data"]))
        self.sequence_numbers[device].append(int(record["SequenceNumber"]))
        self.shards[shard_id] += 1


def open_shards(client: Any) -> list[Any]:
    shards = client.list_shards(StreamName=STREAM_NAME, ShardFilter={"Type": "AT_LATEST"})["Shards"]
    return sorted(shards, key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))


def split(position: int) -> Reshard:
    """Split the open shard at this place, in the order of hash keys, in its middle."""

    def reshard(client: Any) -> None:
        shard = open_shards(client)[position]
        start, end = (int(shard["HashKeyRange"][key]) for key in ("StartingHashKey", "EndingHashKey"))
        client.split_shard(
            StreamName=STREAM_NAME, ShardToSplit=shard["ShardId"], NewStartingHashKey=str((start + end + 1) // 2)
        )

    return reshard


def merge(position: int) -> Reshard:
    """Merge the open shard at this place with the one above it."""

    def reshard(client: Any) -> None:
        lower, upper = open_shards(client)[position : position + 2]
        client.merge_shards(
            StreamName=STREAM_NAME, ShardToMerge=lower["ShardId"], AdjacentShardToMerge=upper["ShardId"]
        )

    return reshard


def scale(target: int) -> Reshard:
    """Let AWS choose the splits and merges that lead to this number of shards."""

    def reshard(client: Any) -> None:
        client.update_shard_count(StreamName=STREAM_NAME, TargetShardCount=target, ScalingType="UNIFORM_SCALING")

    return reshard


def wait_until_active(client: Any) -> None:
    client.get_waiter("stream_exists").wait(StreamName=STREAM_NAME)


#: Ten reshards, and the number of open shards after each; the stream begins with four.
RESHARDS: list[tuple[Reshard, int]] = [
    (split(0), 5),
    (split(4), 6),
    (scale(8), 8),
    (merge(2), 7),
    (split(6), 8),
    (scale(5), 5),
    (merge(0), 4),
    (scale(7), 7),
    (split(3), 8),
    (merge(6), 7),
]


@pytest.mark.thorough
def test_the_guides_consumer_reads_every_record_once_and_in_order_through_ten_reshards(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis")
    client.create_stream(StreamName=STREAM_NAME, ShardCount=4)
    wait_until_active(client)
    producer, journal = Producer(client), Journal()
    consumer = Consumer(client, STREAM_NAME, journal.process, limit=400)
    expired_iterators = 0

    def wait(seconds: float) -> None:
        kinesis.advance(seconds=seconds)

    for number, (reshard, shard_count) in enumerate(RESHARDS, 1):
        producer.put(RECORDS // 20)
        kinesis.advance(seconds=3)
        consumer.poll()
        reshard(client)
        # The reshard takes its time, and writing and reading go on before, while and after it happens.
        producer.put(RECORDS // 40)
        kinesis.advance(seconds=20)
        consumer.poll()
        wait_until_active(client)
        assert len(open_shards(client)) == shard_count
        producer.put(RECORDS // 40)

        if number == 3:
            # The consumer is down for longer than records are kept, so they are kept longer before it is too late.
            client.increase_stream_retention_period(StreamName=STREAM_NAME, RetentionPeriodHours=72)
            wait_until_active(client)
            kinesis.advance(hours=47)
        elif number == 5:
            # It is replaced by another one, which has nothing of it but its checkpoints.
            expired_iterators += consumer.expired_iterators
            consumer = Consumer(client, STREAM_NAME, journal.process, consumer.checkpoints, limit=1_000)
        elif number == 7:
            consumer.run(wait)
            client.decrease_stream_retention_period(StreamName=STREAM_NAME, RetentionPeriodHours=24)
            wait_until_active(client)
        elif number == 8:
            # Caught up; the shards that were closed a day ago expire, and their children know parents that are gone.
            consumer.run(wait)
            kinesis.advance(hours=25)
            expired_iterators += consumer.expired_iterators
            consumer = Consumer(client, STREAM_NAME, journal.process, consumer.checkpoints)
        elif number % 3 == 0:
            # A pause that no iterator survives.
            kinesis.advance(minutes=5, milliseconds=1)
    consumer.run(wait)

    readings_per_device = Counter(f"device-{number % DEVICES}" for number in range(RECORDS))
    assert journal.readings == {device: list(range(number)) for device, number in readings_per_device.items()}
    assert all(numbers == sorted(numbers) for numbers in journal.sequence_numbers.values())
    # All of this was needed: records in shards of every generation, expired iterators, empty answers.
    assert len(journal.shards) > 30
    assert expired_iterators + consumer.expired_iterators > 10
    assert consumer.empty_answers > 0
    assert kinesis.stream(STREAM_NAME).retention_period_hours == 24
    assert len(kinesis.stream(STREAM_NAME).shards) < len(journal.shards)


class ImpatientConsumer(Consumer):
    """The bug that other fakes hide: children are read although their parents still have records."""

    def _may_be_read(self, shard_id: str) -> bool:
        return True


@pytest.mark.parametrize(
    ("consumer_class", "is_right"), [(Consumer, True), (ImpatientConsumer, False)], ids=["patient", "impatient"]
)
@pytest.mark.fake_kinesis(streams={STREAM_NAME: 2})
def test_only_a_consumer_that_drains_parents_first_keeps_the_order(
    kinesis: KinesisFake, kinesis_client: Any, consumer_class: type[Consumer], is_right: bool
) -> None:
    stream = kinesis.stream(STREAM_NAME)
    readings = iter(range(40))
    for _ in range(10):
        stream.put(str(next(readings)), "device")
    (parent,) = [shard for shard in stream.shards if shard.records]
    stream.split(parent.shard_id)
    for _ in range(10):
        stream.put(str(next(readings)), "device")
    journal = Journal()
    consumer_class(kinesis_client, STREAM_NAME, journal.process, limit=3).run(lambda s: kinesis.advance(seconds=s))

    assert sorted(journal.readings["device"]) == list(range(20))
    assert (journal.readings["device"] == list(range(20))) is is_right


@pytest.mark.fake_kinesis(streams={STREAM_NAME: 1})
def test_a_consumer_that_was_away_for_longer_than_the_retention_period_misses_what_expired(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    stream, journal = kinesis.stream(STREAM_NAME), Journal()
    consumer = Consumer(kinesis_client, STREAM_NAME, journal.process)
    stream.put("0", "device")
    consumer.poll()
    stream.put("1", "device")
    kinesis.advance(milliseconds=1)
    stream.put("2", "device")
    kinesis.advance(hours=24, milliseconds=-1)
    consumer.poll()
    assert journal.readings["device"] == [0, 2]
