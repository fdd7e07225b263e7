"""Faults in force: which calls they strike, what becomes of those calls, and whether each fault was used at all."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kinesis_fake.faults.effects import (
    AddressedCall,
    EarlierArrivals,
    IdleShard,
    LateEndOfShard,
    Latency,
    LostAnswer,
    PartialFailure,
    Refusal,
    ShortRead,
)
from kinesis_fake.faults.fault import Fault
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.words import counted


@dataclass(eq=False, repr=False)
class Injection:
    """A fault that a fake has in force, as :meth:`KinesisFake.inject` returns it.

    As a context manager it takes the fault out again at the end of the block, and complains if it never struck.
    """

    #: The fault.
    fault: Fault
    faults: Faults
    #: How often it has struck.
    strikes: int = 0
    #: Whether the test fails for another reason, which this one must not hide.
    is_excused: bool = False
    #: How many calls of its operations there were while it was in force, and how many of them the filters let through.
    _calls: int = 0
    _concerned: int = 0
    _random: random.Random = field(init=False)
    #: Whether a predicate of the test is being asked. A call that it makes does not meet the same fault.
    _is_asking: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.fault.seed)

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
        self.strikes += 1

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
        """Take the fault out of the fake."""
        self.faults.remove(self)

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
        if self.strikes or self.is_excused:
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
        return f"{self.fault!r}: {self._strikes_told()}"

    def __repr__(self) -> str:
        return f"<injection of {self}>"

    def _strikes_told(self) -> str:
        if not self.strikes:
            return "has not struck"
        if self.fault.times is not None and self.strikes < self.fault.times:
            return f"has struck {self.strikes} of {self.fault.times} times"
        return "has struck once" if self.strikes == 1 else f"has struck {self.strikes} times"


class AnswerLost(Exception):
    """The call was carried out or not, and the client will not hear of it."""

    def __init__(self, lost_answer: LostAnswer) -> None:
        super().__init__(lost_answer.kind)
        self.lost_answer = lost_answer


class AnswerFaults:
    """The faults of one call that would change its answer. Each strikes where it finds something to change."""

    def __init__(self) -> None:
        self.armed: list[Injection] = []

    def failing(self, records: Sequence[Mapping[str, Any]], shard_ids: Sequence[str]) -> dict[int, str]:
        """The indexes of the records of a PutRecords that fail, each with the code of its failure."""
        codes: dict[int, str] = {}
        for injection in self.armed:
            effect = injection.fault.effect
            if isinstance(effect, PartialFailure):
                picked = injection.failing_indexes(records, shard_ids)
                if picked:
                    injection.strike()
                codes.update((index, effect.code) for index in picked if index not in codes)
        return codes

    def shorten(self, count: int) -> int:
        """How many records a GetRecords returns that could return ``count``."""
        for injection in self.armed:
            effect = injection.fault.effect
            if isinstance(effect, ShortRead) and effect.max_records < count:
                injection.strike()
                count = effect.max_records
        return count

    def hides_end_of_shard(self) -> bool:
        """Whether a GetRecords that has come to the end of a shard does not say so."""
        for injection in self.armed:
            if isinstance(injection.fault.effect, LateEndOfShard):
                injection.strike()
                return True
        return False

    def idle_lag_ms(self) -> int:
        """How far behind a reader is said to be that has found nothing left to read in an open shard."""
        for injection in self.armed:
            effect = injection.fault.effect
            if isinstance(effect, IdleShard):
                times = injection.fault.times or 1
                left = times - injection.strikes if injection.fault.times is not None else 1
                injection.strike()
                return -(-effect.milliseconds_behind * left // times)
        return 0

    def arrivals_back_ms(self, count: int) -> int:
        """By how many milliseconds every second one of ``count`` records has arrived earlier."""
        for injection in self.armed:
            effect = injection.fault.effect
            if isinstance(effect, EarlierArrivals) and count > 1:
                injection.strike()
                return effect.milliseconds
        return 0


class CallFaults:
    """The faults of one call: those that refuse it, delay it, lose its answer or change the answer."""

    def __init__(self, operation: str) -> None:
        self.answer_faults: AnswerFaults = AnswerFaults()
        self.latency_ms: int = 0
        self._operation = operation
        #: What refuses the call, what loses its answer, and what breaks the event stream that it answers with.
        self._refusal: Refusal | None = None
        #: The shard that the refusal is about, of several that the call addresses; None for the first of them.
        self._refusing_shard: str | None = None
        self._loss: LostAnswer | None = None
        self._break: tuple[Injection, Refusal] | None = None

    def add(self, injection: Injection, call: AddressedCall) -> None:
        """Let a fault take part, unless the call has come to an end by an earlier one."""
        effect = injection.fault.effect
        in_stream = isinstance(effect, Refusal) and effect.in_stream and call.operation.answers_with_events
        has_ended = self._refusal is not None or self._loss is not None
        if has_ended and isinstance(effect, (Refusal, LostAnswer)) and not in_stream:
            return
        if not injection.is_armed(self._operation, call):
            return
        if isinstance(effect, Latency):
            injection.strike()
            self.latency_ms += effect.milliseconds
        elif isinstance(effect, Refusal):
            if not in_stream:
                injection.strike()
                self._refusal = effect
                self._refusing_shard = injection.fault.shard
            elif self._break is None:
                self._break = injection, effect
        elif isinstance(effect, LostAnswer):
            injection.strike()
            self._loss = effect
        else:
            self.answer_faults.armed.append(injection)

    def refuse(self, call: AddressedCall, *, too_late: bool) -> None:
        """Raise what keeps the call from being carried out; ``too_late`` is a client that has given up by now."""
        if self._refusal is not None:
            if too_late:
                raise AnswerLost(LostAnswer("read_timeout", applied=False))
            shard_id = self._refusing_shard or call.shard_id
            raise self._refusal.error(self._operation, call._replace(shard_id=shard_id))
        if self._loss is not None and not self._loss.applied:
            self.lose_answer(too_late=too_late)

    def lose_answer(self, *, too_late: bool) -> None:
        """Raise :class:`AnswerLost` if the client does not hear of what the call has come to."""
        if self._loss is not None:
            raise AnswerLost(self._loss)
        if too_late:
            raise AnswerLost(LostAnswer("read_timeout", applied=True))

    def break_stream(self, answer: Mapping[str, Any], call: AddressedCall) -> None:
        """Put an error into the event stream that a SubscribeToShard answers with."""
        if self._break is not None:
            injection, refusal = self._break
            injection.strike()
            subscription = answer["EventStream"]
            subscription.fails_with = refusal.error(self._operation, call)
            subscription.fails_after_first_event = refusal.in_stream == "later"


class Faults:
    """The faults of one fake, in the order they were injected."""

    def __init__(self) -> None:
        #: Those in force; every call looks whether there are any.
        self.injections: list[Injection] = []

    def inject(self, fault: Fault) -> Injection:
        """Put a fault in force."""
        injection = Injection(fault, self)
        self.injections.append(injection)
        return injection

    def remove(self, injection: Injection) -> None:
        """Take a fault out; nothing happens if it is out already."""
        if injection in self.injections:
            self.injections.remove(injection)

    def concern(self, operation: str) -> bool:
        """Whether any fault is meant for calls of this operation."""
        return any(
            not fault.operations or operation in fault.operations
            for fault in (injection.fault for injection in self.injections)
        )

    def of_call(self, operation: str, call: AddressedCall) -> CallFaults:
        """The faults that strike this call; of those that end it only the first."""
        found = CallFaults(operation)
        for injection in list(self.injections):
            found.add(injection, call)
        return found

    def excuse(self) -> None:
        """Never complain about the faults that are in force: the test fails for another reason, or was skipped."""
        for injection in self.injections:
            injection.is_excused = True

    def require_used(self) -> None:
        """Complain about the first fault that never struck."""
        __tracebackhide__ = True  # for pytest
        for injection in self.injections:
            injection.require_used()
