"""The numbers of Kinesis: how long its transitions take and how much it allows.

Both classes are frozen; a test passes its own to :func:`kinesis_fake.fake_kinesis`. Every default is AWS's number
where one is published, and the comment names the source.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from kinesis_fake.errors import KinesisFakeError

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

#: How long a shard iterator lives after it was issued (API reference, GetShardIterator).
ITERATOR_LIFETIME_MS = 300_000
#: How long a pagination token lives (API reference, ListShards).
NEXT_TOKEN_LIFETIME_MS = 300_000
#: The most bytes of data one GetRecords returns (API reference, GetRecords).
GET_RECORDS_MAX_BYTES = 10 * 1024 * 1024
GET_RECORDS_MAX_RECORDS = 10_000
#: The most bytes one PutRecords accepts, partition keys included (API reference, PutRecords).
PUT_RECORDS_MAX_BYTES = 10 * 1024 * 1024


def _refuse_negative(settings: object) -> None:
    for field in fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, field.name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            name = f"{type(settings).__name__}.{field.name}"
            raise KinesisFakeError(f"{name} must be a whole number of zero or more, not {value!r}.")


@dataclass(frozen=True)
class Durations:
    """How long a transition takes, in milliseconds of virtual time.

    AWS publishes none of these. The defaults are what people see: seconds for most changes, half a minute for a
    reshard. A reshard ends on a whole second of virtual time, because sequence numbers carry whole seconds.
    """

    creating_ms: int = 20_000
    deleting_ms: int = 20_000
    splitting_ms: int = 30_000
    merging_ms: int = 30_000
    #: The whole of an UpdateShardCount; its splits and merges are spread evenly over it.
    updating_shard_count_ms: int = 60_000
    updating_retention_ms: int = 5_000

    def __post_init__(self) -> None:
        _refuse_negative(self)

    @classmethod
    def instant(cls) -> Durations:
        """Every transition is over as soon as it has begun."""
        return cls(**{field.name: 0 for field in fields(cls)})


@dataclass(frozen=True)
class Limits:
    """How much AWS allows; these are always enforced."""

    #: Open shards per account and region; None is AWS's default for the region (service quotas page).
    shards: int | None = None
    #: Streams in CREATING at once (API reference, CreateStream).
    streams_creating: int = 5
    #: On-demand streams per account and region (service quotas page).
    on_demand_streams: int = 50
    #: UpdateShardCount calls per stream and rolling 24 hours (API reference, UpdateShardCount).
    update_shard_count_per_day: int = 10
    #: Open shards of one stream that UpdateShardCount can reach (API reference, UpdateShardCount).
    shards_per_stream: int = 10_000
    #: Tags per resource (API reference, AddTagsToStream).
    tags: int = 50
    #: The longest retention, in hours (API reference, IncreaseStreamRetentionPeriod).
    retention_period_hours: int = 8760

    def __post_init__(self) -> None:
        _refuse_negative(self)

    def shards_in(self, region_name: str) -> int:
        """The shard quota of a region (service quotas page: 20,000 in three regions, 1,000 elsewhere)."""
        if self.shards is not None:
            return self.shards
        return 20_000 if region_name in ("us-east-1", "us-west-2", "eu-west-1") else 1_000
