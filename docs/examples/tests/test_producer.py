"""The producer loses no order, and says which it could not put."""

import pytest
from orders.producer import OrdersNotPut, Producer

from kinesis_fake import Fault
from kinesis_fake.stateful import ProducerMachine

ORDERS = [{"customer": f"customer-{number % 5}", "amount": number + 1} for number in range(1200)]


def test_all_orders_are_put_in_batches(kinesis):
    Producer().put(ORDERS)
    assert len(kinesis.stream("orders").records) == 1200
    assert [len(call.parameters["Records"]) for call in kinesis.calls.of("PutRecords")] == [500, 500, 200]


def test_the_orders_of_a_customer_go_to_one_shard(kinesis):
    Producer().put(ORDERS)
    for number in range(5):
        records = kinesis.stream("orders").records.of(partition_key=f"customer-{number}")
        assert len({record.shard_id for record in records}) == 1


def test_failed_orders_are_put_again_and_others_are_not(kinesis):
    kinesis.inject(Fault.partial_failure(indexes=[0, 7]))
    Producer().put(ORDERS[:10])
    amounts = [record.json()["amount"] for record in kinesis.stream("orders").records]
    assert sorted(amounts) == list(range(1, 11))
    assert (kinesis.now.second, kinesis.now.microsecond) == (0, 200_000)


def test_the_caller_hears_of_orders_that_could_not_be_put(kinesis):
    kinesis.inject(Fault.partial_failure(indexes=[0], times=5))
    with pytest.raises(OrdersNotPut) as caught:
        Producer().put(ORDERS[:3])
    assert len(caught.value.orders) == 1
    assert len(kinesis.stream("orders").records) == 2


class PuttingMachine(ProducerMachine):
    """Buffers what the machine hands over as orders, and tells it of those that were not put."""

    many = large = False

    def data_of(self, number, partition_key, size):
        return b'{"customer": "%s", "amount": %d}' % (partition_key.encode(), number)

    def make_producer(self, client, stream_name, give_up):
        return Buffered(Producer(client), give_up)


class Buffered:
    def __init__(self, producer, give_up):
        self.producer, self.give_up = producer, give_up
        self.orders = []

    def put(self, partition_key, data):
        self.orders.append({"customer": partition_key, "amount": int(data.split()[-1].strip(b"}"))})

    def flush(self):
        try:
            self.producer.put(self.orders)
        except OrdersNotPut as error:
            for order in error.orders:
                self.give_up(b'{"customer": "%s", "amount": %d}' % (order["customer"].encode(), order["amount"]))
        self.orders = []


TestPutting = PuttingMachine.TestCase
