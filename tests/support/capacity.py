"""What tests of the capacity of streams do and expect."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Durations

A = "123456789012"
instant = pytest.mark.fake_kinesis(durations=Durations.instant())


def arn(stream_name: str) -> str:
    return f"arn:aws:kinesis:us-east-1:{A}:stream/{stream_name}"


def summary(client: Any, stream_name: str) -> dict[str, Any]:
    shown: dict[str, Any] = client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]
    return shown


def switch(client: Any, stream_name: str, mode: str, **parameters: Any) -> None:
    client.update_stream_mode(StreamARN=arn(stream_name), StreamModeDetails={"StreamMode": mode}, **parameters)


def mode(client: Any, stream_name: str) -> tuple[str, str, int]:
    """Status, mode and number of open shards; all three operations that show status and mode must agree."""
    described = client.describe_stream(StreamName=stream_name)["StreamDescription"]
    listed = next(s for s in client.list_streams()["StreamSummaries"] if s["StreamName"] == stream_name)
    shown = summary(client, stream_name)
    shown_by = {(d["StreamStatus"], d["StreamModeDetails"]["StreamMode"]) for d in (described, listed, shown)}
    assert len(shown_by) == 1
    return (*shown_by.pop(), shown["OpenShardCount"])


def commit(client: Any) -> None:
    client.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})


NO_COMMITMENT = (
    "ValidationException",
    "WarmThroughputMiBps is only supported for streams in ON_DEMAND mode of an account with "
    "MinimumThroughputBillingCommitment enabled.",
)
