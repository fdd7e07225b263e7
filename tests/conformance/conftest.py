"""Other people's programs run here as they are, on a machine that has nothing of AWS and goes nowhere."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module", autouse=True)
def bare_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No region, no credentials, no profile and no settings of AWS, neither in the environment nor in files."""
    nowhere = tmp_path_factory.mktemp("bare_machine")
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in list(os.environ):
            if name.startswith("AWS_") and name != "AWS_DATA_PATH":  # the CLI finds its own files by that one
                monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
        yield


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that looks for a host or connects to one fails."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError(f"the network was asked for: {args}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that sleeps fails, unless it only yields: an SDK waiter of the fake sleeps for no time at all."""

    def refuse(seconds: float) -> None:
        assert seconds == 0, f"a sleep of {seconds} s"

    monkeypatch.setattr(time, "sleep", refuse)
