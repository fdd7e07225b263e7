"""Which calls a fault strikes and how often, as a test says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypedDict

from kinesis_fake.domain.shard import canonical_shard_id
from kinesis_fake.misuse import function, part_of_all, text, whole_number
from kinesis_fake.virtual_time.clock import milliseconds_of


class Filters(TypedDict, total=False):
    """Which calls a fault strikes, and how often."""

    #: The name or the ARN of a stream.
    stream: str
    #: The id of a shard.
    shard: str
    #: The name or the ARN of a consumer.
    consumer: str
    #: A function that says from the parameters of a call, named as in the API, whether that call is meant.
    where: Callable[[Mapping[str, Any]], bool]
    #: How many of these calls it lets pass before it strikes the first; 2 for "the third call fails".
    skip: int
    #: How often it strikes: once, unless ``until`` or ``probability`` is given; None stands for any number of times.
    times: int | None
    #: The instant from which on it does not strike any more: an aware datetime, or an ISO 8601 text.
    until: datetime | str
    #: How likely it strikes a call that it concerns, above 0 and at most 1.
    probability: float
    #: Where the generator starts that decides for ``probability`` and ``fraction``.
    seed: int


#: Their names.
FILTERS = tuple(Filters.__annotations__)


def read_filter(name: str, value: Any) -> Any:
    """The value of a filter, as faults compare it; a complaint if it cannot be one."""
    if name == "times":
        return None if value is None else whole_number(name, value, 1)
    if name == "skip":
        return whole_number(name, value, 0)
    if name == "until":
        return milliseconds_of(value)
    if name == "probability":
        return part_of_all(name, value)
    if name == "seed":
        return whole_number(name, value, None)
    if name == "where":
        return function(name, value, of="the parameters of a call")
    if name == "shard":
        return canonical_shard_id(text(name, value, such_as="shardId-000000000000"))
    return text(name, value, such_as="orders" if name == "stream" else "billing")
