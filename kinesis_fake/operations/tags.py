"""Tags of streams, by the stream's name and by any resource's ARN; both mean the same tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kinesis_fake import errors
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.errors import AwsError
from kinesis_fake.operations.registry import Answer, operation
from kinesis_fake.operations.resources import resource_of

#: The most tags a page holds (API reference, ListTagsForStream).
LIST_TAGS_PAGE = 50
# The letters AWS lets pass, as recorded: more than its message says, and "%" only for the first of two checks. Sets as
# large as these take milliseconds to compile, which is left to the first who has tags.
_INVALID = "[^\u00c0-\u1fff\u2c00-\ud7ffA-Za-z0-9_.:/\\-=+ @%]"
# The same for resources, which the API reference does not allow "%".
_INVALID_OF_RESOURCE = "[^\u00c0-\u1fff\u2c00-\ud7ffA-Za-z0-9_.:/\\-=+ @]"
_RESERVED_PREFIX = "aws:"


@operation
def add_tags_to_stream(region: Region, now: int, *, stream: Stream, tags: dict[str, str]) -> None:
    """Add tags, or give existing ones another value."""
    stream.require_changeable()
    check_tags(tags, stream.stream_name, stream.region.account_id)
    if len(stream.tags.keys() | tags.keys()) > region.world.limits.tags:
        raise errors.too_many_tags(stream.stream_name, stream.region.account_id)
    stream.tags.update(tags)


@operation
def remove_tags_from_stream(region: Region, now: int, *, stream: Stream, tag_keys: list[str]) -> None:
    """Remove tags; keys that the stream does not have are ignored."""
    stream.require_changeable()
    _check_characters(
        tag_keys, lambda: errors.tags_not_removed_illegal_characters(stream.stream_name, stream.region.account_id)
    )
    _refuse_reserved(tag_keys)
    for key in tag_keys:
        stream.tags.pop(key, None)


@operation
def list_tags_for_stream(
    region: Region,
    now: int,
    *,
    stream: Stream,
    exclusive_start_tag_key: str | None = None,
    limit: int = LIST_TAGS_PAGE,
) -> Answer:
    """A page of tags in the order of their keys' code points."""
    keys = sorted(key for key in stream.tags if exclusive_start_tag_key is None or key > exclusive_start_tag_key)
    return {
        "Tags": [{"Key": key, "Value": stream.tags[key]} for key in keys[:limit]],
        "HasMoreTags": len(keys) > limit,
    }


@operation
def tag_resource(region: Region, now: int, *, resource_arn: str, tags: dict[str, str]) -> None:
    """Add tags to a stream, a consumer, a queue or a channel, or give existing ones another value."""
    resource = resource_of(region, resource_arn)
    resource.require_changeable()
    check_resource_tags(tags, resource.tags, f"resource {resource_arn}", region)
    resource.tags.update(tags)


@operation
def untag_resource(region: Region, now: int, *, resource_arn: str, tag_keys: list[str]) -> None:
    """Remove tags; keys that the resource does not have are ignored."""
    resource = resource_of(region, resource_arn)
    resource.require_changeable()
    _check_resource_characters(tag_keys)
    _refuse_reserved(tag_keys)
    for key in tag_keys:
        resource.tags.pop(key, None)


@operation
def list_tags_for_resource(region: Region, now: int, *, resource_arn: str) -> Answer:
    """All tags, in the order of their keys' code points."""
    tags = resource_of(region, resource_arn).tags
    return {"Tags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}


def check_resource_tags(tags: dict[str, str], existing: dict[str, str], resource: str, region: Region) -> None:
    """Refuse tags that AWS does not take for a resource that has the ``existing`` ones."""
    _check_resource_characters([*tags.keys(), *tags.values()])
    _refuse_reserved(tags)
    limit = region.world.limits.tags
    if len(existing.keys() | tags.keys()) > limit:
        raise errors.too_many_tags_of_resource(resource, limit)


def _check_resource_characters(texts: Iterable[str]) -> None:
    if any(re.search(_INVALID_OF_RESOURCE, text) for text in texts):
        raise errors.resource_tags_with_invalid_characters()


def check_tags(tags: dict[str, str], stream_name: str, account_id: str) -> None:
    """Refuse tags with characters that AWS does not take, and those of AWS itself."""
    _check_characters(
        [*tags.keys(), *tags.values()], lambda: errors.tags_not_added_illegal_characters(stream_name, account_id)
    )
    _refuse_reserved(tags)


def _refuse_reserved(tag_keys: Iterable[str]) -> None:
    if any(key.startswith(_RESERVED_PREFIX) for key in tag_keys):
        raise errors.reserved_tag_key()


def _check_characters(texts: Iterable[str], illegal: Callable[[], AwsError]) -> None:
    texts = list(texts)
    if any(re.search(_INVALID, text) for text in texts):
        raise errors.tags_with_invalid_characters()
    if any("%" in text for text in texts):
        raise illegal()
