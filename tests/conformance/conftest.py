"""Programs of other projects run here unchanged, on a machine without settings of AWS and without a network."""

from __future__ import annotations

import time

import pytest

from tests.support.bare_machine import bare_machine

__all__ = ["bare_machine"]


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that sleeps fails, unless it only yields: an SDK waiter of the fake sleeps for no time at all."""

    def refuse(seconds: float) -> None:
        assert seconds == 0, f"a sleep of {seconds} s"

    monkeypatch.setattr(time, "sleep", refuse)
