"""A suite that was written for moto goes on as it is, and the report says what that hides."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFakeError, fake_kinesis

HIDDEN = [
    "compatible with moto, so this test cannot see:",
    "  code that does not wait for a transition: CREATING, UPDATING and DELETING take no time",
    "  code that depends on time, as iterators that expire and records that retention takes: the clock is the system's",
]


def test_a_stream_has_shards_right_after_it_was_made_and_the_report_says_what_that_hides() -> None:
    with fake_kinesis(compatible_with="moto") as kinesis:
        client = kinesis.client()
        client.create_stream(StreamName="orders", ShardCount=2)
        description = client.describe_stream(StreamName="orders")["StreamDescription"]
        assert description["StreamStatus"] == "ACTIVE"
        assert len(description["Shards"]) == 2
        assert kinesis.summary().splitlines()[1:4] == HIDDEN


def test_the_clock_follows_that_of_the_system(time_machine: Any) -> None:
    time_machine.move_to("2026-05-05T12:00:00Z", tick=False)
    with fake_kinesis(compatible_with="moto", streams={"orders": 1}) as kinesis:
        time_machine.move_to("2026-05-05T13:00:00Z", tick=False)
        assert kinesis.now.hour == 13


def test_what_a_test_says_itself_goes_before() -> None:
    with fake_kinesis(compatible_with="moto", start="2026-01-01T00:00:00Z", durations=Durations()) as kinesis:
        client = kinesis.client()
        client.create_stream(StreamName="orders", ShardCount=2)
        assert client.describe_stream(StreamName="orders")["StreamDescription"]["StreamStatus"] == "CREATING"
        assert kinesis.now.year == 2026


def test_a_fake_that_is_compatible_with_nothing_says_nothing_of_it() -> None:
    with fake_kinesis() as kinesis:
        assert "compatible" not in kinesis.summary()


@pytest.mark.parametrize("value", ["localstack", True, 5])
def test_only_moto_is_known(value: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(compatible_with=value).__enter__()
    assert str(caught.value) == f"compatible_with must be None or 'moto', not {value!r}."
