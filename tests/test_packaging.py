"""What ``pip install kinesis-fake`` installs, read from the distribution that tox has installed."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture
def distribution() -> metadata.Distribution:
    try:
        found = metadata.distribution("kinesis-fake")
    except metadata.PackageNotFoundError:
        pytest.skip("kinesis-fake is not installed; tox installs it")
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        pytest.skip("an editable install has no files of its own; tox installs a wheel")
    return found


def installed_files(distribution: metadata.Distribution) -> set[str]:
    return {str(path) for path in distribution.files or () if "__pycache__" not in path.parts}


def test_botocore_is_all_that_it_needs(distribution: metadata.Distribution) -> None:
    needed = [requirement for requirement in distribution.requires or () if "extra ==" not in requirement]
    assert needed == ["botocore>=1.36"]


def test_every_module_of_the_checkout_is_shipped(distribution: metadata.Distribution) -> None:
    modules = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "kinesis_fake").rglob("*.py")}
    assert modules <= installed_files(distribution)


def test_it_ships_its_types_and_its_licence(distribution: metadata.Distribution) -> None:
    files = installed_files(distribution)
    assert "kinesis_fake/py.typed" in files
    assert any(file.endswith("/LICENSE") for file in files)
    assert distribution.metadata["License-Expression"] == "MIT"


def test_nothing_but_the_package_is_installed(distribution: metadata.Distribution) -> None:
    folders = {file.split("/")[0] for file in installed_files(distribution)}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"kinesis_fake"}


def test_pytest_finds_the_plugin(distribution: metadata.Distribution) -> None:
    plugins = [entry for entry in distribution.entry_points if entry.group == "pytest11"]
    assert [(entry.name, entry.value) for entry in plugins] == [("kinesis_fake", "kinesis_fake.pytest_plugin")]
    assert plugins[0].load().__name__ == "kinesis_fake.pytest_plugin"


#: Each module in a fresh process, before all others of the package: a cycle of imports shows only from one of its ends.
#: What botocore, pytest, asyncio and Hypothesis load is not ours to answer for, and is loaded once. A process that has
#: imported its module ends at once: to take down all that has been loaded takes longer than to load it.
IMPORT_EACH_FIRST = """
import asyncio, botocore.session, gc, hypothesis.stateful, importlib, os, pytest, sys, warnings
warnings.simplefilter("error")
gc.disable()
gc.freeze()
for module in sys.argv[1:]:
    if not (child := os.fork()):
        importlib.import_module(module)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"cannot import {module}")
"""


def shipped_modules(distribution: metadata.Distribution) -> list[str]:
    # The one module that is only imported where its library runs.
    optional = {"kinesis_fake.virtual_time.trio_tasks"} if importlib.util.find_spec("trio") is None else set()
    shipped = (
        file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in installed_files(distribution)
        if file.startswith("kinesis_fake/") and file.endswith(".py") and not file.endswith("__main__.py")
    )
    return sorted(set(shipped) - optional)


def import_each_first(modules: list[str]) -> None:
    # -I hides the checkout.
    command = [sys.executable, "-I", "-c", IMPORT_EACH_FIRST, *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.thorough
def test_what_a_user_imports_can_be_imported_first_and_without_a_warning(distribution: metadata.Distribution) -> None:
    modules = [module for module in shipped_modules(distribution) if module.count(".") < 2]
    assert "kinesis_fake.pytest_plugin" in modules
    import_each_first(modules)


@pytest.mark.thorough
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_shipped_module_can_be_imported_first_and_without_a_warning(distribution: metadata.Distribution) -> None:
    import_each_first(shipped_modules(distribution))


def test_every_link_to_the_repository_names_the_one_of_the_metadata() -> None:
    address = re.findall('^Repository = "(.*)"$', (CHECKOUT / "pyproject.toml").read_text(), re.MULTILINE)
    names = {address[0].removeprefix("https://github.com/")}
    texts = [CHECKOUT / "mkdocs.yml", CHECKOUT / "pyproject.toml", *CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md")]
    linked = re.compile(rf"https://github\.com/([\w.-]+/{address[0].rpartition('/')[2]})\b")
    assert {name for text in texts for name in linked.findall(text.read_text(encoding="utf-8"))} == names
