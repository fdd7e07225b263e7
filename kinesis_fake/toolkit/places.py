"""Where a shard iterator stands, for people: its stream, its shard, and the record that it comes after."""

from __future__ import annotations

from kinesis_fake.calls import short_shard_id
from kinesis_fake.domain.sealed_token import InvalidTokenError
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.request import parts_of_iterator
from kinesis_fake.service import Service

#: How much of a sequence number is shown: enough to tell neighbours apart.
_LAST_DIGITS = 3


class Place(NamedTuple):
    """A place between two records of a shard, and the instant at which its iterator was issued."""

    stream: Stream
    shard: Shard
    position: int
    issued_at: int

    def __str__(self) -> str:
        return f"{self.stream.stream_name}, shard {short_shard_id(self.shard.shard_id)}, {self._position_text()}"

    def _position_text(self) -> str:
        if self.position == 0:
            return "from its beginning"
        before = self.shard.record_before(self.position)
        if before is None:
            return f"after {self.position} records that retention has taken"
        return f"after …{before[0][-_LAST_DIGITS:]}"


def place_of(service: Service, shard_iterator: object) -> Place | None:
    """Where an iterator stands; None if it is none of this fake, or its stream or shard is gone."""
    world = service.world
    try:
        account_id, region_name, stream_name, uid, index, position, issued_at = parts_of_iterator(
            world, str(shard_iterator)
        )
    except InvalidTokenError:
        return None
    region = world.regions.get((account_id, region_name))
    stream = region.streams.get(stream_name) if region is not None else None
    if stream is None or stream.uid != uid:
        return None
    shard = stream.find_shard(index, service.timeline.now)
    return Place(stream, shard, position, issued_at) if shard is not None else None


def text_of_place(service: Service, shard_iterator: str) -> str | None:
    """An iterator as the log of calls shows it."""
    with service.timeline.lock:
        place = place_of(service, shard_iterator)
        return str(place) if place is not None else None
