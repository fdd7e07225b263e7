"""The way of a call through the fake: lock, time, what is due, validation, operation, answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Protocol

from kinesis_fake.clock import VirtualClock
from kinesis_fake.domain.rates import Rates
from kinesis_fake.domain.region import Region, World
from kinesis_fake.domain.stream import Stream
from kinesis_fake.faults import DATA_OPERATIONS, Faults, Met
from kinesis_fake.operations.access import ARN_MEMBERS, authorise
from kinesis_fake.operations.addressing import address_of
from kinesis_fake.operations.facts import facts_of
from kinesis_fake.operations.registry import Answer, Operation, Wait


class Validator(Protocol):
    """Checks the constraints of one operation's input."""

    def check(self, params: Mapping[str, Any]) -> None: ...


class Service:
    """Kinesis, as one fake plays it: the world and its clock, one call at a time."""

    def __init__(self, world: World, clock: VirtualClock, autojump: bool) -> None:
        self.world = world
        self.clock = clock
        self.autojump = autojump
        self.faults = Faults()
        #: Held during every call and every move of the clock, so that each is atomic.
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._waiters = 0
        self._threads: set[int] = set()

    def call(
        self,
        region: Region,
        operation: Operation,
        params: Mapping[str, Any],
        validator: Validator,
        *,
        waiting: bool = False,
        caller_arn: str | None = None,
    ) -> Mapping[str, Any]:
        """Run an operation with deserialised parameters, named as in the API; raises :class:`AwsError`.

        ``waiting`` says that somebody is moving the clock for this caller, so that an answer which shows a resource
        in transition need not do so. ``caller_arn`` is who calls, if that is known better than by the account.
        """
        with self.lock:
            now = self.clock.now
            if self.world.agenda.is_due(now):
                self.world.run_due(now)
            validator.check(params)
            self._threads.add(threading.get_ident())
            met = None
            if self.faults.injections:
                met = self._meet_faults(region, operation.name, params)
                now = self.clock.now
            if self.world.rates is not None:
                self._require_rate(self.world.rates, region, operation.name, params, now)
            caller_arn = caller_arn or region.root_arn
            if not ARN_MEMBERS.isdisjoint(params):
                authorise(region, caller_arn, operation.name, params)
            arguments: dict[str, Any] = {}
            argument_of = operation.arguments
            for member, value in params.items():
                argument = argument_of.get(member.lower())
                if argument is not None:
                    arguments[argument] = value
            if operation.takes_stream:
                arguments["stream"] = _stream_of(region, params)
            if met is not None and operation.takes_disturbance:
                arguments["disturbance"] = met.disturbance
            if operation.takes_caller_arn:
                arguments["caller_arn"] = caller_arn
            if operation.takes_called_at:
                arguments["called_at"] = now
            try:
                answer = operation.run(region, now, **arguments)
            except Wait as wait:
                answer = self._run_later(wait, operation, region, arguments)
            if operation.poll is not None and self.autojump and not waiting:
                ends_at = operation.poll(region, **arguments)
                if ends_at is not None:
                    self.move_to(ends_at)
            if self._waiters:
                self._changed.notify_all()
            if met is not None:
                met.strike_answer(answer)
            return answer if answer is not None else {}

    # --- threads ----------------------------------------------------------------------------------------------

    def has_other_threads(self) -> bool:
        """Whether another thread that has made calls here is still alive."""
        here = threading.get_ident()
        return any(thread.ident in self._threads for thread in threading.enumerate() if thread.ident != here)

    def wait_for_change(self, timeout_s: float) -> bool:
        """Let other threads go on until one of them changes something, or until the time is up (False then)."""
        self._waiters += 1
        try:
            return self._changed.wait(timeout_s)
        finally:
            self._waiters -= 1

    def _tell_waiters(self) -> None:
        if self._waiters:
            self._changed.notify_all()

    # --- time -------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The present, in milliseconds since the epoch, with everything done that is due."""
        with self.lock:
            now = self.clock.now
            if self.world.agenda.is_due(now):
                self.world.run_due(now)
            return now

    def _meet_faults(self, region: Region, operation: str, params: Mapping[str, Any]) -> Met:
        """Let the faults strike that concern this call: wait, refuse it, or say what is odd about its answer."""
        now = self.clock.now
        facts = facts_of(region, params, now)
        striking = self.faults.striking(operation, facts, now)
        latency_ms = sum(fault.latency_ms for fault in striking)
        if latency_ms:
            self.move_to(now + latency_ms)
        met = Met()
        for fault in striking:
            met.meet(fault, operation, facts)
        return met

    def _require_rate(self, rates: Rates, region: Region, operation: str, params: Mapping[str, Any], now: int) -> None:
        stream_name = facts_of(region, params, now).stream_name if operation not in DATA_OPERATIONS else None
        rates.require_call(operation, region.account_id, region.region_name, stream_name, now)

    def _run_later(
        self, wait: Wait, operation: Operation, region: Region, arguments: Mapping[str, Any]
    ) -> Answer | None:
        """Let the time pass for which an operation would wait, and run it again; without autojump it waits in vain."""
        while self.autojump:
            self.move_to(wait.until)
            try:
                return operation.run(region, self.clock.now, **arguments)
            except Wait as again:
                wait = again
        return wait.in_vain

    def move_to(self, instant: int) -> None:
        """Wait until an instant, letting everything happen on the way at its own instant.

        It may have passed: whoever waits at the same time, in another thread or task, moves the same clock.
        """
        with self.lock:
            self.clock.move_on_to(instant)
            self._catch_up()

    def travel_to(self, instant: int) -> None:
        """Move the clock to an instant that must not be in the past."""
        with self.lock:
            self.clock.move_to(instant)
            self._catch_up()

    def _catch_up(self) -> None:
        self.world.run_due(self.clock.now)
        self._tell_waiters()


def _stream_of(region: Region, params: Mapping[str, Any]) -> Stream:
    name = params.get("StreamName")
    stream_arn = params.get("StreamARN")
    if stream_arn is None and name in region.streams:
        return region.streams[name]
    return address_of(region, name, stream_arn).stream()
