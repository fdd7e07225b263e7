"""Machines that cannot be meant: refused in words before they search, and no program is accused of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from kinesis_fake.stateful import ConsumerMachine, ProducerMachine
from tests.support.misuse import refusal_of
from tests.support.rows import hold_for_each


def make_consumer(self: Any, *arguments: Any) -> Any:
    raise AssertionError("no program is made of a machine that cannot be meant")


def make_handler(self: Any, process: Any) -> Any:
    return lambda event, context: None


def make_nothing(self: Any, *arguments: Any) -> Any:
    return None


class Putter:
    def put(self, partition_key: str, data: bytes) -> None: ...


#: What the machine has of its own, and what the error says after the name of the machine.
CONSUMERS: list[tuple[dict[str, Any], str]] = [
    ({}, "Odd needs a method make_consumer() or make_handler()."),
    (
        {"make_consumer": make_consumer, "make_handler": make_handler},
        "Odd has make_consumer() and make_handler(); keep one of them.",
    ),
    (
        {"make_handler": make_handler, "mapping": {"bogus": 1}},
        "event_source_mapping() has no parameter 'bogus'; it takes those of CreateEventSourceMapping in snake case: ",
    ),
    (
        {"make_handler": make_handler, "mapping": [("batch_size", 2)]},
        "Odd.mapping must be a dict, such as {'batch_size': 2}, not [('batch_size', 2)].",
    ),
    (
        {"make_consumer": make_consumer, "mapping": {"batch_size": 2}},
        "Odd.mapping is for a handler; write make_handler(), or leave it out.",
    ),
    (
        {"make_handler": make_nothing},
        "What make_handler() of Odd returns must be a function of an event and a context, not None.",
    ),
    (
        {"make_consumer": make_consumer, "must_survive": "ExpiredIteratorException"},
        "Odd.must_survive must be several values, such as ('ExpiredIteratorException',), not "
        "'ExpiredIteratorException'.",
    ),
    (
        {"make_consumer": make_consumer, "must_survive": (ValueError,)},
        "Each code of Odd.must_survive must be text, such as 'ExpiredIteratorException', not <class 'ValueError'>.",
    ),
    (
        {"make_consumer": make_consumer, "exactly_once": "yes"},
        "Odd.exactly_once must be True or False, not 'yes'.",
    ),
    ({"make_consumer": make_consumer, "ordered": None}, "Odd.ordered must be True or False, not None."),
    ({"make_consumer": make_consumer, "starts_at_latest": 1}, "Odd.starts_at_latest must be True or False, not 1."),
    (
        {"make_consumer": make_consumer, "stream_name": None},
        "Odd.stream_name must be text, such as 'orders', not None.",
    ),
    (
        {"make_consumer": make_consumer, "options": ["rate_limits"]},
        "Odd.options must be a dict, such as {'rate_limits': True}, not ['rate_limits'].",
    ),
    (
        {"make_consumer": make_consumer, "options": {"rate_limit": True}},
        "fake_kinesis has no option 'rate_limit'; its options are: ",
    ),
]
PRODUCERS: list[tuple[dict[str, Any], str]] = [
    ({}, "Odd needs a method make_producer()."),
    ({"make_producer": make_nothing}, "make_producer() of Odd returned None, which has no method put()."),
    (
        {"make_producer": lambda self, *arguments: Putter},
        "make_producer() of Odd returned <class 'tests.search.test_unsound_machines.Putter'>, which has no method "
        "flush().",
    ),
    ({"make_producer": make_consumer, "many": 1}, "Odd.many must be True or False, not 1."),
    ({"make_producer": make_consumer, "large": "no"}, "Odd.large must be True or False, not 'no'."),
    ({"make_producer": make_consumer, "exactly_once": 0}, "Odd.exactly_once must be True or False, not 0."),
]


@pytest.mark.parametrize(("kind", "rows"), [(ConsumerMachine, CONSUMERS), (ProducerMachine, PRODUCERS)])
def test_a_machine_that_cannot_be_meant_is_refused_before_it_searches(kind: Any, rows: Any) -> None:
    def check(row: tuple[dict[str, Any], str]) -> None:
        own, message = row
        machine: Any = type("Odd", (kind,), own)
        told = refusal_of(machine.play(shards=1).__enter__)
        assert told.startswith(message) if message.endswith(": ") else told == message

    hold_for_each(rows, check)


@pytest.mark.parametrize(
    "machine",
    [
        type("Odd", (ConsumerMachine,), {"make_handler": make_handler, "mapping": {"bogus": 1}}),
        type("Odd", (ProducerMachine,), {"make_producer": make_nothing}),
    ],
)
def test_no_program_is_accused_when_hypothesis_runs_such_a_machine(machine: Any) -> None:
    quick = settings(max_examples=1, stateful_step_count=1, database=None, phases=[Phase.generate])
    told = refusal_of(lambda: run_state_machine_as_test(machine, settings=quick))
    assert told.startswith(("event_source_mapping() has no parameter 'bogus'", "make_producer() of Odd returned None"))


def test_a_handler_that_is_none_after_a_cold_start_is_refused() -> None:
    class OddMachine(ConsumerMachine):
        made = 0

        def make_handler(self, process: Any) -> Any:
            self.made += 1
            return (lambda event, context: None) if self.made == 1 else None

    def run() -> None:
        with OddMachine.play(shards=1) as play:
            play.restart()

    assert refusal_of(run) == (
        "What make_handler() of OddMachine returns must be a function of an event and a context, not None."
    )
