"""Clients that are bound to one fake: those of ``client()`` and those that are attached."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.refusals import refused

pytestmark = pytest.mark.interpreter

LEFT = (
    "This client belongs to a fake that has been left. Make the client, or call attach(), inside the fake that shall "
    "answer it."
)
TOO_LATE = "This fake has been left; make clients and call attach() while it is active."


def names(client: Any) -> list[str]:
    found: list[str] = client.list_streams()["StreamNames"]
    return found


def early_client() -> Any:
    return boto3.client("kinesis", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")


BINDINGS: dict[str, Callable[[KinesisFake], Any]] = {
    "client()": lambda fake: fake.client(),
    "client() with parameters": lambda fake: fake.client(config=Config(connect_timeout=1)),
    "an attached client": lambda fake: fake.attach(early_client()),
    "a client of an attached botocore session": lambda fake: fake.attach(botocore.session.get_session()).create_client(
        "kinesis"
    ),
    "a client of an attached boto3 session": lambda fake: fake.attach(boto3.Session()).client("kinesis"),
    "a client of a session without handlers": lambda fake: fake.attach(
        botocore.session.Session(include_builtin_handlers=False)
    ).create_client("kinesis"),
}


@pytest.fixture(params=list(BINDINGS.values()), ids=list(BINDINGS))
def bind(request: pytest.FixtureRequest) -> Callable[[KinesisFake], Any]:
    made: Callable[[KinesisFake], Any] = request.param
    return made


def test_a_bound_client_calls_its_fake_inside_another_one(bind: Callable[[KinesisFake], Any]) -> None:
    with fake_kinesis(streams={"outer": 1}) as outer:
        client = bind(outer)
        with fake_kinesis(streams={"inner": 1}):
            assert names(client) == ["outer"]
            client.put_record(StreamName="outer", Data=b"x", PartitionKey="k")
        assert names(client) == ["outer"]
        assert [record.data for record in outer.stream("outer").records] == [b"x"]


def test_a_bound_client_waits_in_the_time_of_its_fake(bind: Callable[[KinesisFake], Any]) -> None:
    with fake_kinesis(start="2026-01-01T00:00:00Z") as outer:
        client = bind(outer)
        with fake_kinesis(start="2026-01-01T00:00:00Z") as inner:
            client.create_stream(StreamName="orders", ShardCount=1)
            client.get_waiter("stream_exists").wait(StreamName="orders")
        assert outer.now.isoformat() == "2026-01-01T00:00:20+00:00"
        assert inner.now.isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_bound_client_fails_when_its_fake_has_been_left(bind: Callable[[KinesisFake], Any]) -> None:
    with fake_kinesis() as kinesis:
        client = bind(kinesis)
        client.create_stream(StreamName="orders", ShardCount=1)
    for call in (
        client.list_streams,
        lambda: client.get_waiter("stream_exists").wait(StreamName="orders"),
        lambda: next(iter(client.get_paginator("list_streams").paginate())),
    ):
        with pytest.raises(KinesisFakeError) as caught:
            call()
        assert str(caught.value) == LEFT


def test_a_bound_client_fails_inside_the_next_fake_too(bind: Callable[[KinesisFake], Any]) -> None:
    with fake_kinesis() as kinesis:
        client = bind(kinesis)
    with fake_kinesis(), pytest.raises(KinesisFakeError) as caught:
        client.list_streams()
    assert str(caught.value) == LEFT


def test_the_latest_attaching_holds() -> None:
    client = early_client()
    session = boto3.Session()
    with fake_kinesis(streams={"outer": 1}) as outer, fake_kinesis(streams={"inner": 1}) as inner:
        for fake, own in ((outer, "outer"), (inner, "inner"), (outer, "outer")):
            assert fake.attach(client) is client
            assert names(client) == [own]
            assert fake.attach(session) is session
            assert names(session.client("kinesis")) == [own]


def test_attaching_a_session_does_not_change_the_clients_it_made_before() -> None:
    session = boto3.Session(region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")
    earlier = session.client("kinesis")
    with fake_kinesis(streams={"outer": 1}) as outer, fake_kinesis(streams={"inner": 1}):
        outer.attach(session)
        assert names(session.client("kinesis")) == ["outer"]
        assert names(earlier) == ["inner"]


def test_attaching_a_client_changes_no_other() -> None:
    with fake_kinesis(streams={"outer": 1}) as outer, fake_kinesis(streams={"inner": 1}):
        attached, other = early_client(), early_client()
        outer.attach(attached)
        assert (names(attached), names(other)) == (["outer"], ["inner"])


def test_a_fake_that_was_never_entered_answers_its_own_clients_only() -> None:
    kinesis = KinesisFake(streams={"orders": 1})
    assert names(kinesis.client()) == ["orders"]
    assert names(kinesis.attach(early_client())) == ["orders"]
    with fake_kinesis():
        assert names(early_client()) == []


# --- client() -----------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(region="eu-central-1")
def test_a_client_of_the_fake_speaks_to_its_region_or_to_another(kinesis: KinesisFake) -> None:
    assert kinesis.client().meta.region_name == "eu-central-1"
    assert kinesis.client(region_name=None).meta.region_name == "eu-central-1"
    assert kinesis.client(region_name="us-west-2").meta.region_name == "us-west-2"
    kinesis.create_stream("orders", shards=1)
    assert names(kinesis.client()) == ["orders"]
    assert names(kinesis.client(region_name="us-west-2")) == []


def test_a_client_of_the_fake_takes_the_parameters_of_any_client(kinesis: KinesisFake) -> None:
    config = Config(parameter_validation=False)
    client: Any = kinesis.client(endpoint_url="http://localhost:4566", config=config)
    assert client.meta.endpoint_url == "http://localhost:4566"
    message = (
        "1 validation error detected: Value null at 'shardId' failed to satisfy constraint: Member must not be null"
    )
    with refused(client, "ValidationException", message):
        client.get_shard_iterator(StreamName="orders", ShardIteratorType="LATEST")


def test_without_aiobotocore_its_client_says_what_to_install(
    kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiobotocore.session", None)
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.aio_client()
    assert str(caught.value) == (
        "aio_client() needs aiobotocore, which is not installed: pip install 'kinesis-fake[aiobotocore]'."
    )


def test_clients_of_the_fake_have_handlers_of_their_own(kinesis: KinesisFake) -> None:
    first, second = kinesis.client(), kinesis.client()
    seen = []
    first.meta.events.register("after-call.kinesis", lambda **_: seen.append("first"))
    second.list_streams()
    assert seen == []
    first.list_streams()
    assert seen == ["first"]


def test_a_client_of_the_fake_asks_its_own_handlers_whether_to_retry(kinesis: KinesisFake) -> None:
    client = kinesis.client()
    asked = []

    def needs_retry(attempts: int, **_: Any) -> float | None:
        asked.append(attempts)
        return 1.5 if attempts < 4 else None

    handler: Any = needs_retry
    client.meta.events.register_first("needs-retry.kinesis.DeleteStream", handler)
    before = kinesis.now
    with refused(client, "ResourceNotFoundException") as caught:
        client.delete_stream(StreamName="orders")
    assert asked == [1, 2, 3, 4]
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 3
    assert (kinesis.now - before).total_seconds() == 4.5


# --- misuse -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thing", [None, "kinesis", object(), boto3])
def test_only_clients_and_sessions_can_be_attached(kinesis: KinesisFake, thing: object) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.attach(thing)
    assert str(caught.value) == (
        f"attach() takes a client or a session of botocore, boto3 or aiobotocore, not {thing!r}."
    )


def test_a_client_of_another_service_cannot_be_attached(kinesis: KinesisFake) -> None:
    client = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.attach(client)
    assert str(caught.value) == "attach() takes clients of Kinesis, not one of sqs."


def test_a_parameter_that_no_client_has_is_refused(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.client(region="us-east-1")
    assert str(caught.value) == (
        "client() takes the parameters of botocore's Session.create_client: "
        "got an unexpected keyword argument 'region'."
    )


def test_a_fake_that_has_been_left_makes_and_attaches_no_clients() -> None:
    client = early_client()
    with fake_kinesis() as kinesis:
        pass
    for attempt in (kinesis.client, lambda: kinesis.client(config=Config()), lambda: kinesis.attach(client)):
        with pytest.raises(KinesisFakeError) as caught:
            attempt()
        assert str(caught.value) == TOO_LATE


def test_a_client_whose_events_are_a_copy_belongs_to_the_fake_that_it_is_attached_to() -> None:
    """The signer of such a client knows the emitter that it had before."""
    with fake_kinesis(streams={"orders": 1}) as outer, fake_kinesis(streams={"orders": 1}) as inner:
        client: Any = botocore.session.Session().create_client("kinesis", "us-east-1")
        client.meta.events = copy.copy(client.meta.events)
        outer.attach(client)
        client.put_record(StreamName="orders", Data=b"x", PartitionKey="k")
        assert (len(outer.calls), len(inner.calls)) == (1, 0)


def test_the_events_of_an_attached_session_can_be_copied_deeply() -> None:
    with fake_kinesis() as kinesis:
        session = botocore.session.Session()
        kinesis.attach(session)
        copy.deepcopy(session.get_component("event_emitter"))
