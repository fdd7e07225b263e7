"""Transitions take the time that ``Durations`` gives them, and what asks about them moves the clock to their end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest

from kinesis_fake import Durations, KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.refusals import refused

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
MILLISECOND = timedelta(milliseconds=1)
SHARD, OTHER_SHARD = "shardId-000000000000", "shardId-000000000001"

Begin = Callable[[Any, KinesisFake], object]

#: What begins a transition of the stream "orders", which has two shards, by the duration that it takes.
BEGINNINGS: dict[str, Begin] = {
    "creating_ms": lambda client, kinesis: client.create_stream(StreamName="invoices", ShardCount=1),
    "deleting_ms": lambda client, kinesis: client.delete_stream(StreamName="orders"),
    "splitting_ms": lambda client, kinesis: client.split_shard(
        StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey="10"
    ),
    "merging_ms": lambda client, kinesis: client.merge_shards(
        StreamName="orders", ShardToMerge=SHARD, AdjacentShardToMerge=OTHER_SHARD
    ),
    "updating_shard_count_ms": lambda client, kinesis: client.update_shard_count(
        StreamName="orders", TargetShardCount=4, ScalingType="UNIFORM_SCALING"
    ),
    "updating_retention_ms": lambda client, kinesis: client.increase_stream_retention_period(
        StreamName="orders", RetentionPeriodHours=48
    ),
}
#: Reshards end on whole seconds, because sequence numbers carry whole seconds.
ON_WHOLE_SECONDS = ("splitting_ms", "merging_ms", "updating_shard_count_ms")


def states(kinesis: KinesisFake) -> dict[str, str]:
    return {stream.stream_name: stream.status for stream in kinesis.streams}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_transition_takes_its_duration_and_not_a_millisecond_less(name: str) -> None:
    with fake_kinesis(start=NEW_YEAR, durations=Durations(**{name: 7_000}), streams={"orders": 2}) as kinesis:
        BEGINNINGS[name](boto3.client("kinesis"), kinesis)
        during = states(kinesis)
        kinesis.advance(milliseconds=6_999)
        assert states(kinesis) == during
        assert set(during.values()) & {"CREATING", "UPDATING", "DELETING"}
        kinesis.advance(milliseconds=1)
        assert states(kinesis) != during
        assert set(states(kinesis).values()) <= {"ACTIVE"}
        assert kinesis.pending() == []


@pytest.mark.parametrize("name", BEGINNINGS)
def test_each_duration_belongs_to_one_transition(name: str) -> None:
    others = Durations(**{field.name: 1 for field in dataclasses.fields(Durations)})
    durations = dataclasses.replace(others, **{name: 7_000})
    with fake_kinesis(start=NEW_YEAR, durations=durations, streams={"orders": 2}) as kinesis:
        BEGINNINGS[name](boto3.client("kinesis"), kinesis)
        kinesis.advance(milliseconds=6_999)
        assert set(states(kinesis).values()) - {"ACTIVE"}
        kinesis.advance(milliseconds=1)
        assert set(states(kinesis).values()) <= {"ACTIVE"}


@pytest.mark.parametrize("name", ON_WHOLE_SECONDS)
def test_a_reshard_ends_on_a_whole_second(name: str) -> None:
    with fake_kinesis(
        start=NEW_YEAR + 400 * MILLISECOND, durations=Durations(**{name: 7_000}), streams={"orders": 2}
    ) as kinesis:
        BEGINNINGS[name](boto3.client("kinesis"), kinesis)
        kinesis.settle()
        assert kinesis.now == NEW_YEAR + timedelta(seconds=8)


@pytest.mark.parametrize("name", BEGINNINGS)
def test_instant_durations_are_over_when_the_call_returns(name: str) -> None:
    with fake_kinesis(start=NEW_YEAR, durations=Durations.instant(), streams={"orders": 2}) as kinesis:
        before = states(kinesis)
        BEGINNINGS[name](boto3.client("kinesis"), kinesis)
        assert set(states(kinesis).values()) <= {"ACTIVE"}
        assert kinesis.pending() == []
        assert kinesis.now == NEW_YEAR
        if name == "creating_ms":
            assert "invoices" in states(kinesis)
        elif name == "deleting_ms":
            assert states(kinesis) == {}
        else:
            assert states(kinesis) == before


def test_instant_durations_are_all_zero() -> None:
    assert set(dataclasses.asdict(Durations.instant()).values()) == {0}


def test_the_default_durations_are_those_of_the_documentation() -> None:
    with fake_kinesis(start=NEW_YEAR, streams={"orders": 2}) as kinesis:
        for name, begin in BEGINNINGS.items():
            if name in ("creating_ms", "updating_retention_ms"):
                begin(boto3.client("kinesis"), kinesis)
        assert [str(pending) for pending in kinesis.pending()] == [
            "2026-01-01T00:00:05.000Z  stream orders keeps records for 48 hours and becomes ACTIVE",
            "2026-01-01T00:00:20.000Z  stream invoices becomes ACTIVE",
        ]


@pytest.mark.parametrize("value", [-1, 1.5, "1", True])
def test_a_duration_is_a_whole_number_from_zero_on(value: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        Durations(creating_ms=value)
    assert str(caught.value) == f"Durations.creating_ms must be a whole number from 0 on, not {value!r}."


def test_durations_of_another_kind_are_refused() -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(durations=5).__enter__()  # type: ignore[call-overload]
    assert str(caught.value) == "durations must be a Durations(...), not 5."


# --- who asks moves the clock -------------------------------------------------------------------------------------

POLLS: dict[str, Callable[[Any], Any]] = {
    "describe_stream": lambda client: client.describe_stream(StreamName="orders")["StreamDescription"]["StreamStatus"],
    "describe_stream_summary": lambda client: client.describe_stream_summary(StreamName="orders")[
        "StreamDescriptionSummary"
    ]["StreamStatus"],
    "list_streams": lambda client: {
        summary["StreamName"]: summary["StreamStatus"] for summary in client.list_streams()["StreamSummaries"]
    }.get("orders", "gone"),
}


@pytest.mark.parametrize("poll", POLLS.values(), ids=POLLS)
def test_an_answer_that_shows_a_transition_moves_the_clock_to_its_end_afterwards(poll: Callable[[Any], Any]) -> None:
    with fake_kinesis(start=NEW_YEAR) as kinesis:
        client = boto3.client("kinesis")
        client.create_stream(StreamName="orders", ShardCount=1)
        assert kinesis.now == NEW_YEAR
        assert poll(client) == "CREATING"
        assert kinesis.now == NEW_YEAR + timedelta(seconds=20)
        assert poll(client) == "ACTIVE"
        assert kinesis.now == NEW_YEAR + timedelta(seconds=20)


def test_a_loop_that_waits_for_a_stream_to_vanish_comes_to_an_end() -> None:
    with fake_kinesis(start=NEW_YEAR, streams={"orders": 1}) as kinesis:
        client = boto3.client("kinesis")
        client.delete_stream(StreamName="orders")
        seen: list[str] = []

        def wait_until_it_is_gone() -> None:
            while len(seen) < 10:
                seen.append(POLLS["describe_stream"](client))

        with refused(client, "ResourceNotFoundException"):
            wait_until_it_is_gone()
        assert seen == ["DELETING"]
        assert kinesis.now == NEW_YEAR + timedelta(seconds=20)


@pytest.mark.parametrize("poll", POLLS.values(), ids=POLLS)
def test_without_autojump_no_answer_moves_the_clock(poll: Callable[[Any], Any]) -> None:
    with fake_kinesis(start=NEW_YEAR, autojump=False) as kinesis:
        client = boto3.client("kinesis")
        client.create_stream(StreamName="orders", ShardCount=1)
        assert [poll(client) for _ in range(3)] == ["CREATING"] * 3
        assert kinesis.now == NEW_YEAR
        kinesis.advance(milliseconds=19_999)
        assert poll(client) == "CREATING"
        kinesis.advance(milliseconds=1)
        assert poll(client) == "ACTIVE"


def test_asking_about_one_stream_goes_no_further_than_its_own_transition() -> None:
    durations = Durations(creating_ms=10_000, deleting_ms=90_000)
    with fake_kinesis(start=NEW_YEAR, durations=durations, streams={"old": 1}) as kinesis:
        client = boto3.client("kinesis")
        client.delete_stream(StreamName="old")
        client.create_stream(StreamName="orders", ShardCount=1)
        POLLS["describe_stream"](client)
        assert kinesis.now == NEW_YEAR + timedelta(seconds=10)
        assert states(kinesis) == {"old": "DELETING", "orders": "ACTIVE"}


def test_listing_streams_goes_to_the_first_end_of_a_transition() -> None:
    durations = Durations(creating_ms=10_000, deleting_ms=90_000)
    with fake_kinesis(start=NEW_YEAR, durations=durations, streams={"old": 1}) as kinesis:
        client = boto3.client("kinesis")
        client.delete_stream(StreamName="old")
        client.create_stream(StreamName="orders", ShardCount=1)
        client.list_streams()
        assert kinesis.now == NEW_YEAR + timedelta(seconds=10)
        client.list_streams()
        assert kinesis.now == NEW_YEAR + timedelta(seconds=90)
        assert client.list_streams()["StreamNames"] == ["orders"]


def test_a_refused_question_does_not_move_the_clock() -> None:
    with fake_kinesis(start=NEW_YEAR) as kinesis:
        client = boto3.client("kinesis")
        client.create_stream(StreamName="orders", ShardCount=1)
        with refused(client, "ResourceNotFoundException"):
            client.describe_stream(StreamName="invoices")
        assert kinesis.now == NEW_YEAR


# --- settle and pending -------------------------------------------------------------------------------------------


def test_settle_moves_the_clock_until_nothing_is_in_transition() -> None:
    durations = Durations(creating_ms=10_000, deleting_ms=90_000)
    with fake_kinesis(start=NEW_YEAR, durations=durations, streams={"old": 1}) as kinesis:
        client = boto3.client("kinesis")
        client.create_stream(StreamName="orders", ShardCount=1)
        client.delete_stream(StreamName="old")
        kinesis.settle()
        assert states(kinesis) == {"orders": "ACTIVE"}
        assert kinesis.now == NEW_YEAR + timedelta(seconds=90)


def test_settle_does_not_move_the_clock_when_nothing_is_in_transition() -> None:
    with fake_kinesis(start=NEW_YEAR, streams={"orders": 1}) as kinesis:
        kinesis.settle()
        assert kinesis.now == NEW_YEAR


def test_settle_does_not_wait_for_a_transition_that_was_overtaken() -> None:
    durations = Durations(creating_ms=90_000, deleting_ms=10_000)
    with fake_kinesis(start=NEW_YEAR, durations=durations) as kinesis:
        client = boto3.client("kinesis")
        client.create_stream(StreamName="orders", ShardCount=1)
        client.delete_stream(StreamName="orders")
        assert [pending.due_at for pending in kinesis.pending()] == [NEW_YEAR + timedelta(seconds=10)]
        kinesis.settle()
        assert kinesis.now == NEW_YEAR + timedelta(seconds=10)
        assert states(kinesis) == {}


def test_a_stream_made_anew_is_not_touched_by_what_awaited_its_predecessor() -> None:
    durations = Durations(creating_ms=60_000, deleting_ms=1_000)
    with fake_kinesis(start=NEW_YEAR, durations=durations) as kinesis:
        client = boto3.client("kinesis")
        client.create_stream(StreamName="orders", ShardCount=1)
        client.delete_stream(StreamName="orders")
        kinesis.advance(seconds=1)
        client.create_stream(StreamName="orders", ShardCount=1)
        kinesis.advance(seconds=59)  # here the first stream would have become ACTIVE
        assert states(kinesis) == {"orders": "CREATING"}
        kinesis.advance(seconds=1)
        assert states(kinesis) == {"orders": "ACTIVE"}


def test_pending_tells_what_will_happen_and_when_in_order() -> None:
    with fake_kinesis(start=NEW_YEAR, streams={"orders": 2, "old": 1}) as kinesis:
        client = boto3.client("kinesis")
        client.update_shard_count(StreamName="orders", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
        kinesis.advance(seconds=1)
        client.create_stream(StreamName="invoices", ShardCount=1)
        client.delete_stream(StreamName="old")
        assert [str(pending) for pending in kinesis.pending()] == [
            "2026-01-01T00:00:21.000Z  stream invoices becomes ACTIVE",
            "2026-01-01T00:00:21.000Z  stream old is gone",
            "2026-01-01T00:00:30.000Z  stream orders splits shard 0",
        ]
        kinesis.advance(seconds=29)
        assert [str(pending) for pending in kinesis.pending()] == [
            "2026-01-01T00:01:00.000Z  stream orders splits shard 1 and becomes ACTIVE",
        ]
        kinesis.settle()
        assert kinesis.pending() == []


# --- one long jump and many short ones ------------------------------------------------------------------------------


def busy(kinesis: KinesisFake, move: Callable[[KinesisFake, timedelta], None]) -> Any:
    """A day of a stream that is resharded and loses records, with every move of the clock made by ``move``."""
    client = boto3.client("kinesis")
    answers: list[Any] = []
    for number in range(20):
        answers.append(client.put_record(StreamName="orders", Data=b"x", PartitionKey=str(number))["SequenceNumber"])
        move(kinesis, timedelta(minutes=7, milliseconds=333))
    client.update_shard_count(StreamName="orders", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    client.create_stream(StreamName="invoices", ShardCount=1)
    client.delete_stream(StreamName="old")
    move(kinesis, timedelta(hours=23, minutes=11))
    answers.append(client.list_streams()["StreamNames"])
    answers.append(client.list_shards(StreamName="orders")["Shards"])
    answers.extend([stream.status, stream.shards, stream.records] for stream in kinesis.streams)
    return kinesis.now, repr(answers)


def in_one_jump(kinesis: KinesisFake, by: timedelta) -> None:
    kinesis.advance(by)


def in_equal_steps(kinesis: KinesisFake, by: timedelta) -> None:
    for _ in range(7):
        kinesis.advance(by // 7)
    kinesis.advance(by - 7 * (by // 7 // MILLISECOND * MILLISECOND))


def in_ever_smaller_steps(kinesis: KinesisFake, by: timedelta) -> None:
    end = kinesis.now + by
    while kinesis.now < end:
        kinesis.travel_to(kinesis.now + max((end - kinesis.now) // 2 // MILLISECOND * MILLISECOND, MILLISECOND))


def from_one_change_to_the_next(kinesis: KinesisFake, by: timedelta) -> None:
    end = kinesis.now + by
    while (pending := kinesis.pending()) and pending[0].due_at <= end:
        kinesis.travel_to(pending[0].due_at)
    kinesis.travel_to(end)


@pytest.mark.parametrize("move", [in_equal_steps, in_ever_smaller_steps, from_one_change_to_the_next])
def test_one_long_jump_equals_many_short_ones(move: Callable[[KinesisFake, timedelta], None]) -> None:
    way_in = fake_kinesis(start=NEW_YEAR, streams={"orders": 2, "old": 1})
    with way_in as kinesis:
        expected = busy(kinesis, in_one_jump)
    with way_in as kinesis:
        assert busy(kinesis, move) == expected
