"""Questions that tests of the decorator ask inside and outside of it."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from kinesis_fake.botocore_hook import ACTIVE_FAKES


def stream_names() -> list[str]:
    """The names of the streams that a client of no particular fake sees."""
    names: list[str] = boto3.client("kinesis").list_streams()["StreamNames"]
    return names


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    assert len(ACTIVE_FAKES) == 0
    yield
    assert len(ACTIVE_FAKES) == 0
