"""Pages of DescribeStream, ListStreams and ListTagsForStream, by hand and through botocore's paginators."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False)

NAMES = [f"stream-{number:03}" for number in range(250)]


def shard_ids(page: Any) -> Any:
    return [shard["ShardId"] for shard in page["StreamDescription"]["Shards"]]


@pytest.fixture
def many_streams(kinesis: KinesisFake) -> None:
    for name in reversed(NAMES):
        kinesis.create_stream(name, shards=1)


# --- DescribeStream -------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"big": 250})
def test_describe_stream_shows_a_hundred_shards_at_most(client: Any) -> None:
    for parameters in ({}, {"Limit": 100}, {"Limit": 10_000}):
        page = client.describe_stream(StreamName="big", **parameters)
        assert (len(shard_ids(page)), page["StreamDescription"]["HasMoreShards"]) == (100, True)
    page = client.describe_stream(StreamName="big", Limit=99)
    assert len(shard_ids(page)) == 99
    page = client.describe_stream(StreamName="big", ExclusiveStartShardId="shardId-000000000149")
    assert (shard_ids(page)[0], len(shard_ids(page)), page["StreamDescription"]["HasMoreShards"]) == (
        "shardId-000000000150",
        100,
        False,
    )
    page = client.describe_stream(StreamName="big", ExclusiveStartShardId="shardId-000000000249")
    assert (shard_ids(page), page["StreamDescription"]["HasMoreShards"]) == ([], False)


@pytest.mark.fake_kinesis(streams={"big": 2500})
def test_the_paginator_of_describe_stream_walks_all_shards(client: Any) -> None:
    pages = list(client.get_paginator("describe_stream").paginate(StreamName="big"))
    assert [name for page in pages for name in shard_ids(page)] == [f"shardId-{index:012}" for index in range(2500)]
    assert len(pages) == 25


# --- ListStreams ----------------------------------------------------------------------------------------------------


def test_list_streams_shows_a_hundred_streams_at_most(many_streams: Any, client: Any) -> None:
    for parameters in ({}, {"Limit": 100}, {"Limit": 10_000}):
        page = client.list_streams(**parameters)
        assert page["StreamNames"] == NAMES[:100]
        assert page["HasMoreStreams"] is True
    page = client.list_streams(ExclusiveStartStreamName="stream-149")
    assert (page["StreamNames"], page["HasMoreStreams"], "NextToken" in page) == (NAMES[150:], False, False)


def test_the_paginator_of_list_streams_walks_all_streams(many_streams: Any, client: Any) -> None:
    pages = list(client.get_paginator("list_streams").paginate())
    assert [name for page in pages for name in page["StreamNames"]] == NAMES
    assert [summary["StreamName"] for page in pages for summary in page["StreamSummaries"]] == NAMES
    whole = client.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 7}).build_full_result()
    assert whole["StreamNames"] == NAMES


def test_streams_are_listed_by_name_with_their_summaries(kinesis: KinesisFake, client: Any) -> None:
    for name in ("b", "B", "a-1", "a.1", "a_1", "1"):
        kinesis.create_stream(name, shards=1)
    kinesis.create_stream("flexible")
    answer = client.list_streams()
    assert answer["StreamNames"] == ["1", "B", "a-1", "a.1", "a_1", "b", "flexible"]
    assert answer["StreamSummaries"][-1] == {
        "StreamName": "flexible",
        "StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/flexible",
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
        "StreamCreationTimestamp": kinesis.now,
    }
    assert answer["StreamSummaries"][0]["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}


def test_a_token_and_a_name_to_go_on_from_are_not_combined(many_streams: Any, client: Any, refusal: Any) -> None:
    token = client.list_streams(Limit=1)["NextToken"]
    assert refusal("ListStreams", NextToken=token, ExclusiveStartStreamName="a") == (
        "InvalidArgumentException",
        "ExclusiveStartStreamName and NextToken cannot be provided together.",
    )


def test_a_token_of_list_streams_lives_300_seconds_and_no_longer(
    kinesis: KinesisFake, many_streams: Any, client: Any, refusal: Any
) -> None:
    token = client.list_streams(Limit=1)["NextToken"]
    kinesis.advance(seconds=300)
    assert client.list_streams(NextToken=token, Limit=1)["StreamNames"] == ["stream-001"]
    kinesis.advance(milliseconds=1)
    assert refusal("ListStreams", NextToken=token) == (
        "ExpiredNextTokenException",
        "The pagination token has expired. A NextToken is valid for 300 seconds.",
    )


def test_a_token_of_list_streams_goes_on_after_a_name_even_if_that_stream_is_gone(
    kinesis: KinesisFake, client: Any
) -> None:
    for name in "abcd":
        kinesis.create_stream(name, shards=1)
    token = client.list_streams(Limit=2)["NextToken"]
    client.delete_stream(StreamName="b")
    kinesis.advance(seconds=20)
    kinesis.create_stream("bb", shards=1)
    assert client.list_streams(NextToken=token)["StreamNames"] == ["bb", "c", "d"]


def test_regions_do_not_see_each_others_streams(kinesis: KinesisFake, client: Any, foreign_client: Any) -> None:
    kinesis.create_stream("s", shards=1)
    assert foreign_client.list_streams()["StreamNames"] == []
    foreign_client.create_stream(StreamName="s", ShardCount=2)
    kinesis.settle()
    assert len(foreign_client.list_shards(StreamName="s")["Shards"]) == 2
    assert len(client.list_shards(StreamName="s")["Shards"]) == 1


def test_an_empty_region_has_an_empty_page(client: Any) -> None:
    answer = client.list_streams()
    del answer["ResponseMetadata"]
    assert answer == {"StreamNames": [], "HasMoreStreams": False, "StreamSummaries": []}
    assert list(client.get_paginator("list_streams").paginate().search("StreamNames[]")) == []


# --- ListTagsForStream ----------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"s": 1}, limits=Limits(tags=120))
def test_list_tags_shows_fifty_tags_at_most(client: Any) -> None:
    keys = [f"key-{number:03}" for number in range(120)]
    for first in range(0, 120, 30):
        client.add_tags_to_stream(StreamName="s", Tags={key: f"value of {key}" for key in keys[first : first + 30]})
    seen, sizes = [], []
    answer = client.list_tags_for_stream(StreamName="s")
    while True:
        seen += [(tag["Key"], tag["Value"]) for tag in answer["Tags"]]
        sizes.append(len(answer["Tags"]))
        if not answer["HasMoreTags"]:
            break
        answer = client.list_tags_for_stream(StreamName="s", ExclusiveStartTagKey=seen[-1][0])
    assert seen == [(key, f"value of {key}") for key in keys]
    assert sizes == [50, 50, 20]


@pytest.mark.fake_kinesis(streams={"s": 1})
@pytest.mark.parametrize(("limit", "shown", "more"), [(1, 1, True), (9, 9, True), (10, 10, False), (50, 10, False)])
def test_list_tags_shows_as_many_as_asked_for(client: Any, limit: Any, shown: Any, more: Any) -> None:
    client.add_tags_to_stream(StreamName="s", Tags={f"key-{number}": "" for number in range(10)})
    answer = client.list_tags_for_stream(StreamName="s", Limit=limit)
    assert (len(answer["Tags"]), answer["HasMoreTags"]) == (shown, more)
