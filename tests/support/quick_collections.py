"""Takes the collected tests out of the garbage collector's sight: to look at them all, many times, takes long."""

from __future__ import annotations

import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
