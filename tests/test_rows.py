"""A test that checks a whole table names each row that fails."""

from __future__ import annotations

import pytest

from tests.support.rows import hold_for_each


def is_even(number: int) -> None:
    assert number % 2 == 0
    if number > 2:
        raise KeyError(number)


def test_every_row_is_checked_and_those_that_fail_are_named_with_their_failures() -> None:
    with pytest.raises(AssertionError) as caught:
        hold_for_each([2, 3, 4], is_even)
    first, *told = str(caught.value).split("\n\n")
    assert first == "2 of the rows fail"
    assert told[0].startswith("3: AssertionError: assert (3 % 2) == 0")
    assert told[1] == "4: KeyError: 4"
    assert isinstance(caught.value.__cause__, AssertionError)
    assert caught.value.__cause__ is not caught.value


def test_rows_that_hold_raise_nothing() -> None:
    hold_for_each([0, 2], is_even)
