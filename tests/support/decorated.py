"""What tests of the decorator ask inside it, and hold outside of it."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from kinesis_fake.botocore_hook import ACTIVE_FAKES


def stream_names() -> list[str]:
    """The names of the streams that a client sees which knows nothing of any fake."""
    names: list[str] = boto3.client("kinesis").list_streams()["StreamNames"]
    return names


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    assert len(ACTIVE_FAKES) == 0
    yield
    assert len(ACTIVE_FAKES) == 0
