"""Views of the same resource are equal, and print how much it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support import channels, queues
from tests.support.model import needs

S0, S1 = "shardId-000000000000", "shardId-000000000001"

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2, "payments": 1})


@pytest.mark.parametrize(
    "look",
    [
        lambda kinesis: kinesis.stream("orders"),
        lambda kinesis: kinesis.streams[0],
        lambda kinesis: kinesis.stream(kinesis.stream("orders").stream_arn),
    ],
)
def test_views_of_a_stream_are_equal_however_it_is_asked_for(
    kinesis: KinesisFake, look: Callable[[KinesisFake], Any]
) -> None:
    orders = kinesis.stream("orders")
    assert look(kinesis) == orders
    assert hash(look(kinesis)) == hash(orders)
    assert look(kinesis) != kinesis.stream("payments")
    assert kinesis.streams.index(orders) == 0
    assert {orders, look(kinesis)} == {orders}


def test_views_of_a_shard_are_equal_also_when_it_has_changed(kinesis: KinesisFake) -> None:
    orders = kinesis.stream("orders")
    first = orders.shard(S0)
    assert first in orders.open_shards
    assert first == orders.shards[0] != orders.shards[1]
    assert first != kinesis.stream("payments").shard(S0)
    lower, upper = orders.split(S0)
    assert first == orders.shard(S0)
    assert first not in orders.open_shards
    assert [lower, upper] == orders.shards[2:]
    assert len({*orders.shards, first, lower, upper}) == 4


def test_views_of_consumers_records_and_keys_are_equal(kinesis: KinesisFake, client: Any) -> None:
    orders = kinesis.stream("orders")
    client.register_stream_consumer(StreamARN=orders.stream_arn, ConsumerName="billing")
    kinesis.settle()
    orders.put("1 teapot", shard=S0)
    assert orders.consumers == orders.consumers
    assert orders.records == orders.records == [orders.shard(S0).records[0]]
    assert kinesis.key("alias/aws/kinesis") == kinesis.key("alias/aws/kinesis")
    assert hash(kinesis.key("alias/aws/kinesis")) == hash(kinesis.key("alias/aws/kinesis"))
    assert kinesis.key("alias/aws/kinesis") != kinesis.key("alias/other")


@needs("CreateQueue")
@needs("CreateChannel")
def test_views_of_queues_and_channels_are_equal(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("flow")
    queues.create(client, "billing", kinesis.stream("flow").stream_arn)
    channels.create(client, "lake", kinesis.stream("flow").stream_arn)
    kinesis.settle()
    assert kinesis.queue("billing") == kinesis.queue("billing") != kinesis.channel("lake")
    assert kinesis.channel("lake") == kinesis.channel("lake")


def test_views_of_a_stream_of_the_same_name_are_not_equal(kinesis: KinesisFake, client: Any) -> None:
    before = kinesis.stream("orders")
    shard = before.shard(S0)
    with fake_kinesis(streams={"orders": 2}) as other:
        assert other.stream("orders") != before
        assert other.key("alias/aws/kinesis") != kinesis.key("alias/aws/kinesis")
    client.delete_stream(StreamName="orders")
    kinesis.settle()
    kinesis.create_stream("orders", shards=2)
    assert kinesis.stream("orders") != before
    assert kinesis.stream("orders").shard(S0) != shard


def test_a_view_is_not_equal_to_what_is_no_view(kinesis: KinesisFake) -> None:
    assert kinesis.stream("orders") != "orders"
    assert kinesis.stream("orders").shard(S0) != S0
    assert kinesis.key("alias/a") != "alias/a"


def test_one_thing_is_told_in_the_singular(kinesis: KinesisFake) -> None:
    assert repr(kinesis.stream("payments")) == "<stream payments ACTIVE, 1 open shard>"
    assert repr(kinesis.stream("orders")) == "<stream orders ACTIVE, 2 open shards>"
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}) as other:
        assert repr(other) == "<KinesisFake at 2026-01-01T00:00:00+00:00, 1 stream>"
        mapping = other.event_source_mapping(lambda event, context: None, "orders", function_name="f")
        other.stream("orders").put("1 teapot")
        mapping.drain()
        assert repr(mapping) == (
            "<event source mapping of f to arn:aws:kinesis:us-east-1:123456789012:stream/orders Enabled, 1 invocation, "
            "0 blocked>"
        )


def test_a_stream_that_is_not_there_is_told_with_each_way_to_make_it(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("letters")
    assert str(caught.value) == (
        "There is no stream 'letters' in us-east-1; the streams are: orders, payments. Make it with "
        "kinesis.create_stream(), with streams= of the fake, or through a client."
    )
