"""The body and the User-Agent of a request are made only if other code looks at them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import boto3
import botocore.client
import botocore.serialize
import botocore.useragent
import pytest
from botocore.exceptions import ParamValidationError

from kinesis_fake import Fault, KinesisFake, fake_kinesis
from tests.hook.puts import KEYS, client, data_of, put_both

__all__ = ["client"]


def bodies_made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The data that botocore encodes for bodies from now on, and the User-Agents that it makes."""
    made: list[Any] = []
    serializer: Any = botocore.serialize.JSONSerializer
    serialize = serializer._serialize_type_blob

    def look(self: Any, serialized: Any, value: Any, *args: Any) -> None:
        made.append(value)
        serialize(self, serialized, value, *args)

    monkeypatch.setattr(serializer, "_serialize_type_blob", look)
    user_agent = botocore.useragent.UserAgentString
    to_string = user_agent.to_string

    def look_at_user_agent(self: Any) -> Any:
        made.append("User-Agent")
        return to_string(self)

    monkeypatch.setattr(user_agent, "to_string", look_at_user_agent)
    return made


def test_no_body_is_made_that_nothing_looks_at(
    kinesis: KinesisFake, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bodies_made(monkeypatch)
    put_both(client)
    assert data_of(kinesis) == [b"first", b"second"]
    assert made == []
    client.meta.events.register("before-call.kinesis", lambda params, **_: params["body"] and None)
    put_both(client)
    assert made == [b"first", b"second"]
    client.meta.events.register("before-call.kinesis", lambda params, **_: params["headers"]["User-Agent"] and None)
    client.list_streams()
    assert made[2:] == ["User-Agent"]


LOOKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a key": lambda request: (request["body"], request["headers"]["User-Agent"]),
    "get": lambda request: (request.get("body"), request["headers"].get("User-Agent")),
    "a copy": lambda request: (dict(request)["body"], dict(request["headers"])["User-Agent"]),
    "copy()": lambda request: (request.copy()["body"], request["headers"].copy()["User-Agent"]),
    "a deep copy": lambda request: (
        copy.deepcopy(request["headers"])["User-Agent"] and copy.copy(request)["body"],
        copy.deepcopy(request["headers"])["User-Agent"],
    ),
    "stars": lambda request: ({**request}["body"], {**request["headers"]}["User-Agent"]),
    "items": lambda request: (dict(request.items())["body"], dict(request["headers"].items())["User-Agent"]),
    "values": lambda request: (
        next(value for value in request.values() if type(value) is bytes),
        next(value for value in request["headers"].values() if "otocore/" in value),
    ),
    "pop": lambda request: (request.pop("body"), request["headers"].pop("User-Agent")),
    "setdefault": lambda request: (request.setdefault("body", b""), request["headers"].setdefault("User-Agent", "")),
    "in and keys": lambda request: (
        request["body"] if "body" in request and "body" in list(request) else None,
        request["headers"]["User-Agent"] if "User-Agent" in request["headers"].keys() else None,  # noqa: SIM118
    ),
    "or": lambda request: ((request | {})["body"], (request["headers"] | {})["User-Agent"]),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_request_has_body_and_user_agent_for_whatever_looks_at_it(
    kinesis: KinesisFake, client: Any, look: Callable[[dict[str, Any]], Any]
) -> None:
    seen = []

    def see(params: dict[str, Any], **_: Any) -> None:
        seen.append(look(params))
        params.setdefault("body", seen[0][0])

    client.meta.events.register("before-call.kinesis.PutRecord", see)
    client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    ((body, user_agent),) = seen
    assert json.loads(body) == {"StreamName": "orders", "Data": "Zmlyc3Q=", "PartitionKey": "k"}
    assert "otocore/" in user_agent
    assert data_of(kinesis) == [b"first"]


@pytest.mark.parametrize("owner", [botocore.client.BaseClient, botocore.serialize.JSONSerializer])
@pytest.mark.parametrize("is_first", [True, False], ids=["before the fake", "inside of it"])
@pytest.mark.parametrize("poses", [False, True], ids=["plain", "passes for what it wraps"])
def test_another_patcher_of_what_makes_a_request_is_shown_the_body(
    monkeypatch: pytest.MonkeyPatch, owner: Any, is_first: bool, poses: bool
) -> None:
    name = "_convert_to_request_dict" if owner is botocore.client.BaseClient else "serialize_to_request"
    seen: list[Any] = []

    class Wrapper:
        """A wrapper around a method, like wrapt's."""

        def __init__(self, wrapped: Any) -> None:
            self.wrapped = wrapped

        def __getattr__(self, attribute: str) -> Any:
            return getattr(self.wrapped, attribute)

        def __get__(self, owner: Any, kind: Any) -> Any:
            return Wrapper(self.wrapped.__get__(owner, kind)) if owner is not None else self

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            request = self.wrapped(*args, **kwargs)
            seen.append(json.loads(request["body"]))
            return request

    def patch() -> None:
        original = vars(owner)[name]
        wrapper = Wrapper(original)
        monkeypatch.setattr(owner, name, wrapper if poses else lambda *args, **kwargs: wrapper(*args, **kwargs))

    if is_first:
        patch()
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        if not is_first:
            patch()
        put_both(kinesis.client())
        assert [list(body) for body in seen] == [["StreamName", "Data", "PartitionKey"], ["StreamName", "Records"]]
        assert data_of(kinesis) == [b"first", b"second"]
        monkeypatch.undo()


def test_a_serializer_of_the_test_gets_a_request_with_a_user_agent(kinesis: KinesisFake, client: Any) -> None:
    class Serializer:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def serialize_to_request(self, parameters: Any, operation_model: Any) -> Any:
            return self.inner.serialize_to_request(dict(parameters), operation_model)

    seen: list[Any] = []
    client._serializer = Serializer(client._serializer)
    client.meta.events.register(
        "before-call.kinesis.PutRecord", lambda params, **_: seen.append(params["headers"]["User-Agent"])
    )
    client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    assert "otocore/" in seen[0]


def test_data_that_is_no_unicode_does_not_hide_what_else_is_wrong(kinesis: KinesisFake, client: Any) -> None:
    record = {"Data": "\ud800", "PartitionKey": "k"}
    with pytest.raises(ParamValidationError, match=r'Unknown parameter in input: "Bogus"'):
        client.put_record(StreamName="orders", Bogus=1, **record)
    with pytest.raises(ParamValidationError, match=r'Unknown parameter in input: "Bogus"'):
        client.put_records(StreamName="orders", Bogus=1, Records=[record])


def test_a_retry_policy_of_the_test_is_shown_the_request(kinesis: KinesisFake, client: Any) -> None:
    seen = []

    def look(request: dict[str, Any]) -> None:
        seen.append((json.loads(request["body"]), request["headers"]["User-Agent"]))

    client.meta.events.register("before-call.kinesis.PutRecord", lambda params, **_: look(params), "look")
    client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    client.meta.events.unregister("before-call.kinesis.PutRecord", unique_id="look")
    client.meta.events.register("needs-retry.kinesis.PutRecord", lambda request_dict, **_: look(request_dict))
    with kinesis.inject(Fault.throttle("PutRecord", times=2)):
        client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    assert seen == seen[:1] * 4  # it is asked about the success, too
    assert seen[0][0] == {"StreamName": "orders", "Data": "Zmlyc3Q=", "PartitionKey": "k"}
    assert data_of(kinesis) == [b"first", b"first"]


def test_once_the_fake_is_left_every_body_is_made() -> None:
    client: Any = boto3.client("kinesis", **KEYS)

    class Response:
        status_code = 200

    def answer(params: dict[str, Any], **_: Any) -> Any:
        return Response, {"body": params["body"]}

    with fake_kinesis(streams={"orders": 1}):
        put_both(client)
    client.meta.events.register_first("before-call.kinesis", answer)
    answered = client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    assert json.loads(answered["body"]) == {"StreamName": "orders", "Data": "Zmlyc3Q=", "PartitionKey": "k"}
