"""Tags of streams and consumers by their ARN: TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from kinesis_fake import KinesisFake, Limits
from tests.support.model import needs

pytestmark = [
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": 1}),
    needs("TagResource"),
]

A = "123456789012"
ORDERS = f"arn:aws:kinesis:us-east-1:{A}:stream/orders"
BILLING = f"{ORDERS}/consumer/billing:1767225600"
INVALID = (
    "InvalidArgumentException",
    "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . : / = + - @.",
)


@pytest.fixture(autouse=True)
def billing(kinesis: KinesisFake, client: Any) -> None:
    """An ACTIVE consumer of the stream orders."""
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    kinesis.settle()


def tags_of(client: Any, resource_arn: Any) -> Any:
    return {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceARN=resource_arn)["Tags"]}


@pytest.mark.parametrize("resource_arn", [ORDERS, BILLING])
class TestOneResource:
    def test_a_new_resource_has_no_tags(self, client: Any, resource_arn: Any) -> None:
        assert client.list_tags_for_resource(ResourceARN=resource_arn)["Tags"] == []

    def test_tags_are_added_and_listed_in_the_order_of_their_keys(self, client: Any, resource_arn: Any) -> None:
        client.tag_resource(ResourceARN=resource_arn, Tags={"b": "1", "a": "2", "B": ""})
        client.tag_resource(ResourceARN=resource_arn, Tags={"c": "3", "a": "4"})
        assert client.list_tags_for_resource(ResourceARN=resource_arn)["Tags"] == [
            {"Key": "B", "Value": ""},
            {"Key": "a", "Value": "4"},
            {"Key": "b", "Value": "1"},
            {"Key": "c", "Value": "3"},
        ]

    def test_tags_are_removed_and_unknown_keys_ignored(self, client: Any, resource_arn: Any) -> None:
        client.tag_resource(ResourceARN=resource_arn, Tags={"a": "1", "b": "2"})
        client.untag_resource(ResourceARN=resource_arn, TagKeys=["a", "A", "none"])
        assert tags_of(client, resource_arn) == {"b": "2"}

    @pytest.mark.parametrize("text", ["a b", "é", "Ωмега", "漢字", "_.:/=+-@", "a:b", "0", "AWS:x", "xaws:"])
    def test_characters_that_are_taken(self, client: Any, resource_arn: Any, text: Any) -> None:
        client.tag_resource(ResourceARN=resource_arn, Tags={text: text})
        assert tags_of(client, resource_arn) == {text: text}
        client.untag_resource(ResourceARN=resource_arn, TagKeys=[text])
        assert tags_of(client, resource_arn) == {}

    @pytest.mark.parametrize("text", ["%", "a;b", "a,b", "a\tb", "a\nb", "!", "🦊", "(a)"])
    def test_characters_that_are_not(self, refusal: Any, resource_arn: Any, text: Any) -> None:
        assert refusal("TagResource", ResourceARN=resource_arn, Tags={text: "a"}) == INVALID
        assert refusal("TagResource", ResourceARN=resource_arn, Tags={"a": "b", "c": text}) == INVALID
        assert refusal("UntagResource", ResourceARN=resource_arn, TagKeys=["a", text]) == INVALID

    def test_keys_of_aws_are_reserved(self, refusal: Any, resource_arn: Any) -> None:
        assert refusal("TagResource", ResourceARN=resource_arn, Tags={"a": "b", "aws:name": "c"}) == (
            "InvalidArgumentException",
            "Some tag keys in the request started with 'aws:'. System tags cannot be modified.",
        )

    def test_a_resource_has_fifty_tags_and_no_more(self, client: Any, refusal: Any, resource_arn: Any) -> None:
        client.tag_resource(ResourceARN=resource_arn, Tags={f"k{number}": "" for number in range(49)})
        too_many = (
            "InvalidArgumentException",
            f"Failed to add tags to resource {resource_arn} because a given resource cannot have more than 50 tags "
            "associated with it.",
        )
        assert refusal("TagResource", ResourceARN=resource_arn, Tags={"x": "", "y": ""}) == too_many
        client.tag_resource(ResourceARN=resource_arn, Tags={"x": ""})
        assert refusal("TagResource", ResourceARN=resource_arn, Tags={"y": ""}) == too_many
        client.tag_resource(ResourceARN=resource_arn, Tags={"x": "another value", "k0": "too"})
        assert len(tags_of(client, resource_arn)) == 50


def test_a_stream_has_the_same_tags_by_its_name_and_by_its_arn(client: Any) -> None:
    client.add_tags_to_stream(StreamName="orders", Tags={"a": "1", "b": "2"})
    client.tag_resource(ResourceARN=ORDERS, Tags={"b": "3", "c:d": "4"})
    client.remove_tags_from_stream(StreamName="orders", TagKeys=["a"])
    assert tags_of(client, ORDERS) == {"b": "3", "c:d": "4"}
    client.untag_resource(ResourceARN=ORDERS, TagKeys=["c:d"])
    assert client.list_tags_for_stream(StreamARN=ORDERS)["Tags"] == [{"Key": "b", "Value": "3"}]


def test_the_tags_of_a_stream_and_of_its_consumer_are_two(client: Any) -> None:
    client.tag_resource(ResourceARN=ORDERS, Tags={"a": "stream"})
    client.tag_resource(ResourceARN=BILLING, Tags={"a": "consumer"})
    assert (tags_of(client, ORDERS), tags_of(client, BILLING)) == ({"a": "stream"}, {"a": "consumer"})


@needs("CreateStream", "Tags")
def test_the_tags_that_a_stream_is_made_with_are_there_at_once(client: Any) -> None:
    client.create_stream(StreamName="new", ShardCount=1, Tags={"a": "1"})
    assert tags_of(client, f"arn:aws:kinesis:us-east-1:{A}:stream/new") == {"a": "1"}


@needs("RegisterStreamConsumer", "Tags")
class TestTagsOfANewConsumer:
    def test_they_are_there_while_it_is_creating(self, client: Any) -> None:
        register = {"StreamARN": ORDERS, "ConsumerName": "audit"}
        arn = client.register_stream_consumer(**register, Tags={"team:x": "1"})["Consumer"]["ConsumerARN"]
        assert tags_of(client, arn) == {"team:x": "1"}

    def test_they_obey_the_same_rules(self, refusal: Any) -> None:
        register = {"StreamARN": ORDERS, "ConsumerName": "audit"}
        assert refusal("RegisterStreamConsumer", **register, Tags={"a": "%"}) == INVALID
        assert refusal("RegisterStreamConsumer", **register, Tags={"aws:a": ""}) == (
            "InvalidArgumentException",
            "Some tag keys in the request started with 'aws:'. System tags cannot be modified.",
        )
        too_many = {f"k{number}": "" for number in range(51)}
        assert refusal("RegisterStreamConsumer", **register, Tags=too_many) == (
            "InvalidArgumentException",
            "Failed to add tags to consumer audit because a given resource cannot have more than 50 tags associated "
            "with it.",
        )

    @pytest.mark.fake_kinesis(limits=Limits(tags=1))
    def test_the_limit_can_be_another(self, client: Any, refusal: Any) -> None:
        client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="audit", Tags={"a": ""})
        assert refusal("TagResource", ResourceARN=BILLING, Tags={"a": "", "b": ""}) == (
            "InvalidArgumentException",
            f"Failed to add tags to resource {BILLING} because a given resource cannot have more than 1 tags "
            "associated with it.",
        )


_CHANGES = [("TagResource", {"Tags": {"a": "1"}}), ("UntagResource", {"TagKeys": ["a"]})]


@pytest.mark.parametrize(("operation", "parameters"), _CHANGES)
@pytest.mark.parametrize("state", ["CREATING", "DELETING"])
def test_the_tags_of_a_consumer_are_changed_while_it_is_active(
    client: Any, refusal: Any, operation: Any, parameters: Any, state: Any
) -> None:
    consumer = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="audit")["Consumer"]
    arn = consumer["ConsumerARN"]
    if state == "DELETING":
        client.deregister_stream_consumer(ConsumerARN=arn)
    assert refusal(operation, ResourceARN=arn, **parameters) == (
        "ResourceInUseException",
        f"Consumer audit with creation timestamp {arn.rpartition(':')[2]} under stream orders and account {A} is not "
        "in ACTIVE status.",
    )
    assert tags_of(client, arn) == {}


@pytest.mark.parametrize(("operation", "parameters"), _CHANGES)
@pytest.mark.parametrize("state", ["creating", "active", "updating", "deleting"])
def test_the_tags_of_a_stream_are_changed_once_it_is_made_and_until_it_is_deleted(
    world: Any, client: Any, refusal: Any, operation: Any, parameters: Any, state: Any
) -> None:
    arn = world.stream(state).stream_arn
    if state in ("active", "updating"):
        getattr(client, xform_name(operation))(ResourceARN=arn, **parameters)
        assert tags_of(client, arn) == parameters.get("Tags", {})
    else:
        assert refusal(operation, ResourceARN=arn, **parameters) == (
            "ResourceInUseException",
            f"Stream {state} under account {A} not ACTIVE or UPDATING, instead in state {state.upper()}",
        )
        assert tags_of(client, arn) == {}


@pytest.mark.parametrize(("operation", "parameters"), [*_CHANGES, ("ListTagsForResource", {})])
@pytest.mark.parametrize(
    ("resource_arn", "message"),
    [
        (f"{ORDERS}2", f"Stream orders2 under account {A} not found."),
        (
            BILLING.replace("billing", "audit"),
            f"Consumer audit with creation timestamp {BILLING.rpartition(':')[2]} under stream: orders, "
            f"account {A} not found.",
        ),
        (
            BILLING[:-1] + "1",
            f"Consumer billing with creation timestamp {BILLING.rpartition(':')[2][:-1]}1 under stream: orders, "
            f"account {A} not found.",
        ),
        (f"{BILLING}/x", f"Resource {BILLING}/x not found."),
    ],
)
def test_there_must_be_a_resource(
    kinesis: KinesisFake, refusal: Any, operation: Any, parameters: Any, resource_arn: Any, message: Any
) -> None:
    plain_client = kinesis.client(endpoint_url="https://kinesis.us-east-1.amazonaws.com")  # sends any ARN
    assert refusal(operation, through=plain_client, ResourceARN=resource_arn, **parameters) == (
        "ResourceNotFoundException",
        message,
    )
