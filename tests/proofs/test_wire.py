"""The fast path gives what botocore would have read off the wire.

A success never crosses a wire in the fake: the door answers with Python values. Here every answer of the table is
encoded as AWS does it, and parsed by botocore's own parser: the result must be the very same, types, time zones and
absent members included. Refusals go through that parser anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from botocore.eventstream import EventStream, EventStreamError
from botocore.parsers import create_parser

from tests.proofs.scenario import Scenario
from tests.proofs.test_operations import SUCCESSES, members_of, of, operations_of, output_of, played, told_in_stream
from tests.proofs.wire import body_of, event_of, exception_of, message_of
from tests.support.rows import hold_for_each

STREAMED = [scenario for scenario in SUCCESSES if scenario.operation == "SubscribeToShard"]
PLAIN = [scenario for scenario in SUCCESSES if scenario not in STREAMED]


def differences(ours: Any, theirs: Any, path: str = "answer") -> Iterator[str]:
    """The differences between two values, in type or in content."""
    if type(ours) is not type(theirs):
        yield f"{path} is a {type(ours).__name__}, not a {type(theirs).__name__}"
    elif isinstance(ours, dict):
        yield from (f"{path}.{name} is on one side only" for name in ours.keys() ^ theirs.keys())
        for name in ours.keys() & theirs.keys():
            yield from differences(ours[name], theirs[name], f"{path}.{name}")
    elif isinstance(ours, list):
        if len(ours) != len(theirs):
            yield f"{path} has {len(ours)} items, not {len(theirs)}"
        for number, pair in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(*pair, f"{path}[{number}]")
    elif isinstance(ours, datetime):
        facts = [(repr(each), type(each.tzinfo), each.utcoffset(), each.fold) for each in (ours, theirs)]
        if facts[0] != facts[1]:
            yield f"{path} is {facts[0]}, not {facts[1]}"
    elif ours != theirs:
        yield f"{path} is {ours!r}, not {theirs!r}"


@pytest.mark.parametrize("operation", operations_of(PLAIN))
def test_answers_are_what_the_parser_of_botocore_makes_of_them(operation: str) -> None:
    hold_for_each(of(operation, PLAIN), hold_that_the_parser_agrees)


def hold_that_the_parser_agrees(scenario: Scenario) -> None:
    ours = played(scenario).answer
    shape = output_of(scenario.operation)
    headers = ours["ResponseMetadata"]["HTTPHeaders"]
    wire = {"status_code": 200, "headers": headers, "body": body_of(shape, members_of(ours))}
    theirs = create_parser("json").parse(wire, shape)
    theirs["ResponseMetadata"]["RetryAttempts"] = 0  # botocore's client adds it
    assert list(differences(ours, theirs)) == []


class Body:
    """The part of urllib3's response that an EventStream reads."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def stream(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("scenario", STREAMED, ids=str)
def test_an_event_is_what_the_parser_of_botocore_makes_of_it(scenario: Any) -> None:
    done = played(scenario)
    shape = output_of(scenario.operation).members["EventStream"]
    initial = {":event-type": "initial-response", ":content-type": "application/json", ":message-type": "event"}
    messages = [message_of(initial, b"{}"), *(event_of(shape, event) for event in done.answer["EventStream"])]
    if done.stream_error is not None:
        messages.append(exception_of(*told_in_stream(done.stream_error)))
    parser = create_parser("json")
    stream: EventStream[Any] = EventStream(
        Body(messages), shape, vars(parser)["_event_stream_parser"], scenario.operation
    )
    stream.get_initial_response()
    theirs: list[Any] = []
    their_error: EventStreamError | None = None
    try:
        theirs.extend(stream)
    except EventStreamError as error:
        their_error = error
    assert list(differences(done.answer["EventStream"], theirs)) == []
    assert repr(done.stream_error) == repr(their_error)
    if done.stream_error is not None and their_error is not None:
        assert list(differences(done.stream_error.response, their_error.response)) == []


def test_most_answers_have_something_to_differ_in() -> None:
    """Or else the tests above would show nothing."""
    with_timestamps = {scenario.operation for scenario in PLAIN if "datetime" in repr(played(scenario).answer)}
    assert {"DescribeStream", "ListStreams", "GetRecords"} <= with_timestamps
    assert any(played(scenario).answer["EventStream"] for scenario in STREAMED)
    assert list(differences({"a": [1]}, {"a": [True]})) == ["answer.a[0] is a int, not a bool"]
