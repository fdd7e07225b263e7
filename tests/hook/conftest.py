"""The door is tested on a machine without credentials, region, settings of AWS, or a network."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from tests.bare_machine import forbid_network, forget_aws


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_aws(monkeypatch, tmp_path)
    forbid_network(monkeypatch)
    # The default session remembers what it read when it was made.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
