"""Keeps the garbage collector from looking at the same objects again and again.

The collector would look many times at all collected tests, and every 700 new objects at the objects that a test keeps,
such as a thousand records. That would take a tenth of the quick tests' processor time.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

#: The collector looks at new objects after so many of them, and ten and a hundred times less often at the two older
#: generations. A test that needs a collection calls ``gc.collect()``.
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
