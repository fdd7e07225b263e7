"""``time.sleep`` with ``virtual_sleep``: which clock it moves, by how much, and the function afterwards."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from types import ModuleType
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.virtual_time.sleep import MAX_IDLE_SLEEPS

pytestmark = pytest.mark.interpreter

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
OURS = time.sleep


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
        yield kinesis


def slept(kinesis: KinesisFake) -> Any:
    return kinesis.now - NEW_YEAR


@pytest.mark.parametrize(
    ("seconds", "milliseconds"),
    [(3600, 3_600_000), (1, 1000), (0.25, 250), (0.0015, 2), (0.001, 1), (1e-9, 1), (86_400 * 400, 34_560_000_000)],
)
def test_a_sleep_moves_the_clock_by_its_duration_in_milliseconds(
    kinesis: KinesisFake, seconds: Any, milliseconds: Any
) -> None:
    time.sleep(seconds)
    assert slept(kinesis) == timedelta(milliseconds=milliseconds)


def test_a_sleep_of_no_time_moves_nothing(kinesis: KinesisFake) -> None:
    time.sleep(0)
    assert slept(kinesis) == timedelta(0)


def test_a_sleep_that_a_module_has_imported_by_its_name_is_virtual_too() -> None:
    module = ModuleType("consumer_of_the_test")
    exec("from time import sleep\ndef poll():\n    sleep(60)", module.__dict__)
    bound = module.__dict__["sleep"]
    sys.modules[module.__name__] = module
    try:
        for _ in range(2):
            with fake_kinesis(virtual_sleep=True), fake_kinesis():
                assert module.__dict__["sleep"] is not bound
            with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
                module.__dict__["poll"]()
                assert slept(kinesis) == timedelta(minutes=1)
            assert module.__dict__["sleep"] is bound
        with fake_kinesis():
            assert module.__dict__["sleep"] is bound
    finally:
        del sys.modules[module.__name__]


CHILD = """
import subprocess, sys
from kinesis_fake import fake_kinesis
with fake_kinesis(start="2026-01-01T00:00:00Z", virtual_sleep=True) as kinesis:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.2)"])
    print(child.wait(20), kinesis.now.isoformat())
