"""Records that were received too often: when they become dead letters."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.dead_letters import dead_letters_after
from tests.support.queue_records import GONE, INVALID, ONE_STREAM, handles, texts

pytestmark = ONE_STREAM


NEVER = {"DeadLetterConfiguration": {"TargetType": "NONE"}}


# --- becoming one -----------------------------------------------------------------------------------------------


def test_a_record_is_a_dead_letter_when_the_timeout_of_its_last_receive_ends(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.receive()
    kinesis.advance(seconds=30)
    (last,) = queue.receive()
    assert last["ReceiveCount"] == 2
    kinesis.advance(milliseconds=29_999)
    assert (queue.receive(), queue.receive_dead()) == ([], [])
    kinesis.advance(milliseconds=1)
    assert queue.receive() == []
    assert texts(queue.receive_dead()) == ["a"]


@pytest.mark.parametrize(("attributes", "count"), [({}, 6), (dead_letters_after(1), 1), (dead_letters_after(20), 20)])
def test_a_record_is_received_as_often_as_the_queue_says(make: Any, attributes: Any, count: Any) -> None:
    queue = make(**attributes)
    queue.put("a")
    for number in range(1, count + 1):
        assert queue.receive_dead() == []
        (record,) = queue.receive(VisibilityTimeoutSeconds=0)
        assert record["ReceiveCount"] == number
    assert queue.receive() == []
    assert texts(queue.receive_dead()) == ["a"]


def test_without_dead_letters_a_record_is_received_for_ever(make: Any) -> None:
    queue = make(**NEVER)
    queue.put("a")
    queue.exhaust(50)
    (record,) = queue.receive()
    assert record["ReceiveCount"] == 51
    assert queue.receive_dead() == []


def test_a_record_that_is_acknowledged_in_its_last_flight_is_no_dead_letter(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(1)
    (last,) = handles(queue.receive())
    assert queue.acknowledge(last) == ([last], {})
    kinesis.advance(minutes=1)
    assert queue.receive_dead() == []


def test_the_last_flight_can_be_extended(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(1)
    (last,) = handles(queue.receive())
    kinesis.advance(seconds=29)
    queue.hide(100, last)
    kinesis.advance(milliseconds=99_999)
    assert queue.receive_dead() == []
    kinesis.advance(milliseconds=1)
    assert texts(queue.receive_dead()) == ["a"]


def test_a_last_flight_that_is_cut_short_makes_a_dead_letter_at_once(queue: Any) -> None:
    queue.put("a")
    queue.exhaust(1)
    (last,) = handles(queue.receive())
    assert queue.hide(0, last) == ([last], {})
    assert texts(queue.receive_dead()) == ["a"]


def test_the_handles_of_a_record_are_no_good_for_its_dead_letter(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(1)
    (last,) = handles(queue.receive())
    kinesis.advance(seconds=30)
    assert queue.acknowledge(last) == ([], {last: GONE})
    assert queue.hide(1, last) == ([], {last: GONE})
    for refused in (queue.acknowledge_dead(last), queue.restore(last), queue.hide_dead(1, last)):
        assert refused == ([], {last: INVALID})
    assert texts(queue.receive_dead()) == ["a"]


# --- updates of the queue ---------------------------------------------------------------------------------------


def test_a_lower_maximum_makes_dead_letters_of_what_has_been_received_so_often(kinesis: KinesisFake, make: Any) -> None:
    queue = make(**dead_letters_after(5))
    queue.put("thrice")
    queue.exhaust(2)
    queue.put("once")
    queue.exhaust(1)
    queue.client.update_queue(QueueARN=queue.arn, QueueAttributes=dead_letters_after(3))
    kinesis.advance(milliseconds=4999)
    assert queue.receive_dead() == []
    kinesis.advance(milliseconds=1)
    assert texts(queue.receive_dead()) == ["thrice"]
    assert texts(queue.receive()) == ["once"]


def test_a_higher_maximum_does_not_bring_dead_letters_back(queue: Any) -> None:
    queue.put("dead")
    queue.exhaust(2)
    for attributes in (dead_letters_after(100), NEVER):
        queue.update(attributes)
        assert queue.receive() == []
        assert texts(queue.receive_dead(VisibilityTimeoutSeconds=0)) == ["dead"]
    (handle,) = handles(queue.receive_dead())
    queue.restore(handle)
    queue.exhaust(10)
    assert len(queue.receive()) == 1


@pytest.mark.parametrize(("seconds", "is_dead"), [(4, True), (6, False)])
def test_a_record_in_flight_is_judged_by_the_maximum_in_force_when_its_timeout_ends(
    kinesis: KinesisFake, queue: Any, seconds: Any, is_dead: Any
) -> None:
    queue.put("a")
    queue.exhaust(1)
    queue.receive(VisibilityTimeoutSeconds=seconds)
    queue.client.update_queue(QueueARN=queue.arn, QueueAttributes=dead_letters_after(3))
    kinesis.advance(seconds=6)
    assert texts(queue.receive_dead()) == (["a"] if is_dead else [])
    assert texts(queue.receive()) == ([] if is_dead else ["a"])


# --- the view ---------------------------------------------------------------------------------------------------


def test_the_view_shows_dead_letters_visible_and_in_flight(kinesis: KinesisFake, queue: Any) -> None:
    queue.put("a")
    queue.exhaust(2)
    kinesis.advance(seconds=1)
    queue.put("b")
    queue.exhaust(2)
    queue.receive_dead(Limit=1)
    view = kinesis.queue("billing")
    assert repr(view) == "<queue billing ACTIVE, 0 waiting, 0 in flight, 2 dead letters>"
    assert [(record.data, record.receive_count) for record in view.dead_letters] == [(b"b", 2), (b"a", 3)]
    assert [record.visible_at > kinesis.now for record in view.dead_letters] == [False, True]
