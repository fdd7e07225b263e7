"""What crosses the wire: answers and events as AWS encodes them, written from the model alone."""

from __future__ import annotations

import json
import struct
import zlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from botocore.model import StructureShape


def document_of(shape: Any, value: Any) -> Any:
    """A value of the client as JSON has it: timestamps in seconds, blobs in base64, and no null anywhere."""
    assert value is not None
    if shape.type_name == "structure":
        return {name: document_of(shape.members[name], member) for name, member in value.items()}
    if shape.type_name == "list":
        return [document_of(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: document_of(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        milliseconds = round(value.timestamp() * 1000)
        return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000
    if shape.type_name == "blob":
        return b64encode(value).decode()
    return value


def body_of(shape: Any, value: Mapping[str, Any]) -> bytes:
    """The body of an answer; that of an operation without output is empty."""
    return b"" if shape is None else json.dumps(document_of(shape, value)).encode()


def message_of(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message of an event stream (``application/vnd.amazon.eventstream``), with both of its checksums."""
    encoded = b"".join(
        struct.pack(f"!B{len(name)}sBH{len(value)}s", len(name), name.encode(), 7, len(value), value.encode())
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + encoded + payload
    return message + struct.pack("!I", zlib.crc32(message))


def event_of(stream: StructureShape, event: Mapping[str, Any]) -> bytes:
    """An event as a message."""
    ((name, value),) = event.items()
    headers = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    return message_of(headers, body_of(stream.members[name], value))


def exception_of(code: str, message: str) -> bytes:
    """An error inside a stream as a message."""
    headers = {":exception-type": code, ":content-type": "application/json", ":message-type": "exception"}
    return message_of(headers, json.dumps({"message": message}).encode())
