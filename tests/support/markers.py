"""The markers: which rows of a table are thorough tests, and a check that tests of asyncio clients have their marker.

An environment without the packages of asyncio clients skips a test that needs them. The check recognises such a test by
the reason of the skip: without the marker, ``tox run -e aio`` would not run it.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

import pytest

MARKER = "asyncio_clients"
#: Packages that only the environments for asyncio clients install. async-kinesis has the package ``kinesis``.
PACKAGES = ("aioboto3", "aiobotocore", "anyio", "httpx2", "kinesis", "trio", "uvloop")
_MISSING = re.compile(rf"(could not import '|needs (.*, )?)({'|'.join(PACKAGES)})\b")


def _is_for_want_of_a_package(report: Any) -> bool:
    return bool(report.skipped and isinstance(report.longrepr, tuple) and _MISSING.search(report.longrepr[2]))


def _fail(report: Any) -> None:
    report.outcome = "failed"
    report.longrepr = f"It needs a marker, pytest.mark.{MARKER}. {report.longrepr[2]}"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark as ``thorough`` all rows but those that ``thorough_but`` names, and but the first ``first`` ones."""
    marker = item.get_closest_marker("thorough_but")
    if marker is None:
        return
    row: Any = vars(item)["callspec"]
    is_named = any(f"-{name}-" in f"-{row.id}-" for name in marker.args)
    if not is_named and max(row.indices.values()) >= marker.kwargs.get("first", 0):
        item.add_marker(pytest.mark.thorough)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if _is_for_want_of_a_package(report) and item.get_closest_marker(MARKER) is None:
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report = yield
    # A module that is skipped as a whole has not set its markers yet.
    if _is_for_want_of_a_package(report) and MARKER not in collector.path.read_text(encoding="utf-8"):
        _fail(report)
    return report
