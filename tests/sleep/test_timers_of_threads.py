"""The timeouts of threads: with ``virtual_sleep`` they are virtual, without it they are real."""

from __future__ import annotations

import concurrent.futures
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, fake_kinesis

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True, streams={"orders": 1}) as kinesis:
        yield kinesis


def at(kinesis: KinesisFake) -> float:
    return (kinesis.now - NEW_YEAR).total_seconds()


def in_condition(wait: Callable[[threading.Condition], Any]) -> Any:
    condition = threading.Condition()
    with condition:
        return wait(condition)


def as_completed(timeout: float) -> bool:
    with pytest.raises(concurrent.futures.TimeoutError):
        list(concurrent.futures.as_completed([concurrent.futures.Future()], timeout))
    return False


def result_of_future(timeout: float) -> bool:
    with pytest.raises(concurrent.futures.TimeoutError):
        concurrent.futures.Future().result(timeout)
    return False


def from_queue(timeout: float) -> bool:
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=timeout)
    return False


def into_queue(timeout: float) -> bool:
    full: queue.Queue[Any] = queue.Queue(1)
    full.put(1)
    with pytest.raises(queue.Full):
        full.put(2, timeout=timeout)
    return False


#: What gives up after a time, each with a call that comes to nothing.
IDIOMS: dict[str, Callable[[float], Any]] = {
    "Event.wait": lambda timeout: threading.Event().wait(timeout),
    "Condition.wait": lambda timeout: in_condition(lambda condition: condition.wait(timeout)),
    "Condition.wait_for": lambda timeout: in_condition(lambda condition: condition.wait_for(lambda: False, timeout)),
    "Semaphore.acquire": lambda timeout: threading.Semaphore(0).acquire(timeout=timeout),
    "Queue.get": from_queue,
    "Queue.put": into_queue,
    "Future.result": result_of_future,
    "futures.wait": lambda timeout: concurrent.futures.wait([concurrent.futures.Future()], timeout).done,
    "as_completed": as_completed,
}


@pytest.mark.parametrize("idiom", IDIOMS)
def test_giving_up_takes_virtual_time_only(kinesis: KinesisFake, idiom: Any) -> None:
    assert not IDIOMS[idiom](300)
    assert at(kinesis) == 300
    assert not IDIOMS[idiom](0.5)
    assert at(kinesis) == 300.5


@pytest.mark.parametrize("idiom", IDIOMS)
def test_without_the_option_giving_up_takes_real_time(idiom: Any) -> None:
    with fake_kinesis(start=NEW_YEAR) as kinesis:
        before = time.perf_counter()
        assert not IDIOMS[idiom](0.01)
        assert time.perf_counter() - before >= 0.009
        assert at(kinesis) == 0


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_timeout_of_nothing_moves_nothing(kinesis: KinesisFake, timeout: Any) -> None:
    assert not threading.Event().wait(timeout)
    assert at(kinesis) == 0


def test_a_condition_that_is_not_held_is_refused_as_always(kinesis: KinesisFake) -> None:
    with pytest.raises(RuntimeError, match="cannot wait on un-acquired lock"):
        threading.Condition().wait(5)
    assert at(kinesis) == 0


def test_a_barrier_breaks_at_its_timeout(kinesis: KinesisFake) -> None:
    with pytest.raises(threading.BrokenBarrierError):
        threading.Barrier(2).wait(7)
    assert at(kinesis) == 7


