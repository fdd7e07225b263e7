"""What each operation does in each state of its stream."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False)

A = "123456789012"
OK = "ok"
NOT_FOUND = ("ResourceNotFoundException", "Stream {name} under account " + A + " not found.")
NO_SHARD = (
    "ResourceNotFoundException",
    "Shard shardId-000000000001 in stream {name} under account " + A + " does not exist",
)
NOT_ACTIVE = (
    "ResourceInUseException",
    "Stream {name} under account " + A + " not ACTIVE, instead in state {status}",
)
NOT_UPDATING = (
    "ResourceInUseException",
    "Stream {name} under account " + A + " not ACTIVE or UPDATING, instead in state {status}",
)
RECORD: dict[str, Any] = {"Data": b"data", "PartitionKey": "key"}
STATES = ("creating", "active", "updating", "deleting")

#: What an operation answers in each of these states.
TABLE = [
    ("DescribeStream", {}, (OK, OK, OK, OK)),
    ("DescribeStreamSummary", {}, (OK, OK, OK, OK)),
    ("ListTagsForStream", {}, (OK, OK, OK, OK)),
    ("ListShards", {}, (NOT_UPDATING, OK, OK, NOT_UPDATING)),
    ("PutRecord", RECORD, (NOT_FOUND, OK, OK, OK)),
    ("PutRecords", {"Records": [RECORD]}, (NOT_FOUND, OK, OK, OK)),
    (
        "GetShardIterator",
        {"ShardId": "shardId-000000000001", "ShardIteratorType": "LATEST"},
        (NO_SHARD, OK, OK, OK),
    ),
    (
        "SplitShard",
        {"ShardToSplit": "0", "NewStartingHashKey": "1000"},
        (NOT_ACTIVE, OK, NOT_ACTIVE, NOT_ACTIVE),
    ),
    (
        "MergeShards",
        {"ShardToMerge": "0", "AdjacentShardToMerge": "1"},
        (NOT_ACTIVE, OK, NOT_ACTIVE, NOT_ACTIVE),
    ),
    (
        "UpdateShardCount",
        {"TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"},
        (NOT_ACTIVE, OK, NOT_ACTIVE, NOT_ACTIVE),
    ),
    ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 25}, (NOT_ACTIVE, OK, NOT_ACTIVE, NOT_ACTIVE)),
    ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 24}, (NOT_ACTIVE, OK, NOT_ACTIVE, NOT_ACTIVE)),
    ("DecreaseStreamRetentionPeriod", {"RetentionPeriodHours": 24}, (NOT_ACTIVE, OK, NOT_ACTIVE, NOT_ACTIVE)),
    # The state is looked at before what the call asks for.
    ("DecreaseStreamRetentionPeriod", {"RetentionPeriodHours": 23}, (NOT_ACTIVE, None, NOT_ACTIVE, NOT_ACTIVE)),
    ("AddTagsToStream", {"Tags": {"a": "1"}}, (NOT_UPDATING, OK, OK, NOT_UPDATING)),
    ("RemoveTagsFromStream", {"TagKeys": ["a"]}, (NOT_UPDATING, OK, OK, NOT_UPDATING)),
    ("AddTagsToStream", {"Tags": {"a": ";"}}, (NOT_UPDATING, None, None, NOT_UPDATING)),
    ("RemoveTagsFromStream", {"TagKeys": [";"]}, (NOT_UPDATING, None, None, NOT_UPDATING)),
    ("DeleteStream", {}, (OK, OK, OK, OK)),
]


@pytest.mark.parametrize(
    ("operation", "parameters", "state"),
    [
        pytest.param(operation, parameters, state, id=f"{operation}-{state}-{number}")
        for number, (operation, parameters, row) in enumerate(TABLE)
        for state, expected in zip(STATES, row, strict=True)
        if expected == OK
    ],
)
@pytest.mark.parametrize("address", ["StreamName", "StreamARN"])
@pytest.mark.thorough_but(first=20)
def test_an_operation_in_a_state_that_allows_it(
    world: Any, client: Any, operation: Any, parameters: Any, state: Any, address: Any
) -> None:
    name_or_arn = state if address == "StreamName" else world.stream(state).stream_arn
    getattr(client, xform_name(operation))(**{address: name_or_arn}, **parameters)


@pytest.mark.parametrize(
    ("operation", "parameters", "row"),
    [
        pytest.param(operation, parameters, row, id=f"{operation}-{number}")
        for number, (operation, parameters, row) in enumerate(TABLE)
        if set(row) - {OK, None}
    ],
)
def test_an_operation_in_the_states_that_do_not_allow_it(
    world: Any, refusal: Any, operation: Any, parameters: Any, row: Any
) -> None:
    for state, expected in zip(STATES, row, strict=True):
        if expected not in (OK, None):
            code, message = expected
            for address in ({"StreamName": state}, {"StreamARN": world.stream(state).stream_arn}):
                told = refusal(operation, **address, **parameters)
                assert told == (code, message.format(name=state, status=state.upper())), address


def test_streams_are_listed_in_every_state(world: Any, client: Any) -> None:
    summaries = client.list_streams()["StreamSummaries"]
    assert {summary["StreamName"]: summary["StreamStatus"] for summary in summaries} == {
        state: state.upper() for state in STATES
    }


def test_describing_and_listing_changes_nothing(world: Any, client: Any) -> None:
    before = state_of(world)
    for stream_name in ("active", "updating", "deleting"):
        client.describe_stream(StreamName=stream_name)
        client.describe_stream_summary(StreamName=stream_name)
        if stream_name != "deleting":
            client.list_shards(StreamName=stream_name)
        client.list_tags_for_stream(StreamName=stream_name)
    client.list_streams()
    assert state_of(world) == before


def test_a_new_stream_shows_no_shards_and_defaults(world: Any, client: Any) -> None:
    assert client.describe_stream(StreamName="creating")["StreamDescription"] == {
        "StreamName": "creating",
        "StreamARN": f"arn:aws:kinesis:us-east-1:{A}:stream/creating",
        "StreamStatus": "CREATING",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "Shards": [],
        "HasMoreShards": False,
        "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": world.now,
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "NONE",
    }
    summary = client.describe_stream_summary(StreamName="creating")["StreamDescriptionSummary"]
    assert "OpenShardCount" not in summary
    world.advance(seconds=20)
    summary = client.describe_stream_summary(StreamName="creating")["StreamDescriptionSummary"]
    assert (summary["StreamStatus"], summary["OpenShardCount"]) == ("ACTIVE", 2)


def test_a_stream_in_deleting_shows_no_shards(world: Any, client: Any) -> None:
    description = client.describe_stream(StreamName="deleting")["StreamDescription"]
    assert (description["StreamStatus"], description["Shards"], description["HasMoreShards"]) == ("DELETING", [], False)
    summary = client.describe_stream_summary(StreamName="deleting")["StreamDescriptionSummary"]
    assert (summary["StreamStatus"], "OpenShardCount" in summary) == ("DELETING", False)
    assert len(world.stream("deleting").shards) == 3
    for state in ("active", "updating"):
        summary = client.describe_stream_summary(StreamName=state)["StreamDescriptionSummary"]
        assert summary["OpenShardCount"] == 3


def test_a_stream_becomes_active_at_its_instant_and_not_before(world: Any, client: Any) -> None:
    world.advance(milliseconds=19_999)
    assert world.stream("creating").status == "CREATING"
    world.advance(milliseconds=1)
    assert world.stream("creating").status == "ACTIVE"
    assert len(client.list_shards(StreamName="creating")["Shards"]) == 2


@pytest.mark.parametrize("state", ["creating", "active", "updating"])
def test_a_deleted_stream_vanishes_whatever_it_was_doing_and_its_name_is_free(
    world: Any, client: Any, refusal: Any, state: Any
) -> None:
    client.delete_stream(StreamName=state)
    assert world.stream(state).status == "DELETING"
    world.advance(milliseconds=19_999)
    # Deleting it again is no error, and does not begin anew.
    client.delete_stream(StreamName=state)
    world.advance(milliseconds=1)
    code, message = NOT_FOUND
    assert refusal("DescribeStream", StreamName=state) == (code, message.format(name=state))
    client.create_stream(StreamName=state, ShardCount=1)
    world.advance(seconds=20)
    world.advance(minutes=5)
    assert [shard.shard_id for shard in world.stream(state).shards] == ["shardId-000000000000"]
    assert world.stream(state).records == []


def test_a_stream_in_deleting_goes_on_until_it_is_gone(world: Any, client: Any, refusal: Any) -> None:
    put = client.put_record(StreamName="deleting", Data=b"late", PartitionKey="key")
    iterator = client.get_shard_iterator(
        StreamName="deleting", ShardId=put["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    world.advance(milliseconds=19_999)
    assert client.get_records(ShardIterator=iterator)["Records"][-1]["Data"] == b"late"
    world.advance(milliseconds=1)
    assert refusal("GetRecords", ShardIterator=iterator) == (
        "ResourceNotFoundException",
        f"Shard {put['ShardId']} in stream deleting under account {A} does not exist",
    )
