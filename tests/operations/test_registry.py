"""The table of operations: each operation's facts are written beside it, and no other module names it."""

from __future__ import annotations

import ast
import inspect

from botocore import xform_name

from kinesis_fake.operations import FAMILIES
from kinesis_fake.operations.registry import OPERATIONS, operation
from tests.support.source import SOURCE, name_of, nodes_of

MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
#: The modules that name several operations, and why they may.
MAY_NAME_OPERATIONS = {
    "operations/__init__.py": "the families, by which an operation finds its module",
    "strategies/fault_plans.py": "the operations of consumers and producers, for which faults are made up",
    "toolkit/guesses.py": "what a test writes in the place of some operations, of which operations know nothing",
}
#: The names of all operations, and of the methods of a client that call them.
NAMES = {*OPERATIONS, *(xform_name(name) for name in OPERATIONS)}
FACTS = {"rate", "across_accounts", "kms", "member_order"}


def test_the_decorator_has_no_default_for_what_every_operation_must_say() -> None:
    parameters = inspect.signature(operation).parameters.values()
    assert {parameter.name for parameter in parameters if parameter.default is parameter.empty} == FACTS


def decorators() -> dict[str, dict[str, set[str]]]:
    """The arguments of each ``@operation(...)``, by the module and the name of the operation."""
    told: dict[str, dict[str, set[str]]] = {}
    for path in (SOURCE / "operations").glob("*.py"):
        for function in nodes_of(path):
            if isinstance(function, ast.FunctionDef):
                for call in function.decorator_list:
                    if isinstance(call, ast.Call) and name_of(call.func) == "operation":
                        name = "".join(word.capitalize() for word in function.name.split("_"))
                        told.setdefault(path.stem, {})[name] = {str(keyword.arg) for keyword in call.keywords}
    return told


def test_every_operation_says_each_fact_where_it_is_written() -> None:
    told = [fact for family in decorators().values() for fact in family.items()]
    assert {name for name, arguments in told if not arguments >= FACTS} == set()


def test_the_families_are_the_modules_and_each_has_the_operations_that_are_written_there() -> None:
    assert {family: sorted(told) for family, told in decorators().items()} == {
        family: list(names) for family, names in FAMILIES.items()
    }
    assert [OPERATIONS[name].name for name in OPERATIONS] == list(OPERATIONS)


def tables_of_operations(module: str) -> list[str]:
    """The tables in a module that have two or more names of operations, or of methods of a client.

    That may be a dict, a list, a tuple, a set or an alternative of a pattern.
    """
    found = []
    for node in nodes_of(SOURCE / module):
        patterns = node.patterns if isinstance(node, ast.MatchOr) else []
        values = [pattern.value for pattern in patterns if isinstance(pattern, ast.MatchValue)]
        entries = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", values)
        names = [entry.value for entry in entries if isinstance(entry, ast.Constant) and entry.value in NAMES]
        if len(names) > 1:
            found.append(ast.unparse(node))
    return found


def test_no_module_has_a_table_of_operations_but_those_that_may() -> None:
    assert {module for module in MODULES if tables_of_operations(module)} == MAY_NAME_OPERATIONS.keys()


def test_a_call_to_another_account_is_addressed_by_a_member_that_the_operation_takes() -> None:
    members = {name: known.across_accounts for name, known in OPERATIONS.items() if known.across_accounts is not None}
    assert members
    assert {name for name, member in members.items() if not OPERATIONS[name].knows_member(member)} == set()
