"""The generated parts of the pages are up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_fidelity_page_tells_what_the_code_does() -> None:
    done = subprocess.run([sys.executable, "docs/coverage.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "stale" not in done.stdout
    assert (done.stderr, done.returncode) == ("", 0)


def test_the_architecture_page_has_the_tree_of_the_modules() -> None:
    done = subprocess.run([sys.executable, "docs/tree.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
