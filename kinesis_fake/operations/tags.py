"""Tags of streams."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kinesis_fake import errors
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import CREATING, DELETING, Stream
from kinesis_fake.errors import AwsError
from kinesis_fake.operations.registry import Answer, operation

#: The most tags a page holds (API reference, ListTagsForStream).
LIST_TAGS_PAGE = 50
# The letters AWS lets pass, as recorded: more than its message says, and "%" only for the first of two checks.
_INVALID = re.compile("[^\u00c0-\u1fff\u2c00-\ud7ffA-Za-z0-9_./\\-=+ @%]")


@operation
def add_tags_to_stream(region: Region, now: int, *, stream: Stream, tags: dict[str, str]) -> None:
    """Add tags, or give existing ones another value."""
    check_tags(tags, stream.stream_name, region.account_id)
    if len(stream.tags.keys() | tags.keys()) > region.world.limits.tags:
        raise errors.too_many_tags(stream.stream_name, region.account_id)
    _require_taggable(stream)
    stream.tags.update(tags)


@operation
def remove_tags_from_stream(region: Region, now: int, *, stream: Stream, tag_keys: list[str]) -> None:
    """Remove tags; keys that the stream does not have are ignored."""
    _check_characters(
        tag_keys, lambda: errors.tags_not_removed_illegal_characters(stream.stream_name, region.account_id)
    )
    _require_taggable(stream)
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


def check_tags(tags: dict[str, str], stream_name: str, account_id: str) -> None:
    """Refuse tags with characters that AWS does not take."""
    _check_characters(
        [*tags.keys(), *tags.values()], lambda: errors.tags_not_added_illegal_characters(stream_name, account_id)
    )


def _check_characters(texts: Iterable[str], illegal: Callable[[], AwsError]) -> None:
    texts = list(texts)
    if any(_INVALID.search(text) for text in texts):
        raise errors.tags_with_invalid_characters()
    if any("%" in text for text in texts):
        raise illegal()


def _require_taggable(stream: Stream) -> None:
    """Tags can be read in every state, but changed neither before the stream is ACTIVE nor once it is deleted."""
    if stream.status in (CREATING, DELETING):
        raise errors.stream_not_active(stream.stream_name, stream.region.account_id, stream.status)
