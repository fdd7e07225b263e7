"""The checks of tags: their characters, AWS's reserved keys, and how many tags a resource may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kinesis_fake import errors
from kinesis_fake.errors import AwsError

# The characters that AWS accepts, as recorded: more than its message says, and "%" only in the first of two checks. The
# patterns take milliseconds to compile, so the first call with tags compiles them.
_INVALID = "[^\u00c0-\u1fff\u2c00-\ud7ffA-Za-z0-9_.:/\\-=+ @%]"
# The same for resources, which the API reference does not allow "%".
_INVALID_OF_RESOURCE = "[^\u00c0-\u1fff\u2c00-\ud7ffA-Za-z0-9_.:/\\-=+ @]"
_RESERVED_PREFIX = "aws:"


def check_stream_tags(
    tags: dict[str, str], existing: dict[str, str], stream_name: str, account_id: str, limit: int
) -> None:
    """Refuse tags that AWS does not accept for a stream that has the ``existing`` ones."""
    _check_characters(
        [*tags.keys(), *tags.values()], lambda: errors.tags_not_added_illegal_characters(stream_name, account_id)
    )
    _refuse_reserved(tags)
    if len(existing.keys() | tags.keys()) > limit:
        raise errors.too_many_tags(stream_name, account_id)


def check_stream_tag_keys(tag_keys: list[str], stream_name: str, account_id: str) -> None:
    """Refuse to remove a stream's tags with these keys if they have characters that AWS refuses, or are reserved."""
    _check_characters(tag_keys, lambda: errors.tags_not_removed_illegal_characters(stream_name, account_id))
    _refuse_reserved(tag_keys)


def check_resource_tags(tags: dict[str, str], existing: dict[str, str], resource: str, limit: int) -> None:
    """Refuse tags that AWS does not accept for a resource that has the ``existing`` ones."""
    _check_resource_characters([*tags.keys(), *tags.values()])
    _refuse_reserved(tags)
    if len(existing.keys() | tags.keys()) > limit:
        raise errors.too_many_tags_of_resource(resource, limit)


def check_resource_tag_keys(tag_keys: list[str]) -> None:
    """Refuse to remove a resource's tags with these keys if they have characters that AWS refuses, or are reserved."""
    _check_resource_characters(tag_keys)
    _refuse_reserved(tag_keys)


def _refuse_reserved(tag_keys: Iterable[str]) -> None:
    if any(key.startswith(_RESERVED_PREFIX) for key in tag_keys):
        raise errors.reserved_tag_key()


def _check_resource_characters(texts: Iterable[str]) -> None:
    if any(re.search(_INVALID_OF_RESOURCE, text) for text in texts):
        raise errors.resource_tags_with_invalid_characters()


def _check_characters(texts: Iterable[str], illegal: Callable[[], AwsError]) -> None:
    texts = list(texts)
    if any(re.search(_INVALID, text) for text in texts):
        raise errors.tags_with_invalid_characters()
    if any("%" in text for text in texts):
        raise illegal()
