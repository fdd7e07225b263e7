"""Outside of fakes the process is as it was before."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.client
import botocore.session
import botocore.waiter
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from kinesis_fake import KinesisFakeError, fake_kinesis
from tests.support.no_network import NetworkTouched

pytestmark = pytest.mark.interpreter


@pytest.fixture(autouse=True)
def nothing_of_ours_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A monkeypatch may find a function of ours inside a fake and put it back later. It goes with the next fake."""
    yield
    monkeypatch.undo()
    with fake_kinesis():
        pass


def patched_attributes() -> dict[tuple[str, str], Any]:
    """All functions that a fake might replace: those of every class of the client libraries that it touches."""
    modules = [
        sys.modules[f"{package}.{module}"]
        for package in ("botocore", "aiobotocore", "awscli.botocore")
        for module in ("client", "session", "waiter", "handlers", "endpoint", "retryhandler", "credentials")
        if f"{package}.{module}" in sys.modules
    ]
    return {
        (f"{owner.__module__}.{owner.__qualname__}", name): value
        for module in modules
        for owner in vars(module).values()
        if isinstance(owner, type)
        for name, value in vars(owner).items()
        if callable(value)
    }


def differing(before: dict[tuple[str, str], Any], after: dict[tuple[str, str], Any]) -> set[tuple[str, str]]:
    return {key for key in before.keys() | after.keys() if before.get(key) is not after.get(key)}


def test_all_that_was_replaced_is_restored_when_the_last_fake_is_left() -> None:
    before = patched_attributes()
    with fake_kinesis():
        inside = patched_attributes()
        assert ("botocore.client.BaseClient", "_make_request") in differing(before, inside)
        with fake_kinesis():
            assert differing(inside, patched_attributes()) == set()
        assert differing(inside, patched_attributes()) == set()
    assert differing(before, patched_attributes()) == set()


def test_it_is_restored_whatever_goes_wrong() -> None:
    before = patched_attributes()
    outer, inner = fake_kinesis(), fake_kinesis()
    outer.__enter__()
    inner.__enter__()
    with pytest.raises(KinesisFakeError):
        outer.__exit__(None, None, None)
    inner.__exit__(None, None, None)
    with pytest.raises(KinesisFakeError):
        inner.__exit__(None, None, None)
    with pytest.raises(KinesisFakeError):
        fake_kinesis(streams={"": 1}).__enter__()
    assert differing(before, patched_attributes()) == set()


def test_what_another_patcher_has_wrapped_in_the_meantime_is_still_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    way_in = fake_kinesis()
    way_in.__enter__()
    ours: Callable[..., Any] = botocore.session.Session.create_client

    def theirs(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        seen.append(service_name)
        return ours(self, service_name, *args, **kwargs)

    monkeypatch.setattr(botocore.session.Session, "create_client", theirs)
    way_in.__exit__(None, None, None)
    assert botocore.session.Session.create_client is theirs
    keys: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
    with pytest.raises(NetworkTouched):
        boto3.client("kinesis", **keys).list_streams()
    with fake_kinesis():
        assert boto3.client("kinesis").list_streams()["StreamNames"] == []
    assert botocore.session.Session.create_client is theirs
    monkeypatch.undo()
    assert seen == ["kinesis", "kinesis"]


def seconds_waited() -> float:
    """The virtual seconds that a waiter takes, in a fake of its own."""
    with fake_kinesis() as kinesis:
        client = kinesis.client()
        client.create_stream(StreamName="orders", ShardCount=1)
        before = kinesis.now
        client.get_waiter("stream_exists").wait(StreamName="orders")
        return (kinesis.now - before).total_seconds()


def test_what_another_patcher_puts_back_too_late_is_no_trouble_and_does_not_pile_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiter_class = botocore.waiter.Waiter
    original = waiter_class.wait
    for _ in range(3):
        way_in = fake_kinesis()
        way_in.__enter__()
        monkeypatch.setattr(waiter_class, "wait", lambda self, **_: None)
        way_in.__exit__(None, None, None)
        monkeypatch.undo()
    assert waiter_class.wait is not original  # what the monkeypatch found inside the last fake
    assert seconds_waited() == 20
    assert waiter_class.wait is original


def test_a_waiter_that_is_guarded_twice_waits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    way_in = fake_kinesis()
    way_in.__enter__()
    ours: Callable[..., Any] = botocore.waiter.Waiter.wait
    monkeypatch.setattr(botocore.waiter.Waiter, "wait", lambda self, **kwargs: ours(self, **kwargs))
    way_in.__exit__(None, None, None)
    assert seconds_waited() == 20


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def client(sent: list[str]) -> Any:
    """A client made before any fake, whose requests end in an object that stands for the network."""
    client = boto3.client("kinesis", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")

    class Raw:
        def stream(self, **_: Any) -> list[bytes]:
            return [b'{"StreamNames": ["of AWS"], "HasMoreStreams": false}']

    class Network:
        def send(self, request: Any) -> AWSResponse:
            sent.append(request.headers["X-Amz-Target"].decode())
            return AWSResponse(request.url, 200, HTTPHeaders(), Raw())

    vars(client)["_endpoint"].http_session = Network()
    return client


def test_a_client_goes_its_normal_way_before_and_after_a_fake(client: Any, sent: list[str]) -> None:
    assert client.list_streams()["StreamNames"] == ["of AWS"]
    with fake_kinesis(streams={"orders": 1}):
        assert client.list_streams()["StreamNames"] == ["orders"]
        assert sent == ["Kinesis_20131202.ListStreams"]
    assert client.list_streams()["StreamNames"] == ["of AWS"]
    assert sent == ["Kinesis_20131202.ListStreams"] * 2


def test_a_client_made_inside_a_fake_goes_its_normal_way_afterwards(sent: list[str]) -> None:
    with fake_kinesis():
        client = boto3.client("kinesis")
    with pytest.raises(NetworkTouched):
        client.list_streams()


def test_a_waiter_really_sleeps_again_outside_a_fake(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[Any] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    waiter = client.get_waiter("stream_exists")
    with pytest.raises(botocore.exceptions.WaiterError, match="Max attempts exceeded"):
        waiter.wait(StreamName="orders", WaiterConfig={"Delay": 7, "MaxAttempts": 2})
    assert slept == [7]
    with fake_kinesis(streams={"orders": 1}):
        waiter.wait(StreamName="orders")
    assert slept == [7]
