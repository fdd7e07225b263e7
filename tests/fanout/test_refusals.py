"""Calls that are refused, and streams that are taken over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config

from kinesis_fake import KinesisFake, Limits
from tests.support.libraries import SHARD, Subscribe
from tests.support.model import needs
from tests.support.refusals import refused, told_by
from tests.support.state import state_of
from tests.support.subscriptions import TAKEN, A, error_in

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})


@pytest.fixture
def refusal_to_subscribe(kinesis: KinesisFake, client: Any, consumer: Any) -> Any:
    """Code and text of a call that must be refusal_to_subscribe, and change nothing."""

    def refusal_to_subscribe(**parameters: Any) -> tuple[str, str]:
        before = state_of(kinesis)
        with refused(client) as caught:
            client.subscribe_to_shard(
                **{
                    "ConsumerARN": consumer,
                    "ShardId": SHARD,
                    "StartingPosition": {"Type": "TRIM_HORIZON"},
                    **parameters,
                }
            )
        assert state_of(kinesis) == before
        return told_by(client, caught.value)

    return refusal_to_subscribe


# --- taking over ----------------------------------------------------------------------------------------------------


def test_within_five_seconds_of_a_success_another_call_is_refused_and_the_stream_goes_on(
    kinesis: KinesisFake, subscribe: Any, refusal_to_subscribe: Any
) -> None:
    events = subscribe()
    next(events)
    assert refusal_to_subscribe() == TAKEN
    kinesis.advance(seconds=5, milliseconds=-1)
    assert refusal_to_subscribe() == TAKEN
    kinesis.stream("orders").put("1 teapot")
    assert len(next(events)["Records"]) == 1


def test_after_five_seconds_another_call_takes_over_and_the_old_stream_ends_with_an_error(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    old = subscribe()
    next(old)
    kinesis.advance(seconds=5)
    kinesis.stream("orders").put("1 teapot")
    new = subscribe()
    now = kinesis.now
    assert error_in(old) == TAKEN
    assert len(next(new)["Records"]) == 1
    assert kinesis.now == now


def test_a_refused_call_does_not_start_the_five_seconds_anew(
    kinesis: KinesisFake, subscribe: Any, refusal_to_subscribe: Any
) -> None:
    subscribe()
    kinesis.advance(seconds=4)
    assert refusal_to_subscribe() == TAKEN
    kinesis.advance(seconds=1)
    assert next(subscribe())["Records"] == []


def test_closing_a_stream_does_not_shorten_the_five_seconds(
    kinesis: KinesisFake, subscribe: Any, refusal_to_subscribe: Any
) -> None:
    subscribe.stream().close()
    assert refusal_to_subscribe() == TAKEN
    kinesis.advance(seconds=5)
    subscribe()


def test_a_stream_that_was_over_before_it_was_taken_over_ends_without_an_error(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    old = subscribe()
    next(old)
    kinesis.advance(minutes=5)
    subscribe()
    assert list(old) == []


def test_a_stream_that_was_taken_over_in_its_last_millisecond_ends_with_an_error(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    old = subscribe()
    next(old)
    kinesis.advance(minutes=5, milliseconds=-1)
    subscribe()
    kinesis.advance(seconds=1)
    assert error_in(old) == TAKEN


def test_closing_an_old_stream_does_no_harm_to_the_new_one(kinesis: KinesisFake, subscribe: Any) -> None:
    old = subscribe.stream()
    kinesis.advance(seconds=5)
    new = subscribe()
    old.close()
    kinesis.stream("orders").put("1 teapot")
    assert len(next(new)["Records"]) == 1


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_other_shards_and_other_consumers_do_not_count(kinesis: KinesisFake, client: Any, subscribe: Any) -> None:
    arn = kinesis.stream("orders").stream_arn
    other = client.register_stream_consumer(StreamARN=arn, ConsumerName="audit")["Consumer"]["ConsumerARN"]
    kinesis.settle()
    streams = [subscribe(), subscribe(shard="shardId-000000000001"), Subscribe(client, other)()]
    assert [next(events)["Records"] for events in streams] == [[]] * 3
    kinesis.advance(seconds=5)
    assert [next(events)["Records"] for events in streams] == [[]] * 3


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(autojump=False)
def test_a_consumer_that_is_not_active_is_refused_until_it_is(
    kinesis: KinesisFake, client: Any, refusal_to_subscribe: Any
) -> None:
    arn = kinesis.stream("orders").stream_arn
    registered = client.register_stream_consumer(StreamARN=arn, ConsumerName="audit")["Consumer"]
    audit = registered["ConsumerARN"]
    message = (
        f"Consumer audit with creation timestamp {audit.rpartition(':')[2]} under stream: orders , account {A} is not "
        "in ACTIVE status."
    )
    assert refusal_to_subscribe(ConsumerARN=audit) == ("ResourceInUseException", message)
    active_at = kinesis.pending()[0].due_at
    kinesis.travel_to(active_at - timedelta(milliseconds=1))
    assert refusal_to_subscribe(ConsumerARN=audit) == ("ResourceInUseException", message)
    kinesis.travel_to(active_at)
    Subscribe(client, audit)()
    client.deregister_stream_consumer(ConsumerARN=audit)
    assert refusal_to_subscribe(ConsumerARN=audit) == ("ResourceInUseException", message)
    kinesis.settle()
    assert refusal_to_subscribe(ConsumerARN=audit) == (
        "ResourceNotFoundException",
        f"Consumer audit with creation timestamp {audit.rpartition(':')[2]} under stream: orders, "
        f"account {A} not found.",
    )


def test_shards_that_are_not_there_are_not_found(
    kinesis: KinesisFake, subscribe: Any, refusal_to_subscribe: Any
) -> None:
    assert refusal_to_subscribe(ShardId="shardId-000000000007") == (
        "ResourceNotFoundException",
        f"Shard shardId-000000000007 in stream orders under account {A} does not exist",
    )
    assert refusal_to_subscribe(ShardId="first") == (
        "ResourceNotFoundException",
        f"Could not find shard first in stream orders under account {A}.",
    )
    kinesis.stream("orders").split(SHARD)
    kinesis.advance(hours=24, milliseconds=-1)
    subscribe("LATEST")
    kinesis.advance(milliseconds=1)
    assert refusal_to_subscribe() == (
        "ResourceNotFoundException",
        f"Shard {SHARD} in stream orders under account {A} does not exist",
    )


def test_a_number_of_another_shard_is_refused(kinesis: KinesisFake, refusal_to_subscribe: Any) -> None:
    kinesis.stream("orders").split(SHARD)
    number = kinesis.stream("orders").shard("shardId-000000000001")._shard.starting_sequence_number
    assert refusal_to_subscribe(StartingPosition={"Type": "AT_SEQUENCE_NUMBER", "SequenceNumber": number}) == (
        "InvalidArgumentException",
        "Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was used in a call to a shard with "
        f"{SHARD}",
    )


def test_a_subscription_starts_within_the_numbers_of_its_shard(
    kinesis: KinesisFake, subscribe: Any, refusal_to_subscribe: Any
) -> None:
    number = int(kinesis.stream("orders").put("1 teapot").sequence_number)
    last_of_all = str(number | (1 << 63) - 1 << 80)
    assert refusal_to_subscribe(StartingPosition={"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last_of_all}) == (
        "InvalidArgumentException",
        "Invalid SequenceNumber for ShardIteratorType AFTER_SEQUENCE_NUMBER, SequenceNumber has reached max possible "
        "value for the shard.",
    )
    assert refusal_to_subscribe(StartingPosition={"Type": "AT_SEQUENCE_NUMBER", "SequenceNumber": "0"}) == (
        "InvalidArgumentException",
        "StartingSequenceNumber 21267647932558653966460912964485513216 used in GetShardIterator on shard "
        f"{SHARD} in stream orders under account {A} is invalid because it did not come from this stream.",
    )
    assert next(subscribe("AT_SEQUENCE_NUMBER", SequenceNumber=last_of_all))["Records"] == []


@needs("SubscribeToShard", "DryRun")
def test_a_dry_run_subscribes_no_consumer_but_says_what_is_wrong(
    kinesis: KinesisFake, subscribe: Any, refusal_to_subscribe: Any
) -> None:
    dry = (
        "DryRunOperationException",
        "DryRunOperation validation succeeded while calling SubscribeToShard operation.: Request would have succeeded, "
        "but DryRun flag is set.",
    )
    assert refusal_to_subscribe(DryRun=True) == dry
    assert refusal_to_subscribe(DryRun=True) == dry
    assert refusal_to_subscribe(DryRun=True, ShardId="shardId-000000000007")[0] == "ResourceNotFoundException"
    events = subscribe()
    assert refusal_to_subscribe(DryRun=True) == TAKEN
    assert next(events)["Records"] == []


@pytest.mark.fake_kinesis(limits=Limits(api_calls=True))
def test_with_limits_one_call_a_second_is_served_and_refused_ones_count(kinesis: KinesisFake, consumer: Any) -> None:
    client = kinesis.client(config=Config(retries={"total_max_attempts": 1}))

    def refusal_after(milliseconds: int) -> tuple[str, str]:
        kinesis.advance(milliseconds=milliseconds)
        with refused(client) as caught:
            client.subscribe_to_shard(ConsumerARN=consumer, ShardId=SHARD, StartingPosition={"Type": "LATEST"})
        return told_by(client, caught.value)

    throttled = ("LimitExceededException", f"Rate exceeded for stream orders under account {A}.")
    Subscribe(client, consumer).stream()
    assert refusal_after(999) == throttled
    assert refusal_after(1) == TAKEN
    assert refusal_after(999) == throttled
    assert refusal_after(1) == TAKEN
    kinesis.advance(seconds=3)
    Subscribe(client, consumer).stream()
