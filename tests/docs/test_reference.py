"""The reference leaves no public name out, shows an example of each, and explains each of its members."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import kinesis_fake

DOCS = Path(__file__).parents[2] / "docs"
PAGES = "\n".join(page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("reference*.md")))
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGES, re.MULTILINE | re.DOTALL))
TYPES = [name for name in kinesis_fake.__all__ if inspect.isclass(getattr(kinesis_fake, name))]
#: What the package needs of a public type, and the reference leaves out.
INTERNAL = {"Injection.faults", "Injection.excuse"}


@pytest.mark.parametrize("name", kinesis_fake.__all__)
def test_a_public_name_has_a_section_with_an_example_and_what_the_source_says(name: str) -> None:
    section = SECTIONS[name]
    assert len(re.findall(r"^```python\n", section, re.MULTILINE)) == 1
    assert f"::: kinesis_fake.{name}\n" in section


@pytest.mark.parametrize("name", TYPES)
def test_every_method_and_property_of_a_public_type_says_what_it_is(name: str) -> None:
    kind = getattr(kinesis_fake, name)
    assert inspect.getdoc(kind)
    members = {member: value for member, value in vars(kind).items() if not member.startswith("_")}
    described = {
        member: inspect.getdoc(value)
        for member, value in members.items()
        if isinstance(value, property) or inspect.isroutine(value)
    }
    assert [member for member, text in described.items() if not text] == []


@pytest.mark.parametrize(
    "name", [name for name in TYPES if is_dataclass(getattr(kinesis_fake, name)) and name != "Fault"]
)
def test_every_field_of_a_public_type_has_a_comment_and_a_row(name: str) -> None:
    kind = getattr(kinesis_fake, name)
    source = inspect.getsource(kind)
    for field in fields(kind):
        if not field.name.startswith("_") and f"{name}.{field.name}" not in INTERNAL:
            assert re.search(rf"^    #: .+\n    {field.name}: ", source, re.MULTILINE), field.name
    assert f"<!-- fields of {name} -->" in SECTIONS[name] or "| field | type |" in SECTIONS[name]


def test_every_option_is_a_parameter_that_is_explained() -> None:
    told = re.findall(r"^:param (\w+): \S", inspect.getdoc(kinesis_fake.KinesisFake) or "", re.MULTILINE)
    assert told == list(inspect.signature(kinesis_fake.KinesisFake).parameters)
