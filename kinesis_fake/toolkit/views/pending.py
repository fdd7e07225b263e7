"""What a test sees of the future: what is due, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from kinesis_fake.calls import instant_text
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.views.lists import ListOfViews
from kinesis_fake.virtual_time.agenda import Entry
from kinesis_fake.virtual_time.clock import datetime_of


@dataclass(frozen=True)
class PendingView:
    """Something that will happen, as :meth:`KinesisFake.pending` returns it; printed, one line."""

    #: When it will happen, in virtual time.
    due_at: datetime
    #: What will happen, in words.
    what: str

    def __str__(self) -> str:
        return f"{instant_text(self.due_at)}  {self.what}"


class PendingViews(ListOfViews[PendingView]):
    """What will happen, in order; printed, one entry to a line.

    It is a sequence and compares like a list. Entries are put in order when the test looks at the first one, and a
    :class:`PendingView` is made of each entry that it looks at. So ``kinesis.pending()`` takes little time for
    thousands of entries.
    """

    def __init__(self, entries: list[tuple[int, int, Entry]]) -> None:
        self._entries = entries
        self._is_sorted = False

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> PendingView: ...

    @overload
    def __getitem__(self, index: slice) -> list[PendingView]: ...

    def __getitem__(self, index: int | slice) -> PendingView | list[PendingView]:
        entries = self._in_order()
        return [_view(*each) for each in entries[index]] if isinstance(index, slice) else _view(*entries[index])

    def __iter__(self) -> Iterator[PendingView]:
        return (_view(*each) for each in self._in_order())

    def _in_short(self) -> str:
        return f"{len(self)} entries, the first is {self[0]!r}"

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "nothing is pending"

    def _in_order(self) -> list[tuple[int, int, Entry]]:
        if not self._is_sorted:
            self._entries = sorted(self._entries)
            self._is_sorted = True
        return self._entries


def _view(due_at: int, _: int, entry: Entry) -> PendingView:
    return PendingView(datetime_of(due_at), entry.describe())


def pending_views(backstage: Backstage) -> PendingViews:
    """What is due in a fake after now."""
    with backstage.lock:
        world = backstage.up_to_date(backstage.world)
        return PendingViews(world.agenda.pending())
