"""The fake's own ``NamedTuple`` makes what :class:`typing.NamedTuple` makes."""

from __future__ import annotations

import copy
import pickle
import sys
import typing
from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake.named_tuples import NamedTuple


class Ours(NamedTuple):
    """A place, and what is there."""

    shard_id: str
    position: int = 0
    #: Nothing.
    note: str | None = None

    def is_at_the_beginning(self) -> bool:
        return self.position == 0

    @property
    def text(self) -> str:
        return f"{self.shard_id}, {self.position}"

    @classmethod
    def anywhere(cls) -> Ours:
        return cls("shardId-0")


class Typings(typing.NamedTuple):
    """A place, and what is there."""

    shard_id: str
    position: int = 0
    note: str | None = None


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: kind("a"),
        lambda kind: kind("a", 1, "b"),
        lambda kind: kind(note="b", shard_id="a"),
        lambda kind: (kind("a") == kind("a", 0), kind("a") == ("a", 0, None), kind("a") < kind("b")),
        lambda kind: hash(kind("a")) == hash(("a", 0, None)),
        lambda kind: (kind("a").shard_id, kind("a")[1], list(kind("a"))),
        lambda kind: kind._make(["a", 1, "b"]),
        lambda kind: kind("a")._replace(position=7, note="c"),
        lambda kind: kind("a")._asdict(),
        lambda kind: (kind._fields, kind.__match_args__, kind.__doc__, kind.__module__),
        lambda kind: isinstance(kind("a"), tuple),
        lambda kind: copy.copy(kind("a", 1)),
        lambda kind: copy.deepcopy(kind("a", 1)),
        lambda kind: vars(copy)["replace"](kind("a"), position=7) if sys.version_info >= (3, 13) else None,
        lambda kind: type(pickle.loads(pickle.dumps(kind("a", 1)))) is kind,
    ],
)
def test_it_does_what_those_of_typing_do(use: Callable[[Any], object]) -> None:
    assert repr(use(Ours)).replace("Ours", "Typings") == repr(use(Typings))


@pytest.mark.parametrize(
    "misuse",
    [
        lambda kind: kind(),
        lambda kind: kind("a", 1, "b", "c"),
        lambda kind: kind("a", shard_id="b"),
        lambda kind: kind("a", place=3),
        lambda kind: setattr(kind("a"), "position", 3),
        lambda kind: setattr(kind("a"), "place", 3),
        lambda kind: vars(kind("a")),
        lambda kind: kind("a").place,
    ],
)
def test_misuse_is_refused_in_the_same_words(misuse: Callable[[Any], object]) -> None:
    refusals = []
    for kind in (Ours, Typings):
        with pytest.raises((TypeError, AttributeError)) as caught:
            misuse(kind)
        refusals.append((caught.type, str(caught.value).replace("Ours", "Typings")))
    assert refusals[0] == refusals[1]


def test_a_tuple_of_another_length_and_a_field_that_there_is_not_are_refused() -> None:
    with pytest.raises(TypeError):
        Ours._make(["a", 1])
    unknown: dict[str, Any] = {"place": 3}
    with pytest.raises(TypeError, match="Ours has no fields \\['place'\\]"):
        Ours("a")._replace(**unknown)


def test_it_has_the_methods_of_its_class() -> None:
    assert Ours.anywhere().is_at_the_beginning()
    assert Ours("a", 3).text == "a, 3"
