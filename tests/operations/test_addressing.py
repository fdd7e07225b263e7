"""A stream is addressed by its name, by its ARN or by both, and by nothing else."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.model import needs
from tests.support.refusals import refused
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 4, "other": 2})

A = "123456789012"
ARN = f"arn:aws:kinesis:us-east-1:{A}:stream/s"
RECORD: dict[str, Any] = {"Data": b"data", "PartitionKey": "key"}

OPERATIONS = [
    ("AddTagsToStream", {"Tags": {"a": "1"}}),
    ("DecreaseStreamRetentionPeriod", {"RetentionPeriodHours": 24}),
    ("DeleteStream", {}),
    ("DescribeStream", {}),
    ("DescribeStreamSummary", {}),
    ("GetShardIterator", {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}),
    ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 48}),
    ("ListShards", {}),
    ("ListTagsForStream", {}),
    ("MergeShards", {"ShardToMerge": "0", "AdjacentShardToMerge": "1"}),
    ("PutRecord", RECORD),
    ("PutRecords", {"Records": [RECORD]}),
    ("RemoveTagsFromStream", {"TagKeys": ["a"]}),
    ("SplitShard", {"ShardToSplit": "0", "NewStartingHashKey": "99"}),
    ("UpdateShardCount", {"TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"}),
]
OF_THE_MODEL = botocore.session.get_session().get_service_model("kinesis").operation_names
each_operation = pytest.mark.parametrize(("operation", "parameters"), OPERATIONS, ids=[name for name, _ in OPERATIONS])


def outcome(kinesis: KinesisFake, client: Any, operation: Any, parameters: Any) -> Any:
    """The answer and what it changed; both must not depend on how the stream was addressed."""
    answer = getattr(client, xform_name(operation))(**parameters)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}, state_of(kinesis)


@each_operation
def test_name_arn_and_both_mean_the_same(operation: Any, parameters: Any) -> None:
    outcomes = []
    for address in ({"StreamName": "s"}, {"StreamARN": ARN}, {"StreamName": "s", "StreamARN": ARN}):
        with fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 4, "other": 2}) as kinesis:
            outcomes.append(outcome(kinesis, kinesis.client(), operation, {**address, **parameters}))
    by_name, by_arn, by_both = outcomes
    assert by_name == by_arn == by_both


@each_operation
def test_a_name_and_an_arn_that_disagree_are_refused(
    kinesis: KinesisFake, refusal: Any, operation: Any, parameters: Any
) -> None:
    assert refusal(operation, StreamName="other", StreamARN=ARN, **parameters) == (
        "InvalidArgumentException",
        f"Input stream name other doesn't match the inferred name in stream arn {ARN}",
    )


@each_operation
def test_without_an_address_nothing_is_done(
    kinesis: KinesisFake, refusal: Any, operation: Any, parameters: Any
) -> None:
    assert refusal(operation, **parameters) == (
        ("InvalidArgumentException", "Either NextToken or StreamName should be provided.")
        if operation == "ListShards"
        else ("InvalidArgumentException", "Stream arn and stream name can't be empty at the same time")
    )


@needs("DescribeStream", "StreamId")
@each_operation
def test_a_stream_id_is_accepted_and_means_nothing(
    kinesis: KinesisFake, client: Any, refusal: Any, operation: Any, parameters: Any
) -> None:
    stream_id = "abcdefghij0123456789-abc"
    code, _ = refusal(operation, StreamId=stream_id, **parameters)
    assert code == "InvalidArgumentException"
    getattr(client, xform_name(operation))(StreamName="s", StreamId=stream_id, **parameters)


@each_operation
def test_an_arn_of_what_is_not_here_is_not_found(refusal: Any, operation: Any, parameters: Any) -> None:
    for stream_name in ("missing", "s/s"):
        message = f"Stream {stream_name} under account {A} not found."
        if operation == "GetShardIterator":
            message = f"Shard shardId-000000000000 in stream {stream_name} under account {A} does not exist"
        arn = f"arn:aws:kinesis:us-east-1:{A}:stream/{stream_name}"
        assert refusal(operation, StreamARN=arn, **parameters) == ("ResourceNotFoundException", message)


@each_operation
def test_an_arn_of_another_region_is_refused(refusal: Any, operation: Any, parameters: Any) -> None:
    for stream_name in ("s", "missing"):
        arn = f"arn:aws:kinesis:eu-central-1:{A}:stream/{stream_name}"
        for name in ({}, {"StreamName": stream_name}):
            assert refusal(operation, StreamARN=arn, **name, **parameters) == (
                "InvalidArgumentException",
                f"The region specified in the ARN '{arn}' does not match the endpoint region",
            )


@each_operation
def test_an_arn_of_an_account_that_does_not_exist_is_refused(refusal: Any, operation: Any, parameters: Any) -> None:
    arn = "arn:aws:kinesis:us-east-1:999999999999:stream/s"
    assert refusal(operation, StreamARN=arn, **parameters) == (
        "UnrecognizedClientException",
        "No account found for the given parameters",
    )


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("DescribeStreamConsumer", {"ConsumerARN": "{stream}/consumer/c:1767225600"}),
        ("DeregisterStreamConsumer", {"ConsumerARN": "{stream}/consumer/c:1767225600"}),
        ("ListStreamConsumers", {"StreamARN": "{stream}"}),
        ("RegisterStreamConsumer", {"StreamARN": "{stream}", "ConsumerName": "c"}),
        ("ListTagsForResource", {"ResourceARN": "{stream}"}),
        ("TagResource", {"ResourceARN": "{stream}/consumer/c:1767225600", "Tags": {"a": "1"}}),
        ("GetResourcePolicy", {"ResourceARN": "{stream}"}),
        ("UpdateMaxRecordSize", {"StreamARN": "{stream}", "MaxRecordSizeInKiB": 2048}),
        ("DescribeQueue", {"QueueARN": "{place}:queue/0123456789abcdef0123456789abcdef"}),
        ("DescribeChannel", {"ChannelARN": "{place}:channel/0123456789abcdef0123456789abcdef"}),
    ],
)
def test_arns_of_whatever_kind_name_a_region_and_an_account_that_fit(
    refusal: Any, operation: Any, parameters: Any
) -> None:
    if operation not in OF_THE_MODEL:
        pytest.skip("the installed botocore does not know the operation")

    def with_place(place: Any) -> Any:
        return {
            member: value.format(place=place, stream=f"{place}:stream/s") if member.endswith("ARN") else value
            for member, value in parameters.items()
        }

    elsewhere = with_place(f"arn:aws:kinesis:eu-central-1:{A}")
    arn = next(value for member, value in elsewhere.items() if member.endswith("ARN"))
    assert refusal(operation, **elsewhere) == (
        "InvalidArgumentException",
        f"The region specified in the ARN '{arn}' does not match the endpoint region",
    )
    assert refusal(operation, **with_place("arn:aws:kinesis:us-east-1:999999999999")) == (
        "UnrecognizedClientException",
        "No account found for the given parameters",
    )


def test_streams_of_other_regions_are_others(kinesis: KinesisFake, client: Any, foreign_client: Any) -> None:
    foreign_client.create_stream(StreamName="s", ShardCount=1)
    kinesis.settle()
    foreign_arn = foreign_client.describe_stream(StreamName="s")["StreamDescription"]["StreamARN"]
    assert foreign_arn == f"arn:aws:kinesis:eu-central-1:{A}:stream/s"
    message = f"The region specified in the ARN '{foreign_arn}' does not match the endpoint region"
    with refused(client, "InvalidArgumentException", message):
        client.describe_stream(StreamARN=foreign_arn)
    foreign_client.delete_stream(StreamARN=foreign_arn)
    assert kinesis.stream("s").status == "ACTIVE"