def test_what_is_due_happens_while_a_thread_waits(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis_client.create_stream(StreamName="payments", ShardCount=1)
    threading.Event().wait(19.999)
    assert kinesis.stream("payments").status == "CREATING"
    threading.Event().wait(0.001)
    assert kinesis.stream("payments").status == "ACTIVE"


def test_a_consumer_stops_when_it_is_told_and_not_before(kinesis: KinesisFake) -> None:
    """The idiom of a graceful shutdown: a poll per minute until the test sets the event."""
    stop, polls = threading.Event(), []

    def consume() -> None:
        while not stop.wait(60):
            polls.append(at(kinesis))

    thread = threading.Thread(target=consume)
    thread.start()
    time.sleep(150)
    stop.set()
    thread.join()
    assert polls == [60, 120]
    assert at(kinesis) == 150


def test_an_event_that_is_set_in_time_ends_the_wait_at_its_instant(kinesis: KinesisFake) -> None:
    happened = threading.Event()

    def happen() -> None:
        time.sleep(3)
        happened.set()

    thread = threading.Thread(target=happen)
    thread.start()
    assert happened.wait(10)
    assert at(kinesis) == 3
    thread.join()


def test_a_timer_rings_at_its_instant(kinesis: KinesisFake) -> None:
    rung = []
    timer = threading.Timer(90, lambda: rung.append(at(kinesis)))
    timer.start()
    time.sleep(89)
    assert rung == []
    time.sleep(1.001)
    timer.join()
    assert rung == [90]


def test_a_timer_that_is_cancelled_does_not_ring(kinesis: KinesisFake) -> None:
    rung = []
    timer = threading.Timer(90, lambda: rung.append(at(kinesis)))
    timer.start()
    time.sleep(89)
    timer.cancel()
    timer.join()
    time.sleep(10)
    assert rung == []


def test_a_producer_and_a_consumer_with_a_queue_between(kinesis: KinesisFake) -> None:
    orders: queue.Queue[int] = queue.Queue()
    got: list[tuple[int | str, float]] = []

    def produce() -> None:
        for number in range(5):
            time.sleep(10)
            orders.put(number)

    def consume() -> None:
        try:
            while True:
                got.append((orders.get(timeout=15), at(kinesis)))
        except queue.Empty:
            got.append(("nothing more", at(kinesis)))

    threads = [threading.Thread(target=target) for target in (produce, consume)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [(0, 10), (1, 20), (2, 30), (3, 40), (4, 50), ("nothing more", 65)]


def test_the_result_of_work_that_sleeps_comes_in_time_or_too_late(kinesis: KinesisFake) -> None:
    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(time.sleep, 5).result(6) is None
        assert at(kinesis) == 5
        late = executor.submit(time.sleep, 5)
        with pytest.raises(concurrent.futures.TimeoutError):
            late.result(4)
        assert at(kinesis) == 9


def test_results_of_a_map_come_in_time_or_too_late(kinesis: KinesisFake) -> None:
    with ThreadPoolExecutor(2) as executor:
        assert list(executor.map(time.sleep, [5, 5], timeout=6)) == [None, None]
        with pytest.raises(concurrent.futures.TimeoutError):
            list(executor.map(time.sleep, [5, 5], timeout=4))


def test_a_thread_is_joined_in_time_or_too_late(kinesis: KinesisFake) -> None:
    thread = threading.Thread(target=time.sleep, args=(5,))
    thread.start()
    thread.join(4)
    assert (thread.is_alive(), at(kinesis)) == (True, 4)
    thread.join(4)
    assert (thread.is_alive(), at(kinesis)) == (False, 5)
    thread.join(4)
    assert at(kinesis) == 5


def test_a_thread_that_was_not_started_cannot_be_joined(kinesis: KinesisFake) -> None:
    with pytest.raises(RuntimeError, match="cannot join thread before it is started"):
        threading.Thread(target=print).join(5)
    assert at(kinesis) == 0


def test_timeouts_longer_than_any_life_are_no_timeouts(kinesis: KinesisFake) -> None:
    happened = threading.Event()
    thread = threading.Thread(target=happened.set)
    condition: threading.Condition = vars(happened)["_cond"]
    with condition:  # so that the thread cannot set it before the test waits
        thread.start()
    assert happened.wait(threading.TIMEOUT_MAX)
    thread.join()
    assert at(kinesis) == 0


def test_a_thread_that_outlives_the_fake_waits_on_in_real_time() -> None:
    release, results = threading.Event(), []
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:
        # The test's own thread goes on, so this one sleeps until the fake is left.
        started = threading.Event()

        def wait() -> None:
            started.set()
            results.append(release.wait(3600))

        thread = threading.Thread(target=wait)
        thread.start()
        started.wait()
        assert at(kinesis) == 0
    release.set()
    thread.join()
    assert results == [True]


def test_many_sleeping_threads_end_at_the_same_instants_each_time() -> None:
    def run() -> list[tuple[int, float]]:
        told = []
        with fake_kinesis(start=NEW_YEAR, virtual_sleep=True) as kinesis:

            def sleep(number: int) -> None:
                for _ in range(3):
                    time.sleep(number)
                    told.append((number, at(kinesis)))

            threads = [threading.Thread(target=sleep, args=(number,)) for number in (2, 3, 5, 7)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return sorted(told)

    expected = [(number, number * turn) for number in (2, 3, 5, 7) for turn in (1, 2, 3)]
    for _ in range(10):
        assert run() == expected


def test_everything_is_put_back(monkeypatch: Any) -> None:
    names = [
        (threading.Condition, "wait"),
        (threading.Thread, "join"),
        (threading.Thread, "start"),
        (threading, "_time"),
        (queue, "time"),
        (concurrent.futures._base, "time"),
    ]
    before = [getattr(owner, name) for owner, name in names]
    with fake_kinesis(virtual_sleep=True):
        assert all(getattr(owner, name) is not value for (owner, name), value in zip(names, before, strict=True))
    assert [getattr(owner, name) for owner, name in names] == before
    with fake_kinesis():
        assert [getattr(owner, name) for owner, name in names] == before


def test_ten_idle_minutes_beside_a_thread_that_waits_cost_little(kinesis: KinesisFake, kinesis_client: Any) -> None:
    """A thread that waits for the test can do nothing, so no real time is left to it."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    before = time.perf_counter()
    for _ in range(600):
        time.sleep(1)
    assert time.perf_counter() - before < 2  # with the ten milliseconds each that a busy thread is left: six
    stop.set()
    thread.join()
    assert at(kinesis) == timedelta(minutes=10).total_seconds()
