"""The machines find the bugs of wrong programs, accuse no right program, and print a test that shows the bug."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from kinesis_fake.stateful import Accusation
from tests.search import right_programs as right
from tests.search import wrong_programs as wrong
from tests.support.searches import examples

#: As many examples as Hypothesis makes for a user who says nothing.
AS_MANY_AS_BY_DEFAULT = 100
RIGHT = examples(15).max_examples


def search(machine: Any, *, max_examples: int = AS_MANY_AS_BY_DEFAULT, shrink: bool = False) -> None:
    """Run a machine as its TestCase does, without a database, and without shrinking unless asked for."""
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    how = settings(
        machine.TestCase.settings,
        derandomize=True,
        database=None,
        max_examples=max_examples,
        phases=phases,
    )
    run_state_machine_as_test(machine, settings=how)


def run_script(script: str) -> None:
    """Run the tests of a printed script, as a file of its own would."""
    names: dict[str, Any] = {}
    exec(script, names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0]()


#: Machines that find what is wrong after few examples.
SOON_FOUND = ("DiesAtTheEndOfAShardMachine", "PutsFailedRecordsLaterMachine", "ReportsNothingMachine")


@pytest.mark.parametrize(
    "machine",
    [
        pytest.param(machine, marks=() if machine.__name__ in SOON_FOUND else pytest.mark.thorough)
        for machine in wrong.MACHINES
    ],
    ids=lambda machine: machine.__name__,
)
def test_a_wrong_program_is_found_and_its_script_shows_the_same_by_itself(machine: Any) -> None:
    with pytest.raises(Accusation) as caught:
        search(machine)
    with pytest.raises(Accusation) as again:
        run_script(caught.value.script)
    assert again.value.reason == caught.value.reason


def test_there_are_more_than_a_dozen_wrong_programs_and_each_names_its_source() -> None:
    programs = [*wrong.WRONG_CONSUMERS, *wrong.WRONG_PRODUCERS, wrong.SubscribesFromNowOn, wrong.PutsFailedRecordsLater]
    assert len(programs) > 12
    for program in programs:
        told = program.__doc__ or ""
        assert "PyPI" in told or "developer guide" in told or "API reference" in told


RIGHT_MACHINES = (
    right.GuideWorkerMachine,
    right.PollerMachine,
    right.HandlerMachine,
    right.ReportingHandlerMachine,
    right.FanOutWorkerMachine,
    right.ProducerOfRecordsMachine,
    right.OrderlyProducerMachine,
)


@pytest.mark.parametrize("machine", RIGHT_MACHINES, ids=lambda machine: machine.__name__)
def test_a_right_program_is_not_accused(machine: Any) -> None:
    run_state_machine_as_test(machine, settings=settings(machine.TestCase.settings, max_examples=RIGHT))


class GuideWorkerInTwoLinesMachine(right.GuideWorkerMachine):
    """A machine as a user writes it; pytest collects its TestCase."""


TestGuideWorker = GuideWorkerInTwoLinesMachine.TestCase
TestGuideWorker.settings = settings(TestGuideWorker.settings, max_examples=3)


@pytest.mark.thorough
def test_the_smallest_script_is_short_and_tells_what_happened_and_when() -> None:
    machine: Any = next(machine for machine in wrong.MACHINES if machine.__name__ == "DiesAtTheEndOfAShardMachine")
    with pytest.raises(Accusation) as caught:
        search(machine, shrink=True)
    assert str(caught.value) == f"{caught.value.reason}\n\nThis test shows it:\n\n{caught.value.script}"
    assert caught.value.script == EXPECTED


EXPECTED = """\
from kinesis_fake import Fault  # noqa: F401
from tests.search.wrong_programs import DiesAtTheEndOfAShardMachine


def test_dies_at_the_end_of_a_shard_machine():
    # Virtual time is 2026-01-01T00:00:00.000Z.
    with DiesAtTheEndOfAShardMachine.play(shards=1, encrypted=False) as play:
        play.split(0, True)
        # 00:00:30.000 SplitShard ok
        play.step(1)
        # 00:00:30.000 ListShards ok; GetShardIterator ok; GetRecords ok
        # The consumer raised KeyError('NextShardIterator').
"""


def test_a_machine_in_a_function_says_in_its_script_where_it_is() -> None:
    class Local(right.PollerMachine):
        poller = wrong.DiesAtTheEndOfAShard

    with pytest.raises(Accusation) as caught, Local.play(shards=1) as play:
        play.split(0)
    assert f"# {Local.__qualname__} is the machine of {__name__}." in caught.value.script.splitlines()
    with pytest.raises(Accusation) as again:
        exec(caught.value.script + "\ntest_local()", {"Local": Local})
    assert again.value.reason == caught.value.reason


@pytest.mark.thorough
def test_a_failure_that_hypothesis_prints_is_the_script_with_the_exception_that_led_to_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    pytester.makepyfile(
        test_orders="""
        from hypothesis import Phase, settings
        from tests.search.wrong_programs import DiesAtTheEndOfAShard
        from tests.search.right_programs import PollerMachine

        class OrdersMachine(PollerMachine):
            poller = DiesAtTheEndOfAShard

        TestOrders = OrdersMachine.TestCase
        TestOrders.settings = settings(TestOrders.settings, database=None, phases=[Phase.generate])
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*KeyError: 'NextShardIterator'",
            "*Accusation: The consumer raised KeyError('NextShardIterator').",
            "*This test shows it:",
            "*from test_orders import OrdersMachine",
            "*def test_orders_machine():",
            "*with OrdersMachine.play(shards=*, encrypted=*) as play:",
        ]
    )
