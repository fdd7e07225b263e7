"""Runs of pytest in a process of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def run_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Run pytest on the files of ``pytester`` with no plugin but ours: those installed here take a second to load."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(*args: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("-p", "kinesis_fake.pytest_plugin", *args)

    return run
