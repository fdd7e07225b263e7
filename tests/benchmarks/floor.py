"""The floor: a botocore client whose ``before-call`` handler answers with constants, in a freshly built dict."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from types import FrameType
from typing import Any

import botocore.session
from dateutil.tz import tzlocal

_NUMBER = "49" + "6" * 54
_SHARD_ID = "shardId-000000000000"
_ARRIVAL = datetime(2026, 1, 1, tzinfo=timezone.utc).astimezone(tzlocal())
_DATA = b"d" * 1024
_ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"


def floor_client() -> Any:
    """Make it before ``kinesis_fake`` is imported, so that no handler of ours is in it."""
    client = botocore.session.Session().create_client(
        "kinesis", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    client.meta.events.register_first("before-call.kinesis", _answer)
    # An active fake replaces these methods of the classes; an attribute of the object goes before them.
    client._ruleset_resolver._get_customized_builtins = client._ruleset_resolver._get_customized_builtins
    client._resolve_endpoint_ruleset = client._resolve_endpoint_ruleset
    return client


def lower_floor_client() -> Any:
    """The floor without resolving endpoints: what a call costs at least if its endpoint is remembered for nothing."""
    client = floor_client()
    endpoint = "https://kinesis.us-east-1.amazonaws.com", {}, {}
    client._resolve_endpoint_ruleset = lambda *_, **__: endpoint
    return client


def require_untouched(client: Any) -> None:
    """Complain if anything of ours runs in a call of the floor: it would lift it, and make us look good."""
    ours = set()

    def look(frame: FrameType, event: str, argument: object) -> None:
        if frame.f_globals.get("__name__", "").startswith("kinesis_fake"):
            ours.add(frame.f_code.co_name)

    sys.setprofile(look)
    try:
        client.describe_stream_summary(StreamName="orders")
    finally:
        sys.setprofile(None)
    if ours:
        raise RuntimeError(f"The floor runs {', '.join(sorted(ours))} of kinesis_fake; keep it out.")


class _Response:
    status_code = 200
    headers: dict[str, str] = {}  # noqa: RUF012


def _answer(model: Any, **_: Any) -> tuple[type[_Response], dict[str, Any]]:
    answer = _ANSWERS[model.name]()
    answer["ResponseMetadata"] = {
        "RequestId": "00000000-0000-0000-0000-000000000000",
        "HTTPStatusCode": 200,
        "HTTPHeaders": {},
        "RetryAttempts": 0,
    }
    return _Response, answer


def _put_record() -> dict[str, Any]:
    return {"ShardId": _SHARD_ID, "SequenceNumber": _NUMBER}


def _put_records() -> dict[str, Any]:
    return {
        "FailedRecordCount": 0,
        "Records": [{"SequenceNumber": _NUMBER, "ShardId": _SHARD_ID} for _ in range(500)],
    }


def _get_records() -> dict[str, Any]:
    return {
        "Records": [
            {
                "SequenceNumber": _NUMBER,
                "ApproximateArrivalTimestamp": _ARRIVAL,
                "Data": _DATA,
                "PartitionKey": "k",
            }
            for _ in range(1000)
        ],
        "NextShardIterator": "A" * 204,
        "MillisBehindLatest": 0,
    }


def _describe_stream_summary() -> dict[str, Any]:
    return {
        "StreamDescriptionSummary": {
            "StreamName": "orders",
            "StreamARN": _ARN,
            "StreamStatus": "ACTIVE",
            "StreamModeDetails": {"StreamMode": "PROVISIONED"},
            "RetentionPeriodHours": 24,
            "StreamCreationTimestamp": _ARRIVAL,
            "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
            "EncryptionType": "NONE",
            "OpenShardCount": 4,
            "ConsumerCount": 0,
        }
    }


_ANSWERS = {
    "PutRecord": _put_record,
    "PutRecords": _put_records,
    "GetRecords": _get_records,
    "DescribeStreamSummary": _describe_stream_summary,
}
