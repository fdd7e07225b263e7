"""All event source mappings of one fake, and the clock that drives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from kinesis_fake.domain.arn import parse_arn, partition_of
from kinesis_fake.domain.region import Region
from kinesis_fake.event_source_mapping.documents import Discarded
from kinesis_fake.event_source_mapping.function import Function, Handler
from kinesis_fake.event_source_mapping.mapping import EventSourceMapping, from_snake_case
from kinesis_fake.event_source_mapping.parameters import mapping_exists, refusal, stream_not_found
from kinesis_fake.event_source_mapping.shard_reader import ShardReader
from kinesis_fake.event_source_mapping.source import Source
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.service import Service
from kinesis_fake.virtual_time.clock import datetime_of


class Delivery:
    """The mappings of one fake: whoever moves its clock through here lets them work on the way.

    They work one after the other, each thing at the instant at which it is due: of two things at one instant first
    that of the older mapping, and within a mapping that of the older shard. Functions run outside the lock of the fake.
    While one runs, moving the clock lets time pass, and the other functions wait until it has returned.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._timeline = service.timeline
        self._mappings: list[EventSourceMapping] = []
        self._made = 0
        self._is_working = False

    # --- mappings ---------------------------------------------------------------------------------------------

    def create(
        self,
        handler: Handler,
        name_or_arn: str,
        home: Region,
        *,
        function_name: str | None,
        role: str | None,
        deliver_to: Callable[[Discarded], object] | None,
        raise_errors: bool | None,
        parameters: Mapping[str, Any],
    ) -> EventSourceMapping:
        """A new mapping, which is at work when this returns."""
        if not callable(handler):
            raise refusal(f"a handler is called with an event and a context, {handler!r} cannot be called.")
        if deliver_to is not None and not callable(deliver_to):
            raise refusal(f"deliver_to is called with each discarded batch, {deliver_to!r} cannot be called.")
        if raise_errors not in (None, True, False):
            raise refusal(f"raise_errors must be True, False or None, not {raise_errors!r}.")
        given = from_snake_case(parameters)
        with self._timeline.lock:
            given.check(self._timeline.now)
            source = _source_of(self._service, home, name_or_arn)
            function = self._function(handler, source, function_name, role, given.timeout_seconds * 1000)
            self._made += 1
            mapping = EventSourceMapping(self, source, function, given, self._made, deliver_to, raise_errors)
            self._mappings.append(mapping)
        return mapping

    def _function(
        self, handler: Handler, source: Source, function_name: str | None, role: str | None, timeout_ms: int
    ) -> Function:
        region = source.stream.region
        prefix = f"arn:{partition_of(region.region_name)}"
        name: object = function_name if function_name is not None else self._name_for(handler)
        if not isinstance(name, str) or re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) is None:
            raise refusal(f"function_name has 1 to 64 letters, digits, hyphens and underscores, not {name!r}.")
        for mapping in self._mappings:
            if (mapping.function_name, mapping.event_source_arn) == (name, source.event_source_arn):
                raise mapping_exists(source.event_source_arn, name, mapping.uuid)
        role_arn = role if role is not None else f"{prefix}:iam::{region.account_id}:role/{name}-role"
        function_arn = f"{prefix}:lambda:{region.region_name}:{region.account_id}:function:{name}"
        return Function(handler, name, function_arn, role_arn, timeout_ms)

    def _name_for(self, handler: Handler) -> str:
        """The name of a function whose handler has no better one; other handlers have other names."""
        named = getattr(handler, "__name__", type(handler).__name__)
        name = re.sub("[^a-zA-Z0-9_-]", "", named)[:50] or "function"
        taken = {mapping.function_name for mapping in self._mappings if mapping.handler is not handler}
        numbers = iter(range(2, len(taken) + 3))
        unique = name
        while unique in taken:
            unique = f"{name}-{next(numbers)}"
        return unique

    def forget(self, mapping: EventSourceMapping) -> None:
        """A mapping is deleted."""
        if mapping in self._mappings:
            self._mappings.remove(mapping)

    def end(self) -> None:
        """The state of the fake is replaced, which no mapping survives."""
        for mapping in list(self._mappings):
            mapping.delete()

    def told(self) -> list[str]:
        """All mappings in lines for people."""
        return [line for mapping in self._mappings for line in mapping.told()]

    # --- time -------------------------------------------------------------------------------------------------

    def travel_to(self, instant: int) -> None:
        """Move the clock to an instant that must not be in the past, and let the mappings work on the way."""
        timeline = self._timeline
        if self._is_working or instant < timeline.now:
            timeline.travel_to(instant)
            return
        self._is_working = True
        try:
            while True:
                step = self._next_step()
                now = timeline.now
                due_at = None if step is None else max(step[0], now)
                if step is not None and due_at is not None and due_at <= min(now, instant):
                    step[1].step(step[2], now)
                elif now >= instant:
                    break
                else:
                    timeline.step_to(instant if due_at is None else min(instant, due_at))
        finally:
            self._is_working = False

    def drain(self, mapping: EventSourceMapping, limit_ms: int) -> None:
        """Move the clock until a mapping has nothing left to do."""
        if self._is_working:
            raise KinesisFakeError("drain() was called by a handler; let the handler return first.", see="lambda")
        ends_at = self._timeline.now + limit_ms
        while (due_at := self._due_at(mapping)) is not None:
            if due_at > ends_at:
                raise KinesisFakeError(
                    f"drain() has come to its limit, {limit_ms // 1000} seconds of virtual time, and {mapping!r} is "
                    f"not done; its next step is due at {datetime_of(due_at).isoformat()}.\n"
                    + "\n".join(mapping.told()),
                    see="lambda",
                )
            self.travel_to(due_at)

    def _due_at(self, mapping: EventSourceMapping) -> int | None:
        with self._timeline.lock:
            now = self._timeline.now
            step = mapping.next_step()
            return None if step is None else max(step[0], now)

    def _next_step(self) -> tuple[int, EventSourceMapping, ShardReader] | None:
        """What is due next in any mapping."""
        found: tuple[int, EventSourceMapping, ShardReader] | None = None
        with self._timeline.lock:
            now = self._timeline.now
            for mapping in self._mappings:
                step = mapping.next_step()
                if step is not None and (found is None or max(step[0], now) < max(found[0], now)):
                    found = step[0], mapping, step[1]
        return found


def _source_of(service: Service, home: Region, name_or_arn: str) -> Source:
    """The stream or the consumer that is meant by a name, an ARN of a stream or an ARN of a consumer."""
    if not isinstance(name_or_arn, str):
        raise refusal(f"the source is the name of a stream, or the ARN of a stream or consumer, not {name_or_arn!r}.")
    arn = parse_arn(name_or_arn)
    event_source_arn = name_or_arn if arn is not None else f"{home.arn_prefix}stream/{name_or_arn}"
    region: Region | None = home
    resource = f"stream/{name_or_arn}"
    if arn is not None:
        region, resource = service.world.regions.get((arn.account_id, arn.region_name)), arn.resource
    match = re.fullmatch(r"stream/([^/]+)(/consumer/(.+):\d+)?", resource)
    stream = region.streams.get(match[1]) if region is not None and match is not None else None
    if stream is None or match is None:
        raise stream_not_found(event_source_arn)
    if match[2] is None:
        return Source(service, stream, None)
    consumer = stream.consumers.get(match[3])
    if consumer is None or consumer.consumer_arn != name_or_arn:
        raise refusal(f"there is no registered consumer {name_or_arn}.")
    return Source(service, stream, consumer)
