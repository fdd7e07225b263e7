"""A stream is addressed by its name, by its ARN or by both, and by nothing else."""

from __future__ import annotations

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from kinesis_fake import fake_kinesis
from tests.support.model import needs
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 4, "other": 2})

A = "123456789012"
ARN = f"arn:aws:kinesis:us-east-1:{A}:stream/s"
RECORD = {"Data": b"data", "PartitionKey": "key"}

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
each_operation = pytest.mark.parametrize(("operation", "parameters"), OPERATIONS, ids=[name for name, _ in OPERATIONS])


def outcome(kinesis, client, operation, parameters):
    """The answer and what it changed; both must not depend on how the stream was addressed."""
    answer = getattr(client, xform_name(operation))(**parameters)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}, state_of(kinesis)


@each_operation
def test_name_arn_and_both_mean_the_same(operation, parameters):
    outcomes = []
    for address in ({"StreamName": "s"}, {"StreamARN": ARN}, {"StreamName": "s", "StreamARN": ARN}):
        with fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 4, "other": 2}) as kinesis:
            outcomes.append(outcome(kinesis, kinesis.client(), operation, {**address, **parameters}))
    by_name, by_arn, by_both = outcomes
    assert by_name == by_arn == by_both


@each_operation
def test_a_name_and_an_arn_that_disagree_are_refused(kinesis, refusal, operation, parameters):
    assert refusal(operation, StreamName="other", StreamARN=ARN, **parameters) == (
        "InvalidArgumentException",
        f"StreamName other and StreamARN {ARN} do not name the same stream.",
    )


@each_operation
def test_without_an_address_nothing_is_done(kinesis, refusal, operation, parameters):
    assert refusal(operation, **parameters) == (
        ("InvalidArgumentException", "Either NextToken or StreamName should be provided.")
        if operation == "ListShards"
        else (
            "ValidationException",
            "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: "
            "Member must not be null",
        )
    )


@needs("DescribeStream", "StreamId")
@each_operation
def test_a_stream_id_is_accepted_and_means_nothing(kinesis, client, refusal, operation, parameters):
    stream_id = "abcdefghij0123456789-abc"
    code, _ = refusal(operation, StreamId=stream_id, **parameters)
    assert code in ("ValidationException", "InvalidArgumentException")
    getattr(client, xform_name(operation))(StreamName="s", StreamId=stream_id, **parameters)


@each_operation
@pytest.mark.parametrize(
    ("arn", "stream_name"),
    [
        (f"arn:aws:kinesis:us-east-1:{A}:stream/missing", "missing"),
        (f"arn:aws:kinesis:eu-central-1:{A}:stream/s", "s"),
        (f"arn:aws:kinesis:us-east-1:{A}:stream/s/s", "s/s"),
    ],
    ids=["name", "region", "path"],
)
def test_an_arn_of_what_is_not_here_is_not_found(kinesis, client, refusal, operation, parameters, arn, stream_name):
    message = f"Stream {stream_name} under account {A} not found."
    if operation == "GetShardIterator" and ":us-east-1:" in arn:
        message = f"Shard shardId-000000000000 in stream {stream_name} under account {A} does not exist"
    assert refusal(operation, StreamARN=arn, **parameters) == ("ResourceNotFoundException", message)


def test_streams_of_other_regions_are_others(kinesis, client, foreign_client):
    foreign_client.create_stream(StreamName="s", ShardCount=1)
    kinesis.settle()
    foreign_arn = foreign_client.describe_stream(StreamName="s")["StreamDescription"]["StreamARN"]
    assert foreign_arn == f"arn:aws:kinesis:eu-central-1:{A}:stream/s"
    with pytest.raises(ClientError, match="not found"):
        client.describe_stream(StreamARN=foreign_arn)
    foreign_client.delete_stream(StreamARN=foreign_arn)
    assert kinesis.stream("s").status == "ACTIVE"
