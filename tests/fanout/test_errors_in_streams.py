"""Errors with which a stream of events ends: of its consumer, of KMS, and of faults."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Durations, Fault, KinesisFake
from tests.support.libraries import SHARD, Subscribe
from tests.support.refusals import refused
from tests.support.subscriptions import TAKEN, A, error_in

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})


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
