"""The log of calls: parameters as sent, exact questions, and an error where an answer could be wrong."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import pytest

from kinesis_fake import CallLog, Fault, KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.operations.plain_records import plain_records

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": 2})
SHARD = "shardId-000000000000"


def entry(number: Any, **more: Any) -> Any:
    return {"Data": f"order {number}".encode(), "PartitionKey": f"key-{number}", **more}


# --- parameters ---------------------------------------------------------------------------------------------------


def test_the_parameters_of_a_call_are_those_that_were_sent(kinesis: KinesisFake, client: Any) -> None:
    records = [entry(1), entry(2, ExplicitHashKey="5"), entry(3)]
    client.put_records(StreamName="orders", Records=records)
    client.add_tags_to_stream(StreamName="orders", Tags={"team": "sales"})
    assert [call.parameters for call in kinesis.calls] == [
        {"StreamName": "orders", "Records": records},
        {"StreamName": "orders", "Tags": {"team": "sales"}},
    ]
    assert len(kinesis.calls[0].parameters["Records"]) == 3


@pytest.mark.parametrize("more", [{}, {"ExplicitHashKey": "5"}])
@pytest.mark.parametrize("data", [b"order", "order"])
def test_a_batch_that_is_filled_again_does_not_change_the_past(
    kinesis: KinesisFake, client: Any, more: Any, data: Any
) -> None:
    batch = [{"Data": data, "PartitionKey": "ada", **more}]
    client.put_records(StreamName="orders", Records=batch)
    batch[0]["Data"] = b"another"
    batch.append(entry(2))
    client.put_records(StreamName="orders", Records=batch)
    batch.clear()
    first, second = kinesis.calls
    assert first.parameters["Records"] == [{"Data": b"order", "PartitionKey": "ada", **more}]
    assert [record["Data"] for record in second.parameters["Records"]] == [b"another", b"order 2"]


def test_parameters_that_are_used_again_do_not_change_the_past(kinesis: KinesisFake, client: Any) -> None:
    parameters = {"StreamName": "orders", "Data": b"1", "PartitionKey": "ada"}
    client._make_api_call("PutRecord", parameters)
    parameters["Data"] = b"2"
    client._make_api_call("PutRecord", parameters)
    assert [call.parameters["Data"] for call in kinesis.calls] == [b"1", b"2"]


def test_tags_that_are_added_later_do_not_change_the_past(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="new", ShardCount=1, Tags={"team": "sales"})
    kinesis.settle()
    client.add_tags_to_stream(StreamName="new", Tags={"cost": "5"})
    assert kinesis.calls[0].parameters["Tags"] == {"team": "sales"}


def test_the_past_keeps_the_data_that_the_stream_keeps_and_no_copy(kinesis: KinesisFake, client: Any) -> None:
    batch = [entry(number) for number in range(500)]
    client.put_records(StreamName="orders", Records=batch)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        records = plain_records(batch)
        kinesis._door.calls.add("PutRecords", {"Records": records}, "ok", 0, 1, "123456789012", "us-east-1", None)
        del records
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept < 500 * 24  # two references to each record, of eight bytes each
    assert kinesis.calls[-1].parameters["Records"][0]["Data"] is batch[0]["Data"]


def test_only_text_is_abbreviated(kinesis: KinesisFake, client: Any) -> None:
    client.put_records(StreamName="orders", Records=[entry(1)] * 2)
    arn = kinesis.stream("orders").stream_arn
    name = "x" * 60
    client.register_stream_consumer(StreamARN=arn, ConsumerName=name)
    client.describe_stream_consumer(ConsumerARN=kinesis.stream("orders").consumers[0].consumer_arn)
    at = "2026-01-01T00:00:00.000Z"
    assert str(kinesis.calls).splitlines() == [
        f"{at}  PutRecords(StreamName=orders, Records=<2 items>) -> ok",
        f"{at}  RegisterStreamConsumer(StreamARN={arn}, ConsumerName={name}) -> ok",
        f"{at}  DescribeStreamConsumer(ConsumerARN=arn:…:…{'x' * 49}:1767225600) -> ok",
    ]


def test_records_that_failed_are_told(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(indexes=[0, 2]))
    client.put_records(StreamName="orders", Records=[entry(number) for number in range(3)])
    assert str(kinesis.calls).endswith("-> ok, 2 of its records failed")
    assert kinesis.calls[0].outcome == "ok"


# --- questions ----------------------------------------------------------------------------------------------------


def test_the_log_is_a_sequence_of_calls(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.list_streams()
    kinesis_client.describe_limits()
    assert isinstance(kinesis.calls, Sequence)
    assert [call.operation for call in reversed(kinesis.calls)] == ["DescribeLimits", "ListStreams"]


def test_calls_are_counted_by_operation(kinesis: KinesisFake, client: Any) -> None:
    assert (kinesis.calls.count("PutRecord"), "PutRecord" in kinesis.calls, bool(kinesis.calls)) == (0, False, False)
    client.put_record(StreamName="orders", **entry(1))
    client.list_streams()
    client.put_record(StreamName="orders", **entry(1))
    calls = kinesis.calls
    assert (calls.count("PutRecord"), calls.count("ListStreams"), calls.count("PutRecords")) == (2, 1, 0)
    assert "PutRecord" in calls
    assert "PutRecords" not in calls
    assert (calls.index("ListStreams"), calls.index("PutRecord"), calls.index("PutRecord", 1)) == (1, 0, 2)
    assert calls.count(calls[0]) == 2  # at one instant, with the same parameters
    assert calls[1] in calls
    assert calls.index(calls[1]) == 1


@pytest.mark.parametrize("ask", [CallLog.of, CallLog.count, CallLog.__contains__, CallLog.index])
@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("put_record", "'put_record' is no operation of Kinesis; do you mean 'PutRecord'?"),
        ("PutRecrods", "'PutRecrods' is no operation of Kinesis; do you mean 'PutRecords'?"),
        (None, "None is no operation of Kinesis; they are named as in the API."),
        (5, "5 is no operation of Kinesis; they are named as in the API."),
    ],
)
def test_a_question_about_an_operation_that_does_not_exist_is_refused(
    kinesis: KinesisFake, ask: Any, operation: Any, message: Any
) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        ask(kinesis.calls, operation)
    assert str(caught.value) == message


def test_calls_compare_like_a_list(kinesis: KinesisFake, client: Any) -> None:
    assert kinesis.calls == []
    client.list_streams()
    assert kinesis.calls != []
    assert kinesis.calls == list(kinesis.calls) == kinesis.calls[:]
    assert kinesis.calls != "ListStreams"


def test_calls_are_counted_from_a_mark_on(kinesis: KinesisFake, client: Any) -> None:
    client.list_streams()
    mark = kinesis.calls.mark()
    since = kinesis.calls.since(mark)
    assert (len(since), repr(since), str(since)) == (0, "<0 calls>", "no calls")
    client.list_streams()
    client.describe_limits()
    assert [call.operation for call in since] == ["ListStreams", "DescribeLimits"]
    assert (since.count("ListStreams"), kinesis.calls.count("ListStreams")) == (1, 2)
    assert since == kinesis.calls[1:]
    assert repr(since) == "<2 calls: ListStreams, DescribeLimits>"
    assert repr(kinesis.calls) == "<3 calls: 2 × ListStreams, DescribeLimits>"


def test_a_copy_of_the_calls_has_those_that_follow_too(kinesis: KinesisFake, client: Any) -> None:
    client.list_streams()
    whole, part = copy(kinesis.calls), copy(kinesis.calls.since(0))
    client.describe_limits()
    for copied in (whole, part):
        assert (len(copied), copied.count("DescribeLimits"), copied.mark()) == (2, 1, 2)
        assert copied == list(copied) == kinesis.calls


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (1, "since() takes a mark of calls.mark(), which has not returned 1 yet."),
        (-1, "since() takes a mark of calls.mark(), not -1."),
        (True, "since() takes a mark of calls.mark(), not True."),
        ("now", "since() takes a mark of calls.mark(), not 'now'."),
    ],
)
def test_a_mark_that_is_none_is_refused(kinesis: KinesisFake, mark: Any, message: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.calls.since(mark)
    assert str(caught.value) == message


def test_cleared_calls_are_forgotten(kinesis: KinesisFake, client: Any) -> None:
    mark = kinesis.calls.mark()
    client.list_streams()
    kinesis.calls.clear()
    assert (len(kinesis.calls), kinesis.calls.count("ListStreams"), "ListStreams" in kinesis.calls) == (0, 0, False)
    client.describe_limits()
    assert [call.operation for call in kinesis.calls] == ["DescribeLimits"]
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.calls.since(mark)
    assert str(caught.value) == "This mark is older than the last clear(); take a new one."


# --- what is no longer remembered ---------------------------------------------------------------------------------


def forgotten(dropped: Any, most: Any = 3) -> Any:
    return (
        f"This fake remembers its last {most} calls, and {dropped} were made before; what is asked could be about "
        "them. Pass remember_calls= to the fake, or ask about the calls since a mark: calls.since(calls.mark())."
    )


@pytest.mark.fake_kinesis(remember_calls=3)
def test_a_question_about_calls_that_are_no_longer_remembered_is_refused(kinesis: KinesisFake, client: Any) -> None:
    calls = kinesis.calls
    client.put_record(StreamName="orders", **entry(1))
    mark = calls.mark()
    for _ in range(2):
        client.list_streams()
    assert (len(calls), calls.count("PutRecord"), "DescribeLimits" in calls) == (3, 1, False)
    client.describe_limits()
    questions: list[Callable[[], object]] = [
        lambda: len(calls),
        lambda: list(calls),
        lambda: calls == [],
        lambda: calls.of("ListStreams"),
        lambda: calls.count("PutRecord"),
        lambda: calls.index("ListStreams"),
        lambda: "PutRecord" in calls,
        lambda: calls[0],
        lambda: calls[-4],
        lambda: calls[:],
        lambda: calls[-4:],
    ]
    for ask in questions:
        with pytest.raises(KinesisFakeError) as caught:
            ask()
        assert str(caught.value) == forgotten(1)
    assert calls
    assert "DescribeLimits" in calls
    assert (calls[-1].operation, calls[3].operation) == ("DescribeLimits", "DescribeLimits")
    assert [call.operation for call in calls[-3:]] == ["ListStreams", "ListStreams", "DescribeLimits"]
    assert [call.operation for call in calls[1:3]] == ["ListStreams", "ListStreams"]
    with pytest.raises(IndexError):
        calls[4]
    assert calls.since(mark).count("ListStreams") == 2
    assert repr(calls) == "<4 calls: 1 earlier call is no longer remembered, 2 × ListStreams, DescribeLimits>"
    assert str(calls).splitlines()[0] == "1 earlier call is no longer remembered"
    client.list_streams()
    with pytest.raises(KinesisFakeError) as caught:
        calls.since(mark).of("ListStreams")
    assert str(caught.value) == forgotten(1)
    with pytest.raises(KinesisFakeError) as caught:
        calls.count("ListStreams")
    assert str(caught.value) == forgotten(2)
    calls.clear()
    assert calls.count("ListStreams") == 0


def test_ten_thousand_calls_are_remembered_unless_the_test_says_otherwise(kinesis: KinesisFake) -> None:
    calls = kinesis.calls
    for _ in range(10_000):
        calls.add("ListStreams", {}, "ok", 0, 1, "123456789012", "us-east-1", None)
    assert calls.count("ListStreams") == 10_000
    calls.add("ListStreams", {}, "ok", 0, 1, "123456789012", "us-east-1", None)
    with pytest.raises(KinesisFakeError) as caught:
        calls.count("ListStreams")
    assert str(caught.value) == forgotten(1, 10_000)
    with fake_kinesis(remember_calls=None) as other:
        for _ in range(10_001):
            other.calls.add("ListStreams", {}, "ok", 0, 1, "123456789012", "us-east-1", None)
        assert other.calls.count("ListStreams") == 10_001


@pytest.mark.parametrize("value", [-1, True, "all", 1.5])
def test_how_many_calls_are_remembered_is_a_whole_number(value: Any) -> None:
    with pytest.raises(KinesisFakeError, match=r"^remember_calls must be a whole number from 0 to \d+, not "):
        fake_kinesis(remember_calls=value).__enter__()
