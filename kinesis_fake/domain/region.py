"""What one account has in one region, and its quotas there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_fake import errors
from kinesis_fake.domain.arn import partition_of
from kinesis_fake.domain.commitment import ThroughputCommitment
from kinesis_fake.domain.quotas import DailyQuota, Tally
from kinesis_fake.domain.stream import AUTO, ON_DEMAND, ON_DEMAND_SHARDS, Stream
from kinesis_fake.domain.tags import check_stream_tags
from kinesis_fake.settings import shards_in

if TYPE_CHECKING:
    from kinesis_fake.domain.channel import Channel
    from kinesis_fake.domain.queue import Queue
    from kinesis_fake.domain.world import World


class Region:
    """What one account has in one region."""

    def __init__(self, world: World, account_id: str, region_name: str) -> None:
        self.world = world
        self.account_id = account_id
        self.region_name = region_name
        partition = partition_of(region_name)
        self.arn_prefix: str = f"arn:{partition}:kinesis:{region_name}:{account_id}:"
        #: The caller, if the test has named only the account.
        self.root_arn: str = f"arn:{partition}:iam::{account_id}:root"
        self.streams: dict[str, Stream] = {}
        self.commitment: ThroughputCommitment = ThroughputCommitment()
        #: By the id at the end of their ARNs, like the queues.
        self.channels: dict[str, Channel] = {}
        self.queues: dict[str, Queue] = {}
        #: Open shards; a stream in CREATING counts with the shards that it will have.
        self.open_shards: Tally = Tally()
        self.on_demand_streams: Tally = Tally()
        self.streams_in_creation_or_deletion: Tally = Tally()
        self.consumers_in_creation: Tally = Tally()
        self.queues_in_creation_or_deletion: Tally = Tally()
        #: By the name of the stream: a new stream of the same name continues the count.
        self.stream_mode_updates: dict[str, DailyQuota] = {}
        self._consumer_creation_seconds: dict[tuple[str, str], int] = {}

    def creation_second_for_consumer(self, stream_name: str, consumer_name: str, now: int) -> int:
        """The second in the ARN of a new consumer: that of ``now``, or the next that no ARN of its name has had.

        A name that is registered again has another ARN (API reference, Consumer), also within one second, and also on a
        new stream of the old name. It is not known which second AWS uses in that case.
        """
        key = stream_name, consumer_name
        second = max(now // 1000, self._consumer_creation_seconds.get(key, -1) + 1)
        self._consumer_creation_seconds[key] = second
        return second

    # --- making streams ---------------------------------------------------------------------------------------

    def create_stream(
        self,
        stream_name: str,
        *,
        shard_count: int | None,
        stream_mode: str,
        tags: dict[str, str],
        max_record_size_kib: int | None,
        record_distribution_strategy: str | None,
        warm_throughput_mibps: int | None,
        now: int,
    ) -> None:
        """Make a stream, in CREATING; raises AWS's error if its settings are impossible, or if it is one too many."""
        limits = self.world.limits
        if stream_name in self.streams:
            raise errors.stream_already_exists(stream_name, self.account_id)
        if stream_mode == ON_DEMAND:
            if shard_count is not None:
                raise errors.shard_count_with_on_demand()
            shard_count = ON_DEMAND_SHARDS
        elif shard_count is None:
            raise errors.shard_count_missing()
        elif record_distribution_strategy == AUTO:
            raise errors.record_distribution_needs_on_demand()
        if warm_throughput_mibps is not None:
            self.check_warm_throughput(stream_mode, warm_throughput_mibps, now)
        check_stream_tags(tags, {}, stream_name, self.account_id, limits.tags)
        if self.streams_in_creation_or_deletion.total >= limits.streams_creating_or_deleting:
            raise errors.too_many_streams_in_transition(self.account_id, limits.streams_creating_or_deleting)
        if stream_mode == ON_DEMAND:
            self.require_room_for_on_demand_stream()
        else:
            self.require_shards(shard_count)
        stream = Stream(
            self,
            stream_name,
            shard_count=shard_count,
            stream_mode=stream_mode,
            tags=tags,
            now=now,
            max_record_size_kib=max_record_size_kib,
            record_distribution_strategy=record_distribution_strategy,
        )
        if warm_throughput_mibps is not None:
            stream.aim_at_warm_throughput(warm_throughput_mibps)
            stream.reach_warm_throughput(now)
        stream.begin_creating(now, self.world.durations.creating_ms)

    # --- quotas -----------------------------------------------------------------------------------------------

    @property
    def shard_limit(self) -> int:
        return shards_in(self.world.limits, self.region_name)

    def require_shards(self, additional: int) -> None:
        """Refuse a change that needs so many more shards, if the account may not have them."""
        open_shards = self.open_shards.total
        if open_shards + additional > self.shard_limit:
            raise errors.shard_limit_exceeded(
                self.account_id, self.region_name, open_shards, self.shard_limit, additional
            )

    def require_room_for_on_demand_stream(self) -> None:
        """Refuse another on-demand stream if the account may not have more."""
        limit = self.world.limits.on_demand_streams
        if self.on_demand_streams.total >= limit:
            raise errors.too_many_on_demand_streams(self.account_id, limit)

    def check_warm_throughput(self, stream_mode: str, warm_throughput_mibps: int, now: int) -> None:
        """Refuse warm throughput for a provisioned stream, without the account's commitment, or above the limit."""
        if stream_mode != ON_DEMAND or not self.commitment.is_in_force(now):
            raise errors.warm_throughput_needs_commitment()
        limit = self.world.limits.warm_throughput_mibps
        if warm_throughput_mibps > limit:
            raise errors.warm_throughput_too_high(warm_throughput_mibps, limit)

    def require_room_for_queue_transition(self) -> None:
        """Refuse another queue in CREATING or DELETING if there may not be more at once."""
        limit = self.world.limits.queues_creating_or_deleting
        if self.queues_in_creation_or_deletion.total >= limit:
            raise errors.too_many_queues_in_transition(self.account_id, limit)
