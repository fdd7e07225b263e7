"""Handlers of the code under test below before-call are called for a call that is never sent."""

from __future__ import annotations

import asyncio
import functools
import json
from typing import Any
from unittest.mock import MagicMock

import boto3
import botocore.client
import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError
from botocore.httpsession import URLLib3Session
from botocore.stub import Stubber

from kinesis_fake import Fault, KinesisFake
from tests.support.no_network import NetworkTouched
from tests.support.refusals import refused

KEYS: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
NOWHERE = ("ResourceNotFoundException", "Stream nowhere under account 123456789012 not found.")
URL = "https://kinesis.us-east-1.amazonaws.com/"
pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})


class Raw:
    """The body of a response."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, **_: Any) -> list[bytes]:
        return [self.content]


def response(status_code: int, **body: Any) -> AWSResponse:
    headers: Any = {"x-amzn-requestid": "of-the-test"}
    return AWSResponse(URL, status_code, headers, Raw(json.dumps(body).encode()))


@pytest.fixture
def client() -> Any:
    return boto3.client("kinesis", **KEYS)


def put(client: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.put_record(StreamName="orders", Data=b"x", PartitionKey="k")
    return answer


def test_each_event_comes_once_per_attempt_in_botocores_order(kinesis: KinesisFake, client: Any) -> None:
    events: list[str] = []
    arguments: dict[str, set[str]] = {}

    def listen(event_name: str, **given: Any) -> None:
        events.append(event_name)
        arguments[event_name.split(".")[0]] = set(given)

    names = ("before-send", "response-received", "request-created", "before-sign", "before-call", "after-call")
    for name in names:
        client.meta.events.register(f"{name}.kinesis", listen)
    kinesis.inject(Fault.throttle("PutRecord", times=1))
    put(client)
    attempt = ["request-created", "before-sign", "before-send", "response-received"]
    assert [event.split(".")[0] for event in events] == ["before-call", *attempt, *attempt, "after-call"]
    assert {event.partition(".")[2] for event in events} == {"kinesis.PutRecord"}
    assert arguments["request-created"] == {"request", "operation_name"}
    assert arguments["before-sign"] == {
        "request",
        "signing_name",
        "region_name",
        "signature_version",
        "request_signer",
        "operation_name",
    }
    assert arguments["before-send"] == {"request"}
    assert arguments["response-received"] == {"response_dict", "parsed_response", "context", "exception"}


def test_before_send_shows_what_would_be_sent(client: Any) -> None:
    sent = []
    client.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("X-Trace", "7"))
    client.meta.events.register("before-send.kinesis.PutRecord", lambda request, **_: sent.append(request))
    put(client)
    (request,) = sent
    assert (request.method, request.url) == ("POST", URL)
    assert json.loads(request.body) == {"StreamName": "orders", "Data": "eA==", "PartitionKey": "k"}
    assert request.headers["X-Trace"] == "7"
    assert request.headers["X-Amz-Target"] == "Kinesis_20131202.PutRecord"


def test_a_handler_that_plays_a_network_that_is_down_is_not_ignored(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis", config=Config(retries={"mode": "standard", "total_max_attempts": 3}), **KEYS)
    attempts: list[int] = []
    exceptions = []

    def down(request: Any, **_: Any) -> None:
        attempts.append(1)
        raise EndpointConnectionError(endpoint_url=request.url)

    client.meta.events.register("before-send.kinesis", down)
    client.meta.events.register("response-received.kinesis", lambda exception, **_: exceptions.append(exception))
    with pytest.raises(EndpointConnectionError, match=f'^Could not connect to the endpoint URL: "{URL}"$'):
        put(client)
    assert len(attempts) == len(exceptions) == 3
    assert {type(exception) for exception in exceptions} == {EndpointConnectionError}
    assert len(kinesis.calls) == len(kinesis.stream("orders").records) == 0


def test_the_network_may_come_back(kinesis: KinesisFake, client: Any) -> None:
    failures = [ConnectTimeoutError(endpoint_url=URL)]

    def down_once(**_: Any) -> None:
        if failures:
            raise failures.pop()

    client.meta.events.register("before-send.kinesis", down_once)
    assert put(client)["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(kinesis.stream("orders").records) == 1


def test_a_handler_may_answer_instead_of_the_fake(kinesis: KinesisFake, client: Any) -> None:
    answer = response(200, SequenceNumber="1", ShardId="shardId-000000000009")
    client.meta.events.register("before-send.kinesis", lambda **_: answer)
    given = put(client)
    assert (given["SequenceNumber"], given["ShardId"]) == ("1", "shardId-000000000009")
    assert given["ResponseMetadata"]["RequestId"] == "of-the-test"
    assert len(kinesis.stream("orders").records) == 0


def test_an_error_that_a_handler_answers_is_the_modelled_exception(client: Any) -> None:
    answer = response(400, __type="ResourceNotFoundException", message="Not there.")
    client.meta.events.register("before-send.kinesis", lambda **_: answer)
    with refused(client, "ResourceNotFoundException", "Not there."):
        put(client)


def test_a_throttle_that_a_handler_answers_is_retried_in_virtual_time(kinesis: KinesisFake, client: Any) -> None:
    before = kinesis.now
    answers = [response(400, __type="ProvisionedThroughputExceededException", message="Rate exceeded.")]
    client.meta.events.register("before-send.kinesis", lambda **_: answers.pop() if answers else None)
    assert put(client)["ResponseMetadata"]["RetryAttempts"] == 1
    assert kinesis.now > before
    assert len(kinesis.stream("orders").records) == 1


def test_what_a_handler_puts_into_the_body_counts(kinesis: KinesisFake, client: Any) -> None:
    def change(request: Any, **_: Any) -> None:
        request.data = json.dumps({"StreamName": "orders", "Data": "eQ==", "PartitionKey": "changed"}).encode()

    client.meta.events.register("before-sign.kinesis", change)
    put(client)
    (record,) = kinesis.stream("orders").records
    assert (record.data, record.partition_key) == (b"y", "changed")


def test_an_error_of_a_handler_that_signs_goes_its_way(client: Any) -> None:
    def fails(**_: Any) -> None:
        raise LookupError("no key")

    client.meta.events.register("before-sign.kinesis", fails)
    with pytest.raises(LookupError, match="no key"):
        put(client)


def test_handlers_that_come_and_go_are_heard_while_they_are_there(client: Any) -> None:
    seen: list[int] = []

    def look(number: int, **_: Any) -> None:
        seen.append(number)

    first = functools.partial(look, 1)
    put(client)
    client.meta.events.register("before-send.kinesis", first, "first")
    put(client)
    client.meta.events.unregister("before-send.kinesis", unique_id="first")
    put(client)
    assert seen == [1]


def test_a_refusal_of_the_fake_is_told_as_it_is_raised(client: Any) -> None:
    seen = []
    client.meta.events.register(
        "response-received.kinesis",
        lambda response_dict, parsed_response, **_: seen.append(
            (
                response_dict["status_code"],
                parsed_response["Error"]["Code"],
                json.loads(response_dict["body"])["__type"],
            )
        ),
    )
    with refused(client, *NOWHERE):
        client.describe_stream_summary(StreamName="nowhere")
    assert seen == [(400, "ResourceNotFoundException", "ResourceNotFoundException")]


def test_a_lost_answer_is_told_as_an_exception(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis", config=Config(retries={"total_max_attempts": 1}), **KEYS)
    kinesis.inject(Fault.connection_error("PutRecord", times=1))
    seen = []
    client.meta.events.register("response-received.kinesis", lambda exception, **_: seen.append(exception))
    with pytest.raises(EndpointConnectionError) as caught:
        put(client)
    assert seen == [caught.value]


def test_a_client_that_was_made_before_any_fake_has_its_handlers_called_too(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis", **KEYS)
    seen = []
    client.meta.events.register("before-send.kinesis", lambda request, **_: seen.append(request.url))
    client.meta.events.unregister("before-call.kinesis", unique_id="kinesis_fake before-call.kinesis")
    put(client)
    assert seen == [URL]


def test_nothing_is_signed_and_nothing_is_sent(kinesis: KinesisFake, client: Any) -> None:
    client.meta.events.register("before-send.kinesis", lambda **_: None)
    client._request_signer._credentials = None
    try:
        put(client)
    except NetworkTouched:  # pragma: no cover
        pytest.fail("the network was touched")
    assert len(kinesis.calls) == 1


def test_a_waiter_has_its_polls_told(kinesis: KinesisFake, client: Any) -> None:
    polls: list[Any] = []
    client.create_stream(StreamName="payments", ShardCount=1)
    client.meta.events.register("before-send.kinesis", lambda **_: polls.append(kinesis.now))
    client.get_waiter("stream_exists").wait(StreamName="payments")
    assert len(polls) == 3
    assert (polls[-1] - polls[0]).total_seconds() == 20


# --- the rest of the table of hooks -----------------------------------------------------------------------------------


def test_a_wrapper_of_make_api_call_wins(kinesis: KinesisFake, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", lambda self, name, parameters: {"of": name})
    assert client.list_streams() == {"of": "ListStreams"}
    assert len(kinesis.calls) == 0


def test_a_stubber_wins(kinesis: KinesisFake, client: Any) -> None:
    with Stubber(client) as stubber:
        stubber.add_response("list_streams", {"StreamNames": ["of the stub"], "HasMoreStreams": False})
        assert client.list_streams()["StreamNames"] == ["of the stub"]
    assert len(kinesis.calls) == 0
    assert client.list_streams()["StreamNames"] == ["orders"]


def test_what_is_not_signed_parsed_or_sent_has_no_events(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def listen(event_name: str, **_: Any) -> None:
        seen.append(event_name)

    for event in ("choose-signer", "before-parse", "after-call-error"):
        client.meta.events.register(f"{event}.kinesis", listen)
    put(client)
    with refused(client, *NOWHERE):
        client.describe_stream_summary(StreamName="nowhere")
    assert seen == []


# --- replacements of what sends -------------------------------------------------------------------------------------


def unreached(*_: Any, **__: Any) -> None:
    raise EndpointConnectionError(endpoint_url=URL)


def replace_make_request(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint.Endpoint, "make_request", unreached)


def replace_send_by_a_mock(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint.Endpoint, "_send", MagicMock(side_effect=unreached))


def wrap_the_session(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(URLLib3Session, "send", functools.wraps(URLLib3Session.send)(unreached))


def replace_in_the_client(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vars(client)["_endpoint"], "make_request", unreached)


@pytest.mark.parametrize(
    ("replace", "place"),
    [
        (replace_make_request, "Endpoint.make_request"),
        (replace_send_by_a_mock, "Endpoint._send"),
        (wrap_the_session, "URLLib3Session.send"),
        (replace_in_the_client, "Endpoint.make_request"),
    ],
)
def test_a_replacement_that_no_call_reaches_is_warned_of(
    client: Any, monkeypatch: pytest.MonkeyPatch, replace: Any, place: str
) -> None:
    replace(client, monkeypatch)
    with pytest.warns(UserWarning, match="has been replaced") as caught:
        put(client)
    assert [str(warning.message) for warning in caught] == [
        f"{place} of this client has been replaced, and is not called: a fake of Kinesis answers before a request is "
        "sent. Order a failure with kinesis.inject(), such as Fault.connection_error(), or register a handler of "
        "before-send."
    ]
    put(client)  # once per client and operation is enough


@pytest.mark.asyncio_clients
def test_a_replacement_that_no_call_of_aiobotocore_reaches_is_warned_of(
    kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = pytest.importorskip("aiobotocore.endpoint")

    async def main() -> None:
        async with kinesis.aio_client() as client:
            await client.list_streams()
            monkeypatch.setattr(endpoint.AioEndpoint, "_send", unreached)
            with pytest.warns(UserWarning, match=r"^AioEndpoint\._send of this client has been replaced"):
                await client.list_shards(StreamName="orders")

    asyncio.run(main())


def test_a_wrapper_that_passes_for_what_it_wraps_is_not_warned_of(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """So tracing libraries that use wrapt disturb no suite that takes warnings for errors."""

    class Wrapper:
        def __init__(self, wrapped: Any) -> None:
            self._wrapped = wrapped

        def __getattr__(self, name: str) -> Any:
            return getattr(self._wrapped, name)

        def __get__(self, instance: Any, owner: Any) -> Any:
            return self._wrapped.__get__(instance, owner)

    monkeypatch.setattr(botocore.endpoint.Endpoint, "make_request", Wrapper(botocore.endpoint.Endpoint.make_request))
    put(client)
