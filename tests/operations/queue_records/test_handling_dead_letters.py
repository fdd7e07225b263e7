"""What can be done with dead letters: receive, acknowledge, hide and restore them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.dead_letters import NO_DEAD_LETTER, dead_letters_after
from tests.support.queue_records import INVALID, MIDNIGHT, NOT_IN_FLIGHT, ONE_STREAM, SUPERSEDED, handles, texts

pytestmark = ONE_STREAM


# --- receiving --------------------------------------------------------------------------------------------------


def test_a_dead_letter_is_the_record_that_it_was(kinesis: KinesisFake, queue: Any) -> None:
    kinesis.advance(seconds=10)
    queue.put("a")
    kinesis.advance(seconds=1)
    (record, *_) = queue.receive(VisibilityTimeoutSeconds=0) + queue.receive(VisibilityTimeoutSeconds=0)
    kinesis.advance(seconds=1)
    (dead,) = queue.receive_dead()
    assert dead["ReceiptHandle"] != record["ReceiptHandle"]
    assert {name: value for name, value in dead.items() if name != "ReceiptHandle"} == {
        "RecordId": record["RecordId"],
        "PartitionKey": "a",
        "Data": b"a",
        "ApproximateArrivalTimestamp": MIDNIGHT + timedelta(seconds=30),
        "FirstReceiveTimestamp": MIDNIGHT + timedelta(seconds=31),
        "ReceiveCount": 3,
    }


def test_a_dead_letter_in_flight_is_not_visible_until_its_timeout_ends(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    (first,) = queue.receive_dead()
    kinesis.advance(milliseconds=29_999)
    assert queue.receive_dead() == []
    kinesis.advance(milliseconds=1)
    (second,) = queue.receive_dead(VisibilityTimeoutSeconds=5)
    assert (first["ReceiveCount"], second["ReceiveCount"]) == (3, 4)
    kinesis.advance(milliseconds=4999)
    assert queue.receive_dead() == []
    kinesis.advance(milliseconds=1)
    assert len(queue.receive_dead()) == 1
    assert queue.receive() == []


def test_ten_dead_letters_are_received_at_most_those_first_that_died_first(kinesis: KinesisFake, make: Any) -> None:
    queue = make(**dead_letters_after(1))
    for text in "abcdefghijkl":
        queue.put(text)
        queue.exhaust(1)
        kinesis.advance(seconds=1)
    assert texts(queue.receive_dead(Limit=1)) == ["a"]
    assert texts(queue.receive_dead()) == list("bcdefghijk")
    assert texts(queue.receive_dead()) == ["l"]


@pytest.mark.fake_kinesis(autojump=True)
def test_a_receive_of_dead_letters_waits_for_a_record_to_become_one(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(1)
    queue.receive(VisibilityTimeoutSeconds=4)
    before = kinesis.now
    assert texts(queue.receive_dead()) == ["a"]
    assert kinesis.now - before == timedelta(seconds=4)
    assert queue.receive(WaitTimeSeconds=20) == []
    assert kinesis.now - before == timedelta(seconds=24)
    assert texts(queue.receive_dead(WaitTimeSeconds=20)) == ["a"]
    assert kinesis.now - before == timedelta(seconds=34)


def test_dead_letters_leave_with_their_retention(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    kinesis.advance(hours=24, milliseconds=-1)
    (handle,) = handles(queue.receive_dead())
    kinesis.advance(milliseconds=1)
    for refused in (queue.acknowledge_dead(handle), queue.restore(handle), queue.hide_dead(1, handle)):
        assert refused == ([], {handle: NO_DEAD_LETTER})
    kinesis.advance(minutes=1)
    assert queue.receive_dead() == []
    assert kinesis.queue("billing").dead_letters == []


# --- acknowledging ----------------------------------------------------------------------------------------------


def test_an_acknowledged_dead_letter_never_comes_back(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a", "b")
    queue.exhaust(2)
    (a, b) = sorted(queue.receive_dead(), key=lambda record: record["Data"])
    assert queue.acknowledge_dead(a["ReceiptHandle"], "x") == ([a["ReceiptHandle"]], {"x": INVALID})
    assert queue.acknowledge_dead(a["ReceiptHandle"]) == ([], {a["ReceiptHandle"]: NO_DEAD_LETTER})
    kinesis.advance(seconds=30)
    assert texts(queue.receive_dead()) == ["b"]
    assert queue.acknowledge_dead(b["ReceiptHandle"]) == ([], {b["ReceiptHandle"]: SUPERSEDED})
    assert queue.receive() == []


def test_the_handle_of_a_dead_letter_is_for_dead_letters_only(queue: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    (handle,) = handles(queue.receive_dead())
    assert queue.acknowledge(handle) == ([], {handle: INVALID})
    assert queue.hide(1, handle) == ([], {handle: INVALID})
    assert queue.acknowledge_dead(handle) == ([handle], {})


def test_a_dead_letter_can_be_acknowledged_late(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    (handle,) = handles(queue.receive_dead())
    kinesis.advance(seconds=31)
    assert queue.acknowledge_dead(handle) == ([handle], {})
    assert queue.receive_dead() == []


# --- changing visibility ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1, 43_200])
def test_a_new_timeout_of_a_dead_letter_counts_from_the_change(kinesis: KinesisFake, queue: Any, seconds: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    (handle,) = handles(queue.receive_dead())
    kinesis.advance(seconds=29)
    assert queue.hide_dead(seconds, handle) == ([handle], {})
    kinesis.advance(seconds=seconds, milliseconds=-1)
    assert queue.receive_dead() == []
    kinesis.advance(milliseconds=1)
    assert texts(queue.receive_dead()) == ["a"]


def test_a_timeout_of_nought_makes_a_dead_letter_visible_at_once(queue: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    (handle,) = handles(queue.receive_dead())
    assert queue.hide_dead(0, handle) == ([handle], {})
    assert queue.hide_dead(1, handle) == ([], {handle: NOT_IN_FLIGHT})
    assert len(queue.receive_dead()) == 1
    assert queue.hide_dead(1, handle) == ([], {handle: SUPERSEDED})


# --- restoring --------------------------------------------------------------------------------------------------


def test_a_restored_record_can_be_received_as_often_as_a_new_one(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    kinesis.advance(seconds=5)
    (dead,) = queue.receive_dead()
    assert queue.restore(dead["ReceiptHandle"]) == ([dead["ReceiptHandle"]], {})
    assert queue.receive_dead() == []
    received = [*queue.receive(VisibilityTimeoutSeconds=0), *queue.receive(VisibilityTimeoutSeconds=0)]
    assert [record["ReceiveCount"] for record in received] == [1, 2]
    assert {record["RecordId"] for record in received} == {dead["RecordId"]}
    assert {record["FirstReceiveTimestamp"] for record in received} == {dead["FirstReceiveTimestamp"]}
    assert queue.receive() == []
    (again,) = queue.receive_dead()
    assert again["ReceiveCount"] == 3


def test_a_record_is_restored_once(queue: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    (handle,) = handles(queue.receive_dead())
    answer = queue.client.restore_dead_letter_queue_records(
        QueueARN=queue.arn, Entries=[{"ReceiptHandle": handle}, {"ReceiptHandle": handle}]
    )
    assert answer["Successful"] == [{"ReceiptHandle": handle}]
    assert answer["Failed"] == [
        {"ReceiptHandle": handle, "ErrorCode": NO_DEAD_LETTER[0], "ErrorMessage": NO_DEAD_LETTER[1]}
    ]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert queue.acknowledge_dead(handle) == ([], {handle: NO_DEAD_LETTER})


def test_a_record_can_be_restored_late_but_not_once_it_was_received_again(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a", "b")
    queue.exhaust(2)
    first, second = handles(queue.receive_dead())
    kinesis.advance(seconds=31)
    assert queue.restore(first) == ([first], {})
    assert len(queue.receive_dead()) == 1
    assert queue.restore(second) == ([], {second: SUPERSEDED})
    assert len(queue.receive()) == 1
