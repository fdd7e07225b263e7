"""Finds the resources that a call names: by name, by ARN, or by both."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kinesis_fake import errors
from kinesis_fake.domain.arn import Arn, parse_arn
from kinesis_fake.domain.life_cycle import Resource
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.errors import AwsError
from kinesis_fake.named_tuples import NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.domain.channel import Channel
    from kinesis_fake.domain.consumer import Consumer
    from kinesis_fake.domain.queue import Queue
    from kinesis_fake.domain.world import World

_MAX_SHARD_INDEX = (1 << 31) - 1

R = TypeVar("R", bound=Resource)


class Kind(Generic[R]):
    """One kind of resource: how its ARNs end, how to find a resource, and AWS's error if there is none."""

    def __init__(
        self,
        pattern: str,
        find: Callable[..., R | None],
        not_found: Callable[..., AwsError],
        no_arn: Callable[[str, str], AwsError],
        *,
        has_policy: bool = True,
    ) -> None:
        self._pattern = pattern
        #: Takes the region and the pattern's groups, and finds the resource.
        self.find = find
        #: Takes the pattern's groups and the account, and makes AWS's error for a resource that does not exist.
        self.not_found = not_found
        #: Takes a text and the account, and makes AWS's error for a text that is no ARN of this kind. The model's
        #: patterns let such texts pass.
        self.no_arn = no_arn
        #: PutResourcePolicy takes streams, consumers and queues; channels have tags only.
        self.has_policy = has_policy

    def match(self, arn: Arn) -> re.Match[str] | None:
        """The names in an ARN of this kind, as the pattern's groups; None for an ARN of another kind."""
        return re.fullmatch(self._pattern, arn.resource, re.ASCII)  # compiled when first used: few tests need it

    def look_up(self, world: World, arn: Arn) -> R | None:
        """The resource of this kind that an ARN names, if it exists."""
        match = self.match(arn)
        home = arn.home(world) if match is not None else None
        return self.find(home, *match.groups()) if home is not None and match is not None else None

    def of(self, region: Region, resource_arn: str) -> R:
        """The resource of this kind that an ARN names; raises AWS's error if there is none."""
        arn = parse_arn(resource_arn)
        match = self.match(arn) if arn is not None else None
        if arn is None or match is None:
            raise self.no_arn(resource_arn, region.account_id)
        return self.named(region, arn, match)

    def named(self, region: Region, arn: Arn, match: re.Match[str]) -> R:
        """The resource of an ARN that has matched, for a call to this region; raises AWS's error if there is none."""
        found = self.look_up(region.world, arn) if arn.region_name == region.region_name else None
        if found is None:
            raise self.not_found(*match.groups(), arn.account_id)
        return found


def _find_consumer(home: Region, stream_name: str, consumer_name: str, creation_second: str) -> Consumer | None:
    """The consumer of this name, if it was registered in this second: an ARN names no earlier or later consumer."""
    stream = home.streams.get(stream_name)
    consumer = stream.consumers.get(consumer_name) if stream is not None else None
    return consumer if consumer is not None and str(consumer.creation_second) == creation_second else None


def _consumer_not_found(stream_name: str, consumer_name: str, creation_second: str, account_id: str) -> AwsError:
    return errors.consumer_arn_not_found(consumer_name, creation_second, stream_name, account_id)


def _parts_of_no_consumer(text: str) -> tuple[str, str, str]:
    """The stream, consumer and second that AWS's error names for a text that is no ARN of a consumer."""
    of_stream, _, of_consumer = text.rpartition("/consumer/")
    consumer_name, _, creation_second = of_consumer.partition(":")
    return of_stream.rpartition("/")[2], consumer_name, creation_second


