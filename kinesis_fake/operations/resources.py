"""What can have tags and a policy, found by its ARN: streams, consumers, and what else is put into the table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from kinesis_fake import errors
from kinesis_fake.domain.policy import Policy
from kinesis_fake.domain.region import Region, World
from kinesis_fake.errors import AwsError
from kinesis_fake.operations.addressing import Arn, parse_arn


class Resource(Protocol):
    """Something that can have tags and a policy."""

    tags: dict[str, str]
    policy: Policy | None

    @property
    def resource_arn(self) -> str: ...

    def require_changeable(self) -> None:
        """AWS's error if its tags and its policy cannot be changed in the state it is in."""


#: Given the region and what the groups of the pattern have caught.
Find = Callable[..., "Resource | None"]
F = TypeVar("F", bound=Find)
#: Given what the groups have caught, and then the account.
NotFound = Callable[..., AwsError]


@dataclass(frozen=True)
class Kind:
    """One kind of resource: how its ARNs end, how one is found, and what is said of one that is not there."""

    pattern: re.Pattern[str]
    find: Find
    not_found: NotFound
    #: PutResourcePolicy takes streams, consumers and queues; channels have tags only.
    has_policy: bool


KINDS: list[Kind] = []


def resource_kind(pattern: str, not_found: NotFound, *, has_policy: bool = True) -> Callable[[F], F]:
    """Put a kind into the table; the decorated function finds one by the groups of ``pattern``."""

    def register(find: F) -> F:
        KINDS.append(Kind(re.compile(pattern, re.ASCII), find, not_found, has_policy))
        return find

    return register


def resource_of(region: Region, resource_arn: str, *, with_policy: bool = False) -> Resource:
    """The resource that an ARN names; AWS's error if there is none, or none that can have a policy."""
    arn = parse_arn(resource_arn)
    for kind in KINDS:
        match = kind.pattern.fullmatch(arn.resource) if arn is not None else None
        if arn is None or match is None or (with_policy and not kind.has_policy):
            continue
        resource = _find(region.world, arn, kind, match) if arn.region_name == region.region_name else None
        if resource is None:
            raise kind.not_found(*match.groups(), arn.account_id)
        return resource
    raise errors.resource_not_found(resource_arn)


def find_resource(world: World, arn: Arn) -> Resource | None:
    """The resource that an ARN names, if there is one."""
    for kind in KINDS:
        match = kind.pattern.fullmatch(arn.resource)
        if match is not None:
            return _find(world, arn, kind, match)
    return None


def _find(world: World, arn: Arn, kind: Kind, match: re.Match[str]) -> Resource | None:
    home = arn.home(world)
    return kind.find(home, *match.groups()) if home is not None else None


@resource_kind(r"stream/([^/]+)", errors.stream_not_found)
def _find_stream(home: Region, stream_name: str) -> Resource | None:
    return home.streams.get(stream_name)
