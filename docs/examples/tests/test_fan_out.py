"""The fan-out consumer outlives its subscriptions."""

from itertools import islice

import pytest
from orders.fan_out import orders_of

from kinesis_fake import Fault


@pytest.fixture
def consumer_arn(kinesis, kinesis_client):
    answer = kinesis_client.register_stream_consumer(
        StreamARN=kinesis.stream("orders").stream_arn, ConsumerName="billing"
    )
    kinesis.settle()
    return answer["Consumer"]["ConsumerARN"]


def put(kinesis, *amounts):
    for amount in amounts:
        kinesis.stream("orders").put(json={"amount": amount}, shard="shardId-000000000000")


def test_orders_are_pushed(kinesis, consumer_arn):
    put(kinesis, 1, 2)
    orders = orders_of(consumer_arn, "shardId-000000000000")
    assert [order["amount"] for order in islice(orders, 2)] == [1, 2]


def test_a_broken_stream_is_renewed_where_it_broke(kinesis, consumer_arn):
    put(kinesis, 1)
    kinesis.inject(Fault.broken_stream())
    orders = orders_of(consumer_arn, "shardId-000000000000")
    assert next(orders)["amount"] == 1
    put(kinesis, 2)
    kinesis.advance(seconds=5)
    assert next(orders)["amount"] == 2


def test_the_end_of_the_shard_ends_the_orders(kinesis, consumer_arn):
    put(kinesis, 1)
    kinesis.stream("orders").split("shardId-000000000000")
    assert [order["amount"] for order in orders_of(consumer_arn, "shardId-000000000000")] == [1]
