"""Receiving records from a queue, acknowledging them and changing their visibility, under time travel."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone

import pytest

from kinesis_fake import Durations, Limits, fake_kinesis
from tests.support.model import needs

pytestmark = [
    needs("CreateQueue"),
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}),
]

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
ORDERS = f"arn:aws:kinesis:us-east-1:{A}:stream/orders"
LONGEST = 43_200
GONE = ("ResourceNotFoundException", "The ReceiptHandle belongs to no record of this queue any more.")
INVALID = ("InvalidArgumentException", "Invalid ReceiptHandle.")
SUPERSEDED = (
    "InvalidArgumentException",
    "The ReceiptHandle is no longer valid because the record has been received again since it was issued.",
)
NOT_IN_FLIGHT = ("InvalidArgumentException", "The record is not in flight: its visibility timeout has ended.")


def make_queue(kinesis, client, queue_name="billing", position="TRIM_HORIZON", stream_arn=ORDERS, **attributes):
    """An ACTIVE queue, at the instant at which it was asked for but for the milliseconds that it needs."""
    position = {"Type": position} if isinstance(position, str) else position
    configuration = [{"StreamARN": stream_arn, "StartingPosition": position}]
    answer = client.create_queue(
        QueueName=queue_name, StreamConfigurationList=configuration, QueueAttributes=attributes
    )
    kinesis.settle()
    return answer["QueueDescription"]["QueueARN"]


@pytest.fixture
def billing(kinesis, client):
    """The ARN of an ACTIVE queue that delivers all that the stream orders has."""
    return make_queue(kinesis, client)


def put(kinesis, *texts, stream_name="orders"):
    for text in texts:
        kinesis.stream(stream_name).put(text, text)


def receive(client, queue_arn, **parameters):
    return client.receive_queue_records(QueueARN=queue_arn, **parameters)["QueueRecords"]


def texts(records):
    return [record["Data"].decode() for record in records]


def handles(records):
    return [record["ReceiptHandle"] for record in records]


def acknowledge(client, queue_arn, *receipt_handles):
    entries = [{"ReceiptHandle": handle} for handle in receipt_handles]
    return outcome(client.acknowledge_queue_records(QueueARN=queue_arn, Entries=entries))


def hide(client, queue_arn, seconds, *receipt_handles):
    entries = [{"ReceiptHandle": handle, "VisibilityTimeoutSeconds": seconds} for handle in receipt_handles]
    return outcome(client.update_queue_records_visibility(QueueARN=queue_arn, Entries=entries))


def outcome(answer):
    """The handles that succeeded, and by handle the code and the message of those that failed."""
    successful = [entry["ReceiptHandle"] for entry in answer["Successful"]]
    failed = {entry["ReceiptHandle"]: (entry["ErrorCode"], entry["ErrorMessage"]) for entry in answer["Failed"]}
    assert len(failed) == len(answer["Failed"])
    return successful, failed


# --- receiving --------------------------------------------------------------------------------------------------


def test_a_received_record_has_every_member(kinesis, client, billing):
    kinesis.advance(seconds=1)
    put(kinesis, "a")
    kinesis.advance(milliseconds=2500)
    (record,) = receive(client, billing)
    assert re.fullmatch("[a-z0-9]{1,64}", record.pop("RecordId"))
    assert 1 <= len(record.pop("ReceiptHandle")) <= 1024
    assert record == {
        "PartitionKey": "a",
        "Data": b"a",
        "ApproximateArrivalTimestamp": MIDNIGHT + timedelta(seconds=21),
        "FirstReceiveTimestamp": MIDNIGHT + timedelta(milliseconds=23_500),
        "ReceiveCount": 1,
    }


def test_a_record_that_was_written_without_a_partition_key_has_none(kinesis, client):
    kinesis.create_stream("auto", record_distribution_strategy="AUTO")
    queue_arn = make_queue(kinesis, client, stream_arn=f"arn:aws:kinesis:us-east-1:{A}:stream/auto")
    client.put_record(StreamName="auto", Data=b"a")
    (record,) = receive(client, queue_arn)
    assert "PartitionKey" not in record


def test_a_record_keeps_its_id_and_gets_a_new_handle_and_count_each_time(kinesis, client, billing):
    put(kinesis, "a")
    received = []
    for _ in range(3):
        received += receive(client, billing)
        kinesis.advance(seconds=30)
    assert [record["ReceiveCount"] for record in received] == [1, 2, 3]
    assert {record["FirstReceiveTimestamp"] for record in received} == {MIDNIGHT + timedelta(seconds=20)}
    assert len({record["RecordId"] for record in received}) == 1
    assert len(set(handles(received))) == 3


def test_queues_of_a_stream_give_a_record_the_same_id_and_know_nothing_of_each_other(kinesis, client, billing):
    second = make_queue(kinesis, client, "second")
    put(kinesis, "a", "b")
    ours, theirs = receive(client, billing), receive(client, second)
    assert [record["RecordId"] for record in ours] == [record["RecordId"] for record in theirs]
    assert len({record["RecordId"] for record in ours}) == 2
    acknowledge(client, billing, *handles(ours))
    kinesis.advance(seconds=30)
    assert receive(client, billing) == []
    assert len(receive(client, second)) == 2
    assert len(kinesis.stream("orders").records) == 2


def test_a_receive_returns_ten_records_at_most(kinesis, client, billing):
    put(kinesis, *"abcdefghijklmnop")
    counts = [len(receive(client, billing)), len(receive(client, billing, Limit=1)), len(receive(client, billing))]
    assert counts == [10, 1, 5]


@pytest.mark.parametrize(
    ("parameters", "item"),
    [
        (
            {"Limit": 11},
            "'11' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10",
        ),
        (
            {"Limit": 0},
            "'0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"WaitTimeSeconds": 21},
            "'21' at 'waitTimeSeconds' failed to satisfy constraint: Member must have value less than or equal to 20",
        ),
        (
            {"WaitTimeSeconds": 0},
            "'0' at 'waitTimeSeconds' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"VisibilityTimeoutSeconds": LONGEST + 1},
            "'43201' at 'visibilityTimeoutSeconds' failed to satisfy constraint: Member must have value less than or "
            "equal to 43200",
        ),
        (
            {"VisibilityTimeoutSeconds": -1},
            "'-1' at 'visibilityTimeoutSeconds' failed to satisfy constraint: Member must have value greater than or "
            "equal to 0",
        ),
    ],
)
def test_the_parameters_of_a_receive_have_bounds(refusal, billing, parameters, item):
    for operation in ("ReceiveQueueRecords", "ReceiveDeadLetterQueueRecords"):
        assert refusal(operation, QueueARN=billing, **parameters) == (
            "ValidationException",
            f"1 validation error detected: Value {item}",
        )


def test_records_come_in_the_order_in_which_they_became_visible(kinesis, client, billing):
    put(kinesis, "a", "b")
    kinesis.advance(seconds=1)
    assert len(receive(client, billing, Limit=1, VisibilityTimeoutSeconds=2)) == 1
    kinesis.advance(seconds=1)
    put(kinesis, "c")
    kinesis.advance(seconds=1)
    put(kinesis, "d")
    received = [text for _ in range(4) for text in texts(receive(client, billing, Limit=1))]
    assert received in (["b", "c", "d", "a"], ["a", "c", "d", "b"])


def test_the_same_script_gives_the_same_answers():
    def script():
        with fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}) as fake:
            client = fake.client()
            queue_arn = make_queue(fake, client)
            put(fake, *"abcdefghijkl")
            return [receive(client, queue_arn, Limit=5) for _ in range(3)]

    assert script() == script()


def test_a_state_in_which_a_queue_does_not_deliver_is_told(kinesis, client, refusal, billing):
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    creating = client.create_queue(QueueName="new", StreamConfigurationList=[{"StreamARN": ORDERS}])
    client.delete_queue(QueueARN=billing)
    for queue_arn, status in ((creating["QueueDescription"]["QueueARN"], "CREATING"), (billing, "DELETING")):
        queue_id = queue_arn.rpartition("/")[2]
        entries = [{"ReceiptHandle": handle}]
        timeouts = [{"ReceiptHandle": handle, "VisibilityTimeoutSeconds": 1}]
        for operation, parameters in {
            "ReceiveQueueRecords": {},
            "AcknowledgeQueueRecords": {"Entries": entries},
            "UpdateQueueRecordsVisibility": {"Entries": timeouts},
            "ReceiveDeadLetterQueueRecords": {},
            "AcknowledgeDeadLetterQueueRecords": {"Entries": entries},
            "UpdateDeadLetterQueueRecordsVisibility": {"Entries": timeouts},
            "RestoreDeadLetterQueueRecords": {"Entries": entries},
        }.items():
            assert refusal(operation, QueueARN=queue_arn, **parameters) == (
                "ResourceNotFoundException",
                f"Queue {queue_id} under account {A} not found: it is in state {status} and delivers no records.",
            )


def test_records_are_received_and_acknowledged_while_the_queue_is_updated(kinesis, client, billing):
    put(kinesis, "a")
    client.update_queue(QueueARN=billing, QueueAttributes={"VisibilityTimeoutSeconds": 60})
    (record,) = receive(client, billing)
    assert acknowledge(client, billing, record["ReceiptHandle"]) == ([record["ReceiptHandle"]], {})


# --- where a queue begins ---------------------------------------------------------------------------------------


def test_latest_begins_when_the_queue_becomes_active(kinesis, client):
    put(kinesis, "before")
    answer = client.create_queue(QueueName="billing", StreamConfigurationList=[{"StreamARN": ORDERS}])
    put(kinesis, "while it is created")
    kinesis.settle()
    put(kinesis, "after")
    assert texts(receive(client, answer["QueueDescription"]["QueueARN"])) == ["after"]


@pytest.mark.fake_kinesis(durations=Durations(creating_queue_ms=0))
def test_trim_horizon_begins_with_the_oldest_record(kinesis, client):
    put(kinesis, "oldest")
    kinesis.advance(hours=1)
    put(kinesis, "younger")
    assert texts(receive(client, make_queue(kinesis, client))) == ["oldest", "younger"]
    kinesis.advance(hours=23, milliseconds=-1)
    assert texts(receive(client, make_queue(kinesis, client, "second"))) == ["oldest", "younger"]
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, make_queue(kinesis, client, "third"))) == ["younger"]


def test_a_timestamp_begins_with_what_arrived_then(kinesis, client):
    for text in ("a", "b", "c"):
        put(kinesis, text)
        kinesis.advance(seconds=10)
    position = {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT + timedelta(seconds=10)}
    assert texts(receive(client, make_queue(kinesis, client, position=position))) == ["b", "c"]
    position = {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT + timedelta(seconds=11)}
    assert texts(receive(client, make_queue(kinesis, client, "second", position=position))) == ["c"]


def test_records_of_all_shards_arrive_across_reshards(kinesis, client):
    stream = kinesis.stream("orders")
    queues = {}
    for round_ in range(3):
        put(kinesis, *(f"{round_}-{number}" for number in range(12)))
        queues[round_] = make_queue(kinesis, client, f"queue-{round_}")
        kinesis.advance(seconds=1)
        stream.split(stream.open_shards[0].shard_id)
        stream.merge(stream.open_shards[-2].shard_id, stream.open_shards[-1].shard_id)
        kinesis.advance(seconds=1)
    put(kinesis, "last")
    for queue_arn in queues.values():
        received = [text for _ in range(4) for text in texts(receive(client, queue_arn))]
        assert sorted(received) == sorted([f"{r}-{n}" for r in range(3) for n in range(12)] + ["last"])
        assert receive(client, queue_arn) == []


def test_latest_delivers_all_records_of_shards_that_came_later(kinesis, client):
    put(kinesis, "before")
    queue_arn = make_queue(kinesis, client, position="LATEST")
    stream = kinesis.stream("orders")
    for shard in stream.open_shards:
        stream.split(shard.shard_id)
    put(kinesis, *"abcdefgh")
    assert sorted(texts(receive(client, queue_arn))) == list("abcdefgh")


# --- visibility timeouts ----------------------------------------------------------------------------------------


def test_a_record_is_visible_again_after_thirty_seconds_and_not_before(kinesis, client, billing):
    put(kinesis, "a")
    assert texts(receive(client, billing)) == ["a"]
    kinesis.advance(milliseconds=29_999)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["a"]


@pytest.mark.parametrize("seconds", [1, 60, LONGEST])
def test_a_queue_has_a_timeout_of_its_own(kinesis, client, seconds):
    queue_arn = make_queue(kinesis, client, VisibilityTimeoutSeconds=seconds)
    put(kinesis, "a")
    receive(client, queue_arn)
    kinesis.advance(seconds=seconds, milliseconds=-1)
    assert receive(client, queue_arn) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, queue_arn)) == ["a"]


@pytest.mark.parametrize("seconds", [1, LONGEST])
def test_a_receive_may_name_another_timeout(kinesis, client, billing, seconds):
    put(kinesis, "a")
    receive(client, billing, VisibilityTimeoutSeconds=seconds)
    kinesis.advance(seconds=seconds, milliseconds=-1)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["a"]


def test_a_timeout_of_nought_hides_nothing_but_returns_a_record_once(kinesis, client, billing):
    put(kinesis, "a", "b")
    for count in (1, 2, 3):
        records = receive(client, billing, VisibilityTimeoutSeconds=0)
        assert sorted(texts(records)) == ["a", "b"]
        assert {record["ReceiveCount"] for record in records} == {count}


def test_with_a_timeout_of_nought_records_take_turns(kinesis, client, billing):
    put(kinesis, "a", "b", "c")
    received = [text for _ in range(6) for text in texts(receive(client, billing, Limit=1, VisibilityTimeoutSeconds=0))]
    assert sorted(received[:3]) == ["a", "b", "c"]
    assert received[3:] == received[:3]


def test_a_changed_timeout_holds_for_what_is_received_after_the_update(kinesis, client, billing):
    put(kinesis, "before")
    receive(client, billing)
    client.update_queue(QueueARN=billing, QueueAttributes={"VisibilityTimeoutSeconds": 100})
    put(kinesis, "while updating")
    receive(client, billing)
    kinesis.settle()
    put(kinesis, "after")
    receive(client, billing)
    kinesis.advance(seconds=25)
    assert sorted(texts(receive(client, billing))) == ["before", "while updating"]
    kinesis.advance(seconds=75, milliseconds=-1)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["after"]


def test_one_jump_over_many_timeouts_is_like_many_steps():
    def run(steps):
        with fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}) as fake:
            client = fake.client()
            queue_arn = make_queue(fake, client)
            put(fake, *"abcdef")
            for seconds in (3, 1, 2):
                receive(client, queue_arn, Limit=2, VisibilityTimeoutSeconds=seconds)
            for _ in range(steps):
                fake.advance(milliseconds=6000 // steps)
                fake.queue("billing")
            return receive(client, queue_arn), repr(fake.queue("billing"))

    assert run(1) == run(60)


# --- acknowledging ----------------------------------------------------------------------------------------------


def test_an_acknowledged_record_never_comes_back(kinesis, client, billing):
    put(kinesis, "a", "b")
    a, _ = sorted(receive(client, billing), key=lambda record: record["Data"])
    assert acknowledge(client, billing, a["ReceiptHandle"]) == ([a["ReceiptHandle"]], {})
    kinesis.advance(seconds=30)
    assert texts(receive(client, billing)) == ["b"]
    kinesis.advance(hours=1)
    assert texts(receive(client, billing)) == ["b"]


def test_a_record_can_be_acknowledged_late_until_somebody_else_receives_it(kinesis, client, billing):
    put(kinesis, "a", "b")
    first = {record["Data"]: record["ReceiptHandle"] for record in receive(client, billing)}
    kinesis.advance(seconds=31)
    assert acknowledge(client, billing, first[b"a"]) == ([first[b"a"]], {})
    (second,) = receive(client, billing)
    assert acknowledge(client, billing, first[b"b"]) == ([], {first[b"b"]: SUPERSEDED})
    assert acknowledge(client, billing, second["ReceiptHandle"]) == ([second["ReceiptHandle"]], {})


def test_a_record_is_acknowledged_once(kinesis, client, billing):
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    answer = client.acknowledge_queue_records(QueueARN=billing, Entries=[{"ReceiptHandle": handle}] * 2)
    assert answer["Successful"] == [{"ReceiptHandle": handle}]
    assert answer["Failed"] == [{"ReceiptHandle": handle, "ErrorCode": GONE[0], "ErrorMessage": GONE[1]}]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_one_bad_entry_does_not_touch_the_others(kinesis, client, billing):
    put(kinesis, "a", "b")
    first, second = handles(receive(client, billing))
    assert acknowledge(client, billing, first, "nonsense", second) == ([first, second], {"nonsense": INVALID})
    kinesis.advance(seconds=30)
    assert receive(client, billing) == []


def test_a_handle_that_was_changed_or_issued_elsewhere_is_invalid(kinesis, client, billing):
    other = make_queue(kinesis, client, "other")
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    (theirs,) = handles(receive(client, other))
    iterator = client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="LATEST"
    )["ShardIterator"]
    changed = [handle[:-6] + ("A" if handle[-6] != "A" else "B") + handle[-5:], handle[:-4], handle + "AAAA"]
    wrong = [*changed, theirs, iterator, "x", "é", "\udcff", "=" * 1024]
    for handle_ in wrong:
        assert acknowledge(client, billing, handle_) == ([], {handle_: INVALID})
        assert hide(client, billing, 1, handle_) == ([], {handle_: INVALID})
    assert acknowledge(client, billing, handle) == ([handle], {})


def test_a_handle_of_a_queue_that_was_made_again_is_invalid(kinesis, client, billing):
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    client.delete_queue(QueueARN=billing)
    kinesis.settle()
    again = make_queue(kinesis, client)
    assert len(receive(client, again)) == 1
    assert acknowledge(client, again, handle) == ([], {handle: INVALID})


def test_ten_entries_are_taken_and_not_eleven(kinesis, client, refusal, billing):
    put(kinesis, *"abcdefghij")
    received = handles(receive(client, billing))
    eleven = [{"ReceiptHandle": handle} for handle in [*received, received[0]]]
    code, message = refusal("AcknowledgeQueueRecords", QueueARN=billing, Entries=eleven)
    assert code == "ValidationException"
    assert message.endswith(
        "' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10"
    )
    assert refusal("AcknowledgeQueueRecords", QueueARN=billing, Entries=[]) == (
        "ValidationException",
        "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length "
        "greater than or equal to 1",
    )
    assert acknowledge(client, billing, *received) == (received, {})


def test_a_handle_has_1024_characters_at_most(refusal, billing):
    handle = "x" * 1025
    assert refusal("AcknowledgeQueueRecords", QueueARN=billing, Entries=[{"ReceiptHandle": handle}]) == (
        "ValidationException",
        f"1 validation error detected: Value '{handle}' at 'entries.1.member.receiptHandle' failed to satisfy "
        "constraint: Member must have length less than or equal to 1024",
    )


# --- changing visibility ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1, 300, LONGEST])
def test_a_new_timeout_counts_from_the_change(kinesis, client, billing, seconds):
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    kinesis.advance(seconds=29)
    assert hide(client, billing, seconds, handle) == ([handle], {})
    kinesis.advance(seconds=seconds, milliseconds=-1)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["a"]


def test_a_timeout_can_be_extended_again_and_again(kinesis, client, billing):
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=96)
    kinesis.settle()
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing, VisibilityTimeoutSeconds=LONGEST))
    for _ in range(5):
        kinesis.advance(hours=11)
        assert hide(client, billing, LONGEST, handle) == ([handle], {})
        assert receive(client, billing) == []
    assert acknowledge(client, billing, handle) == ([handle], {})


def test_a_timeout_of_nought_makes_a_record_visible_at_once(kinesis, client, billing):
    put(kinesis, "a")
    (first,) = receive(client, billing)
    assert receive(client, billing) == []
    assert hide(client, billing, 0, first["ReceiptHandle"]) == ([first["ReceiptHandle"]], {})
    (second,) = receive(client, billing)
    assert (second["RecordId"], second["ReceiveCount"]) == (first["RecordId"], 2)


def test_only_what_is_in_flight_can_be_hidden_longer(kinesis, client, billing):
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    kinesis.advance(milliseconds=29_999)
    assert hide(client, billing, 30, handle) == ([handle], {})
    kinesis.advance(seconds=30)
    assert hide(client, billing, 30, handle) == ([], {handle: NOT_IN_FLIGHT})
    (again,) = handles(receive(client, billing))
    assert hide(client, billing, 30, handle) == ([], {handle: SUPERSEDED})
    acknowledge(client, billing, again)
    assert hide(client, billing, 30, again) == ([], {again: GONE})


def test_the_last_of_two_changes_in_one_call_counts(kinesis, client, billing):
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    entries = [{"ReceiptHandle": handle, "VisibilityTimeoutSeconds": seconds} for seconds in (500, 5)]
    answer = client.update_queue_records_visibility(QueueARN=billing, Entries=entries)
    assert answer["Successful"] == [{"ReceiptHandle": handle}] * 2
    kinesis.advance(milliseconds=4999)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["a"]


def test_a_timeout_to_change_to_has_bounds(refusal, billing):
    for operation in ("UpdateQueueRecordsVisibility", "UpdateDeadLetterQueueRecordsVisibility"):
        for seconds, bound in ((-1, "greater than or equal to 0"), (LONGEST + 1, "less than or equal to 43200")):
            entries = [{"ReceiptHandle": "handle", "VisibilityTimeoutSeconds": seconds}]
            assert refusal(operation, QueueARN=billing, Entries=entries) == (
                "ValidationException",
                f"1 validation error detected: Value '{seconds}' at 'entries.1.member.visibilityTimeoutSeconds' failed "
                f"to satisfy constraint: Member must have value {bound}",
            )


# --- retention --------------------------------------------------------------------------------------------------


def test_a_record_leaves_the_queue_when_its_retention_ends_and_not_before(kinesis, client, billing):
    put(kinesis, "a")
    kinesis.advance(hours=24, milliseconds=-1)
    assert texts(receive(client, billing, VisibilityTimeoutSeconds=0)) == ["a"]
    kinesis.advance(milliseconds=1)
    assert receive(client, billing) == []
    assert kinesis.queue("billing").waiting == []


def test_a_record_in_flight_leaves_with_its_retention(kinesis, client, billing):
    put(kinesis, "a")
    kinesis.advance(hours=24, seconds=-10)
    (handle,) = handles(receive(client, billing))
    kinesis.advance(milliseconds=9_999)
    assert hide(client, billing, 60, handle) == ([handle], {})
    kinesis.advance(milliseconds=1)
    assert acknowledge(client, billing, handle) == ([], {handle: GONE})
    kinesis.advance(seconds=60)
    assert receive(client, billing) == []


def test_a_longer_retention_does_not_bring_back_what_has_left(kinesis, client, billing):
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


def test_records_of_an_expired_shard_leave_with_it(kinesis, client, billing):
    stream = kinesis.stream("orders")
    put(kinesis, *"abcdefgh")
    for shard in stream.open_shards:
        stream.split(shard.shard_id)
    receive(client, billing, Limit=4, VisibilityTimeoutSeconds=0)
    kinesis.advance(hours=25)
    put(kinesis, "new")
    assert texts(receive(client, billing)) == ["new"]


# --- waiting ----------------------------------------------------------------------------------------------------

waiting = pytest.mark.fake_kinesis(autojump=True)


@waiting
def test_a_receive_that_finds_something_does_not_move_the_clock(kinesis, client, billing):
    put(kinesis, "a")
    before = kinesis.now
    assert texts(receive(client, billing, WaitTimeSeconds=20)) == ["a"]
    assert kinesis.now == before


@waiting
@pytest.mark.parametrize(
    ("parameters", "seconds"), [({}, 9), ({"WaitTimeSeconds": 1}, 1), ({"WaitTimeSeconds": 20}, 20)]
)
def test_a_receive_waits_in_virtual_time_and_in_vain(kinesis, client, billing, parameters, seconds):
    before = kinesis.now
    for receive_ in (client.receive_queue_records, client.receive_dead_letter_queue_records):
        assert receive_(QueueARN=billing, **parameters)["QueueRecords"] == []
    assert kinesis.now - before == timedelta(seconds=2 * seconds)


@waiting
def test_a_receive_returns_when_the_first_timeout_ends(kinesis, client, billing):
    put(kinesis, "a", "b")
    first, second = handles(receive(client, billing))
    hide(client, billing, 5, first)
    hide(client, billing, 7, second)
    before = kinesis.now
    assert len(receive(client, billing)) == 1
    assert kinesis.now - before == timedelta(seconds=5)


@waiting
@pytest.mark.parametrize(("timeout", "expected"), [(9, ["a"]), (10, [])])
def test_a_timeout_that_ends_with_the_wait_is_in_time(kinesis, client, billing, timeout, expected):
    put(kinesis, "a")
    receive(client, billing, VisibilityTimeoutSeconds=timeout)
    before = kinesis.now
    assert texts(receive(client, billing)) == expected
    assert kinesis.now - before == timedelta(seconds=9)


@waiting
def test_what_is_due_happens_at_its_instant_while_somebody_waits(kinesis, client, billing):
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
def test_what_happens_in_vain_does_not_shorten_the_wait(kinesis, client, billing):
    client.update_queue(QueueARN=billing, QueueAttributes={})
    before = kinesis.now
    assert receive(client, billing, WaitTimeSeconds=6) == []
    assert kinesis.now - before == timedelta(seconds=6)
    client.update_queue(QueueARN=billing, QueueAttributes={})
    kinesis.advance(milliseconds=1)
    assert receive(client, billing, WaitTimeSeconds=5) == []
    assert kinesis.now - before == timedelta(seconds=11, milliseconds=1)


def test_without_autojump_a_receive_answers_at_once(kinesis, client, billing):
    before = kinesis.now
    assert receive(client, billing, WaitTimeSeconds=20) == []
    assert kinesis.now == before


# --- the quota of records in flight -----------------------------------------------------------------------------


@pytest.mark.fake_kinesis(limits=Limits(queue_records_in_flight=3))
def test_no_more_records_are_in_flight_than_the_quota_allows(kinesis, client, billing):
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
def test_a_receive_waits_for_room_within_the_quota(kinesis, client, billing):
    put(kinesis, "a", "b")
    first = texts(receive(client, billing, VisibilityTimeoutSeconds=4))
    before = kinesis.now
    second = texts(receive(client, billing))
    assert sorted(first + second) == ["a", "b"]
    assert kinesis.now - before == timedelta(seconds=4)


# --- keys and other accounts ------------------------------------------------------------------------------------


def test_encrypted_records_cannot_be_received_while_the_key_is_disabled(kinesis, client, refusal, billing):
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
def reader(kinesis):
    """A client of another account, which has been there already."""
    client = kinesis.client(aws_access_key_id="READER", aws_secret_access_key="secret")
    client.list_streams()
    return client


def access_denied(action, resource_arn, why):
    return (
        "AccessDeniedException",
        f"User: arn:aws:iam::{READER}:root is not authorized to perform: kinesis:{action} on resource: "
        f"{resource_arn}{why}",
    )


@pytest.mark.fake_kinesis(accounts={"READER": READER})
def test_another_account_may_do_what_the_policy_of_the_queue_allows(kinesis, client, refusal, reader, billing):
    put(kinesis, "a")
    actions = ["kinesis:ReceiveQueueRecords", "kinesis:AcknowledgeQueueRecords"]
    statement = {"Effect": "Allow", "Principal": {"AWS": READER}, "Action": actions, "Resource": billing}
    nobody_allows = " because no resource-based policy allows the kinesis:ReceiveQueueRecords action"
    assert refusal("ReceiveQueueRecords", through=reader, QueueARN=billing) == access_denied(
        "ReceiveQueueRecords", billing, nobody_allows
    )
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_resource_policy(ResourceARN=billing, Policy=policy)
    (handle,) = handles(receive(reader, billing))
    assert acknowledge(reader, billing, handle) == ([handle], {})
    entries = [{"ReceiptHandle": handle, "VisibilityTimeoutSeconds": 1}]
    code, _ = refusal("UpdateQueueRecordsVisibility", through=reader, QueueARN=billing, Entries=entries)
    assert code == "AccessDeniedException"


@pytest.mark.fake_kinesis(accounts={"READER": READER})
def test_another_account_cannot_make_a_queue_on_a_stream(refusal, reader):
    assert refusal(
        "CreateQueue", through=reader, QueueName="billing", StreamConfigurationList=[{"StreamARN": ORDERS}]
    ) == access_denied("CreateQueue", ORDERS, "")


# --- the view ---------------------------------------------------------------------------------------------------


def test_the_view_of_a_queue_shows_who_has_what(kinesis, client, billing):
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
def test_the_view_of_a_queue_in_creation_is_empty(kinesis, client):
    put(kinesis, "a")
    configuration = [{"StreamARN": ORDERS, "StartingPosition": {"Type": "TRIM_HORIZON"}}]
    client.create_queue(QueueName="billing", StreamConfigurationList=configuration)
    assert kinesis.queue("billing").waiting == []
    kinesis.advance(milliseconds=1)
    assert [record.data for record in kinesis.queue("billing").waiting] == [b"a"]
