"""The floor: a botocore client whose ``before-call`` handler answers with constants, in a freshly built dict."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
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


def floor_client(answer: Callable[[], dict[str, Any]] | None = None) -> Any:
    """A client without anything of ours: a handler before ours answers with what ``answer`` makes, or by operation."""
    client: Any = botocore.session.Session().create_client("kinesis", **_OF_CLIENT)
    return _on_the_floor(client, answer)


async def aio_floor_client(answer: Callable[[], dict[str, Any]] | None = None) -> Any:
    """The same with a client of aiobotocore, which need not be closed: it never opens a connection."""
    from aiobotocore.session import AioSession

    session: Any = AioSession()
    return _on_the_floor(await session._create_client("kinesis", **_OF_CLIENT), answer)


_OF_CLIENT: dict[str, Any] = {
    "region_name": "us-east-1",
    "aws_access_key_id": "none",
    "aws_secret_access_key": "none",
}


def _on_the_floor(client: Any, answer: Callable[[], dict[str, Any]] | None) -> Any:
    def respond(model: Any, **_: Any) -> tuple[type[_Response], dict[str, Any]]:
        parsed = answer() if answer is not None else _ANSWERS[model.name]()
        parsed["ResponseMetadata"] = {
            "RequestId": "00000000-0000-0000-0000-000000000000",
            "HTTPStatusCode": 200,
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        }
        return _Response, parsed

    # Sessions that are made after kinesis_fake was imported have handlers of ours; a client of the floor loses them.
    for handler in _ours(client.meta.events, "before-call.kinesis"):
        client.meta.events.unregister("before-call.kinesis", handler)
    client.meta.events.register_first("before-call.kinesis", respond)
    # An active fake replaces these methods of the classes; an attribute of the object goes before them.
    for replaced, name in (
        (client, "_convert_to_request_dict"),
        (client, "_resolve_endpoint_ruleset"),
        (client._ruleset_resolver, "_get_customized_builtins"),
        (client._serializer._param_validator, "validate"),
        (client._serializer._serializer, "serialize_to_request"),
    ):
        setattr(replaced, name, inspect.unwrap(getattr(type(replaced), name)).__get__(replaced))
    return client


def _ours(events: Any, event: str) -> list[Any]:
    handlers = events._emitter._handlers.prefix_search(event)
    return [each for each in handlers if getattr(each, "__module__", "").startswith("kinesis_fake")]


def lower_floor_client(answer: Callable[[], dict[str, Any]] | None = None) -> Any:
    """The floor without what the fake spares botocore: endpoints, bodies, the User-Agent, the check of parameters.

    It is what a call costs at least if all of that is spared for nothing.
    """
    client = floor_client(answer)
    url = "https://kinesis.us-east-1.amazonaws.com"
    endpoint: Any = url, {}, {}
    client._resolve_endpoint_ruleset = lambda *_, **__: endpoint

    def convert(api_params: Any, operation_model: Any, context: Any, **_: Any) -> dict[str, Any]:
        return {"url": url, "method": "POST", "headers": {}, "body": b"", "context": context}

    client._convert_to_request_dict = convert
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


def put_record() -> dict[str, Any]:
    return {"ShardId": _SHARD_ID, "SequenceNumber": _NUMBER}


def put_records(records: int) -> Callable[[], dict[str, Any]]:
    return lambda: {
        "FailedRecordCount": 0,
        "Records": [{"SequenceNumber": _NUMBER, "ShardId": _SHARD_ID} for _ in range(records)],
    }


def get_records() -> dict[str, Any]:
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


def get_no_records() -> dict[str, Any]:
    return {"Records": [], "NextShardIterator": "A" * 204, "MillisBehindLatest": 0}


def get_shard_iterator() -> dict[str, Any]:
    return {"ShardIterator": "A" * 204}


def _shards() -> list[dict[str, Any]]:
    return [
        {
            "ShardId": _SHARD_ID,
            "HashKeyRange": {"StartingHashKey": _NUMBER, "EndingHashKey": _NUMBER},
            "SequenceNumberRange": {"StartingSequenceNumber": _NUMBER},
        }
        for _ in range(4)
    ]


def list_shards() -> dict[str, Any]:
    return {"Shards": _shards()}


def describe_stream() -> dict[str, Any]:
    return {
        "StreamDescription": {
            "StreamName": "orders",
            "StreamARN": _ARN,
            "StreamStatus": "ACTIVE",
            "StreamModeDetails": {"StreamMode": "PROVISIONED"},
            "Shards": _shards(),
            "HasMoreShards": False,
            "RetentionPeriodHours": 24,
            "StreamCreationTimestamp": _ARRIVAL,
            "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
            "EncryptionType": "NONE",
        }
    }


_ANSWERS = {
    "PutRecord": put_record,
    "PutRecords": put_records(500),
    "GetRecords": get_records,
    "DescribeStreamSummary": _describe_stream_summary,
}
