"""What a picture of a stream shows: shards, records, retention, failures and positions, each where it belongs."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from kinesis_fake import Fault, KinesisFake
from kinesis_fake.toolkit.pictures.scene import Scene, scene_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1, "others": 1})

START = 1_767_225_600_000


def scene(kinesis: KinesisFake, stream_name: str = "orders") -> Scene:
    stream = kinesis.stream(stream_name)
    return scene_of(stream._backstage, stream._stream)


def iterator_of(client: Any, stream_name: str = "orders") -> str:
    request = {"StreamName": stream_name, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    return str(client.get_shard_iterator(**request)["ShardIterator"])


def test_bands_are_the_shards_between_their_birth_and_their_end(kinesis: KinesisFake) -> None:
    kinesis.advance(seconds=10)
    kinesis.stream("orders").split("shardId-000000000000")
    kinesis.advance(seconds=10)
    parent, lower, upper = scene(kinesis).bands
    assert (parent.low, parent.high, parent.is_open) == (0, 2**128 - 1, False)
    assert (parent.begins_at, parent.ends_at) == (START, START + 10_000)
    assert [(band.low, band.high) for band in (lower, upper)] == [(0, 2**127 - 1), (2**127, 2**128 - 1)]
    for band in (lower, upper):
        assert (band.begins_at, band.ends_at, band.is_open) == (START + 10_000, START + 20_000, True)
        assert band.parents == ("shardId-000000000000",)


def test_a_stream_of_this_moment_has_a_picture(kinesis: KinesisFake) -> None:
    shown = scene(kinesis)
    assert (shown.begins_at, shown.ends_at) == (START, START + 1_000)


def test_records_stand_at_their_hash_key_and_arrival(kinesis: KinesisFake) -> None:
    stream = kinesis.stream("orders")
    kinesis.advance(seconds=1)
    stream.put(b"1", "k", explicit_hash_key=5)
    kinesis.advance(seconds=1)
    stream.put(b"2", "a")
    (band,) = scene(kinesis).bands
    md5_of_a = 0x0CC175B9C0F1B6A831C399E269772661
    assert band.records == ((5, START + 1_000), (md5_of_a, START + 2_000))


@pytest.mark.parametrize(("milliseconds", "taken"), [(-1, 0), (0, 1)])
def test_retention_takes_a_record_when_its_time_is_over(kinesis: KinesisFake, milliseconds: int, taken: int) -> None:
    kinesis.advance(seconds=1)
    kinesis.stream("orders").put(b"1")
    kinesis.advance(hours=24, milliseconds=milliseconds)
    shown = scene(kinesis)
    assert (shown.bands[0].taken, len(shown.bands[0].records)) == (taken, 1 - taken)
    assert shown.horizon == START + 1_000 + milliseconds


def test_each_way_to_fail_is_told_apart_and_stands_where_the_call_went(kinesis: KinesisFake) -> None:
    client = kinesis.client()
    iterator = iterator_of(client)
    kinesis.advance(seconds=1)
    for fault in (Fault.throttle("GetRecords", times=5), Fault.expired_iterator(), Fault.read_timeout("GetRecords")):
        with kinesis.inject(fault), suppress(ClientError, BotoCoreError):
            client.get_records(ShardIterator=iterator)
    with suppress(ClientError):
        client.split_shard(StreamName="orders", ShardToSplit="shardId-000000000000", NewStartingHashKey="0")
    with suppress(ClientError):
        client.put_record(StreamName="orders", Data=b"", PartitionKey="k", ExplicitHashKey=str(2**128))
    found = [(sign.failure, sign.operation, sign.shard_id) for sign in scene(kinesis).signs]
    shard_id = "shardId-000000000000"
    assert list(dict.fromkeys(found)) == [
        ("throttled", "GetRecords", shard_id),
        ("refused", "GetRecords", shard_id),
        ("lost", "GetRecords", shard_id),
        ("refused", "SplitShard", shard_id),
        ("refused", "PutRecord", None),
    ]
    assert scene(kinesis).signs[0].at == START + 1_000


def test_what_happened_to_another_stream_is_not_shown(kinesis: KinesisFake) -> None:
    client = kinesis.client()
    kinesis.stream("others").put(b"1")
    client.get_records(ShardIterator=iterator_of(client, "others"))
    with kinesis.inject(Fault.expired_iterator()), suppress(ClientError):
        client.get_records(ShardIterator=iterator_of(client, "others"))
    assert scene(kinesis).signs == ()
    assert scene(kinesis).bands[0].read_until is None
    assert len(scene(kinesis, "others").signs) == 1
    assert scene(kinesis, "others").bands[0].read_until == START


def test_a_position_is_the_record_that_the_last_answer_ended_with(kinesis: KinesisFake) -> None:
    client, stream = kinesis.client(), kinesis.stream("orders")
    for _ in range(3):
        kinesis.advance(seconds=1)
        stream.put(b"1")
    kinesis.advance(seconds=10)
    answer = client.get_records(ShardIterator=iterator_of(client), Limit=2)
    assert scene(kinesis).bands[0].read_until == START + 2_000
    client.get_records(ShardIterator=answer["NextShardIterator"], Limit=2)
    assert scene(kinesis).bands[0].read_until == START + 3_000


def test_a_subscription_has_a_position_too(kinesis: KinesisFake) -> None:
    client, stream = kinesis.client(), kinesis.stream("orders")
    stream.put(b"1")
    kinesis.advance(seconds=1)
    stream.put(b"2")
    arn = client.register_stream_consumer(StreamARN=stream.stream_arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    kinesis.settle()
    answer = client.subscribe_to_shard(
        ConsumerARN=arn, ShardId="shardId-000000000000", StartingPosition={"Type": "TRIM_HORIZON"}
    )
    next(iter(answer["EventStream"]))
    assert scene(kinesis).bands[0].read_until == START + 1_000
