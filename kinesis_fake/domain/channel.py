"""A channel, which delivers the records of a stream to a bucket or a table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kinesis_fake import errors
from kinesis_fake.domain.channel_deliveries import ChannelBatch, ChannelDeliveries
from kinesis_fake.domain.life_cycle import ACTIVE, UPDATING, Resource
from kinesis_fake.domain.tags import check_resource_tags
from kinesis_fake.named_tuples import NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.domain.region import Region
    from kinesis_fake.domain.stream import Stream

FAILED: Final = "FAILED"

S3: Final = "S3"
S3_TABLES: Final = "S3_TABLES"
#: AWS's words for each type of destination (API reference, RecordConfiguration).
DESTINATIONS: Final = {S3: "general purpose Amazon S3 destinations", S3_TABLES: "streaming table destinations"}


class ChannelConfiguration(NamedTuple):
    """What never changes about a channel. Structures are as DescribeChannel shows them, with defaults."""

    service_execution_role_arn: str
    record_configuration: Mapping[str, str]
    #: S3 or S3_TABLES.
    destination_type: str
    #: Without DataFreshnessInSeconds, which can change.
    destination: Mapping[str, Any]
    encryption_configuration: Mapping[str, str] | None


class ChannelSettings(NamedTuple):
    """What UpdateChannel can change. A name is None if the caller has not given it, so that the default holds."""

    data_freshness_in_seconds: int
    is_logging: bool = False
    log_group_name: str | None = None
    log_stream_name: str | None = None


def _with_dashes(digits: str) -> str:
    """32 hexadecimal digits in the form of a UUID, as a channel's id has it."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Channel(Resource):
    """One channel of a region. ``settings`` are in force; ``requested_settings`` will be once UPDATING is over.

    Its ``policy`` is always None: PutResourcePolicy does not take channels (API reference).
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
        self.channel_id: str = _with_dashes(region.world.mint.identifier("channel", region.world.next_uid()))
        super().__init__(region, f"{region.arn_prefix}channel/{self.channel_id}", tags, now)
        self.stream = stream
        self.channel_name = channel_name
        #: Why it is FAILED; None in every other status.
        self.status_reason: str | None = None
        self.configuration = configuration
        self.settings: ChannelSettings = settings
        self.requested_settings: ChannelSettings = settings
        #: None before the channel is ACTIVE.
        self.deliveries: ChannelDeliveries | None = None

    def __str__(self) -> str:
        return f"channel {self.channel_name} of stream {self.stream.stream_name}"

    # --- questions --------------------------------------------------------------------------------------------

    @property
    def channel_arn(self) -> str:
        return self.resource_arn

    def require_changeable(self) -> None:
        """Refuse a change of settings or tags unless the channel is ACTIVE."""
        if self.status != ACTIVE:
            raise errors.channel_not_active(self.channel_name, self.region.account_id, self.status)

    def batches(self, now: int) -> list[ChannelBatch]:
        """All batches that have been delivered, the oldest first."""
        self.catch_up(now)
        return self.deliveries.batches if self.deliveries is not None else []

    def catch_up(self, now: int) -> None:
        """Deliver the records that are due, if the channel delivers at all."""
        if self.deliveries is not None and self.status in (ACTIVE, UPDATING):
            self.deliveries.catch_up(now)

    # --- life cycle -------------------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        region: Region,
        stream: Stream,
        channel_name: str,
        configuration: ChannelConfiguration,
        settings: ChannelSettings,
        tags: dict[str, str],
        now: int,
    ) -> Channel:
        """A new channel, which is CREATING at first."""
        channel = cls(region, stream, channel_name, configuration, settings, tags, now)
        channel.begin_creating(now, region.world.durations.creating_channel_ms)
        return channel

    @staticmethod
    def require_room(stream: Stream, channel_name: str, destination_type: str, tags: dict[str, str]) -> None:
        """Refuse a channel whose tags AWS does not accept, whose name is taken, or that is one too many."""
        region = stream.region
        limits = region.world.limits
        check_resource_tags(tags, {}, f"channel {channel_name}", limits.tags)
        if any(channel.channel_name == channel_name for channel in region.channels.values()):
            raise errors.channel_already_exists(channel_name, region.account_id)
        if len(region.channels) >= limits.channels:
            raise errors.too_many_channels(region.account_id, limits.channels)
        to_such = [each.configuration.destination_type for each in stream.channels.values()].count(destination_type)
        if to_such >= limits.channels_per_destination:
            raise errors.too_many_channels_of_stream(
                stream.stream_name, region.account_id, DESTINATIONS[destination_type], limits.channels_per_destination
            )

    def join_region(self) -> None:
        self.region.channels[self.channel_id] = self.stream.channels[self.channel_id] = self
        self.stream.keep_expired_records()

    def leave_region(self, now: int) -> None:
        self.region.channels.pop(self.channel_id, None)
        self.stream.channels.pop(self.channel_id, None)
        self.stream.keep_expired_records()

    def start(self, now: int) -> None:
        self.deliveries = ChannelDeliveries(self.stream, self.settings.data_freshness_in_seconds, now)

    def update(self, settings: ChannelSettings, now: int) -> None:
        """Begin UPDATING, at the end of which the new settings are in force. Delivery goes on meanwhile."""
        self.requested_settings = settings
        duration_ms = self.region.world.durations.updating_channel_ms
        self.begin_updating(partial(self._change_settings, settings), "becomes ACTIVE", now, duration_ms)

    def _change_settings(self, settings: ChannelSettings, now: int) -> None:
        assert self.deliveries is not None
        self.deliveries.change_freshness(settings.data_freshness_in_seconds, now)
        self.settings = settings

    def delete(self, now: int) -> None:
        """Begin DELETING, in any status; the channel delivers nothing from now on."""
        self.catch_up(now)
        self.status_reason = None
        self.begin_deleting(now, self.region.world.durations.deleting_channel_ms)

    def fail(self, reason: str, now: int) -> None:
        """Become FAILED, until DeleteChannel. The channel delivers nothing from now on."""
        self.catch_up(now)
        self.requested_settings = self.settings
        self.status_reason = reason
        self.leave_transition(FAILED)
