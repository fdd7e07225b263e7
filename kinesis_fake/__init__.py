"""kinesis_fake: Amazon Kinesis Data Streams inside your test's process, in virtual time.

The names are loaded when they are first used, so that the pytest plugin costs nothing to a run that does not need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_fake.activation.decorator import fake_kinesis
    from kinesis_fake.faults.fault import Fault
    from kinesis_fake.misuse import KinesisFakeError, NotModelledError
    from kinesis_fake.settings import Durations, Limits
    from kinesis_fake.toolkit.fake import KinesisFake
    from kinesis_fake.virtual_time.clock import VirtualClock

__version__ = "0.1.0"

__all__ = [
    "Durations",
    "Fault",
    "KinesisFake",
    "KinesisFakeError",
    "Limits",
    "NotModelledError",
    "VirtualClock",
    "fake_kinesis",
]

_HOMES = {
    "Durations": "settings",
    "Fault": "faults.fault",
    "KinesisFake": "toolkit.fake",
    "KinesisFakeError": "misuse",
    "Limits": "settings",
    "NotModelledError": "misuse",
    "VirtualClock": "virtual_time.clock",
    "fake_kinesis": "activation.decorator",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
