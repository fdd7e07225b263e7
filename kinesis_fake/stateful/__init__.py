"""State machines for Hypothesis that search for ways to break a consumer or a producer of Kinesis.

A test tells a machine how to make the program under test. The machine then lets everything happen that happens in
production, and checks that the program loses, doubles or reorders no record beyond what it claims. The package needs
Hypothesis, the extra ``hypothesis``.
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        "kinesis_fake.stateful needs Hypothesis, which is not installed: pip install 'kinesis-fake[hypothesis]'.",
        name=_error.name,
    ) from _error

from kinesis_fake.stateful.consumer import ConsumerKilled, ConsumerMachine, ProcessingFailed
from kinesis_fake.stateful.producer import ProducerMachine
from kinesis_fake.stateful.story import Accusation

__all__ = ["Accusation", "ConsumerKilled", "ConsumerMachine", "ProcessingFailed", "ProducerMachine"]
