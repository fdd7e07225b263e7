"""What a test gives to be put into a stream: the arguments of each record, and its bytes."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from typing import Any, Final

from kinesis_fake.misuse import KinesisFakeError, encodable, several, shown


class _NotGiven:
    """Stands for an argument that was not given, where None would mean something."""

    def __repr__(self) -> str:
        return "<not given>"


NOT_GIVEN: Final = _NotGiven()

#: The arguments that a record may have.
OF_USER_RECORDS = ("data", "partition_key", "explicit_hash_key", "json")
OF_PUT = (*OF_USER_RECORDS, "shard")


def arguments_of(who: str, records: Any, known: tuple[str, ...]) -> list[dict[str, Any]]:
    """The arguments of several records, which a test gives as data or as a dict of arguments; ``data`` is bytes."""
    arguments = []
    for number, record in enumerate(several(f"The records of {who}", records, such_as="['a', 'b']")):
        given = dict(record) if isinstance(record, Mapping) else {"data": record}
        unknown = [name for name in given if name not in known]
        if unknown:
            raise KinesisFakeError(
                f"Record {number} of {who} has an unknown argument {shown(unknown[0])}; it takes {', '.join(known)}."
            )
        json, data = given.pop("json", NOT_GIVEN), given.pop("data", NOT_GIVEN)
        arguments.append({**given, "data": bytes_of(f"Record {number} of {who}", data, json)})
    return arguments


def bytes_of(who: str, data: Any, json: Any) -> bytes:
    """The bytes of a record for which a test gives data or a value that is written as JSON."""
    if (data is NOT_GIVEN) == (json is NOT_GIVEN):
        raise KinesisFakeError(f"{who} takes data or json, one of them.")
    if json is not NOT_GIVEN:
        try:
            return json_module.dumps(json, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise KinesisFakeError(f"{who} takes a value that JSON can write: {error}.") from None
    if isinstance(data, str):
        return encodable(f"The data of {who}", data).encode()
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise KinesisFakeError(f"{who} takes bytes or text, not {shown(data)}.")
    return bytes(data)
