"""Runs of pytest inside a test, with only the plugins that the test needs.

Searching all installed packages for plugins, and loading those, would take longer than most inner runs.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

import pytest

import kinesis_fake

#: The plugins that a run in the test's own process loads. pytest-asyncio is loaded in that process anyway.
PLUGINS = ("kinesis_fake.pytest_plugin", "pytest_asyncio.plugin")


@pytest.fixture(scope="session")
def whole_package() -> None:
    """Load all modules of the package.

    pytester forgets each module that is imported after pytester has been made. The next import would then make another
    module, which knows nothing of the fakes and patches of the first.
    """
    for module in pkgutil.walk_packages(kinesis_fake.__path__, "kinesis_fake."):
        if module.name != "kinesis_fake.__main__":
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                if str(error.name).startswith("kinesis_fake"):
                    raise
                # The module needs a package that is not installed, so no inner run imports it either.


@pytest.fixture
def pytester(whole_package: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """pytest's own fixture, with few plugins. The outer run itself proves that the plugin's entry point works."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", ",".join(PLUGINS))
    # pytest-asyncio warns if this is not set.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-o asyncio_default_fixture_loop_scope=function")
    return pytester


@pytest.fixture
def run_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Run pytest on the files of ``pytester`` in a process of its own, with no plugin but the fake's."""
    monkeypatch.setenv("PYTEST_PLUGINS", "kinesis_fake.pytest_plugin")
    monkeypatch.delenv("PYTEST_ADDOPTS")
    return pytester.runpytest_subprocess
