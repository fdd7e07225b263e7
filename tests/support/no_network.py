"""Forbids the network; imports nothing of AWS, so that a program can begin with it."""

from __future__ import annotations

import socket
from typing import Any

import pytest


class NetworkTouched(BaseException):
    """A test has touched the network. It is no Exception, so that no library swallows it and tries again."""


def forbid_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that looks up a host or connects to one. The processes of this machine may talk to each other."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise NetworkTouched(f"{args}")

    def refuse_unless_local(original: Any) -> Any:
        def connect(self: socket.socket, *args: Any) -> Any:
            return original(self, *args) if self.family == getattr(socket, "AF_UNIX", None) else refuse(self, *args)

        return connect

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse_unless_local(getattr(socket.socket, name)))
