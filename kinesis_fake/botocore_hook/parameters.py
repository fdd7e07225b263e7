"""The parameters of a call: those of its body, or its own if they are exactly the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore import xform_name

from kinesis_fake.operations.plain_records import PlainRecords, is_kept_by_json, plain_records

#: By the type of a member: the Python type whose values JSON, or base64, gives back unchanged.
_TYPES: dict[str, type] = {"string": str, "integer": int, "long": int, "boolean": bool, "blob": bytes}
_GREATEST_INTEGER = 2**31 - 1
_TYPES_OF_RECORD: dict[str, type] = {"Data": bytes, "PartitionKey": str, "ExplicitHashKey": str}
#: The types of members whose minimum botocore checks: a value, or a length.
_WITH_LEAST = ("string", "integer", "long", "list")


def document_of(body: Any) -> object:
    """The JSON document that the client would have sent; None if the body is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def types_of_members(input_shape: Any) -> dict[str, type]:
    """For each member, the type that its value must have to be taken from the call's own parameters."""
    members = input_shape.members if input_shape is not None else {}
    types = {name: _TYPES[shape.type_name] for name, shape in members.items() if shape.type_name in _TYPES}
    if "Records" in members:
        types["Records"] = list
    return types


def snake_case(member: str) -> str:
    """How botocore writes a name of the API in Python."""
    return str(xform_name(member))


def wrong_types(input_shape: Any, params: Mapping[str, Any]) -> str | None:
    """What botocore says of members of a wrong type, and of names inside of members that there are not.

    Values out of range are left to the service, whose words for them are AWS's. None if nothing is wrong.
    """
    from botocore.validate import ParamValidator

    report: str = ParamValidator().validate(params, input_shape).generate_report()
    lines = [line for line in report.splitlines() if not line.startswith(("Invalid length", "Invalid value"))]
    return "; ".join(lines) or None


class Requirements:
    """What botocore requires of parameters that :func:`direct_params` has taken, whose names and types are right.

    Parameters that meet it need no check by botocore, which takes 5 % of a small call's time and half of a PutRecords'
    of 500 records. botocore checks all others, and words the error.
    """

    __slots__ = ("_least", "_of_record", "_required")

    def __init__(self, shape: Any) -> None:
        members = shape.members if shape is not None else {}
        self._required: frozenset[str] = frozenset(shape.required_members if shape is not None else ())
        self._least: dict[str, int] = {
            name: member.metadata["min"]
            for name, member in members.items()
            if member.type_name in _WITH_LEAST and "min" in member.metadata
        }
        self._of_record: Requirements | None = Requirements(members["Records"].member) if "Records" in members else None

    def are_met_by(self, direct: Mapping[str, Any]) -> bool:
        """Whether botocore would find nothing wrong with the parameters of a call."""
        if not direct.keys() >= self._required:
            return False
        least = self._least
        for member, value in direct.items():
            if member in least and (value if type(value) is int else len(value)) < least[member]:
                return False
        return self._of_record is None or self._of_record.are_met_by_all(direct.get("Records"))

    def are_met_by_all(self, records: object) -> bool:
        """Whether botocore would find nothing wrong with the records of a PutRecords."""
        if type(records) is not PlainRecords:
            return False
        columns = records.columns
        return columns.keys() >= self._required and all(
            min(map(len, columns[member])) >= least for member, least in self._least.items() if member in columns
        )


def direct_params(structure: object, types: Mapping[str, type]) -> dict[str, Any] | None:
    """A copy of a call's own parameters, if they are exactly what the body would give back; else None.

    That is so if the members have these types and JSON gives them back unchanged. Decoding the body instead would take
    as long as a third of all that the fake does for a small call, and longer for base64.
    """
    if type(structure) is not dict:
        return None
    direct: dict[str, Any] = {}
    for member, value in structure.items():
        kind, wanted = type(value), types.get(member)
        if kind is not wanted:
            if kind is not str or wanted is not bytes:
                return None
            try:
                value = value.encode()
            except UnicodeEncodeError:  # botocore refuses it, after its other checks
                return None
        elif kind is str:
            if not (value.isascii() or is_kept_by_json(value)):
                return None
        elif kind is int:
            if not -_GREATEST_INTEGER <= value <= _GREATEST_INTEGER:
                return None
        elif kind is list:
            value = plain_records(value) or _records_as_they_are(value)
            if value is None:
                return None
        direct[member] = value
    return direct


def _records_as_they_are(records: list[object]) -> list[dict[str, Any]] | None:
    """Copies of records that are not all plain, such as those with an explicit hash key; None if one has no copy."""
    direct = []
    for record in records:
        if (entry := direct_params(record, _TYPES_OF_RECORD)) is None:
            return None
        direct.append(entry)
    return direct
