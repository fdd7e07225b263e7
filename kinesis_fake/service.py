"""A call's way through the fake: take the lock, read the clock, apply due entries, validate, run the operation."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.domain.world import World
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.in_force import Faults
from kinesis_fake.faults.lost_answers import AnswerLost, LostAnswer
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.operations.addressing import address_of
from kinesis_fake.operations.authorisation import authorise
from kinesis_fake.operations.registry import NoAnswerYet, Operation, Result
from kinesis_fake.operations.request import ARN_MEMBERS, Request, addressed_call
from kinesis_fake.virtual_time.timeline import BUSY_TURNS, Pause, Timeline

if TYPE_CHECKING:
    from typing import Protocol

    from kinesis_fake.faults.call_faults import CallFaults
    from kinesis_fake.virtual_time.fruitless_reads import FruitlessReads

    class Validator(Protocol):
        """Checks the constraints of one operation's input."""

        def check(self, params: Mapping[str, Any]) -> None: ...


#: A call that takes time: it yields the pauses that it waits for, and returns its answer.
Course = Generator[Pause, None, Mapping[str, Any]]


class Service:
    """Carries out the calls of one fake on its world, one at a time."""

    def __init__(self, world: World, timeline: Timeline, autojump: bool) -> None:
        self.world = world
        self.timeline = timeline
        #: Whether a long poll moves the clock.
        self.autojump = autojump
        #: Whether an answer that shows a resource in transition moves the clock to the end of that transition.
        self.jumps_over_transitions = autojump
        self.faults: Faults = Faults()
        self._fruitless_reads: FruitlessReads | None = None

    def call(
        self,
        account_id: str,
        region_name: str,
        operation: Operation,
        params: Mapping[str, Any],
        validator: Validator,
        *,
        is_poll_of_waiter: bool = False,
        caller_arn: str | None = None,
        read_timeout_ms: int | None = None,
    ) -> Mapping[str, Any] | Course:
        """Run an operation with deserialised parameters, named as in the API; raises :class:`AwsError`.

        Returns the answer; for a call that takes time, its course, which the caller leads to its end.
        ``is_poll_of_waiter`` says that an SDK waiter makes the call and moves the clock itself, so that an answer which
        shows a resource in transition need not move it. ``caller_arn`` is the caller's ARN; None if the test has named
        only the account. ``read_timeout_ms`` is how long the client waits for an answer. :class:`AnswerLost` is raised
        if the answer comes later, or never because of a fault.
        """
        timeline = self.timeline
        with timeline.lock:
            now = timeline.clock.now
            if timeline.agenda.is_due(now):
                timeline.agenda.run_due(now)
            validator.check(params)
            timeline.count_call()
            region = self.world.region(account_id, region_name)
            gives_up_at = math.inf if read_timeout_ms is None else now + read_timeout_ms
            request = Request(
                operation, params, region, caller_arn or region.root_arn, now, gives_up_at, is_poll_of_waiter
            )
            if self.faults.injections and self.faults.concern(operation.name):
                return self._call_with_faults(request)
            try:
                answer = self._carry_out(request)
            except NoAnswerYet as none_yet:
                return self._carry_out_later(none_yet, request)
            if not answer.get("Records", True) and "NextShardIterator" in answer:
                reads = self._fruitless_reads or self._begin_counting()
                if reads.count(now):
                    reads.look(_shard_read_by(request))
            return answer

    def _begin_counting(self) -> FruitlessReads:
        """Count reads without records from the first one on; a test that only puts records loads nothing for it."""
        from kinesis_fake.virtual_time.fruitless_reads import FruitlessReads

        self._fruitless_reads = FruitlessReads(self.timeline)
        return self._fruitless_reads

    def call_for_test(
        self, region: Region, operation: Operation, params: Mapping[str, Any], validator: Validator
    ) -> Mapping[str, Any]:
        """Run an operation for the test itself, so that neither faults nor rates apply."""
        with self.timeline.lock:
            now = self.timeline.now
            validator.check(params)
            self.timeline.notify()
            rates, self.world.rates = self.world.rates, None
            try:
                return self._carry_out(Request(operation, params, region, region.root_arn, now, is_poll_of_waiter=True))
            finally:
                self.world.rates = rates

    # --- faults -----------------------------------------------------------------------------------------------

    def _call_with_faults(self, request: Request) -> Mapping[str, Any] | Course:
        """Let the faults strike that concern this call: delay it, refuse it, or change its answer."""
        request.faults = faults = self.faults.of_call(request.operation.name, addressed_call(request))
        self._follow(request)
        return (
            self._call_late(request, faults.latency_ms) if faults.latency_ms else self._carry_out_with(faults, request)
        )

    def _follow(self, request: Request) -> None:
        """Update a call's region and instant: a test's predicate may have restored a snapshot or moved the clock."""
        region = request.region
        if region.world is not self.world:
            request.region = self.world.region(region.account_id, region.region_name)
        request.now = self.timeline.now

    def _call_late(self, request: Request, latency_ms: int) -> Course:
        """Carry out a call that arrives late, perhaps after the client has given up."""
        assert request.faults is not None
        yield Pause(self.timeline, round(min(request.now + latency_ms, request.gives_up_at)))
        with self.timeline.lock:
            self._require_world(request)
            request.now = self.timeline.now
            answer = self._carry_out_with(request.faults, request)
        return (yield from answer) if isinstance(answer, Generator) else answer

    def _carry_out_with(self, faults: CallFaults, request: Request) -> Mapping[str, Any] | Course:
        call = addressed_call(request)
        too_late = request.now >= request.gives_up_at
        faults.refuse(call, too_late=too_late)
        try:
            answer = self._carry_out(request)
        except AwsError:
            faults.lose_answer(too_late=too_late)
            raise
        except NoAnswerYet as none_yet:
            return self._carry_out_later(none_yet, request)
        self._require_world(request)
        faults.break_stream(answer, call)
        faults.lose_answer(too_late=too_late)
        return answer

    # --- the operation ----------------------------------------------------------------------------------------

    def _carry_out(self, request: Request) -> Mapping[str, Any]:
        operation, params, region = request.operation, request.params, request.region
        if self.world.rates is not None:
            self._require_rate(request)
        if not ARN_MEMBERS.isdisjoint(params):
            authorise(request)
        arguments: dict[str, Any] = {}
        argument_of = operation.arguments
        for member, value in params.items():
            argument = argument_of[member]
            if argument is not None:
                arguments[argument] = value
        if operation.takes_stream:
            arguments["stream"] = _stream_of(region, params)
        if request.faults is not None and operation.takes_answer_faults:
            arguments["answer_faults"] = request.faults.answer_faults
        if operation.takes_caller_arn:
            arguments["caller_arn"] = request.caller_arn
        if operation.takes_called_at:
            arguments["called_at"] = request.now
        try:
            answer = operation.run(region, request.now, **arguments)
        except NoAnswerYet as none_yet:
            none_yet.again, none_yet.since = partial(operation.run, region, **arguments), self.timeline.activity
            raise
        if operation.poll is not None and self.jumps_over_transitions and not request.is_poll_of_waiter:
            ends_at = operation.poll(region, **arguments)
            if ends_at is not None:
                self.timeline.move_to(ends_at)
        return answer if answer is not None else {}

    def _carry_out_later(self, none_yet: NoAnswerYet, request: Request) -> Course:
        """Wait as long as an operation wants to, and run it again. Without autojump, answer without a wait."""
        answer: Result | None = None
        faults = request.faults
        still_at, still_since = self.timeline.clock.now, none_yet.since
        while answer is None and self.autojump:
            # Another task or thread that makes calls in a loop until this call ends must not keep it from ending.
            since = none_yet.since if none_yet.since - still_since < BUSY_TURNS else None
            yield Pause(self.timeline, round(min(none_yet.until, request.gives_up_at)), since=since)
            with self.timeline.lock:
                if self.timeline.now >= request.gives_up_at:
                    raise AnswerLost(LostAnswer("read_timeout", applied=False))
                self._require_world(request)
                try:
                    answer = none_yet.again(self.timeline.now)
                except NoAnswerYet as still_none:
                    still_none.again, still_none.since = none_yet.again, self.timeline.activity
                    none_yet = still_none
                    if self.timeline.clock.now != still_at:
                        still_at, still_since = self.timeline.clock.now, none_yet.since
                except AwsError:
                    if faults is not None:
                        faults.lose_answer(too_late=False)
                    raise
        if faults is not None:
            faults.lose_answer(too_late=False)
        return none_yet.answer_without_autojump if answer is None else answer

    def _require_rate(self, request: Request) -> None:
        """Count the call of a control operation. Operations that read or write records ask the shard's meters."""
        operation, region, rates = request.operation, request.region, self.world.rates
        number = operation.rate.calls_per_second
        if rates is None or number is None:
            return
        call = addressed_call(request)
        counted_by = region.account_id if operation.rate.scope == "account" else f"{call.account_id}:{call.stream_name}"
        if not rates.takes_call((operation.name, region.region_name, counted_by), number, request.now):
            if call.stream_name is None:
                call = call._replace(account_id=region.account_id)
            raise operation.rate.exceeded(call)

    def _require_world(self, request: Request) -> None:
        if request.region.world is not self.world:
            raise KinesisFakeError(
                "This call waited in a state of the fake that restore() has replaced; call again.", see="restored"
            )


def _stream_of(region: Region, params: Mapping[str, Any]) -> Stream:
    name = params.get("StreamName")
    stream_arn = params.get("StreamARN")
    if stream_arn is None and name in region.streams:
        return region.streams[name]
    return address_of(region, name, stream_arn).stream()


def _shard_read_by(request: Request) -> str:
    addressed = addressed_call(request)
    return f"{addressed.shard_id} of stream {addressed.stream_name}"
