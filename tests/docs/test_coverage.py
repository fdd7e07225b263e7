"""The generated part of the fidelity page is up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_fidelity_page_tells_what_the_code_does():
    done = subprocess.run([sys.executable, "docs/coverage.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "stale" not in done.stdout
    assert (done.stderr, done.returncode) == ("", 0)
