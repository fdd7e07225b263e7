"""Arguments that a constructor does not take, or needs and is not given: refused in words."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from kinesis_fake import Durations, KinesisFake, Limits
from tests.support.misuse import hold_refusals, refusal_of
from tests.support.rows import hold_for_each

#: The constructors without their types, which would refuse most of what follows.
limits: Any = Limits
durations: Any = Durations

KNOWN_LIMITS = ", ".join(field.name for field in fields(Limits))
KNOWN_DURATIONS = ", ".join(field.name for field in fields(Durations))
OPTIONS = ", ".join(inspect.signature(KinesisFake).parameters)


ROWS: dict[str, tuple[Callable[[], object], str]] = {
    "a limit that there is not": (
        lambda: limits(nope=1),
        f"Limits has no argument 'nope'; it takes {KNOWN_LIMITS}.",
    ),
    "a limit that is misspelt": (
        lambda: limits(tag=1),
        f"Limits has no argument 'tag'; do you mean 'tags'? It takes {KNOWN_LIMITS}.",
    ),
    "a duration that is misspelt": (
        lambda: durations(creating=1),
        f"Durations has no argument 'creating'; do you mean 'creating_ms'? It takes {KNOWN_DURATIONS}.",
    ),
    "a limit by its place and by its name": (
        lambda: limits(5, shards=5),
        "Limits is given shards twice, once by its place and once by its name; leave one of them out.",
    ),
    "more durations than there are": (
        lambda: durations(*range(20)),
        f"Durations takes no argument but {KNOWN_DURATIONS} without a name, so 19 needs one.",
    ),
    "an option of the fake that there is not": (
        lambda: KinesisFake(bogus=1),  # type: ignore[call-arg]
        f"KinesisFake has no argument 'bogus'; it takes {OPTIONS}.",
    ),
    "an option of the fake by its place": (
        lambda: KinesisFake("orders"),  # type: ignore[call-arg]
        f"KinesisFake takes no argument without a name, so 'orders' needs one; the names are {OPTIONS}.",
    ),
}


def test_arguments_that_do_not_fit_are_refused_in_words() -> None:
    hold_refusals(ROWS)


def test_none_is_no_number_unless_the_default_is_none() -> None:
    def check(setting: tuple[Any, str, Any]) -> None:
        kind, name, default = setting
        if default is None:
            assert getattr(kind(**{name: None}), name) is None
            return
        within = "True or False" if name == "api_calls" else "a whole number from 0 on"
        assert refusal_of(lambda: kind(**{name: None})) == f"{kind.__name__}.{name} must be {within}, not None."

    hold_for_each([(kind, field.name, field.default) for kind in (Limits, Durations) for field in fields(kind)], check)


def test_a_type_error_of_the_lines_inside_is_not_taken_for_a_wrong_argument() -> None:
    class Rude:
        def __repr__(self) -> str:
            raise AssertionError

        def __ge__(self, other: object) -> bool:
            raise TypeError("the test's own")

    assert refusal_of(lambda: limits(tags=Rude())) == "Limits.tags must be a whole number from 0 on, not <Rude>."
