"""Imports all kinds of loops before any fake is entered: a fake cannot control the timers of loops imported later."""

from __future__ import annotations

import importlib
import importlib.util

for _name in ("trio", "uvloop"):
    if importlib.util.find_spec(_name) is not None:
        importlib.import_module(_name)
