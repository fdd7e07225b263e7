"""Assignments to what a test holds in its hand, which would change nothing: refused in words."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import Durations, Fault, KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.rows import hold_for_each
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1, "audit": "on-demand"})

VIEW = "it tells what the fake holds; change that through a client, or with a method"
INJECTION = "it tells what the fault has done; inject another one, or remove() this one"
OPTIONS = ", ".join(inspect.signature(KinesisFake).parameters)


def option(name: str) -> str:
    return (
        f"KinesisFake.{name} cannot be assigned: it is an option, which the fake is given when it is made, as in "
        f"fake_kinesis({name}=...)."
    )


def orders(kinesis: KinesisFake) -> Any:
    return kinesis.stream("orders")


#: The object, the attribute and its value, and what the error says.
ROWS: list[tuple[Callable[[KinesisFake], Any], str, object, str]] = [
    (lambda kinesis: kinesis, "autojump", False, option("autojump")),
    (lambda kinesis: kinesis, "seed", 5, option("seed")),
    (lambda kinesis: kinesis, "region", "eu-west-1", option("region")),
    (lambda kinesis: kinesis, "durations", Durations.instant(), option("durations")),
    (
        lambda kinesis: kinesis,
        "now",
        "2027-01-01T00:00:00Z",
        "KinesisFake.now cannot be assigned: the fake is changed with its methods, and with options when it is "
        f"made, which are {OPTIONS}.",
    ),
    (orders, "foo", 1, f"StreamView.foo cannot be assigned: {VIEW}."),
    (orders, "status", "DELETING", f"StreamView.status cannot be assigned: {VIEW}."),
    (
        lambda kinesis: orders(kinesis).shards[0],
        "is_open",
        False,
        f"ShardView.is_open cannot be assigned: {VIEW}.",
    ),
    (lambda kinesis: orders(kinesis).records, "data", [], f"Records.data cannot be assigned: {VIEW}."),
    (lambda kinesis: kinesis.pending(), "due_at", 0, f"PendingViews.due_at cannot be assigned: {VIEW}."),
    (lambda kinesis: kinesis.key("alias/a"), "state", "DENIED", f"KeyView.state cannot be assigned: {VIEW}."),
    (lambda kinesis: kinesis.key("alias/a"), "key_id", "alias/b", f"KeyView.key_id cannot be assigned: {VIEW}."),
    (lambda kinesis: kinesis.snapshot(), "at", 0, f"Snapshot.at cannot be assigned: {VIEW}."),
    (
        lambda kinesis: kinesis.event_source_mapping(lambda event, context: None, "orders"),
        "state",
        "Disabled",
        f"EventSourceMapping.state cannot be assigned: {VIEW}.",
    ),
    (
        lambda _: fake_kinesis(streams={"orders": 1}),
        "streams",
        {},
        "FakeKinesis.streams cannot be assigned: options are given when it is made, as in "
        "fake_kinesis(streams={'orders': 1}).",
    ),
]


def test_an_assignment_that_would_change_nothing_is_refused(kinesis: KinesisFake) -> None:
    def check(row: tuple[Callable[[KinesisFake], Any], str, object, str]) -> None:
        of, name, value, message = row
        held = of(kinesis)
        before = state_of(kinesis)
        with pytest.raises(KinesisFakeError) as caught:
            setattr(held, name, value)
        assert str(caught.value) == message
        assert state_of(kinesis) == before

    hold_for_each(ROWS, check)


def test_an_injection_counts_its_strikes_itself(kinesis: KinesisFake) -> None:
    injection = kinesis.inject(Fault.throttle("PutRecord"))
    names: dict[str, object] = {"strikes": 5, "fault": Fault.empty_read(), "times": 3}
    for name, value in names.items():
        with pytest.raises(KinesisFakeError) as caught:
            setattr(injection, name, value)
        assert str(caught.value) == f"Injection.{name} cannot be assigned: {INJECTION}."
    assert (injection.strikes, injection.fault) == (0, Fault.throttle("PutRecord"))
    with pytest.raises(KinesisFakeError, match="The fault was never used"):
        injection.require_used()
    injection.remove()


def test_the_log_of_calls_takes_no_attributes(kinesis: KinesisFake) -> None:
    for name in ("foo", "count"):
        with pytest.raises(AttributeError):
            setattr(kinesis.calls, name, 5)


@pytest.mark.parametrize("copying", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_fake_and_its_views_cannot_be_copied(kinesis: KinesisFake, copying: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        copying(kinesis)
    assert str(caught.value) == "KinesisFake objects cannot be copied or pickled; use this one."
    with pytest.raises(KinesisFakeError) as caught:
        copying(orders(kinesis))
    assert str(caught.value) == "StreamView objects cannot be copied or pickled; use this one."


def test_a_record_can_be_copied(kinesis: KinesisFake) -> None:
    record = orders(kinesis).put("1 teapot")
    assert copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == record
