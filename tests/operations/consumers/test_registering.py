"""Registering and deregistering consumers, and how they are addressed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake, Limits
from tests.support.consumers import (
    DURATIONS,
    MIDNIGHT,
    ORDERS,
    OTHER,
    START,
    A,
    arn_not_found,
    arn_of,
    status_of,
    statuses,
)
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": 1, "other": 1})


def not_found(consumer_name: Any) -> Any:
    """The refusal for a consumer that a call names by its name, and that does not exist."""
    return (
        "ResourceNotFoundException",
        f"Consumer {consumer_name} under stream: orders, account {A} not found.",
    )


@pytest.fixture
def plain_client(kinesis: KinesisFake) -> Any:
    """A client with an endpoint of its own: botocore sends it any ARN, and otherwise only those of the region."""
    return kinesis.client(endpoint_url="https://kinesis.us-east-1.amazonaws.com")


# --- registering --------------------------------------------------------------------------------------------------


def test_a_new_consumer_is_creating_and_its_arn_ends_with_the_second(kinesis: KinesisFake, client: Any) -> None:
    kinesis.advance(milliseconds=1999)
    answer = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    assert answer["Consumer"] == {
        "ConsumerName": "billing",
        "ConsumerARN": arn_of("billing", START + 1),
        "ConsumerStatus": "CREATING",
        "ConsumerCreationTimestamp": MIDNIGHT + timedelta(seconds=1),
    }


def test_a_consumer_is_active_when_its_time_has_come_and_not_before(kinesis: KinesisFake, client: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    kinesis.advance(milliseconds=DURATIONS.registering_consumer_ms - 1)
    assert status_of(client, "billing") == "CREATING"
    kinesis.advance(milliseconds=1)
    assert status_of(client, "billing") == "ACTIVE"
    assert kinesis.pending() == []


def test_what_consumers_wait_for_is_told(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    client.deregister_stream_consumer(ConsumerARN=billing)
    client.register_stream_consumer(StreamARN=OTHER, ConsumerName="audit")
    assert [pending.what for pending in kinesis.pending()] == [
        "consumer billing of stream orders is gone",
        "consumer audit of stream other becomes ACTIVE",
    ]


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "DELETING"])
def test_a_name_is_taken_in_every_state(kinesis: KinesisFake, client: Any, refusal: Any, state: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    if state != "CREATING":
        kinesis.settle()
    if state == "DELETING":
        client.deregister_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    assert status_of(client, "billing") == state
    assert refusal("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="billing") == (
        "ResourceInUseException",
        f"Consumer billing under stream orders already exists for account {A}.",
    )


def test_consumers_of_two_streams_may_have_one_name(client: Any, billing: Any) -> None:
    client.register_stream_consumer(StreamARN=OTHER, ConsumerName="billing")
    assert statuses(client, OTHER) == {"billing": "CREATING"}
    assert statuses(client) == {"billing": "ACTIVE"}


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_a_name_that_is_registered_again_has_another_arn_even_within_one_second(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    arns = []
    for _ in range(3):
        consumer = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]
        assert consumer["ConsumerCreationTimestamp"].timestamp() == int(consumer["ConsumerARN"].rpartition(":")[2])
        client.deregister_stream_consumer(ConsumerARN=consumer["ConsumerARN"])
        arns.append(consumer["ConsumerARN"])
    assert arns == [arn_of("billing", START + number) for number in range(3)]
    kinesis.advance(seconds=10)
    later = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    assert later == arn_of("billing", START + 10)
    assert refusal("DescribeStreamConsumer", ConsumerARN=arns[0]) == arn_not_found(arns[0])


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_a_consumer_of_a_stream_that_was_made_anew_has_another_arn(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    first = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    client.delete_stream(StreamARN=ORDERS, EnforceConsumerDeletion=True)
    client.create_stream(StreamName="orders", ShardCount=1)
    second = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    assert (first, second) == (arn_of("billing"), arn_of("billing", START + 1))
    assert refusal("DescribeStreamConsumer", ConsumerARN=first) == arn_not_found(first)


def test_no_more_than_five_consumers_are_creating_at_once_in_the_whole_region(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    for number in range(5):
        client.register_stream_consumer(StreamARN=(ORDERS, OTHER)[number % 2], ConsumerName=f"c{number}")
    assert refusal("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="c5") == (
        "LimitExceededException",
        f"This request would exceed the limit for account {A} on the number of consumers that can simultaneously be in "
        "CREATING. Limit: 5",
    )
    client.deregister_stream_consumer(StreamARN=ORDERS, ConsumerName="c0")
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="c5")


def _register(kinesis: KinesisFake, client: Any, count: Any, stream_arn: Any = ORDERS) -> None:
    for number in range(count):
        client.register_stream_consumer(StreamARN=stream_arn, ConsumerName=f"c{number:02}")
        kinesis.settle()


def _too_many(stream_name: Any, limit: Any) -> Any:
    return (
        "LimitExceededException",
        f"This request would exceed the limit on the number of consumers registered with stream {stream_name} under "
        f"account {A}. Limit: {limit}",
    )


def test_a_stream_has_twenty_consumers_and_no_more(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    _register(kinesis, client, 20)
    assert refusal("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="more") == _too_many("orders", 20)
    client.register_stream_consumer(StreamARN=OTHER, ConsumerName="more")
    client.deregister_stream_consumer(StreamARN=ORDERS, ConsumerName="c00")
    # It counts until it is gone.
    assert refusal("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="more") == _too_many("orders", 20)
    kinesis.settle()
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="more")


@needs("UpdateAccountSettings")
@pytest.mark.parametrize("committed", [False, True])
def test_an_on_demand_stream_has_fifty_consumers_if_the_account_is_committed(
    kinesis: KinesisFake, client: Any, refusal: Any, committed: Any
) -> None:
    arn = kinesis.create_stream("elastic").stream_arn
    if committed:
        client.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    limit = 50 if committed else 20
    _register(kinesis, client, limit, arn)
    assert refusal("RegisterStreamConsumer", StreamARN=arn, ConsumerName="more") == _too_many("elastic", limit)


@needs("UpdateAccountSettings")
def test_a_provisioned_stream_has_no_more_for_the_commitment(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    client.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    _register(kinesis, client, 20)
    assert refusal("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="more") == _too_many("orders", 20)


@pytest.mark.fake_kinesis(limits=Limits(consumers_per_stream=1, consumers_creating=1))
def test_the_limits_can_be_others(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="first")
    code, message = refusal("RegisterStreamConsumer", StreamARN=OTHER, ConsumerName="second")
    assert (code, message[-8:]) == ("LimitExceededException", "Limit: 1")
    kinesis.settle()
    assert refusal("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="second") == _too_many("orders", 1)


@pytest.mark.parametrize("state", ["creating", "deleting"])
def test_a_stream_that_is_made_or_deleted_takes_no_consumers(world: Any, refusal: Any, state: Any) -> None:
    arn = world.stream(state).stream_arn
    assert refusal("RegisterStreamConsumer", StreamARN=arn, ConsumerName="billing") == (
        "ResourceInUseException",
        f"Stream {state} under account {A} not ACTIVE or UPDATING, instead in state {state.upper()}",
    )


def test_a_stream_that_is_updating_takes_consumers(world: Any, client: Any) -> None:
    arn = world.stream("updating").stream_arn
    client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")
    assert statuses(client, arn) == {"billing": "CREATING"}


@pytest.mark.parametrize(
    "stream_arn",
    [
        pytest.param(f"arn:aws:kinesis:us-east-1:{A}:stream/none", id="no such stream"),
        pytest.param(f"arn:aws-cn:kinesis:us-east-1:{A}:stream/none", id="a partition without that region"),
    ],
)
@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("RegisterStreamConsumer", {"ConsumerName": "billing"}),
        ("DescribeStreamConsumer", {"ConsumerName": "billing"}),
        ("DeregisterStreamConsumer", {"ConsumerName": "billing"}),
        ("ListStreamConsumers", {}),
    ],
)
def test_there_must_be_a_stream(
    refusal: Any, plain_client: Any, operation: Any, parameters: Any, stream_arn: Any
) -> None:
    assert refusal(operation, through=plain_client, StreamARN=stream_arn, **parameters) == (
        "ResourceNotFoundException",
        f"Stream none under account {A} not found.",
    )


# --- addressing ---------------------------------------------------------------------------------------------------


def test_a_consumer_is_described_in_all_three_ways(client: Any, billing: Any) -> None:
    expected = {
        "ConsumerName": "billing",
        "ConsumerARN": billing,
        "ConsumerStatus": "ACTIVE",
        "ConsumerCreationTimestamp": MIDNIGHT,
        "StreamARN": ORDERS,
    }
    for address in (
        {"ConsumerARN": billing},
        {"StreamARN": ORDERS, "ConsumerName": "billing"},
        {"ConsumerARN": billing, "StreamARN": ORDERS, "ConsumerName": "billing"},
        {"ConsumerARN": billing, "StreamARN": ORDERS},
        {"ConsumerARN": billing, "ConsumerName": "billing"},
    ):
        assert client.describe_stream_consumer(**address)["ConsumerDescription"] == expected


@needs("DescribeStreamConsumer", "StreamId")
def test_a_stream_id_is_accepted_and_has_no_effect(client: Any, billing: Any) -> None:
    address = {"ConsumerARN": billing, "StreamId": "abcdefghij0123456789-abc"}
    assert client.describe_stream_consumer(**address)["ConsumerDescription"]["ConsumerName"] == "billing"


@pytest.mark.parametrize("operation", ["DescribeStreamConsumer", "DeregisterStreamConsumer"])
class TestAddressing:
    @pytest.mark.parametrize("address", [{}, {"StreamARN": ORDERS}, {"ConsumerName": "billing"}])
    def test_half_an_address_is_none(self, refusal: Any, operation: Any, address: Any) -> None:
        assert refusal(operation, **address) == (
            "InvalidArgumentException",
            "Both streamARN and consumer name must be provided if consumerARN is not provied.",
        )

    def test_the_addresses_must_agree(self, refusal: Any, operation: Any, billing: Any) -> None:
        assert refusal(operation, ConsumerARN=billing, StreamARN=OTHER) == (
            "InvalidArgumentException",
            f"ConsumerARN {billing} and StreamARN {OTHER} do not name the same consumer.",
        )
        assert refusal(operation, ConsumerARN=billing, ConsumerName="bill") == (
            "InvalidArgumentException",
            f"ConsumerARN {billing} and ConsumerName bill do not name the same consumer.",
        )

    @pytest.mark.parametrize(
        "consumer_arn",
        [
            pytest.param(arn_of("billing", START + 1), id="another second"),
            pytest.param(arn_of("billing", f"0{START}"), id="the second written otherwise"),
            pytest.param(arn_of("billing", stream_arn=OTHER), id="another stream"),
            pytest.param(arn_of("billing", stream_arn=f"{ORDERS}2"), id="no such stream"),
            pytest.param(arn_of("billing").replace("arn:aws:", "arn:aws-us-gov:"), id="another partition"),
            pytest.param(arn_of("billing").replace(":stream/", ":a/stream/"), id="wider than any real ARN"),
        ],
    )
    def test_the_arn_must_be_that_of_a_consumer(
        self, refusal: Any, plain_client: Any, operation: Any, billing: Any, consumer_arn: Any
    ) -> None:
        assert refusal(operation, through=plain_client, ConsumerARN=consumer_arn) == arn_not_found(consumer_arn)

    def test_the_name_must_be_that_of_a_consumer(self, refusal: Any, operation: Any, billing: Any) -> None:
        assert refusal(operation, StreamARN=ORDERS, ConsumerName="bill") == not_found("bill")


# --- deregistering ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["ConsumerARN", "StreamARN and ConsumerName"])
def test_a_deregistered_consumer_is_deleting_and_then_gone(
    kinesis: KinesisFake, client: Any, refusal: Any, billing: Any, by: Any
) -> None:
    address = {"ConsumerARN": billing} if by == "ConsumerARN" else {"StreamARN": ORDERS, "ConsumerName": "billing"}
    client.deregister_stream_consumer(**address)
    kinesis.advance(milliseconds=DURATIONS.deregistering_consumer_ms - 1)
    assert status_of(client, "billing") == "DELETING"
    kinesis.advance(milliseconds=1)
    assert refusal("DescribeStreamConsumer", ConsumerARN=billing) == arn_not_found(billing)
    assert statuses(client) == {}


def test_deregistering_again_does_not_begin_anew(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    client.deregister_stream_consumer(ConsumerARN=billing)
    kinesis.advance(milliseconds=DURATIONS.deregistering_consumer_ms - 1)
    client.deregister_stream_consumer(ConsumerARN=billing)
    kinesis.advance(milliseconds=1)
    assert statuses(client) == {}


def test_a_consumer_that_is_creating_can_be_deregistered_and_never_becomes_active(
    kinesis: KinesisFake, client: Any
) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    kinesis.advance(milliseconds=DURATIONS.registering_consumer_ms - 1)
    client.deregister_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    kinesis.advance(milliseconds=1)
    assert status_of(client, "billing") == "DELETING"
    kinesis.settle()
    assert statuses(client) == {}
