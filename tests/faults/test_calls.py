"""The past and the future of a fake, as objects and as text for people."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from kinesis_fake import Fault, KinesisFakeError
from kinesis_fake.calls import CallLog
from kinesis_fake.clock import datetime_of

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
SHARD = "shardId-000000000000"

pytestmark = pytest.mark.kinesis(start=NEW_YEAR, autojump=False, streams={"orders": 2})


def test_a_call_has_its_operation_parameters_outcome_attempt_and_instant(kinesis, client):
    client.put_record(StreamName="orders", PartitionKey="ada", Data=b"1 teapot", ExplicitHashKey="0")
    kinesis.advance(seconds=90.5)
    client.list_streams()
    first, second = kinesis.calls
    assert (first.operation, first.outcome, first.attempt, first.at) == ("PutRecord", "ok", 1, NEW_YEAR)
    assert first.parameters == {
        "StreamName": "orders",
        "PartitionKey": "ada",
        "Data": "<8 bytes>",
        "ExplicitHashKey": "0",
    }
    assert (second.operation, second.parameters) == ("ListStreams", {})
    assert second.at == NEW_YEAR + timedelta(seconds=90.5)


def test_calls_read_one_to_a_line(kinesis, client):
    client.put_records(StreamName="orders", Records=[{"Data": b"", "PartitionKey": "k"}] * 3)
    iterator = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="LATEST")
    kinesis.advance(milliseconds=1)
    kinesis.inject(Fault.throttle("GetRecords"))
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException):
        client.get_records(ShardIterator=iterator["ShardIterator"], Limit=7)
    abbreviated = iterator["ShardIterator"][:59] + "…"
    assert str(kinesis.calls).splitlines() == [
        "2026-01-01T00:00:00.000Z  PutRecords(StreamName=orders, Records=<3 items>) -> ok",
        "2026-01-01T00:00:00.000Z  GetShardIterator(StreamName=orders, ShardId=shardId-000000000000, "
        "ShardIteratorType=LATEST) -> ok",
        f"2026-01-01T00:00:00.001Z  GetRecords(ShardIterator={abbreviated}, Limit=7) -> "
        "ProvisionedThroughputExceededException",
    ]
    assert repr(kinesis.calls) == "<3 calls>"


def test_every_attempt_is_a_call(kinesis, kinesis_client):
    kinesis.inject(Fault.throttle("ListStreams", times=2))
    kinesis_client.list_streams()
    assert [call.attempt for call in kinesis.calls] == [1, 2, 3]
    lines = str(kinesis.calls).splitlines()
    assert lines[0] == "2026-01-01T00:00:00.000Z  ListStreams() -> LimitExceededException"
    assert lines[1].endswith("  ListStreams() -> LimitExceededException (attempt 2)")
    assert lines[2].endswith("  ListStreams() -> ok (attempt 3)")


def test_a_call_that_the_fake_cannot_answer_is_told_by_its_exception(kinesis, client):
    kinesis.inject(Fault.throttle(where=lambda call: call["nothing"]))
    with pytest.raises(KinesisFakeError):
        client.list_streams()
    assert kinesis.calls[0].outcome == "KinesisFakeError"
    kinesis._service.faults.excuse()


@pytest.mark.kinesis(start="9999-12-30T23:59:00Z")
def test_a_call_that_waits_in_vain_is_told_by_its_exception(kinesis, client):
    kinesis.inject(Fault.latency("ListStreams", milliseconds=59_000, times=2))
    client.list_streams()
    with pytest.raises(KinesisFakeError, match="Virtual time ends with the year 9999"):
        client.list_streams()
    assert [call.outcome for call in kinesis.calls] == ["ok", "KinesisFakeError"]


def test_calls_are_a_sequence(kinesis, client):
    assert (len(kinesis.calls), list(kinesis.calls), str(kinesis.calls)) == (0, [], "no calls")
    for _ in range(3):
        client.list_streams()
    client.describe_limits()
    calls = kinesis.calls
    assert len(calls) == 4
    assert calls[-1] == calls[3] == list(calls)[3]
    assert [call.operation for call in calls[1:]] == ["ListStreams", "ListStreams", "DescribeLimits"]
    assert [call.operation for call in calls.of("DescribeLimits")] == ["DescribeLimits"]
    assert calls.of("PutRecord") == []
    assert calls[0] in calls


def test_what_the_test_itself_does_is_no_call(kinesis):
    kinesis.create_stream("payments", shards=1)
    kinesis.stream("payments").put("1 teapot")
    assert len(kinesis.calls) == 0


def test_the_last_ten_thousand_calls_are_remembered():
    calls = CallLog()
    for number in range(10_001):
        calls.add("ListStreams", {}, (), "ok", number, 1)
    assert len(calls) == 10_000
    assert calls[0].at == datetime_of(1)


def test_the_future_reads_one_to_a_line(kinesis, client):
    assert str(kinesis.pending()) == "nothing is pending"
    assert kinesis.pending() == []
    client.create_stream(StreamName="payments", ShardCount=1)
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    assert str(kinesis.pending()).splitlines() == [
        "2026-01-01T00:00:05.000Z  stream orders keeps records for 48 hours and becomes ACTIVE",
        "2026-01-01T00:00:20.000Z  stream payments becomes ACTIVE",
    ]
    first, second = kinesis.pending()
    assert (first.due_at, second.what) == (NEW_YEAR + timedelta(seconds=5), "stream payments becomes ACTIVE")
    kinesis.advance(seconds=5)
    assert [pending.what for pending in kinesis.pending()] == ["stream payments becomes ACTIVE"]


def test_the_summary_tells_it_all(kinesis, client):
    client.create_stream(StreamName="payments", ShardCount=1)
    kinesis.stream("orders").put("1 teapot")
    injection = kinesis.inject(Fault.internal_error("ListStreams", times=3))
    for _ in range(2):
        with pytest.raises(client.exceptions.ClientError):
            client.list_streams()
    assert kinesis.summary(last_calls=1).splitlines() == [
        "virtual time: 2026-01-01T00:00:00.000Z",
        "streams:",
        "  orders: ACTIVE, 2 open shards of 2, 1 records",
        "  payments: CREATING, 0 open shards of 0, 0 records",
        "in transition:",
        "  2026-01-01T00:00:20.000Z  stream payments becomes ACTIVE",
        "faults:",
        "  internal_error on ListStreams: has struck 2 times",
        "last calls:",
        "  2026-01-01T00:00:00.000Z  ListStreams() -> InternalFailure",
    ]
    assert str(injection) == "internal_error on ListStreams: has struck 2 times"
