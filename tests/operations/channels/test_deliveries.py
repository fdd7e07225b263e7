"""What a channel delivers, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake, Limits
from tests.support.channels import ACTIVE_AT, MIDNIGHT, A, create_for_bucket
from tests.support.model import needs

pytestmark = [
    needs("CreateChannel"),
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}),
]


def put_numbers(client: Any, count: Any) -> None:
    """Put the numbers from zero on into the first shard, at one instant."""
    for start in range(0, count, 500):
        records = [
            {"Data": str(n).encode(), "PartitionKey": "any", "ExplicitHashKey": "0"} for n in range(start, start + 500)
        ]
        client.put_records(StreamName="orders", Records=records)


def deliveries(view: Any) -> Any:
    """The seconds between ACTIVE and each delivery, with what was delivered."""
    return [((one.delivered_at - ACTIVE_AT).total_seconds(), list(one.records)) for one in view.delivered]


# --- when ---------------------------------------------------------------------------------------------------------


def test_records_are_delivered_when_the_oldest_is_as_old_as_the_freshness_allows(
    kinesis: KinesisFake, orders: Any, channel: Any
) -> None:
    kinesis.advance(seconds=10)
    orders.put(b"first")
    kinesis.advance(milliseconds=299_999)
    orders.put(b"second")
    assert channel.delivered == []
    kinesis.advance(milliseconds=1)
    orders.put(b"third")
    assert deliveries(channel) == [(310, [b"first", b"second"])]
    kinesis.advance(milliseconds=299_999)
    assert deliveries(channel) == [(310, [b"first", b"second"])]
    kinesis.advance(milliseconds=1)
    assert deliveries(channel) == [(310, [b"first", b"second"]), (610, [b"third"])]
    assert kinesis.pending() == []


def test_nothing_is_delivered_where_nothing_was_put(kinesis: KinesisFake, channel: Any) -> None:
    kinesis.advance(days=3)
    assert (channel.delivered, channel.dead_letters) == ([], [])


@pytest.mark.fake_kinesis(limits=Limits(channels_per_destination=2))
def test_looking_often_shows_what_looking_once_shows(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    seen_often, seen_once = (
        create_for_bucket(client, channel_name="often"),
        create_for_bucket(client, channel_name="once"),
    )
    kinesis.settle()
    for number in range(50):
        orders.put(str(number), f"key-{number % 7}")
        kinesis.advance(seconds=37)
        assert kinesis.channel(seen_often).delivered == kinesis.channel(seen_often).delivered
    kinesis.advance(seconds=300)
    often, once = deliveries(kinesis.channel(seen_often)), deliveries(kinesis.channel(seen_once))
    assert often == once
    assert [data for _, records in once for data in records] == [str(number).encode() for number in range(50)]


def test_records_of_before_the_channel_was_active_are_not_delivered(
    kinesis: KinesisFake, client: Any, orders: Any
) -> None:
    orders.put(b"before")
    create_for_bucket(client)
    kinesis.advance(milliseconds=19_999)
    orders.put(b"while creating")
    kinesis.advance(milliseconds=1)
    orders.put(b"active")
    kinesis.advance(hours=1)
    assert deliveries(kinesis.channel("lake")) == [(300, [b"active"])]


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_without_durations_the_call_itself_is_the_beginning(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    orders.put(b"before")
    create_for_bucket(client)
    orders.put(b"after")
    kinesis.advance(hours=1)
    assert [one.records for one in kinesis.channel("lake").delivered] == [(b"after",)]


def test_records_of_all_shards_are_delivered_in_the_order_of_their_arrival(
    kinesis: KinesisFake, orders: Any, channel: Any
) -> None:
    for number, shard in enumerate([*orders.shards, *reversed(orders.shards)]):
        orders.put(str(number), explicit_hash_key=shard.starting_hash_key)
        kinesis.advance(seconds=1)
    kinesis.advance(seconds=300)
    assert [data for _, records in deliveries(channel) for data in records] == [str(n).encode() for n in range(8)]


def test_delivery_goes_on_across_a_reshard(kinesis: KinesisFake, orders: Any, channel: Any) -> None:
    orders.put(b"parent", explicit_hash_key=0)
    kinesis.advance(seconds=1)
    lower, upper = orders.split("shardId-000000000000")
    orders.put(b"lower", explicit_hash_key=lower.starting_hash_key)
    orders.put(b"upper", explicit_hash_key=upper.starting_hash_key)
    kinesis.advance(seconds=299)
    assert deliveries(channel) == [(300, [b"parent", b"lower", b"upper"])]


# --- what must not get lost ---------------------------------------------------------------------------------------


def test_records_past_their_retention_are_delivered_all_the_same(
    kinesis: KinesisFake, client: Any, orders: Any, channel: Any
) -> None:
    put_numbers(client, 3000)
    kinesis.advance(hours=25)
    orders.put(b"new", explicit_hash_key=0)
    assert [record.data for record in orders.records] == [b"new"]
    iterator = client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert len(client.get_records(ShardIterator=iterator)["Records"]) == 1
    assert deliveries(channel) == [(300, [str(number).encode() for number in range(3000)])]


def test_records_of_expired_shards_are_delivered_all_the_same(kinesis: KinesisFake, orders: Any, channel: Any) -> None:
    orders.put(b"parent", explicit_hash_key=0)
    kinesis.advance(seconds=1)
    orders.split("shardId-000000000000")
    kinesis.advance(hours=25)
    assert "shardId-000000000000" not in [shard.shard_id for shard in orders.shards]
    assert deliveries(channel) == [(300, [b"parent"])]


def test_the_shards_of_a_reshard_keep_what_is_to_be_delivered_too(
    kinesis: KinesisFake, client: Any, orders: Any, channel: Any
) -> None:
    orders.split("shardId-000000000000")
    put_numbers(client, 3000)
    kinesis.advance(hours=25)
    assert orders.records == []
    assert [len(one.records) for one in channel.delivered] == [3000]


@pytest.mark.parametrize("hours", [23, 25])
def test_a_change_of_retention_loses_nothing_that_was_to_be_delivered(
    kinesis: KinesisFake, client: Any, orders: Any, hours: Any
) -> None:
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.settle()
    create_for_bucket(client, freshness=900)
    kinesis.settle()
    orders.put(b"parent", explicit_hash_key=0)
    kinesis.advance(seconds=1)
    orders.split("shardId-000000000000")
    kinesis.advance(hours=hours)
    client.decrease_stream_retention_period(StreamName="orders", RetentionPeriodHours=24)
    kinesis.settle()
    assert [record.data for record in orders.records] == ([b"parent"] if hours == 23 else [])
    (delivered,) = kinesis.channel("lake").delivered
    assert delivered.records == (b"parent",)
    assert delivered.delivered_at == MIDNIGHT + timedelta(seconds=5 + 20 + 900)


def test_settling_does_not_wait_for_deliveries(kinesis: KinesisFake, orders: Any, channel: Any) -> None:
    orders.put(b"data")
    before = kinesis.now
    kinesis.settle()
    assert kinesis.now == before
    assert channel.delivered == []


# --- other settings, and the end ----------------------------------------------------------------------------------


def update(client: Any, freshness: Any) -> None:
    client.update_channel(
        ChannelARN=client.list_channels()["ChannelSummaries"][0]["ChannelARN"],
        S3DestinationConfiguration={"DataFreshnessInSeconds": freshness},
    )


def test_a_shorter_freshness_holds_from_the_end_of_the_update(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    create_for_bucket(client, freshness=600)
    kinesis.settle()
    channel = kinesis.channel("lake")
    orders.put(b"overdue then")
    kinesis.advance(seconds=400)
    update(client, 300)  # in force after 405 seconds
    orders.put(b"while updating")
    kinesis.advance(milliseconds=4999)
    assert channel.delivered == []
    kinesis.advance(milliseconds=1)
    orders.put(b"later")
    assert deliveries(channel) == [(405, [b"overdue then", b"while updating"])]
    kinesis.advance(seconds=300)
    assert deliveries(channel)[1:] == [(705, [b"later"])]


def test_a_longer_freshness_holds_from_the_end_of_the_update(
    kinesis: KinesisFake, client: Any, orders: Any, channel: Any
) -> None:
    orders.put(b"in time")
    kinesis.advance(milliseconds=295_000)
    update(client, 900)  # in force in the very millisecond of the delivery
    kinesis.advance(milliseconds=1)
    orders.put(b"next")
    kinesis.advance(milliseconds=999_999)
    assert deliveries(channel) == [(300, [b"in time", b"next"])]


def test_a_longer_freshness_puts_off_what_waits(kinesis: KinesisFake, client: Any, orders: Any, channel: Any) -> None:
    orders.put(b"data")
    kinesis.advance(milliseconds=294_999)
    update(client, 900)
    kinesis.advance(hours=1)
    assert deliveries(channel) == [(900, [b"data"])]


@pytest.mark.parametrize("is_deleted", [False, True])
def test_delivery_goes_on_while_updating(
    kinesis: KinesisFake, client: Any, orders: Any, channel: Any, is_deleted: Any
) -> None:
    orders.put(b"data")
    kinesis.advance(seconds=298)
    update(client, 900)
    kinesis.advance(seconds=2)
    if is_deleted:
        client.delete_channel(ChannelARN=channel.channel_arn)
    assert channel.status == ("DELETING" if is_deleted else "UPDATING")
    assert deliveries(channel) == [(300, [b"data"])]


@pytest.mark.parametrize("end", ["delete", "fail"])
def test_a_channel_delivers_nothing_after_its_end(
    kinesis: KinesisFake, client: Any, orders: Any, channel: Any, end: Any
) -> None:
    orders.put(b"first")
    kinesis.advance(seconds=300)
    orders.put(b"second")
    kinesis.advance(milliseconds=299_999)
    if end == "delete":
        client.delete_channel(ChannelARN=channel.channel_arn)
    else:
        channel.fail("no such bucket")
    orders.put(b"third")
    kinesis.advance(hours=1)
    assert deliveries(channel) == [(300, [b"first"])]


def test_a_delivery_that_is_due_at_the_end_of_the_channel_is_made(
    kinesis: KinesisFake, client: Any, orders: Any, channel: Any
) -> None:
    orders.put(b"first")
    kinesis.advance(seconds=300)
    client.delete_channel(ChannelARN=channel.channel_arn)
    kinesis.settle()
    assert deliveries(channel) == [(300, [b"first"])]


def test_a_channel_that_failed_before_it_was_active_delivers_nothing(
    kinesis: KinesisFake, client: Any, orders: Any
) -> None:
    create_for_bucket(client)
    kinesis.channel("lake").fail("no such bucket")
    kinesis.advance(seconds=20)
    orders.put(b"data")
    kinesis.advance(hours=1)
    assert kinesis.channel("lake").delivered == []


def test_a_stream_forgets_old_records_again_once_its_last_channel_is_gone(
    kinesis: KinesisFake, client: Any, orders: Any, channel: Any
) -> None:
    client.delete_channel(ChannelARN=channel.channel_arn)
    kinesis.settle()
    shard = kinesis._backstage.world.region(A, "us-east-1").streams["orders"].open_shards[0]
    put_numbers(client, 3000)
    kinesis.advance(hours=25)
    assert orders.records == []
    assert shard.records_from(0) == []
    assert shard.end_position == 3000
