"""ListShards: the six filters, pages and tokens."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 2})

A = "123456789012"
START = 1767225600
HOUR = 3600
EXPIRED = ("ExpiredNextTokenException", "The pagination token has expired. A NextToken is valid for 300 seconds.")
INVALID = ("InvalidArgumentException", "Invalid NextToken.")


def listed(client: Any, **parameters: Any) -> Any:
    """The numbers of the shards that are listed."""
    return [int(shard["ShardId"][8:]) for shard in client.list_shards(StreamName="s", **parameters)["Shards"]]


def filtered(client: Any, shard_filter_type: Any, **parameters: Any) -> Any:
    return listed(client, ShardFilter={"Type": shard_filter_type, **parameters})


@pytest.fixture
def family(kinesis: KinesisFake) -> Any:
    """Shards 0 and 1 from the start, 0 split into 2 and 3 an hour later, 3 and 1 merged into 4 two hours later."""
    stream = kinesis.stream("s")
    kinesis.advance(hours=1)
    stream.split("shardId-000000000000")
    kinesis.advance(hours=1)
    stream.merge("shardId-000000000003", "shardId-000000000001")
    kinesis.advance(hours=1)
    return stream


# --- filters --------------------------------------------------------------------------------------------------------


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


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"big": 2500})
def test_a_page_holds_a_thousand_shards_at_most(client: Any) -> None:
    for parameters in ({}, {"MaxResults": 1000}, {"MaxResults": 10_000}):
        assert len(client.list_shards(StreamName="big", **parameters)["Shards"]) == 1000
    pages = [client.list_shards(StreamName="big")]
    while "NextToken" in pages[-1]:
        pages.append(client.list_shards(NextToken=pages[-1]["NextToken"]))
    assert [len(page["Shards"]) for page in pages] == [1000, 1000, 500]
    names = [shard["ShardId"] for page in pages for shard in page["Shards"]]
    assert names == [f"shardId-{index:012}" for index in range(2500)]


@pytest.mark.fake_kinesis(streams={"big": 1001})
def test_the_paginator_of_botocore_names_the_stream_again_on_every_page(client: Any) -> None:
    pages = list(client.get_paginator("list_shards").paginate(StreamName="big"))
    assert [len(page["Shards"]) for page in pages] == [1000, 1]


@pytest.mark.fake_kinesis(streams={"thousand": 1000})
def test_a_page_that_is_just_full_is_the_last_one(client: Any) -> None:
    answer = client.list_shards(StreamName="thousand")
    assert (len(answer["Shards"]), "NextToken" in answer) == (1000, False)


def test_the_size_of_a_page_is_free_at_each_step(family: Any, client: Any) -> None:
    first = client.list_shards(StreamName="s", MaxResults=1)
    second = client.list_shards(NextToken=first["NextToken"], MaxResults=2)
    third = client.list_shards(NextToken=second["NextToken"])
    assert [len(page["Shards"]) for page in (first, second, third)] == [1, 2, 2]


# --- tokens ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(client: Any) -> Any:
    return client.list_shards(StreamName="s", MaxResults=1)["NextToken"]


ARN = f"arn:aws:kinesis:us-east-1:{A}:stream/s"
OF_OTHER = f"arn:aws:kinesis:us-east-1:{A}:stream/other"


@pytest.mark.parametrize(
    "address", [{"StreamName": "s"}, {"StreamARN": ARN}, {"StreamName": "s", "StreamARN": ARN}, {}]
)
def test_a_token_may_come_with_the_name_or_the_arn_of_its_stream(client: Any, token: Any, address: Any) -> None:
    assert [shard["ShardId"] for shard in client.list_shards(NextToken=token, **address)["Shards"]] == [
        "shardId-000000000001"
    ]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ({"StreamName": "other"}, "NextToken does not match the provided StreamName."),
        ({"StreamName": "missing"}, "NextToken does not match the provided StreamName."),
        ({"StreamARN": OF_OTHER}, "NextToken does not match the provided StreamARN."),
        ({"StreamName": "other", "StreamARN": OF_OTHER}, "NextToken does not match the provided StreamName."),
        (
            {"StreamName": "other", "StreamARN": ARN},
            f"Input stream name other doesn't match the inferred name in stream arn {ARN}",
        ),
    ],
)
def test_a_token_does_not_go_with_another_stream(
    kinesis: KinesisFake, refusal: Any, token: Any, address: Any, message: Any
) -> None:
    kinesis.create_stream("other", shards=2)
    assert refusal("ListShards", NextToken=token, **address) == ("InvalidArgumentException", message)


@pytest.mark.parametrize("address", [{}, {"StreamName": "s"}, {"StreamARN": ARN}])
@pytest.mark.parametrize(
    ("parameters", "member"),
    [
        ({"ShardFilter": {"Type": "AT_LATEST"}}, "ShardFilter"),
        ({"StreamCreationTimestamp": START}, "StreamCreationEpoch"),
        ({"ExclusiveStartShardId": "shardId-000000000000"}, "ExclusiveStartShardId"),
    ],
)
def test_a_token_stands_for_everything_else_that_was_asked(
    refusal: Any, token: Any, address: Any, parameters: Any, member: Any
) -> None:
    assert refusal("ListShards", NextToken=token, **address, **parameters) == (
        "InvalidArgumentException",
        f"NextToken and {member} cannot be provided together.",
    )


def test_a_token_lives_300_seconds_and_no_longer(kinesis: KinesisFake, client: Any, token: Any, refusal: Any) -> None:
    kinesis.advance(seconds=300)
    following = client.list_shards(NextToken=token)
    assert [shard["ShardId"] for shard in following["Shards"]] == ["shardId-000000000001"]
    kinesis.advance(milliseconds=1)
    assert refusal("ListShards", NextToken=token) == EXPIRED


def test_each_token_has_its_own_300_seconds(kinesis: KinesisFake, family: Any, client: Any, token: Any) -> None:
    kinesis.advance(seconds=299)
    following = client.list_shards(NextToken=token, MaxResults=1)["NextToken"]
    kinesis.advance(seconds=299)
    assert len(client.list_shards(NextToken=following)["Shards"]) == 3


def test_a_token_can_be_used_again(client: Any, token: Any) -> None:
    assert client.list_shards(NextToken=token)["Shards"] == client.list_shards(NextToken=token)["Shards"]


def test_a_token_that_was_changed_anywhere_is_invalid(client: Any, token: Any) -> None:
    raw = base64.b64decode(token, validate=True)
    assert raw[:8] == bytes(7) + b"\x01"
    for index in range(len(raw)):
        changed = bytearray(raw)
        changed[index] ^= 0x80
        with refused(client, "InvalidArgumentException", "Invalid NextToken."):
            client.list_shards(NextToken=base64.b64encode(changed).decode())


@pytest.mark.parametrize("text", ["a", "AAAA", "made up", "ü", '""', "AAAAAAAAAAE=" * 20])
def test_a_token_that_was_made_up_is_invalid(kinesis: KinesisFake, refusal: Any, text: Any) -> None:
    assert refusal("ListShards", NextToken=text) == INVALID
    assert refusal("ListStreams", NextToken=text) == INVALID


def test_a_token_is_good_for_its_own_operation_and_region_only(
    kinesis: KinesisFake, client: Any, foreign_client: Any, token: Any, refusal: Any
) -> None:
    for name in ("a", "b"):
        kinesis.create_stream(name, shards=1)
    other = client.list_streams(Limit=1)["NextToken"]
    place = client.get_shard_iterator(StreamName="s", ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    foreign_client.list_streams()
    assert refusal("ListShards", NextToken=other) == INVALID
    assert refusal("ListStreams", NextToken=token) == INVALID
    for operation in ("ListShards", "ListStreams"):
        assert refusal(operation, NextToken=place) == INVALID
    assert refusal("ListShards", through=foreign_client, NextToken=token) == INVALID
    assert refusal("ListStreams", through=foreign_client, NextToken=other) == INVALID


def test_a_token_is_good_for_the_very_stream_it_was_issued_for(
    kinesis: KinesisFake, client: Any, token: Any, refusal: Any
) -> None:
    client.delete_stream(StreamName="s")
    assert refusal("ListShards", NextToken=token) == (
        "ResourceInUseException",
        f"Stream s under account {A} not ACTIVE or UPDATING, instead in state DELETING",
    )
    kinesis.advance(seconds=20)
    gone = ("ResourceNotFoundException", f"Stream s under account {A} not found.")
    assert refusal("ListShards", NextToken=token) == gone
    kinesis.create_stream("s", shards=2)
    assert refusal("ListShards", NextToken=token) == gone


def test_shards_that_come_and_go_between_pages_are_listed_as_they_are(
    kinesis: KinesisFake, family: Any, client: Any
) -> None:
    kinesis.travel_to("2026-01-02T00:59:59Z")
    first = client.list_shards(StreamName="s", MaxResults=1)
    kinesis.stream("s").split("shardId-000000000002")
    kinesis.advance(hours=0, minutes=4)
    following = client.list_shards(NextToken=first["NextToken"])
    assert [shard["ShardId"][-1] for shard in following["Shards"]] == ["1", "2", "3", "4", "5", "6"]
