"""What files of scenarios begin with."""

from __future__ import annotations

MIDDLE = 2**127
HEAD = {"format": "kinesis_fake scenario", "version": 1, "now": "2026-01-01T00:00:00Z"}
