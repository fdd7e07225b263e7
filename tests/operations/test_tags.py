"""AddTagsToStream and RemoveTagsFromStream, and the tags that a stream has afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 1})


def tags_of(client: Any, stream_name: Any = "s") -> Any:
    return {tag["Key"]: tag["Value"] for tag in client.list_tags_for_stream(StreamName=stream_name)["Tags"]}


def test_tags_are_added_replaced_and_removed(client: Any) -> None:
    client.add_tags_to_stream(StreamName="s", Tags={"a": "1", "b": ""})
    client.add_tags_to_stream(StreamName="s", Tags={"a": "2", "A": "3"})
    assert tags_of(client) == {"a": "2", "A": "3", "b": ""}
    client.remove_tags_from_stream(StreamName="s", TagKeys=["a", "unknown"])
    assert tags_of(client) == {"A": "3", "b": ""}


def test_the_fiftieth_tag_fits(client: Any) -> None:
    client.add_tags_to_stream(StreamName="s", Tags={f"key-{number}": "" for number in range(49)})
    client.add_tags_to_stream(StreamName="s", Tags={"last": "", "key-0": "again"})
    assert len(tags_of(client)) == 50


@pytest.mark.parametrize("key", ["x" * 128, "ÀÿЖ한", "a b.c/d=e+f-g@h_i", " ", "a:b", ":", "AWS:x", "xaws:"])
def test_all_characters_that_are_allowed_can_be_used(client: Any, key: Any) -> None:
    client.add_tags_to_stream(StreamName="s", Tags={key: key * 2})
    assert tags_of(client) == {key: key * 2}


RESERVED = (
    "InvalidArgumentException",
    "Some tag keys in the request started with 'aws:'. System tags cannot be modified.",
)


@needs("TagResource")
def test_tags_with_a_colon_go_everywhere(client: Any) -> None:
    client.create_stream(StreamName="new", ShardCount=1, Tags={"team:name": "a:b"})
    assert tags_of(client, "new") == {"team:name": "a:b"}
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
    client.tag_resource(ResourceARN=arn, Tags={"cost:centre": "1"})
    client.add_tags_to_stream(StreamName="s", Tags={"cost:centre": "2:3"})
    assert tags_of(client) == {"cost:centre": "2:3"}
    client.remove_tags_from_stream(StreamName="s", TagKeys=["cost:centre"])
    assert tags_of(client) == {}


def test_keys_that_begin_with_aws_are_not_for_users(client: Any, refusal: Any) -> None:
    assert refusal("AddTagsToStream", StreamName="s", Tags={"a": "1", "aws:b": "2"}) == RESERVED
    assert refusal("RemoveTagsFromStream", StreamName="s", TagKeys=["a", "aws:b"]) == RESERVED
    assert refusal("CreateStream", StreamName="new", ShardCount=1, Tags={"aws:b": "2"}) == RESERVED
    client.add_tags_to_stream(StreamName="s", Tags={"a": "aws:b"})
    assert tags_of(client) == {"a": "aws:b"}


def test_a_character_that_no_tag_may_have_is_told_before_the_prefix(refusal: Any) -> None:
    assert refusal("AddTagsToStream", StreamName="s", Tags={"aws:b": ";"}) == (
        "InvalidArgumentException",
        "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, "
        "_ . / = + - % @.",
    )


def test_tags_of_a_new_stream_are_there_at_once_and_cannot_be_changed_until_it_is_active(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    client.create_stream(StreamName="new", ShardCount=1, Tags={"a": "1"})
    assert tags_of(client, "new") == {"a": "1"}
    not_active = (
        "ResourceInUseException",
        "Stream new under account 123456789012 not ACTIVE or UPDATING, instead in state CREATING",
    )
    assert refusal("AddTagsToStream", StreamName="new", Tags={"b": "2"}) == not_active
    assert refusal("RemoveTagsFromStream", StreamName="new", TagKeys=["a"]) == not_active
    kinesis.settle()
    client.add_tags_to_stream(StreamName="new", Tags={"b": "2"})
    assert tags_of(client, "new") == {"a": "1", "b": "2"}


def test_tags_go_with_their_stream(kinesis: KinesisFake, client: Any) -> None:
    client.add_tags_to_stream(StreamName="s", Tags={"a": "1"})
    client.delete_stream(StreamName="s")
    assert tags_of(client) == {"a": "1"}
    kinesis.settle()
    kinesis.create_stream("s", shards=1)
    assert tags_of(client) == {}


def test_a_callers_own_tags_are_not_kept(client: Any) -> None:
    tags = {"a": "1"}
    client.create_stream(StreamName="new", ShardCount=1, Tags=tags)
    tags["a"] = "2"
    assert tags_of(client, "new") == {"a": "1"}
