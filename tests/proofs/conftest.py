"""The proofs need no network, and their clients are the fake's own, which look at nothing of the machine."""

from __future__ import annotations

import pytest

from tests.support.no_network import forbid_network


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_network(monkeypatch)
