"""Shows the differences since a transcript was written."""

from __future__ import annotations

import difflib

from tests.transcript.families import Family


def difference(family: Family, text: str) -> str:
    """A unified diff from what is expected to this text; nothing if they are alike byte for byte."""
    path = family.expected
    expected = path.read_bytes().decode() if path.exists() else ""
    if expected == text:
        return ""
    diff = difflib.unified_diff(
        expected.splitlines(keepends=True), text.splitlines(keepends=True), path.name, "as it is now", n=6
    )
    return "".join(diff)
