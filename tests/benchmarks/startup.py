"""The cost of having the package installed: imports, fixtures, and a pytest run that does not use it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
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

#: The first call of a process, to a fake, and to a client of botocore whose only handler answers it. Without garbage
#: collection: in which of the two all that botocore has loaded is looked through would be chance.
_FIRST_CALL_OF_FAKE = """\
import gc, time, botocore.session
gc.disable()
from kinesis_fake import fake_kinesis
started_at = time.process_time()
with fake_kinesis(streams={"orders": 1}) as kinesis:
    kinesis.client().put_record(StreamName="orders", Data=b"x", PartitionKey="k")
print(time.process_time() - started_at)
"""
_FIRST_CALL_OF_BOTOCORE = """\
import gc, time, botocore.session
gc.disable()
started_at = time.process_time()
session = botocore.session.Session()
client = session.create_client("kinesis", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
client.meta.events.register("before-call.kinesis", lambda **_: (type("Response", (), {"status_code": 200}), {}))
client.put_record(StreamName="orders", Data=b"x", PartitionKey="k")
print(time.process_time() - started_at)
"""

#: A test with the fixture, one with two fixtures that do nothing, and one without take turns.
_FIXTURE_TESTS = """\
import pytest

@pytest.fixture
def first():
    yield

@pytest.fixture
def second(first):
    pass

@pytest.mark.parametrize("number", range({tests}))
class TestTurns:
    def test_with(self, kinesis_client, number):
        pass

    def test_idle(self, second, number):
        pass

    def test_without(self, number):
        pass
"""

_FIXTURE_CONFTEST = """\
import statistics

durations = {"test_with": [], "test_idle": [], "test_without": []}

def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: (item.callspec.params["number"], item.originalname))

def pytest_runtest_logreport(report):
    if report.when != "call":
        durations[report.nodeid.split("::")[-1].split("[")[0]].append(report.duration)

def pytest_sessionfinish():
    seconds = {name: [sum(pair) for pair in zip(each[::2], each[1::2])] for name, each in durations.items()}
    for name in ("test_with", "test_idle"):
        print("fixture:", statistics.median(
            used - bare for used, bare in zip(seconds[name], seconds["test_without"])
        ))
"""


#: A run that needs nothing, with the plugin and without it, over and over; every run loads the plugin anew.
_PYTEST_RUNS = """\
import contextlib, io, statistics, sys, time
import pytest

def seconds(*options):
    for name in list(sys.modules):
        if name.partition(".")[0] in ("kinesis_fake", "test_nothing"):
            del sys.modules[name]
    started_at = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        assert pytest.main([*sys.argv[2:], *options]) == 0
    assert ("kinesis_fake.pytest_plugin" in sys.modules) is not bool(options)
    return time.process_time() - started_at

times = [(seconds(), seconds("-p", "no:kinesis_fake")) for _ in range(int(sys.argv[1]))]
print(statistics.median(with_plugin - without for with_plugin, without in times[1:]))
"""


def import_and_first_fake(rounds: int) -> tuple[float, float]:
    """Seconds to import it where botocore.session is imported already, and then to enter and leave the first fake.

    The best of all rounds: whatever else runs on the machine only ever makes a process slower.
    """
    times = [[float(text) for text in _python("-c", _IMPORT).split()] for _ in range(rounds)]
    return min(imported for imported, _ in times), min(entered for _, entered in times)


def first_call(rounds: int) -> tuple[float, float]:
    """Seconds to the end of the first call, in a fake that is entered for it and of botocore alone, which take turns.

    The best of all rounds.
    """
    turns = [
        [float(_python("-c", script)) for script in (_FIRST_CALL_OF_FAKE, _FIRST_CALL_OF_BOTOCORE)]
        for _ in range(rounds)
    ]
    ours, alone = (min(each) for each in zip(*turns, strict=True))
    return ours, alone


def fixture(tests: int) -> tuple[float, float]:
    """Seconds that the fixture ``kinesis_client`` adds to the set-up and tear-down of a test, and two idle ones."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "test_turns.py").write_text(_FIXTURE_TESTS.format(tests=tests))
        Path(directory, "conftest.py").write_text(_FIXTURE_CONFTEST)
        output = _python("-m", "pytest", "-s", *_arguments(directory))
    used, idle = (float(part.split()[0]) for part in output.split("fixture:")[1:])
    return used, idle


def pytest_start(rounds: int) -> float:
    """Seconds by which a pytest run that needs neither botocore nor a fixture starts later with the plugin."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        return float(_python("-c", _PYTEST_RUNS, str(rounds), *_arguments(directory)))


def _arguments(directory: str) -> list[str]:
    """How pytest runs the tests of a directory without the plugins of others."""
    others = sorted({entry.name for entry in entry_points(group="pytest11")} - {"kinesis_fake"})
    blocked = [option for name in others for option in ("-p", f"no:{name}")]
    return ["-q", f"--rootdir={directory}", "-p", "no:cacheprovider", *blocked, directory]


def _python(*arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(f"{arguments} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout
