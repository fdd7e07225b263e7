"""Queues and channels alike: making them, lists, the stream that has one, tags, and views."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, Limits, fake_kinesis
from tests.support.queues import MIDNIGHT, ORDERS, STREAM, A
from tests.support.queues_and_channels import Kind, both

LIMITS = Limits(channels=1000, channels_per_destination=1000, consumers_per_stream=200, queues_creating_or_deleting=200)
pytestmark = [
    both,
    pytest.mark.fake_kinesis(
        start="2026-01-01T00:00:00Z",
        autojump=False,
        streams={"orders": {}, "other": {}, "old": 1},
        limits=LIMITS,
    ),
]
ON_DEMAND = {"StreamMode": "ON_DEMAND"}


@pytest.fixture
def arn(kinesis: KinesisFake, client: Any, kind: Kind) -> str:
    """The ARN of one that is ACTIVE, on the stream orders."""
    arn = kind.arn(kind.create(client))
    kinesis.settle()
    return arn


# --- making one ---------------------------------------------------------------------------------------------------


def test_a_queue_or_channel_is_active_when_its_time_has_come_and_not_before(
    kinesis: KinesisFake, client: Any, kind: Kind
) -> None:
    arn = kind.arn(kind.create(client))
    assert [pending.what for pending in kinesis.pending()] == [
        f"{kind.lower} {kind.default_name} of stream orders becomes ACTIVE"
    ]
    kinesis.advance(milliseconds=kind.creating_ms - 1)
    assert kind.status(client, arn) == "CREATING"
    kinesis.advance(milliseconds=1)
    assert kind.status(client, arn) == "ACTIVE"
    assert kinesis.pending() == []


def test_the_arn_comes_from_the_seed_and_not_from_the_name(kind: Kind) -> None:
    def arns_of(seed: int, name: str) -> list[str]:
        with fake_kinesis(seed=seed, start=MIDNIGHT, limits=LIMITS, streams={"orders": {}}) as fake:
            client = fake.client()
            return [kind.arn(kind.create(client, f"{name}-{number}")) for number in range(3)]

    arns = arns_of(7, "billing")
    assert len(set(arns)) == 3
    assert arns_of(7, "another") == arns
    assert not set(arns_of(8, "billing")) & set(arns)


def test_a_queue_or_channel_that_is_made_again_has_another_arn(
    kinesis: KinesisFake, client: Any, kind: Kind, arn: str
) -> None:
    kind.delete(client, arn)
    kinesis.settle()
    assert kind.arn(kind.create(client)) != arn


def test_the_arn_is_of_the_partition_and_the_region(kinesis: KinesisFake, kind: Kind) -> None:
    client = kinesis.client(region_name="cn-north-1")
    client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    arn = kind.arn(kind.create(client, stream_arn=f"arn:aws-cn:kinesis:cn-north-1:{A}:stream/orders"))
    assert arn.startswith(f"arn:aws-cn:kinesis:cn-north-1:{A}:{kind.lower}/")
    assert kind.status(client, arn) == "CREATING"
    assert kind.names(client) == [kind.default_name]


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "DELETING"])
def test_a_name_is_taken_in_every_state(
    kinesis: KinesisFake, client: Any, refusal: Any, kind: Kind, state: str
) -> None:
    arn = kind.arn(kind.create(client))
    if state != "CREATING":
        kinesis.settle()
    if state == "DELETING":
        kind.delete(client, arn)
    assert kind.status(client, arn) == state
    assert refusal(kind.create_operation, **kind.parameters(stream_arn=STREAM + "other")) == (
        "ResourceInUseException",
        f"{kind.upper} {kind.default_name} under account {A} already exists.",
    )


def test_a_name_can_be_used_in_another_region(
    kinesis: KinesisFake, client: Any, foreign_client: Any, kind: Kind, arn: str
) -> None:
    foreign_client.create_stream(StreamName="orders", StreamModeDetails=ON_DEMAND)
    kinesis.settle()
    kind.create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders")
    assert kind.names(foreign_client) == kind.names(client) == [kind.default_name]


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(client: Any, kind: Kind) -> list[str]:
    """Seven, made in the opposite order of their names; those with an even number are on the stream orders."""
    made = [f"number-{number}" for number in range(7)]
    for number, name in reversed(list(enumerate(made))):
        kind.create(client, name, STREAM + ("other" if number % 2 else "orders"))
    return made


def test_a_list_is_in_the_order_of_the_names(client: Any, kind: Kind) -> None:
    for name in ("alpha", "Beta", "2nd"):
        kind.create(client, name)
    assert kind.names(client) == ["2nd", "Beta", "alpha"]


def test_a_filter_names_the_streams(client: Any, kind: Kind, many: list[str]) -> None:
    assert kind.names(client) == many
    assert kind.names(client, StreamFilter=[{"StreamARN": ORDERS}]) == many[::2]
    assert kind.names(client, StreamFilter=[{"StreamARN": ORDERS}, {"StreamARN": STREAM + "other"}]) == many
    assert kind.names(client, StreamFilter=[{"StreamARN": STREAM + "gone"}]) == []


def test_a_filter_tells_a_stream_from_one_made_anew(client: Any, kind: Kind, many: list[str]) -> None:
    same = {"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT}
    anew = {"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT + timedelta(seconds=1)}
    assert kind.names(client, StreamFilter=[same]) == many[::2]
    assert kind.names(client, StreamFilter=[anew]) == []
    assert kind.names(client, StreamFilter=[anew, same]) == many[::2]


def test_pages_continue_where_the_last_one_ended(client: Any, kind: Kind, many: list[str]) -> None:
    first = kind.page(client, MaxResults=3)
    second = kind.page(client, MaxResults=4, NextToken=first["NextToken"])
    assert [*kind.names_in(first), *kind.names_in(second)] == many
    assert "NextToken" not in second


def test_the_paginator_walks_all_with_and_without_a_filter(client: Any, kind: Kind, many: list[str]) -> None:
    paginator = client.get_paginator(f"list_{kind}")
    for parameters, expected in (({}, many), ({"StreamFilter": [{"StreamARN": ORDERS}]}, many[::2])):
        pages = list(paginator.paginate(**parameters, PaginationConfig={"PageSize": 2}))
        assert len(pages) == -(-len(expected) // 2)
        assert [name for page in pages for name in kind.names_in(page)] == expected


def test_a_token_carries_the_filter(client: Any, refusal: Any, kind: Kind, many: list[str]) -> None:
    token = kind.page(client, MaxResults=2, StreamFilter=[{"StreamARN": ORDERS}])["NextToken"]
    assert kind.names(client, NextToken=token) == ["number-4", "number-6"]
    other = [{"StreamARN": STREAM + "other"}]
    assert refusal(kind.list_operation, NextToken=token, StreamFilter=other) == (
        "InvalidArgumentException",
        "Invalid NextToken.",
    )


def test_a_token_lives_300_seconds_and_no_longer(
    kinesis: KinesisFake, client: Any, refusal: Any, kind: Kind, many: list[str]
) -> None:
    token = kind.page(client, MaxResults=6)["NextToken"]
    kinesis.advance(seconds=300)
    assert kind.names(client, NextToken=token) == ["number-6"]
    kinesis.advance(milliseconds=1)
    assert refusal(kind.list_operation, NextToken=token) == (
        "ExpiredNextTokenException",
        "The pagination token has expired. A NextToken is valid for 300 seconds.",
    )


def test_a_token_of_another_operation_is_refused(client: Any, refusal: Any, kind: Kind) -> None:
    token = client.list_streams(Limit=1)["NextToken"]
    for wrong in (token, "token"):
        assert refusal(kind.list_operation, NextToken=wrong) == ("InvalidArgumentException", "Invalid NextToken.")


def test_a_page_holds_a_hundred(client: Any, kind: Kind) -> None:
    for number in range(101):
        kind.create(client, f"number-{number}")
    for parameters in ({}, {"MaxResults": 10_000}):
        first = kind.page(client, **parameters)
        assert len(kind.names_in(first)) == 100
        assert len(kind.names(client, NextToken=first["NextToken"])) == 1
    assert len(kind.names(client, MaxResults=99)) == 99


# --- the stream ---------------------------------------------------------------------------------------------------


def test_a_stream_counts_its_queues_and_channels(kinesis: KinesisFake, client: Any, kind: Kind) -> None:
    def count(stream_name: str = "orders") -> tuple[int, int]:
        summary = client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]
        return summary[f"{kind.upper}Count"], summary["ConsumerCount"]

    assert count() == (0, 0)
    arn = kind.arn(kind.create(client))
    kind.create(client, "second")
    assert count() == (2, 0)
    kinesis.settle()
    kind.delete(client, arn)
    assert count() == (2, 0)
    kinesis.settle()
    assert count() == (1, 0)
    assert count("other") == (0, 0)


@pytest.mark.parametrize("flag", [{}, {"EnforceConsumerDeletion": True}, {"EnforceConsumerDeletion": False}])
def test_a_stream_that_has_a_queue_or_channel_cannot_be_deleted(
    kinesis: KinesisFake, client: Any, refusal: Any, kind: Kind, arn: str, flag: dict[str, bool]
) -> None:
    in_use = (
        "ResourceInUseException",
        f"DeleteStream can't delete {A}:orders because there are {kind} on this data stream. Delete every {kind.lower} "
        f"with Delete{kind.upper} first.",
    )
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    kind.delete(client, arn)
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    kinesis.settle()
    client.delete_stream(StreamName="orders", **flag)


def test_a_stream_that_has_a_queue_or_channel_cannot_become_provisioned(
    kinesis: KinesisFake, client: Any, refusal: Any, kind: Kind, arn: str
) -> None:
    provisioned = {"StreamARN": ORDERS, "StreamModeDetails": {"StreamMode": "PROVISIONED"}}
    held = (
        "ResourceInUseException",
        f"Stream orders under account {A} cannot be switched to PROVISIONED mode because it has {kind}. Delete the "
        f"{kind} before you change the capacity mode.",
    )
    assert refusal("UpdateStreamMode", **provisioned) == held
    kind.delete(client, arn)
    assert refusal("UpdateStreamMode", **provisioned) == held
    kinesis.settle()
    client.update_stream_mode(**provisioned)


# --- tags ---------------------------------------------------------------------------------------------------------


def tags_of(client: Any, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceARN=arn)["Tags"]}


def test_a_queue_or_channel_has_its_tags_from_the_beginning(client: Any, kind: Kind) -> None:
    arn = kind.arn(kind.create(client, Tags={"team": "billing", "empty": ""}))
    assert tags_of(client, arn) == {"team": "billing", "empty": ""}


def test_the_tags_of_a_queue_or_channel_can_be_changed_while_it_is_active(
    kinesis: KinesisFake, client: Any, refusal: Any, kind: Kind
) -> None:
    arn = kind.arn(kind.create(client, Tags={"team": "billing"}))
    for operation, parameters in (("TagResource", {"Tags": {"a": "b"}}), ("UntagResource", {"TagKeys": ["team"]})):
        assert refusal(operation, ResourceARN=arn, **parameters) == (
            "ResourceInUseException",
            f"{kind.upper} {kind.default_name} under account {A} not ACTIVE, instead in state CREATING",
        )
    kinesis.settle()
    client.tag_resource(ResourceARN=arn, Tags={"a": "b"})
    client.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert tags_of(client, arn) == {"a": "b"}


def test_a_queue_or_channel_has_fifty_tags_and_not_one_more(client: Any, refusal: Any, kind: Kind) -> None:
    tags = {f"key-{number}": "" for number in range(50)}
    assert len(tags_of(client, kind.arn(kind.create(client, Tags=tags)))) == 50
    assert refusal(kind.create_operation, **kind.parameters("new", Tags={**tags, "one": "more"})) == (
        "InvalidArgumentException",
        f"Failed to add tags to {kind.lower} new because a given resource cannot have more than 50 tags associated "
        "with it.",
    )


def test_a_queue_or_channel_that_is_not_there_has_no_tags(refusal: Any, kind: Kind) -> None:
    assert refusal("ListTagsForResource", ResourceARN=kind.nowhere()) == (
        "ResourceNotFoundException",
        f"{kind.upper} nowhere under account {A} not found.",
    )


# --- the view -----------------------------------------------------------------------------------------------------


def test_a_view_shows_a_queue_or_channel_by_its_name_and_by_its_arn(
    kinesis: KinesisFake, client: Any, kind: Kind
) -> None:
    arn = kind.arn(kind.create(client))
    empty = {"queue": "0 waiting, 0 in flight, 0 dead letters", "channel": "0 delivered"}[kind.lower]
    for view in (kind.view(kinesis, kind.default_name), kind.view(kinesis, arn)):
        told = (getattr(view, f"{kind.lower}_name"), getattr(view, f"{kind.lower}_arn"), view.stream_name)
        assert told == (kind.default_name, arn, "orders")
        assert view.status == "CREATING"
        assert repr(view) == f"<{kind.lower} {kind.default_name} CREATING, {empty}>"
    kinesis.settle()
    assert kind.view(kinesis, kind.default_name).status == "ACTIVE"


def test_a_view_finds_a_queue_or_channel_of_another_region_by_its_arn(
    kinesis: KinesisFake, foreign_client: Any, kind: Kind
) -> None:
    foreign_client.create_stream(StreamName="orders", StreamModeDetails=ON_DEMAND)
    kinesis.settle()
    arn = kind.arn(kind.create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders"))
    assert getattr(kind.view(kinesis, arn), f"{kind.lower}_arn") == arn


def test_a_view_of_an_unknown_queue_or_channel_says_which_there_are(
    kinesis: KinesisFake, client: Any, kind: Kind
) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kind.view(kinesis, kind.default_name)
    assert str(caught.value) == (
        f"There is no {kind.lower} {kind.default_name!r} in us-east-1; the {kind} are: none. Make it with "
        f"{kind.create_operation} through a client."
    )
    kind.create(client, "b")
    kind.create(client, "a")
    for wrong in ("c", kind.nowhere()):
        with pytest.raises(KinesisFakeError, match=f"the {kind} are: a, b"):
            kind.view(kinesis, wrong)
