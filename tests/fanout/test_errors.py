"""Calls that are refusal_to_subscribe, streams that are taken over, and errors inside streams."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

from kinesis_fake import Durations, Fault, KinesisFake, Limits
from tests.support.libraries import SHARD, Subscribe
from tests.support.model import needs
from tests.support.refusals import refused, told_by
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

A = "123456789012"
TAKEN = (
    "ResourceInUseException",
    f"Another active subscription exists for this consumer: {A}:orders:{SHARD}:billing",
)


def error_in(events: Any) -> tuple[str, str]:
    """Code and text of the error with which a stream ends; nothing comes after it."""
    with pytest.raises(EventStreamError) as caught:
        next(events)
    assert isinstance(caught.value, ClientError)
    assert caught.value.operation_name == "SubscribeToShard"
    assert list(events) == []
    error = caught.value.response["Error"]
    assert str(caught.value) == (
        f"An error occurred ({error['Code']}) when calling the SubscribeToShard operation: {error['Message']}"
    )
    return error["Code"], error["Message"]


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


# --- errors inside the stream ---------------------------------------------------------------------------------------


def test_a_deregistered_consumer_hears_of_it_in_the_stream(
    kinesis: KinesisFake, client: Any, subscribe: Any, consumer: Any
) -> None:
    events = subscribe()
    next(events)
    client.deregister_stream_consumer(ConsumerARN=consumer)
    now = kinesis.now
    assert error_in(events) == (
        "ResourceInUseException",
        f"Consumer billing with creation timestamp {consumer.rpartition(':')[2]} under stream: orders , account {A} "
        "is not in ACTIVE status.",
    )
    assert kinesis.now == now


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_a_consumer_that_is_gone_hears_of_it_in_the_stream_and_its_successor_is_another_one(
    kinesis: KinesisFake, client: Any, subscribe: Any, consumer: Any
) -> None:
    events = subscribe()
    next(events)
    client.deregister_stream_consumer(ConsumerARN=consumer)
    arn = kinesis.stream("orders").stream_arn
    again = client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    assert error_in(events) == (
        "ResourceNotFoundException",
        f"Consumer billing with creation timestamp {consumer.rpartition(':')[2]} under stream: orders, "
        f"account {A} not found.",
    )
    assert next(Subscribe(client, again)())["Records"] == []


def test_a_deleted_stream_ends_its_event_streams(
    kinesis: KinesisFake, client: Any, subscribe: Any, consumer: Any
) -> None:
    events = subscribe()
    next(events)
    client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    assert error_in(events)[0] == "ResourceInUseException"


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_a_stream_that_is_gone_is_not_found_even_if_another_one_has_its_name(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    events = subscribe()
    next(events)
    client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    kinesis.create_stream("orders", shards=1)
    assert error_in(events) == ("ResourceNotFoundException", f"Stream orders under account {A} not found.")


def test_a_shard_that_expires_under_a_reader_is_not_found(kinesis: KinesisFake, subscribe: Any) -> None:
    kinesis.stream("orders").split(SHARD)
    kinesis.advance(hours=24, seconds=-1)
    events = subscribe("LATEST")
    kinesis.advance(seconds=1)
    assert error_in(events) == (
        "ResourceNotFoundException",
        f"Shard {SHARD} in stream orders under account {A} does not exist",
    )


def test_a_shard_can_be_read_in_its_last_millisecond(kinesis: KinesisFake, subscribe: Any) -> None:
    kinesis.stream("orders").split(SHARD)
    kinesis.advance(hours=24, milliseconds=-1)
    (last,) = subscribe("LATEST")
    assert len(last["ChildShards"]) == 2


# --- KMS ------------------------------------------------------------------------------------------------------------

KEY = "alias/aws/kinesis"
KEY_ARN = f"arn:aws:kms:us-east-1:{A}:{KEY}"


@pytest.fixture
def secret(kinesis: KinesisFake, client: Any, consumer: Any) -> Any:
    """The stream is encrypted and holds a record."""
    client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId=KEY)
    kinesis.settle()
    return kinesis.stream("orders").put("secret")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ("disable", "KMSDisabledException"),
        ("deny", "KMSAccessDeniedException"),
        ("remove", "KMSNotFoundException"),
        ("schedule_deletion", "KMSInvalidStateException"),
        ("require_opt_in", "KMSOptInRequired"),
        ("throttle", "KMSThrottlingException"),
    ],
)
def test_a_key_that_cannot_be_used_ends_the_stream_at_the_first_record_that_needs_it(
    kinesis: KinesisFake, client: Any, subscribe: Any, secret: Any, spoil: Any, code: Any
) -> None:
    getattr(kinesis.key(KEY), spoil)()
    iterator = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    with refused(client, code) as caught:
        client.get_records(ShardIterator=iterator["ShardIterator"])
    message = caught.value.response["Error"]["Message"]
    assert error_in(subscribe()) == (code, message)


def test_a_key_that_is_spoiled_between_two_events_hits_the_next_record_and_its_repair_loses_nothing(
    kinesis: KinesisFake, subscribe: Any, secret: Any
) -> None:
    events = subscribe()
    number = next(events)["ContinuationSequenceNumber"]
    kinesis.key(KEY).disable()
    assert next(events)["Records"] == []
    kinesis.key(KEY).enable()
    kinesis.stream("orders").put("more")
    kinesis.key(KEY).disable()
    assert error_in(events) == ("KMSDisabledException", f"{KEY_ARN} is disabled.")
    kinesis.key(KEY).enable()
    event = next(subscribe("AT_SEQUENCE_NUMBER", SequenceNumber=number))
    assert [record["Data"] for record in event["Records"]] == [b"more"]


@pytest.mark.fake_kinesis(accounts={"none": "222222222222"})
def test_a_denied_key_names_who_called(kinesis: KinesisFake, client: Any) -> None:
    own = kinesis.client()
    stream = kinesis.stream("orders")
    registered = own.register_stream_consumer(StreamARN=stream.stream_arn, ConsumerName="partner")["Consumer"]
    own.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId=KEY)
    kinesis.settle()
    stream.put("secret")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "222222222222"},
        "Action": "kinesis:*",
        "Resource": registered["ConsumerARN"],
    }
    own.put_resource_policy(
        ResourceARN=registered["ConsumerARN"], Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    kinesis.key(KEY).deny()
    code, message = error_in(Subscribe(client, registered["ConsumerARN"])())
    assert code == "KMSAccessDeniedException"
    assert "arn:aws:iam::222222222222:root" in message


# --- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["KMSDisabledException", "KMSAccessDeniedException", "KMSOptInRequired"])
def test_an_ordered_kms_error_comes_in_the_stream(kinesis: KinesisFake, subscribe: Any, code: Any) -> None:
    kinesis.inject(Fault.kms_error("SubscribeToShard", code=code))
    events = subscribe()
    assert error_in(events)[0] == code
    kinesis.advance(seconds=5)
    assert next(subscribe())["Records"] == []


def test_a_broken_stream_breaks_after_its_first_event_and_going_on_loses_nothing(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    kinesis.inject(Fault.broken_stream())
    kinesis.stream("orders").put("1")
    events = subscribe()
    number = next(events)["ContinuationSequenceNumber"]
    kinesis.stream("orders").put("2")
    assert error_in(events) == ("InternalFailureException", "Internal Service Error")
    kinesis.advance(seconds=5)
    event = next(subscribe("AFTER_SEQUENCE_NUMBER", SequenceNumber=number))
    assert [record["Data"] for record in event["Records"]] == [b"2"]


def test_a_broken_stream_breaks_at_the_next_idle_event_where_no_record_comes(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    kinesis.inject(Fault.broken_stream(consumer="billing"))
    events = subscribe()
    next(events)
    now = kinesis.now
    assert error_in(events)[0] == "InternalFailureException"
    assert kinesis.now == now + timedelta(seconds=5)


def test_a_call_that_was_carried_out_but_not_answered_is_in_the_way_of_its_own_retry(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    """As with AWS: the subscription of the first attempt is there, and the second one comes too early."""
    kinesis.inject(Fault.connection_error("SubscribeToShard", applied=True))
    with refused(client, *TAKEN):
        subscribe.stream()
    first, second = kinesis.calls.of("SubscribeToShard")
    assert (first.attempt, second.attempt, second.outcome) == (1, 2, "ResourceInUseException")
    assert first.outcome != "ok"