STREAM: Kind[Stream] = Kind(
    r"stream/([^/]+)",
    lambda home, stream_name: home.streams.get(stream_name),
    errors.stream_not_found,
    lambda text, account_id: errors.stream_not_found(text.rpartition("/")[2], account_id),
)
CONSUMER: Kind[Consumer] = Kind(
    r"stream/([^/]+)/consumer/([^/:]+):(\d+)",
    _find_consumer,
    _consumer_not_found,
    lambda text, account_id: _consumer_not_found(*_parts_of_no_consumer(text), account_id),
)
QUEUE: Kind[Queue] = Kind(
    r"queue/(\S+)",
    lambda home, queue_id: home.queues.get(queue_id),
    errors.queue_not_found,
    lambda text, account_id: errors.queue_not_found(text.rpartition("/")[2], account_id),
)
CHANNEL: Kind[Channel] = Kind(
    r"channel/(\S+)",
    lambda home, channel_id: home.channels.get(channel_id),
    errors.channel_not_found,
    lambda text, account_id: errors.channel_not_found(text.rpartition("/")[2], account_id),
    has_policy=False,
)
_KINDS: tuple[Kind[Any], ...] = (STREAM, CONSUMER, QUEUE, CHANNEL)


# --- any resource, by its ARN -----------------------------------------------------------------------------------


def resource_of(region: Region, resource_arn: str, *, with_policy: bool = False) -> Resource:
    """The resource that an ARN names; raises AWS's error if there is none, or if it cannot have a policy."""
    arn = parse_arn(resource_arn)
    for kind in _KINDS:
        match = kind.match(arn) if arn is not None else None
        if arn is not None and match is not None and (kind.has_policy or not with_policy):
            found: Resource = kind.named(region, arn, match)
            return found
    raise errors.resource_not_found(resource_arn)


def find_resource(world: World, arn: Arn) -> Resource | None:
    """The resource that an ARN names, if there is one."""
    return next((found for kind in _KINDS if (found := kind.look_up(world, arn)) is not None), None)


# --- streams and shards, by name or ARN --------------------------------------------------------------------------


def parse_arn_of(region: Region, text: str) -> Arn | None:
    """An ARN taken apart; None for other texts. Raises AWS's error for another region or an unknown account."""
    arn = parse_arn(text)
    if arn is not None:
        if arn.region_name != region.region_name:
            raise errors.arn_of_another_region(text)
        if not region.world.has_account(arn.account_id):
            raise errors.account_not_found()
    return arn


class StreamAddress(NamedTuple):
    """A stream as a call names it, whether or not it exists."""

    region: Region | None
    account_id: str
    stream_name: str

    def find(self) -> Stream | None:
        """The stream, if it exists."""
        return self.region.streams.get(self.stream_name) if self.region is not None else None

    def stream(self) -> Stream:
        """The stream; raises AWS's error if there is none."""
        stream = self.find()
        if stream is None:
            raise errors.stream_not_found(self.stream_name, self.account_id)
        return stream


def address_of(region: Region, stream_name: str | None, stream_arn: str | None) -> StreamAddress:
    """The address of the stream that a name, an ARN or both name."""
    if stream_arn is None:
        if stream_name is None:
            raise errors.stream_address_missing()
        return StreamAddress(region, region.account_id, stream_name)
    arn = parse_arn_of(region, stream_arn)
    if arn is None or not arn.resource.startswith("stream/"):  # the model's pattern is wider than any real ARN
        raise errors.stream_not_found(stream_arn.rpartition("/")[2], region.account_id)
    name = arn.resource.removeprefix("stream/")
    if stream_name is not None and stream_name != name:
        raise errors.stream_name_and_arn_disagree(stream_name, stream_arn)
    return StreamAddress(arn.home(region.world), arn.account_id, name)


def shard_index_of(shard_id: str, address: StreamAddress) -> int:
    """The index in a shard id. AWS reads ids leniently: the text before the first ``-`` does not matter."""
    _, hyphen, rest = shard_id.partition("-")
    digits = rest if hyphen else shard_id
    if not (digits.isascii() and digits.isdigit()) or int(digits) > _MAX_SHARD_INDEX:
        raise errors.could_not_find_shard(shard_id, address.stream_name, address.account_id)
    return int(digits)
