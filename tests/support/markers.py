"""Holds that each test which needs a package of asyncio clients says so, or else ``tox run -e aio`` would not run it.

An environment without those packages skips such a test, and by its reason to skip it is recognised.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

import pytest

MARKER = "asyncio_clients"
#: Packages that only the environments for asyncio clients install. ``kinesis`` is that of async-kinesis.
PACKAGES = ("aioboto3", "aiobotocore", "anyio", "httpx2", "kinesis", "trio", "uvloop")
_MISSING = re.compile(rf"(could not import '|needs (.*, )?)({'|'.join(PACKAGES)})\b")


def _is_for_want_of_a_package(report: Any) -> bool:
    return bool(report.skipped and isinstance(report.longrepr, tuple) and _MISSING.search(report.longrepr[2]))


def _fail(report: Any) -> None:
    report.outcome = "failed"
    report.longrepr = f"It needs a marker, pytest.mark.{MARKER}. {report.longrepr[2]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if _is_for_want_of_a_package(report) and item.get_closest_marker(MARKER) is None:
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report = yield
    # A module that is skipped as a whole has not come to its markers yet.
    if _is_for_want_of_a_package(report) and MARKER not in collector.path.read_text(encoding="utf-8"):
        _fail(report)
    return report
