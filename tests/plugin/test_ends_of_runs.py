"""What happens at the end of a run: calls outside of fakes, Ctrl-C, and time limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bare_machine import CHECKOUT

ASYNCIO = "asyncio_default_fixture_loop_scope = function\n"


# --- calls outside of fakes -----------------------------------------------------------------------------------------


def pytest_in_a_process(directory: Path, suite: str, ini: str, *options: str) -> str:
    """Run a suite where it can end with its process."""
    (directory / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    (directory / "test_suite.py").write_text(suite)
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = [sys.executable, "-m", "pytest", "-p", "kinesis_fake.pytest_plugin", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=directory, env=environment, text=True, capture_output=True, check=False)
    return done.stdout


OUTSIDE = """
import atexit, threading
import boto3
from kinesis_fake import KinesisFakeError, fake_kinesis

before = boto3.client("kinesis")
ended = threading.Event()
seen = []

def flush():
    try:
        before.put_record(StreamName="orders", Data=b"x", PartitionKey="k")
    except KinesisFakeError as error:
        print("refused:", error)

def test_inside():
    with fake_kinesis(streams={"orders": 1}):
        flush()
        thread = threading.Thread(target=lambda: (ended.wait(60), flush()))
        thread.start()
    ended.set()
    thread.join()

def test_outside():
    flush()
    boto3.client("kinesis")

atexit.register(flush)
"""


OUTSIDE_REFUSED = (
    "This Kinesis call was made outside of any fake, by a test that has none, or by a thread or an exit handler that "
    "outlives its test; nothing was sent to AWS, because the ini option kinesis_outside_calls says refuse. Let the "
    "test use the fixture kinesis, and let it stop what it has started."
)


@pytest.mark.thorough
def test_calls_outside_of_fakes_are_refused_to_the_end_of_the_process(tmp_path: Path) -> None:
    output = pytest_in_a_process(tmp_path, OUTSIDE, "kinesis_outside_calls = refuse", "-s")
    assert "2 passed" in output
    refusals = [line.partition("refused: ")[2] for line in output.splitlines() if "refused: " in line]
    assert refusals == [OUTSIDE_REFUSED] * 3


# --- interrupted runs -----------------------------------------------------------------------------------------------

INTERRUPTED = """
import os, signal
import pytest
from kinesis_fake import fake_kinesis

# A shell lets the commands that it runs in the background ignore the signal, and so would this process.
signal.signal(signal.SIGINT, signal.default_int_handler)

@pytest.mark.fake_kinesis(streams={"of-the-fixture": 1})
def test_it(kinesis):
    with fake_kinesis(streams={"of-the-block": 1}):
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            pass
"""


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
def test_ctrl_c_shows_the_fakes_of_the_test_that_it_interrupts(tmp_path: Path) -> None:
    output = pytest_in_a_process(tmp_path, INTERRUPTED, "")
    assert output.index("KeyboardInterrupt") > 0
    assert output.index("of-the-block: ACTIVE") < output.index("of-the-fixture: ACTIVE")
    assert output.count("= kinesis =") == 2


@pytest.mark.thorough
def test_a_time_limit_shows_the_fakes_of_the_test_that_it_ends(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_timeout")
    if not hasattr(signal, "SIGALRM"):
        pytest.skip("this system has no timers that send signals")
    pytester.makeini(f"[pytest]\n{ASYNCIO}")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.timeout(0.2, method="signal", func_only=True)
        @pytest.mark.fake_kinesis(streams={"orders": 1})
        def test_it(kinesis_client):
            while True:
                kinesis_client.describe_stream_summary(StreamName="orders")
        """
    )
    result = pytester.runpytest("-p", "pytest_timeout")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Timeout*", "* kinesis *", "  orders: ACTIVE, 1 open shard of 1, 0 records"])
