"""The rooms, read from the source: which module imports which, reads the time, or draws random numbers."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kinesis_fake
from tests.support import source
from tests.support.source import SOURCE, name_of

CHECKOUT = Path(__file__).parents[1]
MODULES = sorted(path.relative_to(SOURCE).with_suffix("").as_posix() for path in SOURCE.rglob("*.py"))

#: From the bottom to the top; a module imports from layers below its own. Packages are layers of their own.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("misuse", "named_tuples", "words"),
    ("kpl",),
    ("errors", "process"),
    ("settings",),
    ("virtual_time",),
    ("domain",),
    ("faults",),
    ("operations",),
    ("call",),
    ("calls",),
    ("service",),
    ("botocore_hook",),
    ("event_source_mapping",),
    ("toolkit",),
    ("activation",),
    ("__init__",),
    ("doctor", "pytest_plugin", "remedies", "tour"),
    ("strategies",),
    ("stateful",),
    ("__main__",),
)


def tree_of(module: str) -> ast.Module:
    return source.tree_of(SOURCE / f"{module}.py")


def nodes_of(module: str) -> tuple[ast.AST, ...]:
    return source.nodes_of(SOURCE / f"{module}.py")


@cache
def imports_of(module: str, *, that_run: bool = True) -> frozenset[str]:
    """The full names that a module imports, wherever it does; those for type checkers only if asked for."""
    return frozenset(_imports_of(module, that_run))


def _imports_of(module: str, that_run: bool) -> Iterator[str]:
    hidden = {
        id(node)
        for block in nodes_of(module)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for statement in block.body
        for node in ast.walk(statement)
    }
    for node in nodes_of(module):
        if that_run and id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def own_imports_of(module: str, *, that_run: bool = True) -> frozenset[str]:
    """The modules of the house that a module imports; those for type checkers only if asked for."""
    return frozenset(_own_imports_of(module, that_run))


def _own_imports_of(module: str, that_run: bool) -> Iterator[str]:
    for name in imports_of(module, that_run=that_run):
        package, *path = name.split(".")
        if package == "kinesis_fake":
            candidates = ["/".join(path[:length]) for length in range(len(path), 0, -1)]
            found = next((candidate for candidate in candidates if candidate in MODULES), None)
            if found is None:
                found = next((f"{each}/__init__" for each in candidates if f"{each}/__init__" in MODULES), "__init__")
            yield found


def part_of(module: str) -> str:
    """The package or the module of the top level that a module belongs to."""
    return module.split("/")[0]


def modules_of(package: str) -> list[str]:
    return [module for module in MODULES if part_of(module) == package and module != part_of(module)]


def layer_of(module: str) -> int:
    return next(height for height, layer in enumerate(LAYERS) if part_of(module) in layer)


@cache
def dotted_names_of(module: str) -> set[str]:
    """Every attribute of a name that a module mentions, such as ``time.time``."""
    return {
        f"{node.value.id}.{node.attr}"
        for node in nodes_of(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


# --- imports ------------------------------------------------------------------------------------------------------


def test_every_module_has_a_layer_and_every_layer_a_module() -> None:
    assert sorted(name for layer in LAYERS for name in layer) == sorted({part_of(module) for module in MODULES})


def test_imports_go_down() -> None:
    for module in MODULES:
        upward = [
            imported
            for imported in own_imports_of(module)
            if part_of(imported) != part_of(module) and layer_of(imported) >= layer_of(module)
        ]
        assert upward == [], module


def test_no_two_modules_import_each_other() -> None:
    graph = {module: own_imports_of(module) - {module} for module in MODULES}
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module not in done:
            for imported in sorted(graph[module]):
                visit(imported, [*path, module])
            done.add(module)

    for module in MODULES:
        visit(module, [])


#: Modules that know each other's types, and no more: what is imported for type checkers only may go round in a circle
#: within one room. In the domain nearly everything can be reached from everything else, as it can in Kinesis.
CIRCLES_OF_TYPES = [
    [
        "domain/arn",
        "domain/channel",
        "domain/channel_deliveries",
        "domain/consumer",
        "domain/encryption",
        "domain/iterator",
        "domain/life_cycle",
        "domain/queue",
        "domain/queue_records",
        "domain/rates",
        "domain/region",
        "domain/reshard",
        "domain/stream",
        "domain/subscription",
        "domain/world",
    ],
]


def reachable_from(module: str, graph: dict[str, set[str]]) -> set[str]:
    """The modules that can be reached through at least one import."""
    found: set[str] = set()
    ahead = list(graph[module])
    while ahead:
        other = ahead.pop()
        if other not in found:
            found.add(other)
            ahead += graph[other]
    return found


def test_circles_of_types_are_those_that_are_listed() -> None:
    graph = {module: set(own_imports_of(module, that_run=False)) - {module} for module in MODULES}
    reachable = {module: reachable_from(module, graph) for module in MODULES}
    circles = {
        tuple(sorted(other for other in MODULES if other in reachable[module] and module in reachable[other]))
        for module in MODULES
        if module in reachable[module]
    }
    assert sorted(map(list, circles)) == CIRCLES_OF_TYPES


def test_only_the_hook_knows_botocore() -> None:
    for module in MODULES:
        libraries = ("botocore", "boto3", "aiobotocore", "awscli", "moto")
        known = {name.split(".")[0] for name in imports_of(module)} & set(libraries)
        assert known <= ({"aiobotocore", "botocore"} if part_of(module) == "botocore_hook" else set()), module


@cache
def at_load_imports_of(module: str) -> set[str]:
    """The packages that are imported as soon as a module is."""
    found: set[str] = set()
    for statement in tree_of(module).body:
        if isinstance(statement, ast.Import):
            found.update(alias.name.split(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module is not None:
            found.add(statement.module.split(".")[0])
    return found


def test_what_need_not_be_installed_is_not_imported_at_load() -> None:
    for module in MODULES:
        optional = {"aiobotocore", "boto3", "google", "pytest", "freezegun", "time_machine"}
        assert at_load_imports_of(module) & optional == ({"pytest"} if module == "pytest_plugin" else set()), module


def test_the_domain_knows_no_botocore_no_json_and_no_clock() -> None:
    for module in modules_of("domain"):
        known = {name.split(".")[0] for name in imports_of(module, that_run=False)}
        forbidden = {"base64", "binascii", "botocore", "dateutil", "datetime", "json", "random", "time", "zoneinfo"}
        # A token is opaque to all but this module, which needs JSON and base64 for that.
        allowed = {"base64", "binascii", "json"} if module == "domain/sealed_token" else set()
        assert known & forbidden <= allowed, module
        assert "virtual_time/clock" not in own_imports_of(module), module


def test_operations_have_no_clock() -> None:
    for module in modules_of("operations"):
        assert not {"virtual_time/clock", "virtual_time/agenda"} & own_imports_of(module), module
        assert not {"time", "datetime", "datetime.datetime", "datetime.date"} & imports_of(module), module


def test_what_pytest_loads_in_every_run_imports_little() -> None:
    assert at_load_imports_of("pytest_plugin") == {
        "__future__",
        "collections",
        "pytest",
        "sys",
        "threading",
        "typing",
    }
    assert at_load_imports_of("__init__") == {"__future__", "typing"}


# --- time and chance ----------------------------------------------------------------------------------------------

#: The modules that may look at the machine's time or replace what sleeps by it, and by which names.
MAY_KNOW_THE_TIME = {
    "virtual_time/clock": {"time.time", "time.monotonic"},
    "virtual_time/sleep": {"asyncio.sleep", "time.sleep"},
}
TIME_NAMES = {
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")),
    *(f"time.{name}" for name in ("process_time", "sleep", "localtime", "gmtime", "ctime", "strftime")),
    *(f"{kind}.{name}" for kind in ("datetime", "date") for name in ("now", "utcnow", "today")),
    "asyncio.sleep",
}


def test_only_the_clock_knows_the_machines_time() -> None:
    for module in MODULES:
        assert dotted_names_of(module) & TIME_NAMES == MAY_KNOW_THE_TIME.get(module, set()), module
        imported = imports_of(module)
        assert not imported & {f"time.{name.split('.')[1]}" for name in TIME_NAMES if name.startswith("time.")}, module
        assert "asyncio.sleep" not in imported, module


#: The module that lends botocore a seeded state of the process's generator, and gives the old one back.
MAY_TOUCH_THE_GENERATOR = {"botocore_hook/retries": {"random.getstate", "random.seed", "random.setstate"}}


#: The class that defines ``__hash__``: a dictionary asks for it, and nothing shows it.
MAY_HASH = {"settings"}


def test_no_module_draws_numbers_without_a_seed() -> None:
    for module in MODULES:
        drawn = {name for name in dotted_names_of(module) if name.startswith("random.")} - {"random.Random"}
        assert drawn == MAY_TOUCH_THE_GENERATOR.get(module, set()), module
        imported = {name.split(".")[0] for name in imports_of(module)}
        assert not imported & {"secrets", "uuid", "numpy"}, module
        assert not {"os.urandom", "os.getrandom", "os.getpid"} & dotted_names_of(module), module
        for node in nodes_of(module):
            if isinstance(node, ast.Call) and name_of(node.func) == "random.Random":
                assert node.args, f"a generator without a seed in {module}"
            # Of a text it differs from process to process.
            hashes = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash"
            assert not hashes or module in MAY_HASH, module


# --- names --------------------------------------------------------------------------------------------------------


def test_every_public_name_is_exported_once() -> None:
    assert sorted(kinesis_fake.__all__) == sorted(set(kinesis_fake.__all__))
    assert set(kinesis_fake.__all__) == set(kinesis_fake._HOMES)
    for_type_checkers = {
        name.rpartition(".")[2]: name.removeprefix("kinesis_fake.").rpartition(".")[0]
        for name in set(imports_of("__init__", that_run=False)) - set(imports_of("__init__"))
    }
    assert for_type_checkers == kinesis_fake._HOMES
    assert set(kinesis_fake.__all__) <= set(dir(kinesis_fake))


@pytest.mark.parametrize("name", kinesis_fake.__all__)
def test_every_public_name_lives_where_it_says_and_is_documented(name: str) -> None:
    value = getattr(kinesis_fake, name)
    home = importlib.import_module(f"kinesis_fake.{kinesis_fake._HOMES[name]}")
    assert value is getattr(home, name)
    assert value.__module__ == home.__name__
    assert inspect.getdoc(value)
    pages = "".join(page.read_text() for page in (CHECKOUT / "docs").glob("*.md"))
    assert f"{name}" in pages


def test_a_name_that_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"^module 'kinesis_fake' has no attribute 'mock_kinesis'$"):
        kinesis_fake.mock_kinesis  # noqa: B018


def test_every_module_says_what_it_is() -> None:
    for module in MODULES:
        assert ast.get_docstring(tree_of(module)), module


def test_no_module_is_a_drawer_for_anything() -> None:
    for module in MODULES:
        assert not {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"} & {*module.split("/")}, (
            module
        )


#: The modules of one subject that are longer than some 400 lines, and why.
LONG = {
    "errors": "a flat list, in which a message is found at the first guess",
    "toolkit/fake": "the face of a fake: little but signatures, and what they say to a user",
}


def test_a_module_has_one_subject() -> None:
    """A module of more than some 400 lines has two, and each deserves a name."""
    lengths = {module: len((SOURCE / f"{module}.py").read_text().splitlines()) for module in MODULES}
    assert {module for module, length in lengths.items() if length > 420} == LONG.keys()


# --- the tests ----------------------------------------------------------------------------------------------------

TESTS = CHECKOUT / "tests"


def test_a_file_of_tests_has_one_subject() -> None:
    """A file of more than some 400 lines has two subjects, and its name says one of them."""
    lengths = {path.relative_to(TESTS).as_posix(): len(path.read_text().splitlines()) for path in TESTS.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 420} == {}


def test_the_guide_for_contributors_says_what_each_folder_of_tests_proves() -> None:
    guide = (CHECKOUT / "CONTRIBUTING.md").read_text()
    folders = sorted({path.relative_to(TESTS).parts[0] for path in TESTS.rglob("*/*.py")})
    assert [folder for folder in folders if f"`{folder}/`" not in guide and f"`tests/{folder}/`" not in guide] == []
