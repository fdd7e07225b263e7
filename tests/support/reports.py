"""What the workers of pytest-xdist tell of tests that pass: once for each, without what only a failure needs.

Of an empty test, a worker and the process that prints take more time for six messages than pytest takes to run it: that
it begins and ends, its set-up, itself and its tear-down, and that the next one may come. Told are itself, its end and
that the next one may come; its set-up and its tear-down only if they fail or take long.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

#: From so many seconds on, ``--durations`` shows a set-up or a tear-down.
LONG = 0.005


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    data = yield
    if data is not None and data.get("outcome") == "passed":
        data["keywords"] = {}
    return data


def _need_be_told(name: str, data: dict[str, Any]) -> bool:
    if name == "testreport":
        return bool(
            data["when"] == "call" or data["outcome"] != "passed" or data["duration"] >= LONG or data["sections"]
        )
    return name != "logstart"


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a worker send less, unless a file of reports is to be written, which has all of them."""
    if session.config.option.xmlpath is not None:
        return
    for plugin in session.config.pluginmanager.get_plugins():
        if type(plugin).__name__ == "WorkerInteractor":
            _thin_out(plugin)


def _thin_out(worker: Any) -> None:
    send = worker.sendevent

    def sendevent(name: str, **event: Any) -> None:
        if _need_be_told(name, event.get("data", {})):
            send(name, **event)

    worker.sendevent = sendevent
