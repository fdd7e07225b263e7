"""What becomes of one call that faults strike: it is refused or delayed, or its answer is lost or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kinesis_fake.faults.effects import (
    AddressedCall,
    EarlierArrivals,
    IdleShard,
    LateEndOfShard,
    Latency,
    PartialFailure,
    Refusal,
    ShortRead,
)
from kinesis_fake.faults.injection import Injection
from kinesis_fake.faults.lost_answers import AnswerLost, LostAnswer


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
        """The lag that a GetRecords shows which has found nothing left to read in an open shard."""
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
        """Let a fault take part, unless an earlier one has ended the call."""
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
        """Raise what keeps the call from being carried out. ``too_late`` says that the client has given up by now."""
        if self._refusal is not None:
            if too_late:
                raise AnswerLost(LostAnswer("read_timeout", applied=False))
            shard_id = self._refusing_shard or call.shard_id
            raise self._refusal.error(self._operation, call._replace(shard_id=shard_id))
        if self._loss is not None and not self._loss.applied:
            self.lose_answer(too_late=too_late)

    def lose_answer(self, *, too_late: bool) -> None:
        """Raise :class:`AnswerLost` if the answer to the call does not reach the client."""
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
