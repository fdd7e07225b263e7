"""The one way to say that the fake refuses what a test asks of it: by the whole message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError
from tests.support.rows import hold_for_each
from tests.support.state import state_of

#: By the name of a row: what is asked of the fake, and what its error says.
Rows = Mapping[str, tuple[Callable[..., object], str]]


def refusal_of(ask: Callable[..., object], *arguments: Any) -> str:
    """What the fake says when it refuses."""
    with pytest.raises(KinesisFakeError) as caught:
        ask(*arguments)
    return str(caught.value)


def hold_refusals(rows: Rows, *arguments: Any, unchanged: KinesisFake | None = None) -> None:
    """Hold that the fake refuses each row, called with ``arguments``, with its message, and that nothing changes."""
    before = state_of(unchanged) if unchanged is not None else None

    def check(name: str) -> None:
        ask, message = rows[name]
        assert refusal_of(ask, *arguments) == message
        assert unchanged is None or state_of(unchanged) == before

    hold_for_each(rows, check)
