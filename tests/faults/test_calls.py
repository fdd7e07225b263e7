"""The past and the future of a fake, as objects and as text for people."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.config import Config

from kinesis_fake import Fault, KinesisFake, KinesisFakeError
from tests.support.refusals import refused

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
SHARD = "shardId-000000000000"

pytestmark = pytest.mark.fake_kinesis(start=NEW_YEAR, autojump=False, streams={"orders": 2})


def test_a_call_has_its_operation_parameters_outcome_attempt_and_instant(kinesis: KinesisFake, client: Any) -> None:
    client.put_record(StreamName="orders", PartitionKey="ada", Data=b"1 teapot", ExplicitHashKey="0")
    kinesis.advance(seconds=90.5)
    client.list_streams()
    first, second = kinesis.calls
    assert (first.operation, first.outcome, first.attempt, first.at) == ("PutRecord", "ok", 1, NEW_YEAR)
    assert first.parameters == {
        "StreamName": "orders",
        "PartitionKey": "ada",
        "Data": b"1 teapot",
        "ExplicitHashKey": "0",
    }
    assert (second.operation, second.parameters) == ("ListStreams", {})
    assert second.at == NEW_YEAR + timedelta(seconds=90.5)


def test_calls_read_one_to_a_line(kinesis: KinesisFake, client: Any) -> None:
    client.put_records(StreamName="orders", Records=[{"Data": b"", "PartitionKey": "k"}] * 3)
    iterator = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="LATEST")
    kinesis.advance(milliseconds=1)
    kinesis.inject(Fault.throttle("GetRecords"))
    with refused(client, "ProvisionedThroughputExceededException"):
        client.get_records(ShardIterator=iterator["ShardIterator"], Limit=7)
    assert str(kinesis.calls).splitlines() == [
        "2026-01-01T00:00:00.000Z  PutRecords(StreamName=orders, Records=<3 items>) -> ok",
        "2026-01-01T00:00:00.000Z  GetShardIterator(StreamName=orders, ShardId=shardId-000000000000, "
        "ShardIteratorType=LATEST) -> ok",
        "2026-01-01T00:00:00.001Z  GetRecords(orders, shard 0, from its beginning, Limit=7) -> "
        "ProvisionedThroughputExceededException",
    ]
    assert repr(kinesis.calls) == "<3 calls: PutRecords, GetShardIterator, GetRecords>"


def test_every_attempt_is_a_call(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis.inject(Fault.throttle("ListStreams", times=2))
    kinesis_client.list_streams()
    assert [call.attempt for call in kinesis.calls] == [1, 2, 3]
    lines = str(kinesis.calls).splitlines()
    assert lines[0] == "2026-01-01T00:00:00.000Z  ListStreams() -> LimitExceededException"
    assert lines[1].endswith("  ListStreams() -> LimitExceededException (attempt 2)")
    assert lines[2].endswith("  ListStreams() -> ok (attempt 3)")


def test_a_call_that_the_fake_cannot_answer_is_told_by_its_exception(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.throttle(where=lambda call: call["nothing"]))
    with pytest.raises(KinesisFakeError):
        client.list_streams()
    assert kinesis.calls[0].outcome == "KinesisFakeError"
    kinesis._service.faults.excuse()


@pytest.mark.fake_kinesis(start="9999-12-30T23:59:00Z")
def test_a_call_that_is_cut_off_while_it_waits_is_told_by_its_exception(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.latency("ListStreams", milliseconds=59_000, times=2))
    client.list_streams()
    with pytest.raises(KinesisFakeError, match="Virtual time ends with the year 9999"):
        client.list_streams()
    assert [call.outcome for call in kinesis.calls] == ["ok", "KinesisFakeError"]


def test_calls_are_a_sequence(kinesis: KinesisFake, client: Any) -> None:
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


ACCOUNTS = {"AKIAPARTNER": "222222222222"}


@pytest.mark.fake_kinesis(accounts=ACCOUNTS)
def test_a_call_tells_its_region_and_account_and_shows_those_that_are_not_the_fakes_own(kinesis: KinesisFake) -> None:
    partner = {"aws_access_key_id": "AKIAPARTNER", "aws_secret_access_key": "any"}
    kinesis.client().list_streams()
    kinesis.client(region_name="eu-west-1").list_streams()
    kinesis.client(**partner).list_streams()
    kinesis.inject(Fault.throttle("ListStreams"))
    kinesis.client(region_name="eu-west-1", **partner).list_streams()
    assert [(call.region_name, call.account_id) for call in kinesis.calls] == [
        ("us-east-1", "123456789012"),
        ("eu-west-1", "123456789012"),
        ("us-east-1", "222222222222"),
        ("eu-west-1", "222222222222"),
        ("eu-west-1", "222222222222"),
    ]
    assert [line.partition("() ")[2] for line in str(kinesis.calls).splitlines()] == [
        "-> ok",
        "-> ok [eu-west-1]",
        "-> ok [222222222222]",
        "-> LimitExceededException [222222222222 eu-west-1]",
        "-> ok (attempt 2) [222222222222 eu-west-1]",
    ]


def test_a_call_that_cannot_be_read_has_its_region_too(kinesis: KinesisFake) -> None:
    client: Any = kinesis.client(region_name="eu-west-1", config=Config(parameter_validation=False))
    with refused(client, "SerializationException"):
        client.list_streams(Limit="many")
    assert [(call.region_name, call.outcome) for call in kinesis.calls] == [("eu-west-1", "SerializationException")]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("put_record", "'put_record' is no operation of Kinesis; do you mean 'PutRecord'?"),
        ("PutRecrods", "'PutRecrods' is no operation of Kinesis; do you mean 'PutRecords'?"),
        ("SendMessage", "'SendMessage' is no operation of Kinesis; they are named as in the API."),
        (None, "None is no operation of Kinesis; they are named as in the API."),
        (["PutRecord"], "['PutRecord'] is no operation of Kinesis; they are named as in the API."),
    ],
)
def test_the_calls_of_an_operation_that_does_not_exist_are_refused(
    kinesis: KinesisFake, operation: Any, message: Any
) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.calls.of(operation)
    assert str(caught.value) == message


def test_what_the_test_itself_does_is_no_call(kinesis: KinesisFake) -> None:
    kinesis.create_stream("payments", shards=1)
    kinesis.stream("payments").put("1 teapot")
    assert len(kinesis.calls) == 0


def test_the_future_reads_one_to_a_line(kinesis: KinesisFake, client: Any) -> None:
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


def test_the_summary_tells_it_all(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="payments", ShardCount=1)
    kinesis.stream("orders").put("1 teapot")
    injection = kinesis.inject(Fault.internal_error("ListStreams", times=3))
    for _ in range(2):
        with refused(client):
            client.list_streams()
    assert kinesis.summary(last_calls=1).splitlines() == [
        "virtual time: 2026-01-01T00:00:00.000Z",
        "streams:",
        "  orders: ACTIVE, 2 open shards of 2, 1 record",
        "    shard 0   [==============]                 1 record",
        "    shard 1                   [==============] 0 records",
        "  payments: CREATING, 0 open shards of 0, 0 records",
        "in transition:",
        "  2026-01-01T00:00:20.000Z  stream payments becomes ACTIVE",
        "faults:",
        "  Fault.internal_error('ListStreams', times=3): has struck 2 of 3 times",
        "last calls:",
        "  2026-01-01T00:00:00.000Z  ListStreams() -> InternalFailure",
    ]
    assert str(injection) == "Fault.internal_error('ListStreams', times=3): has struck 2 of 3 times"


@pytest.mark.fake_kinesis(streams={})
def test_where_there_is_nothing_the_summary_says_so(kinesis: KinesisFake) -> None:
    assert kinesis.summary().splitlines() == [
        "virtual time: 2026-01-01T00:00:00.000Z",
        "streams: none",
        "in transition: nothing",
        "last calls: none",
    ]


def test_the_summary_shows_as_many_calls_as_it_is_asked_for(kinesis: KinesisFake, client: Any) -> None:
    client.list_streams()
    client.describe_limits()
    both = ["  2026-01-01T00:00:00.000Z  ListStreams() -> ok", "  2026-01-01T00:00:00.000Z  DescribeLimits() -> ok"]
    for last_calls, shown in ((3, both), (2, both), (1, both[1:])):
        assert kinesis.summary(last_calls).splitlines()[-len(shown) - 1 :] == ["last calls:", *shown]
    assert kinesis.summary(last_calls=0).splitlines()[-1] == "in transition: nothing"


@pytest.mark.fake_kinesis(streams={"zebras": 1}, accounts=ACCOUNTS)
def test_the_summary_tells_of_all_regions_and_accounts_the_fakes_own_first(kinesis: KinesisFake) -> None:
    partner = {"aws_access_key_id": "AKIAPARTNER", "aws_secret_access_key": "any"}
    for parameters in ({**partner, "region_name": "eu-west-1"}, partner, {"region_name": "eu-west-1"}):
        client = kinesis.client(**parameters)
        for stream_name in ("orders", "buttons"):
            client.create_stream(StreamName=stream_name, ShardCount=1)
    kinesis.settle()
    kinesis.client(region_name="eu-west-1").put_record(StreamName="orders", Data=b"1 teapot", PartitionKey="ada")
    kinesis.stream("zebras").split(SHARD)
    assert kinesis.summary().splitlines()[1:13] == [
        "streams:",
        "  zebras: ACTIVE, 2 open shards of 3, 0 records",
        "    shard 0   [..............................] 0 records, closed, children 1, 2",
        "    shard 1   [==============]                 0 records",
        "    shard 2                   [==============] 0 records",
        "  buttons [eu-west-1]: ACTIVE, 1 open shard of 1, 0 records",
        "  orders [eu-west-1]: ACTIVE, 1 open shard of 1, 1 record",
        "    shard 0   [==============================] 1 record",
        "  buttons [222222222222 eu-west-1]: ACTIVE, 1 open shard of 1, 0 records",
        "  orders [222222222222 eu-west-1]: ACTIVE, 1 open shard of 1, 0 records",
        "  buttons [222222222222]: ACTIVE, 1 open shard of 1, 0 records",
        "  orders [222222222222]: ACTIVE, 1 open shard of 1, 0 records",
    ]
    assert [stream.stream_name for stream in kinesis.streams] == ["zebras"]


def hint_of(kinesis: KinesisFake) -> Any:
    last = kinesis.summary().splitlines()[-1]
    return last if last.startswith("hint: ") else None


FROM_THE_MACHINE = (
    "Clients of the code under test take the machine's region (AWS_DEFAULT_REGION) unless they are given one."
)


def test_a_stream_that_was_looked_for_in_a_wrong_region_is_hinted_at(kinesis: KinesisFake, monkeypatch: Any) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    client = boto3.session.Session().client("kinesis")
    assert hint_of(kinesis) is None
    hint = (
        "hint: There is no stream 'orders' of account 123456789012 in eu-west-1; one of this name is in us-east-1. "
        + FROM_THE_MACHINE
    )
    with refused(client, "ResourceNotFoundException"):
        client.put_record(StreamName="orders", Data=b"1 teapot", PartitionKey="ada")
    assert hint_of(kinesis) == hint
    with refused(client, "InvalidArgumentException"):  # this one says itself that the region is wrong
        client.list_shards(StreamARN=kinesis.stream("orders").stream_arn)
    with refused(client, "ResourceNotFoundException"):
        client.list_shards(StreamName="payments")
    assert hint_of(kinesis) == hint  # as long as the call is one of the last ten
    for _ in range(7):
        client.list_streams()
    assert hint_of(kinesis) == hint
    client.list_streams()
    assert hint_of(kinesis) is None


def test_only_a_call_that_has_not_found_its_stream_is_hinted_at(kinesis: KinesisFake, client: Any) -> None:
    elsewhere = kinesis.client(region_name="eu-west-1")
    elsewhere.create_stream(StreamName="orders", ShardCount=1)
    kinesis.settle()
    assert hint_of(kinesis) is None
    with refused(client, "ResourceNotFoundException"):
        client.get_shard_iterator(StreamName="orders", ShardId="shardId-7", ShardIteratorType="LATEST")
    assert hint_of(kinesis) is None
    with refused(client, "ResourceInUseException"):
        client.create_stream(StreamName="orders", ShardCount=1)
    assert hint_of(kinesis) is None


@pytest.mark.fake_kinesis(accounts=ACCOUNTS)
def test_a_stream_that_was_looked_for_in_a_wrong_account_is_hinted_at(kinesis: KinesisFake) -> None:
    name = "x" * 128
    kinesis.create_stream(name, shards=1)
    partner = kinesis.client(aws_access_key_id="AKIAPARTNER", aws_secret_access_key="any")
    with refused(partner, "ResourceNotFoundException"):
        partner.list_shards(StreamName=name)
    assert hint_of(kinesis) == (
        f"hint: There is no stream '{name}' of account 222222222222 in us-east-1; one of this name is of account "
        "123456789012 in us-east-1."
    )