"""


@pytest.mark.thorough
def test_a_wait_for_a_child_process_is_real_and_moves_nothing() -> None:
    """subprocess sleeps between two looks at the child, which lives in real time."""
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    assert done.stdout == "0 2026-01-01T00:00:00+00:00\n"


def test_what_is_due_happens_while_the_code_sleeps(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.create_stream(StreamName="orders", ShardCount=1)
    time.sleep(19.999)
    assert kinesis.stream("orders").status == "CREATING"
    time.sleep(0.001)
    assert kinesis.stream("orders").status == "ACTIVE"


IDLE = (
    "The code under test has slept {} times without a call of Kinesis in between. A loop until a deadline of "
    "time.monotonic(), time.time() or datetime.now() goes on until that has passed for real: let those clocks show the "
    "virtual time, with fake_kinesis(clock='shared'). A loop that waits for something that never happens needs another "
    "end, such as a number of turns."
)


@pytest.mark.parametrize("sleeps", [100, pytest.param(100_000, marks=pytest.mark.thorough)])
def test_a_loop_until_a_deadline_of_the_real_clock_is_told_why_it_does_not_end(
    kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch, sleeps: int
) -> None:
    if sleeps != MAX_IDLE_SLEEPS:
        monkeypatch.setattr("kinesis_fake.virtual_time.sleep.MAX_IDLE_SLEEPS", sleeps)

    def wait(deadline: Any) -> None:
        while time.monotonic() < deadline:
            time.sleep(0.001)

    with pytest.raises(KinesisFakeError) as caught:
        wait(time.monotonic() + 3600)
    assert str(caught.value) == IDLE.format(f"{sleeps:,}")
    assert slept(kinesis) == timedelta(milliseconds=sleeps)


def test_a_task_that_loops_until_a_deadline_of_the_real_clock_is_told_so_too(
    kinesis: KinesisFake, monkeypatch: Any
) -> None:
    monkeypatch.setattr("kinesis_fake.virtual_time.sleep.MAX_IDLE_SLEEPS", 100)

    async def wait(deadline: Any) -> None:
        while time.monotonic() < deadline:
            await asyncio.sleep(0.001)

    with pytest.raises(KinesisFakeError, match="has slept 100 times without a call"):
        asyncio.run(wait(time.monotonic() + 3600))


@pytest.mark.parametrize("by_a_task", [False, True])
def test_a_loop_that_swallows_why_it_does_not_end_fails_the_test_unless_it_catches_it_by_its_name(
    monkeypatch: pytest.MonkeyPatch, by_a_task: bool
) -> None:
    monkeypatch.setattr("kinesis_fake.virtual_time.sleep.MAX_IDLE_SLEEPS", 100)

    async def sleep_for_ever() -> None:
        while True:
            await asyncio.sleep(1) if by_a_task else time.sleep(1)

    async def swallow() -> None:
        try:
            await sleep_for_ever()
        except Exception:
            return

    async def expect() -> None:
        try:
            await sleep_for_ever()
        except KinesisFakeError:
            return

    def run(code: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with fake_kinesis(virtual_sleep=True):
            asyncio.run(code())

    with pytest.raises(KinesisFakeError, match=r"^The code under test has swallowed an error of the fake .* has slept"):
        run(swallow)
    run(expect)


def test_a_call_in_between_is_enough(kinesis: KinesisFake, kinesis_client: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("kinesis_fake.virtual_time.sleep.MAX_IDLE_SLEEPS", 100)
    for _ in range(3):
        for _ in range(100):
            time.sleep(1)
        kinesis_client.list_streams()


def test_a_loop_that_polls_and_sleeps_comes_to_its_end(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.create_stream(StreamName="orders", ShardCount=1)
    polls = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinesis._service, "jumps_over_transitions", False)
        while kinesis_client.describe_stream(StreamName="orders")["StreamDescription"]["StreamStatus"] != "ACTIVE":
            time.sleep(3)
            polls += 1
    assert (polls, slept(kinesis)) == (7, timedelta(seconds=21))


@pytest.mark.parametrize("seconds", [-1, float("nan"), "1", None])
def test_what_no_sleep_takes_is_refused_as_always(kinesis: KinesisFake, seconds: Any) -> None:
    with pytest.raises((ValueError, TypeError, KinesisFakeError)):
        time.sleep(seconds)
    assert slept(kinesis) == timedelta(0)


def test_a_sleep_without_end_is_refused(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        time.sleep(float("inf"))
    assert str(caught.value) == "A virtual sleep cannot last inf seconds; give it an end."


def test_a_sleep_beyond_the_end_of_time_is_refused(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError, match="Virtual time ends with the year 9999"):
        time.sleep(1e12)


# --- whose sleep --------------------------------------------------------------------------------------------------


def test_without_the_option_the_fake_does_not_touch_sleep() -> None:
    with fake_kinesis():
        assert time.sleep is OURS


def test_afterwards_sleep_is_what_it_was() -> None:
    for _ in range(2):
        with fake_kinesis(virtual_sleep=True):
            assert time.sleep is not OURS
        assert time.sleep is OURS
    with pytest.raises(ZeroDivisionError), fake_kinesis(virtual_sleep=True):
        raise ZeroDivisionError
    assert time.sleep is OURS


def test_inner_and_outer_fakes_each_sleep_in_their_own_time() -> None:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as outer:
        time.sleep(1)
        with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as inner:
            time.sleep(10)
        time.sleep(100)
        assert (slept(outer), slept(inner)) == (timedelta(seconds=101), timedelta(seconds=10))
    assert time.sleep is OURS


def test_inside_a_fake_that_does_not_sleep_virtually_sleep_is_real(monkeypatch: Any) -> None:
    real: list[Any] = []
    monkeypatch.setattr(time, "sleep", real.append)
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as outer:
        with fake_kinesis(start=NEW_YEAR) as inner:
            time.sleep(10)
        time.sleep(1)
        assert (real, slept(outer), slept(inner)) == ([10], timedelta(seconds=1), timedelta(0))


def test_fakes_may_be_left_in_another_order_than_they_were_entered() -> None:
    first, second = fake_kinesis(virtual_sleep=True), fake_kinesis(virtual_sleep=True)
    first.__enter__()
    second.__enter__()
    with pytest.raises(KinesisFakeError, match="still active inside it"):
        first.__exit__(None, None, None)
    assert time.sleep is not OURS
    second.__exit__(None, None, None)
    assert time.sleep is OURS


def test_what_another_patcher_has_put_in_the_place_of_sleep_is_kept() -> None:
    def theirs(seconds: Any) -> Any:
        return seconds

    with pytest.MonkeyPatch.context() as patch:
        with fake_kinesis(virtual_sleep=True):
            ours = time.sleep
            patch.setattr(time, "sleep", theirs)
        assert time.sleep is theirs
    assert time.sleep is ours  # what the monkeypatch found; without a fake it does nothing of its own
    time.sleep(0)
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
        time.sleep(1)
        assert slept(kinesis) == timedelta(seconds=1)
    assert time.sleep is OURS  # the next one to leave a fake has tidied up


# --- threads ------------------------------------------------------------------------------------------------------


def test_threads_sleep_side_by_side(kinesis: KinesisFake) -> None:
    def sleep(_: int) -> None:
        for _ in range(10):
            time.sleep(0.5)

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(sleep, range(8)))
    assert slept(kinesis) == timedelta(seconds=5)


def test_a_thread_sleeps_at_least_as_long_as_it_wanted(kinesis: KinesisFake) -> None:
    def sleep(seconds: Any) -> Any:
        before = kinesis.now
        time.sleep(seconds)
        return kinesis.now - before >= timedelta(seconds=seconds)

    with ThreadPoolExecutor(4) as executor:
        assert all(executor.map(sleep, [1, 2, 3, 4] * 10))


def test_a_consumer_in_a_thread_gets_what_the_test_puts(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis.create_stream("orders", shards=1)
    got: list[Any] = []
    done = threading.Event()

    def consume() -> None:
        iterator = kinesis_client.get_shard_iterator(
            StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while len(got) < 3:
            answer = kinesis_client.get_records(ShardIterator=iterator)
            got.extend(record["Data"] for record in answer["Records"])
            iterator = answer["NextShardIterator"]
            time.sleep(1)
        done.set()

    thread = threading.Thread(target=consume)
    thread.start()
    for number in range(3):
        kinesis.stream("orders").put(str(number))
        time.sleep(60)
    assert done.wait(30)
    thread.join()
    assert got == [b"0", b"1", b"2"]


def test_a_thread_that_belongs_to_no_fake_sleeps_for_real_when_there_are_several(monkeypatch: Any) -> None:
    real: list[Any] = []
    monkeypatch.setattr(time, "sleep", real.append)
    entered, leave = threading.Barrier(3, timeout=30), threading.Event()

    def inside(seconds: Any) -> Any:
        with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
            entered.wait()
            time.sleep(seconds)
            leave.wait(30)
            return slept(kinesis)

    with ThreadPoolExecutor(2) as executor:
        futures = [executor.submit(inside, seconds) for seconds in (1, 2)]
        entered.wait()
        time.sleep(5)  # neither of the two fakes can be meant
        leave.set()
        assert [future.result(30) for future in futures] == [timedelta(seconds=1), timedelta(seconds=2)]
    assert real == [5]
