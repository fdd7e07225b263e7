"""The loop of asyncio that runs in this thread. A process that has not loaded asyncio runs none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread, if there is one.

    Loading asyncio takes as long as a fifth of all that the first fake of a process loads.
    """
    if "asyncio" not in sys.modules:
        return None
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
