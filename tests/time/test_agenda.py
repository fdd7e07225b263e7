"""The agenda: due entries are applied in order, each once, and void entries never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake.virtual_time.agenda import Agenda


@dataclass(eq=False)
class Note:
    """An entry that can be crossed out, and is once it has been applied; ``then`` is what it does."""

    number: int
    is_void: bool = False
    then: Callable[[int], None] = lambda now: None
    applied_at: list[int] = field(default_factory=list)

    def apply(self, now: int) -> None:
        self.then(now)
        self.applied_at.append(now)
        self.is_void = True

    def is_pending(self) -> bool:
        return not self.is_void

    def describe(self) -> str:
        return f"note {self.number}"


def pending(agenda: Agenda) -> list[tuple[int, Any]]:
    """The pending entries, in the order in which they will be applied."""
    return [(due_at, entry) for due_at, _, entry in sorted(agenda.pending())]


NOTES = st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=30)


def written(notes: list[tuple[int, bool]]) -> tuple[Agenda, list[tuple[int, Note]]]:
    """An agenda, and what it must give back: what is not crossed out, by instant and then in the order of writing."""
    agenda = Agenda()
    entries = [(due_at, Note(number, is_void)) for number, (due_at, is_void) in enumerate(notes)]
    for due_at, note in entries:
        agenda.schedule(due_at, note)
    return agenda, sorted((entry for entry in entries if not entry[1].is_void), key=lambda entry: entry[0])


@given(NOTES)
def test_pending_entries_are_told_in_the_order_they_will_happen(notes: list[tuple[int, bool]]) -> None:
    agenda, expected = written(notes)
    assert pending(agenda) == expected
    assert agenda.next_due_at() == (expected[0][0] if expected else None)


@given(NOTES, st.integers(-1, 21))
def test_what_is_due_comes_out_once_and_in_order(notes: list[tuple[int, bool]], now: int) -> None:
    agenda, expected = written(notes)
    applied: list[tuple[int, Note]] = []
    for _, note in expected:
        note.then = lambda at, note=note: applied.append((at, note))  # type: ignore[misc]
    agenda.run_due(now)
    agenda.run_due(now)
    assert applied == [entry for entry in expected if entry[0] <= now]
    assert pending(agenda) == [entry for entry in expected if entry[0] > now]
    assert not agenda.is_due(now)


@given(NOTES)
def test_an_entry_that_is_crossed_out_later_does_not_come_out_either(notes: list[tuple[int, bool]]) -> None:
    agenda, expected = written(notes)
    for _, note in expected[::2]:
        note.is_void = True
    assert pending(agenda) == expected[1::2]
    agenda.run_due(20)
    assert [note.applied_at for _, note in expected[1::2]] == [[due_at] for due_at, _ in expected[1::2]]
    assert all(note.applied_at == [] for _, note in expected[::2])


def test_an_instant_is_due_at_itself_and_not_a_millisecond_earlier() -> None:
    agenda, note = Agenda(), Note(0)
    agenda.schedule(1000, note)
    assert not agenda.is_due(999)
    agenda.run_due(999)
    assert note.applied_at == []
    assert agenda.is_due(1000)
    agenda.run_due(1000)
    assert note.applied_at == [1000]


def test_an_entry_may_be_written_while_others_come_out() -> None:
    agenda, early, late = Agenda(), Note(1), Note(2)

    def write(now: int) -> None:
        agenda.schedule(15, early)
        agenda.schedule(25, late)

    agenda.schedule(10, Note(0, then=write))
    agenda.run_due(20)
    assert (early.applied_at, late.applied_at) == ([15], [])


def test_an_entry_that_was_interrupted_is_applied_again_at_its_instant_and_before_the_others() -> None:
    agenda, later = Agenda(), Note(1)

    def interrupt(now: int) -> None:
        raise KeyboardInterrupt

    note = Note(0, then=interrupt)
    agenda.schedule(10, note)
    agenda.schedule(10, later)
    with pytest.raises(KeyboardInterrupt):
        agenda.run_due(20)
    assert pending(agenda) == [(10, note), (10, later)]
    assert agenda.is_due(20)
    order: list[int] = []
    note.then, later.then = lambda now: order.append(0), lambda now: order.append(1)
    agenda.run_due(30)
    assert (note.applied_at, later.applied_at, order) == ([10], [10], [0, 1])
