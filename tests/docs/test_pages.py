"""What the pages say about the code is true, and their links lead to files."""

from __future__ import annotations

import re
from pathlib import Path

from kinesis_fake.errors import CATALOGUE

CHECKOUT = Path(__file__).parents[2]


def text_of(page: str) -> str:
    return (CHECKOUT / page).read_text(encoding="utf-8")


FIDELITY = text_of("docs/fidelity.md")


def test_every_inference_that_a_message_rests_on_is_told() -> None:
    told = re.findall(r"^\| (\d+) \| ", FIDELITY, re.MULTILINE)
    assert told == sorted(set(told), key=int)
    used = {row for message in CATALOGUE.values() for row in re.findall(r"J\.2 row (\d+)", message.source)}
    assert used <= set(told)


def test_the_links_of_the_readme_lead_to_files() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of("README.md"))
    assert len(links) > 0
    assert [link for link in links if not (CHECKOUT / link).is_file()] == []


def test_the_oldest_versions_that_are_told_are_those_that_are_tested() -> None:
    (group,) = re.findall(r"^test-oldest = \[\n(.*?)^\]", text_of("pyproject.toml"), re.MULTILINE | re.DOTALL)
    tested = dict(re.findall(r'"(\w+)==([\d.]+)"', group))
    page = text_of("docs/versions.md")
    told = dict(re.findall(r"^\| ([\w ]+)\b.* \| ([\d.]+) \| the newest \|$", page, re.MULTILINE))
    told["awscli"] = told.pop("AWS CLI 1")
    told["boto3"] = told["botocore"] = told.pop("botocore and boto3")
    assert told == tested
    readme = " ".join(text_of("README.md").split())
    assert all(f"{name} from {told[name]}" in readme for name in ("boto3", "aiobotocore", "aioboto3"))
