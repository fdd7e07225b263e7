"""A fault in force: which calls it strikes, and whether it was used at all."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kinesis_fake.faults.effects import AddressedCall, PartialFailure
from kinesis_fake.faults.fault import Fault
from kinesis_fake.misuse import KinesisFakeError, Unassignable
from kinesis_fake.words import counted


class Injection(Unassignable):
    """A fault that a fake has in force, as :meth:`KinesisFake.inject` returns it.

    As a context manager it takes the fault out again at the end of the block, and complains if it never struck.
    """

    def __init__(self, fault: Fault, in_force: list[Injection]) -> None:
        self._fault = fault
        #: All faults that the fake has in force; this one is among them until it is removed.
        self._in_force = in_force
        self._strikes = 0
        self._is_excused = False
        #: How many calls of its operations there were while it was in force, and how many of them the filters let
        #: through.
        self._calls = 0
        self._concerned = 0
        self._random = random.Random(fault.seed)
        #: Whether a predicate of the test runs. A call that the predicate makes does not meet the same fault.
        self._is_asking = False

    @property
    def fault(self) -> Fault:
        """The fault."""
        return self._fault

    @property
    def strikes(self) -> int:
        """How often it has struck."""
        return self._strikes

    def _instead_of_assigning(self, name: str) -> str:
        return "it tells what the fault has done; inject another one, or remove() this one"

    def excuse(self) -> None:
        """Never complain: the test fails for another reason, which a complaint about this fault must not hide."""
        self._is_excused = True

    def is_armed(self, operation: str, call: AddressedCall) -> bool:
        """Whether the fault would strike this call."""
        fault = self.fault
        if self._is_asking or (fault.operations and operation not in fault.operations):
            return False
        self._calls += 1
        if fault.times is not None and self.strikes >= fault.times:
            return False
        if fault.until is not None and call.now >= fault.until:
            return False
        if not self._concerns(call):
            return False
        self._concerned += 1
        if self._concerned <= fault.skip:
            return False
        return fault.probability is None or self._random.random() < fault.probability

    def _concerns(self, call: AddressedCall) -> bool:
        fault = self.fault
        return (
            (fault.stream is None or fault.stream in call.streams)
            and (fault.shard is None or fault.shard in call.shards)
            and (fault.consumer is None or fault.consumer in call.consumers)
            and (fault.where is None or self._asked("where", fault.where, call.parameters))
        )

    def _asked(self, name: str, predicate: Callable[[Mapping[str, Any]], bool], value: Mapping[str, Any]) -> bool:
        """What a predicate of the test says; its own failure must not look like one of the client."""
        self._is_asking = True
        try:
            return bool(predicate(value))
        except Exception as error:
            raise KinesisFakeError(f"{name} of {self.fault!r} failed: {error!r}.") from error
        finally:
            self._is_asking = False

    def strike(self) -> None:
        """Count a call that the fault has made a difference to."""
        self._strikes += 1

    def failing_indexes(self, records: Sequence[Mapping[str, Any]], shard_ids: Sequence[str]) -> list[int]:
        """The records of a PutRecords, each with its shard, that this partial failure picks."""
        fault = self.fault
        effect = fault.effect
        assert isinstance(effect, PartialFailure)
        picked = []
        for index, (record, shard_id) in enumerate(zip(records, shard_ids, strict=True)):
            if fault.shard is not None and shard_id != fault.shard:
                continue
            if effect.fraction is not None:
                fails = self._random.random() < effect.fraction
            elif effect.records is not None:
                fails = self._asked("records", effect.records, record)
            else:
                fails = effect.indexes is not None and index in effect.indexes
            if fails:
                picked.append(index)
        return picked

    def remove(self) -> None:
        """Take the fault out of the fake; nothing happens if it is out already."""
        if self in self._in_force:
            self._in_force.remove(self)

    def __enter__(self) -> Injection:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        __tracebackhide__ = True  # for pytest
        self.remove()
        if kind is None:
            self.require_used()

    def require_used(self) -> None:
        """Complain about a fault that never struck."""
        __tracebackhide__ = True  # for pytest
        if self._strikes or self._is_excused:
            return
        remedy = "correct the fault's filters, or remove it"
        if not self._calls:
            reason = "The code under test made no such call"
        elif not self._concerned:
            reason = f"Its filters kept it from {counted(self._calls, 'such call')}"
        elif self._concerned <= self.fault.skip:
            reason = f"It skipped all of the {counted(self._concerned, 'call')} that it concerned"
            remedy = "skip fewer, or remove it"
        elif self.fault.probability is not None:
            reason = f"It concerned {counted(self._concerned, 'call')}, and by chance struck none"
            remedy = "choose another probability or seed, or remove it"
        else:
            reason = f"It found nothing to change in the {counted(self._concerned, 'call')} that it concerned"
        raise KinesisFakeError(f"The fault was never used: {self.fault!r}. {reason}; {remedy}.", see="unused-fault")

    def __str__(self) -> str:
        return f"{self.fault!r}: {self._strikes_text()}"

    def __repr__(self) -> str:
        return f"<injection of {self}>"

    def _strikes_text(self) -> str:
        if not self.strikes:
            return "has not struck"
        if self.fault.times is not None and self.strikes < self.fault.times:
            return f"has struck {self.strikes} of {self.fault.times} times"
        return "has struck once" if self.strikes == 1 else f"has struck {self.strikes} times"
