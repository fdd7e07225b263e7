"""Reads botocore's models once for all tests: reading the model of Kinesis takes longer than a test.

All sessions of the suite share the models, also sessions that modules of tests make when they are imported.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.loaders
import botocore.session

LOADER = botocore.loaders.create_loader()


@cache
def _create_loader(search_path_string: str | None = None) -> Any:
    """The one loader of a search path. The AWS CLI, once imported, sets one for the whole process."""
    return botocore.loaders.create_loader(search_path_string) if search_path_string else LOADER


# --- as a plugin of pytest ------------------------------------------------------------------------------------------


def pytest_configure() -> None:
    """Let all sessions that are made from now on share their loader."""
    botocore.session.create_loader = _create_loader
