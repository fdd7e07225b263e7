"""Snapshots: a fake can go back to where it was, which its clock alone cannot."""

from __future__ import annotations

import pytest

from kinesis_fake import KinesisFakeError, fake_kinesis
from tests.state import state_of


def test_a_restored_fake_is_in_the_state_of_its_snapshot(kinesis, kinesis_client):
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


def test_what_was_pending_in_a_snapshot_happens_to_the_restored_stream(kinesis, kinesis_client):
    kinesis.create_stream("orders", shards=1)
    kinesis_client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    snapshot = kinesis.snapshot()
    kinesis.settle()
    kinesis.restore(snapshot)
    assert (kinesis.stream("orders").status, kinesis.stream("orders").retention_period_hours) == ("UPDATING", 24)
    kinesis.settle()
    assert (kinesis.stream("orders").status, kinesis.stream("orders").retention_period_hours) == ("ACTIVE", 48)


def test_iterators_of_the_snapshot_are_good_after_it_was_restored(kinesis, kinesis_client):
    kinesis.create_stream("orders", shards=1)
    kinesis.stream("orders").put("first")
    iterator = kinesis_client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    snapshot = kinesis.snapshot()
    kinesis.advance(minutes=6)
    with pytest.raises(kinesis_client.exceptions.ExpiredIteratorException):
        kinesis_client.get_records(ShardIterator=iterator)
    kinesis.restore(snapshot)
    assert [record["Data"] for record in kinesis_client.get_records(ShardIterator=iterator)["Records"]] == [b"first"]


def test_a_snapshot_is_not_touched_by_what_happens_later(kinesis):
    kinesis.create_stream("orders", shards=1)
    snapshot = kinesis.snapshot()
    kinesis.stream("orders").put("later")
    kinesis.restore(snapshot)
    assert kinesis.stream("orders").records == []


def test_a_snapshot_of_another_fake_is_refused(kinesis):
    with fake_kinesis() as other, pytest.raises(KinesisFakeError, match="of the same fake"):
        other.restore(kinesis.snapshot())
