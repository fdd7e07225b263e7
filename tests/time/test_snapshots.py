"""Snapshots: a fake goes back to an earlier state, its time included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, QueueView, ShardView, StreamView, fake_kinesis
from kinesis_fake.toolkit.views.channels import ChannelView
from tests.support.model import needs
from tests.support.refusals import refused
from tests.support.state import state_of

pytestmark = pytest.mark.interpreter


def test_a_restored_fake_is_in_the_state_of_its_snapshot(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis.create_stream("orders", shards=2)
    kinesis.stream("orders").put("before")
    kinesis_client.split_shard(StreamName="orders", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**100))
    before = state_of(kinesis)
    snapshot = kinesis.snapshot()
    kinesis.settle()
    kinesis_client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.stream("orders").put("after")
    kinesis.advance(hours=100)
    for _ in range(2):
        kinesis.restore(snapshot)
        assert state_of(kinesis) == before
        kinesis.advance(hours=1)


def test_what_was_pending_in_a_snapshot_happens_to_the_restored_stream(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    kinesis.create_stream("orders", shards=1)
    kinesis_client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    snapshot = kinesis.snapshot()
    kinesis.settle()
    kinesis.restore(snapshot)
    assert (kinesis.stream("orders").status, kinesis.stream("orders").retention_period_hours) == ("UPDATING", 24)
    kinesis.settle()
    assert (kinesis.stream("orders").status, kinesis.stream("orders").retention_period_hours) == ("ACTIVE", 48)


def test_iterators_of_the_snapshot_are_good_after_it_was_restored(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis.create_stream("orders", shards=1)
    kinesis.stream("orders").put("first")
    iterator = kinesis_client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    snapshot = kinesis.snapshot()
    kinesis.advance(minutes=6)
    with refused(kinesis_client, "ExpiredIteratorException"):
        kinesis_client.get_records(ShardIterator=iterator)
    kinesis.restore(snapshot)
    assert [record["Data"] for record in kinesis_client.get_records(ShardIterator=iterator)["Records"]] == [b"first"]


def test_a_snapshot_is_not_touched_by_what_happens_later(kinesis: KinesisFake) -> None:
    kinesis.create_stream("orders", shards=1)
    snapshot = kinesis.snapshot()
    kinesis.stream("orders").put("later")
    kinesis.restore(snapshot)
    assert kinesis.stream("orders").records == []


SHARDS = [f"shardId-{index:012}" for index in range(3)]
CHANGES = {
    "put": lambda orders: orders.put("ghost"),
    "put_many": lambda orders: orders.put_many(["ghost"]),
    "put_aggregated": lambda orders: orders.put_aggregated(["ghost"]),
    "put_lines": lambda orders: orders.put_lines(Path(__file__).with_name("ghost.jsonl")),
    "split": lambda orders: orders.split(SHARDS[0]),
    "merge": lambda orders: orders.merge(*SHARDS[:2]),
    "scale_to": lambda orders: orders.scale_to(8),
}
#: What only looks.
LOOKS = ("diagram", "plot", "shard")
STALE = "This view is of a state of the fake that restore() has replaced; ask for a new one."


@pytest.mark.parametrize("name", CHANGES)
def test_a_view_of_before_shows_what_was_left_and_changes_nothing(kinesis: KinesisFake, name: Any) -> None:
    orders = kinesis.create_stream("orders")
    orders.put("before")
    snapshot = kinesis.snapshot()
    orders.put("after")
    kinesis.restore(snapshot)
    before = state_of(kinesis)
    with pytest.raises(KinesisFakeError) as caught:
        CHANGES[name](orders)
    assert str(caught.value) == STALE
    assert state_of(kinesis) == before
    assert [record.data for record in orders.records] == [b"before", b"after"]
    assert (orders.status, len(orders.open_shards)) == ("ACTIVE", 4)
    CHANGES[name](kinesis.stream("orders"))
    assert state_of(kinesis) != before


@needs("CreateChannel")
def test_a_view_of_a_channel_of_before_cannot_let_it_fail(kinesis: KinesisFake, kinesis_client: Any) -> None:
    source = {
        "StreamARN": kinesis.create_stream("orders").stream_arn,
        "RecordConfiguration": {"RecordFormatType": "JSON"},
    }
    storage = {"BucketARN": "arn:aws:s3:::lake", "ExpectedBucketOwner": "123456789012", "CompressionType": "NONE"}
    kinesis_client.create_channel(
        ChannelName="lake",
        ServiceExecutionRoleARN="arn:aws:iam::123456789012:role/delivery",
        StreamConfigurationList=[source],
        S3DestinationConfiguration={"StorageConfiguration": storage},
    )
    kinesis.settle()
    lake = kinesis.channel("lake")
    kinesis.restore(kinesis.snapshot())
    with pytest.raises(KinesisFakeError) as caught:
        lake.fail("The bucket is gone.")
    assert str(caught.value) == STALE
    assert (lake.status, kinesis.channel("lake").status) == ("ACTIVE", "ACTIVE")
    kinesis.channel("lake").fail("The bucket is gone.")
    assert kinesis.channel("lake").status == "FAILED"


def test_all_that_changes_something_through_a_view_is_tried_here() -> None:
    methods = {
        name
        for view in (StreamView, ShardView, QueueView, ChannelView)
        for name, value in vars(view).items()
        if callable(value) and not name.startswith("_")
    }
    assert methods == {*CHANGES, "fail", *LOOKS}


def test_a_key_is_spoilt_in_whatever_state_the_fake_is_in(kinesis: KinesisFake) -> None:
    key = kinesis.key("alias/aws/kinesis")
    kinesis.restore(kinesis.snapshot())
    key.disable()
    assert kinesis.key("alias/aws/kinesis").state == "DISABLED"


def test_a_snapshot_of_another_fake_is_refused(kinesis: KinesisFake) -> None:
    with fake_kinesis() as other, pytest.raises(KinesisFakeError, match="of the same fake"):
        other.restore(kinesis.snapshot())


# --- tokens ---------------------------------------------------------------------------------------------------------


def iterator_of(client: Any) -> Any:
    return client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]


def test_an_iterator_of_the_time_that_was_left_is_refused_however_many_are_made_since(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    kinesis.create_stream("orders", shards=1)
    before = iterator_of(kinesis_client)
    snapshot = kinesis.snapshot()
    left = [iterator_of(kinesis_client) for _ in range(3)]
    for _ in range(2):
        kinesis.restore(snapshot)
        made = [iterator_of(kinesis_client) for _ in range(5)]
        for iterator in left:
            with refused(kinesis_client, "InvalidArgumentException", "Invalid ShardIterator."):
                kinesis_client.get_records(ShardIterator=iterator)
        for iterator in (before, *made):
            assert kinesis_client.get_records(ShardIterator=iterator)["Records"] == []
        left += made


def test_a_snapshot_does_not_end_the_iterators_made_after_it(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis.create_stream("orders", shards=1)
    kinesis.snapshot()
    iterators = [iterator_of(kinesis_client) for _ in range(300)]  # more than are remembered
    for iterator in iterators:
        assert kinesis_client.get_records(ShardIterator=iterator)["Records"] == []


def test_a_snapshot_of_a_fake_that_follows_the_system_clock_brings_back_its_records() -> None:
    with fake_kinesis(clock="system", streams={"orders": 1}) as kinesis:
        kinesis.stream("orders").put("before")
        snapshot = kinesis.snapshot()
        at = kinesis.now
        kinesis.stream("orders").put("after")
        kinesis.restore(snapshot)
        assert [record.data for record in kinesis.stream("orders").records] == [b"before"]
        assert kinesis.now >= at
