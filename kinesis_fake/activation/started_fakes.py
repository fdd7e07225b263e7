"""Fakes that a test has started and not stopped: they would answer the calls of the tests after it.

The pytest plugin loads this module when a test has left one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kinesis_fake.misuse import KinesisFakeError

if TYPE_CHECKING:
    from kinesis_fake.activation.decorator import FakeKinesis


def leave(started: Iterable[FakeKinesis], *, quietly: bool) -> None:
    """Leave the fakes that are still active, and raise what is to be said of them, unless the test has failed."""
    __tracebackhide__ = True  # for pytest
    active = [each for each in started if each._started is not None]
    error = KinesisFakeError(
        "This test has called start() and not stop(), so its fake would have answered the calls of the tests after it. "
        "The fake has been left now. Let the test call stop() also where it fails, by addCleanup(fake.stop) or in a "
        "fixture, or write `with fake_kinesis() as kinesis:`.",
        see="left",
    )
    for each in active:
        each._abandon(error)
    if active and not quietly:
        raise error
