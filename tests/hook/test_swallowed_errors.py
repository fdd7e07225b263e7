# ruff: noqa: PT012, PT027, SIM105 (this is about how errors are caught)
"""An error of the fake that the code under test swallows fails the test when the fake is left."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import unittest
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from kinesis_fake import Fault, KinesisFakeError, NotModelledError, fake_kinesis
from kinesis_fake.operations.registry import OPERATIONS


@pytest.fixture(autouse=True)
def without_list_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """A botocore that is newer than the fake has an operation that the fake does not model."""
    monkeypatch.delitem(OPERATIONS.family_of, "ListStreams")


def list_streams() -> None:
    boto3.client("kinesis", region_name="us-east-1").list_streams()


def caught_with_exception() -> None:
    try:
        list_streams()
    except Exception:
        pass


def caught_bare() -> None:
    try:
        list_streams()
    except:  # noqa: E722
        pass


def caught_among_others() -> None:
    try:
        list_streams()
    except ValueError:
        raise
    except (OSError, Exception):
        pass


def suppressed() -> None:
    with contextlib.suppress(Exception):
        list_streams()


def caught_further_out() -> None:
    def inner() -> None:
        try:
            list_streams()
        finally:
            pass

    try:
        with contextlib.suppress(ValueError):
            inner()
    except Exception:
        pass


def turned_into_another() -> None:
    try:
        list_streams()
    except Exception as error:
        raise RuntimeError("the consumer has failed") from error


def in_a_worker_that_is_never_asked() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(list_streams)


def in_a_thread() -> None:
    thread = threading.Thread(target=caught_with_exception)
    thread.start()
    thread.join()


def in_a_task() -> None:
    async def consume() -> None:
        caught_with_exception()

    asyncio.run(consume())


@pytest.mark.parametrize(
    "swallow",
    [
        caught_with_exception,
        caught_bare,
        caught_among_others,
        suppressed,
        caught_further_out,
        in_a_worker_that_is_never_asked,
        in_a_thread,
        in_a_task,
    ],
)
def test_an_error_of_the_fake_that_is_swallowed_is_told_when_the_fake_is_left(swallow: Callable[[], None]) -> None:
    way_in = fake_kinesis()
    way_in.__enter__()
    swallow()
    with pytest.raises(KinesisFakeError) as caught:
        way_in.__exit__(None, None, None)
    message = str(caught.value)
    assert message.startswith(
        "The code under test has swallowed an error of the fake (NotModelledError: kinesis_fake does not model the "
        "operation ListStreams of the installed botocore "
    )
    assert message.endswith(
        "which catches every exception. Correct what the error says; or, if the test expects it, catch "
        "KinesisFakeError by its name."
    )
    assert isinstance(caught.value.__cause__, NotModelledError)


def test_it_says_where_the_error_was_caught() -> None:
    with pytest.raises(KinesisFakeError) as caught, fake_kinesis():
        caught_with_exception()
    line = caught_with_exception.__code__.co_firstlineno + 2
    assert f"It was caught at {__file__}:{line}, which" in str(caught.value)


def test_an_error_that_is_turned_into_another_is_told_if_that_one_is_expected() -> None:
    with pytest.raises(KinesisFakeError, match="has swallowed an error"), fake_kinesis():
        with pytest.raises(RuntimeError, match="the consumer has failed"):
            turned_into_another()


def expected_by_pytest() -> None:
    with pytest.raises(NotModelledError):
        list_streams()


def expected_as_any_exception() -> None:
    with pytest.raises(Exception, match="does not model"):
        list_streams()


def expected_by_unittest() -> None:
    with unittest.TestCase().assertRaises(KinesisFakeError):
        list_streams()


def caught_by_name() -> None:
    try:
        list_streams()
    except KinesisFakeError:
        pass


def caught_by_the_name_of_a_base_of_its_own() -> None:
    try:
        list_streams()
    except NotImplementedError:
        pass


def caught_by_name_before_anything_else() -> None:
    try:
        list_streams()
    except NotModelledError:
        pass
    except Exception:
        raise


def asked_of_a_worker() -> None:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(list_streams)
    with pytest.raises(NotModelledError):
        future.result()


@pytest.mark.parametrize(
    "see",
    [
        expected_by_pytest,
        expected_as_any_exception,
        expected_by_unittest,
        caught_by_name,
        caught_by_the_name_of_a_base_of_its_own,
        caught_by_name_before_anything_else,
        asked_of_a_worker,
    ],
)
def test_an_error_of_the_fake_that_the_test_asks_for_is_no_reason_to_fail(see: Callable[[], None]) -> None:
    with fake_kinesis():
        see()


def test_it_never_masks_another_failure() -> None:
    with pytest.raises(ZeroDivisionError), fake_kinesis():
        caught_with_exception()
        raise ZeroDivisionError


def test_it_goes_before_a_fault_that_was_never_used() -> None:
    with pytest.raises(KinesisFakeError, match="has swallowed an error"), fake_kinesis() as kinesis:
        kinesis.inject(Fault.throttle("PutRecords"))
        caught_with_exception()


def test_misuse_inside_a_call_is_told_too() -> None:
    def fails(parameters: Any) -> bool:
        raise LookupError

    with pytest.raises(KinesisFakeError, match=r"swallowed an error of the fake \(KinesisFakeError: where of Fault"):
        with fake_kinesis(streams={"orders": 1}) as kinesis:
            kinesis.inject(Fault.throttle("DescribeStreamSummary", where=fails))
            with contextlib.suppress(Exception):
                kinesis.client().describe_stream_summary(StreamName="orders")


def test_a_client_of_a_fake_that_has_been_left_is_told_by_the_fake_that_is_active() -> None:
    with fake_kinesis() as kinesis:
        client = kinesis.client()
    with pytest.raises(KinesisFakeError, match="belongs to a fake that has been left"), fake_kinesis():
        with contextlib.suppress(Exception):
            client.describe_limits()


def test_a_decorated_function_and_start_and_stop_tell_it_too() -> None:
    with pytest.raises(KinesisFakeError, match="has swallowed an error"):
        fake_kinesis(caught_with_exception)()
    way_in = fake_kinesis()
    way_in.start()
    caught_with_exception()
    with pytest.raises(KinesisFakeError, match="has swallowed an error"):
        way_in.stop()


def test_a_test_case_tells_it_as_an_error_of_the_test() -> None:
    @fake_kinesis
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            caught_with_exception()

    result = unittest.TestResult()
    Case("test_it").run(result)
    assert len(result.errors) == 1
    assert "has swallowed an error of the fake" in result.errors[0][1]


def test_an_error_that_ends_a_thread_is_told_too() -> None:
    def run() -> None:
        with fake_kinesis(), ThreadPoolExecutor() as pool:
            pool.submit(list_streams)

    with pytest.raises(KinesisFakeError, match=r"^The code under test has swallowed an error of the fake "):
        run()


def test_an_error_that_ends_a_task_is_told_by_the_code_that_awaits_the_task() -> None:
    async def main() -> None:
        async def consume() -> None:
            list_streams()

        with fake_kinesis():
            await asyncio.ensure_future(consume())

    with pytest.raises(NotModelledError):
        asyncio.run(main())
