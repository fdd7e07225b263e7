"""The guided tour, ``python -m kinesis_fake``, run as a new user runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kinesis_fake.tour import tour

CHECKOUT = Path(__file__).parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kinesis_fake", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


#: What differs between two machines: the time zone, the order of sets, the region, and how clients retry.
MACHINES = [
    {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "1", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_RETRY_MODE": "legacy"},
    {"TZ": "America/New_York", "PYTHONHASHSEED": "2", "AWS_DEFAULT_REGION": "cn-north-1", "AWS_RETRY_MODE": "standard"},
]


@pytest.mark.parametrize("machine", MACHINES, ids=["here", "there"])
@pytest.mark.thorough
def test_the_command_prints_the_tour_on_every_machine_and_nothing_else(machine: dict[str, str]) -> None:
    done = run(**machine)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == tour() + "\n"


def test_any_terminal_can_show_it() -> None:
    assert tour().isascii()
    assert max(map(len, tour().splitlines())) <= 110


def test_virtual_time_only_goes_forward_in_it() -> None:
    instants = re.findall(r"^   (\S+Z)  (?:orders|audit )  ", tour(), re.MULTILINE)
    assert len(instants) > 20
    assert instants == sorted(instants)
    assert instants[0] == "2026-01-01T00:00:00.000Z"
    assert f"Virtual time is {instants[-1]}: 1 day, 0:00:57 have passed" in tour()


def test_it_quotes_aws_to_the_letter() -> None:
    told = " ".join(tour().split())
    for words in (
        'ResourceNotFoundException, "Stream orders under account 123456789012 not found."',
        'ResourceInUseException, "Stream orders under account 123456789012 not ACTIVE, instead in state UPDATING"',
        'ExpiredIteratorException, "Iterator expired. The iterator was created at time Thu Jan 01 00:00:57 UTC 2026 '
        "while right now it is Thu Jan 01 00:05:57 UTC 2026 which is further in the future than the tolerated delay "
        'of 300000 milliseconds."',
    ):
        assert words in told


def test_nothing_sleeps_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    tour()
    assert [seconds for seconds in slept if seconds > 0] == []


@pytest.mark.thorough
def test_botocore_is_all_that_it_needs() -> None:
    program = (
        "import sys\n"
        "for name in ('boto3', 'aiobotocore', 'moto', 'pytest'):\n"
        "    sys.modules[name] = None\n"  # so that an import of it fails
        "from kinesis_fake.tour import tour\n"
        "tour()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_explains_itself_and_takes_no_arguments() -> None:
    assert "guided tour" in run("--help").stdout
    assert run("anything").returncode == 2


def test_the_readme_shows_a_part_of_it() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", (CHECKOUT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert shown in tour()
