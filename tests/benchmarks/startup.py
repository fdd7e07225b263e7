"""What it costs to have it around: importing, the fixtures, and a pytest run that needs none of it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

_IMPORT = """\
import time, botocore.session
started_at = time.process_time()
import kinesis_fake
kinesis_fake.fake_kinesis
imported_at = time.process_time()
with kinesis_fake.fake_kinesis():
    pass
print(imported_at - started_at, time.process_time() - imported_at)
"""

#: A test with the fixture and one without take turns; what differs is the fixture.
_FIXTURE_TESTS = """\
import pytest

@pytest.mark.parametrize("number", range({tests}))
class TestTurns:
    def test_with(self, kinesis_client, number):
        pass

    def test_without(self, number):
        pass
"""

_FIXTURE_CONFTEST = """\
import statistics

durations = {"test_with": [], "test_without": []}

def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: (item.callspec.params["number"], item.originalname))

def pytest_runtest_logreport(report):
    if report.when != "call":
        durations[report.nodeid.split("::")[-1].split("[")[0]].append(report.duration)

def pytest_sessionfinish():
    seconds = {name: [sum(pair) for pair in zip(each[::2], each[1::2])] for name, each in durations.items()}
    print("fixture:", statistics.median(
        used - bare for used, bare in zip(seconds["test_with"], seconds["test_without"])
    ))
"""


def import_and_first_fake(rounds: int) -> tuple[float, float]:
    """Seconds to import it where botocore.session is imported already, and then to enter and leave the first fake.

    The best of all rounds here and below: whatever else runs on the machine only ever makes a process slower.
    """
    times = [[float(text) for text in _python("-c", _IMPORT).split()] for _ in range(rounds)]
    return min(imported for imported, _ in times), min(entered for _, entered in times)


def fixture(tests: int) -> float:
    """Seconds that the fixture ``kinesis_client`` adds to the set-up and tear-down of a test."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "test_turns.py").write_text(_FIXTURE_TESTS.format(tests=tests))
        Path(directory, "conftest.py").write_text(_FIXTURE_CONFTEST)
        output = _pytest(directory, "-s")
    return float(output.partition("fixture:")[2].split()[0])


def pytest_start(rounds: int) -> float:
    """Seconds by which a pytest run that needs neither botocore nor a fixture starts later with the plugin."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        times = [(_seconds(directory), _seconds(directory, "-p", "no:kinesis_fake")) for _ in range(rounds)]
    return min(with_plugin for with_plugin, _ in times) - min(without for _, without in times)


def _seconds(directory: str, *options: str) -> float:
    """Seconds of the processor that a pytest run takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _pytest(directory, *options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _pytest(directory: str, *options: str) -> str:
    """Run the tests of a directory, without the plugins of others."""
    return _python(
        "-m", "pytest", "-q", f"--rootdir={directory}", "-p", "no:cacheprovider", *_OTHER_PLUGINS, *options, directory
    )


def _other_plugins() -> list[str]:
    from importlib.metadata import entry_points

    names = {entry.name for entry in entry_points(group="pytest11")} - {"kinesis_fake"}
    return [option for name in sorted(names) for option in ("-p", f"no:{name}")]


_OTHER_PLUGINS = _other_plugins()


def _python(*arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(f"{arguments} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout
