"""Each error of the fake itself names a topic, which a command and the page *Troubleshooting* explain."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import traceback
from pathlib import Path
from typing import get_args

import pytest

from kinesis_fake import KinesisFakeError, NotModelledError, fake_kinesis
from kinesis_fake.misuse import Topic
from kinesis_fake.remedies import REMEDIES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
TOPICS: tuple[str, ...] = get_args(Topic)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_topic_is_explained_and_is_a_section_of_the_page() -> None:
    headings = re.findall(r"^### ([a-z-]+): .+$", PAGE, re.MULTILINE)
    assert sorted(headings) == sorted(REMEDIES) == sorted(TOPICS)


def test_the_page_has_the_texts_of_the_command() -> None:
    done = run("docs/remedies.py")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_the_page_that_says_more_has_the_section_that_is_named() -> None:
    links = re.findall(r"\]\(([\w-]+\.md)(?:#([\w-]+))?\)", PAGE)
    assert len(links) > 0
    for page, anchor in links:
        headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE)
        slugs = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
        assert not anchor or anchor in slugs, (page, anchor)


@pytest.mark.parametrize("topic", TOPICS)
def test_no_line_of_an_explanation_is_wider_than_a_terminal(topic: Topic) -> None:
    assert [line for line in REMEDIES[topic].text.splitlines() if len(line) > 80] == []


def test_the_command_that_an_error_names_explains_the_error() -> None:
    with pytest.raises(KinesisFakeError) as caught, fake_kinesis() as kinesis:
        kinesis.stream("orders")
    assert str(caught.value).startswith("There is no stream 'orders' in us-east-1;")
    (note,) = notes_of(caught.value)
    assert note == "To read more: python -m kinesis_fake explain not-there"
    _, *command = note.removeprefix("To read more: ").split()
    done = run(*command)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.startswith("not-there: nothing has that name\n\n*There is no stream 'orders' in us-east-1;")


def test_the_command_without_a_topic_lists_all_topics() -> None:
    done = run("-m", "kinesis_fake", "explain")
    assert (done.stderr, done.returncode) == ("", 0)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(REMEDIES)


def test_the_command_refuses_a_topic_that_no_error_has() -> None:
    done = run("-m", "kinesis_fake", "explain", "weather")
    assert (done.stdout, done.returncode) == ("", 2)
    assert "invalid choice: 'weather'" in done.stderr
    assert all(topic in done.stderr for topic in TOPICS)


def notes_of(error: KinesisFakeError) -> list[str]:
    return list(error.__notes__)


def test_the_note_goes_with_the_error_into_another_process() -> None:
    copy = pickle.loads(pickle.dumps(NotModelledError("Not that.")))
    assert (str(copy), notes_of(copy)) == (
        "Not that.",
        ["To read more: python -m kinesis_fake explain not-modelled"],
    )


@pytest.mark.skipif(not hasattr(BaseException, "add_note"), reason="Python 3.10 prints no notes; pytest does")
def test_a_traceback_ends_with_the_note() -> None:
    lines = traceback.format_exception_only(KinesisFakeError, KinesisFakeError("No.", see="clock"))
    assert lines == [
        "kinesis_fake.misuse.KinesisFakeError: No.\n",
        "To read more: python -m kinesis_fake explain clock\n",
    ]
