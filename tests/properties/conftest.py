"""Scripts for a stream: what Hypothesis makes up, and how it is played through a real client."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.properties.scripts")
