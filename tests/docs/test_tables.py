"""The tables of the pages leave nothing out: every kind of fault, every filter, every rate."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from kinesis_fake import Fault, Limits
from kinesis_fake.faults.filters import Filters

DOCS = Path(__file__).parents[2] / "docs"
FAULTS = (DOCS / "faults.md").read_text(encoding="utf-8")
LIMITS = (DOCS / "limits.md").read_text(encoding="utf-8")
KINDS = [name for name, member in inspect.getmembers(Fault, inspect.ismethod) if not name.startswith("_")]


def test_every_kind_of_fault_has_a_row() -> None:
    rows = "\n".join(re.findall(r"^\| (`.*?`) \|", FAULTS, re.MULTILINE))
    assert set(re.findall(r"`(\w+)\(", rows)) == set(KINDS)
    assert len(KINDS) == 19


@pytest.mark.parametrize("example", re.findall(rf"`((?:{'|'.join(KINDS)})\([^`]*\))`", FAULTS))
def test_what_a_row_shows_is_a_fault(example: str) -> None:
    assert isinstance(eval(f"Fault.{example}"), Fault)


@pytest.mark.parametrize("name", Filters.__annotations__)
def test_every_filter_is_explained(name: str) -> None:
    assert f"`{name}=" in FAULTS


@pytest.mark.parametrize("name", [field.name for field in fields(Limits) if "_per_second" in field.name])
def test_every_rate_has_a_row(name: str) -> None:
    assert re.search(rf"^\| .* \| .* \| `{name}` \|$", LIMITS, re.MULTILINE)
