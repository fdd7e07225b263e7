"""Which shards a mapping reads, and in which order: parents before their children."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake
from tests.support.handlers import Handler, failing_on, put
from tests.support.model import needs


def test_a_parent_is_finished_before_its_children_begin(kinesis: KinesisFake) -> None:
    handler = failing_on("bad")
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=1, maximum_retry_attempts=6)
    put(kinesis, "bad", "behind it")
    kinesis.stream("orders").split("shardId-000000000000")
    put(kinesis, "left", shard=1)
    put(kinesis, "right", shard=2)
    kinesis.advance(seconds=10)
    assert {key for keys in handler.calls for key in keys} == {"bad"}
    mapping.drain()
    assert handler.calls[7:] == [["behind it"], ["left"], ["right"]]


def test_a_child_of_a_merge_waits_for_both_parents(kinesis: KinesisFake) -> None:
    stream = kinesis.stream("orders")
    stream.split("shardId-000000000000")
    handler = failing_on("bad")
    mapping = kinesis.event_source_mapping(handler, "orders", maximum_retry_attempts=6)
    put(kinesis, "good", shard=1)
    put(kinesis, "bad", shard=2)
    stream.merge("shardId-000000000001", "shardId-000000000002")
    put(kinesis, "merged", shard=3)
    kinesis.advance(seconds=10)
    assert ["merged"] not in handler.calls
    mapping.drain()
    assert handler.calls[-1] == ["merged"]


def test_a_parent_that_is_found_late_still_comes_before_its_child(kinesis: KinesisFake) -> None:
    stream = kinesis.create_stream("three", shards=2)
    handler = failing_on("bad")
    mapping = kinesis.event_source_mapping(handler, "three", maximum_retry_attempts=6)
    stream.put("x", "bad", 0)
    stream.split("shardId-000000000000")  # 2 and 3, found when 0 is done
    stream.put("x", "in the upper half", stream.shard("shardId-000000000003").starting_hash_key)
    stream.merge("shardId-000000000003", "shardId-000000000001")  # 4, found when 1 is done
    stream.put("x", "merged", stream.shard("shardId-000000000004").starting_hash_key)
    mapping.drain()
    assert handler.calls == [["bad"]] * 7 + [["in the upper half"], ["merged"]]


def test_a_reshard_through_the_api_is_followed_in_virtual_time(kinesis: KinesisFake, kinesis_client: Any) -> None:
    handler = Handler()
    kinesis.event_source_mapping(handler, "orders")
    kinesis_client.update_shard_count(StreamName="orders", TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    put(kinesis, "parent")
    kinesis.settle()
    put(kinesis, "left", shard=1)
    put(kinesis, "right", shard=2)
    kinesis.advance(seconds=1)
    assert handler.calls == [["parent"], ["left"], ["right"]]


def test_under_latest_children_are_read_from_their_beginning(kinesis: KinesisFake) -> None:
    put(kinesis, "before")
    handler = Handler()
    kinesis.event_source_mapping(handler, "orders", starting_position="LATEST")
    kinesis.stream("orders").split("shardId-000000000000")
    put(kinesis, "child", shard=1)
    kinesis.advance(seconds=5)
    assert handler.calls == [["child"]]


def test_from_the_trim_horizon_closed_shards_are_read_first(kinesis: KinesisFake) -> None:
    put(kinesis, "parent")
    kinesis.stream("orders").split("shardId-000000000000")
    put(kinesis, "child", shard=2)
    handler = Handler()
    kinesis.event_source_mapping(handler, "orders").drain()
    assert handler.calls == [["parent"], ["child"]]


def test_a_parent_that_has_expired_holds_no_child_back(kinesis: KinesisFake) -> None:
    put(kinesis, "expired")
    kinesis.stream("orders").split("shardId-000000000000")
    kinesis.advance(hours=25)
    put(kinesis, "child", shard=0)
    handler = Handler()
    kinesis.event_source_mapping(handler, "orders").drain()
    assert handler.calls == [["child"]]


def test_a_parent_that_expires_while_the_mapping_is_disabled_is_told_as_lost(kinesis: KinesisFake) -> None:
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders", enabled=False)
    put(kinesis, "a", "b")
    kinesis.stream("orders").split("shardId-000000000000")
    kinesis.advance(hours=25)
    mapping.enable()
    put(kinesis, "child", shard=0)
    mapping.drain()
    assert handler.calls == [["child"]]
    assert [(lost.shard_id, lost.count) for lost in mapping.lost] == [("shardId-000000000000", 2)]


def test_a_stream_that_is_still_creating_is_read_once_it_has_shards(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.create_stream(StreamName="new", ShardCount=1)
    handler = Handler()
    kinesis.event_source_mapping(handler, "new", starting_position="LATEST")
    kinesis.settle()
    kinesis.stream("new").put("x", "a")
    kinesis.advance(seconds=1)
    assert handler.calls == [["a"]]


def test_a_mapping_rests_when_its_stream_is_gone(kinesis: KinesisFake, kinesis_client: Any) -> None:
    put(kinesis, "bad")
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders")
    kinesis.advance(seconds=1)
    made = len(mapping.invocations)
    kinesis_client.delete_stream(StreamName="orders")
    kinesis.settle()
    kinesis.create_stream("orders", shards=1)
    put(kinesis, "of another stream")
    kinesis.advance(hours=1)
    assert mapping.drain() == []
    assert len(mapping.invocations) == made
    assert mapping.iterator_age_ms == 0
    assert mapping.notices == [
        "the stream orders has been deleted or is being deleted, so that the mapping hands nothing over any more, not "
        "even where a stream of this name is made anew; make another mapping for that"
    ]
    assert "stream deleted" in repr(mapping)
    assert mapping.notices[0] in kinesis.summary()


def test_a_mapping_tells_that_its_consumer_is_gone(kinesis: KinesisFake, kinesis_client: Any) -> None:
    arn = kinesis.stream("orders").stream_arn
    consumer = kinesis_client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]
    kinesis.settle()
    mapping = kinesis.event_source_mapping(Handler(), consumer["ConsumerARN"])
    assert mapping.notices == []
    kinesis_client.deregister_stream_consumer(ConsumerARN=consumer["ConsumerARN"])
    kinesis.settle()
    (notice,) = mapping.notices
    assert notice.startswith("the consumer billing has been deleted or is being deleted, so that the mapping hands ")
    mapping.delete()
    assert mapping.notices == []


# --- what a consumer of the stream meets ----------------------------------------------------------------------------


def test_faults_strike_the_polls_of_a_mapping(kinesis: KinesisFake) -> None:
    put(kinesis, "a")
    kinesis.inject(Fault.throttle("GetRecords", times=2))
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    kinesis.advance(seconds=1)
    assert handler.calls == []
    assert (
        "shardId-000000000000 cannot be read: ProvisionedThroughputExceededException: Rate exceeded for"
        in kinesis.summary()
    )
    kinesis.advance(seconds=1)
    assert handler.calls == [["a"]]
    assert mapping.invocations[0].at.second == 2
    assert "cannot be read" not in kinesis.summary()


@pytest.mark.parametrize(
    ("fault", "calls", "first_at"),
    [
        (Fault.latency("GetRecords", milliseconds=250), [["0", "1", "2", "3"]], 250),
        (Fault.short_read(3), [["0", "1", "2"], ["3"]], 0),
        (Fault.empty_read(), [["0", "1", "2", "3"]], 1000),
        (Fault.read_timeout("GetRecords"), [["0", "1", "2", "3"]], 1000),
        (Fault.expired_iterator(), [["0", "1", "2", "3"]], 1000),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_poll_may_be_late_short_empty_or_lost(
    kinesis: KinesisFake, fault: Fault, calls: list[list[str]], first_at: int
) -> None:
    put(kinesis, *range(4))
    kinesis.inject(fault)
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    start = kinesis.now
    kinesis.advance(seconds=5)
    assert handler.calls == calls
    assert (mapping.invocations[0].at - start).total_seconds() * 1000 == first_at


def test_the_end_of_a_shard_may_come_late(kinesis: KinesisFake) -> None:
    kinesis.inject(Fault.late_end_of_shard(times=2))
    put(kinesis, "parent")
    kinesis.stream("orders").split("shardId-000000000000")
    put(kinesis, "child", shard=1)
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    mapping.drain()
    assert handler.calls == [["parent"], ["child"]]
    assert mapping.invocations[1].at.second == 2


def test_a_disabled_key_stops_the_mapping_until_it_is_enabled(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    kinesis.settle()
    put(kinesis, "secret")
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    kinesis.key("alias/aws/kinesis").disable()
    kinesis.advance(seconds=5)
    assert handler.calls == []
    kinesis.key("alias/aws/kinesis").enable()
    mapping.drain()
    assert handler.calls == [["secret"]]


@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, rate_limits=True)
def test_a_mapping_shares_the_reads_of_a_shard_with_others(kinesis: KinesisFake, kinesis_client: Any) -> None:
    iterator = kinesis_client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    for _ in range(5):
        iterator = kinesis_client.get_records(ShardIterator=iterator)["NextShardIterator"]
    put(kinesis, "a")
    handler = Handler()
    kinesis.event_source_mapping(handler, "orders")
    kinesis.advance(milliseconds=999)
    assert handler.calls == []
    kinesis.advance(milliseconds=1)
    assert handler.calls == [["a"]]


# --- registered consumers -------------------------------------------------------------------------------------------


def test_a_registered_consumer_is_pushed_its_records_and_named_in_the_event(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    stream_arn = kinesis.stream("orders").stream_arn
    registered = kinesis_client.register_stream_consumer(StreamARN=stream_arn, ConsumerName="reader")
    kinesis.settle()
    arn = registered["Consumer"]["ConsumerARN"]
    events: list[Any] = []
    mapping = kinesis.event_source_mapping(lambda event, context: events.append(event), arn)
    assert mapping.event_source_arn == arn
    kinesis.advance(milliseconds=10)
    put(kinesis, "a")
    kinesis.advance(milliseconds=60)
    assert [event["Records"][0]["eventSourceARN"] for event in events] == [arn]
    kinesis_client.deregister_stream_consumer(ConsumerARN=arn)
    kinesis.settle()
    put(kinesis, "b")
    kinesis.advance(seconds=10)
    assert len(events) == 1


def test_a_read_at_the_tip_is_not_repeated_before_something_arrives(kinesis: KinesisFake) -> None:
    kinesis.event_source_mapping(Handler(), "orders")
    put(kinesis, "a")
    kinesis.advance(hours=1)
    before = kinesis._timeline.call_count
    kinesis.advance(hours=20)
    assert kinesis._timeline.call_count == before


@needs("CreateStream", "RecordDistributionStrategy")
@pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    streams={
        "orders": {
            "stream_mode_details": {"StreamMode": "ON_DEMAND"},
            "record_distribution_strategy": "AUTO",
        }
    },
)
def test_records_without_a_partition_key_have_none_in_the_event(kinesis: KinesisFake, kinesis_client: Any) -> None:
    events: list[Any] = []
    for number in range(4):
        kinesis.stream("orders").put(str(number), partition_key=None)
    kinesis.event_source_mapping(
        lambda event, context: events.append(event), "orders", parallelization_factor=2
    ).drain()
    assert len(events) == 4
    assert not any("partitionKey" in event["Records"][0]["kinesis"] for event in events)
