"""Records from a file of JSON lines."""

from __future__ import annotations

import json
import os
from typing import Any

from kinesis_fake.misuse import KinesisFakeError, bytes_of_file, path_text, shown, text


def records_of_lines(path: Any, partition_key_member: str | None) -> list[dict[str, Any]]:
    """The arguments of ``StreamView.put()`` for each line that is not empty; a line that is no JSON is refused."""
    if not isinstance(path, (str, os.PathLike)):
        raise KinesisFakeError(f"put_lines() takes the path of a file, not {shown(path)}.")
    if partition_key_member is not None:
        text("partition_key_member", partition_key_member)
    records = []
    for number, line in enumerate(bytes_of_file(path).split(b"\n"), start=1):
        data = line.removesuffix(b"\r")
        if data.strip():
            records.append({"data": data, **_partition_key(data, partition_key_member, f"{path_text(path)}:{number}")})
    return records


def _partition_key(data: bytes, member: str | None, where: str) -> dict[str, str]:
    try:
        value = json.loads(data)
    except ValueError:
        raise KinesisFakeError(f"{where} is no JSON: {shown(data)}.") from None
    if member is None:
        return {}
    partition_key = value.get(member) if isinstance(value, dict) else None
    if not isinstance(partition_key, str):
        raise KinesisFakeError(f"{where} has no text in the member {member!r}, which names the partition key.")
    return {"partition_key": partition_key}
