"""The fixtures ``kinesis`` and ``kinesis_client``, in suites that pytest runs inside each test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

# --- fixtures -----------------------------------------------------------------------------------------------------


def test_the_fixture_is_a_fake_that_answers_any_client(run: Any) -> None:
    run(
        """
def test_it(kinesis):
    kinesis.create_stream("orders", shards=1)
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]

def test_another(kinesis):
    assert kinesis.streams == []
""",
        passed=2,
    )


def test_the_client_is_one_of_that_fake(run: Any) -> None:
    run(
        """
def test_it(kinesis, kinesis_client):
    kinesis_client.create_stream(StreamName="orders", ShardCount=1)
    kinesis_client.get_waiter("stream_exists").wait(StreamName="orders")
    assert kinesis.stream("orders").status == "ACTIVE"
    with fake_kinesis():
        assert kinesis_client.list_streams()["StreamNames"] == ["orders"]

def test_alone(kinesis_client):
    assert kinesis_client.list_streams()["StreamNames"] == []
    assert boto3.client("kinesis").list_streams()["StreamNames"] == []
""",
        passed=2,
    )


def test_nothing_is_left_when_a_test_is_over(run: Any) -> None:
    run(
        """
from kinesis_fake.botocore_hook import ACTIVE_FAKES

def test_it(kinesis):
    assert len(ACTIVE_FAKES) == 1

def test_that_fails(kinesis):
    assert False

def test_afterwards():
    assert len(ACTIVE_FAKES) == 0
""",
        passed=2,
        failed=1,
    )


def test_fixtures_of_all_kinds_work_together(run: Any) -> None:
    run(
        """
from kinesis_fake.botocore_hook import ACTIVE_FAKES

@pytest.fixture(scope="session", autouse=True)
@fake_kinesis(streams={"of-the-session": 1})
def session_fake(kinesis):
    yield kinesis
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["of-the-session"]

@pytest.fixture(scope="module")
@fake_kinesis(streams={"of-the-module": 1})
def module_fake(kinesis):
    yield kinesis

@pytest.fixture
def orders(kinesis):
    return kinesis.create_stream("orders", shards=1)

def names():
    return boto3.client("kinesis").list_streams()["StreamNames"]

def test_session():
    assert names() == ["of-the-session"]

def test_module(module_fake):
    assert names() == ["of-the-module"]
    assert len(ACTIVE_FAKES) == 2

def test_function(module_fake, orders, kinesis):
    assert names() == ["orders"]
    assert len(ACTIVE_FAKES) == 3

def test_module_again(module_fake):
    assert names() == ["of-the-module"]

@pytest.mark.fake_kinesis(streams={"marked": 1})
def test_marked(session_fake):
    assert names() == ["marked"]
    assert len(ACTIVE_FAKES) == 3

@pytest.mark.asyncio
async def test_asynchronous(module_fake, orders):
    assert names() == ["orders"]
    async with fake_kinesis():
        assert names() == []
    assert names() == ["orders"]

@fake_kinesis(streams={"decorated": 1})
def test_decorated(module_fake, kinesis):
    assert names() == ["decorated"]
    assert [stream.stream_name for stream in kinesis.streams] == ["decorated"]
""",
        passed=7,
    )


def test_an_asynchronous_suite_with_a_loop_for_the_session_works(run: Any) -> None:
    run(
        """
import pytest_asyncio
pytestmark = [pytest.mark.interpreter, pytest.mark.asyncio(loop_scope="session")]

@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
@fake_kinesis(streams={"of-the-session": 1})
async def session_fake():
    yield

def names():
    return boto3.client("kinesis").list_streams()["StreamNames"]

async def test_session():
    assert names() == ["of-the-session"]

async def test_function(kinesis):
    assert names() == []
    kinesis.create_stream("orders", shards=1)
    assert names() == ["orders"]

async def test_session_again():
    assert names() == ["of-the-session"]
""",
        passed=3,
    )


def test_a_user_may_build_a_fixture_upon_it(run: Any) -> None:
    run(
        """
@pytest.fixture
def kinesis(kinesis):
    kinesis.create_stream("orders", shards=1)
    return kinesis

def test_it(kinesis, kinesis_client):
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]
""",
        passed=1,
    )


def test_a_fixture_named_kinesis_of_a_project_may_be_anything(run: Any) -> None:
    run(
        """
