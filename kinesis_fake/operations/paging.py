"""Pagination tokens, which live 300 seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kinesis_fake import errors
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.token import InvalidTokenError
from kinesis_fake.settings import NEXT_TOKEN_LIFETIME_MS

T = TypeVar("T")


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
    """What a token resumes with; AWS's errors for one that is wrong or too old."""
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
