"""What the first fake of a process loads: what every test needs, and not what few tests use."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ENTER = """
import sys
import kinesis_fake
with kinesis_fake.fake_kinesis() as kinesis:
    {use}
print(sys.argv[1] in sys.modules)
"""


def _is_loaded(module: str, use: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", _ENTER.format(use=use), module], capture_output=True, text=True, check=True
    )
    return done.stdout.strip() == "True"


@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("asyncio", "import asyncio"),
        ("multiprocessing", "import multiprocessing"),
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
    assert not _is_loaded(module, "kinesis.client")
    assert _is_loaded(module, use)
