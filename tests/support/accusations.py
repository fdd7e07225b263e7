"""The accusation with which a machine fails a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake.stateful import Accusation

Steps = tuple[Callable[[Any], object], ...]


def reason_of(machine: type[Any], *steps: Callable[[Any], object], **options: Any) -> str:
    """The reason of the accusation that a machine raises after these steps."""

    def play_all() -> None:
        with machine.play(**{"shards": 1, **options}) as play:
            for step in steps:
                step(play)

    with pytest.raises(Accusation) as caught:
        play_all()
    return caught.value.reason
