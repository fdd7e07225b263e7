"""Consumers in lists, in polling loops, and on their stream."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import ConsumerView, Durations, KinesisFake, Limits
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
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": 1, "other": 1})


# --- listing ------------------------------------------------------------------------------------------------------


@pytest.fixture
def five(kinesis: KinesisFake, client: Any) -> None:
    """Five consumers, registered in another order than that of their names."""
    for name in ("c", "e", "a", "d", "b"):
        client.register_stream_consumer(StreamARN=ORDERS, ConsumerName=name)
    kinesis.settle()


def names_in(answer: Any) -> Any:
    return [consumer["ConsumerName"] for consumer in answer["Consumers"]]


def test_consumers_are_listed_in_the_order_of_their_names_without_the_stream(client: Any, five: Any) -> None:
    answer = client.list_stream_consumers(StreamARN=ORDERS)
    assert names_in(answer) == ["a", "b", "c", "d", "e"]
    assert "NextToken" not in answer
    assert answer["Consumers"][0] == {
        "ConsumerName": "a",
        "ConsumerARN": arn_of("a"),
        "ConsumerStatus": "ACTIVE",
        "ConsumerCreationTimestamp": MIDNIGHT,
    }


def test_a_stream_without_consumers_lists_none(client: Any) -> None:
    assert names_in(client.list_stream_consumers(StreamARN=ORDERS)) == []


def test_pages_follow_each_other_whatever_their_size(client: Any, five: Any) -> None:
    first = client.list_stream_consumers(StreamARN=ORDERS, MaxResults=2)
    second = client.list_stream_consumers(StreamARN=ORDERS, NextToken=first["NextToken"], MaxResults=1)
    third = client.list_stream_consumers(StreamARN=ORDERS, NextToken=second["NextToken"])
    assert [names_in(page) for page in (first, second, third)] == [["a", "b"], ["c"], ["d", "e"]]
    assert "NextToken" not in third
    # A token resumes after a name, not after a number of consumers.
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="aa")
    assert names_in(client.list_stream_consumers(StreamARN=ORDERS, NextToken=first["NextToken"])) == ["c", "d", "e"]


def test_the_paginator_of_botocore_walks_through_all(client: Any, five: Any) -> None:
    pages = client.get_paginator("list_stream_consumers").paginate(StreamARN=ORDERS, PaginationConfig={"PageSize": 2})
    assert [names_in(page) for page in pages] == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.fake_kinesis(limits=Limits(consumers_per_stream=101), durations=Durations.instant())
@pytest.mark.parametrize("max_results", [{}, {"MaxResults": 101}, {"MaxResults": 10_000}])
def test_a_page_has_a_hundred_consumers_at_most(client: Any, max_results: Any) -> None:
    for number in range(101):
        client.register_stream_consumer(StreamARN=ORDERS, ConsumerName=f"c{number:03}")
    first = client.list_stream_consumers(StreamARN=ORDERS, **max_results)
    rest = client.list_stream_consumers(StreamARN=ORDERS, NextToken=first["NextToken"])
    assert (len(first["Consumers"]), names_in(rest)) == (100, ["c100"])


def test_a_token_lives_300_seconds_and_no_longer(kinesis: KinesisFake, client: Any, refusal: Any, five: Any) -> None:
    token = client.list_stream_consumers(StreamARN=ORDERS, MaxResults=4)["NextToken"]
    kinesis.advance(seconds=300)
    assert names_in(client.list_stream_consumers(StreamARN=ORDERS, NextToken=token)) == ["e"]
    kinesis.advance(milliseconds=1)
    assert refusal("ListStreamConsumers", StreamARN=ORDERS, NextToken=token) == (
        "ExpiredNextTokenException",
        "The pagination token has expired. A NextToken is valid for 300 seconds.",
    )


def test_a_token_is_good_for_its_stream_and_operation_only(client: Any, refusal: Any, five: Any) -> None:
    token = client.list_stream_consumers(StreamARN=ORDERS, MaxResults=4)["NextToken"]
    invalid = "InvalidArgumentException", "Invalid NextToken."
    assert refusal("ListStreamConsumers", StreamARN=OTHER, NextToken=token) == invalid
    assert refusal("ListStreamConsumers", StreamARN=ORDERS, NextToken=f"{token[:-8]}AAAAAAA=") == invalid
    assert refusal("ListShards", NextToken=token) == invalid


def test_a_token_of_a_stream_that_was_made_anew_is_invalid(
    kinesis: KinesisFake, client: Any, refusal: Any, five: Any
) -> None:
    token = client.list_stream_consumers(StreamARN=ORDERS, MaxResults=4)["NextToken"]
    client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    kinesis.settle()
    kinesis.create_stream("orders", shards=1)
    assert refusal("ListStreamConsumers", StreamARN=ORDERS, NextToken=token) == (
        "InvalidArgumentException",
        "Invalid NextToken.",
    )


def test_the_creation_timestamp_must_be_that_of_the_stream(client: Any, refusal: Any, five: Any) -> None:
    assert len(client.list_stream_consumers(StreamARN=ORDERS, StreamCreationTimestamp=MIDNIGHT)["Consumers"]) == 5
    for other in (MIDNIGHT - timedelta(seconds=1), MIDNIGHT + timedelta(seconds=1)):
        assert refusal("ListStreamConsumers", StreamARN=ORDERS, StreamCreationTimestamp=other) == (
            "ResourceNotFoundException",
            f"Stream orders under account {A} not found.",
        )


def test_a_token_stands_without_a_creation_timestamp(client: Any, refusal: Any, five: Any) -> None:
    token = client.list_stream_consumers(StreamARN=ORDERS, MaxResults=4)["NextToken"]
    assert refusal("ListStreamConsumers", StreamARN=ORDERS, NextToken=token, StreamCreationTimestamp=MIDNIGHT) == (
        "InvalidArgumentException",
        "NextToken and StreamCreationEpoch cannot be provided together.",
    )


@pytest.mark.parametrize(
    ("state", "listed"), [("creating", False), ("active", True), ("updating", True), ("deleting", True)]
)
def test_consumers_are_listed_in_every_state_of_the_stream_but_creating(
    world: Any, client: Any, refusal: Any, state: Any, listed: Any
) -> None:
    arn = world.stream(state).stream_arn
    if listed:
        assert statuses(client, arn) == {}
    else:
        assert refusal("ListStreamConsumers", StreamARN=arn) == (
            "ResourceInUseException",
            f"Stream {state} under account {A} not ACTIVE or UPDATING, instead in state CREATING",
        )


# --- polling ------------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(autojump=True)
def test_describing_a_consumer_in_transition_moves_the_clock_to_its_end(kinesis: KinesisFake, client: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    assert kinesis.now == MIDNIGHT
    assert [status_of(client, "billing") for _ in range(3)] == ["CREATING", "ACTIVE", "ACTIVE"]
    registered_at = MIDNIGHT + timedelta(milliseconds=DURATIONS.registering_consumer_ms)
    assert kinesis.now == registered_at
    client.deregister_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    assert status_of(client, "billing") == "DELETING"
    with refused(client, "ResourceNotFoundException"):
        status_of(client, "billing")
    assert kinesis.now == registered_at + timedelta(milliseconds=DURATIONS.deregistering_consumer_ms)


@pytest.mark.fake_kinesis(autojump=True)
def test_listing_consumers_moves_the_clock_to_the_first_end_of_a_transition(kinesis: KinesisFake, client: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="first")
    kinesis.advance(seconds=1)
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="second")
    seen = [statuses(client) for _ in range(3)]
    assert seen == [
        {"first": "CREATING", "second": "CREATING"},
        {"first": "ACTIVE", "second": "CREATING"},
        {"first": "ACTIVE", "second": "ACTIVE"},
    ]
    assert kinesis.now == MIDNIGHT + timedelta(milliseconds=DURATIONS.registering_consumer_ms + 1000)


@pytest.mark.fake_kinesis(autojump=True)
def test_another_stream_does_not_move_the_clock(kinesis: KinesisFake, client: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    client.list_stream_consumers(StreamARN=OTHER)
    assert kinesis.now == MIDNIGHT


# --- the stream that has them -------------------------------------------------------------------------------------


def consumer_count(client: Any) -> Any:
    return client.describe_stream_summary(StreamARN=ORDERS)["StreamDescriptionSummary"]["ConsumerCount"]


def test_the_summary_counts_all_registered_consumers(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="creating")
    client.deregister_stream_consumer(ConsumerARN=billing)
    assert consumer_count(client) == 2
    kinesis.settle()
    assert consumer_count(client) == 1


@pytest.mark.parametrize("enforce", [{}, {"EnforceConsumerDeletion": False}])
def test_a_stream_with_consumers_is_not_deleted(
    kinesis: KinesisFake, client: Any, refusal: Any, billing: Any, enforce: Any
) -> None:
    refused = (
        "ResourceInUseException",
        f"DeleteStream can't delete {A}:orders because there are consumers associated with this data stream. To delete "
        "orders anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the consumers "
        "that are associated with it.",
    )
    assert refusal("DeleteStream", StreamName="orders", **enforce) == refused
    client.deregister_stream_consumer(ConsumerARN=billing)
    assert refusal("DeleteStream", StreamName="orders", **enforce) == refused
    kinesis.settle()
    client.delete_stream(StreamName="orders", **enforce)


def test_an_enforced_deletion_deletes_the_consumers_too(
    kinesis: KinesisFake, client: Any, refusal: Any, billing: Any
) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="creating")
    client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    assert statuses(client) == {"billing": "DELETING", "creating": "DELETING"}
    assert kinesis.stream("orders").status == "DELETING"
    client.delete_stream(StreamName="orders")  # it is being deleted; there is nothing left to enforce
    kinesis.advance(milliseconds=DURATIONS.deregistering_consumer_ms)
    assert statuses(client) == {}
    kinesis.settle()
    assert refusal("DescribeStreamConsumer", ConsumerARN=billing) == arn_not_found(billing)
    assert kinesis.now == MIDNIGHT + timedelta(milliseconds=DURATIONS.registering_consumer_ms + DURATIONS.deleting_ms)


@pytest.mark.fake_kinesis(durations=Durations(deleting_ms=1000, deregistering_consumer_ms=5000))
def test_no_consumer_outlives_its_stream(kinesis: KinesisFake, client: Any, refusal: Any, billing: Any) -> None:
    client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    kinesis.advance(milliseconds=1000)
    assert refusal("DescribeStreamConsumer", ConsumerARN=billing) == arn_not_found(billing)
    assert kinesis.pending() == []


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_consumers_can_come_and_go_without_any_delay(kinesis: KinesisFake, client: Any) -> None:
    consumer = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]
    assert consumer["ConsumerStatus"] == "ACTIVE"
    client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    assert [stream.stream_name for stream in kinesis.streams] == ["other"]
    assert kinesis.now == MIDNIGHT


def test_a_stream_made_anew_has_none_of_the_old_consumers(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    kinesis.settle()
    kinesis.create_stream("orders", shards=1)
    assert statuses(client) == {}


def test_the_view_of_a_stream_shows_its_consumers(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="audit")
    registered = START + DURATIONS.registering_consumer_ms // 1000
    assert kinesis.stream("orders").consumers == [
        ConsumerView(
            "audit", arn_of("audit", registered), "CREATING", datetime.fromtimestamp(registered, timezone.utc)
        ),
        ConsumerView("billing", billing, "ACTIVE", MIDNIGHT),
    ]
    assert kinesis.stream("other").consumers == []
