"""Pages of listings, and the tokens that lead from one to the next, which expire after 300 seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from kinesis_fake import errors
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sealed_token import InvalidTokenError
from kinesis_fake.domain.stream import Stream
from kinesis_fake.settings import NEXT_TOKEN_LIFETIME_MS


class _OfStream(Protocol):
    """A channel or a queue."""

    stream: Stream


T = TypeVar("T")
R = TypeVar("R", bound=_OfStream)


def page(
    region: Region,
    operation_name: str,
    items: Sequence[T],
    limit: int,
    resume_with: Callable[[T], list[object]],
    now: int,
) -> tuple[list[T], str | None]:
    """The first ``limit`` items, and a token that resumes after the last of them if there are more."""
    shown = list(items[:limit])
    if len(items) <= limit:
        return shown, None
    fields = [region.account_id, region.region_name, now, *resume_with(shown[-1])]
    return shown, region.world.mint.seal(operation_name, fields)


def open_next_token(region: Region, operation_name: str, token: str, now: int) -> list[Any]:
    """The parts that a token was made of; raises AWS's errors for a token that is wrong or too old."""
    try:
        account_id, region_name, issued_at, *resume_with = region.world.mint.open(operation_name, token)
    except InvalidTokenError:
        raise errors.next_token_invalid() from None
    if (account_id, region_name) != (region.account_id, region.region_name):
        raise errors.next_token_invalid()
    assert isinstance(issued_at, int)
    if now - issued_at > NEXT_TOKEN_LIFETIME_MS:
        raise errors.next_token_expired()
    return resume_with


def page_by_stream(
    region: Region,
    operation_name: str,
    resources: Iterable[R],
    name_of: Callable[[R], str],
    stream_filter: Sequence[Mapping[str, Any]] | None,
    limit: int,
    next_token: str | None,
    now: int,
) -> tuple[list[R], str | None]:
    """A page of the channels or queues on the streams of a filter, in the order of their names, and its token.

    A token holds the filter and where to continue. The caller may give the filter again with the token, as botocore's
    paginator does, but it must be the same one.
    """
    wanted = [[entry["StreamARN"], entry.get("StreamCreationTimestamp")] for entry in stream_filter or ()]
    after = ""
    if next_token is not None:
        issued_for, after = open_next_token(region, operation_name, next_token, now)
        if stream_filter is not None and wanted != issued_for:
            raise errors.next_token_invalid()
        wanted = issued_for
    found = [
        resource
        for resource in resources
        if name_of(resource) > after and (not wanted or _is_on_one_of(resource.stream, wanted))
    ]
    found.sort(key=name_of)
    return page(region, operation_name, found, limit, lambda resource: [wanted, name_of(resource)], now)


def _is_on_one_of(stream: Stream, wanted: Sequence[Sequence[Any]]) -> bool:
    return any(
        stream.stream_arn == stream_arn and created in (None, stream.creation_timestamp)
        for stream_arn, created in wanted
    )
