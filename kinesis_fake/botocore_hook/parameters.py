"""The parameters of a call, as they would have crossed the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: The key under which a call's own parameters travel in its request context.
PARAMS = "kinesis_fake.params"
#: The key under which the body that was made of them travels there.
BODY = "kinesis_fake.body"


def document_of(request: Mapping[str, Any]) -> object:
    """What the client would have sent."""
    body = request["body"]
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def direct_params(context: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any] | None:
    """The call's own parameters, if they are exactly what the body would give back; else None."""
    params = context.get(PARAMS)
    if type(params) is not dict or context.get(BODY) is not request["body"]:
        return None
    records = params.get("Records")
    if records is None:
        return params if _is_direct(params, "Data", bytes) else None
    for entry in records if type(records) is list else (None,):
        if type(entry) is not dict:
            return None
        is_plain = len(entry) == 2 and type(entry.get("Data")) is bytes and type(entry.get("PartitionKey")) is str
        if not is_plain and not _is_direct(entry, "Data", bytes):
            return None
    return params if _is_direct(params, "Records", list) else None


def _is_direct(structure: dict[str, Any], member: str, kind: type) -> bool:
    """Whether this member is of this type and all others are text, of which JSON changes nothing."""
    types = list(map(type, structure.values()))
    return type(structure.get(member)) is kind and types.count(str) == len(types) - 1
