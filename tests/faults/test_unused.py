"""A fault that was never used fails the test, because it proves nothing; it never hides another failure."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis

UNUSED = "The fault was never used: Fault.throttle('PutRecords'). The code under test made no such call"


def put_records(client: Any) -> None:
    client.put_records(StreamName="orders", Records=[{"Data": b"", "PartitionKey": "a"}])


def complaint(fault: Any, *, calls: Any = lambda kinesis, client: None) -> Any:
    """The error of leaving a fake with this fault in force."""

    @fake_kinesis(streams={"orders": 1})
    def test(kinesis: KinesisFake) -> None:
        kinesis.inject(fault)
        calls(kinesis, kinesis.client())

    with pytest.raises(KinesisFakeError) as caught:
        test()
    return str(caught.value)


# --- what is said -------------------------------------------------------------------------------------------------


def test_no_call_of_the_operation_was_made() -> None:
    told = complaint(Fault.throttle("PutRecords"), calls=lambda kinesis, client: client.list_streams())
    assert told == f"{UNUSED}; correct the fault's filters, or remove it."


def test_the_filters_let_no_call_through() -> None:
    def calls(kinesis: KinesisFake, client: Any) -> None:
        put_records(client)
        put_records(client)

    told = complaint(Fault.throttle("PutRecords", "PutRecord", stream="ordres", shard="7"), calls=calls)
    assert told == (
        "The fault was never used: Fault.throttle('PutRecords', 'PutRecord', stream='ordres', shard='7'). "
        "Its filters kept it from 2 such calls; correct the fault's filters, or remove it."
    )


def test_chance_let_it_strike_no_call() -> None:
    told = complaint(Fault.throttle(probability=1e-9), calls=lambda kinesis, client: put_records(client))
    assert told == (
        "The fault was never used: Fault.throttle(probability=1e-09). It concerned 1 call, and by chance struck "
        "none; choose another probability or seed, or remove it."
    )


def test_there_was_nothing_that_it_could_have_changed() -> None:
    told = complaint(
        Fault.partial_failure(indexes=[7], where=lambda call: True), calls=lambda kinesis, client: put_records(client)
    )
    assert told == (
        "The fault was never used: Fault.partial_failure(indexes=[7], where=<lambda>). It found nothing to change in "
        "the 1 call that it concerned; correct the fault's filters, or remove it."
    )


def test_of_several_faults_the_unused_one_is_named() -> None:
    def calls(kinesis: KinesisFake, client: Any) -> None:
        kinesis.inject(Fault.latency("PutRecords", milliseconds=1))
        kinesis.inject(Fault.expired_iterator())
        put_records(client)

    assert "Fault.expired_iterator()" in complaint(Fault.latency("PutRecords", milliseconds=5), calls=calls)


# --- where it is said ---------------------------------------------------------------------------------------------


def test_a_with_block_complains_at_its_end(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError, match=re.escape(UNUSED)):
        with kinesis.inject(Fault.throttle("PutRecords")):
            pass
    with pytest.raises(ZeroDivisionError):
        with kinesis.inject(Fault.throttle("PutRecords")):
            raise ZeroDivisionError


def test_a_fault_that_was_removed_is_not_complained_of() -> None:
    with fake_kinesis() as kinesis:
        kinesis.inject(Fault.throttle("PutRecords")).remove()


def test_a_fault_that_has_struck_once_of_many_times_was_used() -> None:
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        kinesis.inject(Fault.throttle("PutRecords", times=2))
        client = kinesis.client()
        put_records(client)  # the SDK has tried again


def test_the_context_manager_complains_unless_the_block_fails() -> None:
    def unused(then: Any) -> None:
        with fake_kinesis() as kinesis:
            kinesis.inject(Fault.throttle("PutRecords"))
            then()

    with pytest.raises(KinesisFakeError, match=re.escape(UNUSED)):
        unused(lambda: None)
    with pytest.raises(ZeroDivisionError):
        unused(lambda: 1 / 0)


def test_an_outer_fake_complains_of_its_own_faults_only() -> None:
    with contextlib.ExitStack() as stack:
        outer = stack.enter_context(fake_kinesis(streams={"orders": 1}))
        with pytest.raises(KinesisFakeError, match=re.escape(UNUSED)), fake_kinesis() as inner:
            inner.inject(Fault.throttle("PutRecords"))
        outer.inject(Fault.throttle("PutRecords"))
        put_records(outer.client())


@pytest.mark.asyncio
async def test_an_async_with_block_complains() -> None:
    with pytest.raises(KinesisFakeError, match=re.escape(UNUSED)):
        async with fake_kinesis() as kinesis:
            kinesis.inject(Fault.throttle("PutRecords"))


def test_a_decorated_function_complains_unless_it_fails() -> None:
    @fake_kinesis
    def unused(kinesis: KinesisFake) -> None:
        kinesis.inject(Fault.throttle("PutRecords"))

    @fake_kinesis
    def failing(kinesis: KinesisFake) -> None:
        kinesis.inject(Fault.throttle("PutRecords"))
        raise ZeroDivisionError

    with pytest.raises(KinesisFakeError, match=re.escape(UNUSED)):
        unused()
    with pytest.raises(ZeroDivisionError):
        failing()


# --- in pytest ----------------------------------------------------------------------------------------------------

SUITE = """
import pytest
from kinesis_fake import Fault, fake_kinesis

