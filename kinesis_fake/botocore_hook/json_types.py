"""The JSON types of a request: which Python values they become, and which of them Kinesis refuses.

The first member of a wrong type is refused with a SerializationException. Source: section 3 of the error catalogue
(``K``: recorded by kinesalite's suite).
"""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from kinesis_fake import errors
from kinesis_fake.misuse import NotModelledError

Converter = Callable[[Any], Any]

_MAXIMUM_INTEGER = 2**31 - 1
MAXIMUM_LONG = 2**63 - 1


def _unconvertible(value: object, expected: str) -> errors.AwsError:
    """The refusal of a JSON value of another type than ``expected``, such as ``an String``."""
    if isinstance(value, str):
        java_class = "java.lang.String"
    elif isinstance(value, bool):
        java_class = "java.lang.Boolean"
    else:
        java_class = "com.amazon.coral.value.json.numbers.TruncatingBigNumber"
    return _misplaced(value, f"class {java_class} can not be converted to {expected}")


def _misplaced(value: object, scalar_text: str) -> errors.AwsError:
    """The refusal of a list or a structure where neither may stand, or of a scalar, with ``scalar_text``."""
    if isinstance(value, list):
        return errors.serialization_failed("Start of list found where not expected")
    if isinstance(value, dict):
        return errors.serialization_failed("Start of structure or map found where not expected.")
    return errors.serialization_failed(scalar_text)


def _refuse_nan(value: Any) -> None:
    """Refuse NaN, which Python's parser accepts: it is not JSON, so Kinesis could not parse the body."""
    if isinstance(value, float) and math.isnan(value):
        raise errors.serialization_failed(None)


def _to_string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise _unconvertible(value, "an String")


def _clamp(value: Any, maximum: int) -> int:
    _refuse_nan(value)
    # Clamp first: infinity (1e400 in the document) has no floor.
    return maximum if value >= maximum else -maximum - 1 if value <= -maximum - 1 else math.floor(value)


def _to_integer(value: Any) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _clamp(value, _MAXIMUM_INTEGER)
    raise _unconvertible(value, "an Integer")


def _to_long(value: Any) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _clamp(value, MAXIMUM_LONG)
    raise _unconvertible(value, "an Long")


def _to_milliseconds(value: Any) -> int:
    """Epoch seconds, whole or fractional, to the nearest millisecond; a half goes up."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _clamp(value * 1000 + 0.5 if isinstance(value, float) else value * 1000, MAXIMUM_LONG)
    raise _unconvertible(value, "milliseconds since epoch")


_BOOLEAN_TEXTS = {"TRUE": True, "FALSE": False, "1": True, "0": False, "YES": True, "NO": False}


def _to_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, float):  # even 1.0 is accepted, where 1 is not (K)
        _refuse_nan(value)
        return abs(value) >= 1
    if isinstance(value, str):
        text = value.upper()
        if text in _BOOLEAN_TEXTS:
            return _BOOLEAN_TEXTS[text]
        raise errors.serialization_failed(f"'{text}' can not be converted to an Boolean")
    raise _unconvertible(value, "an Boolean")


_BAD_BASE64 = r"[^a-zA-Z0-9+/=]|=(?=[^=])"


def _to_blob(value: Any) -> bytes:
    if not isinstance(value, str):
        raise _unconvertible(value, "a Blob")
    if len(value) % 4:
        reason = f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(value)}"
        raise errors.serialization_failed(f"'{value}' can not be converted to a Blob: {reason}")
    # Python's decoder skips characters that are not Base64. Then too few bytes are left, and the last of them do not
    # encode to the last quartet. So it suffices to compare one quartet, without a search through megabytes.
    try:
        data = binascii.a2b_base64(value)
        last = data[len(value) // 4 * 3 - 3 :]
        if binascii.b2a_base64(last, newline=False).decode("ascii") == value[-4:]:
            return data
    except ValueError:
        pass
    if bad := re.search(_BAD_BASE64, value):
        reason = f"Invalid Base64 character: '{bad[0]}'"
    else:
        reason = "Invalid last non-pad Base64 character dectected"
    raise errors.serialization_failed(f"'{value}' can not be converted to a Blob: {reason}")


_SCALARS: dict[str, Converter] = {
    "string": _to_string,
    "integer": _to_integer,
    "long": _to_long,
    "boolean": _to_boolean,
    "blob": _to_blob,
    "timestamp": _to_milliseconds,
}


def converter_of(shape: Shape | None) -> Converter:
    """The function that turns a JSON document into a value of this shape. Raises NotModelledError for a new type."""
    if shape is None:
        return _to_structure({})
    if isinstance(shape, StructureShape):
        return _to_structure({name: converter_of(member) for name, member in shape.members.items()})
    if isinstance(shape, ListShape):
        return _to_list(converter_of(shape.member))
    if isinstance(shape, MapShape):
        return _to_map(converter_of(shape.value))
    if shape.type_name not in _SCALARS:
        raise NotModelledError(f"members of type {shape.type_name} ({shape.name}) are not modelled")
    return _SCALARS[shape.type_name]


def _to_structure(members: Mapping[str, Converter]) -> Converter:
    known = members.get

    def convert(document: Any) -> dict[str, Any]:
        if not isinstance(document, dict):
            raise _misplaced(document, "Expected null")
        structure = {}
        for name, value in document.items():
            if value is not None and (converter := known(name)) is not None:
                structure[name] = converter(value)
        return structure

    return convert


def _to_list(item: Converter) -> Converter:
    def convert(document: Any) -> list[Any]:
        if not isinstance(document, list):
            raise _misplaced(document, "Expected list or null")
        return [item(value) for value in document if value is not None]

    return convert


def _to_map(item: Converter) -> Converter:
    def convert(document: Any) -> dict[str, Any]:
        if not isinstance(document, dict):
            raise _misplaced(document, "Expected map or null")
        return {_to_string(key): item(value) for key, value in document.items() if value is not None}

    return convert
