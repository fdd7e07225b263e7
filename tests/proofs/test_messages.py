"""The code uses every message of the catalogue, and no message that is not in it."""

from __future__ import annotations

import ast
from functools import cache

from kinesis_fake import errors
from tests.support.source import SOURCE, name_of, nodes_of

#: Where they are worded.
HOME = SOURCE / "errors.py"


@cache
def referenced() -> frozenset[str]:
    """The names that modules take from ``errors``, as ``errors.stream_not_found`` or by importing them."""
    names: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in nodes_of(path) if path != HOME else ():
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "errors":
                names.add(node.attr)
            elif isinstance(node, ast.ImportFrom) and node.module == "kinesis_fake.errors":
                names.update(alias.name for alias in node.names)
    return frozenset(names)


def test_every_message_of_the_catalogue_is_said_by_some_module() -> None:
    assert sorted(errors.CATALOGUE.keys() - referenced()) == []


def test_no_module_says_a_message_that_is_not_in_the_catalogue() -> None:
    helpers = {name for name in vars(errors) if isinstance(getattr(errors, name), type)} | {"CATALOGUE"}
    assert referenced() - errors.CATALOGUE.keys() <= helpers


def test_errors_of_aws_are_made_nowhere_else() -> None:
    makers = {
        path.name
        for path in SOURCE.rglob("*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and name_of(node.func).endswith("AwsError")
    }
    assert makers == {"errors.py"}
