"""A fake in whose time tasks sleep, each kind of loop, and a record of what tasks did when."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.sleeping_tasks import NEW_YEAR, Timeline


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(start=NEW_YEAR, virtual_sleep=True, streams={"orders": 1}) as kinesis:
        yield kinesis


UVLOOP = pytest.param("uvloop", marks=[pytest.mark.asyncio_clients, pytest.mark.any_botocore])


@pytest.fixture(params=["asyncio", UVLOOP])
def run(request: Any) -> Any:
    """Runs a coroutine on either kind of loop."""
    return pytest.importorskip(request.param).run


@pytest.fixture
def timeline(kinesis: KinesisFake) -> Any:
    return Timeline(kinesis)
