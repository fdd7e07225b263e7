"""Kinds of loops are imported before any fake is entered: a fake cannot lead the timers of a later one."""

from __future__ import annotations

import importlib
import importlib.util

for _name in ("trio", "uvloop"):
    if importlib.util.find_spec(_name) is not None:
        importlib.import_module(_name)
