"""Compares answers with the botocore model, because a client of AWS never sees what the model does not promise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

#: Members that the model calls required, but that AWS's answers do not always have.
MAY_BE_ABSENT = frozenset({"StreamDescriptionSummary.OpenShardCount"})

_PYTHON_TYPES: dict[str, type] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "blob": bytes,
    "timestamp": datetime,
    "structure": dict,
    "list": list,
    "map": dict,
}


def faults(shape: Any, value: Any, path: str = "answer") -> Iterator[str]:
    """How a value differs from what botocore's parser can make of a valid answer of this shape of its model.

    Types must be exact, members known, required members present, and enums among their values. Lengths and ranges are
    not checked, because the model itself is wrong there (FailedRecordCount has a minimum of 1).
    """
    found, expected = type(value), _PYTHON_TYPES[shape.type_name]
    if found is not expected:
        yield f"{path} is a {found.__name__}, not a {expected.__name__}"
    elif shape.type_name == "structure":
        yield from (
            f"{path} has no {name}"
            for name in shape.required_members
            if name not in value and f"{shape.name}.{name}" not in MAY_BE_ABSENT
        )
        for name, member in value.items():
            if name in shape.members:
                yield from faults(shape.members[name], member, f"{path}.{name}")
            else:
                yield f"{path} has a member {name} that the model does not know"
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            yield from faults(shape.member, item, f"{path}[{number}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from faults(shape.key, key, f"{path}, a key")
            yield from faults(shape.value, item, f"{path}[{key!r}]")
    elif shape.type_name == "string" and getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{path} is {value!r}, not one of {shape.enum}"
    elif shape.type_name == "timestamp" and value.tzinfo is None:
        yield f"{path} has no time zone"


def check_answers(client: Any) -> Any:
    """Check every successful answer that this client gets against the model; returns the client."""

    def check(parsed: Any, model: Any, http_response: Any, **_: Any) -> None:
        if http_response.status_code >= 300:
            return
        members = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        if model.output_shape is not None:
            found = list(faults(model.output_shape, members, model.name))
        else:
            found = [f"{model.name}: it answers {members}"] if members else []
        if model.has_event_stream_output:
            # The answer has no events yet.
            found = [fault for fault in found if not fault.startswith(f"{model.name}.EventStream ")]
        assert not found, found

    client.meta.events.register("after-call.kinesis", check)
    return client
