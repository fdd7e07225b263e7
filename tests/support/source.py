"""The source of the package, parsed once for all tests of a run that read it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import kinesis_fake

SOURCE = Path(kinesis_fake.__file__).parent


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a module."""
    return tuple(ast.walk(tree_of(path)))


def name_of(node: ast.AST) -> str:
    """The name that is called or looked up, such as ``random.Random``; an owner that is no name counts as empty."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
