"""``clock="system"``: a library that freezes or moves the system clock moves Kinesis. freezegun and time-machine."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import freezegun
import pytest
import time_machine
from botocore.exceptions import WaiterError

from kinesis_fake import Durations, Fault, KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.clients import new_client
from tests.support.refusals import refused

pytestmark = pytest.mark.interpreter

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
SHARD = "shardId-000000000000"


class FreezeGun:
    """freezegun behind the two verbs of these tests."""

    def __init__(self, frozen: Any) -> None:
        self._frozen = frozen

    def shift(self, **units: Any) -> None:
        self._frozen.tick(timedelta(**units))

    def move_to(self, instant: Any) -> None:
        self._frozen.move_to(instant)


class TimeMachine:
    """time-machine behind the same."""

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller

    def shift(self, **units: Any) -> None:
        self._traveller.shift(timedelta(**units))

    def move_to(self, instant: Any) -> None:
        self._traveller.move_to(instant)


@contextmanager
def frozen_by(library: Any, tick: Any = False) -> Any:
    if library == "freezegun":
        with freezegun.freeze_time(NEW_YEAR, tick=tick) as frozen:
            yield FreezeGun(frozen)
    else:
        with time_machine.travel(NEW_YEAR, tick=tick) as traveller:
            yield TimeMachine(traveller)


@pytest.fixture(params=["freezegun", "time-machine"])
def process(request: Any) -> Any:
    """The system clock, frozen at the beginning of 2026."""
    with frozen_by(request.param) as process:
        yield process


@pytest.fixture
def kinesis(process: Any) -> Any:
    with fake_kinesis(clock="system", streams={"orders": 1}) as kinesis:
        yield kinesis


@pytest.fixture
def slow_kinesis(process: Any) -> Any:
    """A fake whose transitions take as long as in AWS, and wait for the system clock."""
    with fake_kinesis(clock="system", durations=Durations(), streams={"orders": 1}) as kinesis:
        yield kinesis


def slept(kinesis: KinesisFake) -> Any:
    return kinesis.now - NEW_YEAR


def iterator_of(client: Any, **parameters: Any) -> Any:
    return client.get_shard_iterator(
        StreamName="orders", ShardId=SHARD, **{"ShardIteratorType": "TRIM_HORIZON", **parameters}
    )["ShardIterator"]


# --- the process moves Kinesis ------------------------------------------------------------------------------------


def test_both_clocks_agree_and_move_together(process: Any, kinesis: KinesisFake) -> None:
    assert kinesis.now == datetime.now(timezone.utc) == NEW_YEAR
    process.shift(hours=25)
    assert kinesis.now == datetime.now(timezone.utc) == NEW_YEAR + timedelta(hours=25)
    process.move_to(datetime(2027, 7, 7, 7, 7, 7, 777_000, tzinfo=timezone.utc))
    assert kinesis.now == datetime.now(timezone.utc)


# Of these, as floats of seconds, the second and the third lie below the millisecond.
@pytest.mark.parametrize("milliseconds", [1_767_225_600_057, 134_539_381_663, 272_932_995_331])
def test_no_millisecond_is_lost_in_a_float(milliseconds: Any) -> None:
    instant = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=milliseconds)
    with time_machine.travel(instant, tick=False), fake_kinesis(clock="system") as kinesis:
        assert kinesis.now == instant


def test_without_the_option_the_clock_starts_there_and_stands_still(process: Any) -> None:
    with fake_kinesis() as kinesis:
        process.shift(hours=1)
        assert kinesis.now == NEW_YEAR


def test_a_view_shows_what_has_happened_since_it_was_taken(process: Any, slow_kinesis: Any) -> None:
    kinesis, kinesis_client = slow_kinesis, slow_kinesis.client()
    kinesis_client.create_stream(StreamName="payments", ShardCount=1)
    payments = kinesis.stream("payments")
    assert (payments.status, len(payments.shards)) == ("CREATING", 0)
    process.shift(milliseconds=19_999)
    assert payments.status == "CREATING"
    process.shift(milliseconds=1)
    assert payments.status == "ACTIVE"
    (shard,) = payments.shards
    kinesis_client.split_shard(StreamName="payments", ShardToSplit=SHARD, NewStartingHashKey=str(2**127))
    assert [str(pending) for pending in kinesis.pending()] == [
        "2026-01-01T00:00:50.000Z  stream payments splits shard 0 and becomes ACTIVE"
    ]
    process.shift(seconds=30)
    assert not shard.is_open
    assert kinesis.pending() == []
    kinesis_client.delete_stream(StreamName="payments")
    process.shift(seconds=20)
    assert [stream.stream_name for stream in kinesis.streams] == ["orders"]
    with pytest.raises(KinesisFakeError, match="There is no stream 'payments'"):
        kinesis.stream("payments")


def test_what_has_happened_is_pending_no_more(process: Any, slow_kinesis: Any) -> None:
    kinesis, kinesis_client = slow_kinesis, slow_kinesis.client()
    kinesis_client.create_stream(StreamName="payments", ShardCount=1)
    process.shift(seconds=20)
    assert kinesis.pending() == []


def test_a_client_sees_the_time_of_the_process(process: Any, kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.put_record(StreamName="orders", PartitionKey="ada", Data=b"old")
    process.shift(hours=1)
    noon = datetime.now(timezone.utc)
    kinesis_client.put_record(StreamName="orders", PartitionKey="ada", Data=b"new")
    iterator = iterator_of(kinesis_client, ShardIteratorType="AT_TIMESTAMP", Timestamp=noon)
    (record,) = kinesis_client.get_records(ShardIterator=iterator)["Records"]
    assert (record["Data"], record["ApproximateArrivalTimestamp"]) == (b"new", noon)
    old = iterator_of(kinesis_client)
    process.shift(minutes=5)
    kinesis_client.get_records(ShardIterator=old)
    process.shift(milliseconds=1)
    with refused(kinesis_client, "ExpiredIteratorException"):
        kinesis_client.get_records(ShardIterator=old)
    process.shift(hours=23)
    assert [record.data for record in kinesis.stream("orders").records] == [b"new"]


def test_time_that_goes_back_stands_still_until_it_is_caught_up_with(
    process: Any, kinesis: KinesisFake, kinesis_client: Any
) -> None:
    process.shift(seconds=100)
    assert slept(kinesis) == timedelta(seconds=100)
    process.move_to(NEW_YEAR)
    assert slept(kinesis) == timedelta(seconds=100)
    kinesis_client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")
    process.move_to(NEW_YEAR + timedelta(seconds=99))
    assert slept(kinesis) == timedelta(seconds=100)
    process.move_to(NEW_YEAR + timedelta(seconds=101))
    assert slept(kinesis) == timedelta(seconds=101)


# --- a wait moves Kinesis further ---------------------------------------------------------------------------------


def test_what_is_moved_here_is_added_to_the_process_clock(process: Any, kinesis: KinesisFake) -> None:
    kinesis.advance(seconds=10)
    process.shift(seconds=5)
    assert slept(kinesis) == timedelta(seconds=15)
    kinesis.travel_to(NEW_YEAR + timedelta(minutes=1))
    process.shift(seconds=5)
    assert slept(kinesis) == timedelta(seconds=65)
    assert datetime.now(timezone.utc) == NEW_YEAR + timedelta(seconds=10)
    with pytest.raises(KinesisFakeError, match="Virtual time cannot go back"):
        kinesis.travel_to(NEW_YEAR)


def test_transitions_take_no_time_so_that_polls_do_not_run_ahead(
    process: Any, kinesis: KinesisFake, kinesis_client: Any
) -> None:
    kinesis_client.create_stream(StreamName="payments", ShardCount=1)
    summary = kinesis_client.describe_stream_summary(StreamName="payments")["StreamDescriptionSummary"]
    assert summary["StreamStatus"] == "ACTIVE"
    kinesis_client.get_waiter("stream_exists").wait(StreamName="payments")
    noon = datetime.now(timezone.utc)
    kinesis_client.put_record(StreamName="payments", PartitionKey="ada", Data=b"new")
    assert kinesis.now == noon == NEW_YEAR


def test_transitions_that_take_time_wait_for_the_process(process: Any, slow_kinesis: Any) -> None:
    client = slow_kinesis.client()
    client.create_stream(StreamName="payments", ShardCount=1)
    for status, milliseconds in (("CREATING", 19_999), ("CREATING", 1), ("ACTIVE", 0)):
        summary = client.describe_stream_summary(StreamName="payments")["StreamDescriptionSummary"]
        assert (summary["StreamStatus"], slow_kinesis.now) == (status, datetime.now(timezone.utc))
        process.shift(milliseconds=milliseconds)


def test_a_test_that_asks_for_it_lets_polls_run_ahead(process: Any) -> None:
    with fake_kinesis(clock="system", durations=Durations(), autojump=True) as kinesis:
        client = kinesis.client()
        client.create_stream(StreamName="payments", ShardCount=1)
        client.describe_stream_summary(StreamName="payments")
        assert slept(kinesis) == timedelta(seconds=20)


def test_an_sdk_waiter_runs_ahead_until_the_process_has_caught_up(process: Any, slow_kinesis: Any) -> None:
    kinesis, client = slow_kinesis, slow_kinesis.client()
    client.create_stream(StreamName="payments", ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName="payments")
    assert slept(kinesis) == timedelta(seconds=20)
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        client.get_waiter("stream_not_exists").wait(StreamName="payments")
    assert slept(kinesis) == timedelta(seconds=190)
    process.shift(seconds=190)
    assert slept(kinesis) == timedelta(seconds=190)
    process.shift(seconds=1)
    assert kinesis.now == datetime.now(timezone.utc)


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_retries_back_off_without_the_process(process: Any, kinesis: KinesisFake, mode: Any) -> None:
    client = new_client(retries={"mode": mode})
    kinesis.inject(Fault.throttle("PutRecord", times=2))
    client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")
    assert [call.attempt for call in kinesis.calls] == [1, 2, 3]
    assert kinesis.calls[0].at < kinesis.calls[1].at < kinesis.calls[2].at == kinesis.now
    assert datetime.now(timezone.utc) == NEW_YEAR


def test_settling_moves_it_for_good(process: Any, slow_kinesis: Any) -> None:
    slow_kinesis.client().create_stream(StreamName="payments", ShardCount=1)
    slow_kinesis.settle()
    assert slept(slow_kinesis) == timedelta(seconds=20)
    process.shift(seconds=1)
    assert slept(slow_kinesis) == timedelta(seconds=21)


def test_virtual_sleep_moves_it_and_leaves_the_process_alone(process: Any) -> None:
    with fake_kinesis(clock="system", virtual_sleep=True) as kinesis:
        time.sleep(10)
        process.shift(seconds=1)

        async def main() -> None:
            await asyncio.gather(*map(asyncio.sleep, (5, 3)))

        asyncio.run(main())
        assert slept(kinesis) == timedelta(seconds=16)
        assert datetime.now(timezone.utc) == NEW_YEAR + timedelta(seconds=1)


# --- clocks that tick ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["freezegun", "time-machine"])
def test_a_ticking_clock_is_followed(library: Any) -> None:
    with frozen_by(library, tick=True) as process:
        with fake_kinesis(clock="system", streams={"orders": 1}) as kinesis:
            client = kinesis.client()
            before = datetime.now(timezone.utc)
            instants = []
            for _ in range(50):
                client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")
                instants.append(kinesis.now)
            assert instants == sorted(instants)
            assert before - timedelta(milliseconds=1) <= instants[0]
            assert instants[-1] <= datetime.now(timezone.utc) + timedelta(milliseconds=1)
            process.shift(hours=25)
            assert kinesis.stream("orders").records == []


@pytest.mark.parametrize("library", ["freezegun", "time-machine"])
def test_a_clock_that_ticks_in_the_middle_of_a_move_breaks_no_move(library: Any) -> None:
    with frozen_by(library, tick=True):
        with fake_kinesis(clock="system", streams={"orders": 1}) as kinesis:
            client = kinesis.client()
            for _ in range(200):
                before = kinesis.now
                kinesis.advance(milliseconds=0)
                kinesis.advance(milliseconds=1)
                assert kinesis.now - before >= timedelta(milliseconds=1)
            client.create_stream(StreamName="payments", ShardCount=1)
            client.get_waiter("stream_exists").wait(StreamName="payments")
            client.delete_stream(StreamName="payments")
            client.get_waiter("stream_not_exists").wait(StreamName="payments")
            kinesis.settle()


def test_a_clock_that_ticks_at_every_look_is_followed() -> None:
    with freezegun.freeze_time(NEW_YEAR, auto_tick_seconds=1):
        with fake_kinesis(clock="system", streams={"orders": 1}) as kinesis:
            client = kinesis.client()
            first = kinesis.now
            assert kinesis.now > first
            for _ in range(10):
                client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")
            records = kinesis.stream("orders").records
            arrivals = [record.approximate_arrival_timestamp for record in records]
            assert arrivals == sorted(set(arrivals))
            client.create_stream(StreamName="payments", ShardCount=1)
            client.get_waiter("stream_exists").wait(StreamName="payments")
            iterator = iterator_of(client)
            assert len(client.get_records(ShardIterator=iterator)["Records"]) == 10


def test_the_process_clock_itself_is_followed_when_nothing_freezes_it() -> None:
    with fake_kinesis(clock="system") as kinesis:
        before = datetime.now(timezone.utc)
        now = kinesis.now
        after = datetime.now(timezone.utc)
    assert before - timedelta(milliseconds=1) <= now <= after + timedelta(milliseconds=1)


@pytest.mark.parametrize("library", ["freezegun", "time-machine"])
def test_a_day_in_the_past_that_is_frozen_inside_a_fake_holds_as_long_as_nothing_has_happened(library: str) -> None:
    with fake_kinesis(clock="system") as kinesis:
        client = kinesis.client()
        assert kinesis.now > NEW_YEAR
        with frozen_by(library) as process:
            assert kinesis.now == NEW_YEAR
            client.create_stream(StreamName="orders", ShardCount=1)
            summary = client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
            assert summary["StreamCreationTimestamp"] == NEW_YEAR
            process.shift(days=1)
            client.put_record(StreamName="orders", Data=b"", PartitionKey="a")
            process.move_to(NEW_YEAR)
            assert kinesis.now == NEW_YEAR + timedelta(days=1)


@pytest.mark.parametrize(
    "touch",
    [
        lambda kinesis: kinesis.client().list_streams(),
        lambda kinesis: kinesis.create_stream("payments"),
        lambda kinesis: kinesis.advance(milliseconds=1),
    ],
)
def test_a_day_in_the_past_is_too_late_when_something_has_happened(touch: Any) -> None:
    with fake_kinesis(clock="system") as kinesis:
        touch(kinesis)
        before = kinesis.now
        with frozen_by("time-machine"):
            assert kinesis.now >= before
    with fake_kinesis(clock="system", streams={"orders": 1}) as kinesis:
        before = kinesis.now
        with frozen_by("time-machine"):
            assert kinesis.now >= before


# --- options ------------------------------------------------------------------------------------------------------


def test_a_clock_that_follows_has_no_start_of_its_own() -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(clock="system", start=NEW_YEAR).__enter__()
    assert str(caught.value) == "A clock that follows the system clock cannot have a start; leave start= out."
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(clock="wall").__enter__()  # type: ignore[call-overload]
    assert str(caught.value) == "clock must be 'virtual', 'system' or 'shared', not 'wall'."


def test_time_beyond_the_end_of_virtual_time_is_refused() -> None:
    with time_machine.travel(NEW_YEAR, tick=False), fake_kinesis(clock="system") as kinesis:
        with pytest.raises(KinesisFakeError, match="Virtual time ends with the year 9999"):
            kinesis.advance(days=365 * 9000)
        assert kinesis.now == NEW_YEAR
