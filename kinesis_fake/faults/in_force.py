"""The faults that a fake has in force.

Every fake has this, and few tests inject a fault: what a fault is and does is loaded with the first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_fake.faults.call_faults import CallFaults
    from kinesis_fake.faults.effects import AddressedCall
    from kinesis_fake.faults.fault import Fault
    from kinesis_fake.faults.injection import Injection


class Faults:
    """The faults of one fake, in the order they were injected."""

    def __init__(self) -> None:
        #: Those in force; every call looks whether there are any.
        self.injections: list[Injection] = []

    def inject(self, fault: Fault) -> Injection:
        """Put a fault in force."""
        from kinesis_fake.faults.injection import Injection

        injection = Injection(fault, self.injections)
        self.injections.append(injection)
        return injection

    def concern(self, operation: str) -> bool:
        """Whether any fault is meant for calls of this operation."""
        return any(
            not fault.operations or operation in fault.operations
            for fault in (injection.fault for injection in self.injections)
        )

    def of_call(self, operation: str, call: AddressedCall) -> CallFaults:
        """The faults that strike this call; of those that end it only the first."""
        from kinesis_fake.faults.call_faults import CallFaults

        found = CallFaults(operation)
        for injection in list(self.injections):
            found.add(injection, call)
        return found

    def excuse(self) -> None:
        """Never complain about the faults that are in force: the test fails for another reason, or was skipped."""
        for injection in self.injections:
            injection.excuse()

    def require_used(self) -> None:
        """Complain about the first fault that never struck."""
        __tracebackhide__ = True  # for pytest
        for injection in self.injections:
            injection.require_used()
