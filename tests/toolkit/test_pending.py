"""``kinesis.pending()``: a sequence that makes a view of an entry when a test looks at it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits, PendingView, PendingViews

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
pytestmark = pytest.mark.fake_kinesis(start=NOW)

IN_ORDER = ["stream first becomes ACTIVE", "stream second becomes ACTIVE", "stream third becomes ACTIVE"]


def create(client: Any, *names: str) -> None:
    for name in names:
        client.create_stream(StreamName=name, ShardCount=1)


@pytest.fixture
def pending(kinesis: KinesisFake, client: Any) -> PendingViews:
    create(client, "first", "second")
    kinesis.advance(seconds=1)
    create(client, "third")
    return kinesis.pending()


def test_entries_come_in_the_order_in_which_they_will_happen(pending: PendingViews) -> None:
    assert [each.what for each in pending] == IN_ORDER
    assert [each.what for each in reversed(pending)] == IN_ORDER[::-1]
    assert [pending[place].what for place in (0, 1, 2, -1)] == [*IN_ORDER, IN_ORDER[-1]]
    assert [each.what for each in pending[1:]] == IN_ORDER[1:]
    assert pending[0].due_at == NOW + timedelta(seconds=20) == pending[2].due_at - timedelta(seconds=1)
    with pytest.raises(IndexError):
        pending[3]


def test_they_compare_like_a_list(pending: PendingViews, kinesis: KinesisFake) -> None:
    listed = list(pending)
    assert pending == listed == kinesis.pending()
    assert listed == pending
    assert pending != listed[:2]
    assert pending != []
    assert pending != "pending"
    assert pending + listed == listed + pending == listed * 2
    assert pending[1] in pending
    assert PendingView(NOW, "nothing") not in pending
    with pytest.raises(TypeError, match="unhashable"):
        hash(pending)


def test_they_are_those_of_the_moment_in_which_they_were_asked_for(pending: PendingViews, kinesis: KinesisFake) -> None:
    kinesis.settle()
    assert kinesis.pending() == []
    assert not kinesis.pending()
    assert [each.what for each in pending] == IN_ORDER


def test_a_repr_shows_them_all_or_if_there_are_many_how_many_and_the_first() -> None:
    limits = Limits(streams_creating_or_deleting=11)
    fake = KinesisFake(start=NOW, limits=limits)
    client: Any = fake.client()
    assert repr(fake.pending()) == "[]"
    create(client, *(f"stream-{number:02}" for number in range(10)))
    assert repr(fake.pending()) == repr(list(fake.pending()))
    create(client, "one-too-many")
    assert repr(fake.pending()) == f"<11 entries, the first is {fake.pending()[0]!r}>"
    assert len(str(fake.pending()).splitlines()) == len(fake.pending()) == 11


def test_the_summary_shows_the_next_ten_and_counts_the_others() -> None:
    fake = KinesisFake(start=NOW, limits=Limits(streams_creating_or_deleting=12))
    client: Any = fake.client()
    create(client, *(f"stream-{number:02}" for number in range(12)))
    summary = fake.summary()
    told = summary[summary.index("in transition:") : summary.index("last calls:")].splitlines()[1:]
    assert told == [*(f"  {each}" for each in fake.pending()[:10]), "  and 2 more"]
