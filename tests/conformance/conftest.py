"""Other people's programs run here as they are, on a machine that has nothing of AWS, goes nowhere and never sleeps."""

from __future__ import annotations

import time
from collections.abc import Iterator

import boto3
import pytest

from tests.bare_machine import forbid_network, forget_aws


@pytest.fixture(scope="module", autouse=True)
def bare_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        forget_aws(monkeypatch, tmp_path_factory.mktemp("nowhere"))
        forbid_network(monkeypatch)
        # The default session remembers what it read when it was made.
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        yield


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that sleeps fails, unless it only yields: an SDK waiter of the fake sleeps for no time at all."""

    def refuse(seconds: float) -> None:
        assert seconds == 0, f"a sleep of {seconds} s"

    monkeypatch.setattr(time, "sleep", refuse)
