"""Writes the tree of architecture.md from the modules' own docstrings, or says that it is stale.

python docs/tree.py           say whether architecture.md is up to date
python docs/tree.py --write   bring it up to date
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from generated import DOCS, keep

PACKAGE = DOCS.parent / "kinesis_fake"
#: The rooms from the top to the bottom, as imports run.
ROOMS = (
    "stateful",
    "strategies",
    "activation",
    "toolkit",
    "event_source_mapping",
    "botocore_hook",
    "operations",
    "faults",
    "domain",
    "virtual_time",
    "process",
)


def first_line_of(module: Path) -> str:
    """The first line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert docstring is not None, module
    return docstring.splitlines()[0]


def generated() -> str:
    """The generated part, without its markers: a table for the top level, and one for each room."""
    lines = ["### The top level", "", *_table(PACKAGE, "*.py")]
    for room in ROOMS:
        folder = PACKAGE / room
        lines += ["", f"### {room}", "", first_line_of(folder / "__init__.py"), "", *_table(folder, "**/*.py")]
    return "\n".join(lines)


def _table(folder: Path, pattern: str) -> list[str]:
    modules = sorted(path for path in folder.glob(pattern) if path.name != "__init__.py" or folder == PACKAGE)
    rows = [
        f"| `{module.relative_to(folder).with_suffix('').as_posix()}` | {first_line_of(module)} |" for module in modules
    ]
    return ["| module | what it is |", "|---|---|", *rows]


if __name__ == "__main__":
    sys.exit(keep("architecture.md", "tree.py", generated()))
