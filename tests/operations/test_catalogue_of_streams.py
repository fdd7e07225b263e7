"""Every recorded refusal of CreateStream, DeleteStream, Describe*, tags and retention: whole text, nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False)

A = "123456789012"
BAD_CHARACTERS = (
    "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @."
)
FORBIDDEN = (
    f"stream active under account {A} because some tags contained illegal characters. The allowed characters are "
    "Unicode letters, white-spaces, '_',',','/','=','+','-','@'."
)


def not_found(stream_name: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"Stream {stream_name} under account {A} not found."


def invalid(message: str) -> tuple[str, str]:
    return "InvalidArgumentException", message


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        # Whatever else is wrong with the call, the stream is looked for first.
        ("AddTagsToStream", {"Tags": {"a;b": "%"}}),
        ("RemoveTagsFromStream", {"TagKeys": [";"]}),
        ("ListTagsForStream", {}),
        ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 23}),
        ("DecreaseStreamRetentionPeriod", {"RetentionPeriodHours": 23}),
        ("DeleteStream", {}),
        ("DescribeStream", {}),
        ("DescribeStreamSummary", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("address", ["StreamName", "StreamARN"])
def test_a_stream_that_does_not_exist_is_not_found(
    world: Any, refusal: Any, operation: Any, parameters: Any, address: Any
) -> None:
    value = "missing" if address == "StreamName" else f"arn:aws:kinesis:us-east-1:{A}:stream/missing"
    assert refusal(operation, **{address: value}, **parameters) == not_found("missing")


@pytest.mark.parametrize("character", [";", "\t", "\n", ",", "#", "\u2028", "😀"])
def test_tags_with_other_characters_are_refused(world: Any, refusal: Any, character: Any) -> None:
    text = f"a{character}b"
    for tags in ({text: "value"}, {"key": text}, {"fine": "too", text: text}):
        assert refusal("AddTagsToStream", StreamName="active", Tags=tags) == invalid(BAD_CHARACTERS)
    assert refusal("RemoveTagsFromStream", StreamName="active", TagKeys=["fine", text]) == invalid(BAD_CHARACTERS)
    assert refusal("CreateStream", StreamName="new", ShardCount=1, Tags={text: ""}) == invalid(BAD_CHARACTERS)


def test_a_percent_sign_passes_the_first_check_of_tags_and_not_the_second(world: Any, refusal: Any) -> None:
    added, removed = f"Failed to add tags to {FORBIDDEN}", f"Failed to remove tags from {FORBIDDEN}"
    assert refusal("AddTagsToStream", StreamName="active", Tags={"a%": "b"}) == invalid(added)
    assert refusal("AddTagsToStream", StreamName="active", Tags={"a": "%b"}) == invalid(added)
    assert refusal("RemoveTagsFromStream", StreamName="active", TagKeys=["a", "%"]) == invalid(removed)
    assert refusal("AddTagsToStream", StreamName="active", Tags={"a": "%;"}) == invalid(BAD_CHARACTERS)


def test_a_stream_has_fifty_tags_at_most(world: Any, client: Any, refusal: Any) -> None:
    too_many = invalid(
        f"Failed to add tags to stream active under account {A} because a given stream cannot have more than 10 tags "
        "associated with it."
    )
    everything = {f"key-{number}": "value" for number in range(50)}
    more = {f"more-{number}": "value" for number in range(51)}
    assert refusal("AddTagsToStream", StreamName="active", Tags=more) == too_many
    client.add_tags_to_stream(StreamName="active", Tags=everything)
    assert refusal("AddTagsToStream", StreamName="active", Tags={"one": "more"}) == too_many
    client.add_tags_to_stream(StreamName="active", Tags={"key-0": "another value"})


@pytest.mark.parametrize("state", ["active", "creating", "updating", "deleting"])
def test_a_name_is_taken_whatever_the_state_of_its_stream(world: Any, refusal: Any, state: Any) -> None:
    taken = "ResourceInUseException", f"Stream {state} under account {A} already exists."
    assert refusal("CreateStream", StreamName=state, ShardCount=1) == taken
    assert refusal("CreateStream", StreamName=state, ShardCount=1_000_000) == taken
    assert refusal("CreateStream", StreamName=state, StreamModeDetails={"StreamMode": "ON_DEMAND"}) == taken


@pytest.mark.parametrize(("shard_count", "additional"), [(4, 4), (1000, 1000)])
@pytest.mark.fake_kinesis(limits=Limits(shards=6))
def test_an_account_has_only_so_many_open_shards(
    kinesis: KinesisFake, client: Any, refusal: Any, shard_count: Any, additional: Any
) -> None:
    kinesis.create_stream("three", shards=3)
    request = {"StreamName": "another", "ShardCount": shard_count}
    assert refusal("CreateStream", **request) == (
        "LimitExceededException",
        f"This request would exceed the shard limit for the account {A} in us-east-1. Current shard count for the "
        f"account: 3. Limit: 6. Number of additional shards that would have resulted from this request: {additional}. "
        "Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) "
        "for current limits and how to request higher limits.",
    )
    client.create_stream(StreamName="another", ShardCount=3)


@pytest.mark.parametrize("operation", ["IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod"])
@pytest.mark.parametrize("hours", [1, 23])
def test_records_are_kept_for_a_day_at_least(world: Any, refusal: Any, operation: Any, hours: Any) -> None:
    assert refusal(operation, StreamName="active", RetentionPeriodHours=hours) == invalid(
        f"Minimum allowed retention period is 24 hours. Requested retention period ({hours} hours) is too short."
    )


def test_a_longer_retention_cannot_be_shorter_and_a_shorter_one_not_longer(
    kinesis: KinesisFake, world: Any, client: Any, refusal: Any
) -> None:
    client.increase_stream_retention_period(StreamName="active", RetentionPeriodHours=48)
    kinesis.advance(minutes=1)
    assert refusal("IncreaseStreamRetentionPeriod", StreamName="active", RetentionPeriodHours=47) == invalid(
        "Requested retention period (47 hours) for stream active can not be shorter than existing retention period "
        "(48 hours). Use DecreaseRetentionPeriod API."
    )
    assert refusal("DecreaseStreamRetentionPeriod", StreamName="active", RetentionPeriodHours=49) == invalid(
        "Requested retention period (49 hours) for stream active can not be longer than existing retention period "
        "(48 hours). Use IncreaseRetentionPeriod API."
    )


def test_records_are_kept_for_a_year_at_most(kinesis: KinesisFake, world: Any, client: Any, refusal: Any) -> None:
    assert refusal("IncreaseStreamRetentionPeriod", StreamName="active", RetentionPeriodHours=8761) == invalid(
        "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long."
    )
    client.increase_stream_retention_period(StreamName="active", RetentionPeriodHours=8760)
    kinesis.settle()
    assert kinesis.stream("active").retention_period_hours == 8760
