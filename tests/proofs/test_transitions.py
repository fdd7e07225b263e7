"""What each operation says of transitions: which one it begins, and in which states a stream refuses it."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Durations
from kinesis_fake.domain.life_cycle import ACTIVE, CREATING, DELETING, UPDATING, Resource
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.registry import OPERATIONS
from tests.proofs.account import Account, account_for
from tests.proofs.scenario import MODEL, Scenario, can_be_played
from tests.proofs.table import TABLE
from tests.support.rows import hold_for_each

SUCCESSES = {
    operation: [each for each in TABLE[operation].scenarios if each.error is None and can_be_played(each)]
    for operation in MODEL.operation_names
}


def resources_of(account: Account) -> list[Resource]:
    """Everything that may be in transition, that which has vanished excepted."""
    found: list[Resource] = []
    for region in account.kinesis._backstage.world.regions.values():
        for stream in region.streams.values():
            found += [stream, *stream.consumers.values()]
        found += [*region.queues.values(), *region.channels.values()]
    return found


def transitions_of(account: Account) -> dict[tuple[type[Resource], str], tuple[str, int]]:
    """The status of each resource that is in transition, and the instant at which that ends, by its kind and ARN."""
    return {
        (type(each), each.resource_arn): (each.status, each.transition_ends_at)
        for each in resources_of(account)
        if each.transition_ends_at is not None
    }


def what_begins_with(scenario: Scenario) -> set[tuple[str, int]]:
    """The transitions that a call begins: the status, and how long it lasts, in whole seconds as that of a reshard."""
    account = account_for(scenario)
    before, now = transitions_of(account), account.kinesis._backstage.now
    account.call(scenario)
    begun = [told for key, told in transitions_of(account).items() if before.get(key) != told]
    return {(status, (ends_at - now) // 1000 * 1000) for status, ends_at in begun}


@pytest.mark.parametrize("operation", MODEL.operation_names)
@pytest.mark.thorough_but(first=15)
def test_an_operation_begins_the_transition_that_it_says_and_no_other(operation: str) -> None:
    begins = OPERATIONS[operation].begins
    begun = {transition for scenario in SUCCESSES[operation] for transition in what_begins_with(scenario)}
    if begins is None:
        assert begun == set()
    else:
        status, duration = begins
        assert (status, getattr(Durations(), duration)) in begun
        # With a stream its consumers go, too.
        others = {(DELETING, Durations().deregistering_consumer_ms)} if operation == "DeleteStream" else set()
        assert begun - others == {(status, getattr(Durations(), duration))}


# --- what a stream must be ----------------------------------------------------------------------------------------

#: The states in which a stream that must be this refuses.
REFUSED_IN = {None: set(), "ACTIVE": {CREATING, UPDATING}, "ACTIVE or UPDATING": {CREATING}, "with shards": set()}


def stream_named_in(value: Any, account: Account) -> Stream | None:
    """The first stream that parameters name, by its name or by its ARN; no consumer, queue or channel of it."""
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return next((found for each in inner if (found := stream_named_in(each, account)) is not None), None)
    region = account.kinesis._backstage.region
    return next((each for each in region.streams.values() if value in (each.stream_name, each.stream_arn)), None)


def hold_that_the_state_counts(scenario: Scenario) -> None:
    refused_in = REFUSED_IN[OPERATIONS[scenario.operation].needs_stream]
    for status in (CREATING, UPDATING):
        account = account_for(scenario)
        stream = stream_named_in(account.resolve(scenario.params), account)
        if stream is None or stream.status != ACTIVE:
            return
        stream.leave_transition(status)
        done = account.call(scenario)
        told = {} if done.error is None else done.error.response["Error"]
        is_refused = told.get("Code") == "ResourceInUseException" and f"instead in state {status}" in told["Message"]
        assert is_refused == (status in refused_in), (status, told)


@pytest.mark.parametrize("operation", MODEL.operation_names)
@pytest.mark.thorough_but(first=15)
def test_a_stream_in_another_state_than_the_operation_says_refuses_it(operation: str) -> None:
    hold_for_each(SUCCESSES[operation], hold_that_the_state_counts)
