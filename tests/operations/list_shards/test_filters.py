"""ListShards: the six filters."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 2})

A = "123456789012"
START = 1767225600
HOUR = 3600


def listed(client: Any, **parameters: Any) -> Any:
    """The numbers of the shards that are listed."""
    return [int(shard["ShardId"][8:]) for shard in client.list_shards(StreamName="s", **parameters)["Shards"]]


def filtered(client: Any, shard_filter_type: Any, **parameters: Any) -> Any:
    return listed(client, ShardFilter={"Type": shard_filter_type, **parameters})


def test_without_a_filter_all_shards_are_listed(family: Any, client: Any) -> None:
    assert listed(client) == filtered(client, "FROM_TRIM_HORIZON") == [0, 1, 2, 3, 4]


def test_at_latest_lists_the_open_shards(family: Any, client: Any) -> None:
    assert filtered(client, "AT_LATEST") == [2, 4]


def test_at_trim_horizon_of_a_young_stream_lists_its_first_shards(family: Any, client: Any) -> None:
    assert filtered(client, "AT_TRIM_HORIZON") == [0, 1]


@pytest.mark.parametrize(
    ("now", "at_trim_horizon", "from_trim_horizon"),
    [
        ("2026-01-02T00:00:00.000Z", [0, 1], [0, 1, 2, 3, 4]),
        ("2026-01-02T00:59:59.999Z", [0, 1], [0, 1, 2, 3, 4]),
        # Shard 0 was closed a day ago to the millisecond: it has expired, and its children were open.
        ("2026-01-02T01:00:00.000Z", [1, 2, 3], [1, 2, 3, 4]),
        ("2026-01-02T01:59:59.999Z", [1, 2, 3], [1, 2, 3, 4]),
        ("2026-01-02T02:00:00.000Z", [2, 4], [2, 4]),
        ("2026-02-01T00:00:00.000Z", [2, 4], [2, 4]),
    ],
)
def test_the_trim_horizon_follows_the_clock(
    kinesis: KinesisFake, family: Any, client: Any, now: Any, at_trim_horizon: Any, from_trim_horizon: Any
) -> None:
    kinesis.travel_to(now)
    assert filtered(client, "AT_TRIM_HORIZON") == at_trim_horizon
    assert filtered(client, "FROM_TRIM_HORIZON") == from_trim_horizon
    assert filtered(client, "AT_LATEST") == [2, 4]


@pytest.mark.parametrize(
    ("seconds", "at", "from_"),
    [
        (0, [0, 1], [0, 1, 2, 3, 4]),
        (HOUR - 1, [0, 1], [0, 1, 2, 3, 4]),
        (HOUR, [1, 2, 3], [1, 2, 3, 4]),
        (2 * HOUR - 1, [1, 2, 3], [1, 2, 3, 4]),
        (2 * HOUR, [2, 4], [2, 4]),
        (3 * HOUR, [2, 4], [2, 4]),
    ],
)
def test_timestamps_choose_the_shards_that_were_open_then_or_later(
    family: Any, client: Any, seconds: Any, at: Any, from_: Any
) -> None:
    assert filtered(client, "AT_TIMESTAMP", Timestamp=START + seconds) == at
    assert filtered(client, "FROM_TIMESTAMP", Timestamp=START + seconds) == from_


def test_a_parent_that_took_a_record_in_the_millisecond_of_its_end_was_open_in_it(
    kinesis: KinesisFake, client: Any
) -> None:
    kinesis.advance(hours=1)
    stream, instant = kinesis.stream("s"), kinesis.now
    stream.put("the clock stands still", explicit_hash_key=0)
    stream.split("shardId-000000000000")
    stream.put("the clock stands still", explicit_hash_key=0)
    assert filtered(client, "AT_TIMESTAMP", Timestamp=instant) == [0, 1, 2, 3]
    assert filtered(client, "FROM_TIMESTAMP", Timestamp=instant) == [0, 1, 2, 3]
    kinesis.advance(seconds=1)  # all that older releases of botocore send
    assert filtered(client, "AT_TIMESTAMP", Timestamp=kinesis.now) == [1, 2, 3]
    assert filtered(client, "FROM_TIMESTAMP", Timestamp=kinesis.now) == [1, 2, 3]
    kinesis.advance(hours=24, seconds=-1, milliseconds=-1)
    assert filtered(client, "AT_TRIM_HORIZON") == [0, 1]
    kinesis.advance(milliseconds=1)
    assert filtered(client, "AT_TRIM_HORIZON") == listed(client) == [1, 2, 3]


def test_a_timestamp_before_the_trim_horizon_is_the_trim_horizon_for_from_timestamp(
    kinesis: KinesisFake, family: Any, client: Any
) -> None:
    assert filtered(client, "FROM_TIMESTAMP", Timestamp=START - 1) == [0, 1, 2, 3, 4]
    kinesis.travel_to("2026-01-02T01:30:00Z")
    assert filtered(client, "FROM_TIMESTAMP", Timestamp=START) == [1, 2, 3, 4]


def test_at_timestamp_refuses_an_instant_before_the_trim_horizon(
    kinesis: KinesisFake, family: Any, client: Any, refusal: Any
) -> None:
    too_old = ("InvalidArgumentException", "ShardFilter Timestamp cannot be older than TRIM_HORIZON of the stream.")

    def at(instant: Any) -> Any:
        return {"StreamName": "s", "ShardFilter": {"Type": "AT_TIMESTAMP", "Timestamp": instant}}

    assert filtered(client, "AT_TIMESTAMP", Timestamp=START) == [0, 1]
    assert refusal("ListShards", **at(START - 1)) == too_old
    kinesis.travel_to("2026-01-02T01:30:00Z")
    assert filtered(client, "AT_TIMESTAMP", Timestamp=START + 1.5 * HOUR) == [1, 2, 3]
    assert refusal("ListShards", **at(START + 1.5 * HOUR - 1)) == too_old


@pytest.mark.parametrize("filter_type", ["AT_TIMESTAMP", "FROM_TIMESTAMP"])
def test_an_instant_in_the_future_is_refused(family: Any, client: Any, refusal: Any, filter_type: Any) -> None:
    assert filtered(client, filter_type, Timestamp=START + 3 * HOUR) == [2, 4]
    assert refusal(
        "ListShards", StreamName="s", ShardFilter={"Type": filter_type, "Timestamp": START + 3 * HOUR + 1}
    ) == (
        "InvalidArgumentException",
        "ShardFilter Timestamp must not be greater than current time.",
    )


@pytest.mark.parametrize(
    ("shard_id", "expected"),
    [
        ("shardId-000000000000", [1, 2, 3, 4]),
        ("shardId-000000000003", [4]),
        ("shardId-000000000004", []),
        ("shardId-000000000099", []),
        ("a", [0, 1, 2, 3, 4]),
        ("z", []),
    ],
)
def test_shards_after_an_id_are_listed_in_two_ways(family: Any, client: Any, shard_id: Any, expected: Any) -> None:
    assert filtered(client, "AFTER_SHARD_ID", ShardId=shard_id) == expected
    assert listed(client, ExclusiveStartShardId=shard_id) == expected


@pytest.mark.parametrize(
    "parameters",
    [
        {"ShardFilter": {"Type": "FROM_TRIM_HORIZON"}},
        {"ShardFilter": {"Type": "AT_TRIM_HORIZON"}},
        {"ShardFilter": {"Type": "AT_LATEST"}},
        {"ShardFilter": {"Type": "AT_TIMESTAMP", "Timestamp": START + HOUR}},
        {"ShardFilter": {"Type": "FROM_TIMESTAMP", "Timestamp": START + HOUR}},
        {"ShardFilter": {"Type": "AFTER_SHARD_ID", "ShardId": "shardId-000000000001"}},
        {"ExclusiveStartShardId": "shardId-000000000001"},
        {},
    ],
)
def test_a_token_goes_on_with_the_same_filter(family: Any, client: Any, parameters: Any) -> None:
    whole = listed(client, **parameters)
    for page_size in (1, 2, 3, 5, 6, 10_000):
        answer = client.list_shards(StreamName="s", MaxResults=page_size, **parameters)
        pages = [answer["Shards"]]
        while "NextToken" in answer:
            assert len(answer["Shards"]) == page_size
            answer = client.list_shards(NextToken=answer["NextToken"], MaxResults=page_size)
            pages.append(answer["Shards"])
        assert [int(shard["ShardId"][8:]) for page in pages for shard in page] == whole, page_size
        assert len(pages) == -(-len(whole) // page_size)


@pytest.mark.parametrize(
    ("shard_filter", "message"),
    [
        ({"Type": "AFTER_SHARD_ID"}, "ShardId must be provided when the ShardFilter Type is AFTER_SHARD_ID."),
        (
            {"Type": "AFTER_SHARD_ID", "Timestamp": START},
            "ShardId must be provided when the ShardFilter Type is AFTER_SHARD_ID.",
        ),
        ({"Type": "AT_TIMESTAMP"}, "Timestamp must be provided when the ShardFilter Type is AT_TIMESTAMP."),
        (
            {"Type": "FROM_TIMESTAMP", "ShardId": "shardId-000000000000"},
            "Timestamp must be provided when the ShardFilter Type is FROM_TIMESTAMP.",
        ),
    ],
)
def test_a_filter_has_what_its_type_needs(family: Any, refusal: Any, shard_filter: Any, message: Any) -> None:
    assert refusal("ListShards", StreamName="s", ShardFilter=shard_filter) == ("InvalidArgumentException", message)


@pytest.mark.parametrize("timestamp", [0, START, START + 99 * HOUR])
@pytest.mark.parametrize(
    ("filter_type", "more", "expected"),
    [
        ("AT_LATEST", {}, [2, 4]),
        ("AT_TRIM_HORIZON", {}, [0, 1]),
        ("FROM_TRIM_HORIZON", {}, [0, 1, 2, 3, 4]),
        ("AFTER_SHARD_ID", {"ShardId": "shardId-000000000001"}, [2, 3, 4]),
    ],
)
def test_a_timestamp_that_the_type_does_not_need_is_ignored(
    family: Any, client: Any, filter_type: Any, more: Any, expected: Any, timestamp: Any
) -> None:
    assert filtered(client, filter_type, Timestamp=timestamp, **more) == expected


@pytest.mark.parametrize(
    ("shard_filter", "whole", "expected"),
    [
        ({"Type": "AT_LATEST"}, [2, 4], [4]),
        ({"Type": "AT_TRIM_HORIZON"}, [0, 1], []),
        ({"Type": "FROM_TRIM_HORIZON"}, [0, 1, 2, 3, 4], [3, 4]),
        ({"Type": "AT_TIMESTAMP", "Timestamp": START + HOUR}, [1, 2, 3], [3]),
        ({"Type": "FROM_TIMESTAMP", "Timestamp": START + HOUR}, [1, 2, 3, 4], [3, 4]),
    ],
)
def test_a_shard_id_that_the_type_does_not_need_is_where_the_listing_starts(
    family: Any, client: Any, shard_filter: Any, whole: Any, expected: Any
) -> None:
    assert listed(client, ShardFilter=shard_filter) == whole
    assert listed(client, ShardFilter={**shard_filter, "ShardId": "shardId-000000000002"}) == expected
    first = client.list_shards(
        StreamName="s", MaxResults=1, ShardFilter={**shard_filter, "ShardId": "shardId-000000000002"}
    )
    assert [int(shard["ShardId"][8:]) for shard in first["Shards"]] == expected[:1]
    assert ("NextToken" in first) == (len(expected) > 1)


def test_a_filter_has_a_type(family: Any, refusal: Any) -> None:
    assert refusal("ListShards", StreamName="s", ShardFilter={"Timestamp": 0}) == (
        "ValidationException",
        "1 validation error detected: Value null at 'shardFilter.type' failed to satisfy constraint: "
        "Member must not be null",
    )
    assert refusal("ListShards", StreamName="s", ShardFilter={"Type": "AT_NOON"}) == (
        "ValidationException",
        "1 validation error detected: Value 'AT_NOON' at 'shardFilter.type' failed to satisfy constraint: Member must "
        "satisfy enum value set: [AFTER_SHARD_ID, AT_TRIM_HORIZON, FROM_TRIM_HORIZON, AT_LATEST, AT_TIMESTAMP, "
        "FROM_TIMESTAMP]",
    )


def test_a_filter_and_a_first_shard_are_not_combined(family: Any, refusal: Any) -> None:
    request = {"ShardFilter": {"Type": "AT_LATEST"}, "ExclusiveStartShardId": "shardId-000000000000"}
    assert refusal("ListShards", StreamName="s", **request) == (
        "InvalidArgumentException",
        "ShardFilter and ExclusiveStartShardId cannot be provided together.",
    )


def test_streams_of_one_name_are_told_apart_by_when_they_were_made(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    request = {"StreamName": "s", "StreamCreationTimestamp": START}
    assert len(client.list_shards(**request)["Shards"]) == 2
    client.delete_stream(StreamName="s")
    kinesis.advance(milliseconds=20_500)
    client.create_stream(StreamName="s", ShardCount=1)
    kinesis.advance(seconds=20)
    assert refusal("ListShards", **request) == ("ResourceNotFoundException", f"Stream s under account {A} not found.")
    created_at = client.describe_stream(StreamName="s")["StreamDescription"]["StreamCreationTimestamp"]
    # Whole seconds, as recorded, so that what is shown can be given back through any SDK.
    assert created_at.microsecond == 0
    assert len(client.list_shards(StreamName="s", StreamCreationTimestamp=created_at)["Shards"]) == 1


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_the_trim_horizon_does_not_go_back_when_records_are_kept_longer(
    kinesis: KinesisFake, family: Any, client: Any
) -> None:
    kinesis.travel_to("2026-01-02T02:30:00Z")  # both reshards are more than a day ago
    assert filtered(client, "AT_TRIM_HORIZON") == [2, 4]
    client.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=168)
    for _ in range(8):
        assert filtered(client, "AT_TRIM_HORIZON") == filtered(client, "FROM_TRIM_HORIZON") == [2, 4]
        kinesis.advance(hours=24)
    kinesis.stream("s").split("shardId-000000000002")
    assert filtered(client, "AT_TRIM_HORIZON") == [2, 4]
    client.decrease_stream_retention_period(StreamName="s", RetentionPeriodHours=24)
    kinesis.advance(hours=24)
    assert filtered(client, "AT_TRIM_HORIZON") == [4, 5, 6]
    client.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=48)
    assert filtered(client, "AT_TRIM_HORIZON") == [4, 5, 6]
