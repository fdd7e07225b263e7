"""A machine that has nothing of AWS and whose network must not be touched: for fixtures, and for other processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[1]


class NetworkTouched(BaseException):
    """Not an Exception: no library may swallow it and try again."""


def forbid_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks up a host or connects to one fails."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise NetworkTouched(f"{args}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)


def forget_aws(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    """No region, no credentials, no profile and no settings of AWS, neither in the environment nor in files."""
    for name in list(os.environ):
        if name.startswith("AWS_") and name != "AWS_DATA_PATH":  # awscli finds its own files by that one
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(nowhere))
    monkeypatch.setenv("USERPROFILE", str(nowhere))


def run_script(script: str, home: Path, **environment: str) -> str:
    """Run a program in a fresh interpreter on a bare machine, and return what it prints."""
    program = (
        "import pytest\n"
        "from tests.bare_machine import forbid_network\n"
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
