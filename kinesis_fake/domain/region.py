"""The world of one fake, and what one account has in one region of it."""

from __future__ import annotations

from kinesis_fake import errors
from kinesis_fake.agenda import Agenda
from kinesis_fake.domain.stream import CREATING, ON_DEMAND, Stream
from kinesis_fake.domain.token import TokenMint
from kinesis_fake.settings import Durations, Limits


class World:
    """Everything a fake holds: accounts and regions, what is due, and the key that seals tokens."""

    def __init__(self, durations: Durations, limits: Limits, seed: int) -> None:
        self.durations = durations
        self.limits = limits
        self.agenda = Agenda()
        self.mint = TokenMint(seed)
        self.regions: dict[tuple[str, str], Region] = {}
        self._last_uid = 0

    def region(self, account_id: str, region_name: str) -> Region:
        """The region of an account, made when it is first asked for."""
        key = account_id, region_name
        region = self.regions.get(key)
        if region is None:
            region = self.regions[key] = Region(self, account_id, region_name)
        return region

    def next_uid(self) -> int:
        """A number that nothing else in this world has."""
        self._last_uid += 1
        return self._last_uid

    def run_due(self, now: int) -> None:
        """Apply every entry that is due at ``now`` or before, each at its own instant."""
        while (due := self.agenda.pop_due(now)) is not None:
            due_at, entry = due
            entry.apply(due_at)


class Region:
    """What one account has in one region."""

    def __init__(self, world: World, account_id: str, region_name: str) -> None:
        self.world = world
        self.account_id = account_id
        self.region_name = region_name
        self.arn_prefix = f"arn:{partition_of(region_name)}:kinesis:{region_name}:{account_id}:"
        self.streams: dict[str, Stream] = {}

    def stream(self, stream_name: str) -> Stream:
        """The stream of this name, whatever its state; AWS's error if there is none."""
        stream = self.streams.get(stream_name)
        if stream is None:
            raise errors.stream_not_found(stream_name, self.account_id)
        return stream

    def forget(self, stream: Stream) -> None:
        """The end of DELETING."""
        if self.streams.get(stream.stream_name) is stream:
            del self.streams[stream.stream_name]
        stream.transition = stream.transition_ends_at = None

    # --- quotas -----------------------------------------------------------------------------------------------

    @property
    def shard_limit(self) -> int:
        return self.world.limits.shards_in(self.region_name)

    def open_shard_count(self) -> int:
        """Open shards of the account in this region; a stream in CREATING counts with the shards it asked for."""
        return sum(
            stream.requested_shard_count if stream.status == CREATING else len(stream.open_shards)
            for stream in self.streams.values()
        )

    def require_shards(self, additional: int) -> None:
        """Refuse what would need more shards than the account may have."""
        open_shards = self.open_shard_count()
        if open_shards + additional > self.shard_limit:
            raise errors.shard_limit_exceeded(
                self.account_id, self.region_name, open_shards, self.shard_limit, additional
            )

    def on_demand_stream_count(self) -> int:
        return sum(1 for stream in self.streams.values() if stream.stream_mode == ON_DEMAND)


def partition_of(region_name: str) -> str:
    """The ARN partition of a region."""
    if region_name.startswith("cn-"):
        return "aws-cn"
    if region_name.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"