@pytest.fixture
@fake_kinesis
def decorated(kinesis):
    kinesis.inject(Fault.throttle("PutRecords"))
    yield kinesis

@pytest.fixture
def injected(kinesis):
    kinesis.inject(Fault.throttle("PutRecords"))

@pytest.fixture
def breaks(injected):
    raise RuntimeError("the fixture's own trouble")

"""


def outcomes(pytester: Any, test: Any) -> Any:
    pytester.makepyfile(SUITE + test)
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-o", "asyncio_default_fixture_loop_scope=function")
    return result, {name: count for name, count in result.parseoutcomes().items() if name != "warnings"}


@pytest.mark.parametrize(
    "test",
    [
        "def test_it(kinesis):\n    kinesis.inject(Fault.throttle('PutRecords'))",
        "def test_it(injected):\n    pass",
        "@pytest.mark.fake_kinesis\ndef test_it(injected):\n    pass",
    ],
)
def test_a_test_that_passes_otherwise_fails_in_its_own_phase(pytester: Any, test: Any) -> None:
    result, found = outcomes(pytester, test)
    assert found == {"failed": 1}
    result.stdout.fnmatch_lines([f"*KinesisFakeError: {UNUSED}*"])


def test_a_decorated_fixture_complains_when_it_is_torn_down(pytester: Any) -> None:
    result, found = outcomes(pytester, "def test_it(decorated):\n    pass")
    assert found == {"passed": 1, "errors": 1}
    result.stdout.fnmatch_lines([f"*KinesisFakeError: {UNUSED}*"])


@pytest.mark.thorough_but(first=1)
@pytest.mark.parametrize("fixture", ["injected", "decorated"])
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("assert 1 == 2", {"failed": 1}),
        ("pytest.skip('not today')", {"skipped": 1}),
        ("pytest.xfail('a known bug')", {"xfailed": 1}),
    ],
)
def test_a_test_that_fails_or_is_skipped_has_no_other_trouble(
    pytester: Any, fixture: Any, body: Any, found: Any
) -> None:
    result, outcome = outcomes(pytester, f"def test_it({fixture}):\n    {body}")
    assert outcome == found
    result.stdout.no_fnmatch_line("*never used*")


def test_an_expected_failure_is_one(pytester: Any) -> None:
    result, found = outcomes(pytester, "@pytest.mark.xfail\ndef test_it(injected):\n    assert False")
    assert found == {"xfailed": 1}
    result.stdout.no_fnmatch_line("*never used*")


def test_a_fixture_that_fails_is_the_only_trouble(pytester: Any) -> None:
    result, found = outcomes(pytester, "def test_it(breaks):\n    pass")
    assert found == {"errors": 1}
    result.stdout.fnmatch_lines(["*the fixture's own trouble*"])
    result.stdout.no_fnmatch_line("*never used*")


def test_a_failing_test_shows_its_faults(pytester: Any) -> None:
    result, _ = outcomes(pytester, "def test_it(injected):\n    assert False")
    result.stdout.fnmatch_lines(["faults:", "  Fault.throttle('PutRecords'): has not struck", "last calls: none"])
