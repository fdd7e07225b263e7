"""Where the streams, queues and channels of a fake are, for a test that asks for one or a client that finds none."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeVar

from kinesis_fake.domain.arn import parse_arn
from kinesis_fake.domain.channel import Channel
from kinesis_fake.domain.queue import Queue
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.domain.world import World
from kinesis_fake.misuse import KinesisFakeError, shown
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.toolkit.backstage import Backstage

_Named = TypeVar("_Named", Queue, Channel)

#: Why a stream may be in another region than the one where it is looked for.
_REGION_OF_THE_MACHINE = (
    "Clients of the code under test take the machine's region (AWS_DEFAULT_REGION) unless they are given one."
)


class Sought(NamedTuple):
    """A stream that is looked for; it need not exist."""

    account_id: str
    region_name: str
    stream_name: str

    @classmethod
    def of(cls, name_or_arn: object, account_id: str, region_name: str) -> Sought:
        """The stream that an ARN names, or a name in this account and region."""
        name = name_or_arn if isinstance(name_or_arn, str) else ""
        arn = parse_arn(name)
        if arn is not None and arn.resource.startswith("stream/"):
            return cls(arn.account_id, arn.region_name, arn.resource.removeprefix("stream/"))
        return cls(account_id, region_name, name)

    def find(self, world: World) -> Stream | None:
        """The stream, if it exists."""
        region = world.regions.get((self.account_id, self.region_name))
        return region.streams.get(self.stream_name) if region is not None else None


def regions_in_order(world: World, home: tuple[str, str]) -> list[Region]:
    """What all accounts have in all regions; first the fake's own, then the other regions of its account."""

    def order(region: Region) -> tuple[bool, bool, str, str]:
        place = region.account_id, region.region_name
        return place != home, region.account_id != home[0], *place

    return sorted(world.regions.values(), key=order)


def find_stream(backstage: Backstage, name_or_arn: object) -> Stream:
    """The stream that a test asks for."""
    with backstage.lock:
        world = backstage.up_to_date(backstage.world)
        stream = Sought.of(name_or_arn, *backstage.home).find(world)
        if stream is None:
            raise _no_stream(world, backstage.home, name_or_arn)
        return stream


def find_queue(backstage: Backstage, name_or_arn: object) -> Queue:
    """The queue that a test asks for."""
    with backstage.lock:
        here = backstage.region.queues.values()
        everywhere = [queue for region in backstage.world.regions.values() for queue in region.queues.values()]
        return _find(backstage, name_or_arn, "queue", here, everywhere)


def find_channel(backstage: Backstage, name_or_arn: object) -> Channel:
    """The channel that a test asks for."""
    with backstage.lock:
        here = backstage.region.channels.values()
        everywhere = [channel for region in backstage.world.regions.values() for channel in region.channels.values()]
        return _find(backstage, name_or_arn, "channel", here, everywhere)


def _find(
    backstage: Backstage, name_or_arn: object, kind: str, here: Iterable[_Named], everywhere: Iterable[_Named]
) -> _Named:
    """The resource with this ARN in any region and account, or with this name in the region of the fake."""
    by_arn = {one.resource_arn: one for one in everywhere}
    by_name = {_name_of(one): one for one in here}
    if isinstance(name_or_arn, str) and (found := by_arn.get(name_or_arn) or by_name.get(name_or_arn)) is not None:
        return found
    raise KinesisFakeError(
        f"There is no {kind} {shown(name_or_arn)} in {backstage.home[1]}; the {kind}s are: "
        f"{', '.join(sorted(by_name)) or 'none'}. Make it with Create{kind.capitalize()} through a client.",
        see="not-there",
    )


def _name_of(one: Queue | Channel) -> str:
    return one.queue_name if isinstance(one, Queue) else one.channel_name


def _no_stream(world: World, home: tuple[str, str], name_or_arn: object) -> KinesisFakeError:
    """The error for a stream that does not exist: it says where one of this name is, or which streams there are."""
    sought = Sought.of(name_or_arn, *home)
    if others := _namesakes(world, home, sought):
        advice = "use its ARN."
        # An ARN names the region that the test means.
        if name_or_arn == sought.stream_name and _in_another_region(sought, others):
            advice = f"use its ARN, or pass region= to the fake. {_REGION_OF_THE_MACHINE}"
        return KinesisFakeError(f"{_where_it_is(shown(name_or_arn), sought, others)}: {advice}", see="not-there")
    region = world.regions.get((sought.account_id, sought.region_name))
    streams = sorted(region.streams) if region is not None else []
    close = get_close_matches(sought.stream_name, streams, 1)
    the_streams = f"do you mean {close[0]!r}? The streams" if close else "the streams"
    return KinesisFakeError(
        f"There is no stream {shown(name_or_arn)} in {sought.region_name}; {the_streams} are: "
        f"{', '.join(streams) or 'none'}. Make it with kinesis.create_stream(), with streams= of the fake, or through "
        "a client.",
        see="not-there",
    )


def elsewhere(world: World, home: tuple[str, str], sought: Sought) -> str | None:
    """What to tell about a stream that a client has not found; None if no stream elsewhere has its name."""
    others = _namesakes(world, home, sought) if sought.find(world) is None else []
    if not others:
        return None
    machine = f" {_REGION_OF_THE_MACHINE}" if _in_another_region(sought, others) else ""
    return f"{_where_it_is(repr(sought.stream_name), sought, others)}.{machine}"


def _namesakes(world: World, home: tuple[str, str], sought: Sought) -> list[Region]:
    return [region for region in regions_in_order(world, home) if sought.stream_name in region.streams]


def _in_another_region(sought: Sought, others: list[Region]) -> bool:
    return any(region.region_name != sought.region_name for region in others)


def _where_it_is(shown: str, sought: Sought, others: list[Region]) -> str:
    *most, last = (
        f"in {region.region_name}"
        if region.account_id == sought.account_id
        else f"of account {region.account_id} in {region.region_name}"
        for region in others
    )
    places = f"{', '.join(most)} and {last}" if most else last
    return (
        f"There is no stream {shown} of account {sought.account_id} in {sought.region_name}; "
        f"one of this name is {places}"
    )
