"""A channel on a stream: its status, what becomes of it later, and which records it delivers when."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kinesis_fake import errors
from kinesis_fake.domain.stream import ACTIVE, CREATING, DELETING, UPDATING

if TYPE_CHECKING:
    from kinesis_fake.domain.policy import Policy
    from kinesis_fake.domain.region import Region
    from kinesis_fake.domain.stream import Stream

FAILED: Final = "FAILED"

S3: Final = "S3"
S3_TABLES: Final = "S3_TABLES"


@dataclass(frozen=True)
class ChannelConfiguration:
    """What a channel keeps as long as it lives; structures are those that DescribeChannel shows, defaults filled in."""

    service_execution_role_arn: str
    record_configuration: Mapping[str, str]
    #: S3 or S3_TABLES.
    destination_type: str
    #: Without DataFreshnessInSeconds, which can change.
    destination: Mapping[str, Any]
    encryption_configuration: Mapping[str, str] | None


@dataclass(frozen=True)
class ChannelSettings:
    """What UpdateChannel can change. A name is None if it has not been given and the default holds."""

    data_freshness_in_seconds: int
    is_logging: bool = False
    log_group_name: str | None = None
    log_stream_name: str | None = None


class ChannelBatch(NamedTuple):
    """Data that was delivered at one instant, in the order of its arrival."""

    delivered_at: int
    data: list[bytes]


class Outbox:
    """What a channel has delivered and has yet to deliver, from the instant at which it became ACTIVE.

    Nothing of it is on the agenda, and writing a record does nothing here: whoever wants to know lets the outbox
    catch up first, and so does what would change the outcome (other settings, the end of delivery, the trimming of
    the stream). It makes no difference how often it catches up.
    """

    def __init__(self, stream: Stream, data_freshness_in_seconds: int, now: int) -> None:
        self._stream = stream
        self._freshness_ms = data_freshness_in_seconds * 1000
        self._freshness_since = now
        self._positions = {shard.index: shard.end_position for shard in stream.kept_shards}
        #: When it arrived, the index of its shard, its position there, and the data.
        self._undelivered: list[tuple[int, int, int, bytes]] = []
        self.batches: list[ChannelBatch] = []

    def catch_up(self, now: int) -> None:
        """Deliver what is due: a batch when its oldest record is as old as the freshness allows.

        A record that arrives in the very millisecond of a delivery belongs to the next batch, so that what was put
        before somebody looked does not differ from what was put after.
        """
        for shard in self._stream.kept_shards:
            position = self._positions.get(shard.index, 0)
            for record in shard.records_from(position):
                self._undelivered.append((record[1], shard.index, position, record[2]))
                position += 1
            self._positions[shard.index] = position
        waiting = self._undelivered
        waiting.sort()
        start = 0
        while start < len(waiting):
            # A shorter freshness can make a record overdue, but nothing is delivered in the past.
            due_at = max(waiting[start][0] + self._freshness_ms, self._freshness_since)
            if due_at > now:
                break
            end = bisect_left(waiting, (due_at,), start)
            self.batches.append(ChannelBatch(due_at, [data for _, _, _, data in waiting[start:end]]))
            start = end
        del waiting[:start]

    def change_freshness(self, data_freshness_in_seconds: int, now: int) -> None:
        """Use another freshness from now on, also for what waits."""
        self.catch_up(now)
        self._freshness_ms = data_freshness_in_seconds * 1000
        self._freshness_since = now


class Channel:
    """One channel of a region. ``settings`` are in force, ``requested_settings`` will be when UPDATING is over.

    ``transition`` is the agenda entry that the channel waits for, if any, and ``transition_ends_at`` the instant at
    which it is due.
    """

    def __init__(
        self,
        region: Region,
        stream: Stream,
        channel_name: str,
        configuration: ChannelConfiguration,
        settings: ChannelSettings,
        tags: dict[str, str],
        now: int,
    ) -> None:
        self.region = region
        self.stream = stream
        self.channel_name = channel_name
        self.channel_id = region.world.mint.identifier("channel", region.world.next_uid())
        self.channel_arn = f"{region.arn_prefix}channel/{self.channel_id}"
        self.status = CREATING
        #: Why it is FAILED, and None otherwise.
        self.status_reason: str | None = None
        self.created_at = now
        self.configuration = configuration
        self.settings = self.requested_settings = settings
        self.tags = tags
        #: None for ever: PutResourcePolicy does not take channels (API reference).
        self.policy: Policy | None = None
        #: There is none before the channel is ACTIVE.
        self.outbox: Outbox | None = None
        self.transition: object | None = None
        self.transition_ends_at: int | None = None

    # --- facts ------------------------------------------------------------------------------------------------

    @property
    def resource_arn(self) -> str:
        return self.channel_arn

    @property
    def creation_timestamp(self) -> int:
        """When the channel was made, in whole seconds, as streams show it."""
        return self.created_at // 1000 * 1000

    def require_changeable(self) -> None:
        """Refuse other settings and other tags unless the channel is ACTIVE."""
        if self.status != ACTIVE:
            raise errors.channel_not_active(self.channel_name, self.region.account_id, self.status)

    def batches(self, now: int) -> list[ChannelBatch]:
        """Everything that has been delivered, the oldest first."""
        self.catch_up(now)
        return self.outbox.batches if self.outbox is not None else []

    # --- status -----------------------------------------------------------------------------------------------

    def become_active(self, now: int) -> None:
        """The channel is made, or its update is done."""
        self.settings = self.requested_settings
        if self.outbox is None:
            self.outbox = Outbox(self.stream, self.settings.data_freshness_in_seconds, now)
        else:
            self.outbox.change_freshness(self.settings.data_freshness_in_seconds, now)
        self.status = ACTIVE
        self.transition = self.transition_ends_at = None

    def fail(self, reason: str, now: int) -> None:
        """Be FAILED for good; only DeleteChannel helps. What has not been delivered never will be."""
        self.catch_up(now)
        self.status = FAILED
        self.status_reason = reason
        self.requested_settings = self.settings
        self.transition = self.transition_ends_at = None

    def catch_up(self, now: int) -> None:
        """Deliver what is due, as long as the channel delivers at all."""
        if self.outbox is not None and self.status in (ACTIVE, UPDATING):
            self.outbox.catch_up(now)


# --- what becomes of a channel later ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ChannelBecomesActive:
    """The end of CREATING or of UPDATING."""

    channel: Channel

    def is_pending(self) -> bool:
        return self.channel.transition is self

    def apply(self, now: int) -> None:
        self.channel.become_active(now)

    def describe(self) -> str:
        return f"{_called(self.channel)} becomes ACTIVE"


@dataclass(frozen=True, eq=False)
class ChannelVanishes:
    """The end of DELETING: the name is free again, and the stream can be deleted."""

    channel: Channel

    def is_pending(self) -> bool:
        return self.channel.transition is self

    def apply(self, now: int) -> None:
        self.channel.region.forget_channel(self.channel)

    def describe(self) -> str:
        return f"{_called(self.channel)} is gone"


def begin_creating_channel(channel: Channel, now: int) -> None:
    """CREATING for as long as that takes; from now on the stream has the channel."""
    channel.region.channels[channel.channel_id] = channel
    channel.stream.add_channel(channel)
    _schedule(channel, ChannelBecomesActive(channel), now, channel.region.world.durations.creating_channel_ms)


def begin_updating_channel(channel: Channel, settings: ChannelSettings, now: int) -> None:
    """UPDATING, at the end of which other settings are in force; delivery goes on."""
    channel.status = UPDATING
    channel.requested_settings = settings
    _schedule(channel, ChannelBecomesActive(channel), now, channel.region.world.durations.updating_channel_ms)


def begin_deleting_channel(channel: Channel, now: int) -> None:
    """DELETING, whatever else was going on, and the end of delivery; one that is being deleted goes on as it was."""
    if channel.status == DELETING:
        return
    channel.catch_up(now)
    channel.status = DELETING
    channel.status_reason = None
    _schedule(channel, ChannelVanishes(channel), now, channel.region.world.durations.deleting_channel_ms)


def _schedule(channel: Channel, entry: ChannelBecomesActive | ChannelVanishes, now: int, duration_ms: int) -> None:
    channel.transition = entry
    channel.transition_ends_at = now + duration_ms
    world = channel.region.world
    world.agenda.schedule(now + duration_ms, entry)
    if duration_ms == 0:
        world.run_due(now)


def _called(channel: Channel) -> str:
    return f"channel {channel.channel_name} of stream {channel.stream.stream_name}"
