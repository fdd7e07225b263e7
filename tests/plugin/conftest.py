"""The plugin is tested on a machine without credentials, region, settings of AWS, or a network."""

from __future__ import annotations

import kinesis_fake
from tests.support.bare_machine import bare_machine

__all__ = ["bare_machine"]

# pytester forgets every module that is imported inside an inner run. What is here already stays one and the same.
for name in kinesis_fake.__all__:
    getattr(kinesis_fake, name)
