"""What a newer botocore changes for this project, as lines to be worked through.

    python -m tests.drift.model_changes           print what differs from known_model.txt, and what to do about it
    python -m tests.drift.model_changes --write   write known_model.txt anew, once all of it has been dealt with

The first line of ``known_model.txt`` says of which botocore it is. Each other line is one fact of Kinesis' service
model: operations, the members of inputs and outputs with their types and constraints, the errors of each operation,
paginators and waiters.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import botocore.session

KNOWN_MODEL = Path(__file__).with_name("known_model.txt")

#: The kind of a fact is its first word; what a change of it asks for.
WHAT_TO_DO = {
    "operation": "write it in operations/, with a row in tests/proofs; CONTRIBUTING.md says how",
    "input": "give the operation an argument for it, or put it into registry.IGNORED_MEMBERS",
    "output": "answer it, or say in registry.NOT_ANSWERED why not; then python -m tests.drift.known_members",
    "error": "raise it where AWS would, with its text in errors.py; tests/proofs has a row for each declared error",
    "paginator": "nothing to write; look whether its tokens and page sizes are those of the operation",
    "waiter": "nothing to write; look whether the transitions it polls for are modelled",
}
_CONSTRAINTS = ("min", "max", "pattern", "enum", "document", "sensitive", "event", "eventstream", "timestampFormat")


def facts_of(model: Any, paginators: dict[str, Any], waiters: dict[str, Any]) -> list[str]:
    """Every fact of a service model as a line, sorted."""
    lines: set[str] = set()
    for name in model.operation_names:
        operation = model.operation_model(name)
        lines.add(f"operation {name}")
        for kind, shape in (("input", operation.input_shape), ("output", operation.output_shape)):
            if shape is not None:
                lines.update(f"{kind} {name}{fact}" for fact in _facts_of_shape(shape, "", ()))
        lines.update(f"error {name} {error.name}" for error in operation.error_shapes)
    lines.update(f"paginator {name} {_flat(facts)}" for name, facts in paginators.items())
    lines.update(f"waiter {name} {_flat(facts)}" for name, facts in waiters.items())
    return sorted(lines)


def _facts_of_shape(shape: Any, path: str, outer: tuple[str, ...]) -> Iterator[str]:
    if shape.name in outer:
        yield f"{path} {shape.name}, as above"
        return
    constraints = {
        name: value for name, value in sorted(shape.metadata.items()) if name in _CONSTRAINTS and value is not None
    }
    if path:
        yield f"{path} {shape.type_name}{''.join(f' {name}={value}' for name, value in constraints.items())}"
    outer = (*outer, shape.name)
    if shape.type_name == "structure":
        for member, member_shape in shape.members.items():
            required = "!" if member in shape.required_members else ""
            yield from _facts_of_shape(member_shape, f"{path}.{member}{required}", outer)
    elif shape.type_name == "list":
        yield from _facts_of_shape(shape.member, f"{path}[]", outer)
    elif shape.type_name == "map":
        yield from _facts_of_shape(shape.key, f"{path}{{key}}", outer)
        yield from _facts_of_shape(shape.value, f"{path}{{value}}", outer)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flat(item)}" for key, item in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return str(value)


def installed_facts() -> list[str]:
    """The facts of the installed botocore."""
    session = botocore.session.Session()
    loader = session.get_component("data_loader")
    return facts_of(
        session.get_service_model("kinesis"),
        loader.load_service_model("kinesis", "paginators-1")["pagination"],
        loader.load_service_model("kinesis", "waiters-2")["waiters"],
    )


def known_version() -> str:
    """The botocore that the known facts are of."""
    return KNOWN_MODEL.read_text(encoding="utf-8").splitlines()[0].removeprefix("botocore ")


def known_facts() -> list[str]:
    """The facts that the fake was written for."""
    return KNOWN_MODEL.read_text(encoding="utf-8").splitlines()[1:]


def changes(known: list[str], installed: list[str]) -> str:
    """The facts that are new or gone, by kind, each with what to do about it; empty if nothing has changed."""
    gone, new = set(known) - set(installed), set(installed) - set(known)
    lines = []
    for kind, remedy in WHAT_TO_DO.items():
        changed = sorted(
            [(fact, "+") for fact in new if fact.split(" ", 1)[0] == kind]
            + [(fact, "-") for fact in gone if fact.split(" ", 1)[0] == kind]
        )
        if changed:
            lines.append(f"{kind}: {remedy}")
            lines += [f"  {sign} {fact.split(' ', 1)[1]}" for fact, sign in changed]
    return "\n".join(lines)


def main(arguments: list[str]) -> str:
    installed = installed_facts()
    if arguments == ["--write"]:
        lines = [f"botocore {botocore.__version__}", *installed]
        KNOWN_MODEL.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return f"{KNOWN_MODEL.name} is that of botocore {botocore.__version__} now."
    told = changes(known_facts(), installed)
    return (
        f"botocore {botocore.__version__} changes:\n{told}" if told else f"botocore {botocore.__version__}: no change."
    )


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
