"""Visibility timeouts, how they change, and acknowledging before they end, under time travel."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.queue_records import (
    GONE,
    INVALID,
    LONGEST,
    NOT_IN_FLIGHT,
    ONE_STREAM,
    SUPERSEDED,
    acknowledge,
    handles,
    hide,
    make_queue,
    put,
    receive,
    texts,
)

pytestmark = ONE_STREAM


# --- visibility timeouts ------------------------------------------------------------------------------------------


def test_a_record_is_visible_again_after_thirty_seconds_and_not_before(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    put(kinesis, "a")
    assert texts(receive(client, billing)) == ["a"]
    kinesis.advance(milliseconds=29_999)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["a"]


@pytest.mark.parametrize("seconds", [1, 60, LONGEST])
def test_a_queue_has_a_timeout_of_its_own(kinesis: KinesisFake, client: Any, seconds: Any) -> None:
    queue_arn = make_queue(kinesis, client, VisibilityTimeoutSeconds=seconds)
    put(kinesis, "a")
    receive(client, queue_arn)
    kinesis.advance(seconds=seconds, milliseconds=-1)
    assert receive(client, queue_arn) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, queue_arn)) == ["a"]


@pytest.mark.parametrize("seconds", [1, LONGEST])
def test_a_receive_may_name_another_timeout(kinesis: KinesisFake, client: Any, billing: Any, seconds: Any) -> None:
    put(kinesis, "a")
    receive(client, billing, VisibilityTimeoutSeconds=seconds)
    kinesis.advance(seconds=seconds, milliseconds=-1)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["a"]


def test_a_timeout_of_nought_hides_nothing_but_returns_a_record_once(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    put(kinesis, "a", "b")
    for count in (1, 2, 3):
        records = receive(client, billing, VisibilityTimeoutSeconds=0)
        assert sorted(texts(records)) == ["a", "b"]
        assert {record["ReceiveCount"] for record in records} == {count}


def test_with_a_timeout_of_nought_records_take_turns(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a", "b", "c")
    received = [text for _ in range(6) for text in texts(receive(client, billing, Limit=1, VisibilityTimeoutSeconds=0))]
    assert sorted(received[:3]) == ["a", "b", "c"]
    assert received[3:] == received[:3]


def test_a_changed_timeout_holds_for_what_is_received_after_the_update(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
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


def test_one_jump_over_many_timeouts_is_like_many_steps() -> None:
    def run(steps: Any) -> Any:
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


# --- acknowledging ------------------------------------------------------------------------------------------------


def test_an_acknowledged_record_never_comes_back(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a", "b")
    a, _ = sorted(receive(client, billing), key=lambda record: record["Data"])
    assert acknowledge(client, billing, a["ReceiptHandle"]) == ([a["ReceiptHandle"]], {})
    kinesis.advance(seconds=30)
    assert texts(receive(client, billing)) == ["b"]
    kinesis.advance(hours=1)
    assert texts(receive(client, billing)) == ["b"]


def test_a_record_can_be_acknowledged_late_until_it_is_received_again(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    put(kinesis, "a", "b")
    first = {record["Data"]: record["ReceiptHandle"] for record in receive(client, billing)}
    kinesis.advance(seconds=31)
    assert acknowledge(client, billing, first[b"a"]) == ([first[b"a"]], {})
    (second,) = receive(client, billing)
    assert acknowledge(client, billing, first[b"b"]) == ([], {first[b"b"]: SUPERSEDED})
    assert acknowledge(client, billing, second["ReceiptHandle"]) == ([second["ReceiptHandle"]], {})


def test_a_record_is_acknowledged_once(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    answer = client.acknowledge_queue_records(QueueARN=billing, Entries=[{"ReceiptHandle": handle}] * 2)
    assert answer["Successful"] == [{"ReceiptHandle": handle}]
    assert answer["Failed"] == [{"ReceiptHandle": handle, "ErrorCode": GONE[0], "ErrorMessage": GONE[1]}]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_one_bad_entry_does_not_touch_the_others(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a", "b")
    first, second = handles(receive(client, billing))
    assert acknowledge(client, billing, first, "nonsense", second) == ([first, second], {"nonsense": INVALID})
    kinesis.advance(seconds=30)
    assert receive(client, billing) == []


def test_a_handle_that_was_changed_or_issued_elsewhere_is_invalid(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
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


def test_a_handle_of_a_queue_that_was_made_again_is_invalid(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    client.delete_queue(QueueARN=billing)
    kinesis.settle()
    again = make_queue(kinesis, client)
    assert len(receive(client, again)) == 1
    assert acknowledge(client, again, handle) == ([], {handle: INVALID})


def test_ten_entries_are_taken_and_not_eleven(kinesis: KinesisFake, client: Any, refusal: Any, billing: Any) -> None:
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


def test_a_handle_has_1024_characters_at_most(refusal: Any, billing: Any) -> None:
    handle = "x" * 1025
    assert refusal("AcknowledgeQueueRecords", QueueARN=billing, Entries=[{"ReceiptHandle": handle}]) == (
        "ValidationException",
        f"1 validation error detected: Value '{handle}' at 'entries.1.member.receiptHandle' failed to satisfy "
        "constraint: Member must have length less than or equal to 1024",
    )


# --- changing visibility ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1, 300, LONGEST])
def test_a_new_timeout_counts_from_the_change(kinesis: KinesisFake, client: Any, billing: Any, seconds: Any) -> None:
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    kinesis.advance(seconds=29)
    assert hide(client, billing, seconds, handle) == ([handle], {})
    kinesis.advance(seconds=seconds, milliseconds=-1)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["a"]


def test_a_timeout_can_be_extended_again_and_again(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=96)
    kinesis.settle()
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing, VisibilityTimeoutSeconds=LONGEST))
    for _ in range(5):
        kinesis.advance(hours=11)
        assert hide(client, billing, LONGEST, handle) == ([handle], {})
        assert receive(client, billing) == []
    assert acknowledge(client, billing, handle) == ([handle], {})


def test_a_timeout_of_nought_makes_a_record_visible_at_once(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a")
    (first,) = receive(client, billing)
    assert receive(client, billing) == []
    assert hide(client, billing, 0, first["ReceiptHandle"]) == ([first["ReceiptHandle"]], {})
    (second,) = receive(client, billing)
    assert (second["RecordId"], second["ReceiveCount"]) == (first["RecordId"], 2)


def test_only_what_is_in_flight_can_be_hidden_longer(kinesis: KinesisFake, client: Any, billing: Any) -> None:
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


def test_the_last_of_two_changes_in_one_call_counts(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    entries = [{"ReceiptHandle": handle, "VisibilityTimeoutSeconds": seconds} for seconds in (500, 5)]
    answer = client.update_queue_records_visibility(QueueARN=billing, Entries=entries)
    assert answer["Successful"] == [{"ReceiptHandle": handle}] * 2
    kinesis.advance(milliseconds=4999)
    assert receive(client, billing) == []
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, billing)) == ["a"]


def test_a_timeout_to_change_to_has_bounds(refusal: Any, billing: Any) -> None:
    for operation in ("UpdateQueueRecordsVisibility", "UpdateDeadLetterQueueRecordsVisibility"):
        for seconds, bound in ((-1, "greater than or equal to 0"), (LONGEST + 1, "less than or equal to 43200")):
            entries = [{"ReceiptHandle": "handle", "VisibilityTimeoutSeconds": seconds}]
            assert refusal(operation, QueueARN=billing, Entries=entries) == (
                "ValidationException",
                f"1 validation error detected: Value '{seconds}' at 'entries.1.member.visibilityTimeoutSeconds' failed "
                f"to satisfy constraint: Member must have value {bound}",
            )
