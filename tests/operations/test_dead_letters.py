"""Records that were received too often: when they become dead letters, and what can be done with them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.model import needs

pytestmark = [
    needs("CreateQueue"),
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}),
]

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
ORDERS = f"arn:aws:kinesis:us-east-1:{A}:stream/orders"
NO_RECORD = ("ResourceNotFoundException", "The ReceiptHandle belongs to no record of this queue any more.")
NO_DEAD_LETTER = (
    "ResourceNotFoundException",
    "The ReceiptHandle belongs to no dead-letter record of this queue any more.",
)
INVALID = ("InvalidArgumentException", "Invalid ReceiptHandle.")
SUPERSEDED = (
    "InvalidArgumentException",
    "The ReceiptHandle is no longer valid because the record has been received again since it was issued.",
)
NOT_IN_FLIGHT = ("InvalidArgumentException", "The record is not in flight: its visibility timeout has ended.")


def dead_letters_after(count: Any) -> Any:
    return {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": count}}


NEVER = {"DeadLetterConfiguration": {"TargetType": "NONE"}}


class Queue:
    """A queue that delivers all that the stream orders has, and short words for what is done with it."""

    def __init__(self, kinesis: KinesisFake, client: Any, queue_name: Any, attributes: Any) -> None:
        self.kinesis = kinesis
        self.client = client
        configuration = [{"StreamARN": ORDERS, "StartingPosition": {"Type": "TRIM_HORIZON"}}]
        answer = client.create_queue(
            QueueName=queue_name, StreamConfigurationList=configuration, QueueAttributes=attributes
        )
        self.arn = answer["QueueDescription"]["QueueARN"]
        kinesis.settle()

    def put(self, *texts: Any) -> None:
        for text in texts:
            self.kinesis.stream("orders").put(text, text)

    def update(self, attributes: Any) -> None:
        self.client.update_queue(QueueARN=self.arn, QueueAttributes=attributes)
        self.kinesis.settle()

    def receive(self, **parameters: Any) -> Any:
        return self.client.receive_queue_records(QueueARN=self.arn, **parameters)["QueueRecords"]

    def receive_dead(self, **parameters: Any) -> Any:
        return self.client.receive_dead_letter_queue_records(QueueARN=self.arn, **parameters)["QueueRecords"]

    def exhaust(self, times: Any) -> None:
        """Receive everything so often that what has had its receives is a dead letter now."""
        for _ in range(times):
            self.receive(VisibilityTimeoutSeconds=0)

    def do(self, operation: Any, *receipt_handles: Any, seconds: Any = None) -> Any:
        """The handles that succeeded, and by handle the code and the message of those that failed."""
        more = {} if seconds is None else {"VisibilityTimeoutSeconds": seconds}
        entries = [{"ReceiptHandle": handle, **more} for handle in receipt_handles]
        answer = getattr(self.client, operation)(QueueARN=self.arn, Entries=entries)
        failed = {entry["ReceiptHandle"]: (entry["ErrorCode"], entry["ErrorMessage"]) for entry in answer["Failed"]}
        return [entry["ReceiptHandle"] for entry in answer["Successful"]], failed

    def acknowledge(self, *receipt_handles: Any) -> Any:
        return self.do("acknowledge_queue_records", *receipt_handles)

    def acknowledge_dead(self, *receipt_handles: Any) -> Any:
        return self.do("acknowledge_dead_letter_queue_records", *receipt_handles)

    def restore(self, *receipt_handles: Any) -> Any:
        return self.do("restore_dead_letter_queue_records", *receipt_handles)

    def hide(self, seconds: Any, *receipt_handles: Any) -> Any:
        return self.do("update_queue_records_visibility", *receipt_handles, seconds=seconds)

    def hide_dead(self, seconds: Any, *receipt_handles: Any) -> Any:
        return self.do("update_dead_letter_queue_records_visibility", *receipt_handles, seconds=seconds)


@pytest.fixture
def make(kinesis: KinesisFake, client: Any) -> Any:
    return lambda queue_name="billing", **attributes: Queue(kinesis, client, queue_name, attributes)


@pytest.fixture
def queue(make: Any) -> Any:
    """A queue that gives records up after two receives."""
    return make(**dead_letters_after(2))


def texts(records: Any) -> Any:
    return [record["Data"].decode() for record in records]


def handles(records: Any) -> Any:
    return [record["ReceiptHandle"] for record in records]


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
    assert queue.acknowledge(last) == ([], {last: NO_RECORD})
    assert queue.hide(1, last) == ([], {last: NO_RECORD})
    for refused in (queue.acknowledge_dead(last), queue.restore(last), queue.hide_dead(1, last)):
        assert refused == ([], {last: INVALID})
    assert texts(queue.receive_dead()) == ["a"]


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
