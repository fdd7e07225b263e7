"""The state of a fake on the exception that leaves it, wherever pytest does not show it."""

from __future__ import annotations

import io
import traceback
import unittest
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis

HEADING = "kinesis, when this exception left it:"


def outside_of_pytest(monkeypatch: Any) -> None:
    """Let the fake believe that no test of pytest runs."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")


def notes_of(error: Any) -> Any:
    return vars(error).get("__notes__", [])


def test_an_exception_that_leaves_a_fake_says_what_the_fake_was_like(monkeypatch: Any) -> None:
    outside_of_pytest(monkeypatch)
    with pytest.raises(ZeroDivisionError) as caught, fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}):
        _ = 1 / 0
    (note,) = notes_of(caught.value)
    assert note.splitlines()[:4] == [
        HEADING,
        "virtual time: 2026-01-01T00:00:00.000Z",
        "streams:",
        "  orders: ACTIVE, 1 open shard of 1, 0 records",
    ]
    assert str(caught.value) == "division by zero"


@pytest.mark.skipif("not hasattr(__import__('builtins').BaseException, 'add_note')")
def test_a_traceback_shows_it(monkeypatch: Any) -> None:
    outside_of_pytest(monkeypatch)
    try:
        with fake_kinesis(streams={"orders": 1}) as kinesis:
            kinesis.client().put_record(StreamName="Orders", Data=b"x", PartitionKey="a")
    except Exception:
        printed = traceback.format_exc()
    assert "  orders: ACTIVE, 1 open shard of 1, 0 records\n" in printed
    assert printed.endswith("hint: There is no stream 'Orders'; do you mean 'orders'?\n")


def test_a_decorated_function_and_an_unused_fault_tell_it_too(monkeypatch: Any) -> None:
    outside_of_pytest(monkeypatch)

    @fake_kinesis(streams={"orders": 1})
    def broken(kinesis: KinesisFake) -> None:
        kinesis.inject(Fault.throttle("PutRecord"))

    with pytest.raises(KinesisFakeError, match=r"^The fault was never used: ") as caught:
        broken()
    assert [note for note in notes_of(caught.value) if note.startswith(HEADING)] == notes_of(caught.value)[-1:]


def test_nested_fakes_tell_theirs_the_innermost_first(monkeypatch: Any) -> None:
    outside_of_pytest(monkeypatch)
    with (
        pytest.raises(ZeroDivisionError) as caught,
        fake_kinesis(streams={"outer": 1}),
        fake_kinesis(streams={"in": 1}),
    ):
        _ = 1 / 0
    assert [note.splitlines()[3].split(":")[0] for note in notes_of(caught.value)] == ["  in", "  outer"]


@pytest.mark.parametrize("error", [unittest.SkipTest("not today"), SystemExit(0), GeneratorExit()])
def test_what_is_no_failure_has_no_note(error: Any, monkeypatch: Any) -> None:
    outside_of_pytest(monkeypatch)
    with pytest.raises(type(error)), fake_kinesis(streams={"orders": 1}):
        raise error
    assert notes_of(error) == []


def test_a_fake_in_which_nothing_has_happened_says_nothing(monkeypatch: Any) -> None:
    outside_of_pytest(monkeypatch)
    with pytest.raises(ZeroDivisionError) as caught, fake_kinesis():
        _ = 1 / 0
    assert notes_of(caught.value) == []


def suite() -> Any:
    """A class that pytest does not collect itself."""

    @fake_kinesis(streams={"orders": 1})
    class Suite(unittest.TestCase):
        kinesis: KinesisFake

        def test_an_error(self) -> None:
            self.kinesis.stream("payments")

        def test_a_failure(self) -> None:
            assert self.kinesis.stream("orders").records == ["1 teapot"]

        def test_a_sub_test(self) -> None:
            with self.subTest(number=1):
                self.fail("on purpose")

        def test_that_passes(self) -> None:
            with self.subTest(number=1):
                pass

        def test_that_is_skipped(self) -> None:
            self.skipTest("not today")

    return Suite


def test_the_problems_of_unittest_have_it(monkeypatch: Any) -> None:
    outside_of_pytest(monkeypatch)
    result = unittest.TextTestRunner(stream=io.StringIO()).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(suite())
    )
    problems = [text for _, text in [*result.errors, *result.failures]]
    assert (len(result.errors), len(result.failures), len(result.skipped)) == (1, 2, 1)
    assert all(text.count(HEADING) == 1 for text in problems)
    assert all("  orders: ACTIVE, 1 open shard of 1, 0 records\n" in text for text in problems)


def test_a_result_that_makes_texts_without_notes_gets_it_added(monkeypatch: Any) -> None:
    outside_of_pytest(monkeypatch)

    class OldResult(unittest.TestResult):
        def _exc_info_to_string(self, err: Any, test: Any) -> Any:
            return "the text of Python 3.10\n"

    result = OldResult()
    suite()("test_an_error").run(result)
    ((_, text),) = result.errors
    assert text.startswith(f"the text of Python 3.10\n{HEADING}\n")
    assert vars(result).keys() & {"addError", "addFailure", "addSubTest"} == set()


def test_in_a_test_of_pytest_there_is_no_note(monkeypatch: Any) -> None:
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "here")
    with pytest.raises(ZeroDivisionError, match=r"^division by zero$"), fake_kinesis(streams={"orders": 1}):
        _ = 1 / 0
