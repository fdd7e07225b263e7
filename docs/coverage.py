"""Writes the generated part of fidelity.md from the code, or says that it is stale.

    python docs/coverage.py           say whether fidelity.md is up to date
    python docs/coverage.py --write   bring it up to date

It describes the botocore that the tables were written against; with another one installed there is nothing to compare.
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter

import botocore
import botocore.session
from generated import keep

from kinesis_fake import errors
from kinesis_fake.errors import CATALOGUE
from kinesis_fake.operations.registry import IGNORED_MEMBERS, NOT_ANSWERED, OPERATIONS, WRITTEN_FOR

#: What comes before the gaps of an operation, at the end of its docstring.
NOT_MODELLED = "*Not modelled:*"


def generated() -> str:
    """The generated part, without its markers."""
    model = botocore.session.Session().get_service_model("kinesis")
    names = sorted(model.operation_names)
    evidence = Counter(message.evidence for message in CATALOGUE.values())
    lines = [
        f"botocore {'.'.join(map(str, WRITTEN_FOR))} knows {len(names)} operations, and "
        f"{sum(name in OPERATIONS for name in names)} of them are modelled. The fake has {len(CATALOGUE)} messages: "
        f"{evidence['observed']} observed, {evidence['documented']} documented, {evidence['inferred']} inferred.",
        "",
        "### Operations",
        "",
        "| operation | members of its input | members of its output | not modelled |",
        "|---|---|---|---|",
    ]
    for name in names:
        operation_model = model.operation_model(name)
        honoured = []
        for member in operation_model.input_shape.members if operation_model.input_shape else ():
            note = " (ignored)" if member in IGNORED_MEMBERS else ""
            note = note if OPERATIONS[name].knows_member(member) else " (**not modelled**)"
            honoured.append(f"{member}{note}")
        answered = list(operation_model.output_shape.members) if operation_model.output_shape else []
        members = f"{', '.join(honoured) or '—'} | {', '.join(answered) or '—'}"
        lines.append(f"| {name} | {members} | {_cell(_not_modelled(name)) or '—'} |")
    lines += [
        "",
        "Accepted and ignored, as in AWS: " + ", ".join(f"`{member}`" for member in sorted(IGNORED_MEMBERS)) + ".",
        "",
        "### Members that are never answered",
        "",
        "| member | why |",
        "|---|---|",
        *(f"| {member} | {why} |" for member, why in sorted(NOT_ANSWERED.items())),
        "",
        "### Messages",
        "",
        "| code | text | evidence | source |",
        "|---|---|---|---|",
    ]
    for message in sorted(CATALOGUE.values(), key=lambda message: (message.code, message.name)):
        text = _cell(_template(message.name))
        lines.append(f"| {message.code} | {text} | {message.evidence} | {_cell(message.source)} |")
    return "\n".join(lines)


def _not_modelled(name: str) -> str:
    """What the docstring of an operation says of its gaps."""
    _, _, gaps = (inspect.getdoc(OPERATIONS[name].run) or "").partition(NOT_MODELLED)
    return " ".join(gaps.split()).replace("``", "`")


def _template(name: str) -> str:
    """The text of a message with the names of its facts in braces."""
    word = inspect.unwrap(getattr(errors, name))
    facts = {parameter: f"{{{parameter}}}" for parameter in inspect.signature(word).parameters}
    if name == "validation_failed":
        return "{n} validation error(s) detected: {item}; {item} …"
    return word(**facts) or "(no text)"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> int:
    if tuple(int(part) for part in botocore.__version__.split(".")[:3]) != WRITTEN_FOR:
        sys.stdout.write(f"botocore {botocore.__version__} is not the one the page describes; nothing to compare\n")
        return 0
    return keep("fidelity.md", "coverage.py", generated())


if __name__ == "__main__":
    sys.exit(main())
