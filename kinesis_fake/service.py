"""The way of a call through the fake: lock, time, what is due, validation, operation, answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Any, Protocol

from kinesis_fake.domain.rates import Rates
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.domain.world import World
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.fault import DATA_OPERATIONS, LostAnswer
from kinesis_fake.faults.in_force import AnswerLost, Faults, Met
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.operations.addressing import address_of
from kinesis_fake.operations.authorisation import ARN_MEMBERS, authorise
from kinesis_fake.operations.facts import facts_of
from kinesis_fake.operations.registry import Answer, Operation, Wait
from kinesis_fake.virtual_time.clock import VirtualClock
from kinesis_fake.virtual_time.timeline import BUSY_TURNS, Pause, Timeline


class Validator(Protocol):
    """Checks the constraints of one operation's input."""

    def check(self, params: Mapping[str, Any]) -> None: ...


#: A call that does not end at once: what it waits for, one after the other, and its answer.
Course = Generator[Pause, None, Mapping[str, Any]]


class Service:
    """Kinesis, as one fake plays it: the world and its clock, one call at a time."""

    def __init__(self, world: World, clock: VirtualClock, autojump: bool) -> None:
        self.world = world
        self.timeline = Timeline(clock, world.agenda)
        self.autojump = autojump
        self.faults = Faults()

    def call(
        self,
        region: Region,
        operation: Operation,
        params: Mapping[str, Any],
        validator: Validator,
        *,
        waiting: bool = False,
        caller_arn: str | None = None,
        read_timeout_ms: int | None = None,
    ) -> Mapping[str, Any] | Course:
        """Run an operation with deserialised parameters, named as in the API; raises :class:`AwsError`.

        What answers at once is returned; of a call that takes time its course, which the caller leads to its end.
        ``waiting`` says that an SDK waiter moves the clock for this caller, so that an answer which shows a resource
        in transition need not do so. ``caller_arn`` is who calls, if that is known better than by the account.
        ``read_timeout_ms`` is how long the client waits for an answer; an injected fault may make it wait in vain,
        which raises :class:`AnswerLost`.
        """
        timeline = self.timeline
        with timeline.lock:
            now = timeline.clock.now
            if timeline.agenda.is_due(now):
                timeline.agenda.run_due(now)
            validator.check(params)
            timeline.count_call()
            caller_arn = caller_arn or region.root_arn
            if self.faults.injections:
                return self._call_with_faults(region, operation, params, caller_arn, waiting, read_timeout_ms)
            try:
                return self._carry_out(region, operation, params, caller_arn, now, waiting)
            except Wait as wait:
                return self._carry_out_later(wait, _instant_after(now, read_timeout_ms))

    def call_for_test(
        self, region: Region, operation: Operation, params: Mapping[str, Any], validator: Validator
    ) -> Mapping[str, Any]:
        """Run an operation for the test itself, which no fault and no rate is meant for."""
        with self.timeline.lock:
            now = self.timeline.now
            validator.check(params)
            self.timeline.notify()
            rates, self.world.rates = self.world.rates, None
            try:
                return self._carry_out(region, operation, params, region.root_arn, now, waiting=True)
            finally:
                self.world.rates = rates

    def _call_with_faults(
        self,
        region: Region,
        operation: Operation,
        params: Mapping[str, Any],
        caller_arn: str,
        waiting: bool,
        read_timeout_ms: int | None,
    ) -> Mapping[str, Any] | Course:
        """Let the faults strike that concern this call: delay it, refuse it, or change its answer."""
        called_at = self.timeline.clock.now
        met = self.faults.meet(operation.name, facts_of(region, params, caller_arn, called_at))
        gives_up_at = _instant_after(called_at, read_timeout_ms)
        carry_out = partial(self._carry_out_with, met, region, operation, params, caller_arn, waiting, gives_up_at)
        return self._call_late(met, called_at, gives_up_at, carry_out) if met.latency_ms else carry_out(called_at)

    def _call_late(
        self, met: Met, called_at: int, gives_up_at: float, carry_out: Callable[[int], Mapping[str, Any] | Course]
    ) -> Course:
        """A call that arrives late, perhaps after the client has given up."""
        world = self.world
        yield Pause(self.timeline, round(min(called_at + met.latency_ms, gives_up_at)))
        with self.timeline.lock:
            self._require_world(world)
            answer = carry_out(self.timeline.now)
        return (yield from answer) if isinstance(answer, Generator) else answer

    def _carry_out_with(
        self,
        met: Met,
        region: Region,
        operation: Operation,
        params: Mapping[str, Any],
        caller_arn: str,
        waiting: bool,
        gives_up_at: float,
        now: int,
    ) -> Mapping[str, Any] | Course:
        facts = facts_of(region, params, caller_arn, now)
        too_late = now >= gives_up_at
        met.refuse(facts, too_late=too_late)
        try:
            answer = self._carry_out(region, operation, params, caller_arn, now, waiting, met)
        except AwsError:
            met.lose_answer(too_late=too_late)
            raise
        except Wait as wait:
            return self._carry_out_later(wait, gives_up_at, met)
        met.break_stream(answer, facts)
        met.lose_answer(too_late=too_late)
        return answer

    def _carry_out_later(self, wait: Wait, gives_up_at: float, met: Met | None = None) -> Course:
        """Let the time pass for which an operation waits, and run it again; without autojump it waits in vain."""
        answer: Answer | None = None
        still_at, still_since = self.timeline.clock.now, wait.since
        while answer is None and self.autojump:
            # A task or thread that calls in a loop until this call ends must not prevent that end.
            since = wait.since if wait.since - still_since < BUSY_TURNS else None
            yield Pause(self.timeline, round(min(wait.until, gives_up_at)), since=since)
            with self.timeline.lock:
                if self.timeline.now >= gives_up_at:
                    raise AnswerLost(LostAnswer("read_timeout", applied=False))
                try:
                    answer = wait.again(self.timeline.now)
                except Wait as longer:
                    longer.again, longer.since = wait.again, self.timeline.activity
                    wait = longer
                    if self.timeline.clock.now != still_at:
                        still_at, still_since = self.timeline.clock.now, wait.since
                except AwsError:
                    if met is not None:
                        met.lose_answer(too_late=False)
                    raise
        if met is not None:
            met.lose_answer(too_late=False)
        return wait.in_vain if answer is None else answer

    def _carry_out(
        self,
        region: Region,
        operation: Operation,
        params: Mapping[str, Any],
        caller_arn: str,
        now: int,
        waiting: bool,
        met: Met | None = None,
    ) -> Mapping[str, Any]:
        if self.world.rates is not None:
            self._require_rate(self.world.rates, region, operation.name, params, caller_arn, now)
        if not ARN_MEMBERS.isdisjoint(params):
            authorise(region, caller_arn, operation.name, params)
        arguments: dict[str, Any] = {}
        argument_of = operation.arguments
        for member, value in params.items():
            argument = argument_of[member]
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
            wait.again, wait.since = partial(self._run_again, region, operation, arguments), self.timeline.activity
            raise
        if operation.poll is not None and self.autojump and not waiting:
            ends_at = operation.poll(region, **arguments)
            if ends_at is not None:
                self.timeline.move_to(ends_at)
        return answer if answer is not None else {}

    def _run_again(self, region: Region, operation: Operation, arguments: Mapping[str, Any], now: int) -> Answer | None:
        self._require_world(region.world)
        return operation.run(region, now, **arguments)

    def _require_world(self, world: World) -> None:
        if world is not self.world:
            raise KinesisFakeError("This call waited in a state of the fake that restore() has replaced; call again.")

    def _require_rate(
        self,
        rates: Rates,
        region: Region,
        operation: str,
        params: Mapping[str, Any],
        caller_arn: str,
        now: int,
    ) -> None:
        if operation not in DATA_OPERATIONS:  # those have rates of their shards, which the operation looks at
            facts = facts_of(region, params, caller_arn, now)
            rates.require_call(operation, region, facts.account_id, facts.stream_name, now)


def _instant_after(now: int, milliseconds: int | None) -> float:
    return math.inf if milliseconds is None else now + milliseconds


def _stream_of(region: Region, params: Mapping[str, Any]) -> Stream:
    name = params.get("StreamName")
    stream_arn = params.get("StreamARN")
    if stream_arn is None and name in region.streams:
        return region.streams[name]
    return address_of(region, name, stream_arn).stream()
