"""The report explains a consumer: what each read found, what is left in each shard, who reads, and typical mistakes."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": 2})
S0, S1, S2, S3 = (f"shardId-{index:012}" for index in range(4))


def iterator(client: Any, shard_id: Any = S0, kind: Any = "TRIM_HORIZON", **more: Any) -> Any:
    return client.get_shard_iterator(StreamName="orders", ShardId=shard_id, ShardIteratorType=kind, **more)[
        "ShardIterator"
    ]


def last_call(kinesis: KinesisFake) -> Any:
    return str(kinesis.calls[-1]).partition("  ")[2]


def hints_of(kinesis: KinesisFake) -> Any:
    return [line.removeprefix("hint: ") for line in kinesis.summary().splitlines() if line.startswith("hint: ")]


# --- reads --------------------------------------------------------------------------------------------------------


def test_each_read_says_where_it_was_and_what_it_found(kinesis: KinesisFake, client: Any) -> None:
    orders = kinesis.stream("orders")
    numbers = [orders.put(str(number), shard=S0).sequence_number for number in range(5)]
    answer = client.get_records(ShardIterator=iterator(client), Limit=3)
    assert last_call(kinesis) == "GetRecords(orders, shard 0, from its beginning, Limit=3) -> 3 records, 1 s behind"
    orders.split(S0)
    client.get_records(ShardIterator=answer["NextShardIterator"], StreamARN=orders.stream_arn)
    after = f"after …{numbers[2][-3:]}"
    assert last_call(kinesis) == f"GetRecords(orders, shard 0, {after}) -> 2 records, end of shard: children 2, 3"
    orders.merge(S2, S3)
    client.get_records(ShardIterator=iterator(client, S2))
    assert last_call(kinesis) == "GetRecords(orders, shard 2, from its beginning) -> 0 records, end of shard: child 4"
    orders.put("5", shard=S1)
    client.get_records(ShardIterator=iterator(client, S1))
    assert last_call(kinesis) == "GetRecords(orders, shard 1, from its beginning) -> 1 record"


def test_a_read_that_was_refused_says_where_it_would_have_been(kinesis: KinesisFake, client: Any) -> None:
    token = iterator(client)
    kinesis.advance(minutes=6)
    with refused(client, "ExpiredIteratorException"):
        client.get_records(ShardIterator=token)
    assert last_call(kinesis) == "GetRecords(orders, shard 0, from its beginning) -> ExpiredIteratorException"


def test_a_read_after_what_retention_has_taken_says_so(kinesis: KinesisFake, client: Any) -> None:
    orders = kinesis.stream("orders")
    orders.put_many([{"data": "x", "shard": S0}] * 3)
    token = iterator(client, kind="LATEST")
    client.get_records(ShardIterator=token)
    kinesis.advance(hours=25)
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.settle()
    assert str(kinesis.calls[1]).partition("  ")[2] == (
        "GetRecords(orders, shard 0, after 3 records that retention has taken) -> 0 records"
    )


def test_an_iterator_that_is_none_of_this_fake_is_shown_as_it_is(kinesis: KinesisFake, client: Any) -> None:
    with fake_kinesis(streams={"orders": 1}) as other:
        token = iterator(other.client())
    with refused(client, "InvalidArgumentException"):
        client.get_records(ShardIterator=token)
    assert last_call(kinesis) == f"GetRecords(ShardIterator={token[:59]}…) -> InvalidArgumentException"


def test_a_stream_that_is_gone_leaves_the_iterator_as_it_is(kinesis: KinesisFake, client: Any) -> None:
    token = iterator(client)
    client.get_records(ShardIterator=token)
    client.delete_stream(StreamName="orders")
    kinesis.settle()
    kinesis.create_stream("orders", shards=1)
    assert str(kinesis.calls[1]).partition("  ")[2] == f"GetRecords(ShardIterator={token[:59]}…) -> 0 records"


# --- streams ------------------------------------------------------------------------------------------------------


def streams_of(kinesis: KinesisFake) -> Any:
    lines = kinesis.summary(last_calls=0).splitlines()
    return lines[lines.index("streams:") + 1 : next(i for i, line in enumerate(lines) if line[:13] == "in transition")]


def test_a_line_for_each_shard_says_what_is_left_and_what_retention_has_taken(kinesis: KinesisFake) -> None:
    orders = kinesis.stream("orders")
    orders.put_many([{"data": "old", "shard": S0}] * 3)
    kinesis.advance(hours=23)
    orders.put("new", shard=S0)
    orders.split(S0)
    orders.put("newer", shard=S3)
    kinesis.advance(hours=1)
    assert streams_of(kinesis) == [
        "  orders: ACTIVE, 3 open shards of 4, 2 records",
        "    shard 0   [..............]                 1 record, retention has taken 3, closed, children 2, 3",
        "    shard 1                   [==============] 0 records",
        "    shard 2   [======]                         0 records",
        "    shard 3           [======]                 1 record",
    ]


@pytest.mark.fake_kinesis(streams={"orders": 30})
def test_a_stream_of_many_shards_shows_the_first_ones_and_counts_the_others(kinesis: KinesisFake) -> None:
    kinesis.stream("orders").put("1 teapot", shard=S1)
    lines = streams_of(kinesis)
    assert lines[:3] == [
        "  orders: ACTIVE, 30 open shards of 30, 1 record",
        "    shard 0   []                               0 records",
        "    shard 1    []                              1 record",
    ]
    assert (len(lines), lines[-1]) == (14, "    and 18 more")


def test_of_many_streams_the_first_ones_are_shown_and_the_others_counted() -> None:
    with fake_kinesis(streams={f"stream-{number:02}": 1 for number in range(25)}) as kinesis:
        lines = streams_of(kinesis)
    assert (len(lines), lines[-1]) == (21, "  and 5 more")


def test_consumers_and_their_subscriptions_are_told(kinesis: KinesisFake, client: Any) -> None:
    arn = kinesis.stream("orders").stream_arn
    for name in ("billing", "audit"):
        client.register_stream_consumer(StreamARN=arn, ConsumerName=name)
    kinesis.settle()
    billing = next(each for each in kinesis.stream("orders").consumers if each.consumer_name == "billing")
    for shard_id in (S0, S1):
        client.subscribe_to_shard(
            ConsumerARN=billing.consumer_arn, ShardId=shard_id, StartingPosition={"Type": "LATEST"}
        )
    client.register_stream_consumer(StreamARN=arn, ConsumerName="new")
    assert streams_of(kinesis)[1:] == [
        "    consumer audit: ACTIVE, no subscription",
        "    consumer billing: ACTIVE, subscribed to shards 0, 1",
        "    consumer new: CREATING, no subscription",
    ]
    kinesis.advance(minutes=5)
    assert streams_of(kinesis)[2] == "    consumer billing: ACTIVE, no subscription"


def test_the_report_takes_no_longer_for_many_records_and_makes_no_views(kinesis: KinesisFake, monkeypatch: Any) -> None:
    orders = kinesis.stream("orders")
    orders.put_many(["x"] * 100)
    monkeypatch.setattr("kinesis_fake.toolkit.views.records.record_view", None)
    assert "orders: ACTIVE, 2 open shards of 2, 100 records" in kinesis.summary()
    assert len(orders.records) == 100


# --- hints --------------------------------------------------------------------------------------------------------


def test_a_stream_that_is_still_being_created_is_hinted_at(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="new", ShardCount=1)
    with refused(client, "ResourceNotFoundException"):
        client.put_record(StreamName="new", Data=b"x", PartitionKey="a")
    assert hints_of(kinesis) == [
        "Stream new is still CREATING, so PutRecord was refused. Wait for it with the waiter stream_exists, or make it "
        "with kinesis.create_stream(), which returns when it is ACTIVE."
    ]
    kinesis.settle()
    assert hints_of(kinesis) == []


@pytest.mark.parametrize("name", ["Orders", "ORDERS", "order", "oders"])
def test_a_name_that_differs_in_case_or_by_a_letter_is_hinted_at(kinesis: KinesisFake, client: Any, name: Any) -> None:
    with refused(client, "ResourceNotFoundException"):
        client.put_record(StreamName=name, Data=b"x", PartitionKey="a")
    assert hints_of(kinesis) == [f"There is no stream '{name}'; do you mean 'orders'?"]


def test_a_name_that_is_like_no_other_is_not_hinted_at(kinesis: KinesisFake, client: Any) -> None:
    with refused(client, "ResourceNotFoundException"):
        client.put_record(StreamName="payments", Data=b"x", PartitionKey="a")
    assert hints_of(kinesis) == []


OUTER = (
    "An outer fake has this stream, 'payments', but the fake that was entered last answers the call: make the stream "
    "in that one, or let the test enter the outer fake alone."
)


def test_a_stream_that_only_an_outer_fake_has_is_hinted_at() -> None:
    with fake_kinesis(streams={"payments": 1}), fake_kinesis(), fake_kinesis() as inner:
        client = inner.client()
        with refused(client, "ResourceNotFoundException"):
            client.describe_stream_summary(StreamName="payments")
        assert hints_of(inner) == [OUTER]
        inner.create_stream("payments", shards=1)
        assert hints_of(inner) == []
    with fake_kinesis(streams={"payments": 1}, region="eu-west-1"), fake_kinesis() as inner:
        client = inner.client()
        with refused(client, "ResourceNotFoundException"):
            client.describe_stream_summary(StreamName="payments")
        assert hints_of(inner) == []


def test_a_stream_of_a_fake_beside_or_before_is_not_hinted_at() -> None:
    with fake_kinesis(streams={"payments": 1}) as before:
        pass
    with fake_kinesis() as kinesis:
        client = kinesis.client()
        with refused(client, "ResourceNotFoundException"):
            client.describe_stream_summary(StreamName="payments")
        assert hints_of(kinesis) == []
    assert before.stream("payments").shards


@pytest.mark.thorough
def test_a_fake_does_not_keep_the_one_around_it_alive() -> None:
    with fake_kinesis() as outer, fake_kinesis() as inner:
        reference = weakref.ref(outer)
    del outer
    gc.collect()
    assert reference() is None
    assert hints_of(inner) == []


def test_records_that_went_to_children_which_were_not_read_are_hinted_at(kinesis: KinesisFake, client: Any) -> None:
    orders = kinesis.stream("orders")
    orders.put("before", shard=S0)
    orders.split(S0)
    orders.put_many([{"data": "after", "shard": S3}] * 2)
    client.get_records(ShardIterator=iterator(client))
    hint = (
        "Shard 0 of stream orders is closed, and 2 records went to its descendant 3, which has not been read: go on "
        "with the ChildShards of the last answer, or with ListShards."
    )
    assert hints_of(kinesis) == [hint]
    orders.put("after", shard=S2)
    assert hints_of(kinesis) == [
        hint.replace("2 records", "3 records").replace("descendant 3, which has", "descendants 2, 3, which have")
    ]
    for shard_id in (S2, S3):
        client.get_records(ShardIterator=iterator(client, shard_id))
    assert hints_of(kinesis) == []


def test_latest_that_was_taken_after_the_put_is_hinted_at(kinesis: KinesisFake, client: Any) -> None:
    kinesis.stream("orders").put_many([{"data": "x", "shard": S0}] * 3)
    client.get_records(ShardIterator=iterator(client, kind="LATEST"))
    hint = (
        "The iterator of shard 0 of stream orders was taken with LATEST when 3 records had been put already: take it "
        "before the put, or use TRIM_HORIZON."
    )
    assert hints_of(kinesis) == [hint]
    client.get_records(ShardIterator=iterator(client))
    assert hints_of(kinesis) == []


def test_latest_that_was_taken_before_the_put_is_not_hinted_at(kinesis: KinesisFake, client: Any) -> None:
    token = iterator(client, kind="LATEST")
    client.get_records(ShardIterator=token)
    assert hints_of(kinesis) == []
    kinesis.stream("orders").put("x", shard=S0)
    assert client.get_records(ShardIterator=token)["Records"]
    assert hints_of(kinesis) == []


def subscribe(kinesis: KinesisFake, client: Any, consumer_arn: str, kind: str) -> Any:
    kinesis.advance(seconds=5)
    return client.subscribe_to_shard(ConsumerARN=consumer_arn, ShardId=S0, StartingPosition={"Type": kind})[
        "EventStream"
    ]


@pytest.fixture
def consumer_arn(kinesis: KinesisFake, client: Any) -> str:
    arn = kinesis.stream("orders").stream_arn
    consumer = client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]
    kinesis.settle()
    consumer_arn: str = consumer["ConsumerARN"]
    return consumer_arn


def test_a_subscription_with_latest_after_the_put_is_hinted_at(
    kinesis: KinesisFake, client: Any, consumer_arn: str
) -> None:
    kinesis.stream("orders").put_many([{"data": "x", "shard": S0}] * 3)
    events = subscribe(kinesis, client, consumer_arn, "LATEST")
    hint = (
        "Consumer billing subscribed to shard 0 of stream orders with LATEST when 3 records had been put already: "
        "subscribe before the put, or with TRIM_HORIZON."
    )
    assert next(iter(events))["SubscribeToShardEvent"]["Records"] == []
    assert hints_of(kinesis) == [hint]
    kinesis.stream("orders").put("y", shard=S0)
    assert hints_of(kinesis) == []


def test_a_subscription_before_the_put_is_not_hinted_at(kinesis: KinesisFake, client: Any, consumer_arn: str) -> None:
    events = iter(subscribe(kinesis, client, consumer_arn, "LATEST"))
    assert next(events)["SubscribeToShardEvent"]["Records"] == []
    assert hints_of(kinesis) == []
    kinesis.stream("orders").put("x", shard=S0)
    assert len(next(events)["SubscribeToShardEvent"]["Records"]) == 1
    subscribe(kinesis, client, consumer_arn, "LATEST")  # again, after what it has seen
    assert hints_of(kinesis) == []


def test_a_subscription_from_the_trim_horizon_is_not_hinted_at(
    kinesis: KinesisFake, client: Any, consumer_arn: str
) -> None:
    kinesis.stream("orders").put("x", shard=S0)
    subscribe(kinesis, client, consumer_arn, "TRIM_HORIZON")
    subscribe(kinesis, client, consumer_arn, "LATEST")
    assert hints_of(kinesis) == []


def test_the_summary_of_a_fake_that_was_never_called_has_no_hints() -> None:
    assert "hint" not in KinesisFake(streams={"orders": 1}).summary()
