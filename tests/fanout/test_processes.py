"""Child processes never reach AWS: forked ones have a copy of the fake, spawned ones are refused."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any

import boto3
import pytest

from kinesis_fake import Fault, KinesisFake, fake_kinesis
from tests.support import child_processes
from tests.support.bare_machine import CHECKOUT
from tests.support.no_network import NetworkTouched

REFUSED = (
    "KinesisFakeError",
    "This process was started by one in which a fake of Kinesis is active, but has none itself; nothing was sent to "
    "AWS. Enter a fake in this process, or use threads, which share the fake, or processes that are forked, which have "
    "a copy of it.",
)
ENDPOINT = "http://127.0.0.1:1/no-fake-of-kinesis-is-active-in-this-process"

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
pytestmark = [
    pytest.mark.interpreter,
    # Python 3.12 and newer warn of what these tests are about.
    pytest.mark.filterwarnings(r"ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def in_child(method: str, function: Callable[..., Any], *args: Any) -> Any:
    """Start a process, and return the result of a function in it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        return pool.submit(function, *args).result(60)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spawned process finds this package where the parent does."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(CHECKOUT), *filter(None, sys.path)]))


# --- fork -----------------------------------------------------------------------------------------------------------


@needs_fork
@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_forked_process_has_a_copy_of_the_fake_and_does_not_change_ours(kinesis: KinesisFake) -> None:
    kinesis.stream("orders").put("from the parent")
    assert in_child("fork", child_processes.put, 3) == 4
    assert [record.data for record in kinesis.stream("orders").records] == [b"from the parent"]
    assert in_child("fork", child_processes.put, 1) == 2


@needs_fork
@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_forked_process_makes_clients_as_the_parent_does(kinesis: KinesisFake) -> None:
    assert in_child("fork", child_processes.list_streams) == ["orders"]


@needs_fork
@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_an_event_stream_in_a_forked_process_waits_for_no_thread_of_its_parent(kinesis: KinesisFake) -> None:
    arn = kinesis.stream("orders").stream_arn
    consumer = kinesis.client().register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]
    kinesis.settle()
    assert in_child("fork", child_processes.read_events, consumer["ConsumerARN"]) == 60


