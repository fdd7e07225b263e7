"""The way of a call through the fake: lock, time, what is due, validation, operation, answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Protocol

from kinesis_fake.clock import VirtualClock
from kinesis_fake.domain.region import Region, World
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.addressing import address_of
from kinesis_fake.operations.registry import Operation


class Validator(Protocol):
    """Checks the constraints of one operation's input."""

    def check(self, params: Mapping[str, Any]) -> None: ...


class Service:
    """Kinesis, as one fake plays it: the world and its clock, one call at a time."""

    def __init__(self, world: World, clock: VirtualClock, autojump: bool) -> None:
        self.world = world
        self.clock = clock
        self.autojump = autojump
        #: Held during every call and every move of the clock, so that each is atomic.
        self.lock = threading.RLock()

    def call(
        self,
        region: Region,
        operation: Operation,
        params: Mapping[str, Any],
        validator: Validator,
        *,
        waiting: bool = False,
    ) -> Mapping[str, Any]:
        """Run an operation with deserialised parameters, named as in the API; raises :class:`AwsError`.

        ``waiting`` says that somebody is moving the clock for this caller, so that an answer which shows a resource
        in transition need not do so.
        """
        with self.lock:
            now = self.clock.now
            if self.world.agenda.is_due(now):
                self.world.run_due(now)
            validator.check(params)
            arguments: dict[str, Any] = {}
            argument_of = operation.arguments
            for member, value in params.items():
                argument = argument_of.get(member.lower())
                if argument is not None:
                    arguments[argument] = value
            if operation.takes_stream:
                arguments["stream"] = _stream_of(region, params)
            answer = operation.run(region, now, **arguments)
            if operation.poll is not None and self.autojump and not waiting:
                ends_at = operation.poll(region, **arguments)
                if ends_at is not None:
                    self.move_to(ends_at)
            return answer if answer is not None else {}

    def move_to(self, instant: int) -> None:
        """Move the clock, letting everything happen on the way at its own instant."""
        with self.lock:
            self.clock.move_to(instant)
            self.world.run_due(instant)


def _stream_of(region: Region, params: Mapping[str, Any]) -> Stream:
    name = params.get("StreamName")
    stream_arn = params.get("StreamARN")
    if stream_arn is None and name is not None:
        return region.stream(name)
    return address_of(region, name, stream_arn).stream()
