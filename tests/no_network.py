"""Forbids the network; imports nothing of AWS, so that a program can begin with it."""

from __future__ import annotations

import socket
from typing import Any

import pytest


class NetworkTouched(BaseException):
    """Not an Exception: no library may swallow it and try again."""


def forbid_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks up a host or connects to one fails."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise NetworkTouched(f"{args}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
