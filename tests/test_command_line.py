"""``python -m kinesis_fake`` as a part of a pipe."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain"],
        ["explain", "clock"],
        pytest.param(["doctor"], marks=pytest.mark.thorough),
        pytest.param([], marks=pytest.mark.thorough),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_it_ends_quietly_when_its_reader_has_enough(arguments: list[str], unbuffered: str) -> None:
    """As ``head`` has. A shell shows the status 141 for a program that the closed pipe ends."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "kinesis_fake", *arguments],
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")
