"""The list of changes in a newer botocore is complete."""

from __future__ import annotations

import botocore
import pytest

from tests.drift.model_changes import changes, installed_facts, known_facts, known_version

KNOWN = known_facts()


@pytest.mark.skipif(botocore.__version__ != known_version(), reason="the known facts are of another botocore")
def test_the_botocore_of_the_known_facts_changes_nothing() -> None:
    assert changes(KNOWN, installed_facts()) == ""


def test_the_facts_are_sorted_and_each_is_there_once() -> None:
    assert sorted(set(KNOWN)) == KNOWN


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([], ["operation PutPastry"], "operation: write it in operations/"),
        ([], ["input PutRecord.Colour string max=7"], "  + PutRecord.Colour string max=7"),
        (["input PutRecord.Data! blob max=10"], [], "  - PutRecord.Data! blob max=10"),
        ([], ["output PutRecord.Weight integer"], "registry.NOT_ANSWERED"),
        ([], ["error PutRecord TeapotException"], "  + PutRecord TeapotException"),
        ([], ["paginator ListPastries {}"], "paginator: "),
        ([], ["waiter pastry_baked {}"], "waiter: "),
    ],
)
def test_a_change_of_each_kind_is_told_with_what_to_do(before: list[str], after: list[str], told: str) -> None:
    assert told in changes([*KNOWN, *before], [*KNOWN, *after])


@pytest.mark.parametrize(
    "fact",
    [
        "operation PutRecords",
        "input PutRecords.Records![].PartitionKey string max=256 min=1",
        "output GetRecords.MillisBehindLatest long min=0",
        "error GetRecords ExpiredIteratorException",
    ],
)
def test_the_facts_go_down_to_members_constraints_and_errors(fact: str) -> None:
    assert fact in KNOWN
