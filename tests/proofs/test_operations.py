"""The table, held against the installed botocore: every operation, every declared error, every member both ways.

``tests/drift`` says whether a newer botocore brings something that the fake does not know; here is shown that what it
knows is so. Answers are held against the shapes of the model, refusals against the whole text and the whole state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import botocore
import pytest
from botocore.eventstream import EventStreamError

from kinesis_fake.operations.registry import IGNORED_MEMBERS, NOT_ANSWERED, WRITTEN_FOR
from tests.drift.known_members import output_members
from tests.proofs.account import Outcome, account_for
from tests.proofs.scenario import MODEL, Scenario, can_be_played, paths_of
from tests.proofs.table import TABLE
from tests.support.answers import faults
from tests.support.rows import hold_for_each

SCENARIOS = [scenario for row in TABLE.values() for scenario in row.scenarios if can_be_played(scenario)]
SUCCESSES = [scenario for scenario in SCENARIOS if scenario.error is None]
REFUSALS = [scenario for scenario in SCENARIOS if scenario.error is not None]

#: Whether the installed botocore is the one that the table was written against, or a newer one.
IS_NEWEST = tuple(int(part) for part in botocore.__version__.split(".")[:3]) >= WRITTEN_FOR
#: What AWS was recorded to say (error catalogue, section 1), and the model calls otherwise. The fake says the former.
NAMES_ON_THE_WIRE = {"InternalFailureException": "InternalFailure"}
#: Errors that AWS does not declare with an operation, because every operation has them (API reference, common errors).
COMMON_ERRORS = {"AccessDeniedException", "InternalFailure", "ValidationException"}
#: Members that the model says are always there, and AWS leaves out (API reference, SubscribeToShardEvent).
LEFT_OUT = {"SubscribeToShard.EventStream.SubscribeToShardEvent has no ContinuationSequenceNumber"}


def output_of(operation: str) -> Any:
    return MODEL.operation_model(operation).output_shape


@cache
def played(scenario: Scenario) -> Outcome:
    """The answer of a call that must succeed, kept for several tests."""
    account = account_for(scenario)
    done = account.call(scenario, parameter_validation=True)
    if scenario.breaks_with is not None:
        error = account.expected(scenario.breaks_with, scenario.operation)
        assert done.stream_error is not None
        assert told_in_stream(done.stream_error) == (error.code, error.message)
    return done


def told_in_stream(error: EventStreamError) -> tuple[str, str]:
    return error.response["Error"]["Code"], error.response["Error"]["Message"]


def members_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


# --- the table as a whole -----------------------------------------------------------------------------------------


def test_the_table_has_every_operation_of_the_installed_botocore() -> None:
    assert set(MODEL.operation_names) <= TABLE.keys()
    if IS_NEWEST:
        assert set(MODEL.operation_names) == TABLE.keys()
        assert all(can_be_played(scenario) for row in TABLE.values() for scenario in row.scenarios)


def test_every_operation_succeeds_at_least_once() -> None:
    assert set(operations_of(SUCCESSES)) == set(MODEL.operation_names)


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_every_declared_error_is_shown_or_said_never_to_arise(operation: Any) -> None:
    shapes: list[Any] = MODEL.operation_model(operation).error_shapes
    declared = {shape.error_code for shape in shapes}
    # An older botocore may declare an error, but lack the member with which it is shown.
    shown = {scenario.code for scenario in TABLE[operation].scenarios if scenario.error is not None}
    never = TABLE[operation].never
    assert {code for code in declared if NAMES_ON_THE_WIRE.get(code, code) not in shown} == declared & never.keys()
    assert not shown & never.keys()
    assert all(len(reason) > 20 for reason in never.values())
    if IS_NEWEST:
        assert shown <= {NAMES_ON_THE_WIRE.get(code, code) for code in declared} | COMMON_ERRORS


# --- each call ----------------------------------------------------------------------------------------------------


def of(operation: str, scenarios: list[Scenario]) -> list[Scenario]:
    return [scenario for scenario in scenarios if scenario.operation == operation]


def operations_of(scenarios: list[Scenario]) -> list[str]:
    return sorted({scenario.operation for scenario in scenarios})


@pytest.mark.parametrize("operation", operations_of(SUCCESSES))
def test_successes_answer_what_the_model_promises_and_nothing_else(operation: str) -> None:
    hold_for_each(of(operation, SUCCESSES), hold_that_the_answer_is_as_promised)


def hold_that_the_answer_is_as_promised(scenario: Scenario) -> None:
    done = played(scenario)
    assert done.error is None
    answer = members_of(done.answer)
    shape = output_of(scenario.operation)
    if shape is None:
        assert answer == {}
    elif "EventStream" in shape.members:
        stream = shape.members["EventStream"]
        found = {
            fault for event in answer["EventStream"] for fault in faults(stream, event, "SubscribeToShard.EventStream")
        }
        assert found <= LEFT_OUT
        assert len(answer["EventStream"]) == scenario.events
    else:
        assert list(faults(shape, answer, scenario.operation)) == []
    metadata = done.answer["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (200, 0)


@pytest.mark.parametrize("operation", operations_of(REFUSALS))
@pytest.mark.botocore
@pytest.mark.thorough_but(first=20)
def test_refusals_say_exactly_why_and_change_nothing(operation: str) -> None:
    hold_for_each(of(operation, REFUSALS), hold_that_the_refusal_says_why)


def hold_that_the_refusal_says_why(scenario: Scenario) -> None:
    assert scenario.error is not None
    account = account_for(scenario)
    before = account.state() if scenario.given else account.first_state
    done = account.call(scenario)
    assert account.state() == before
    error = account.expected(scenario.error, scenario.operation)
    assert done.error is not None
    told = done.error.response
    assert (told["Error"]["Code"], told["Error"]["Message"]) == (error.code, error.message or "")
    assert told["ResponseMetadata"]["HTTPStatusCode"] == error.http_status
    assert type(done.error) is account.client().exceptions.from_code(error.code)
    modelled: Any = account.client().meta.service_model.shape_for_error_code(error.code)
    if modelled is not None:
        assert {name for name in modelled.members if name in told} == modelled.members.keys()


# --- every member -------------------------------------------------------------------------------------------------


def outcome_of(scenario: Scenario) -> Any:
    """The answer or the refusal, and what the world is like after it."""
    account = account_for(scenario)
    done = account.call(scenario)
    error = done.error.response["Error"] if done.error is not None else None
    answer = members_of(done.answer) if done.answer is not None else None
    return answer, error, account.state()


def without(params: Any, path: str) -> Any:
    """Parameters without one member, in every item of a list."""
    if isinstance(params, list):
        return [without(item, path) for item in params]
    name, _, rest = path.partition(".")
    return {
        member: without(value, rest) if member == name else value
        for member, value in params.items()
        if rest or member != name
    }


@pytest.mark.botocore
@pytest.mark.thorough_but("CreateStream", "GetShardIterator", "ListShards", "PutRecord")
@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_every_member_of_the_input_makes_a_difference(operation: Any) -> None:
    shape = MODEL.operation_model(operation).input_shape
    unproven = {path for path in paths_of(shape, None) if path not in IGNORED_MEMBERS} if shape is not None else set()
    for scenario in sorted(of(operation, SCENARIOS), key=lambda scenario: scenario.error is not None):
        paths = unproven.intersection(paths_of(shape, scenario.params)) if shape is not None else set()
        if paths:
            outcome = outcome_of(scenario)
            assert outcome_of(scenario) == outcome  # or else any difference would be no proof
            unproven -= {
                path
                for path in paths
                if outcome_of(replace(scenario, params=without(scenario.params, path))) != outcome
            }
    assert unproven == set()


def shown_by(shape: Any, value: Any) -> Iterator[str]:
    """The members of structures that a value has, such as ``Shard.ParentShardId``."""
    if shape.type_name == "structure":
        for name, member in value.items():
            yield f"{shape.name}.{name}"
            yield from shown_by(shape.members[name], member)
    elif shape.type_name == "list":
        for item in value:
            yield from shown_by(shape.member, item)


def shown_by_all() -> Iterator[str]:
    for scenario in SUCCESSES:
        shape, done = output_of(scenario.operation), played(scenario)
        if shape is not None and "EventStream" in shape.members:
            stream = shape.members["EventStream"]
            yield f"{shape.name}.EventStream"
            for event in done.answer["EventStream"]:
                yield from shown_by(stream, event)
            if done.stream_error is not None:
                code, message = told_in_stream(done.stream_error)
                yield from shown_by(stream, {code: {"message": message}})
        elif shape is not None:
            yield from shown_by(shape, members_of(done.answer))


def test_every_member_of_an_answer_is_shown_or_said_never_to_be() -> None:
    promised = {f"{shape}.{member}" for shape, members in output_members(MODEL).items() for member in members}
    assert promised - set(shown_by_all()) == promised & NOT_ANSWERED.keys()
    if IS_NEWEST:
        assert NOT_ANSWERED.keys() <= promised
    assert all(len(reason) > 20 for reason in NOT_ANSWERED.values())
