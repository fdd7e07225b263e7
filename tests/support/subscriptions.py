"""The errors of subscriptions, and how tests read them from an event stream."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EventStreamError

from tests.support.libraries import SHARD


def data_of(event: dict[str, Any]) -> list[bytes]:
    return [record["Data"] for record in event["Records"]]


def seconds_since(start: datetime, now: datetime) -> float:
    return (now - start).total_seconds()


A = "123456789012"
TAKEN = (
    "ResourceInUseException",
    f"Another active subscription exists for this consumer: {A}:orders:{SHARD}:billing",
)


def error_in(events: Any) -> tuple[str, str]:
    """Code and message of the error with which a stream ends; asserts that nothing comes after it."""
    with pytest.raises(EventStreamError) as caught:
        next(events)
    assert isinstance(caught.value, ClientError)
    assert caught.value.operation_name == "SubscribeToShard"
    assert list(events) == []
    error = caught.value.response["Error"]
    assert str(caught.value) == (
        f"An error occurred ({error['Code']}) when calling the SubscribeToShard operation: {error['Message']}"
    )
    return error["Code"], error["Message"]
