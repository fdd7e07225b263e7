"""The first fake of a process loads only the modules that every test needs."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest

#: Modules that the first fake does not load, each with the use that loads it, or one of the uses above.
USES = [
    ("asyncio", "import asyncio"),
    ("difflib", "import difflib"),
    ("multiprocessing", "import multiprocessing"),
    ("kinesis_fake.activation.notes", "with contextlib.suppress(KeyError), kinesis_fake.fake_kinesis(): {}[0]"),
    ("kinesis_fake.call", "kinesis_fake.Call"),
    ("kinesis_fake.domain.channel", "kinesis_fake.ChannelView"),
    ("kinesis_fake.domain.queue", "kinesis_fake.QueueView"),
    ("kinesis_fake.domain.rates", "with kinesis_fake.fake_kinesis(rate_limits=True): pass"),
    ("kinesis_fake.faults.effects", "kinesis_fake.Fault"),
    ("kinesis_fake.operations.streams", "kinesis.create_stream('orders')"),
    ("kinesis_fake.kpl", "kinesis.create_stream('orders').put('small').user_records"),
    ("kinesis_fake.toolkit.files", "kinesis.dump('/dev/null')"),
    ("kinesis_fake.toolkit.report", "kinesis.summary()"),
    ("kinesis_fake.toolkit.views.channels", "kinesis_fake.ChannelView"),
    ("kinesis_fake.toolkit.views.pending", "kinesis.pending()"),
    ("kinesis_fake.toolkit.views.streams", "kinesis.create_stream('orders')"),
    ("kinesis_fake.event_source_mapping.mapping", "kinesis_fake.EventSourceMapping"),
]

_PROGRAM = """
import contextlib
import sys
import kinesis_fake
for use in ("kinesis.client", *sys.argv[1:]):
    with kinesis_fake.fake_kinesis() as kinesis:
        exec(use)
    print(*sys.modules)
"""


@cache
def _loaded() -> list[frozenset[str]]:
    """The modules that a process has after its first fake, and after each use."""
    command = [sys.executable, "-c", _PROGRAM, *(use for _, use in USES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [frozenset(line.split()) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("module", "number"), [(module, number) for number, (module, _) in enumerate(USES, 1)])
@pytest.mark.thorough_but(first=4)
def test_a_module_that_few_tests_use_is_loaded_by_the_first_use_and_not_by_the_first_fake(
    module: str, number: int
) -> None:
    assert module not in _loaded()[0]
    assert module in _loaded()[number]


@pytest.mark.thorough
def test_a_stream_that_the_fake_begins_with_needs_no_view() -> None:
    program = "with kinesis_fake.fake_kinesis(streams={'orders': 1}): print(*sys.modules)"
    command = [sys.executable, "-c", f"import sys, kinesis_fake\n{program}"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "kinesis_fake.operations.streams" in loaded
    assert "kinesis_fake.toolkit.views.streams" not in loaded
