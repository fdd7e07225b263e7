"""The two checks that the operation tests rely on find what they must find."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import botocore.session
import pytest

from kinesis_fake import KinesisFake
from tests.support.answers import check_answers, faults
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 1})

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def output_shape(operation: Any) -> Any:
    return botocore.session.get_session().get_service_model("kinesis").operation_model(operation).output_shape


@pytest.mark.parametrize(
    ("operation", "answer", "found"),
    [
        ("PutRecord", {"ShardId": "a", "SequenceNumber": "1"}, []),
        ("PutRecord", {"ShardId": "a"}, ["answer has no SequenceNumber"]),
        ("PutRecord", {"ShardId": "a", "SequenceNumber": 1}, ["answer.SequenceNumber is a int, not a str"]),
        (
            "PutRecord",
            {"ShardId": "a", "SequenceNumber": "1", "EncryptionType": "AES"},
            ["answer.EncryptionType is 'AES', not one of ['NONE', 'KMS']"],
        ),
        (
            "PutRecord",
            {"ShardId": "a", "SequenceNumber": "1", "Extra": 1},
            ["answer has a member Extra that the model does not know"],
        ),
        ("PutRecord", {"ShardId": "a", "SequenceNumber": None}, ["answer.SequenceNumber is a NoneType, not a str"]),
        (
            "GetRecords",
            {"Records": [{"SequenceNumber": "1", "Data": b"", "PartitionKey": "k"}], "MillisBehindLatest": True},
            ["answer.MillisBehindLatest is a bool, not a int"],
        ),
        (
            "GetRecords",
            {
                "Records": [
                    {
                        "SequenceNumber": "1",
                        "Data": bytearray(),
                        "PartitionKey": "k",
                        "ApproximateArrivalTimestamp": NOW.replace(tzinfo=None),
                    }
                ]
            },
            [
                "answer.Records[0].Data is a bytearray, not a bytes",
                "answer.Records[0].ApproximateArrivalTimestamp has no time zone",
            ],
        ),
        ("GetRecords", {"Records": ()}, ["answer.Records is a tuple, not a list"]),
        ("ListTagsForStream", {"Tags": [{"Value": ""}]}, ["answer has no HasMoreTags", "answer.Tags[0] has no Key"]),
    ],
)
def test_what_no_parser_could_have_made_of_a_valid_answer_is_found(operation: Any, answer: Any, found: Any) -> None:
    assert list(faults(output_shape(operation), answer)) == found


def test_a_client_that_is_checked_fails_at_a_wrong_answer(kinesis: KinesisFake) -> None:
    client = kinesis.client()
    client.meta.events.register("after-call.kinesis", lambda parsed, **_: parsed.update(Extra=1))
    check_answers(client)
    calls: list[Callable[[], object]] = [client.list_streams, lambda: client.delete_stream(StreamName="s")]
    for call in calls:
        with pytest.raises(AssertionError, match="Extra"):
            call()


@pytest.mark.parametrize(
    "change",
    [
        lambda kinesis, client: client.put_record(StreamName="s", Data=b"", PartitionKey="k"),
        lambda kinesis, client: client.add_tags_to_stream(StreamName="s", Tags={"a": "1"}),
        lambda kinesis, client: client.split_shard(StreamName="s", ShardToSplit="0", NewStartingHashKey="9"),
        lambda kinesis, client: client.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=25),
        lambda kinesis, client: client.create_stream(StreamName="t", ShardCount=1),
        lambda kinesis, client: client.delete_stream(StreamName="s"),
        lambda kinesis, client: client.get_shard_iterator(StreamName="s", ShardId="0", ShardIteratorType="LATEST"),
        lambda kinesis, client: kinesis.advance(milliseconds=1),
        lambda kinesis, client: kinesis.stream("s").split("shardId-000000000000"),
    ],
)
def test_every_change_shows_in_the_state(kinesis: KinesisFake, change: Any) -> None:
    client = kinesis.client()
    before = state_of(kinesis)
    assert state_of(kinesis) == before
    change(kinesis, client)
    assert state_of(kinesis) != before
