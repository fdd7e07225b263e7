"""A channel in lists, on its stream, under tags and policies, and in its view."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, Limits, fake_kinesis
from tests.support.channels import MIDNIGHT, NOWHERE, ORDERS, STREAM, A, create, names, to_bucket, to_table
from tests.support.model import needs

pytestmark = [
    needs("CreateChannel"),
    pytest.mark.fake_kinesis(
        start="2026-01-01T00:00:00Z",
        autojump=False,
        streams={"orders": {}, "other": {}, "old": 1},
        limits=Limits(channels=1000, channels_per_destination=1000),
    ),
]


# --- listing ------------------------------------------------------------------------------------------------------


def test_a_summary_has_what_the_model_promises(client: Any, lake: Any) -> None:
    table = client.create_channel(**to_table())["ChannelDescription"]
    streams = [{"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT}]
    assert client.list_channels()["ChannelSummaries"] == [
        {
            "ChannelName": "lake",
            "ChannelARN": lake,
            "ChannelId": lake.rpartition("/")[2],
            "ChannelStatus": "ACTIVE",
            "ChannelCreationTimestamp": MIDNIGHT,
            "ChannelDestinationType": "S3",
            "Streams": streams,
        },
        {
            "ChannelName": "tables",
            "ChannelARN": table["ChannelARN"],
            "ChannelId": table["ChannelId"],
            "ChannelStatus": "CREATING",
            "ChannelCreationTimestamp": MIDNIGHT + timedelta(seconds=20),
            "ChannelDestinationType": "S3_TABLES",
            "Streams": streams,
        },
    ]


@pytest.fixture
def many(client: Any) -> Any:
    """Seven channels, those with an even number on the stream orders."""
    channel_names = [f"channel-{number}" for number in range(7)]
    for number, channel_name in reversed(list(enumerate(channel_names))):
        create(client, channel_name, STREAM + ("other" if number % 2 else "orders"))
    return channel_names


def test_channels_are_listed_by_name_and_filtered_by_stream(client: Any, many: Any) -> None:
    assert names(client) == many
    assert names(client, StreamFilter=[{"StreamARN": ORDERS}]) == many[::2]
    assert names(client, StreamFilter=[{"StreamARN": ORDERS}, {"StreamARN": STREAM + "other"}]) == many
    assert names(client, StreamFilter=[{"StreamARN": STREAM + "gone"}]) == []


def test_a_filter_can_name_the_creation_of_the_stream(client: Any, many: Any) -> None:
    same = {"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT}
    other = {"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT + timedelta(seconds=1)}
    assert names(client, StreamFilter=[same]) == many[::2]
    assert names(client, StreamFilter=[other]) == []
    assert names(client, StreamFilter=[other, same]) == many[::2]


def test_pages_are_as_long_as_asked(client: Any, many: Any) -> None:
    first = client.list_channels(MaxResults=3)
    second = client.list_channels(MaxResults=4, NextToken=first["NextToken"])
    assert [s["ChannelName"] for s in [*first["ChannelSummaries"], *second["ChannelSummaries"]]] == many
    assert "NextToken" not in second


def test_the_paginator_walks_all_channels_with_and_without_a_filter(client: Any, many: Any) -> None:
    paginator = client.get_paginator("list_channels")
    for parameters, expected in (({}, many), ({"StreamFilter": [{"StreamARN": ORDERS}]}, many[::2])):
        pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}, **parameters))
        assert len(pages) == -(-len(expected) // 2)
        assert [s["ChannelName"] for page in pages for s in page["ChannelSummaries"]] == expected


def test_a_token_carries_the_filter(client: Any, refusal: Any, many: Any) -> None:
    token = client.list_channels(MaxResults=2, StreamFilter=[{"StreamARN": ORDERS}])["NextToken"]
    assert names(client, NextToken=token) == ["channel-4", "channel-6"]
    other = [{"StreamARN": STREAM + "other"}]
    assert refusal("ListChannels", NextToken=token, StreamFilter=other) == (
        "InvalidArgumentException",
        "Invalid NextToken.",
    )


def test_a_token_lives_300_seconds_and_no_longer(kinesis: KinesisFake, client: Any, refusal: Any, many: Any) -> None:
    token = client.list_channels(MaxResults=6)["NextToken"]
    kinesis.advance(seconds=300)
    assert names(client, NextToken=token) == ["channel-6"]
    kinesis.advance(milliseconds=1)
    assert refusal("ListChannels", NextToken=token) == (
        "ExpiredNextTokenException",
        "The pagination token has expired. A NextToken is valid for 300 seconds.",
    )


def test_a_token_of_another_operation_is_refused(client: Any, refusal: Any) -> None:
    token = client.list_streams(Limit=1)["NextToken"]
    for wrong in (token, "token"):
        assert refusal("ListChannels", NextToken=wrong) == ("InvalidArgumentException", "Invalid NextToken.")


def test_a_page_holds_a_hundred_channels() -> None:
    with fake_kinesis(
        limits=Limits(channels=101, channels_per_destination=101), autojump=False, streams={"orders": {}}
    ) as fake:
        client: Any = fake.client()
        for number in range(101):
            create(client, f"channel-{number}")
        for parameters in ({}, {"MaxResults": 10_000}):
            first = client.list_channels(**parameters)
            assert len(first["ChannelSummaries"]) == 100
            assert len(client.list_channels(NextToken=first["NextToken"])["ChannelSummaries"]) == 1
        assert len(client.list_channels(MaxResults=99)["ChannelSummaries"]) == 99


# --- the stream of a channel --------------------------------------------------------------------------------------


def channel_count(client: Any, stream_name: Any = "orders") -> Any:
    return client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]["ChannelCount"]


def test_a_stream_and_an_account_count_their_channels(kinesis: KinesisFake, client: Any) -> None:
    assert (channel_count(client), client.describe_limits()["ChannelCount"]) == (0, 0)
    channel_arn = create(client)["ChannelARN"]
    create(client, "second")
    create(client, "third", STREAM + "other")
    assert (channel_count(client), client.describe_limits()["ChannelCount"]) == (2, 3)
    kinesis.settle()
    client.delete_channel(ChannelARN=channel_arn)
    assert (channel_count(client), client.describe_limits()["ChannelCount"]) == (2, 3)
    kinesis.settle()
    assert (channel_count(client), client.describe_limits()["ChannelCount"]) == (1, 2)
    assert client.describe_limits()["ChannelCountLimit"] == 1000


@pytest.mark.parametrize("flag", [{}, {"EnforceConsumerDeletion": True}])
def test_a_stream_with_channels_cannot_be_deleted(
    kinesis: KinesisFake, client: Any, refusal: Any, lake: Any, flag: Any
) -> None:
    in_use = (
        "ResourceInUseException",
        f"DeleteStream can't delete {A}:orders because there are channels on this data stream. Delete every channel "
        "with DeleteChannel first.",
    )
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    client.delete_channel(ChannelARN=lake)
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    kinesis.settle()
    client.delete_stream(StreamName="orders", **flag)


def test_a_stream_with_channels_cannot_become_provisioned(
    kinesis: KinesisFake, client: Any, refusal: Any, lake: Any
) -> None:
    provisioned = {"StreamARN": ORDERS, "StreamModeDetails": {"StreamMode": "PROVISIONED"}}
    held = (
        "ResourceInUseException",
        f"Stream orders under account {A} cannot be switched to PROVISIONED mode because it has channels. Delete the "
        "channels before you change the capacity mode.",
    )
    assert refusal("UpdateStreamMode", **provisioned) == held
    client.delete_channel(ChannelARN=lake)
    assert refusal("UpdateStreamMode", **provisioned) == held
    kinesis.settle()
    client.update_stream_mode(**provisioned)


# --- tags and policies --------------------------------------------------------------------------------------------


def tags_of(client: Any, channel_arn: Any) -> Any:
    return {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceARN=channel_arn)["Tags"]}


def test_a_channel_has_its_tags_from_the_beginning(client: Any) -> None:
    channel_arn = create(client, Tags={"team": "billing", "empty": ""})["ChannelARN"]
    assert tags_of(client, channel_arn) == {"team": "billing", "empty": ""}


def test_the_tags_of_a_channel_can_be_changed_while_it_is_active(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    channel_arn = create(client, Tags={"team": "billing"})["ChannelARN"]
    for operation, parameters in (("TagResource", {"Tags": {"a": "b"}}), ("UntagResource", {"TagKeys": ["team"]})):
        assert refusal(operation, ResourceARN=channel_arn, **parameters) == (
            "ResourceInUseException",
            f"Channel lake under account {A} not ACTIVE, instead in state CREATING",
        )
    kinesis.settle()
    client.tag_resource(ResourceARN=channel_arn, Tags={"a": "b"})
    client.untag_resource(ResourceARN=channel_arn, TagKeys=["team"])
    assert tags_of(client, channel_arn) == {"a": "b"}


def test_a_channel_has_fifty_tags_and_not_one_more(client: Any, refusal: Any) -> None:
    tags = {f"key-{number}": "" for number in range(50)}
    assert len(tags_of(client, create(client, Tags=tags)["ChannelARN"])) == 50
    assert refusal("CreateChannel", **to_bucket("new", Tags={**tags, "one": "more"})) == (
        "InvalidArgumentException",
        "Failed to add tags to channel new because a given resource cannot have more than 50 tags associated with it.",
    )


def test_a_channel_that_is_not_there_has_no_tags(refusal: Any) -> None:
    assert refusal("ListTagsForResource", ResourceARN=NOWHERE) == (
        "ResourceNotFoundException",
        f"Channel nowhere under account {A} not found.",
    )


def test_a_channel_has_no_policy(client: Any, refusal: Any, lake: Any) -> None:
    policy = '{"Version": "2012-10-17", "Statement": []}'
    for operation, parameters in (("GetResourcePolicy", {}), ("PutResourcePolicy", {"Policy": policy})):
        assert refusal(operation, ResourceARN=lake, **parameters) == (
            "ResourceNotFoundException",
            f"Resource {lake} not found.",
        )


# --- the view -----------------------------------------------------------------------------------------------------


def test_a_view_shows_a_channel_by_its_name_and_by_its_arn(kinesis: KinesisFake, client: Any) -> None:
    channel_arn = create(client)["ChannelARN"]
    for view in (kinesis.channel("lake"), kinesis.channel(channel_arn)):
        assert (view.channel_name, view.channel_arn, view.stream_name) == ("lake", channel_arn, "orders")
        assert view.status == "CREATING"
        assert repr(view) == "<channel lake CREATING, 0 delivered>"
    kinesis.settle()
    assert kinesis.channel("lake").status == "ACTIVE"


def test_a_view_finds_a_channel_of_another_region_by_its_arn(kinesis: KinesisFake, foreign_client: Any) -> None:
    foreign_client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    channel_arn = create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders")["ChannelARN"]
    assert kinesis.channel(channel_arn).channel_arn == channel_arn


def test_a_view_of_no_channel_says_which_there_are(kinesis: KinesisFake, client: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.channel("lake")
    assert str(caught.value) == (
        "There is no channel 'lake' in us-east-1; the channels are: none. Make it with CreateChannel through a client."
    )
    create(client, "b")
    create(client, "a")
    with pytest.raises(KinesisFakeError, match="the channels are: a, b"):
        kinesis.channel("c")
