"""How fast a subscription gives the records of a shard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits
from tests.support.libraries import SHARD, Subscribe
from tests.support.subscriptions import data_of, seconds_since

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})
MIB = 1024 * 1024


def test_without_limits_a_subscription_gives_what_is_there_at_once(kinesis: KinesisFake, subscribe: Any) -> None:
    for _ in range(18):
        kinesis.stream("orders").put(bytes(MIB // 2))
    now = kinesis.now
    events = subscribe()
    assert [len(next(events)["Records"]) for _ in range(2)] == [15, 3]
    assert kinesis.now == now


def catch_up(kinesis: KinesisFake, events: Any) -> Any:
    """The instants of the events until the tip, from now on, and how many records each has."""
    start, given = kinesis.now, []
    for event in events:
        given.append((seconds_since(start, kinesis.now), len(event["Records"])))
        if event["MillisBehindLatest"] == 0:
            return given
    raise AssertionError("the tip never came")


@pytest.mark.fake_kinesis(rate_limits=True)
def test_with_limits_a_consumer_catches_up_in_a_burst_and_then_gets_two_mebibytes_a_second(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    for _ in range(12 * 6 + 1):
        kinesis.stream("orders").put(bytes(640 * 1024))
    given = catch_up(kinesis, subscribe())
    # Four full events at once, as recorded, and then one for each 3.75 seconds.
    assert [event for event in given if event[1]] == [(0, 12)] * 4 + [(1, 12), (4.75, 12), (8.5, 1)]


@pytest.mark.fake_kinesis(rate_limits=True)
def test_smaller_records_fill_an_event_as_far_as_they_fit(kinesis: KinesisFake, subscribe: Any) -> None:
    for _ in range(15 * 5):
        kinesis.stream("orders").put(bytes(499_900))
    assert [count for _, count in catch_up(kinesis, subscribe()) if count] == [15] * 5


@pytest.mark.fake_kinesis(rate_limits=True)
def test_the_burst_grows_back_while_nothing_is_pushed(kinesis: KinesisFake, subscribe: Any) -> None:
    for _ in range(48):
        kinesis.stream("orders").put(bytes(640 * 1024))
    assert catch_up(kinesis, subscribe()) == [(0, 12)] * 4
    kinesis.advance(seconds=15)
    for _ in range(48):
        kinesis.stream("orders").put(bytes(640 * 1024))
    assert catch_up(kinesis, subscribe("AT_TIMESTAMP", Timestamp=kinesis.now)) == [(0, 12)] * 4


BURST = 14_000  # bytes, with 1000 bytes a second


@pytest.mark.fake_kinesis(limits=Limits(consumer_read_bytes_per_second=1000))
def test_a_rest_is_as_long_as_what_is_beyond_the_burst_and_new_records_wait_for_its_end(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    kinesis.stream("orders").put(bytes(BURST + 2500))
    start = kinesis.now
    events = subscribe()
    assert len(next(events)["Records"]) == 1
    kinesis.stream("orders").put(b"next")
    kinesis.advance(milliseconds=2499)
    event = next(events)
    assert (data_of(event), kinesis.now - start) == ([b"next"], timedelta(milliseconds=2500))


@pytest.mark.fake_kinesis(limits=Limits(consumer_read_bytes_per_second=1000))
def test_what_is_within_the_burst_brings_no_rest(kinesis: KinesisFake, subscribe: Any) -> None:
    for _ in range(2):
        kinesis.stream("orders").put(bytes(BURST // 2))
    start = kinesis.now
    events = subscribe()
    for _ in range(2):
        assert len(next(events)["Records"]) == 1
    kinesis.stream("orders").put(b"next")
    assert (data_of(next(events)), kinesis.now) == ([b"next"], start)
    kinesis.stream("orders").put(b"another")
    assert (data_of(next(events)), kinesis.now - start) == ([b"another"], timedelta(milliseconds=4))


@pytest.mark.fake_kinesis(limits=Limits(consumer_read_bytes_per_second=1000))
def test_a_long_rest_is_told_by_events_without_records_that_say_how_far_behind_they_are(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    kinesis.stream("orders").put(bytes(BURST + 6000))
    kinesis.stream("orders").put(b"next")
    events = subscribe()
    assert len(next(events)["Records"]) == 1
    idle = next(events)
    assert (idle["Records"], idle["MillisBehindLatest"]) == ([], 5000)
    assert data_of(next(events)) == [b"next"]


@pytest.mark.fake_kinesis(limits=Limits(consumer_read_bytes_per_second=1000))
def test_a_new_subscription_does_not_shorten_the_rest(kinesis: KinesisFake, subscribe: Any) -> None:
    kinesis.stream("orders").put(bytes(BURST + 6000))
    number = next(subscribe())["ContinuationSequenceNumber"]
    kinesis.stream("orders").put(b"next")
    kinesis.advance(seconds=5)
    start = kinesis.now
    events = subscribe("AT_SEQUENCE_NUMBER", SequenceNumber=number)
    assert next(events)["Records"] == []
    assert data_of(next(events)) == [b"next"]
    assert kinesis.now - start == timedelta(seconds=1)


@pytest.mark.fake_kinesis(rate_limits=True)
def test_consumers_and_shards_do_not_share_a_rate_and_get_records_has_its_own(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    arn = kinesis.stream("orders").stream_arn
    other = client.register_stream_consumer(StreamARN=arn, ConsumerName="audit")["Consumer"]["ConsumerARN"]
    kinesis.settle()
    for _ in range(60):
        kinesis.stream("orders").put(bytes(MIB // 2))
    start = kinesis.now
    for events in (subscribe(), Subscribe(client, other)()):
        assert [len(next(events)["Records"]) for _ in range(4)] == [15] * 4
    iterator = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    assert len(client.get_records(ShardIterator=iterator["ShardIterator"])["Records"]) == 20
    assert kinesis.now == start
