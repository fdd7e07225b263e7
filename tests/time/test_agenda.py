"""The agenda: what is due comes out in order, each entry once, and never when nobody waits for it any more."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake.virtual_time.agenda import Agenda


@dataclass(eq=False)
class Note:
    """An entry that can be crossed out."""

    number: int
    is_void: bool = False
    applied_at: list[int] = field(default_factory=list)

    def apply(self, now: int) -> None:
        self.applied_at.append(now)

    def is_pending(self) -> bool:
        return not self.is_void

    def describe(self) -> str:
        return f"note {self.number}"


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
    assert agenda.pending() == expected
    assert agenda.next_due_at() == (expected[0][0] if expected else None)


@given(NOTES, st.integers(-1, 21))
def test_what_is_due_comes_out_once_and_in_order(notes: list[tuple[int, bool]], now: int) -> None:
    agenda, expected = written(notes)
    popped = []
    while (due := agenda.pop_due(now)) is not None:
        popped.append(due)
    assert popped == [entry for entry in expected if entry[0] <= now]
    assert agenda.pending() == [entry for entry in expected if entry[0] > now]
    assert not agenda.is_due(now)


@given(NOTES)
def test_an_entry_that_is_crossed_out_later_does_not_come_out_either(notes: list[tuple[int, bool]]) -> None:
    agenda, expected = written(notes)
    for _, note in expected[::2]:
        note.is_void = True
    assert agenda.pending() == expected[1::2]
    assert [agenda.pop_due(20) for _ in expected[1::2]] == expected[1::2]
    assert agenda.pop_due(20) is None


def test_an_instant_is_due_at_itself_and_not_a_millisecond_earlier() -> None:
    agenda = Agenda()
    agenda.schedule(1000, Note(0))
    assert (agenda.is_due(999), agenda.pop_due(999)) == (False, None)
    assert agenda.is_due(1000)
    assert agenda.pop_due(1000) is not None


def test_an_entry_may_be_written_while_others_come_out() -> None:
    agenda = Agenda()
    agenda.schedule(10, Note(0))
    assert agenda.pop_due(20) is not None
    agenda.schedule(15, Note(1))
    agenda.schedule(25, Note(2))
    due = agenda.pop_due(20)
    assert due is not None
    assert (due[0], due[1].describe()) == (15, "note 1")
    assert agenda.pop_due(20) is None
