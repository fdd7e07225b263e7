"""The members of all shapes of answers in the installed botocore; run as a module it writes them down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session

KNOWN_MEMBERS = Path(__file__).with_name("known_members.json")


def output_members(model: Any) -> dict[str, list[str]]:
    """The members of every structure that an answer of any operation can hold, by the name of its shape."""
    members: dict[str, list[str]] = {}

    def visit(shape: Any) -> None:
        if shape.type_name == "structure" and shape.name not in members:
            members[shape.name] = sorted(shape.members)
            for member in shape.members.values():
                visit(member)
        elif shape.type_name == "list":
            visit(shape.member)

    for name in model.operation_names:
        shape = model.operation_model(name).output_shape
        if shape is not None:
            visit(shape)
    return members


if __name__ == "__main__":
    installed = botocore.session.Session().get_service_model("kinesis")
    KNOWN_MEMBERS.write_text(json.dumps(output_members(installed), indent=1, sort_keys=True) + "\n")
