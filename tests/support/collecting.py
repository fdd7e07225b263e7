"""Keeps the garbage collector from looking at the same objects again and again.

To look at all of the tests that are collected, many times, takes seconds; so does a look at what a test keeps, such as
a thousand records, every 700 new objects. Before this, a tenth of the processor time of the quick tests went into it.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

#: After so many new objects the collector looks at them; each older generation has its turn ten and a hundred times
#: as seldom. A test that needs a collection says ``gc.collect()``.
NEW_OBJECTS = 50_000


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS, 10, 10)
