"""What virtual time relies on in the standard library and in trio, by name: a release without one of them breaks it.

``NAMES``, ``VARIABLES`` and ``ATTRIBUTES`` are the tables. When a new Python comes out, look here first: a failing test
says which name is gone and what the fake uses it for. A last test reads ``kinesis_fake/virtual_time`` and finds private
names that are missing in the tables.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import kinesis_fake
from tests.support.names_of_others import found, private_names_of_others

pytestmark = pytest.mark.interpreter

ROOM = Path(kinesis_fake.__file__).parent / "virtual_time"

#: Module, what is looked up there, and what for.
NAMES: tuple[tuple[str, str, str], ...] = (
    ("asyncio", "BaseEventLoop._run_once", "the loop itself looks at its real clock there"),
    ("asyncio", "BaseEventLoop.call_at", "timers of loops are virtual"),
    ("asyncio", "BaseEventLoop.call_later", "timers of loops are virtual"),
    ("asyncio", "BaseEventLoop.shutdown_default_executor", "threads that a loop joins when it closes"),
    ("asyncio", "BaseEventLoop.time", "the clock of a loop is virtual"),
    ("asyncio.selector_events", "BaseSelectorEventLoop._read_from_self", "the pipe by which threads wake up a loop"),
    ("asyncio.futures", "_chain_future", "what a task has given to a thread"),
    ("asyncio.tasks", "_GatheringFuture", "futures that complete when tasks do"),
    ("asyncio.tasks", "_wait", "tasks that only wait for tasks"),
    ("asyncio.tasks", "sleep", "asyncio.sleep is one function"),
    ("concurrent.futures._base", "time", "the clock from which futures count down"),
    ("concurrent.futures.thread", "_worker", "threads of executors that wait for work"),
    ("queue", "time", "the clock from which queues count down"),
    ("selectors", "DefaultSelector.select", "whether a loop is idle"),
    ("sys", "_current_frames", "whether a thread waits, or goes on"),
    ("sys", "_getframe", "who looks at a clock, or sleeps"),
    ("threading", "Condition._acquire_restore", "timeouts of conditions are virtual"),
    ("threading", "Condition._is_owned", "timeouts of conditions are virtual"),
    ("threading", "Condition._release_save", "timeouts of conditions are virtual"),
    ("threading", "Condition.wait", "timeouts of conditions are virtual"),
    ("threading", "Thread.join", "timeouts of join are virtual"),
    ("threading", "Thread.start", "threads that others start are none of the test's"),
    ("threading", "_time", "the clock from which conditions count down"),
    ("trio._core._run", "GLOBAL_RUN_CONTEXT", "a fake that is entered inside of a run"),
    ("trio._core._run", "setup_runner", "the clock of a run is virtual"),
    ("trio._core._thread_cache", "WorkerThread._job", "threads of trio that wait for work"),
    ("trio._core._thread_cache", "WorkerThread._work", "threads of trio that wait for work"),
)
#: Names that came with Python 3.11 or went with 3.12 or 3.13.
NAMES_OF_VERSIONS: tuple[tuple[bool, str, str, str], ...] = (
    (sys.version_info < (3, 12), "asyncio.tasks", "_release_waiter", "timeouts of asyncio.wait_for"),
    (sys.version_info < (3, 13), "threading", "Thread._wait_for_tstate_lock", "threads that wait for the end of one"),
    (sys.version_info >= (3, 11), "asyncio", "Timeout._on_timeout", "timers that only end something"),
    (sys.version_info >= (3, 11), "asyncio", "TaskGroup.__aexit__", "tasks that only wait for tasks"),
)
#: Functions in which a thread waits, with the variables in which that can be seen, and for which versions that holds.
VARIABLES: tuple[tuple[bool, str, str, tuple[str, ...]], ...] = (
    (True, "threading", "Condition.wait", ("waiter", "timeout")),
    (True, "selectors", "DefaultSelector.select", ("self", "timeout")),
    (True, "concurrent.futures.thread", "_worker", ("executor_reference", "work_queue")),
    (sys.version_info < (3, 13), "threading", "Thread._wait_for_tstate_lock", ("lock", "block", "timeout")),
    (sys.version_info >= (3, 13), "threading", "Thread.join", ("self", "timeout")),
    (True, "trio._core._thread_cache", "WorkerThread._work", ("self",)),
)


@pytest.mark.parametrize(("module", "name", "purpose"), NAMES, ids=[f"{module}.{name}" for module, name, _ in NAMES])
def test_a_name_that_virtual_time_relies_on_is_there(module: str, name: str, purpose: str) -> None:
    found(module, name, purpose)


@pytest.mark.parametrize(("module", "name", "purpose"), [each[1:] for each in NAMES_OF_VERSIONS if each[0]])
def test_a_name_of_this_version_that_virtual_time_relies_on_is_there(module: str, name: str, purpose: str) -> None:
    found(module, name, purpose)


@pytest.mark.parametrize(("module", "name", "variables"), [each[1:] for each in VARIABLES if each[0]])
def test_a_function_in_which_threads_wait_has_the_variables_that_tell_so(
    module: str, name: str, variables: tuple[str, ...]
) -> None:
    function = found(module, name, "whether a thread waits")
    function = getattr(function, "__wrapped__", function)
    for closure in function.__closure__ or ():  # what watches the tests for real waits has wrapped it
        if callable(closure.cell_contents):
            function = closure.cell_contents
    assert set(variables) <= {*function.__code__.co_varnames, *function.__code__.co_cellvars}


def objects_of_a_loop() -> dict[str, Any]:
    async def main() -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(3600, print)
        task = asyncio.ensure_future(asyncio.Event().wait())
        await asyncio.sleep(0)
        found = {"loop": loop, "timer": timer, "task": task, "future": loop.create_future()}
        assert task._fut_waiter is not None  # type: ignore[attr-defined]
        timer.cancel()
        task.cancel()
        return found

    return asyncio.run(main())


#: What objects have: how an object is made, which names, and what for.
ATTRIBUTES: tuple[tuple[str, Callable[[], Any], tuple[str, ...], str], ...] = (
    ("loop", lambda: objects_of_a_loop()["loop"], ("_ready", "_scheduled", "_selector"), "whether a loop is idle"),
    (
        "timer",
        lambda: objects_of_a_loop()["timer"],
        ("_args", "_callback", "_context", "_loop"),
        "timers of loops are virtual",
    ),
    ("task", lambda: objects_of_a_loop()["task"], ("_fut_waiter",), "what a task waits for"),
    ("future", lambda: objects_of_a_loop()["future"], ("_callbacks",), "what a task has given to a thread"),
    (
        "executor",
        lambda: ThreadPoolExecutor(1),
        ("_idle_semaphore", "_threads"),
        "threads of executors that wait for work",
    ),
    ("semaphore", threading.Semaphore, ("_value",), "threads of executors that wait for work"),
    ("condition", threading.Condition, ("_waiters",), "timeouts of conditions are virtual"),
    ("thread", lambda: threading.Thread(target=print), ("_target", "native_id"), "threads of executors"),
)


@pytest.mark.parametrize(
    ("make", "names", "purpose"), [each[1:] for each in ATTRIBUTES], ids=[a[0] for a in ATTRIBUTES]
)
def test_an_object_has_what_virtual_time_relies_on(
    make: Callable[[], Any], names: tuple[str, ...], purpose: str
) -> None:
    thing = make()
    missing = [name for name in names if not hasattr(thing, name)]
    assert not missing, f"{missing} of a {type(thing).__name__} are gone; kinesis_fake needs them for this: {purpose}"


def test_a_thread_of_an_executor_is_known_by_what_it_runs() -> None:
    worker = found("concurrent.futures.thread", "_worker", "")
    seen = []
    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: seen.append(threading.current_thread()._target)).result()  # type: ignore[attr-defined]
    assert seen == [worker]


@pytest.mark.asyncio_clients
def test_a_task_of_trio_tells_that_it_waits_for_its_children() -> None:
    trio = pytest.importorskip("trio")
    told = []

    async def look() -> None:
        await trio.testing.wait_all_tasks_blocked()
        (nursery,) = trio.lowlevel.current_task().parent_nursery.parent_task.child_nurseries
        told.append(nursery._parent_waiting_in_aexit)
        told.extend(child.name for child in trio.lowlevel.current_root_task().child_nurseries[0].child_tasks)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(look)

    trio.run(main)
    assert told[0] is True
    assert "<TrioToken.run_sync_soon task>" in told[1:]  # a task of trio itself


#: What the room has itself, and the paths to modules.
OWN = {"_base", "_core", "_now", "_offset", "_run", "_thread_cache"}


@pytest.mark.parametrize("module", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_every_private_name_that_virtual_time_asks_for_is_in_the_tables(module: Path) -> None:
    tables = (*NAMES, *(each[1:] for each in NAMES_OF_VERSIONS))
    listed = {part for _, name, _ in tables for part in name.split(".")}
    listed |= {name for _, _, names, _ in ATTRIBUTES for name in names} | {"_parent_waiting_in_aexit"}
    assert private_names_of_others(module) - listed - OWN == set()
