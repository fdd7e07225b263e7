"""Lets the workers of pytest-xdist send fewer messages about tests that pass.

For each test, a worker sends six messages: that it begins and that it ends, its set-up, its call and its tear-down, and
that the next one may come. For an empty test they take longer than the test. With this plugin a worker does not send
the beginning, and sends set-up and tear-down only if they fail or take long.
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
    """Let a worker send less, unless the run writes a file of reports, which has all of them."""
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
