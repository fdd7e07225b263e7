"""A stream: its shards, its status and the changes it goes through."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from kinesis_fake import errors
from kinesis_fake.domain.hash_key import even_ranges
from kinesis_fake.domain.shard import Shard
from kinesis_fake.settings import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from kinesis_fake.domain.channel import Channel
    from kinesis_fake.domain.consumer import Consumer
    from kinesis_fake.domain.policy import Policy
    from kinesis_fake.domain.queue import Queue
    from kinesis_fake.domain.region import Region

CREATING: Final = "CREATING"
ACTIVE: Final = "ACTIVE"
UPDATING: Final = "UPDATING"
DELETING: Final = "DELETING"

PROVISIONED: Final = "PROVISIONED"
ON_DEMAND: Final = "ON_DEMAND"

AUTO: Final = "AUTO"
USER_PARTITION_KEY: Final = "USER_PARTITION_KEY"

#: A new stream's shards are stamped this long before the answer to CreateStream (recorded: 2 to 7 seconds).
FIRST_SHARDS_STAMPED_EARLIER_S = 4
#: Shards of a new on-demand stream (recorded).
ON_DEMAND_SHARDS = 4
#: Even shards of two counts that have an end in common miss each other there by a few hash keys, never by so many.
ROUNDING = 1 << 64
DEFAULT_RETENTION_HOURS = 24
DEFAULT_MAX_RECORD_SIZE_KIB = 1024


@dataclass(frozen=True)
class Split:
    """A step of a reshard: cut a shard in two."""

    shard_index: int
    new_starting_hash_key: int


@dataclass(frozen=True)
class Merge:
    """A step of a reshard: join two neighbours, the lower one first."""

    shard_index: int
    adjacent_shard_index: int


class Stream:
    """One stream of a region. Instants are in milliseconds since the epoch.

    ``transition`` is the agenda entry that the stream waits for, if any, and ``transition_ends_at`` the instant at
    which the last of its steps is due.
    """

    def __init__(
        self,
        region: Region,
        stream_name: str,
        *,
        shard_count: int,
        stream_mode: str,
        max_record_size_kib: int,
        record_distribution_strategy: str,
        tags: dict[str, str],
        now: int,
    ) -> None:
        self.region = region
        self.uid = region.world.next_uid()
        self.stream_name = stream_name
        self.stream_arn = f"{region.arn_prefix}stream/{stream_name}"
        self.status = CREATING
        self.created_at = now
        self.requested_shard_count = shard_count
        self.stream_mode = stream_mode
        self.max_record_size_kib = max_record_size_kib
        self.record_distribution_strategy = record_distribution_strategy
        self.retention_period_hours = DEFAULT_RETENTION_HOURS
        self.encryption_type = "NONE"
        self.key_id: str | None = None
        self.shard_level_metrics: list[str] = []
        self.tags = tags
        self.policy: Policy | None = None
        self.consumers: dict[str, Consumer] = {}
        self.channels: dict[str, Channel] = {}
        self.queues: dict[str, Queue] = {}
        self.transition: object | None = None
        self.transition_ends_at: int | None = None
        self.update_shard_count_calls: deque[int] = deque()
        self.start_encryption_calls: deque[int] = deque()
        self.stop_encryption_calls: deque[int] = deque()
        self.update_stream_mode_calls: deque[int] = deque()
        #: What was asked for last, and what the stream has been scaled to; both only mean something on demand.
        self._target_warm_throughput_mibps: int | None = None
        self._warmed_up_to_mibps = 0
        self._trimmed_until = now
        self._shards: dict[int, Shard] = {}
        self._next_shard_index = 0
        self._route: list[Shard] = []
        self._route_starts: list[int] = []
        self._next_auto_shard = 0

    # --- facts ------------------------------------------------------------------------------------------------

    @property
    def creation_timestamp(self) -> int:
        """When the stream was made, as AWS shows it: in whole seconds."""
        return self.created_at // 1000 * 1000

    @property
    def retention_ms(self) -> int:
        return self.retention_period_hours * HOUR_MS

    @property
    def max_record_size_bytes(self) -> int:
        return self.max_record_size_kib * 1024

    @property
    def takes_records(self) -> bool:
        """Whether PutRecord finds the stream: not before it has shards; in DELETING it may, and here it does."""
        return bool(self._route)

    @property
    def encryption_type_of_new_records(self) -> str | None:
        """What a record written now says about its encryption; None if it says nothing."""
        return None if self.encryption_type == "NONE" else self.encryption_type

    @property
    def warm_throughput_mibps(self) -> int:
        """What the stream is scaled to take: a MiB per second and open shard, or more if it was warmed up."""
        return max(self._warmed_up_to_mibps, len(self._route))

    @property
    def target_warm_throughput_mibps(self) -> int:
        """What the stream is being scaled to."""
        target = self._target_warm_throughput_mibps
        return self.warm_throughput_mibps if target is None else target

    @property
    def is_auto_distributed(self) -> bool:
        return self.record_distribution_strategy == AUTO

    @property
    def open_shards(self) -> list[Shard]:
        """The shards that take records, in the order of their hash keys."""
        return self._route

    def shards(self, now: int) -> list[Shard]:
        """All shards, open and closed, in the order of their ids; expired ones are gone."""
        retention_ms = self.retention_ms
        return [shard for shard in self._shards.values() if not shard.is_expired(now, retention_ms)]

    def find_shard(self, index: int, now: int) -> Shard | None:
        """The shard of this index, unless there is none or it has expired."""
        shard = self._shards.get(index)
        if shard is None or shard.is_expired(now, self.retention_ms):
            return None
        return shard

    def children_of(self, shard: Shard) -> list[Shard]:
        """The shards that took over from a closed one."""
        name = shard.shard_id
        return [
            child
            for child in self._shards.values()
            if child.parent_shard_id == name or child.adjacent_parent_shard_id == name
        ]

    def locate(self, hash_key: int) -> Shard:
        """The open shard whose range holds this hash key."""
        return self._route[bisect_right(self._route_starts, hash_key) - 1]

    def shards_for(self, hash_keys: Sequence[int | None]) -> list[Shard]:
        """The shards that records would go to, those without a hash key to one after the other."""
        numbers = count(self._next_auto_shard)
        return [
            self.locate(hash_key) if hash_key is not None else self._route[next(numbers) % len(self._route)]
            for hash_key in hash_keys
        ]

    @property
    def auto_shard(self) -> Shard:
        """The shard for the next record of a stream that distributes records itself."""
        return self._route[self._next_auto_shard % len(self._route)]

    def rotate_auto_shard(self) -> None:
        """The next record goes to the next open shard, so that each gets as many as the others."""
        self._next_auto_shard += 1

    @property
    def resource_arn(self) -> str:
        return self.stream_arn

    def require_changeable(self) -> None:
        """Refuse other tags, another policy and new consumers before the stream is ACTIVE and once it is deleted.

        ListShards is refused as well.
        """
        if self.status in (CREATING, DELETING):
            raise errors.stream_not_active_or_updating(self.stream_name, self.region.account_id, self.status)

    def require_active(self) -> None:
        """Refuse what is only possible while nothing else is going on."""
        if self.status != ACTIVE:
            raise errors.stream_not_active(self.stream_name, self.region.account_id, self.status)

    # --- status -----------------------------------------------------------------------------------------------

    def become_active(self, now: int) -> None:
        """The stream is made, or its change is done."""
        if self.status == CREATING:
            second = self.created_at // 1000 - FIRST_SHARDS_STAMPED_EARLIER_S
            first_shards = [
                self._add_shard(hash_key_range, self.created_at, max(second, 0))
                for hash_key_range in even_ranges(self.requested_shard_count)
            ]
            self._reroute([], first_shards)
        self.status = ACTIVE
        self.transition = self.transition_ends_at = None

    # --- consumers --------------------------------------------------------------------------------------------

    def require_room_for_consumer(self, now: int) -> None:
        """Refuse one registered consumer more than the stream may have; a queue counts as one, too."""
        limits = self.region.world.limits
        is_advantage = self.stream_mode == ON_DEMAND and self.region.commitment.is_in_force(now)
        limit = limits.consumers_per_advantage_stream if is_advantage else limits.consumers_per_stream
        if len(self.consumers) + len(self.queues) >= limit:
            raise errors.too_many_consumers(self.stream_name, self.region.account_id, limit)

    def forget_consumer(self, consumer: Consumer) -> None:
        """The end of a consumer's DELETING, or of the stream itself."""
        if self.consumers.get(consumer.consumer_name) is consumer:
            del self.consumers[consumer.consumer_name]
        consumer.transition = consumer.transition_ends_at = None

    # --- channels ---------------------------------------------------------------------------------------------

    @property
    def kept_shards(self) -> Iterable[Shard]:
        """The shards that have not been forgotten yet, expired or not, in the order of their ids."""
        return self._shards.values()

    def add_channel(self, channel: Channel) -> None:
        """From now on shards keep what is past the retention period, until :meth:`trim` forgets it."""
        self.channels[channel.channel_id] = channel
        for shard in self._shards.values():
            shard.keeps_expired_records = True

    def forget_channel(self, channel: Channel) -> None:
        """The end of a channel's DELETING."""
        del self.channels[channel.channel_id]
        for shard in self._shards.values():
            shard.keeps_expired_records = bool(self.channels)

    # --- settings ---------------------------------------------------------------------------------------------

    def change_encryption(self, encryption_type: str, key_id: str | None, now: int) -> None:
        """Encrypt new records with another key, or not at all; old ones stay as they were written."""
        self.encryption_type = encryption_type
        self.key_id = key_id
        for shard in self._route:
            shard.change_key(key_id)

    def change_mode(self, stream_mode: str, warm_throughput_mibps: int | None, now: int) -> None:
        """Use another capacity mode. A provisioned stream has no warm throughput and never places records itself."""
        self.stream_mode = stream_mode
        self._target_warm_throughput_mibps = warm_throughput_mibps
        self._warmed_up_to_mibps = warm_throughput_mibps or 0
        if stream_mode == PROVISIONED:
            self.record_distribution_strategy = USER_PARTITION_KEY

    def begin_warming_up(self, warm_throughput_mibps: int) -> None:
        """Aim at a throughput, which may also be below the one before."""
        self._target_warm_throughput_mibps = warm_throughput_mibps

    def end_warming_up(self, now: int) -> None:
        """The stream takes what it aimed at."""
        self._warmed_up_to_mibps = self._target_warm_throughput_mibps or 0

    def change_max_record_size(self, max_record_size_kib: int, now: int) -> None:
        """Take records of another size; those that are there stay."""
        self.max_record_size_kib = max_record_size_kib

    # --- resharding -------------------------------------------------------------------------------------------

    def reshard(self, step: Split | Merge, now: int) -> list[Shard]:
        """Close the parents of this step and open its children, all at this instant; returns the children.

        Parents take records up to the last millisecond before it, children from it on. The EndingSequenceNumber
        carries the second of that last millisecond and the children start with the next second, as recorded.
        """
        if isinstance(step, Split):
            parent = self._shards[step.shard_index]
            middle = step.new_starting_hash_key
            parents = [parent]
            ranges = [(parent.starting_hash_key, middle - 1), (middle, parent.ending_hash_key)]
        else:
            parents = [self._shards[step.shard_index], self._shards[step.adjacent_shard_index]]
            ranges = [(parents[0].starting_hash_key, parents[1].ending_hash_key)]
        closed_at = now - 1
        closing_second = max(parent.earliest_closing_second(closed_at) for parent in parents)
        for parent in parents:
            parent.close(closed_at, closing_second)
        adjacent = parents[1].shard_id if len(parents) == 2 else None
        children = [
            self._add_shard(hash_key_range, now, closing_second + 1, parents[0].shard_id, adjacent)
            for hash_key_range in ranges
        ]
        self._reroute(parents, children)
        return children

    def plan_shard_count(self, target_shard_count: int) -> list[Split | Merge]:
        """The steps from today's open shards to ``target_shard_count`` even ones.

        From the lowest hash key up: cut the shard that a target's end falls into, then join the pieces within the
        target. For 4 to 3 this gives the shards 6, 9 and 10, as was observed. A target ends where a shard ends if
        only rounding is between them, so that twice as many shards need one split each, and half as many one merge.
        """
        pieces = [(shard.index, shard.ending_hash_key) for shard in self._route]
        next_index = self._next_shard_index
        steps: list[Split | Merge] = []
        shard_ends = [shard.ending_hash_key for shard in self._route]
        for _, even_end in even_ranges(target_shard_count):
            near = slice(bisect_left(shard_ends, even_end - ROUNDING), bisect_right(shard_ends, even_end + ROUNDING))
            target_end = min(shard_ends[near], key=lambda end: abs(end - even_end), default=even_end)
            index, end = pieces.pop(0)
            while end < target_end:
                neighbour, neighbour_end = pieces.pop(0)
                if neighbour_end > target_end:
                    steps.append(Split(neighbour, target_end + 1))
                    pieces.insert(0, (next_index + 1, neighbour_end))
                    neighbour, neighbour_end = next_index, target_end
                    next_index += 2
                steps.append(Merge(index, neighbour))
                index, end = next_index, neighbour_end
                next_index += 1
            if end > target_end:
                steps.append(Split(index, target_end + 1))
                pieces.insert(0, (next_index + 1, end))
                next_index += 2
        return steps

    def _add_shard(
        self,
        hash_key_range: tuple[int, int],
        created_at: int,
        creation_second: int,
        parent_shard_id: str | None = None,
        adjacent_parent_shard_id: str | None = None,
    ) -> Shard:
        shard = Shard(
            self._next_shard_index,
            hash_key_range,
            created_at,
            creation_second,
            parent_shard_id,
            adjacent_parent_shard_id,
        )
        if self.key_id is not None:
            shard.change_key(self.key_id)
        shard.keeps_expired_records = bool(self.channels)
        self._shards[shard.index] = shard
        self._next_shard_index += 1
        return shard

    def _reroute(self, parents: list[Shard], children: list[Shard]) -> None:
        """Put children, in the order of their hash keys, where their parents stood."""
        first = bisect_left(self._route_starts, children[0].starting_hash_key)
        replaced = slice(first, first + len(parents))
        self._route[replaced] = children
        self._route_starts[replaced] = [child.starting_hash_key for child in children]

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
        """Forget expired shards and records for good; channels take first what they have to deliver."""
        for channel in self.channels.values():
            channel.catch_up(now)
        self._trimmed_until = self.trim_horizon(now)
        retention_ms = self.retention_ms
        self._shards = {
            index: shard for index, shard in self._shards.items() if not shard.is_expired(now, retention_ms)
        }
        for shard in self._shards.values():
            shard.trim(now, retention_ms)

    # --- quotas -----------------------------------------------------------------------------------------------

    @staticmethod
    def recent(calls: deque[int], now: int) -> int:
        """How many of these calls were made in the last 24 hours."""
        return sum(1 for instant in calls if now - instant < DAY_MS)
