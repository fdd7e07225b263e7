"""The world of one fake, and what one account has in one region of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_fake import errors
from kinesis_fake.domain.commitment import ThroughputCommitment
from kinesis_fake.domain.sealed_token import TokenMint
from kinesis_fake.domain.stream import CREATING, ON_DEMAND, Stream
from kinesis_fake.settings import Durations, Limits
from kinesis_fake.virtual_time.agenda import Agenda

if TYPE_CHECKING:
    from kinesis_fake.domain.channel import Channel
    from kinesis_fake.domain.queue import Queue
    from kinesis_fake.domain.rates import Rates


class World:
    """Everything a fake holds: accounts and regions, what is due, and the key that seals tokens."""

    def __init__(self, durations: Durations, limits: Limits, seed: int) -> None:
        self.durations = durations
        self.limits = limits
        self.agenda = Agenda()
        #: The meters of this world, if its limits enforce rates.
        self.rates: Rates | None = None
        self.mint = TokenMint(seed)
        #: The states of the KMS keys that cannot be used, by the names that domain.encryption gives to keys.
        self.key_states: dict[str, str] = {}
        self.regions: dict[tuple[str, str], Region] = {}
        #: The accounts that the test has named.
        self.accounts: frozenset[str] = frozenset()
        self._last_uid = 0

    def region(self, account_id: str, region_name: str) -> Region:
        """The region of an account, made when it is first asked for."""
        key = account_id, region_name
        region = self.regions.get(key)
        if region is None:
            region = self.regions[key] = Region(self, account_id, region_name)
        return region

    def has_account(self, account_id: str) -> bool:
        """Whether there is such an account: the test has named it, or something was made in it."""
        return account_id in self.accounts or any(owner == account_id for owner, _ in self.regions)

    def next_uid(self) -> int:
        """A number that nothing else in this world has."""
        self._last_uid += 1
        return self._last_uid

    def run_due(self, now: int) -> None:
        """Apply every entry that is due at ``now`` or before, each at its own instant."""
        self.agenda.run_due(now)


class Region:
    """What one account has in one region."""

    def __init__(self, world: World, account_id: str, region_name: str) -> None:
        self.world = world
        self.account_id = account_id
        self.region_name = region_name
        partition = partition_of(region_name)
        self.arn_prefix = f"arn:{partition}:kinesis:{region_name}:{account_id}:"
        #: Who calls if the fake was told no more than the account.
        self.root_arn = f"arn:{partition}:iam::{account_id}:root"
        self.streams: dict[str, Stream] = {}
        self.commitment = ThroughputCommitment()
        #: By the id at the end of their ARNs, as the queues.
        self.channels: dict[str, Channel] = {}
        self.queues: dict[str, Queue] = {}
        self._consumer_creation_seconds: dict[tuple[str, str], int] = {}

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
        for consumer in list(stream.consumers.values()):
            stream.forget_consumer(consumer)
        stream.transition = stream.transition_ends_at = None

    def forget_queue(self, queue: Queue) -> None:
        """The end of a queue's DELETING."""
        del self.queues[queue.queue_id]
        del queue.stream.queues[queue.queue_id]
        queue.transition = queue.transition_ends_at = None

    def forget_channel(self, channel: Channel) -> None:
        """The end of a channel's DELETING."""
        del self.channels[channel.channel_id]
        channel.stream.forget_channel(channel)
        channel.transition = channel.transition_ends_at = None

    def creation_second_for_consumer(self, stream_name: str, consumer_name: str, now: int) -> int:
        """The second that the ARN of a new consumer carries: this one, or the next one that no ARN of it carried.

        A name that is registered again has another ARN (API reference, Consumer), also within one second and on a
        stream that was made anew; what AWS does about that second is not known.
        """
        key = stream_name, consumer_name
        second = max(now // 1000, self._consumer_creation_seconds.get(key, -1) + 1)
        self._consumer_creation_seconds[key] = second
        return second

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


_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


def partition_of(region_name: str) -> str:
    """The ARN partition of a region."""
    for prefix, partition in _PARTITIONS.items():
        if region_name.startswith(prefix):
            return partition
    return "aws"
