"""Numbers of thousands of digits, text that no file system takes, and objects of any kind: refused in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import Durations, Fault, KinesisFake, KinesisFakeError, Limits, fake_kinesis
from tests.support.misuse import hold_refusals, refusal_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

#: Python does not print it: it has more than 4300 digits.
HUGE: Any = 10**5000
LARGEST = 2**63 - 1
UNTIL = f"to {LARGEST}, not <int>."
NO_INSTANT = "An instant must be an aware datetime or an ISO 8601 text, not <int>."
NULL = "embedded null byte"


#: What is asked of the fake, and what the error says.
ROWS: dict[str, tuple[Callable[[KinesisFake], object], str]] = {
    "times": (lambda _: Fault.throttle("PutRecord", times=HUGE), f"times must be a whole number from 1 {UNTIL}"),
    "skip": (lambda _: Fault.throttle("PutRecord", skip=HUGE), f"skip must be a whole number from 0 {UNTIL}"),
    "seed": (
        lambda _: Fault.throttle("PutRecord", probability=0.5, seed=-HUGE),
        f"seed must be a whole number from {-LARGEST - 1} {UNTIL}",
    ),
    "until": (lambda _: Fault.throttle("PutRecord", until=HUGE), NO_INSTANT),
    "milliseconds": (lambda _: Fault.arrivals_go_back(HUGE), f"milliseconds must be a whole number from 1 {UNTIL}"),
    "durations": (
        lambda _: Durations(creating_ms=HUGE),
        f"Durations.creating_ms must be a whole number from 0 {UNTIL}",
    ),
    "limits": (lambda _: Limits(shards=HUGE), f"Limits.shards must be a whole number from 0 {UNTIL}"),
    "last_calls": (lambda kinesis: kinesis.summary(HUGE), f"last_calls must be a whole number from 0 {UNTIL}"),
    "start": (lambda _: fake_kinesis(start=HUGE).start(), NO_INSTANT),
    "travel_to": (lambda kinesis: kinesis.travel_to(HUGE), NO_INSTANT),
    "stream": (
        lambda kinesis: kinesis.stream(HUGE),
        "There is no stream <int> in us-east-1; the streams are: orders. Make it with kinesis.create_stream(), with "
        "streams= of the fake, or through a client.",
    ),
    "an operation": (
        lambda kinesis: kinesis.calls.of(HUGE),
        "<int> is no operation of Kinesis; they are named as in the API.",
    ),
    "attach": (
        lambda kinesis: kinesis.attach(HUGE),
        "attach() takes a client or a session of botocore, boto3 or aiobotocore, not <int>.",
    ),
    "client": (
        lambda kinesis: kinesis.client(hours=HUGE),
        "client() takes the parameters of botocore's Session.create_client: got an unexpected keyword argument "
        "'hours'.",
    ),
    "a file of lines": (
        lambda kinesis: kinesis.stream("orders").put_lines("a\0b"),
        f"a\0b cannot be read: {NULL}.",
    ),
    "a file of lines that no file system can name": (
        lambda kinesis: kinesis.stream("orders").put_lines("\ud800"),
        "\\ud800 cannot be read: it is no name of a file.",
    ),
    "a file of a scenario": (lambda _: fake_kinesis(state="a\0b").start(), f"state: a\0b cannot be read: {NULL}."),
    "a file of a scenario that no file system can name": (
        lambda _: fake_kinesis(state="\ud800").start(),
        "state: \\ud800 cannot be read: it is no name of a file.",
    ),
}


def test_values_without_bounds_are_refused_in_words(kinesis: KinesisFake) -> None:
    hold_refusals(ROWS, kinesis)


def test_the_largest_number_is_one_of_64_bits() -> None:
    fault = Fault.throttle("PutRecord", times=LARGEST)
    assert repr(fault) == f"Fault.throttle('PutRecord', times={LARGEST})"
    with pytest.raises(KinesisFakeError, match=f"must be a whole number from 1 to {LARGEST}, not {LARGEST + 1}"):
        Fault.throttle("PutRecord", times=LARGEST + 1)


@pytest.mark.fake_kinesis(durations=Durations(creating_ms=LARGEST))
def test_a_transition_that_outlasts_virtual_time_can_be_looked_at(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="slow", ShardCount=1)
    (entry,) = kinesis.pending()
    assert entry.due_at == datetime(9999, 12, 31, tzinfo=timezone.utc)
    assert "stream slow becomes ACTIVE" in kinesis.summary()
    assert refusal_of(kinesis.settle) == "Virtual time ends with the year 9999; travel to an earlier instant."


def test_arrivals_go_back_to_the_epoch_at_most(kinesis: KinesisFake, client: Any) -> None:
    for data in ("a", "b"):
        kinesis.stream("orders").put(data)
    kinesis.inject(Fault.arrivals_go_back(LARGEST))
    shard = {"StreamName": "orders", "ShardId": "shardId-000000000000"}
    iterator = client.get_shard_iterator(**shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    first, second = client.get_records(ShardIterator=iterator)["Records"]
    assert first["ApproximateArrivalTimestamp"] == kinesis.now
    assert second["ApproximateArrivalTimestamp"].timestamp() == 0
