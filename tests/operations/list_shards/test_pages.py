"""ListShards: pages and tokens."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 2})

A = "123456789012"
START = 1767225600
EXPIRED = ("ExpiredNextTokenException", "The pagination token has expired. A NextToken is valid for 300 seconds.")
INVALID = ("InvalidArgumentException", "Invalid NextToken.")


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
