"""``clock="shared"``: while the fake is active, the clocks of the process show the virtual time."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def kinesis() -> Generator[KinesisFake]:
    with fake_kinesis(start=NEW_YEAR, clock="shared", streams={"orders": 1}) as kinesis:
        yield kinesis


def test_all_clocks_show_one_time(kinesis: KinesisFake) -> None:
    before = time.monotonic(), time.monotonic_ns()
    for _ in range(2):
        assert kinesis.now == datetime.now(timezone.utc) == datetime.fromtimestamp(time.time(), timezone.utc)
        assert time.time_ns() == (kinesis.now - EPOCH) // timedelta(microseconds=1) * 1000
        kinesis.advance(hours=25, milliseconds=1)
    assert time.monotonic() - before[0] == pytest.approx(180_000.002, abs=1e-4)
    assert time.monotonic_ns() - before[1] == pytest.approx(180_000_002_000_000, abs=100_000)
    kinesis.travel_to("2027-01-01T00:00:00Z")
    assert datetime.now(timezone.utc) == datetime(2027, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize("name", ["time", "time_ns", "monotonic", "monotonic_ns"])
def test_a_loop_until_a_deadline_ends_when_it_should(kinesis: KinesisFake, name: Any) -> None:
    def clock() -> Any:
        return getattr(time, name)() / (1e9 if name.endswith("_ns") else 1)

    deadline, turns = clock() + 20, 0
    while clock() < deadline:
        time.sleep(5)
        turns += 1
    assert (turns, kinesis.now) == (4, NEW_YEAR + timedelta(seconds=20))


def test_code_that_stamps_its_records_agrees_with_kinesis(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.put_record(StreamName="orders", PartitionKey="ada", Data=b"old")
    time.sleep(3600)
    noon = datetime.now(timezone.utc)
    kinesis_client.put_record(StreamName="orders", PartitionKey="ada", Data=b"new")
    iterator = kinesis_client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="AT_TIMESTAMP", Timestamp=noon
    )["ShardIterator"]
    (record,) = kinesis_client.get_records(ShardIterator=iterator)["Records"]
    assert (record["Data"], record["ApproximateArrivalTimestamp"]) == (b"new", noon)


@pytest.mark.asyncio_clients
@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_the_loop_shows_it_too(kinesis: KinesisFake, kind: Any) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time(), time.monotonic()
        await asyncio.sleep(3600)
        assert loop.time() - start[0] == pytest.approx(3600, abs=1e-4)
        assert time.monotonic() - start[1] == pytest.approx(3600, abs=1e-4)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 60)
        assert datetime.now(timezone.utc) == kinesis.now == NEW_YEAR + timedelta(seconds=3660)

    pytest.importorskip(kind).run(main())


def test_threads_of_the_test_see_it_too(kinesis: KinesisFake) -> None:
    def wait_until_deadline() -> Any:
        deadline, turns = time.monotonic() + 60, 0
        while time.monotonic() < deadline:
            time.sleep(20)
            turns += 1
        return turns

    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(wait_until_deadline).result() == 3
    assert kinesis.now == NEW_YEAR + timedelta(seconds=60)


def test_the_monotonic_clock_of_a_thread_of_others_is_the_machines() -> None:
    ask, told = threading.Semaphore(0), []

    def look() -> None:
        ask.acquire()
        told.append(time.monotonic())

    thread = threading.Thread(target=look)
    thread.start()
    before = time.monotonic()
    with fake_kinesis(clock="shared") as kinesis:
        kinesis.advance(hours=25)
        ask.release()
        thread.join()
    assert before <= told[0] <= time.monotonic()


def test_a_snapshot_brings_the_time_of_the_process_back(kinesis: KinesisFake) -> None:
    snapshot = kinesis.snapshot()
    kinesis.advance(hours=1)
    kinesis.restore(snapshot)
    assert datetime.now(timezone.utc) == kinesis.now == NEW_YEAR
    kinesis.advance(seconds=1)
    assert datetime.now(timezone.utc) == kinesis.now == NEW_YEAR + timedelta(seconds=1)


def test_afterwards_the_clocks_are_the_machines() -> None:
    names = ("time", "time_ns", "monotonic", "monotonic_ns")
    before = [getattr(time, name) for name in names]
    year = datetime.now(timezone.utc).year

    def fail_inside() -> None:
        with fake_kinesis(start="2525-01-01T00:00:00Z", clock="shared"):
            assert time.monotonic is not before[2]
            assert datetime.now(timezone.utc).year == 2525
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert datetime.now(timezone.utc).year - year in (0, 1)
    assert [getattr(time, name) for name in names] == before


def test_without_the_option_the_process_has_its_own_time() -> None:
    with fake_kinesis(start="2525-01-01T00:00:00Z", virtual_sleep=True):
        before = time.monotonic()
        time.sleep(3600)
        assert time.monotonic() - before < 3600
        assert datetime.now(timezone.utc).year < 2525


def test_real_sleep_makes_no_sense_with_it() -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(clock="shared", virtual_sleep=False).start()
    assert str(caught.value).startswith(
        "clock='shared' needs virtual sleep: while time.monotonic() shows the virtual time, a loop that sleeps until a "
        "deadline would never end if its sleeps were real. Leave virtual_sleep= out."
    )


def test_without_time_machine_the_remedy_is_named(monkeypatch: Any) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "time_machine" else find_spec(name))
    monkeypatch.setitem(sys.modules, "time_machine", None)
    sleep = time.sleep
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(clock="shared").start()
    assert "which is not installed: pip install 'kinesis-fake[time]'." in str(caught.value)
    assert time.sleep is sleep


# --- several fakes ----------------------------------------------------------------------------------------------------


def test_the_inner_one_of_two_shared_clocks_is_shown_until_it_is_left(kinesis: KinesisFake) -> None:
    with fake_kinesis(start="2030-01-01T00:00:00Z", clock="shared") as inner:
        assert datetime.now(timezone.utc) == inner.now == datetime(2030, 1, 1, tzinfo=timezone.utc)
        kinesis.advance(hours=1)
        time.sleep(60)
        assert datetime.now(timezone.utc) == inner.now == datetime(2030, 1, 1, 0, 1, tzinfo=timezone.utc)
    assert datetime.now(timezone.utc) == kinesis.now == NEW_YEAR + timedelta(hours=1)


@pytest.mark.parametrize("options", [{}, {"clock": "system"}, {"virtual_sleep": True}])
def test_an_inner_fake_with_a_time_of_its_own_is_refused(kinesis: KinesisFake, options: Any) -> None:
    monotonic = time.monotonic
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(**options).start()
    assert str(caught.value).startswith(
        "The fake around this one has clock='shared', so time.time() and datetime.now() show its time, and this one "
        "would have another. Give this one clock='shared', too: its time is shown until it is left."
    )
    assert time.monotonic is monotonic
    assert datetime.now(timezone.utc) == kinesis.now


def test_a_shared_clock_side_by_side_with_another_is_refused(kinesis: KinesisFake) -> None:
    def enter() -> str:
        with pytest.raises(KinesisFakeError) as caught:
            fake_kinesis(start="2030-01-01T00:00:00Z", clock="shared").start()
        return str(caught.value)

    with ThreadPoolExecutor(1) as executor:
        told = executor.submit(enter).result()
    assert told.startswith(
        "A fake with clock='shared' is active in another thread or task, and lets the process show its time. A process "
        "shows one time: leave that fake first, or enter this one inside of it."
    )
    assert datetime.now(timezone.utc) == kinesis.now == NEW_YEAR


def test_shared_clocks_may_follow_each_other() -> None:
    for year in (2030, 2031, 2030):
        with fake_kinesis(start=f"{year}-01-01T00:00:00Z", clock="shared"):
            assert datetime.now(timezone.utc).year == year
