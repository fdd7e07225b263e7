"""Tags: of streams by the stream's name, of any resource by its ARN. For a stream both mean the same tags."""

from __future__ import annotations

from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.domain.tags import (
    check_resource_tag_keys,
    check_resource_tags,
    check_stream_tag_keys,
    check_stream_tags,
)
from kinesis_fake.operations.addressing import resource_of
from kinesis_fake.operations.rate import UNDOCUMENTED, per_account
from kinesis_fake.operations.registry import Result, operation

#: A page holds at most so many tags (API reference, ListTagsForStream).
LIST_TAGS_PAGE = 50


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=("Tags", "StreamName"),
    needs_stream="ACTIVE or UPDATING",
)
def add_tags_to_stream(region: Region, now: int, *, stream: Stream, tags: dict[str, str]) -> None:
    """Add tags, or give existing ones another value."""
    stream.require_changeable()
    check_stream_tags(tags, stream.tags, stream.stream_name, stream.region.account_id, region.world.limits.tags)
    stream.tags.update(tags)


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=("TagKeys", "StreamName"),
    needs_stream="ACTIVE or UPDATING",
)
def remove_tags_from_stream(region: Region, now: int, *, stream: Stream, tag_keys: list[str]) -> None:
    """Remove tags; keys that the stream does not have are ignored."""
    stream.require_changeable()
    check_stream_tag_keys(tag_keys, stream.stream_name, stream.region.account_id)
    for key in tag_keys:
        stream.tags.pop(key, None)


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms=None,
    member_order=("Limit", "ExclusiveStartTagKey", "StreamName"),
)
def list_tags_for_stream(
    region: Region,
    now: int,
    *,
    stream: Stream,
    exclusive_start_tag_key: str | None = None,
    limit: int = LIST_TAGS_PAGE,
) -> Result:
    """List tags in the order of their keys' code points, a page at a time."""
    keys = sorted(key for key in stream.tags if exclusive_start_tag_key is None or key > exclusive_start_tag_key)
    return {
        "Tags": [{"Key": key, "Value": stream.tags[key]} for key in keys[:limit]],
        "HasMoreTags": len(keys) > limit,
    }


@operation(rate=UNDOCUMENTED, across_accounts=None, kms=None, member_order=(), needs_stream="ACTIVE or UPDATING")
def tag_resource(region: Region, now: int, *, resource_arn: str, tags: dict[str, str]) -> None:
    """Add tags to a stream, a consumer, a queue or a channel, or give existing ones another value."""
    resource = resource_of(region, resource_arn)
    resource.require_changeable()
    check_resource_tags(tags, resource.tags, f"resource {resource_arn}", region.world.limits.tags)
    resource.tags.update(tags)


@operation(rate=UNDOCUMENTED, across_accounts=None, kms=None, member_order=(), needs_stream="ACTIVE or UPDATING")
def untag_resource(region: Region, now: int, *, resource_arn: str, tag_keys: list[str]) -> None:
    """Remove tags; keys that the resource does not have are ignored."""
    resource = resource_of(region, resource_arn)
    resource.require_changeable()
    check_resource_tag_keys(tag_keys)
    for key in tag_keys:
        resource.tags.pop(key, None)


@operation(rate=UNDOCUMENTED, across_accounts=None, kms=None, member_order=())
def list_tags_for_resource(region: Region, now: int, *, resource_arn: str) -> Result:
    """List all tags in the order of their keys' code points."""
    tags = resource_of(region, resource_arn).tags
    return {"Tags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}
