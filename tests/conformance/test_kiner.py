"""kiner, a producer library: a queue, a thread that sends it in batches, and a monitor for records that wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.refusals import refused

library = pytest.importorskip("kiner.producer")

pytestmark = pytest.mark.fake_kinesis(streams={"events": 4})

MIB = 1024 * 1024


class TimeOfMonitor:
    """The module that kiner gets as ``time``: virtual time, in which its monitor sleeps until the test wakes it."""

    def __init__(self, kinesis: KinesisFake) -> None:
        self._kinesis = kinesis
        self._falls_asleep = threading.Semaphore(0)
        self._wakes_up = threading.Semaphore(0)

    def time(self) -> float:
        return self._kinesis.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self._falls_asleep.release()
        assert self._wakes_up.acquire(timeout=60)

    def let_monitor_look(self) -> None:
        """Wake the monitor and wait until it sleeps again."""
        self.wake_monitor()
        self.wait_until_monitor_sleeps()

    def wake_monitor(self) -> None:
        self._wakes_up.release()

    def wait_until_monitor_sleeps(self) -> None:
        assert self._falls_asleep.acquire(timeout=60)


@pytest.fixture
def time_of_monitor(kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch) -> TimeOfMonitor:
    time_of_monitor = TimeOfMonitor(kinesis)
    monkeypatch.setattr(library, "time", time_of_monitor)
    return time_of_monitor


@pytest.fixture
def batches() -> list[int]:
    """The sizes of the batches that were sent."""
    return []


@pytest.fixture
def producer(time_of_monitor: TimeOfMonitor, batches: list[int]) -> Iterator[Any]:
    """A producer with two threads: one is the monitor's, the other one sends."""
    producer = library.KinesisProducer(
        "events", batch_time=5, threads=2, flush_callback=lambda records, *args, **kwargs: batches.append(records)
    )
    time_of_monitor.wait_until_monitor_sleeps()
    yield producer
    producer.monitor_running.clear()
    time_of_monitor.wake_monitor()
    producer.close()


def finish(producer: Any) -> None:
    """Send what is left, once the thread that sends is idle: kiner may hang when two threads send at once."""
    producer.pool.submit(int).result(timeout=60)
    producer.flush_queue()


def test_records_beyond_one_batch_are_all_delivered(kinesis: KinesisFake, producer: Any, batches: list[int]) -> None:
    records = {f"event {number}".encode(): f"key-{number % 37}" for number in range(1_702)}
    for data, partition_key in records.items():
        producer.put_record(data.decode(), partition_key=partition_key)
    finish(producer)

    found = kinesis.stream("events").records
    assert len(found) == len(records)
    assert {record.data: record.partition_key for record in found} == records
    assert {record.shard_id for record in found} == {shard.shard_id for shard in kinesis.stream("events").shards}
    assert sum(batches) == len(records)
    assert max(batches) == 500


def test_records_without_a_key_are_spread_over_the_shards(kinesis: KinesisFake, producer: Any) -> None:
    producer.put_records([str(number) for number in range(400)])
    finish(producer)
    found = kinesis.stream("events").records
    assert sorted(int(record.data) for record in found) == list(range(400))
    assert len({record.partition_key for record in found}) == 400
    assert len({record.shard_id for record in found}) == 4


def test_a_batch_of_several_mebibytes_is_delivered(kinesis: KinesisFake, producer: Any, batches: list[int]) -> None:
    records = [bytes([number]) * (MIB - len("key")) for number in range(10)]
    for data in records:
        producer.put_record(data, partition_key="key")
    finish(producer)
    assert batches == [10]  # ten mebibytes, keys included: the most one PutRecords takes
    assert [record.data for record in kinesis.stream("events").records] == records


def test_a_batch_above_what_one_call_takes_is_refused_as_a_whole(kinesis: KinesisFake, producer: Any) -> None:
    for _ in range(10):
        producer.put_record(bytes(MIB - len("key")), partition_key="key")
    producer.put_record(b"", partition_key="k")
    with refused(producer.kinesis_client, "InvalidArgumentException", "Records size exceeds 10 MB limit"):
        finish(producer)
    assert kinesis.stream("events").records == []


def test_records_that_have_waited_for_long_enough_are_sent_by_the_monitor(
    kinesis: KinesisFake, producer: Any, time_of_monitor: TimeOfMonitor
) -> None:
    producer.put_record("one")
    kinesis.advance(seconds=5)
    time_of_monitor.let_monitor_look()
    assert kinesis.stream("events").records == []
    kinesis.advance(milliseconds=1)
    time_of_monitor.let_monitor_look()
    (record,) = kinesis.stream("events").records
    assert record.data == b"one"
    assert record.approximate_arrival_timestamp == kinesis.now
