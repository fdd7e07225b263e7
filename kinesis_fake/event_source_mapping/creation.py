"""How a mapping is made: from which source and function, and which of them CreateEventSourceMapping refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from kinesis_fake.domain.arn import parse_arn, partition_of
from kinesis_fake.domain.region import Region
from kinesis_fake.event_source_mapping.documents import DiscardedBatch
from kinesis_fake.event_source_mapping.function import Function, Handler
from kinesis_fake.event_source_mapping.mapping import EventSourceMapping
from kinesis_fake.event_source_mapping.parameters import (
    from_snake_case,
    mapping_exists,
    refusal,
    role_arn,
    stream_not_found,
)
from kinesis_fake.event_source_mapping.poller import Poller
from kinesis_fake.event_source_mapping.pollers import Pollers
from kinesis_fake.event_source_mapping.source import Source
from kinesis_fake.misuse import shown
from kinesis_fake.operations.addressing import CONSUMER, STREAM
from kinesis_fake.service import Service


def create_mapping(
    pollers: Pollers,
    service: Service,
    home: Region,
    handler: Handler,
    name_or_arn: str,
    *,
    function_name: str | None,
    role: str | None,
    deliver_to: Callable[[DiscardedBatch], object] | None,
    raise_errors: bool | None,
    parameters: Mapping[str, Any],
) -> EventSourceMapping:
    """A new mapping, which works when this returns."""
    if not callable(handler):
        raise refusal(f"a handler is called with an event and a context, {shown(handler)} cannot be called.")
    if deliver_to is not None and not callable(deliver_to):
        raise refusal(f"deliver_to is called with each discarded batch, {shown(deliver_to)} cannot be called.")
    if raise_errors is not None and not isinstance(raise_errors, bool):
        raise refusal(f"raise_errors must be True, False or None, not {shown(raise_errors)}.")
    given = from_snake_case(parameters)
    timeline = service.timeline
    with timeline.lock:
        given.check(timeline.now)
        source = _source_of(service, home, name_or_arn)
        name = function_name if function_name is not None else _name_for(handler, pollers)
        function = _function(handler, source, name, role, given.timeout_seconds * 1000)
        for other in pollers.active:
            if (other.function.function_arn, other.source.event_source_arn) == (
                function.function_arn,
                source.event_source_arn,
            ):
                raise mapping_exists(source.event_source_arn, name, other.uuid)
        poller = Poller(source, function, given, pollers.made + 1, deliver_to, raise_errors)
        pollers.add(poller)
    return EventSourceMapping(pollers, poller)


def _function(handler: Handler, source: Source, name: object, role: str | None, timeout_ms: int) -> Function:
    if not isinstance(name, str) or re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) is None:
        raise refusal(f"function_name has 1 to 64 letters, digits, hyphens and underscores, not {shown(name)}.")
    region = source.stream.region
    prefix = f"arn:{partition_of(region.region_name)}"
    execution_role = role_arn("event_source_mapping()", role) or f"{prefix}:iam::{region.account_id}:role/{name}-role"
    function_arn = f"{prefix}:lambda:{region.region_name}:{region.account_id}:function:{name}"
    return Function(handler, name, function_arn, execution_role, timeout_ms)


def _name_for(handler: Handler, pollers: Pollers) -> str:
    """A name for a function that the test does not name, from its handler. Each handler has a name of its own."""
    named = getattr(handler, "__name__", type(handler).__name__)
    name = re.sub("[^a-zA-Z0-9_-]", "", named)[:50] or "function"
    taken = {each.function.function_name for each in pollers.active if each.function.handler is not handler}
    candidates = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 2))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _source_of(service: Service, home: Region, name_or_arn: str) -> Source:
    """The stream or the consumer that a name, an ARN of a stream or an ARN of a consumer stands for."""
    if not isinstance(name_or_arn, str):
        raise refusal(
            f"the source is the name of a stream, or the ARN of a stream or consumer, not {shown(name_or_arn)}."
        )
    arn = parse_arn(name_or_arn)
    if arn is not None and CONSUMER.match(arn) is not None:
        consumer = CONSUMER.look_up(service.world, arn)
        if consumer is None:
            raise refusal(f"there is no registered consumer {name_or_arn}.")
        return Source(service, consumer.stream, consumer)
    stream = home.streams.get(name_or_arn) if arn is None else STREAM.look_up(service.world, arn)
    if stream is None:
        raise stream_not_found(name_or_arn if arn is not None else f"{home.arn_prefix}stream/{name_or_arn}")
    return Source(service, stream, None)
