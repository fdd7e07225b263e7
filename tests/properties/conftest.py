"""Scripts for a stream, made up by Hypothesis, and a player for them with a real client."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.properties.scripts")
