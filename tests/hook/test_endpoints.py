"""Endpoints are resolved once per client and operation, and calls are the same as without that."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointProviderError

from kinesis_fake import KinesisFake, fake_kinesis

KEYS: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
ARN = "arn:aws:kinesis:us-east-1:{}:stream/orders"
HOME = ARN.format("123456789012")
OTHER = ARN.format("111122223333")


class Answered:
    """The part of an HTTP response that botocore looks at."""

    status_code = 200
    headers: dict[str, str] = {}  # noqa: RUF012


def resolutions_of(client: Any) -> list[str]:
    """The operations whose endpoint botocore itself resolves from now on."""
    resolved: list[str] = []
    resolver = client._ruleset_resolver
    original: Callable[..., Any] = resolver.construct_endpoint

    def construct_endpoint(operation_model: Any, **kwargs: Any) -> Any:
        resolved.append(operation_model.name)
        return original(operation_model=operation_model, **kwargs)

    resolver.construct_endpoint = construct_endpoint
    return resolved


def requests_of(client: Any) -> list[dict[str, Any]]:
    """The requests that a client is about to send from now on, and how each would be signed."""
    seen: list[dict[str, Any]] = []

    def look(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        seen.append(
            {
                "url": params["url"],
                "headers": {
                    name: value for name, value in params["headers"].items() if name != "amz-sdk-invocation-id"
                },
                "auth_type": context["auth_type"],
                "signing": context.get("signing"),
                "properties": context.get("endpoint_properties"),
            }
        )

    client.meta.events.register_first("before-call.kinesis", look)
    return seen


def put(client: Any, stream_arn: str | None = None) -> None:
    address = {"StreamName": "orders"} if stream_arn is None else {"StreamARN": stream_arn}
    client.put_record(Data=b"x", PartitionKey="k", **address)


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(streams={"orders": 1}) as fake:
        yield fake


def test_an_endpoint_is_resolved_once_per_operation(kinesis: KinesisFake) -> None:
    client: Any = boto3.client("kinesis", **KEYS)
    resolved = resolutions_of(client)
    for _ in range(3):
        put(client)
        client.describe_stream_summary(StreamName="orders")
    assert resolved == ["PutRecord", "DescribeStreamSummary"]


def test_copies_of_a_client_share_what_is_remembered(kinesis: KinesisFake) -> None:
    put(kinesis.client())
    client = kinesis.client()
    resolved = resolutions_of(client)
    put(client)
    assert resolved == []


#: Functions, because an older botocore does not take all of it.
CONFIGURATIONS: dict[str, Callable[[], dict[str, Any]]] = {
    "plain": dict,
    "FIPS and dual-stack": lambda: {"config": Config(use_fips_endpoint=True, use_dualstack_endpoint=True)},
    "endpoint": lambda: {"endpoint_url": "http://localhost:4566"},
    "without TLS": lambda: {"use_ssl": False},
    "account in the endpoint": lambda: {"aws_account_id": "123456789012"},
    "account required": lambda: {"config": Config(account_id_endpoint_mode="required")},
    "another signature": lambda: {"config": Config(signature_version="v4a")},
}


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_a_remembered_endpoint_changes_nothing_of_the_request(kinesis: KinesisFake, configuration: str) -> None:
    try:
        parameters: dict[str, Any] = {**KEYS, **CONFIGURATIONS[configuration]()}
        client: Any = botocore.session.Session().create_client("kinesis", **parameters)
    except TypeError as error:
        pytest.skip(f"this botocore does not take it: {error}")
    seen = requests_of(client)
    resolved = resolutions_of(client)
    for _ in range(2):
        put(client)
        client.describe_stream_summary(StreamName="orders")
    assert resolved == ["PutRecord", "DescribeStreamSummary"]
    assert seen[:2] == seen[2:]
    assert seen[0]["url"].startswith("http")


def test_each_arn_has_an_endpoint_of_its_own(kinesis: KinesisFake) -> None:
    client: Any = boto3.client("kinesis", **KEYS)
    seen = requests_of(client)
    resolved = resolutions_of(client)
    for stream_arn in (HOME, OTHER, HOME, OTHER):
        try:
            put(client, stream_arn)
        except ClientError:
            assert stream_arn == OTHER
    urls = [request["url"] for request in seen]
    assert (
        urls
        == [
            "https://123456789012.data-kinesis.us-east-1.amazonaws.com/",
            "https://111122223333.data-kinesis.us-east-1.amazonaws.com/",
        ]
        * 2
    )
    assert len(resolved) == 2


def test_handlers_of_the_resolution_are_called_for_every_call(kinesis: KinesisFake) -> None:
    client: Any = boto3.client("kinesis", **KEYS)
    seen = requests_of(client)
    put(client)

    def lead_elsewhere(builtins: dict[str, Any], **_: Any) -> None:
        builtins["SDK::Endpoint"] = "https://elsewhere.example"

    client.meta.events.register("before-endpoint-resolution.kinesis", lead_elsewhere)
    put(client)
    put(client)
    client.meta.events.unregister("before-endpoint-resolution.kinesis", lead_elsewhere)
    put(client)
    assert [request["url"] for request in seen] == [
        "https://kinesis.us-east-1.amazonaws.com/",
        "https://elsewhere.example/",
        "https://elsewhere.example/",
        "https://kinesis.us-east-1.amazonaws.com/",
    ]


def test_the_log_shows_every_resolution(kinesis: KinesisFake, caplog: pytest.LogCaptureFixture) -> None:
    client: Any = boto3.client("kinesis", **KEYS)
    put(client)
    caplog.set_level(logging.DEBUG, "botocore.regions")
    put(client)
    put(client)
    assert len([line for line in caplog.messages if line.startswith("Endpoint provider result: ")]) == 2


def test_what_a_call_says_of_its_signature_is_heard(kinesis: KinesisFake) -> None:
    client: Any = boto3.client("kinesis", **KEYS)
    seen = requests_of(client)
    put(client)

    def sign_for(context: dict[str, Any], **_: Any) -> None:
        context["signing"] = {"region": "eu-west-1"}

    client.meta.events.register("before-parameter-build.kinesis.PutRecord", sign_for)
    put(client)
    assert [request["signing"] for request in seen][1] == {"region": "eu-west-1", **(seen[0]["signing"] or {})}


def test_what_one_call_puts_into_its_context_is_not_there_in_the_next(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis", config=Config(signature_version="v4a"), **KEYS)

    def spoil(context: dict[str, Any], **_: Any) -> None:
        context.setdefault("signing", {})["spoilt"] = True

    put(client)
    client.meta.events.register_first("before-call.kinesis", spoil)
    put(client)
    client.meta.events.unregister("before-call.kinesis", spoil)
    seen = requests_of(client)
    put(client)
    assert seen[0]["signing"] is None or "spoilt" not in seen[0]["signing"]


def test_a_client_that_a_test_changes_is_resolved_anew(kinesis: KinesisFake) -> None:
    client: Any = boto3.client("kinesis", **KEYS)
    seen = requests_of(client)
    put(client)
    client._ruleset_resolver._builtins["AWS::UseFIPS"] = True
    put(client)
    assert [request["url"] for request in seen] == [
        "https://kinesis.us-east-1.amazonaws.com/",
        "https://kinesis-fips.us-east-1.amazonaws.com/",
    ]


def test_a_value_that_is_no_text_is_refused_as_botocore_refuses_it(kinesis: KinesisFake) -> None:
    client: Any = boto3.client("kinesis", **KEYS)
    for _ in range(2):
        with pytest.raises(EndpointProviderError, match=r"Value \(StreamARN\) is the wrong type"):
            put(client, ["not", "text"])  # type: ignore[arg-type]


def test_outside_of_a_fake_every_endpoint_is_resolved() -> None:
    def answer(**_: Any) -> Any:
        return Answered, {"ResponseMetadata": {}}

    client: Any = boto3.client("kinesis", **KEYS)
    client.meta.events.register_first("before-call.kinesis", answer)
    resolved = resolutions_of(client)
    put(client)
    put(client)
    assert resolved == ["PutRecord"] * 2


def test_a_presigned_url_is_what_it_is_outside_of_a_fake(kinesis: KinesisFake) -> None:
    client: Any = boto3.client("kinesis", **KEYS)
    put(client)
    url = client.generate_presigned_url("put_record", {"StreamName": "orders", "Data": b"x", "PartitionKey": "k"})
    assert url.startswith("https://kinesis.us-east-1.amazonaws.com/?")