@pytest.fixture
def kinesis(request):
    if request.node.get_closest_marker("fake_kinesis"):
        assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]
    return "the project's own"

@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_marked(kinesis):
    assert kinesis == "the project's own"
    assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]

@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_with_a_client(kinesis_client, kinesis):
    assert kinesis == "the project's own"
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]

def test_with_ini_options_only(kinesis_client, kinesis):
    assert kinesis == "the project's own"
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]
""",
        ini="kinesis_streams = orders = 1\n",
        passed=3,
    )


def test_the_client_belongs_to_the_fake_that_a_project_has_put_there(run: Any) -> None:
    run(
        """
@pytest.fixture
@fake_kinesis(streams={"orders": 1})
def kinesis(kinesis):
    yield kinesis

@pytest.mark.fake_kinesis(streams={"marked": 1})
def test_without_a_client(kinesis):
    assert [stream.stream_name for stream in kinesis.streams] == ["orders"]

def test_with_a_client(kinesis_client, kinesis):
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]

@pytest.mark.fake_kinesis(streams={"marked": 1})
def test_with_nothing_but_a_client(kinesis_client):
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]
""",
        passed=3,
    )


@pytest.mark.parametrize("by", ["plugin", "conftest"])
def test_fixtures_of_a_plugin_or_conftest_take_the_place_of_ours(run: Any, pytester: pytest.Pytester, by: str) -> None:
    fixture = """
import pytest

@pytest.fixture
def kinesis():
    return "another one"
"""
    if by == "plugin":
        pytester.makepyfile(company_plugin=fixture)
        fixture = 'pytest_plugins = "company_plugin"'
    run(
        """
def test_it(kinesis, kinesis_client, kinesis_fake):
    assert kinesis == "another one"
    assert boto3.client("kinesis").list_streams() and kinesis_client.list_streams()
    assert kinesis_fake.calls.count("ListStreams") == 2
""",
        conftest=fixture,
        passed=1,
    )


def test_a_fixture_may_be_asked_for_by_its_name_in_any_thread(run: Any) -> None:
    run(
        """
from concurrent.futures import ThreadPoolExecutor

@pytest.mark.parametrize("number", range(2))
def test_it(request, number):
    with ThreadPoolExecutor() as threads:
        client = threads.submit(request.getfixturevalue, "kinesis_client").result()
    kinesis = request.getfixturevalue("kinesis")
    assert request.getfixturevalue("kinesis_fake") is kinesis
    client.list_streams()
    assert kinesis.calls.count("ListStreams") == 1
""",
        passed=2,
    )


def test_a_doctest_may_ask_for_a_fixture(run: Any) -> None:
    run(
        """
def function():
    '''
    >>> getfixture("kinesis_client").list_streams()["StreamNames"]
    []
    >>> getfixture("kinesis").calls.count("ListStreams")
    1
    '''
""",
        "--doctest-modules",
        passed=1,
    )


def test_a_test_that_runs_again_has_a_fake_of_its_own_each_time(run: Any) -> None:
    run(
        """
def test_it(kinesis, kinesis_client):
    kinesis_client.create_stream(StreamName="orders", ShardCount=1)
    assert kinesis_client.list_streams()["StreamNames"] == ["orders"]
""",
        conftest="""
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(3):
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            item.ihook.pytest_runtest_logreport(report=report)
    return True
""",
        passed=3,
    )


# --- what it costs ------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_the_plugin_imports_neither_botocore_nor_the_package_until_a_fixture_is_used(
    pytester: pytest.Pytester, run_pytest: Callable[..., pytest.RunResult]
) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it(request):
            assert request.config.pluginmanager.hasplugin("kinesis_fake.pytest_plugin")
            loaded = {name.partition(".")[0] for name in sys.modules}
            assert not loaded & {"botocore", "boto3", "dateutil"}
            ours = {name for name in sys.modules if name.startswith("kinesis_fake")}
            assert ours == {"kinesis_fake", "kinesis_fake.pytest_plugin"}
        """
    )
    # Without other people's plugins: they may import anything.
    pytester.makeini("[pytest]\n")
    run_pytest().assert_outcomes(passed=1)
