"""Each error of the fake itself leads to a section of the page *Troubleshooting*."""

from __future__ import annotations

import pickle
import re
import traceback
from pathlib import Path
from typing import get_args

import pytest

from kinesis_fake import KinesisFakeError, NotModelledError, fake_kinesis
from kinesis_fake.misuse import Topic

PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text(encoding="utf-8")


def test_every_topic_has_a_section_and_every_section_a_topic() -> None:
    anchors = re.findall(r"^### .* \{#([a-z-]+)\}$", PAGE, re.MULTILINE)
    assert sorted(anchors) == sorted(get_args(Topic))


def note_of(error: KinesisFakeError) -> list[str]:
    return list(error.__notes__)


def test_an_error_says_where_to_read_more_and_its_message_remains_the_message() -> None:
    with pytest.raises(KinesisFakeError) as caught, fake_kinesis() as kinesis:
        kinesis.stream("orders")
    assert str(caught.value).startswith("There is no stream 'orders' in us-east-1;")
    assert "See docs/troubleshooting.md#not-there" in note_of(caught.value)


def test_the_note_goes_with_the_error_into_another_process() -> None:
    copy = pickle.loads(pickle.dumps(NotModelledError("Not that.")))
    assert (str(copy), note_of(copy)) == ("Not that.", ["See docs/troubleshooting.md#not-modelled"])


@pytest.mark.skipif(not hasattr(BaseException, "add_note"), reason="Python 3.10 prints no notes; pytest does")
def test_a_traceback_ends_with_the_note() -> None:
    lines = traceback.format_exception_only(KinesisFakeError, KinesisFakeError("No.", see="clock"))
    assert lines == ["kinesis_fake.misuse.KinesisFakeError: No.\n", "See docs/troubleshooting.md#clock\n"]
