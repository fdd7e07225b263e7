"""The consumer misses nothing: across restarts, pauses and reshards."""

import pytest
from hypothesis import settings
from orders.consumer import Checkpoints, Consumer

from kinesis_fake.stateful import ConsumerMachine


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "checkpoints.json")


def put(kinesis, *amounts, customer="ada"):
    for amount in amounts:
        kinesis.stream("orders").put(json={"customer": customer, "amount": amount}, partition_key=customer)


def test_every_order_is_handed_over_in_its_order(kinesis, checkpoints):
    seen = []
    put(kinesis, 1, 2, 3)
    Consumer(seen.append, checkpoints).run()
    assert [order["amount"] for order in seen] == [1, 2, 3]


def test_a_restart_goes_on_after_the_last_order(kinesis, checkpoints):
    seen = []
    put(kinesis, 1, 2)
    Consumer(seen.append, checkpoints).run()
    put(kinesis, 3)
    Consumer(seen.append, Checkpoints(checkpoints.path)).run()
    assert [order["amount"] for order in seen] == [1, 2, 3]


def test_a_pause_of_more_than_five_minutes_does_no_harm(kinesis, checkpoints):
    seen = []
    consumer = Consumer(seen.append, checkpoints)
    consumer.run()
    kinesis.advance(minutes=6)
    put(kinesis, 1)
    consumer.run()
    assert [order["amount"] for order in seen] == [1]


def test_orders_before_a_reshard_come_before_those_after_it(kinesis, checkpoints):
    seen = []
    put(kinesis, 1)
    for shard in kinesis.stream("orders").open_shards:
        kinesis.stream("orders").split(shard.shard_id)
    put(kinesis, 2)
    Consumer(seen.append, checkpoints).run()
    assert [order["amount"] for order in seen] == [1, 2]


class OrdersConsumerMachine(ConsumerMachine):
    """Searches for what breaks the consumer; it processes each order once."""

    exactly_once = True

    def make_consumer(self, client, stream_name, checkpoints, process):
        return Consumer(
            lambda order: process(self.data_of(order["number"], order["key"])), InMemory(checkpoints), client
        )


class InMemory(Checkpoints):
    def __init__(self, places):
        self.places = places

    def set(self, shard_id, place):
        self.places[shard_id] = place


TestOrdersConsumer = OrdersConsumerMachine.TestCase
TestOrdersConsumer.settings = settings(TestOrdersConsumer.settings, max_examples=30)
