"""What a subscription gives, and when: positions, batches, idle events, five minutes, the end of a shard."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake
from tests.support.libraries import SHARD
from tests.support.model import needs
from tests.support.refusals import refused
from tests.support.subscriptions import data_of, seconds_since

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
MIB = 1024 * 1024


# --- the first event, batches and what comes between ---------------------------------------------------------------


def test_the_first_event_comes_at_once_with_all_that_is_there(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    client.put_records(
        StreamName="orders", Records=[{"Data": b"%d" % number, "PartitionKey": "ada"} for number in range(5)]
    )
    now = kinesis.now
    event = next(subscribe())
    assert data_of(event) == [b"0", b"1", b"2", b"3", b"4"]
    assert event["MillisBehindLatest"] == 0
    assert kinesis.now == now


def test_the_first_event_comes_at_once_without_records_too(kinesis: KinesisFake, subscribe: Any) -> None:
    now = kinesis.now
    assert next(subscribe("LATEST"))["Records"] == []
    assert kinesis.now == now


def test_an_event_has_a_thousand_records_at_most_and_says_how_far_behind_it_is(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    for first in range(0, 1001, 500):
        records = [{"Data": b"%d" % n, "PartitionKey": "ada"} for n in range(first, min(first + 500, 1001))]
        client.put_records(StreamName="orders", Records=records)
        kinesis.advance(seconds=1)
    now = kinesis.now
    events = subscribe()
    first, second = next(events), next(events)
    assert [len(first["Records"]), len(second["Records"])] == [1000, 1]
    assert data_of(first) + data_of(second) == [b"%d" % number for number in range(1001)]
    assert [first["MillisBehindLatest"], second["MillisBehindLatest"]] == [2000, 0]
    assert kinesis.now == now


@needs("UpdateMaxRecordSize")
def test_an_event_has_seven_and_a_half_mebibytes_at_most_but_always_one_record(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    client.update_max_record_size(StreamARN=kinesis.stream("orders").stream_arn, MaxRecordSizeInKiB=10240)
    kinesis.settle()
    most = 12 * 640 * 1024
    sizes = [[4 * MIB, most - 4 * MIB - 1, 1], [1], [most + 1], [most], [1]]
    for size in (size for event in sizes for size in event):
        kinesis.stream("orders").put(bytes(size))
    events = subscribe()
    assert [[len(data) for data in data_of(next(events))] for _ in sizes] == sizes


def test_what_is_put_between_two_events_is_in_the_next_one_which_then_comes_at_once(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    events = subscribe()
    next(events)
    kinesis.advance(seconds=1)
    client.put_record(StreamName="orders", Data=b"1 teapot", PartitionKey="ada")
    kinesis.stream("orders").put("2 cups", partition_key="bob")
    now = kinesis.now
    assert data_of(next(events)) == [b"1 teapot", b"2 cups"]
    assert kinesis.now == now
    # Five seconds after the last event, not after the last idle one.
    assert next(events)["Records"] == []
    assert kinesis.now == now + timedelta(seconds=5)


def test_without_records_an_empty_event_comes_every_five_seconds(kinesis: KinesisFake, subscribe: Any) -> None:
    start = kinesis.now
    events = subscribe()
    heard = [(next(events), seconds_since(start, kinesis.now)) for _ in range(4)]
    assert [at for _, at in heard] == [0, 5, 10, 15]
    assert [(event["Records"], event["MillisBehindLatest"]) for event, _ in heard] == [([], 0)] * 4
    numbers = [int(event["ContinuationSequenceNumber"]) for event, _ in heard]
    assert numbers == sorted(set(numbers))


def test_something_that_is_due_does_not_shift_the_idle_events(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    client.create_stream(StreamName="payments", ShardCount=1)
    due_at = kinesis.pending()[0].due_at
    start = kinesis.now
    events = subscribe()
    at = []
    while kinesis.now < due_at:
        next(events)
        at.append(seconds_since(start, kinesis.now))
    assert at == [5 * number for number in range(len(at))]
    assert kinesis.stream("payments").status == "ACTIVE"


# --- five minutes ---------------------------------------------------------------------------------------------------


def test_a_subscription_lasts_five_minutes_to_the_millisecond_and_ends_without_an_error(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    start = kinesis.now
    assert len(list(subscribe())) == 60
    assert kinesis.now - start == timedelta(minutes=5)


def test_the_last_millisecond_still_gives_records_and_the_next_one_gives_none(
    kinesis: KinesisFake, subscribe: Any
) -> None:
    events = subscribe()
    number = next(events)["ContinuationSequenceNumber"]
    kinesis.advance(minutes=5, milliseconds=-1)
    kinesis.stream("orders").put("in time")
    event = next(events)
    assert data_of(event) == [b"in time"]
    kinesis.advance(milliseconds=1)
    kinesis.stream("orders").put("too late")
    assert list(events) == []
    assert data_of(next(subscribe("AT_SEQUENCE_NUMBER", SequenceNumber=number))) == [b"in time", b"too late"]


def test_a_reader_that_looks_after_the_five_minutes_hears_of_nothing_that_came_later(
    kinesis: KinesisFake, client: Any, subscribe: Any, consumer: Any
) -> None:
    events = subscribe()
    next(events)
    kinesis.advance(minutes=6)
    client.deregister_stream_consumer(ConsumerARN=consumer)
    assert list(events) == []


# --- going on -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_continuation_numbers_go_on_without_a_gap_and_without_a_repetition(
    kinesis: KinesisFake, subscribe: Any, position: Any
) -> None:
    """Also where nothing was read, where records share a second, and where events end in the middle of a second."""
    orders = kinesis.stream("orders")
    put: list[bytes] = []
    read: list[bytes] = []
    start: dict[str, Any] = {"position": "TRIM_HORIZON"}
    for burst in (0, 3, 0, 1001, 1, 0):
        for _ in range(burst):
            put.append(orders.put(str(len(put))).data)
        events = subscribe(**start)
        event = next(events)
        read += data_of(event)
        assert len(event["Records"]) == min(burst, 1000) or read == put
        start = {"position": position, "SequenceNumber": event["ContinuationSequenceNumber"]}
        put.append(orders.put(str(len(put))).data)  # in the same second as the event
        kinesis.advance(seconds=5)
    events = subscribe(**start)
    while read != put:
        read += data_of(next(events))
    assert len(put) == 1011


@pytest.mark.parametrize(("position", "first"), [("AT_SEQUENCE_NUMBER", b"1"), ("AFTER_SEQUENCE_NUMBER", b"2")])
def test_numbers_of_records_can_be_gone_on_from_as_well(
    kinesis: KinesisFake, subscribe: Any, position: Any, first: Any
) -> None:
    numbers = [kinesis.stream("orders").put(str(number)).sequence_number for number in range(3)]
    assert data_of(next(subscribe(position, SequenceNumber=numbers[1])))[0] == first


def test_a_continuation_number_is_not_that_of_a_record_but_lies_between_two(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    before = kinesis.stream("orders").put("1")
    number = next(subscribe())["ContinuationSequenceNumber"]
    after = kinesis.stream("orders").put("2")
    assert int(before.sequence_number) < int(number) < int(after.sequence_number)
    iterator = client.get_shard_iterator(
        StreamName="orders", ShardId=SHARD, ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=number
    )
    assert data_of(client.get_records(ShardIterator=iterator["ShardIterator"])) == [b"2"]


# --- starting positions ---------------------------------------------------------------------------------------------


def test_the_five_starting_positions(kinesis: KinesisFake, subscribe: Any) -> None:
    numbers = []
    for number in range(4):
        numbers.append(kinesis.stream("orders").put(str(number)).sequence_number)
        kinesis.advance(seconds=10)
    middle = START + timedelta(seconds=seconds_since(START, kinesis.now) - 20)
    for position, more, expected in (
        ("TRIM_HORIZON", {}, [b"0", b"1", b"2", b"3"]),
        ("LATEST", {}, []),
        ("AT_SEQUENCE_NUMBER", {"SequenceNumber": numbers[2]}, [b"2", b"3"]),
        ("AFTER_SEQUENCE_NUMBER", {"SequenceNumber": numbers[2]}, [b"3"]),
        ("AT_TIMESTAMP", {"Timestamp": middle}, [b"2", b"3"]),
        ("AT_TIMESTAMP", {"Timestamp": middle + timedelta(seconds=1)}, [b"3"]),
        ("AT_TIMESTAMP", {"Timestamp": START - timedelta(days=1)}, [b"0", b"1", b"2", b"3"]),
    ):
        assert data_of(next(subscribe(position, **more))) == expected, (position, more)
        kinesis.advance(seconds=5)


def test_latest_is_the_moment_of_the_call_not_that_of_the_first_event(kinesis: KinesisFake, subscribe: Any) -> None:
    kinesis.stream("orders").put("before")
    events = subscribe("LATEST")
    kinesis.stream("orders").put("after")
    assert data_of(next(events)) == [b"after"]


def test_the_arguments_of_a_position_are_checked_as_those_of_get_shard_iterator(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    number = kinesis.stream("orders").put("1").sequence_number
    now = int(kinesis.now.timestamp() * 1000)
    either = (
        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or "
        "(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified "
    )
    for position, more, message in (
        ("AT_SEQUENCE_NUMBER", {}, either + "AT_SEQUENCE_NUMBER and no StartingSequenceNumber."),
        ("AFTER_SEQUENCE_NUMBER", {}, either + "AFTER_SEQUENCE_NUMBER and no StartingSequenceNumber."),
        ("LATEST", {"SequenceNumber": number}, either + "LATEST and also a StartingSequenceNumber."),
        ("TRIM_HORIZON", {"SequenceNumber": number}, either + "TRIM_HORIZON and also a StartingSequenceNumber."),
        (
            "AT_TIMESTAMP",
            {},
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
            "Current request has no timestamp parameter.",
        ),
        (
            "AT_TIMESTAMP",
            {"Timestamp": kinesis.now + timedelta(seconds=1)},
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            f"timestampInMillis: {now + 1000}, currentTimestampInMillis: {now}",
        ),
    ):
        with refused(client, "InvalidArgumentException", message):
            subscribe.stream(position, **more)
    assert data_of(next(subscribe("AT_TIMESTAMP", Timestamp=kinesis.now))) == [b"1"]


# --- the end of a shard ---------------------------------------------------------------------------------------------


def test_a_split_ends_the_stream_with_the_children_and_without_a_continuation_number(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    events = subscribe()
    next(events)
    kinesis.stream("orders").put("last")
    children = kinesis.stream("orders").split(SHARD)
    now = kinesis.now
    last, *nothing = events
    assert nothing == []
    assert kinesis.now == now
    assert last == {
        "Records": last["Records"],
        "MillisBehindLatest": 0,
        "ChildShards": [
            {
                "ShardId": child.shard_id,
                "ParentShards": [SHARD],
                "HashKeyRange": {
                    "StartingHashKey": str(child.starting_hash_key),
                    "EndingHashKey": str(child.ending_hash_key),
                },
            }
            for child in children
        ],
    }
    assert data_of(last) == [b"last"]


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_a_merge_ends_both_streams_with_the_one_child(kinesis: KinesisFake, subscribe: Any) -> None:
    other = "shardId-000000000001"
    first, second = subscribe("LATEST"), subscribe("LATEST", other)
    next(first)
    next(second)
    child = kinesis.stream("orders").merge(SHARD, other)
    for events in (first, second):
        (last,) = events
        assert "ContinuationSequenceNumber" not in last
        assert [(one["ShardId"], one["ParentShards"]) for one in last["ChildShards"]] == [
            (child.shard_id, [SHARD, other])
        ]


def test_a_reshard_that_takes_its_time_ends_the_stream_at_its_own_instant(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    events = subscribe()
    next(events)
    kinesis.advance(seconds=1)
    start = kinesis.now
    client.split_shard(StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=str(2**127))
    ends_at = kinesis.pending()[0].due_at
    assert ends_at == start + timedelta(seconds=30)
    *idle, last = events
    assert kinesis.now == ends_at
    assert [(event["Records"], "ContinuationSequenceNumber" in event) for event in idle] == [([], True)] * 6
    assert [child["ShardId"] for child in last["ChildShards"]] == ["shardId-000000000001", "shardId-000000000002"]


def test_what_a_closed_shard_holds_comes_before_its_end(kinesis: KinesisFake, subscribe: Any) -> None:
    for number in range(1001):
        kinesis.stream("orders").put(str(number))
    kinesis.stream("orders").split(SHARD)
    first, last = subscribe()
    assert [len(first["Records"]), len(last["Records"])] == [1000, 1]
    assert "ChildShards" not in first
    assert len(last["ChildShards"]) == 2


@pytest.mark.parametrize("position", ["LATEST", "AFTER_SEQUENCE_NUMBER"])
def test_a_consumer_that_subscribes_to_a_shard_read_to_its_end_is_told_of_the_end_again(
    kinesis: KinesisFake, subscribe: Any, position: Any
) -> None:
    number = kinesis.stream("orders").put("last").sequence_number
    kinesis.stream("orders").split(SHARD)
    for _ in range(2):
        more = {} if position == "LATEST" else {"SequenceNumber": number}
        (last,) = subscribe(position, **more)
        assert (last["Records"], len(last["ChildShards"])) == ([], 2)
        assert "ContinuationSequenceNumber" not in last
        kinesis.advance(seconds=5)


# --- retention ------------------------------------------------------------------------------------------------------


def test_what_is_past_the_retention_period_is_not_pushed(kinesis: KinesisFake, subscribe: Any) -> None:
    kinesis.stream("orders").put("old")
    kinesis.advance(hours=24, milliseconds=-1)
    kinesis.stream("orders").put("new")
    assert data_of(next(subscribe())) == [b"old", b"new"]
    kinesis.advance(seconds=5)
    assert data_of(next(subscribe())) == [b"new"]


def test_a_record_that_expires_before_it_was_pushed_is_skipped(kinesis: KinesisFake, subscribe: Any) -> None:
    number = kinesis.stream("orders").put("old").sequence_number
    kinesis.advance(hours=24, milliseconds=-1)
    kinesis.stream("orders").put("new")
    events = subscribe("AT_SEQUENCE_NUMBER", SequenceNumber=number)
    kinesis.advance(milliseconds=1)
    assert data_of(next(events)) == [b"new"]


# --- encryption -----------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_records_say_how_they_were_encrypted(kinesis: KinesisFake, client: Any, subscribe: Any) -> None:
    kinesis.stream("orders").put("plain")
    client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    kinesis.stream("orders").put("secret")
    assert [record.get("EncryptionType") for record in next(subscribe())["Records"]] == [None, "KMS"]
