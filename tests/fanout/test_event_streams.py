"""What SubscribeToShard returns is the client library's own event stream, and can be used as one."""

from __future__ import annotations

import contextlib
import importlib
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.eventstream import EventStream, NoInitialResponseError

from kinesis_fake import Durations, KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.libraries import SHARD, AioBotocore, Boto3

pytestmark = [pytest.mark.interpreter, pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})]


def test_the_stream_is_an_instance_of_the_librarys_class(client: Any, subscribe: Any) -> None:
    stream = subscribe.stream()
    assert isinstance(stream, EventStream)
    if isinstance(client, AioBotocore):
        assert isinstance(stream, importlib.import_module("aiobotocore.eventstream").AioEventStream)
        assert hasattr(stream, "__aiter__")
        with pytest.raises(NotImplementedError):
            iter(stream)
    else:
        assert not hasattr(stream, "__aiter__")
    # Neither class is a context manager.
    assert not hasattr(stream, "__enter__")
    assert not hasattr(stream, "__aenter__")


def test_the_answer_is_that_of_an_event_stream(client: Any, consumer: Any) -> None:
    answer = client.subscribe_to_shard(ConsumerARN=consumer, ShardId=SHARD, StartingPosition={"Type": "LATEST"})
    assert sorted(answer) == ["EventStream", "ResponseMetadata"]
    metadata = answer["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (200, 0)
    assert metadata["HTTPHeaders"]["content-type"] == "application/vnd.amazon.eventstream"
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]


def test_the_initial_response_has_been_read_by_the_library_so_asking_for_it_loses_an_event(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    kinesis.stream("orders").put("1 teapot")
    stream = subscribe.stream()
    with pytest.raises(NoInitialResponseError):
        client.initial_response(stream)
    assert next(client.events(stream))["Records"] == []


def test_a_closed_stream_has_ended_and_frees_its_place(kinesis: KinesisFake, client: Any, subscribe: Any) -> None:
    stream = subscribe.stream()
    events = client.events(stream)
    next(events)
    now = kinesis.now
    stream.close()
    assert list(events) == []
    assert kinesis.now == now
    stream.close()
    kinesis.advance(seconds=5)
    assert next(subscribe())["Records"] == []


def test_contextlib_closes_a_stream(client: Any, subscribe: Any) -> None:
    stream = subscribe.stream()
    with contextlib.closing(stream):
        next(client.events(stream))
    assert list(client.events(stream)) == []


def test_a_stream_that_has_ended_yields_no_further_event(client: Any, subscribe: Any) -> None:
    stream = subscribe.stream()
    assert len(list(client.events(stream))) == 60
    assert list(client.events(stream)) == []
    stream.close()


def test_an_iteration_that_was_broken_off_goes_on_where_it_was(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    stream = subscribe.stream()
    first = next(client.events(stream))
    record = kinesis.stream("orders").put("1 teapot")
    second = next(client.events(stream))
    assert first["Records"] == []
    assert [entry["SequenceNumber"] for entry in second["Records"]] == [record.sequence_number]


def test_an_event_has_the_members_of_the_api_and_its_records_those_of_get_records(
    kinesis: KinesisFake, client: Any, subscribe: Any
) -> None:
    kinesis.stream("orders").put("1 teapot", partition_key="ada", explicit_hash_key=7)
    event = next(subscribe())
    iterator = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    assert event == {
        "Records": client.get_records(ShardIterator=iterator["ShardIterator"])["Records"],
        "ContinuationSequenceNumber": event["ContinuationSequenceNumber"],
        "MillisBehindLatest": 0,
    }
    assert [record["Data"] for record in event["Records"]] == [b"1 teapot"]
    assert len(event["ContinuationSequenceNumber"]) == 56


def test_a_stream_that_outlives_its_fake_says_so(subscribe: Any, kinesis: KinesisFake) -> None:
    with fake_kinesis(streams={"orders": 1}) as inner:
        client = Boto3()
        arn = inner.stream("orders").stream_arn
        registered = client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]
        inner.settle()
        answer = client.subscribe_to_shard(
            ConsumerARN=registered["ConsumerARN"], ShardId=SHARD, StartingPosition={"Type": "LATEST"}
        )
        events = client.events(answer["EventStream"])
        next(events)
    with pytest.raises(KinesisFakeError) as caught:
        next(events)
    assert str(caught.value) == (
        "This event stream belongs to a fake that has been left. Read it inside the fake, and close it there."
    )
    answer["EventStream"].close()
    assert list(answer["EventStream"]) == []


def test_a_stream_of_before_a_restored_snapshot_says_so(kinesis: KinesisFake, client: Any, subscribe: Any) -> None:
    snapshot = kinesis.snapshot()
    events = subscribe()
    next(events)
    kinesis.restore(snapshot)
    with pytest.raises(KinesisFakeError) as caught:
        next(events)
    assert str(caught.value) == (
        "This event stream belongs to a state of the fake that restore() has replaced; subscribe again."
    )
    assert next(subscribe())["Records"] == []


@pytest.mark.fake_kinesis(start="9999-12-30T23:59:57Z", durations=Durations.instant())
def test_waiting_cannot_go_beyond_the_end_of_virtual_time(kinesis: KinesisFake, subscribe: Any) -> None:
    events = subscribe()
    next(events)
    with pytest.raises(KinesisFakeError, match="Virtual time ends with the year 9999"):
        next(events)
    assert kinesis.now == datetime(9999, 12, 30, 23, 59, 57, tzinfo=timezone.utc)
