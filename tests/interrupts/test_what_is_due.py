"""After an interrupt at any line of due entries, the world misses nothing, has nothing twice, and is not stuck."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from tests.interrupts.interrupting import interrupted_at_each_line
from tests.support.model import needs

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
FIRST, SECOND = "shardId-000000000000", "shardId-000000000001"


def entered(**options: Any) -> AbstractContextManager[KinesisFake]:
    return fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, **options)


def observed(kinesis: KinesisFake) -> Any:
    """Everything that clients and views show of the state."""
    client: Any = kinesis.client()
    seen: list[Any] = [client.describe_limits(), client.list_streams(), kinesis.pending()]
    for stream in kinesis.streams:
        seen.append(client.describe_stream(StreamName=stream.stream_name)["StreamDescription"])
        seen.append([(record.data, record.sequence_number, record.shard_id) for record in stream.records])
        seen.append(stream.consumers)
        if stream.status not in ("CREATING", "DELETING"):
            for filter_type in ("AT_LATEST", "FROM_TRIM_HORIZON"):
                shards = client.list_shards(StreamName=stream.stream_name, ShardFilter={"Type": filter_type})
                seen.append(shards["Shards"])
    for listed in seen[:2]:
        del listed["ResponseMetadata"]
    return seen


class Case(NamedTuple):
    """A script that leads to the moment before an entry is due, and how many seconds to let pass then."""

    begin: Callable[[Any], object]
    seconds: int


def create(client: Any) -> None:
    client.create_stream(StreamName="payments", ShardCount=3)


def delete(client: Any) -> None:
    client.register_stream_consumer(StreamARN=ARN, ConsumerName="billing")
    client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)


def split(client: Any) -> None:
    client.split_shard(StreamName="orders", ShardToSplit=SECOND, NewStartingHashKey=str(3 << 126))


def merge(client: Any) -> None:
    client.merge_shards(StreamName="orders", ShardToMerge=FIRST, AdjacentShardToMerge=SECOND)


def update_shard_count(client: Any) -> None:
    client.update_shard_count(StreamName="orders", TargetShardCount=3, ScalingType="UNIFORM_SCALING")


def shorten_retention(client: Any) -> None:
    client.decrease_stream_retention_period(StreamName="orders", RetentionPeriodHours=24)


def encrypt(client: Any) -> None:
    client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId="alias/aws/kinesis")


def register(client: Any) -> None:
    client.register_stream_consumer(StreamARN=ARN, ConsumerName="billing")


def deregister(client: Any) -> None:
    register(client)
    client.deregister_stream_consumer(StreamARN=ARN, ConsumerName="billing")


CASES = {
    "creation": Case(create, 20),
    "deletion": Case(delete, 20),
    "a split": Case(split, 30),
    "a merge": Case(merge, 30),
    "the steps of a reshard, one by one": Case(update_shard_count, 25),
    "all steps of a reshard at once": Case(update_shard_count, 60),
    "a shorter retention": Case(shorten_retention, 5),
    "encryption": Case(encrypt, 10),
    "a consumer's registration": Case(register, 10),
    "a consumer's end": Case(deregister, 10),
}


def begun(kinesis: KinesisFake, case: Case) -> None:
    client: Any = kinesis.client()
    if case.begin is shorten_retention:
        client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
        kinesis.settle()
    for number in range(6):
        kinesis.stream("orders").put(f"early {number}", partition_key=f"key-{number}")
    if case.begin is shorten_retention:
        kinesis.advance(hours=25)
        kinesis.stream("orders").put("late")
    case.begin(client)


#: They change little, so that few lines can be interrupted.
SHORT_CASES = ("deletion", "encryption", "a consumer's end")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in SHORT_CASES else pytest.mark.thorough) for name in CASES],
)
def test_what_was_interrupted_is_done_when_it_is_looked_at_next(name: Any) -> None:
    case = CASES[name]
    with entered(streams={"orders": 2}) as kinesis:
        begun(kinesis, case)
        kinesis.advance(seconds=case.seconds)
        expected = observed(kinesis)
        kinesis.settle()
        settled = observed(kinesis)
    with entered(streams={"orders": 2}) as kinesis:
        begun(kinesis, case)
        for line in interrupted_at_each_line(kinesis, lambda: kinesis.advance(seconds=case.seconds)):
            assert observed(kinesis) == expected, f"interrupted at line {line}"
            kinesis.settle()
            assert observed(kinesis) == settled, f"interrupted at line {line}"


# --- queues and channels --------------------------------------------------------------------------------------------


def make_queue(kinesis: KinesisFake) -> None:
    client: Any = kinesis.client()
    client.create_queue(
        QueueName="jobs",
        StreamConfigurationList=[{"StreamARN": ARN, "StartingPosition": {"Type": "TRIM_HORIZON"}}],
        QueueAttributes={
            "VisibilityTimeoutSeconds": 30,
            "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 2},
        },
    )
    kinesis.settle()


def counted(kinesis: KinesisFake) -> tuple[int, int, int]:
    queue = kinesis.queue("jobs")
    return len(queue.waiting), len(queue.in_flight), len(queue.dead_letters)


def received_from(kinesis: KinesisFake) -> list[bytes]:
    client: Any = kinesis.client()
    arn = kinesis.queue("jobs").queue_arn
    answer = client.receive_queue_records(QueueARN=arn, Limit=10, WaitTimeSeconds=1)
    return sorted(record["Data"] for record in answer["QueueRecords"])


def dead_letters_of(kinesis: KinesisFake) -> list[bytes]:
    client: Any = kinesis.client()
    arn = kinesis.queue("jobs").queue_arn
    answer = client.receive_dead_letter_queue_records(QueueARN=arn, Limit=10, WaitTimeSeconds=1)
    return [record["Data"] for record in answer["QueueRecords"]]


RECORDS = [b"0", b"1", b"2", b"3"]


@needs("CreateQueue")
@pytest.mark.parametrize(
    "receives",
    [
        pytest.param(0, marks=pytest.mark.thorough, id="new"),
        pytest.param(1, marks=pytest.mark.thorough, id="visible again"),
        pytest.param(2, id="given up"),
    ],
)
@pytest.mark.thorough
def test_an_interrupted_receive_leaves_each_record_in_one_place_from_which_it_comes_again(receives: Any) -> None:

    def made(kinesis: KinesisFake) -> None:
        for data in RECORDS:
            kinesis.stream("orders").put(data, partition_key=f"key-{data!r}")
        make_queue(kinesis)
        for _ in range(receives):
            assert received_from(kinesis) == RECORDS
            kinesis.advance(seconds=30)

    with entered(streams={"orders": {}}) as kinesis:
        made(kinesis)
        for line in interrupted_at_each_line(kinesis, lambda: received_from(kinesis)):
            assert sum(counted(kinesis)) == 4, f"interrupted at line {line}"
            kinesis.advance(seconds=31)
            assert sorted(received_from(kinesis) + dead_letters_of(kinesis)) == RECORDS, f"interrupted at line {line}"


@needs("CreateQueue")
@pytest.mark.parametrize(
    ("begin", "seconds"),
    [
        (lambda client, arn: None, 0),
        (lambda client, arn: client.update_queue(QueueARN=arn, QueueAttributes={"VisibilityTimeoutSeconds": 5}), 5),
        (lambda client, arn: client.delete_queue(QueueARN=arn), 20),
    ],
    ids=["creation", "update", "deletion"],
)
def test_a_queue_that_was_interrupted_on_its_way_arrives(begin: Any, seconds: Any) -> None:
    def observed_queues(kinesis: KinesisFake) -> Any:
        client: Any = kinesis.client()
        told = client.list_queues()["QueueSummaries"]
        return [
            kinesis.pending(),
            [client.describe_queue(QueueARN=each["QueueARN"])["QueueDescription"] for each in told],
            [counted(kinesis) for _ in told],
        ]

    def made(kinesis: KinesisFake) -> None:
        client: Any = kinesis.client()
        kinesis.stream("orders").put("0")
        if seconds:
            make_queue(kinesis)
            begin(client, kinesis.queue("jobs").queue_arn)
        else:
            client.create_queue(QueueName="jobs", StreamConfigurationList=[{"StreamARN": ARN}])

    with entered(streams={"orders": {}}) as kinesis:
        made(kinesis)
        kinesis.advance(seconds=seconds or 20)
        expected = observed_queues(kinesis)
    with entered(streams={"orders": {}}) as kinesis:
        made(kinesis)
        for line in interrupted_at_each_line(kinesis, lambda: kinesis.advance(seconds=seconds or 20)):
            assert observed_queues(kinesis) == expected, f"interrupted at line {line}"


def make_channel(client: Any) -> None:
    client.create_channel(
        ChannelName="lake",
        ServiceExecutionRoleARN="arn:aws:iam::123456789012:role/delivery",
        StreamConfigurationList=[{"StreamARN": ARN, "RecordConfiguration": {"RecordFormatType": "STRING"}}],
        S3DestinationConfiguration={
            "StorageConfiguration": {
                "BucketARN": "arn:aws:s3:::lake",
                "ExpectedBucketOwner": "123456789012",
                "CompressionType": "NONE",
            },
            "DataFreshnessInSeconds": 300,
        },
    )


@needs("CreateChannel")
def test_an_interrupted_delivery_of_a_channel_loses_no_record_and_delivers_none_twice() -> None:
    def made(kinesis: KinesisFake) -> None:
        make_channel(kinesis.client())
        kinesis.settle()
        for data in RECORDS:
            kinesis.stream("orders").put(data, partition_key=f"key-{data!r}")
            kinesis.advance(seconds=100)
        kinesis.advance(seconds=600)

    with entered(streams={"orders": {}}) as kinesis:
        made(kinesis)
        for line in interrupted_at_each_line(kinesis, lambda: kinesis.channel("lake").delivered):
            delivered = [record for each in kinesis.channel("lake").delivered for record in each.records]
            assert sorted(delivered) == RECORDS, f"interrupted at line {line}"


@needs("CreateChannel")
def test_a_channel_that_was_interrupted_on_its_way_is_active_once() -> None:
    with entered(streams={"orders": {}}) as kinesis:
        make_channel(kinesis.client())
        for line in interrupted_at_each_line(kinesis, lambda: kinesis.advance(seconds=20)):
            assert kinesis.channel("lake").status == "ACTIVE", f"interrupted at line {line}"
            assert kinesis.pending() == []
            kinesis.stream("orders").put("0")
            kinesis.advance(seconds=300)
            assert [each.records for each in kinesis.channel("lake").delivered] == [(b"0",)], f"line {line}"
