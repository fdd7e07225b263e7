"""Threads that were there before the fake sleep for real, do not move its clock, and go on undisturbed."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Daemon:
    """A thread that does what it is given, one thing after the other."""

    def __init__(self) -> None:
        self._work = ThreadPoolExecutor(1)
        self.do(int)  # the thread is there from now on

    def do(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self.begin(function, *arguments).result()

    def begin(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        return self._work.submit(function, *arguments)

    def end(self) -> None:
        self._work.shutdown()


@pytest.fixture
def daemon() -> Generator[Daemon]:
    daemon = Daemon()
    yield daemon
    daemon.end()


@pytest.fixture
def slept_for_real(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds for which ``time.sleep`` has really slept."""
    real: list[float] = []
    monkeypatch.setattr(time, "sleep", real.append)
    return real


@pytest.fixture
def kinesis(daemon: Daemon, slept_for_real: list[float]) -> Generator[KinesisFake]:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True, streams={"orders": 1}) as kinesis:
        yield kinesis


def at(kinesis: KinesisFake) -> float:
    return (kinesis.now - NEW_YEAR).total_seconds()


def test_it_sleeps_for_real_and_moves_nothing(kinesis: KinesisFake, daemon: Any, slept_for_real: Any) -> None:
    daemon.do(time.sleep, 5)
    assert (slept_for_real, at(kinesis)) == ([5], 0)
    time.sleep(7)
    assert (slept_for_real, at(kinesis)) == ([5], 7)


def test_its_timeouts_are_real(kinesis: KinesisFake, daemon: Any) -> None:
    assert not daemon.do(threading.Event().wait, 0.001)
    assert at(kinesis) == 0


def test_a_thread_that_it_starts_is_its_own(kinesis: KinesisFake, daemon: Any, slept_for_real: Any) -> None:
    def start_another() -> None:
        another = threading.Thread(target=time.sleep, args=(5,))
        another.start()
        another.join()

    daemon.do(start_another)
    assert (slept_for_real, at(kinesis)) == ([5], 0)


def test_a_thread_that_calls_the_fake_belongs_to_the_test(
    kinesis: KinesisFake, kinesis_client: Any, daemon: Any, slept_for_real: Any
) -> None:
    daemon.do(kinesis_client.list_streams)
    daemon.do(time.sleep, 5)
    assert (slept_for_real, at(kinesis)) == ([], 5)


def test_a_thread_that_enters_the_fake_of_its_own_sleeps_in_that(
    kinesis: KinesisFake, daemon: Any, slept_for_real: Any
) -> None:
    def inside() -> Any:
        with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as own:
            time.sleep(9)
            return at(own)

    assert daemon.do(inside) == 9
    assert (slept_for_real, at(kinesis)) == ([], 0)


def test_a_thread_that_the_test_starts_belongs_to_the_test(kinesis: KinesisFake, slept_for_real: Any) -> None:
    thread = threading.Thread(target=time.sleep, args=(5,))
    thread.start()
    thread.join()
    assert (slept_for_real, at(kinesis)) == ([], 5)


def sleep_often(seconds: float, times: int) -> None:
    for _ in range(times):
        time.sleep(seconds)


def test_a_daemon_that_polls_all_day_is_not_killed(
    kinesis: KinesisFake, daemon: Any, slept_for_real: Any, monkeypatch: Any
) -> None:
    """As the poller of a notebook's kernel does: it sleeps in a loop and has no idea of Kinesis."""
    monkeypatch.setattr("kinesis_fake.virtual_time.sleep.MAX_IDLE_SLEEPS", 100)
    daemon.do(lambda: sleep_often(0.05, 1000))
    assert (len(slept_for_real), at(kinesis)) == (1000, 0)


def test_a_thread_of_the_test_that_only_sleeps_is_told_of_when_the_fake_is_left(
    daemon: Any, slept_for_real: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("kinesis_fake.virtual_time.sleep.MAX_IDLE_SLEEPS", 100)
    finished: list[threading.Thread] = []

    def sleep() -> None:
        sleep_often(1, 150)
        finished.append(threading.current_thread())

    def run_it() -> None:
        with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
            thread = threading.Thread(target=sleep)
            thread.start()
            thread.join()
            assert at(kinesis) == 100  # the others were real

    with pytest.raises(KinesisFakeError, match="has slept 100 times without a call of Kinesis in between"):
        run_it()
    assert len(finished) == 1
    assert slept_for_real == [1] * 50


def test_what_is_told_of_does_not_mask_a_failure(slept_for_real: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("kinesis_fake.virtual_time.sleep.MAX_IDLE_SLEEPS", 100)

    def run_it() -> None:
        with fake_kinesis(start=NEW_YEAR, virtual_sleep=True):
            thread = threading.Thread(target=sleep_often, args=(1, 150))
            thread.start()
            thread.join()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_it()


def test_the_fake_keeps_no_thread_of_others_that_has_ended(daemon: Daemon, slept_for_real: list[float]) -> None:
    waits = threading.Event()
    earlier = threading.Thread(target=waits.wait)
    earlier.start()

    def start_another() -> threading.Thread:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        return thread

    with fake_kinesis(virtual_sleep=True):
        waits.set()
        earlier.join()
        threads = [weakref.ref(earlier), *(weakref.ref(daemon.do(start_another)) for _ in range(10))]
        del earlier
        daemon.do(int)  # its thread forgets the last result
        gc.collect()
        assert [thread() for thread in threads] == [None] * 11
