"""State machines for Hypothesis that search for what breaks a consumer or a producer of Kinesis.

A user tells a machine how to make the program under test; the machine makes everything happen to it that happens in
production, and holds that no record is lost, doubled or out of order beyond what the program claims. The package needs
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
