"""A machine without any settings of AWS, whose network no test may touch: for fixtures, and for other processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from tests.support.no_network import forbid_network

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the test see no region, credentials, profile or settings of AWS, neither in the environment nor in files."""
    forget_aws(monkeypatch, tmp_path)
    forbid_network(monkeypatch)
    # A session remembers what it read when it was made.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def forget_aws(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Hide the settings of AWS that the environment and the home directory have."""
    for name in list(os.environ):
        if name.startswith("AWS_") and name != "AWS_DATA_PATH":  # awscli finds its own files by that one
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))


def run_script(script: str, home: Path, **environment: str) -> str:
    """Run a program in a fresh interpreter on a bare machine, and return what it prints."""
    program = (
        "import pytest\n"
        "from tests.support.no_network import NetworkTouched, forbid_network\n"
        "forbid_network(pytest.MonkeyPatch())\n"
        "import sys\n"
        "for name in [name for name in sys.modules if name.split('.')[0] in ('botocore', 'boto3', 'kinesis_fake')]:\n"
        "    raise SystemExit(f'{name} is imported already')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program + script],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
        env={
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "HOME": str(home),
            **environment,
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
