"""What the first fake of a process loads: what every test needs, and not what few tests use."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest

_ENTER = """
import sys
import kinesis_fake
with kinesis_fake.fake_kinesis() as kinesis:
    {use}
print(*sys.modules)
"""


@cache
def _loaded_by(use: str) -> frozenset[str]:
    """The modules that a process has after its first fake and this use of it."""
    done = subprocess.run([sys.executable, "-c", _ENTER.format(use=use)], capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("asyncio", "import asyncio"),
        ("difflib", "import difflib"),
        ("multiprocessing", "import multiprocessing"),
        ("kinesis_fake.call", "kinesis_fake.Call"),
        ("kinesis_fake.domain.channel", "kinesis_fake.ChannelView"),
        ("kinesis_fake.domain.queue", "kinesis_fake.QueueView"),
        ("kinesis_fake.domain.rates", "kinesis_fake.fake_kinesis(rate_limits=True).start()"),
        ("kinesis_fake.faults.effects", "kinesis_fake.Fault"),
        ("kinesis_fake.operations.streams", "kinesis.create_stream('orders')"),
        ("kinesis_fake.kpl", "kinesis.create_stream('orders').put('small').user_records"),
        ("kinesis_fake.toolkit.files", "kinesis.dump('/dev/null')"),
        ("kinesis_fake.toolkit.report", "kinesis.summary()"),
        ("kinesis_fake.toolkit.views.channels", "kinesis_fake.ChannelView"),
        ("kinesis_fake.toolkit.views.pending", "kinesis.pending()"),
        ("kinesis_fake.toolkit.views.streams", "kinesis.create_stream('orders')"),
        ("kinesis_fake.event_source_mapping.mapping", "kinesis_fake.EventSourceMapping"),
    ],
)
def test_a_module_that_few_tests_use_is_loaded_by_the_first_use_and_not_by_the_first_fake(
    module: str, use: str
) -> None:
    assert module not in _loaded_by("kinesis.client")
    assert module in _loaded_by(use)
