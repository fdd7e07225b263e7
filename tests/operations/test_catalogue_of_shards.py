"""Every recorded refusal of SplitShard, MergeShards, UpdateShardCount and ListShards: whole text, nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False)

A = "123456789012"
#: The last hash key of the first and second of three shards (recorded).
FIRST_END, SECOND_END = 113427455640312821154458202477256070484, 226854911280625642308916404954512140969
LAST = 2**128 - 1


def not_found(stream_name: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"Stream {stream_name} under account {A} not found."


def no_shard(shard_id: str, stream_name: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"Could not find shard {shard_id} in stream {stream_name} under account {A}."


def not_active(state: str) -> tuple[str, str]:
    return (
        "ResourceInUseException",
        f"Stream {state} under account {A} not ACTIVE, instead in state {state.upper()}",
    )


def invalid(message: str) -> tuple[str, str]:
    return "InvalidArgumentException", message


def reshard(operation: str, first: str, second: str = "1") -> dict[str, str]:
    """Parameters that name ``first`` before ``second``; a split does not need a second shard."""
    if operation == "SplitShard":
        return {"ShardToSplit": first, "NewStartingHashKey": "0"}
    return {"ShardToMerge": first, "AdjacentShardToMerge": second}


both = pytest.mark.parametrize("operation", ["SplitShard", "MergeShards"])


@both
@pytest.mark.parametrize("shard_id", ["2147483648", "shardId-002147483648", "ABKLFD8", "2.14E4"])
@pytest.mark.parametrize("stream_name", ["missing", "active", "updating"])
def test_a_shard_id_that_cannot_be_read_is_refused_before_the_stream_is_looked_for(
    world: Any, refusal: Any, operation: Any, shard_id: Any, stream_name: Any
) -> None:
    request = reshard(operation, shard_id, "also unreadable".replace(" ", "_"))
    assert refusal(operation, StreamName=stream_name, **request) == no_shard(shard_id, stream_name)


@pytest.mark.parametrize("stream_name", ["missing", "active", "updating"])
def test_the_adjacent_shard_id_must_be_readable_as_well(world: Any, refusal: Any, stream_name: Any) -> None:
    request = {"ShardToMerge": "shardId-000000000099", "AdjacentShardToMerge": "second-x"}
    assert refusal("MergeShards", StreamName=stream_name, **request) == no_shard("second-x", stream_name)


@both
def test_a_stream_that_does_not_exist_cannot_be_resharded(world: Any, refusal: Any, operation: Any) -> None:
    assert refusal(operation, StreamName="missing", **reshard(operation, "0")) == not_found("missing")
    assert refusal("UpdateShardCount", StreamName="missing", TargetShardCount=99, ScalingType="UNIFORM_SCALING") == (
        not_found("missing")
    )


@both
@pytest.mark.parametrize("state", ["creating", "updating", "deleting"])
def test_only_an_active_stream_can_be_resharded(world: Any, refusal: Any, operation: Any, state: Any) -> None:
    # Whether the shards exist is not looked at.
    assert refusal(operation, StreamName=state, **reshard(operation, "0")) == not_active(state)
    assert refusal(operation, StreamName=state, **reshard(operation, "99", "98")) == not_active(state)
    assert refusal("UpdateShardCount", StreamName=state, TargetShardCount=99, ScalingType="UNIFORM_SCALING") == (
        not_active(state)
    )


@pytest.mark.parametrize("shard_id", ["shardId-000000000003", "anything-3", "-3", "3"])
def test_a_shard_that_is_not_there_is_not_found_under_its_canonical_name(
    world: Any, refusal: Any, shard_id: Any
) -> None:
    gone = no_shard("shardId-000000000003", "active")
    assert refusal("SplitShard", StreamName="active", **reshard("SplitShard", shard_id)) == gone
    assert refusal("MergeShards", StreamName="active", **reshard("MergeShards", shard_id, "9")) == gone
    assert refusal("MergeShards", StreamName="active", **reshard("MergeShards", "0", shard_id)) == gone


@pytest.mark.parametrize(("first", "second"), [("0", "2"), ("1", "0"), ("2", "1"), ("2", "0"), ("shard-1", "other-1")])
def test_only_neighbours_in_the_order_of_their_hash_keys_can_be_merged(
    world: Any, refusal: Any, first: Any, second: Any
) -> None:
    names = [f"shardId-{int(text[-1]):012}" for text in (first, second)]
    assert refusal("MergeShards", StreamName="active", **reshard("MergeShards", first, second)) == invalid(
        f"Shards {names[0]} and {names[1]} in stream active under account {A} are not an adjacent pair of shards "
        "eligible for merging"
    )


@pytest.mark.parametrize(
    ("index", "hash_key", "start", "end"),
    [
        *((0, key, 0, FIRST_END) for key in (0, 1, FIRST_END, FIRST_END + 1, 10**39 - 1)),
        *(
            (1, key, FIRST_END + 1, SECOND_END)
            for key in (0, FIRST_END, FIRST_END + 1, FIRST_END + 2, SECOND_END, SECOND_END + 1)
        ),
        *((2, key, SECOND_END + 1, LAST) for key in (SECOND_END + 2, LAST, LAST + 1)),
    ],
)
def test_a_shard_can_only_be_split_well_inside_its_range(
    world: Any, refusal: Any, index: Any, hash_key: Any, start: Any, end: Any
) -> None:
    request = {"ShardToSplit": f"shard-{index}", "NewStartingHashKey": str(hash_key)}
    assert refusal("SplitShard", StreamName="active", **request) == invalid(
        f"NewStartingHashKey {hash_key} used in SplitShard() on shard shardId-00000000000{index} in stream active "
        f"under account {A} is not both greater than one plus the shard's StartingHashKey {start} and less than the "
        f"shard's EndingHashKey {end}."
    )


def test_a_closed_shard_can_be_neither_split_nor_merged(world: Any, refusal: Any) -> None:
    stream = world.stream("active")
    stream.split("shardId-000000000000")
    closed = invalid(
        f"Shard shardId-000000000000 in stream active under account {A} has already been merged or split, and thus is "
        "not eligible for merging or splitting."
    )
    assert refusal("SplitShard", StreamName="active", ShardToSplit="0", NewStartingHashKey="99") == closed
    assert refusal("MergeShards", StreamName="active", ShardToMerge="0", AdjacentShardToMerge="1") == closed
    assert refusal("MergeShards", StreamName="active", ShardToMerge="4", AdjacentShardToMerge="0") == closed


@pytest.mark.parametrize("hash_key", ["99", "0"])
@pytest.mark.fake_kinesis(limits=Limits(shards=3), streams={"active": 3})
def test_a_split_needs_one_more_shard_and_that_is_looked_at_before_the_hash_key(
    kinesis: KinesisFake, client: Any, refusal: Any, hash_key: Any
) -> None:
    assert refusal("SplitShard", StreamName="active", ShardToSplit="0", NewStartingHashKey=hash_key) == (
        "LimitExceededException",
        f"This request would exceed the shard limit for the account {A} in us-east-1. Current shard count for the "
        "account: 3. Limit: 3. Number of additional shards that would have resulted from this request: 1. "
        "Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) "
        "for current limits and how to request higher limits.",
    )
    client.merge_shards(StreamName="active", ShardToMerge="0", AdjacentShardToMerge="1")
    kinesis.settle()
    client.split_shard(StreamName="active", ShardToSplit="3", NewStartingHashKey="99")


@both
@pytest.mark.fake_kinesis(streams={"flexible": {}})
def test_an_on_demand_stream_cannot_be_resharded_by_hand(kinesis: KinesisFake, refusal: Any, operation: Any) -> None:
    on_demand = (
        "ValidationException",
        f"Request is invalid. Stream flexible under account {A} is in On-Demand mode.",
    )
    assert refusal(operation, StreamName="flexible", **reshard(operation, "0")) == on_demand
    assert refusal("UpdateShardCount", StreamName="flexible", TargetShardCount=5, ScalingType="UNIFORM_SCALING") == (
        on_demand
    )


# --- UpdateShardCount -----------------------------------------------------------------------------------------------

OVER_DOUBLE = "UpdateShardCount cannot scale up over double your current open shard count."
BELOW_HALF = "UpdateShardCount cannot scale down below half your current open shard count."
OVER_LIMIT = "Target shard count or number of open shards cannot be greater than 8."


@pytest.mark.parametrize(
    ("shards", "target", "text"),
    [(1, 3, OVER_DOUBLE), (3, 7, OVER_DOUBLE), (6, 2, BELOW_HALF), (5, 1, BELOW_HALF), (6, 9, OVER_LIMIT)],
)
@pytest.mark.parametrize(
    "of_what",
    [
        pytest.param("the account", marks=pytest.mark.fake_kinesis(limits=Limits(shards=8))),
        pytest.param("a stream", marks=pytest.mark.fake_kinesis(limits=Limits(shards_per_stream=8))),
    ],
)
def test_a_shard_count_at_most_doubles_at_most_halves_and_does_not_exceed_the_limit(
    kinesis: KinesisFake, refusal: Any, shards: Any, target: Any, text: Any, of_what: Any
) -> None:
    kinesis.create_stream("active", shards=shards)
    request = {"StreamName": "active", "TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"}
    code, comma = ("LimitExceededException", ",") if text == OVER_LIMIT else ("InvalidArgumentException", "")
    assert refusal("UpdateShardCount", **request) == (
        code,
        f"{text} Current open shard count: {shards}{comma} Target shard count: {target}",
    )


@pytest.mark.parametrize(("shards", "targets"), [(1, [1, 2]), (2, [1, 4]), (3, [1, 6]), (5, [2, 10]), (7, [3, 14])])
def test_half_of_an_odd_number_is_rounded_down(kinesis: KinesisFake, client: Any, shards: Any, targets: Any) -> None:
    for target in targets:
        stream = kinesis.create_stream(f"to-{target}", shards=shards)
        client.update_shard_count(StreamName=stream.stream_name, TargetShardCount=target, ScalingType="UNIFORM_SCALING")
        kinesis.settle()
        assert len(stream.open_shards) == target


@pytest.mark.fake_kinesis(limits=Limits(shards=8), streams={"active": 4, "other": 2})
def test_the_shards_of_other_streams_count_towards_the_limit_of_the_account(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    request = {"StreamName": "active", "ScalingType": "UNIFORM_SCALING"}
    assert refusal("UpdateShardCount", TargetShardCount=7, **request) == (
        "LimitExceededException",
        "Target shard count or number of open shards cannot be greater than 8. "
        "Current open shard count: 4, Target shard count: 7",
    )
    client.update_shard_count(TargetShardCount=6, **request)


@pytest.mark.fake_kinesis(streams={"active": 4})
def test_the_shard_count_can_be_updated_ten_times_in_any_24_hours(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    request = {"StreamName": "active", "ScalingType": "UNIFORM_SCALING"}
    for number in range(10):
        client.update_shard_count(TargetShardCount=5 - number % 2, **request)
        kinesis.advance(hours=1)
    too_many = (
        "LimitExceededException",
        f"UpdateShardCount cannot be called more than 10 times in 24 hours for stream active under account {A}.",
    )
    assert refusal("UpdateShardCount", TargetShardCount=5, **request) == too_many
    kinesis.travel_to("2026-01-01T23:59:59.999Z")
    assert refusal("UpdateShardCount", TargetShardCount=5, **request) == too_many
    kinesis.advance(milliseconds=1)
    client.update_shard_count(TargetShardCount=5, **request)
    kinesis.settle()
    assert refusal("UpdateShardCount", TargetShardCount=5, **request) == too_many


# --- ListShards -----------------------------------------------------------------------------------------------------


def test_shards_are_listed_of_a_stream_or_by_a_token_which_stands_for_all_else(
    world: Any, client: Any, refusal: Any
) -> None:
    token = client.list_shards(StreamName="active", MaxResults=1)["NextToken"]
    assert refusal("ListShards") == invalid("Either NextToken or StreamName should be provided.")
    assert refusal("ListShards", MaxResults=1) == invalid("Either NextToken or StreamName should be provided.")
    together = "cannot be provided together."
    for name, value in (
        ("StreamName", "active"),
        ("StreamARN", f"arn:aws:kinesis:us-east-1:{A}:stream/active"),
    ):
        assert len(client.list_shards(NextToken=token, **{name: value})["Shards"]) == 2
        assert refusal("ListShards", NextToken="made up", **{name: value}) == invalid("Invalid NextToken.")
    for name, given, told in (
        ("StreamCreationTimestamp", 1767225600, "StreamCreationEpoch"),
        ("ExclusiveStartShardId", "shardId-000000000000", "ExclusiveStartShardId"),
        ("ShardFilter", {"Type": "AT_LATEST"}, "ShardFilter"),
    ):
        assert refusal("ListShards", NextToken=token, **{name: given}) == invalid(f"NextToken and {told} {together}")


def test_the_shards_of_a_stream_that_does_not_exist_are_not_listed(world: Any, refusal: Any) -> None:
    assert refusal("ListShards", StreamName="missing") == not_found("missing")
    assert refusal("ListShards", StreamName="missing", ShardFilter={"Type": "AT_TIMESTAMP"}) == not_found("missing")
