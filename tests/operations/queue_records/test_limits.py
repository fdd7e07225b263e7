"""Retention, long polls, records in flight, keys, other accounts, and the view."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake, Limits
from tests.support.queue_records import (
    GONE,
    MIDNIGHT,
    ONE_STREAM,
    ORDERS,
    acknowledge,
    handles,
    hide,
    put,
    receive,
    texts,
)

pytestmark = ONE_STREAM


# --- retention ----------------------------------------------------------------------------------------------------


def test_a_record_leaves_the_queue_when_its_retention_ends_and_not_before(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    put(kinesis, "a")
    kinesis.advance(hours=24, milliseconds=-1)
    assert texts(receive(client, billing, VisibilityTimeoutSeconds=0)) == ["a"]
    kinesis.advance(milliseconds=1)
    assert receive(client, billing) == []
    assert kinesis.queue("billing").waiting == []


def test_a_record_in_flight_leaves_with_its_retention(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a")
    kinesis.advance(hours=24, seconds=-10)
    (handle,) = handles(receive(client, billing))
    kinesis.advance(milliseconds=9_999)
    assert hide(client, billing, 60, handle) == ([handle], {})
    kinesis.advance(milliseconds=1)
    assert acknowledge(client, billing, handle) == ([], {handle: GONE})
    kinesis.advance(seconds=60)
    assert receive(client, billing) == []


def test_a_longer_retention_does_not_bring_back_what_has_left(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "lost")
    receive(client, billing, VisibilityTimeoutSeconds=0)
    kinesis.advance(hours=12)
    put(kinesis, "kept")
    kinesis.advance(hours=12)
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.settle()
    assert texts(receive(client, billing, VisibilityTimeoutSeconds=0)) == ["kept"]
    kinesis.advance(hours=23)
    assert texts(receive(client, billing)) == ["kept"]


def test_records_of_an_expired_shard_leave_with_it(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    stream = kinesis.stream("orders")
    put(kinesis, *"abcdefgh")
    for shard in stream.open_shards:
        stream.split(shard.shard_id)
    receive(client, billing, Limit=4, VisibilityTimeoutSeconds=0)
    kinesis.advance(hours=25)
    put(kinesis, "new")
    assert texts(receive(client, billing)) == ["new"]


# --- waiting ------------------------------------------------------------------------------------------------------


waiting = pytest.mark.fake_kinesis(autojump=True)


@waiting
def test_a_receive_that_finds_something_does_not_move_the_clock(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    put(kinesis, "a")
    before = kinesis.now
    assert texts(receive(client, billing, WaitTimeSeconds=20)) == ["a"]
    assert kinesis.now == before


@waiting
@pytest.mark.parametrize(
    ("parameters", "seconds"), [({}, 9), ({"WaitTimeSeconds": 1}, 1), ({"WaitTimeSeconds": 20}, 20)]
)
def test_a_receive_waits_in_virtual_time_and_receives_nothing(
    kinesis: KinesisFake, client: Any, billing: Any, parameters: Any, seconds: Any
) -> None:
    before = kinesis.now
    for receive_ in (client.receive_queue_records, client.receive_dead_letter_queue_records):
        assert receive_(QueueARN=billing, **parameters)["QueueRecords"] == []
    assert kinesis.now - before == timedelta(seconds=2 * seconds)


@waiting
def test_a_receive_returns_when_the_first_timeout_ends(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a", "b")
    first, second = handles(receive(client, billing))
    hide(client, billing, 5, first)
    hide(client, billing, 7, second)
    before = kinesis.now
    assert len(receive(client, billing)) == 1
    assert kinesis.now - before == timedelta(seconds=5)


@waiting
@pytest.mark.parametrize(("timeout", "expected"), [(9, ["a"]), (10, [])])
def test_a_timeout_that_ends_with_the_wait_is_in_time(
    kinesis: KinesisFake, client: Any, billing: Any, timeout: Any, expected: Any
) -> None:
    put(kinesis, "a")
    receive(client, billing, VisibilityTimeoutSeconds=timeout)
    before = kinesis.now
    assert texts(receive(client, billing)) == expected
    assert kinesis.now - before == timedelta(seconds=9)


@waiting
def test_what_is_due_happens_at_its_instant_while_a_call_waits(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a")
    receive(client, billing, VisibilityTimeoutSeconds=8)
    kinesis.advance(seconds=1)
    client.update_queue(QueueARN=billing, QueueAttributes={"VisibilityTimeoutSeconds": 3})
    before = kinesis.now
    assert texts(receive(client, billing)) == ["a"]
    assert kinesis.now - before == timedelta(seconds=7)
    assert kinesis.queue("billing").status == "ACTIVE"
    assert kinesis.queue("billing").in_flight[0].visible_at - kinesis.now == timedelta(seconds=3)


@waiting
def test_what_brings_no_record_does_not_shorten_the_wait(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    client.update_queue(QueueARN=billing, QueueAttributes={})
    before = kinesis.now
    assert receive(client, billing, WaitTimeSeconds=6) == []
    assert kinesis.now - before == timedelta(seconds=6)
    client.update_queue(QueueARN=billing, QueueAttributes={})
    kinesis.advance(milliseconds=1)
    assert receive(client, billing, WaitTimeSeconds=5) == []
    assert kinesis.now - before == timedelta(seconds=11, milliseconds=1)


def test_without_autojump_a_receive_answers_at_once(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    before = kinesis.now
    assert receive(client, billing, WaitTimeSeconds=20) == []
    assert kinesis.now == before


# --- the quota of records in flight -------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(limits=Limits(queue_records_in_flight=3))
def test_no_more_records_are_in_flight_than_the_quota_allows(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, *"abcde")
    received = handles(receive(client, billing))
    assert len(received) == 3
    assert receive(client, billing) == []
    acknowledge(client, billing, received[0])
    assert len(receive(client, billing)) == 1
    hide(client, billing, 0, received[1])
    assert len(receive(client, billing)) == 1
    assert receive(client, billing) == []
    kinesis.advance(seconds=30)
    assert len(receive(client, billing)) == 3


@pytest.mark.fake_kinesis(limits=Limits(queue_records_in_flight=1), autojump=True)
def test_a_receive_waits_for_room_within_the_quota(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a", "b")
    first = texts(receive(client, billing, VisibilityTimeoutSeconds=4))
    before = kinesis.now
    second = texts(receive(client, billing))
    assert sorted(first + second) == ["a", "b"]
    assert kinesis.now - before == timedelta(seconds=4)


# --- keys and other accounts --------------------------------------------------------------------------------------


def test_encrypted_records_cannot_be_received_while_the_key_is_disabled(
    kinesis: KinesisFake, client: Any, refusal: Any, billing: Any
) -> None:
    put(kinesis, "plain")
    client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId="alias/billing")
    kinesis.settle()
    put(kinesis, "secret")
    kinesis.key("alias/billing").disable()
    code, _ = refusal("ReceiveQueueRecords", QueueARN=billing)
    assert code == "KMSDisabledException"
    assert texts(receive(client, billing, Limit=1)) == ["plain"]
    kinesis.key("alias/billing").enable()
    (record,) = receive(client, billing)
    assert (record["Data"], record["ReceiveCount"]) == (b"secret", 1)


READER = "222222222222"


@pytest.fixture
def reader(kinesis: KinesisFake) -> Any:
    """A client of another account, which has been there already."""
    client = kinesis.client(aws_access_key_id="READER", aws_secret_access_key="secret")
    client.list_streams()
    return client


def access_denied(action: Any, resource_arn: Any, why: Any) -> Any:
    return (
        "AccessDeniedException",
        f"User: arn:aws:iam::{READER}:root is not authorized to perform: kinesis:{action} on resource: "
        f"{resource_arn}{why}",
    )


@pytest.mark.fake_kinesis(accounts={"READER": READER})
def test_another_account_may_do_what_the_policy_of_the_queue_allows(
    kinesis: KinesisFake, client: Any, refusal: Any, reader: Any, billing: Any
) -> None:
    put(kinesis, "a")
    actions = ["kinesis:ReceiveQueueRecords", "kinesis:AcknowledgeQueueRecords"]
    statement = {"Effect": "Allow", "Principal": {"AWS": READER}, "Action": actions, "Resource": billing}
    no_policy_allows = " because no resource-based policy allows the kinesis:ReceiveQueueRecords action"
    assert refusal("ReceiveQueueRecords", through=reader, QueueARN=billing) == access_denied(
        "ReceiveQueueRecords", billing, no_policy_allows
    )
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_resource_policy(ResourceARN=billing, Policy=policy)
    (handle,) = handles(receive(reader, billing))
    assert acknowledge(reader, billing, handle) == ([handle], {})
    entries = [{"ReceiptHandle": handle, "VisibilityTimeoutSeconds": 1}]
    code, _ = refusal("UpdateQueueRecordsVisibility", through=reader, QueueARN=billing, Entries=entries)
    assert code == "AccessDeniedException"


@pytest.mark.fake_kinesis(accounts={"READER": READER})
def test_another_account_cannot_make_a_queue_on_a_stream(refusal: Any, reader: Any) -> None:
    assert refusal(
        "CreateQueue", through=reader, QueueName="billing", StreamConfigurationList=[{"StreamARN": ORDERS}]
    ) == access_denied("CreateQueue", ORDERS, "")


# --- the view -----------------------------------------------------------------------------------------------------


def test_the_view_of_a_queue_shows_who_has_what(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a")
    kinesis.advance(seconds=1)
    put(kinesis, "b")
    (a,) = receive(client, billing, Limit=1)
    view = kinesis.queue("billing")
    assert repr(view) == "<queue billing ACTIVE, 1 waiting, 1 in flight, 0 dead letters>"
    (waiting_,), (in_flight,) = view.waiting, view.in_flight
    assert (waiting_.data, waiting_.receive_count, waiting_.first_receive_timestamp) == (b"b", 0, None)
    assert waiting_.visible_at == waiting_.approximate_arrival_timestamp == MIDNIGHT + timedelta(seconds=21)
    assert in_flight.data == a["Data"]
    assert (in_flight.receive_count, in_flight.first_receive_timestamp) == (1, MIDNIGHT + timedelta(seconds=21))
    assert in_flight.visible_at == MIDNIGHT + timedelta(seconds=51)
    assert {(record.sequence_number, record.shard_id) for record in (waiting_, in_flight)} == {
        (record.sequence_number, record.shard_id) for record in kinesis.stream("orders").records
    }
    kinesis.advance(seconds=30)
    assert [record.data for record in view.waiting] == [b"b", b"a"]
    assert view.in_flight == []


@pytest.mark.fake_kinesis(durations=Durations(creating_queue_ms=1))
def test_the_view_of_a_queue_in_creation_is_empty(kinesis: KinesisFake, client: Any) -> None:
    put(kinesis, "a")
    configuration = [{"StreamARN": ORDERS, "StartingPosition": {"Type": "TRIM_HORIZON"}}]
    client.create_queue(QueueName="billing", StreamConfigurationList=configuration)
    assert kinesis.queue("billing").waiting == []
    kinesis.advance(milliseconds=1)
    assert [record.data for record in kinesis.queue("billing").waiting] == [b"a"]
