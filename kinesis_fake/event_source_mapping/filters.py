"""Filter criteria: which records a mapping hands over at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from kinesis_fake.event_source_mapping.events import Origin, StreamRecord
from kinesis_fake.event_source_mapping.patterns import MISSING, InvalidPattern, Matcher, compile_pattern
from kinesis_fake.misuse import shown

#: Longer patterns are refused (botocore, Pattern).
MAX_PATTERN_CHARACTERS = 4096

#: Whether a record of a shard is handed over.
Filter = Callable[[str, StreamRecord], bool]


def compile_filters(patterns: Sequence[Any], origin: Origin) -> Filter | None:
    """A function that lets through each record that matches a pattern; None if there is no pattern.

    A pattern has rules for members of the record: ``data`` is the JSON that it holds, and the others, such as
    ``partitionKey``, are as the event shows them. Data that is no JSON matches no pattern with rules for ``data``.
    """
    if not patterns:
        return None
    matchers = [_compile(text) for text in patterns]

    def lets_through(shard_id: str, record: StreamRecord) -> bool:
        (shown,) = origin.event(shard_id, [record])["Records"]
        event = {**shown, **shown.pop("kinesis"), "data": _data_of(record)}
        return any(matches(event) for matches in matchers)

    return lets_through


def _compile(text: Any) -> Matcher:
    """A pattern as it stands in the criteria, which is JSON in a string."""
    if not isinstance(text, str):
        raise InvalidPattern(f"a pattern is JSON in a text, not {text!r}")
    if len(text) > MAX_PATTERN_CHARACTERS:
        raise InvalidPattern(f"a pattern has {MAX_PATTERN_CHARACTERS} characters at most, not {len(text)}")
    try:
        pattern = json.loads(text)
        matches = compile_pattern(pattern)
    except (ValueError, RecursionError):  # releases of Python read JSON of different depths
        raise InvalidPattern(f"{shown(text)} is no JSON") from None
    if "data" not in _names_in(pattern):
        return matches
    # Rules such as exists: false must not let through what cannot be read (LDG: Lambda drops the record).
    return lambda event: event["data"] is not MISSING and matches(event)


def _names_in(pattern: Any) -> set[str]:
    """The members of the record that a pattern has rules for."""
    names = set()
    for name, value in pattern.items():
        if name == "$or":
            for alternative in value:
                names |= _names_in(alternative)
        else:
            names.add(name.partition(".")[0])
    return names


def _data_of(record: StreamRecord) -> Any:
    try:
        return json.loads(record.data.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return MISSING


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
