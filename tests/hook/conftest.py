"""The door is tested on a machine without credentials, region, settings of AWS, or a network."""

from __future__ import annotations

from tests.support.bare_machine import bare_machine

__all__ = ["bare_machine"]
