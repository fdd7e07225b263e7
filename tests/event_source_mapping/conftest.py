"""Every test with the fixture kinesis has the stream orders, with one shard unless its marker says otherwise."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        uses_fake = "kinesis" in getattr(item, "fixturenames", ())
        if "event_source_mapping" in item.path.parts and uses_fake and not item.get_closest_marker("fake_kinesis"):
            item.add_marker(pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}))
