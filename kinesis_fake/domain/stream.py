"""A stream: its shards, its settings, and the consumers, queues and channels that read it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Final

from kinesis_fake import errors
from kinesis_fake.domain.hash_key import even_ranges
from kinesis_fake.domain.life_cycle import ACTIVE, CREATING, DELETING, Resource
from kinesis_fake.domain.quotas import DailyQuota
from kinesis_fake.domain.reshard import Merge, Split, plan_shard_count
from kinesis_fake.domain.shard import Shard, shard_id_of
from kinesis_fake.settings import HOUR_MS

if TYPE_CHECKING:
    from kinesis_fake.domain.channel import Channel
    from kinesis_fake.domain.consumer import Consumer
    from kinesis_fake.domain.queue import Queue
    from kinesis_fake.domain.region import Region

PROVISIONED: Final = "PROVISIONED"
ON_DEMAND: Final = "ON_DEMAND"

AUTO: Final = "AUTO"
USER_PARTITION_KEY: Final = "USER_PARTITION_KEY"

#: The numbers of a stream's first shards begin so many seconds before its StreamCreationTimestamp (recorded, 7 times).
FIRST_SHARDS_STAMPED_EARLIER_S = 3
#: Shards of a new on-demand stream (recorded).
ON_DEMAND_SHARDS = 4
DEFAULT_RETENTION_HOURS = 24
DEFAULT_MAX_RECORD_SIZE_KIB = 1024


class Stream(Resource):
    """One stream of a region. Instants are in milliseconds since the epoch."""

    def __init__(
        self,
        region: Region,
        stream_name: str,
        *,
        shard_count: int,
        stream_mode: str,
        tags: dict[str, str],
        now: int,
        max_record_size_kib: int | None = None,
        record_distribution_strategy: str | None = None,
    ) -> None:
        super().__init__(region, f"{region.arn_prefix}stream/{stream_name}", tags, now)
        self.uid: int = region.world.next_uid()
        self.stream_name = stream_name
        self.requested_shard_count = shard_count
        self.stream_mode: str = stream_mode
        self.max_record_size_kib: int = max_record_size_kib or DEFAULT_MAX_RECORD_SIZE_KIB
        self.record_distribution_strategy: str = record_distribution_strategy or USER_PARTITION_KEY
        self.retention_period_hours: int = DEFAULT_RETENTION_HOURS
        self.encryption_type: str = "NONE"
        self.key_id: str | None = None
        self.shard_level_metrics: list[str] = []
        self.consumers: dict[str, Consumer] = {}
        self.channels: dict[str, Channel] = {}
        self.queues: dict[str, Queue] = {}
        self.shard_count_updates: DailyQuota = DailyQuota()
        self.encryption_starts: DailyQuota = DailyQuota()
        self.encryption_stops: DailyQuota = DailyQuota()
        #: The warm throughput that the caller asked for last, and, below, the one reached. Used on demand only.
        self._target_warm_throughput_mibps: int | None = None
        self._warmed_up_to_mibps = 0
        self._trimmed_until = now
        #: The shards by index, in the order of their indexes. A trimmed shard leaves a gap.
        self._shards: dict[int, Shard] = {}
        self._next_shard_index = 0
        #: The open shards in the order of their hash keys; and, below, the hash key where each begins.
        self._route: list[Shard] = []
        self._route_starts: list[int] = []
        self._next_auto_shard = 0

    def __str__(self) -> str:
        return f"stream {self.stream_name}"

    # --- questions --------------------------------------------------------------------------------------------

    @property
    def stream_arn(self) -> str:
        return self.resource_arn

    @property
    def retention_ms(self) -> int:
        return self.retention_period_hours * HOUR_MS

    @property
    def max_record_size_bytes(self) -> int:
        return self.max_record_size_kib * 1024

    @property
    def takes_records(self) -> bool:
        """Whether PutRecord finds the stream: only once it has shards. In DELETING, AWS may find it; the fake does."""
        return bool(self._route)

    @property
    def encryption_type_of_new_records(self) -> str | None:
        """The encryption type that a record written now has; None if it has none."""
        return None if self.encryption_type == "NONE" else self.encryption_type

    @property
    def warm_throughput_mibps(self) -> int:
        """The warm throughput reached: one MiB/s per open shard, or more if the stream was scaled up."""
        return max(self._warmed_up_to_mibps, len(self._route))

    @property
    def target_warm_throughput_mibps(self) -> int:
        """The warm throughput that the stream is being scaled to."""
        target = self._target_warm_throughput_mibps
        return self.warm_throughput_mibps if target is None else target

    @property
    def is_auto_distributed(self) -> bool:
        return self.record_distribution_strategy == AUTO

    # --- shards -----------------------------------------------------------------------------------------------

    @property
    def open_shards(self) -> list[Shard]:
        """The shards that take records, in the order of their hash keys."""
        return self._route

    @property
    def kept_shards(self) -> Iterable[Shard]:
        """The shards that the stream still has, expired or not, in the order of their ids."""
        return self._shards.values()

    def shards(self, now: int) -> list[Shard]:
        """All shards, open and closed, in the order of their ids, without expired ones."""
        retention_ms = self.retention_ms
        return [shard for shard in self._shards.values() if not shard.is_expired(now, retention_ms)]

    def shards_after(self, shard_id: str, now: int) -> Iterator[Shard]:
        """The shards whose ids come after this text, in the order of their ids, looked up one by one."""
        indexes = range(self._next_shard_index)
        for index in indexes[bisect_right(indexes, shard_id, key=shard_id_of) :]:
            shard = self.find_shard(index, now)
            if shard is not None:
                yield shard

    def find_shard(self, index: int, now: int) -> Shard | None:
        """The shard of this index; None if there is none, or if it has expired."""
        shard = self._shards.get(index)
        if shard is None or shard.is_expired(now, self.retention_ms):
            return None
        return shard

    def children_of(self, shard: Shard) -> list[Shard]:
        """The shards that took over from a closed one."""
        return [self._shards[index] for index in shard.child_indexes if index in self._shards]

    def locate(self, hash_key: int) -> Shard:
        """The open shard whose range holds this hash key."""
        return self._route[bisect_right(self._route_starts, hash_key) - 1]

    def shards_for(self, hash_keys: Sequence[int | None]) -> list[Shard]:
        """The shards that records would go to. Records without a hash key go to one open shard after the other."""
        numbers = count(self._next_auto_shard)
        route, starts = self._route, self._route_starts
        return [
            route[bisect_right(starts, hash_key) - 1] if hash_key is not None else route[next(numbers) % len(route)]
            for hash_key in hash_keys
        ]

    @property
    def auto_shard(self) -> Shard:
        """The shard for the next record of a stream that distributes records itself."""
        return self._route[self._next_auto_shard % len(self._route)]

    def rotate_auto_shard(self, records: int = 1) -> None:
        """Move on by so many open shards, one for each record, so that all get the same number of records."""
        self._next_auto_shard += records

    # --- life cycle -------------------------------------------------------------------------------------------

    def require_changeable(self) -> None:
        """Refuse a change of tags or policy, new consumers and ListShards while the stream is CREATING or DELETING."""
        if self.status in (CREATING, DELETING):
            raise errors.stream_not_active_or_updating(self.stream_name, self.region.account_id, self.status)

    def require_active(self) -> None:
        """Refuse a change that is possible only while the stream is ACTIVE."""
        if self.status != ACTIVE:
            raise errors.stream_not_active(self.stream_name, self.region.account_id, self.status)

    def join_region(self) -> None:
        self.region.streams[self.stream_name] = self

    def start(self, now: int) -> None:
        """Make the first shards, which count as open since CreateStream was called."""
        second = max(self.created_at // 1000 - FIRST_SHARDS_STAMPED_EARLIER_S, 0)
        shards = [
            self._new_shard(index, hash_key_range, self.created_at, second)
            for index, hash_key_range in enumerate(even_ranges(self.requested_shard_count))
        ]
        self._shards = {shard.index: shard for shard in shards}
        self._put_on_route(shards, len(self._route))

    def take_over(self, shards: list[Shard], created_at: int) -> None:
        """Replace the first shards by these, in the order of their indexes, which a scenario has prepared."""
        self.created_at = created_at
        self._trimmed_until = created_at
        self._shards = {shard.index: shard for shard in shards}
        route = sorted((shard for shard in shards if shard.is_open), key=lambda shard: shard.starting_hash_key)
        self._put_on_route(route, len(self._route))
        self._next_shard_index = shards[-1].index + 1
        self.tell_quotas()

    def delete(self, enforce_consumer_deletion: bool, now: int) -> None:
        """Begin DELETING, in any status; records can be read until the stream is gone.

        Raises AWS's error if the stream has queues or channels, or if it has consumers that
        ``enforce_consumer_deletion`` does not delete with it.
        """
        if self.queues:
            raise errors.stream_has_queues(self.stream_name, self.region.account_id)
        if self.channels:
            raise errors.stream_has_channels(self.stream_name, self.region.account_id)
        if self.consumers and not enforce_consumer_deletion and self.status != DELETING:
            raise errors.stream_has_consumers(self.stream_name, self.region.account_id)
        for consumer in list(self.consumers.values()):
            consumer.begin_deregistering(now)
        self.begin_deleting(now, self.region.world.durations.deleting_ms)

    def leave_region(self, now: int) -> None:
        for consumer in list(self.consumers.values()):
            consumer.vanish(now)
        if self.region.streams.get(self.stream_name) is self:
            del self.region.streams[self.stream_name]

    def tell_quotas(self) -> None:
        region = self.region
        is_here = region.streams.get(self.stream_name) is self
        is_on_demand = self.stream_mode == ON_DEMAND  # its shards do not count towards the quota (recorded)
        open_shards = 0 if is_on_demand else len(self._route) or self.requested_shard_count
        region.open_shards.tell(self.resource_arn, is_here * open_shards)
        region.on_demand_streams.tell(self.resource_arn, is_here and is_on_demand)
        in_transition = is_here and self.status in (CREATING, DELETING)
        region.streams_in_creation_or_deletion.tell(self.resource_arn, in_transition)

    # --- what reads the stream --------------------------------------------------------------------------------

    def require_room_for_consumer(self, now: int) -> None:
        """Refuse another registered consumer if the stream may not have more. Queues count, too."""
        limits = self.region.world.limits
        is_advantage = self.stream_mode == ON_DEMAND and self.region.commitment.is_in_force(now)
        limit = limits.consumers_per_advantage_stream if is_advantage else limits.consumers_per_stream
        if len(self.consumers) + len(self.queues) >= limit:
            raise errors.too_many_consumers(self.stream_name, self.region.account_id, limit)

    def keep_expired_records(self) -> None:
        """Let shards keep expired records until :meth:`trim` drops them, if a channel reads the stream."""
        for shard in self._shards.values():
            shard.keeps_expired_records = bool(self.channels)

    # --- settings ---------------------------------------------------------------------------------------------

    def change_encryption(self, encryption_type: str, key_id: str | None, now: int) -> None:
        """Encrypt new records with another key, or not at all. Old records do not change."""
        self.encryption_type = encryption_type
        self.key_id = key_id
        for shard in self._route:
            shard.change_key(key_id)

    def change_metrics(self, metrics: list[str], now: int) -> None:
        """Send these metrics per shard to CloudWatch."""
        self.shard_level_metrics = metrics

    def change_mode(self, stream_mode: str, warm_throughput_mibps: int | None, now: int) -> None:
        """Use another capacity mode. A provisioned stream has no warm throughput, and never distributes records."""
        self.stream_mode = stream_mode
        self._target_warm_throughput_mibps = warm_throughput_mibps
        self._warmed_up_to_mibps = warm_throughput_mibps or 0
        if stream_mode == PROVISIONED:
            self.record_distribution_strategy = USER_PARTITION_KEY

    def aim_at_warm_throughput(self, warm_throughput_mibps: int) -> None:
        """Aim at a throughput, above or below the present one."""
        self._target_warm_throughput_mibps = warm_throughput_mibps

    def reach_warm_throughput(self, now: int) -> None:
        """Reach the throughput that the stream was scaled to."""
        self._warmed_up_to_mibps = self._target_warm_throughput_mibps or 0

    def change_max_record_size(self, max_record_size_kib: int, now: int) -> None:
        """Take records up to another size from now on. The stream keeps larger records that it already has."""
        self.max_record_size_kib = max_record_size_kib

    # --- resharding -------------------------------------------------------------------------------------------

    def plan_shard_count(self, target_shard_count: int) -> list[Split | Merge]:
        """The steps from today's open shards to ``target_shard_count`` even ones."""
        return plan_shard_count(self._route, self._next_shard_index, target_shard_count)

    def reshard(self, step: Split | Merge, now: int) -> None:
        """Close the parents of this step and open its children, all at this instant.

        Parents take records until the millisecond before this instant, children from this instant on. The
        EndingSequenceNumber carries the second of the parents' last millisecond, and the children's numbers start with
        the next second, as recorded.

        After an interrupt this method is called again, and does what is still missing.
        """
        lower = self._shards[step.shard_index]
        if self._route[bisect_left(self._route_starts, lower.starting_hash_key)] is lower:
            self._replace(lower, step, now)
        self.tell_quotas()

    def _replace(self, lower: Shard, step: Split | Merge, now: int) -> None:
        if isinstance(step, Split):
            parents, adjacent_parent_shard_id = [lower], None
            middle = step.new_starting_hash_key
            ranges = [(lower.starting_hash_key, middle - 1), (middle, lower.ending_hash_key)]
        else:
            upper = self._shards[step.adjacent_shard_index]
            parents, adjacent_parent_shard_id = [lower, upper], upper.shard_id
            ranges = [(lower.starting_hash_key, upper.ending_hash_key)]
        closed_at = now - 1
        closing_second = max(parent.earliest_closing_second(closed_at) for parent in parents)
        children = [
            self._new_shard(index, hash_key_range, now, closing_second + 1, lower.shard_id, adjacent_parent_shard_id)
            for index, hash_key_range in enumerate(ranges, start=self._next_shard_index)
        ]
        child_indexes = tuple(child.index for child in children)
        for parent in parents:
            parent.close(closed_at, closing_second, child_indexes)
        self._shards.update((child.index, child) for child in children)
        self._put_on_route(children, len(parents))

    def _put_on_route(self, shards: list[Shard], replaced: int) -> None:
        """Send records to new shards, which replace so many others, in one assignment that no interrupt can divide."""
        starts = [shard.starting_hash_key for shard in shards]
        first = bisect_left(self._route_starts, starts[0])
        last = first + replaced
        route = [*self._route[:first], *shards, *self._route[last:]]
        starts = [*self._route_starts[:first], *starts, *self._route_starts[last:]]
        next_shard_index = shards[-1].index + 1
        self._route, self._route_starts, self._next_shard_index = route, starts, next_shard_index

    def _new_shard(
        self,
        index: int,
        hash_key_range: tuple[int, int],
        created_at: int,
        creation_second: int,
        parent_shard_id: str | None = None,
        adjacent_parent_shard_id: str | None = None,
    ) -> Shard:
        shard = Shard(index, hash_key_range, created_at, creation_second, parent_shard_id, adjacent_parent_shard_id)
        if self.key_id is not None:
            shard.change_key(self.key_id)
        shard.keeps_expired_records = bool(self.channels)
        return shard

    # --- retention --------------------------------------------------------------------------------------------

    def trim_horizon(self, now: int) -> int:
        """The instant at which the oldest shards were open. A longer retention period does not move it back."""
        return max(now - self.retention_ms, self._trimmed_until)

    def change_retention(self, retention_period_hours: int, now: int) -> None:
        """Use another retention period from now on; what expired under the old one does not come back."""
        self.trim(now)
        self.retention_period_hours = retention_period_hours
        self.trim(now)

    def trim(self, now: int) -> None:
        """Drop expired shards and records, once channels have taken what they have to deliver."""
        for channel in self.channels.values():
            channel.catch_up(now)
        self._trimmed_until = self.trim_horizon(now)
        retention_ms = self.retention_ms
        self._shards = {
            index: shard for index, shard in self._shards.items() if not shard.is_expired(now, retention_ms)
        }
        for shard in self._shards.values():
            shard.trim(now, retention_ms)
