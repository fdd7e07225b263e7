"""Whatever breaks at any point of entering or leaving a fake, the process is as it was before."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import botocore.regions
import botocore.waiter
import pytest
import time_machine

import kinesis_fake
from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.botocore_hook import ACTIVE_FAKES, ORDINALS
from kinesis_fake.process import fork_locks
from tests.support.interrupts import Interrupt, interrupted_at_each_line

pytestmark = pytest.mark.interpreter

SOURCE = Path(kinesis_fake.__file__).parent
#: Where entering and leaving change the process.
ROOMS = tuple(
    str(SOURCE / room)
    for room in (
        "activation",
        "process",
        "botocore_hook/guard.py",
        "botocore_hook/clients.py",
        "virtual_time/clock.py",
        "virtual_time/shared_time.py",
        "virtual_time/shown_time.py",
    )
)


#: When this module was loaded.
MADE_AT = time.time()


def state_of_the_process() -> dict[str, Any]:
    """All that a fake changes in the process."""
    patched: list[tuple[Any, str]] = [
        (botocore.client.BaseClient, "_make_request"),
        (botocore.client.BaseClient, "_resolve_endpoint_ruleset"),
        (botocore.configprovider.ConfiguredEndpointProvider, "provide"),
        (botocore.regions.EndpointRulesetResolver, "_get_customized_builtins"),
        (botocore.session.Session, "__init__"),
        (botocore.session.Session, "create_client"),
        (botocore.waiter.Waiter, "wait"),
        (BaseProcess, "start"),
        (time, "sleep"),
        (asyncio, "sleep"),
        (asyncio.tasks, "sleep"),
        (time, "monotonic"),
        (time, "monotonic_ns"),
        (uuid, "_generate_time_safe"),
        (uuid, "_UuidCreate"),
    ]
    return {
        **{f"{owner.__name__}.{name}": vars(owner)[name] for owner, name in patched},
        "environment": dict(os.environ),
        "time zone": time.tzname,
        "shows a time of the past": time.time() < MADE_AT,
        "travels": time_machine.escape_hatch.is_travelling(),
        "active": len(ACTIVE_FAKES),
        "entered here": ACTIVE_FAKES.entered_here(),
        "numbers": {number: owner() for number, owner in ORDINALS._owners.items() if owner() is not None},
        "locks are free": all(map(_is_free, fork_locks._brief_locks)),
    }


def _is_free(lock: Any) -> bool:
    """Whether another thread can take this lock."""
    free = []

    def take() -> None:
        if lock.acquire(blocking=False):
            lock.release()
            free.append(lock)

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    return bool(free)


def require_restored(before: dict[str, Any], where: str) -> None:
    """What is interrupted in the first line of leaving is undone when the fake ceases to exist.

    If the exception and the frames that it went through hold each other, the garbage collector sees to that.
    """
    if state_of_the_process() != before:
        gc.collect()
    assert state_of_the_process() == before, where


def plain_block() -> None:
    with fake_kinesis():
        pass


def with_block() -> None:
    with fake_kinesis(virtual_sleep=True):
        pass


def with_shared_clock() -> None:
    with fake_kinesis(start="2020-01-01T00:00:00Z", clock="shared") as kinesis:
        kinesis.advance(hours=1)


def two_with_shared_clocks() -> None:
    with shared_clock(), shared_clock() as kinesis:
        kinesis.advance(hours=1)


def shared_clock() -> AbstractContextManager[KinesisFake]:
    return fake_kinesis(start="2020-01-01T00:00:00Z", clock="shared", virtual_sleep=False)


def started_and_stopped() -> None:
    way_in = fake_kinesis(virtual_sleep=True)
    way_in.start()
    try:
        way_in.stop()
    except Interrupt:
        with contextlib.suppress(KinesisFakeError):  # it has been stopped
            way_in.stop()
        raise


@fake_kinesis(virtual_sleep=True)
def decorated() -> None:
    pass


def two_nested() -> None:
    with fake_kinesis(virtual_sleep=True), fake_kinesis(virtual_sleep=True):
        pass


async def in_a_coroutine() -> None:
    async with fake_kinesis(virtual_sleep=True):
        pass


def a_coroutine() -> None:
    # Without a loop, which would meet the interrupts too: nothing in it waits.
    with pytest.raises(StopIteration):
        in_a_coroutine().send(None)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "run",
    [
        pytest.param(plain_block, marks=pytest.mark.botocore),
        with_block,
        started_and_stopped,
        decorated,
        two_nested,
        a_coroutine,
    ],
)
def test_an_interrupt_at_any_line_of_entering_and_leaving_leaves_the_process_as_it_was(run: Callable[[], None]) -> None:
    run()  # what is loaded and remembered for good is so now
    before = state_of_the_process()
    places = []
    for where in interrupted_at_each_line(run, of=lambda filename: filename.startswith(ROOMS)):
        require_restored(before, where)
        places.append(where)
    # Both were interrupted: what is done, and what undoes it.
    assert {place.split(" in ")[1] for place in places} >= {
        "replace",
        "_restore",
        "acquire",
        "_release",
        "enter",
        "leave",
    }
    assert len(places) > 100


def test_an_interrupt_at_every_tenth_line_of_entering_and_leaving_leaves_the_process_as_it_was() -> None:
    plain_block()
    before = state_of_the_process()
    places = []
    for where in interrupted_at_each_line(plain_block, of=lambda filename: filename.startswith(ROOMS), step=10):
        require_restored(before, where)
        places.append(where)
    assert len(places) > 10


@pytest.mark.thorough
def test_an_interrupt_at_any_line_of_showing_the_virtual_time_leaves_the_clocks_of_the_process_as_they_were() -> None:
    with_shared_clock()
    before = state_of_the_process()
    assert not before["shows a time of the past"]
    places = []
    shows = str(SOURCE / "virtual_time/shown_time.py"), str(SOURCE / "activation/process_time.py")
    for where in interrupted_at_each_line(with_shared_clock, of=lambda filename: filename.startswith(shows)):
        require_restored(before, where)
        places.append(where.split(" in ")[1])
    assert {"begin", "move_to", "end", "_carry_out"} <= set(places)


@pytest.mark.parametrize("name", ["start", "stop"])
def test_an_interrupt_right_after_the_time_machine_leaves_the_clocks_of_the_process_as_they_were(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with_shared_clock()
    before = state_of_the_process()
    original = getattr(time_machine.travel, name)

    def interrupted(travel: time_machine.travel) -> None:
        original(travel)
        raise Interrupt

    with monkeypatch.context() as patched:
        patched.setattr(time_machine.travel, name, interrupted)
        with pytest.raises(Interrupt):
            with_shared_clock()
    assert state_of_the_process() == before
    with time_machine.travel("2021-01-01", tick=False):  # a travel of the test goes on
        inside = state_of_the_process()
        with monkeypatch.context() as patched:
            patched.setattr(time_machine.travel, name, interrupted)
            with pytest.raises(Interrupt):
                with_shared_clock()
        assert state_of_the_process() == inside
    assert state_of_the_process() == before


@pytest.mark.thorough
def test_an_interrupt_at_any_line_of_making_a_client_leaves_the_process_as_it_was() -> None:
    def make_client() -> None:
        boto3.client("kinesis")

    with fake_kinesis():
        make_client()
        before = state_of_the_process()
        for where in interrupted_at_each_line(make_client, of=lambda filename: filename.startswith(ROOMS)):
            require_restored(before, where)


def test_the_fake_after_an_interrupted_one_makes_the_replacements_that_the_interrupted_one_has_not_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait = vars(botocore.waiter.Waiter)["wait"]

    def run() -> None:
        # A function that no fake has replaced yet: another patcher has wrapped the method.
        monkeypatch.setattr(botocore.waiter.Waiter, "wait", lambda self, **parameters: wait(self, **parameters))
        plain_block()

    for where in interrupted_at_each_line(run, of=lambda filename: filename.endswith("patches.py")):
        theirs = vars(botocore.waiter.Waiter)["wait"]
        with fake_kinesis() as kinesis:
            ours = vars(botocore.waiter.Waiter)["wait"]
            assert getattr(ours, "__wrapped__", None) is theirs, where
            assert ours.__qualname__ == "wait", where
            client = kinesis.client()
            client.create_stream(StreamName="orders", ShardCount=1)
            client.get_waiter("stream_exists").wait(StreamName="orders")
            assert kinesis.pending() == [], where
        monkeypatch.setattr(
            botocore.waiter.Waiter, "wait", ours
        )  # another patcher puts back what it has found inside the fake
        plain_block()
        assert vars(botocore.waiter.Waiter)["wait"] is theirs, where


def test_the_fake_after_an_interrupted_one_makes_the_same_tokens() -> None:
    def iterator() -> str:
        with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}) as kinesis:
            answer = kinesis.client().get_shard_iterator(
                StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="LATEST"
            )
            return str(answer["ShardIterator"])

    expected = iterator()
    for where in interrupted_at_each_line(with_block, of=lambda filename: filename.endswith("ordinals.py")):
        assert iterator() == expected, where


@pytest.mark.thorough
def test_an_inner_fake_that_is_interrupted_leaves_the_outer_one_in_force() -> None:
    with fake_kinesis(streams={"orders": 1}) as outer:
        before = state_of_the_process()
        for where in interrupted_at_each_line(with_block, of=lambda filename: filename.startswith(ROOMS)):
            require_restored(before, where)
        assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]
        assert len(outer.calls) == 1


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers that send signals")
# The interpreter swallows, and reports, what is raised while an object is destroyed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.thorough
@pytest.mark.parametrize("run", [with_block, with_shared_clock])
def test_the_signal_of_a_time_limit_may_come_at_any_time(run: Callable[[], None]) -> None:
    class TimeLimit(BaseException):
        pass

    def end(number: int, frame: object) -> None:
        raise TimeLimit

    run()
    before = state_of_the_process()
    handler, remaining = signal.signal(signal.SIGALRM, end), signal.getitimer(signal.ITIMER_REAL)
    ended = 0
    try:
        for round_number in range(1, 150):
            try:
                signal.setitimer(signal.ITIMER_REAL, round_number * 2e-5)
                run()
                signal.setitimer(signal.ITIMER_REAL, 0)
            except TimeLimit:
                ended += 1
            require_restored(before, f"after {round_number * 20} µs")
    finally:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *remaining)
    assert ended


# --- a botocore that has changed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "owner", "name"),
    [
        ("client", "BaseClient", "_make_request"),
        ("client", "BaseClient", "_resolve_endpoint_ruleset"),
        ("configprovider", "ConfiguredEndpointProvider", "provide"),
        ("regions", "EndpointRulesetResolver", "_get_customized_builtins"),
        ("retries.standard", "RetryHandler", "needs_retry"),
        ("serialize", "JSONSerializer", "serialize_to_request"),
        ("session", "Session", "create_client"),
        ("validate", "ParamValidator", "validate"),
        ("waiter", "Waiter", "wait"),
    ],
)
@pytest.mark.parametrize("whole_class", [False, True], ids=["method", "class"])
def test_a_botocore_without_a_name_that_is_needed_is_refused_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, module: str, owner: str, name: str, whole_class: bool
) -> None:
    with_block()
    if whole_class:
        monkeypatch.delattr(sys.modules[f"botocore.{module}"], owner)
    else:
        monkeypatch.delattr(getattr(sys.modules[f"botocore.{module}"], owner), name)
    monkeypatch.setattr(botocore, "__version__", "9.9.9")
    way_in = fake_kinesis()
    with pytest.raises(KinesisFakeError) as caught:
        way_in.__enter__()
    if whole_class:  # the first method that is missed
        name = {"Session": "__init__", "BaseClient": "_convert_to_request_dict"}.get(owner, name)
    assert str(caught.value) == (
        f"kinesis_fake relies on botocore.{module}.{owner}.{name}, which the installed botocore 9.9.9 does not have. "
        "Install a newer kinesis_fake, or an older botocore."
    )
    monkeypatch.undo()
    assert len(ACTIVE_FAKES) == 0
    assert not hasattr(vars(botocore.client.BaseClient)["_make_request"], "__wrapped__")
    assert "AWS_ENDPOINT_URL_KINESIS" not in os.environ
    with fake_kinesis(streams={"orders": 1}):
        assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]


@pytest.mark.thorough
def test_a_program_that_ends_inside_a_fake_says_nothing() -> None:
    program = "import kinesis_fake; way_in = kinesis_fake.fake_kinesis(virtual_sleep=True); way_in.start()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_fake_whose_streams_are_refused_leaves_nothing() -> None:
    before = state_of_the_process()
    with pytest.raises(KinesisFakeError):
        fake_kinesis(streams={"": 1}).start()
    assert state_of_the_process() == before