@needs_fork
@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_process_can_be_forked_in_the_middle_of_calls_of_other_threads(kinesis: KinesisFake) -> None:
    """The child inherits no lock that another thread holds, and no call that is half done."""
    done = threading.Event()

    def keep_calling() -> None:
        client = kinesis.client()
        for _ in range(40):
            client.put_records(StreamName="orders", Records=[{"Data": b"x", "PartitionKey": "ada"}] * 50)
            with fake_kinesis() as other:
                other.client().list_streams()
            if done.is_set():
                return
        while not done.is_set():
            client.list_streams()

    threads = [threading.Thread(target=keep_calling) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(6):
            child = os.fork()
            if child == 0:  # pragma: no cover
                status = 1
                try:
                    records = len(kinesis.stream("orders").records)
                    kinesis.client().put_record(StreamName="orders", Data=b"x", PartitionKey="ada")
                    with fake_kinesis(streams={"payments": 1}) as own:
                        own.client().list_streams()
                    status = 0 if records % 50 == 0 else 2
                finally:
                    os._exit(status)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        done.set()
        for thread in threads:
            thread.join()


def before_a_fork() -> None:
    """Called when a fork begins; a test puts a function of its own in its place."""


if hasattr(os, "register_at_fork"):  # what is registered last is called first
    os.register_at_fork(before=lambda: before_a_fork())


@needs_fork
@pytest.mark.parametrize("first_made_calls", [True, False])
def test_a_fork_is_not_in_the_way_of_a_thread_that_goes_from_one_fake_to_another(
    first_made_calls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_kinesis(streams={"orders": 1}) as first, fake_kinesis(streams={"orders": 1}) as second:
        calling, called = (first, second) if first_made_calls else (second, first)
        record: dict[str, Any] = {"StreamName": "orders", "Data": b"x", "PartitionKey": "ada"}
        client, client_of_called = calling.client(), called.client()
        is_inside, may_go_on = threading.Event(), threading.Event()

        def call_the_other(parameters: Any) -> bool:
            is_inside.set()
            may_go_on.wait(30)
            client_of_called.put_record(**record)
            return False

        calling.inject(Fault.throttle("PutRecord", where=call_the_other)).excuse()
        caller = threading.Thread(target=client.put_record, kwargs=record)
        caller.start()
        assert is_inside.wait(30)
        # The fork finds one lock taken, and must not hold the other one while it waits.
        monkeypatch.setattr(sys.modules[__name__], "before_a_fork", may_go_on.set)
        child = os.fork()
        if child == 0:  # pragma: no cover
            records = [len(fake.stream("orders").records) for fake in (first, second)]
            os._exit(0 if records == [1, 1] else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        caller.join()


# --- spawn and the like ---------------------------------------------------------------------------------------------

others = [method for method in multiprocessing.get_all_start_methods() if method != "fork"]


@pytest.mark.fake_kinesis(streams={"orders": 1})
@pytest.mark.parametrize("method", others)
@pytest.mark.thorough
def test_a_process_that_is_not_forked_is_refused_before_it_reaches_the_network(
    kinesis: KinesisFake, method: str
) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        functions = [
            child_processes.list_streams,
            child_processes.list_streams_with_an_old_client,
            child_processes.with_a_fake_of_its_own,
            child_processes.list_streams,
        ]
        first, second, third, fourth = (pool.submit(function).result(60) for function in functions)
    assert [first, second, fourth] == [REFUSED] * 3
    names, endpoint, is_restored, afterwards = third
    assert (names, endpoint, is_restored) == (["payments"], "https://kinesis.us-east-1.amazonaws.com", True)
    assert afterwards == REFUSED


@pytest.mark.thorough
@pytest.mark.fake_kinesis
def test_the_children_of_a_child_are_refused_as_well() -> None:
    assert in_child("spawn", child_processes.list_streams_in_a_child) == REFUSED


_LOADED_INSIDE = """
import sys
from kinesis_fake import fake_kinesis
with fake_kinesis():
    assert "multiprocessing" not in sys.modules
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from tests.support import child_processes
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(pool.submit(child_processes.list_streams).result(60))
assert not hasattr(multiprocessing.process.BaseProcess.start, "__wrapped__")
assert not any(type(finder).__module__.startswith("kinesis_fake") for finder in sys.meta_path)
"""


@pytest.mark.thorough
def test_a_program_may_load_multiprocessing_while_the_fake_is_active() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED_INSIDE], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (str(REFUSED), "")


@needs_fork
@pytest.mark.thorough
def test_a_server_that_forks_processes_may_be_older_than_the_fake() -> None:
    context: BaseContext = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        pool.submit(int).result(60)
    with fake_kinesis():
        assert in_child("forkserver", child_processes.list_streams) == REFUSED


@pytest.mark.thorough
def test_a_process_that_is_started_after_the_fake_is_not_refused() -> None:
    with fake_kinesis():
        pass
    # It would have gone to AWS, had the network not been forbidden there.
    with pytest.raises(NetworkTouched, match="kinesis"):
        in_child("spawn", child_processes.list_streams_with_an_old_client)


@pytest.mark.thorough
def test_another_patcher_may_have_wrapped_the_start_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseProcess, "start", BaseProcess.start)  # what it is put back to in the end
    way_in = fake_kinesis()
    way_in.__enter__()
    ours: Callable[..., None] = BaseProcess.start
    monkeypatch.setattr(BaseProcess, "start", lambda process: ours(process))
    way_in.__exit__(None, None, None)
    with fake_kinesis():
        assert in_child("spawn", child_processes.list_streams) == REFUSED


def run(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


CALL = """
import botocore.config, botocore.session
config = botocore.config.Config(retries={"total_max_attempts": 1}, proxies={})
session = botocore.session.Session()
client = session.create_client(
    "kinesis", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b", config=config
)
try:
    client.list_streams()
except Exception as error:
    print(error)
"""


@pytest.mark.thorough
@pytest.mark.botocore
def test_any_other_program_finds_an_endpoint_that_says_why_there_is_no_answer() -> None:
    with fake_kinesis():
        assert run(CALL) == f'Could not connect to the endpoint URL: "{ENDPOINT}"'
        assert run("import kinesis_fake.botocore_hook\n" + CALL) == REFUSED[1]


def test_an_endpoint_that_another_patcher_puts_back_too_late_goes_with_the_next_fake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    way_in = fake_kinesis()
    way_in.__enter__()
    monkeypatch.setenv("AWS_ENDPOINT_URL_KINESIS", "http://localhost:4566")
    way_in.__exit__(None, None, None)
    monkeypatch.undo()
    assert os.environ["AWS_ENDPOINT_URL_KINESIS"] == ENDPOINT
    with fake_kinesis():
        assert os.environ["AWS_ENDPOINT_URL_KINESIS"] == ENDPOINT
    assert "AWS_ENDPOINT_URL_KINESIS" not in os.environ


def test_the_endpoint_for_children_is_none_for_the_clients_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_kinesis():
        assert os.environ["AWS_ENDPOINT_URL_KINESIS"] == ENDPOINT
        with fake_kinesis():
            pass
        assert os.environ["AWS_ENDPOINT_URL_KINESIS"] == ENDPOINT
        assert boto3.client("kinesis").meta.endpoint_url == "https://kinesis.us-east-1.amazonaws.com"
    assert "AWS_ENDPOINT_URL_KINESIS" not in os.environ

    monkeypatch.setenv("AWS_ENDPOINT_URL_KINESIS", "http://localhost:4566")
    with fake_kinesis():
        assert os.environ["AWS_ENDPOINT_URL_KINESIS"] == ENDPOINT
        assert boto3.client("kinesis").meta.endpoint_url == "http://localhost:4566"
        monkeypatch.setenv("AWS_ENDPOINT_URL_KINESIS", "http://localhost:4567")
        assert boto3.client("kinesis").meta.endpoint_url == "http://localhost:4567"
    assert os.environ["AWS_ENDPOINT_URL_KINESIS"] == "http://localhost:4567"


# --- pytest-xdist ---------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_workers_of_pytest_xdist_have_fakes_of_their_own(
    pytester: pytest.Pytester, run_pytest: Callable[..., pytest.RunResult]
) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(
        """
        import boto3, os, pytest

        @pytest.mark.fake_kinesis(streams={"orders": 1})
        @pytest.mark.parametrize("number", range(6))
        def test_alone(kinesis, number):
            client = boto3.client("kinesis")
            assert client.list_streams()["StreamNames"] == ["orders"]
            client.create_stream(StreamName="payments", ShardCount=1)
            assert "PYTEST_XDIST_WORKER" in os.environ
        """
    )
    run_pytest("-p", "xdist", "-n", "2").assert_outcomes(passed=6)
