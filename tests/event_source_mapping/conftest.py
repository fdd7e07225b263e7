"""Every test has the stream orders, with one shard unless its marker says otherwise."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "event_source_mapping" in item.path.parts and item.get_closest_marker("fake_kinesis") is None:
            item.add_marker(pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}))
