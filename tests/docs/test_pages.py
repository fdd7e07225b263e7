"""What the pages tell about the code, and that they lead where they say."""

from __future__ import annotations

import re
from pathlib import Path

import kinesis_fake.operations  # noqa: F401  (fills the tables)
from kinesis_fake.errors import CATALOGUE

CHECKOUT = Path(__file__).parents[2]
FIDELITY = (CHECKOUT / "docs/fidelity.md").read_text(encoding="utf-8")


def test_every_inference_that_a_message_rests_on_is_told() -> None:
    told = re.findall(r"^\| (\d+) \| ", FIDELITY, re.MULTILINE)
    assert told == sorted(set(told), key=int)
    used = {row for message in CATALOGUE.values() for row in re.findall(r"J\.2 row (\d+)", message.source)}
    assert used <= set(told)


def test_the_links_of_the_readme_lead_to_files() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (CHECKOUT / "README.md").read_text(encoding="utf-8"))
    assert len(links) > 0
    assert [link for link in links if not (CHECKOUT / link).is_file()] == []
