"""Names of other packages that the fake relies on: whether they exist, and which of them a module uses."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest


def found(module: str, name: str, purpose: str) -> Any:
    """The object of a name, perhaps with dots, in a module; skips the test if the package is not installed."""
    package = module.split(".")[0]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    value: Any = importlib.import_module(module)
    for part in name.split("."):
        assert hasattr(value, part), f"{module}.{name} is gone, which kinesis_fake needs for this: {purpose}"
        value = getattr(value, part)
    return value


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def private_names_of_others(module: Path) -> set[str]:
    """The private attributes of other packages' objects that a module uses."""
    tree = ast.parse(module.read_text())
    asked = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
                asked.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr" and _is_private(_text(node.args[1])):
            asked.add(_text(node.args[1]))
    return asked


def names_asked_of(packages: tuple[str, ...], module: Path) -> set[str]:
    """The full names that a module uses of packages: those that it imports, and those like ``package.module.name``."""
    asked = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level and str(node.module).split(".")[0] in packages:
            asked |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and ast.unparse(node).split(".")[0] in packages:
            asked.add(ast.unparse(node))
    # Of botocore.session.Session and botocore.session, only the first is a name; the second is its module.
    return {name for name in asked if not any(other.startswith(f"{name}.") for other in asked)}
