"""Clients of the fake are copies: each has handlers of its own, as clients that botocore makes afresh have."""

from __future__ import annotations

import sys
import threading
from copy import copy
from enum import Enum
from typing import Any, cast

import pytest
from botocore.hooks import _PrefixTrie  # type: ignore[attr-defined]  # no public name
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import Fault, KinesisFake, fake_kinesis
from kinesis_fake.botocore_hook.client_copies import _SharingTrie
from tests.support.model import needs
from tests.support.refusals import refused

#: Events in which one is a part of another, or matches another by its wildcard.
EVENTS = (
    "before-call",
    "before-call.kinesis",
    "before-call.kinesis.PutRecord",
    "before-call.*.PutRecord",
    "needs-retry",
)

steps = st.one_of(
    st.tuples(st.just("copy"), st.integers(0, 9), st.just(""), st.just(0)),
    st.tuples(st.sampled_from(["append", "remove"]), st.integers(0, 9), st.sampled_from(EVENTS), st.integers(0, 5)),
)


def outcome_of(trie: Any, step: str, event: str, number: int) -> str:
    """What a step does to a tree: nothing, or an error."""
    handler, section = f"handler {number}", number % 3
    try:
        if step == "append":
            trie.append_item(event, handler, section=section)
        else:
            trie.remove_item(event, handler)
    except (AttributeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def found_in(trie: Any) -> list[list[str]]:
    return [list(trie.prefix_search(event)) for event in ("before-call.kinesis.PutRecord", *EVENTS)]


@given(st.lists(steps, max_size=30))
def test_trees_that_share_their_nodes_are_like_trees_that_do_not(script: list[tuple[str, int, str, int]]) -> None:
    ours: list[Any] = [_SharingTrie(_PrefixTrie()._root)]
    botocores: list[Any] = [_PrefixTrie()]
    for step, index, event, number in script:
        which = index % len(ours)
        if step == "copy":
            ours.append(copy(ours[which]))
            botocores.append(copy(botocores[which]))
        else:
            assert outcome_of(ours[which], step, event, number) == outcome_of(botocores[which], step, event, number)
        assert list(map(found_in, ours)) == list(map(found_in, botocores))


def test_a_handler_of_one_client_comes_and_goes_without_the_others(kinesis: KinesisFake) -> None:
    first, second = (kinesis.client().meta.events for _ in range(2))
    heard: list[str] = []

    def hear(**_: Any) -> None:
        heard.append("an event")

    first.register("an-event.kinesis", hear)
    third = copy(first)
    second.emit("an-event.kinesis.PutRecord")
    first.unregister("an-event.kinesis", hear)
    first.emit("an-event.kinesis.PutRecord")
    assert heard == []
    third.emit("an-event.kinesis.PutRecord")
    assert heard == ["an event"]


def test_regions_of_two_enumerations_are_not_confused(kinesis: KinesisFake) -> None:
    """A member is a text whose str() is its own name; botocore makes of it what it can."""
    clients: list[Any] = [
        kinesis.client(region_name=Enum("Region", {"MAIN": region}, type=str).MAIN)  # type: ignore[attr-defined]
        for region in ("us-east-1", "eu-west-1")
    ]
    assert [client.meta.region_name.value for client in clients] == ["us-east-1", "eu-west-1"]


def test_threads_that_register_handlers_with_one_client_at_once_lose_none(kinesis: KinesisFake) -> None:
    events = kinesis.client().meta.events
    earlier, copies = copy(events), []
    heard: set[tuple[int, int]] = set()

    def register(thread: int) -> None:
        for number in range(200):
            events.register(f"an-event-{thread}.kinesis", lambda number=number, **_: heard.add((thread, number)))
            copies.append(copy(events))

    threads = [threading.Thread(target=register, args=(thread,)) for thread in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    finally:
        sys.setswitchinterval(interval)
    for thread in range(4):
        earlier.emit(f"an-event-{thread}.kinesis")
    assert heard == set()
    for thread in range(4):
        events.emit(f"an-event-{thread}.kinesis")
    assert heard == {(thread, number) for thread in range(4) for number in range(200)}


@needs("ReceiveQueueRecords")
def test_copies_of_a_client_that_was_made_outside_of_fakes_retry_as_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quota of 500 for each, 5 of it for each retry; a long poll without quota waits in virtual time."""
    monkeypatch.setattr("kinesis_fake.botocore_hook.clients._prototypes", {})
    KinesisFake().client()
    with fake_kinesis(streams={"clicks": {}}) as kinesis:
        clients: list[Any] = [kinesis.client(), kinesis.client()]
        stream_arn = kinesis.stream("clicks").stream_arn
        clients[0].create_queue(QueueName="work", StreamConfigurationList=[{"StreamARN": stream_arn}])
        kinesis.settle()
        kinesis.inject(Fault.throttle("ReceiveQueueRecords", times=None))
        for client in clients:
            retries = []
            for _ in range(52):
                with refused(client, "ThrottlingException") as caught:
                    client.receive_queue_records(QueueARN=kinesis.queue("work").queue_arn)
                retries.append(caught.value.response["ResponseMetadata"]["RetryAttempts"])
            assert retries == [2] * 50 + [0] * 2
            assert kinesis.now > kinesis.calls[-1].at


def test_the_retries_of_one_client_can_be_taken_out(kinesis: KinesisFake) -> None:
    events, others = (cast(Any, kinesis.client().meta.events) for _ in range(2))
    before = len(list(events._emitter._handlers.prefix_search("needs-retry.kinesis")))
    events.unregister("needs-retry.kinesis", unique_id="retry-config-kinesis")
    assert len(list(events._emitter._handlers.prefix_search("needs-retry.kinesis"))) == before - 1
    assert len(list(others._emitter._handlers.prefix_search("needs-retry.kinesis"))) == before
