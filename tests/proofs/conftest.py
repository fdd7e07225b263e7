"""The proofs need no network, and use the fake's own clients, which read no settings of the machine."""

from __future__ import annotations

import pytest

from tests.support.no_network import forbid_network


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_network(monkeypatch)
