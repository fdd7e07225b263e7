"""A queue in lists, on its stream, under tags and policies, and in its view."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointResolutionError

from kinesis_fake import KinesisFake, KinesisFakeError, Limits, fake_kinesis
from tests.support.model import needs
from tests.support.queues import MIDNIGHT, NOWHERE, ORDERS, STREAM, A, create, names

pytestmark = [
    needs("CreateQueue"),
    pytest.mark.fake_kinesis(
        start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}, "other": {}, "old": 1}
    ),
]


@pytest.mark.parametrize("method", ["describe_queue", "delete_queue"])
def test_a_client_refuses_the_arn_of_a_stream_as_that_of_a_queue(client: Any, billing: Any, method: Any) -> None:
    with pytest.raises(EndpointResolutionError, match="QueueARN only supports `queue` ARN types, found: `stream`"):
        getattr(client, method)(QueueARN=ORDERS)
    assert client.describe_queue(QueueARN=billing)["QueueDescription"]["QueueStatus"] == "ACTIVE"


# --- listing ------------------------------------------------------------------------------------------------------


def test_queues_are_listed_in_the_order_of_their_names_with_their_streams(kinesis: KinesisFake, client: Any) -> None:
    kinesis.advance(seconds=1)
    other = create(client, "alpha", STREAM + "other")["QueueARN"]
    kinesis.advance(seconds=1)
    create(client, "Beta")
    assert names(client) == ["Beta", "alpha"]
    assert client.list_queues()["QueueSummaries"][1] == {
        "QueueName": "alpha",
        "QueueARN": other,
        "QueueStatus": "CREATING",
        "QueueCreationTimestamp": MIDNIGHT + timedelta(seconds=1),
        "Streams": [{"StreamARN": STREAM + "other", "StreamCreationTimestamp": MIDNIGHT}],
    }


def test_a_filter_names_the_streams(kinesis: KinesisFake, client: Any) -> None:
    create(client, "a")
    create(client, "b", STREAM + "other")
    assert names(client, StreamFilter=[{"StreamARN": ORDERS}]) == ["a"]
    assert names(client, StreamFilter=[{"StreamARN": ORDERS}, {"StreamARN": STREAM + "other"}]) == ["a", "b"]
    assert names(client, StreamFilter=[{"StreamARN": STREAM + "gone"}]) == []


def test_a_filter_tells_a_stream_from_one_made_anew(client: Any) -> None:
    create(client, "a")
    for created, expected in ((MIDNIGHT, ["a"]), (MIDNIGHT + timedelta(seconds=1), [])):
        assert names(client, StreamFilter=[{"StreamARN": ORDERS, "StreamCreationTimestamp": created}]) == expected


@pytest.fixture
def many(kinesis: KinesisFake, client: Any) -> Any:
    """Seven queues, four of them on the stream orders."""
    for number in range(7):
        create(client, f"queue-{number}", STREAM + ("other" if number % 2 else "orders"))
        kinesis.settle()
    return [f"queue-{number}" for number in range(7)]


def test_pages_are_as_long_as_asked(client: Any, many: Any) -> None:
    first = client.list_queues(MaxResults=3)
    second = client.list_queues(MaxResults=4, NextToken=first["NextToken"])
    assert [s["QueueName"] for s in [*first["QueueSummaries"], *second["QueueSummaries"]]] == many
    assert "NextToken" not in second


def test_the_paginator_walks_all_queues_with_and_without_a_filter(client: Any, many: Any) -> None:
    paginator = client.get_paginator("list_queues")
    for parameters, expected in (({}, many), ({"StreamFilter": [{"StreamARN": ORDERS}]}, many[::2])):
        pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}, **parameters))
        assert len(pages) == -(-len(expected) // 2)
        assert [s["QueueName"] for page in pages for s in page["QueueSummaries"]] == expected


def test_a_token_carries_the_filter(client: Any, refusal: Any, many: Any) -> None:
    token = client.list_queues(MaxResults=2, StreamFilter=[{"StreamARN": ORDERS}])["NextToken"]
    assert names(client, NextToken=token) == ["queue-4", "queue-6"]
    other = [{"StreamARN": STREAM + "other"}]
    assert refusal("ListQueues", NextToken=token, StreamFilter=other) == (
        "InvalidArgumentException",
        "Invalid NextToken.",
    )


def test_a_token_lives_300_seconds_and_no_longer(kinesis: KinesisFake, client: Any, refusal: Any, many: Any) -> None:
    token = client.list_queues(MaxResults=6)["NextToken"]
    kinesis.advance(seconds=300)
    assert names(client, NextToken=token) == ["queue-6"]
    kinesis.advance(milliseconds=1)
    assert refusal("ListQueues", NextToken=token) == (
        "ExpiredNextTokenException",
        "The pagination token has expired. A NextToken is valid for 300 seconds.",
    )


def test_a_token_of_another_operation_is_refused(client: Any, refusal: Any) -> None:
    token = client.list_streams(Limit=1)["NextToken"]
    for wrong in (token, "token"):
        assert refusal("ListQueues", NextToken=wrong) == ("InvalidArgumentException", "Invalid NextToken.")


def test_a_page_holds_a_hundred_queues() -> None:
    limits = Limits(consumers_per_stream=200, queues_creating_or_deleting=200)
    with fake_kinesis(limits=limits, autojump=False, streams={"orders": {}}) as fake:
        client: Any = fake.client()
        for number in range(101):
            create(client, f"queue-{number}")
        for parameters in ({}, {"MaxResults": 10_000}):
            first = client.list_queues(**parameters)
            assert len(first["QueueSummaries"]) == 100
            assert len(client.list_queues(NextToken=first["NextToken"])["QueueSummaries"]) == 1
        assert len(client.list_queues(MaxResults=99)["QueueSummaries"]) == 99


# --- the stream of a queue ----------------------------------------------------------------------------------------


def queue_count(client: Any, stream_name: Any = "orders") -> Any:
    summary = client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]
    return summary["QueueCount"], summary["ConsumerCount"]


def test_a_stream_counts_its_queues_apart_from_its_consumers(kinesis: KinesisFake, client: Any) -> None:
    assert queue_count(client) == (0, 0)
    queue_arn = create(client)["QueueARN"]
    create(client, "second")
    assert queue_count(client) == (2, 0)
    kinesis.settle()
    client.delete_queue(QueueARN=queue_arn)
    assert queue_count(client) == (2, 0)
    kinesis.settle()
    assert queue_count(client) == (1, 0)
    assert queue_count(client, "other") == (0, 0)


@pytest.mark.parametrize("flag", [{}, {"EnforceConsumerDeletion": True}, {"EnforceConsumerDeletion": False}])
def test_a_stream_with_queues_cannot_be_deleted(
    kinesis: KinesisFake, client: Any, refusal: Any, billing: Any, flag: Any
) -> None:
    in_use = (
        "ResourceInUseException",
        f"DeleteStream can't delete {A}:orders because there are queues on this data stream. Delete every queue with "
        "DeleteQueue first.",
    )
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    client.delete_queue(QueueARN=billing)
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    kinesis.settle()
    client.delete_stream(StreamName="orders", **flag)


def test_a_stream_with_queues_cannot_become_provisioned(
    kinesis: KinesisFake, client: Any, refusal: Any, billing: Any
) -> None:
    provisioned = {"StreamARN": ORDERS, "StreamModeDetails": {"StreamMode": "PROVISIONED"}}
    assert refusal("UpdateStreamMode", **provisioned) == (
        "ResourceInUseException",
        f"Stream orders under account {A} cannot be switched to PROVISIONED mode because it has queues. Delete the "
        "queues before you change the capacity mode.",
    )
    client.delete_queue(QueueARN=billing)
    kinesis.settle()
    client.update_stream_mode(**provisioned)


# --- tags and policies --------------------------------------------------------------------------------------------


def tags_of(client: Any, queue_arn: Any) -> Any:
    return {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceARN=queue_arn)["Tags"]}


def test_a_queue_has_its_tags_from_the_beginning(client: Any) -> None:
    queue_arn = create(client, Tags={"team": "billing", "empty": ""})["QueueARN"]
    assert tags_of(client, queue_arn) == {"team": "billing", "empty": ""}


def test_the_tags_of_a_queue_can_be_changed_while_it_is_active(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    queue_arn = create(client, Tags={"team": "billing"})["QueueARN"]
    for operation, parameters in (("TagResource", {"Tags": {"a": "b"}}), ("UntagResource", {"TagKeys": ["team"]})):
        assert refusal(operation, ResourceARN=queue_arn, **parameters) == (
            "ResourceInUseException",
            f"Queue billing under account {A} not ACTIVE, instead in state CREATING",
        )
    kinesis.settle()
    client.tag_resource(ResourceARN=queue_arn, Tags={"a": "b"})
    client.untag_resource(ResourceARN=queue_arn, TagKeys=["team"])
    assert tags_of(client, queue_arn) == {"a": "b"}


def test_a_queue_has_fifty_tags_and_not_one_more(client: Any, refusal: Any) -> None:
    tags = {f"key-{number}": "" for number in range(50)}
    assert len(tags_of(client, create(client, Tags=tags)["QueueARN"])) == 50
    too_many = {**tags, "one": "more"}
    configuration = [{"StreamARN": ORDERS}]
    assert refusal("CreateQueue", QueueName="new", StreamConfigurationList=configuration, Tags=too_many) == (
        "InvalidArgumentException",
        "Failed to add tags to queue new because a given resource cannot have more than 50 tags associated with it.",
    )


def test_a_queue_that_is_not_there_has_no_tags(refusal: Any) -> None:
    assert refusal("ListTagsForResource", ResourceARN=NOWHERE) == (
        "ResourceNotFoundException",
        f"Queue nowhere under account {A} not found.",
    )


def test_a_queue_has_a_policy(client: Any, billing: Any) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": "kinesis:ReceiveQueueRecords",
        "Resource": billing,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_resource_policy(ResourceARN=billing, Policy=policy)
    assert client.get_resource_policy(ResourceARN=billing)["Policy"] == policy
    client.delete_resource_policy(ResourceARN=billing)
    assert client.get_resource_policy(ResourceARN=billing)["Policy"] == "{}"


# --- the view -----------------------------------------------------------------------------------------------------


def test_a_view_shows_a_queue_by_its_name_and_by_its_arn(kinesis: KinesisFake, client: Any) -> None:
    queue_arn = create(client)["QueueARN"]
    for view in (kinesis.queue("billing"), kinesis.queue(queue_arn)):
        assert (view.queue_name, view.queue_arn, view.stream_name) == ("billing", queue_arn, "orders")
        assert view.status == "CREATING"
        assert repr(view) == "<queue billing CREATING, 0 waiting, 0 in flight, 0 dead letters>"
    kinesis.settle()
    assert kinesis.queue("billing").status == "ACTIVE"


def test_a_view_finds_a_queue_of_another_region_by_its_arn(kinesis: KinesisFake, foreign_client: Any) -> None:
    foreign_client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    queue_arn = create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders")["QueueARN"]
    assert kinesis.queue(queue_arn).queue_arn == queue_arn


def test_a_view_of_no_queue_says_which_there_are(kinesis: KinesisFake, client: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.queue("billing")
    assert str(caught.value) == (
        "There is no queue 'billing' in us-east-1; the queues are: none. Make it with CreateQueue through a client."
    )
    create(client, "b")
    create(client, "a")
    with pytest.raises(KinesisFakeError, match="the queues are: a, b"):
        kinesis.queue(NOWHERE)
