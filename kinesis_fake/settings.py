"""The numbers of Kinesis: how long its transitions take, and how much it allows.

Both classes are frozen; a test passes objects of its own to :func:`kinesis_fake.fake_kinesis`. Every default is AWS's
number if AWS publishes one, and the comment names the source.
"""

# Without `from __future__ import annotations`: that makes annotations texts, and the module dataclasses searches such
# texts with regular expressions, which takes a third of the time that this module takes to load.

from dataclasses import FrozenInstanceError, dataclass, fields, replace
from functools import lru_cache
from inspect import Parameter, Signature
from typing import TYPE_CHECKING

from kinesis_fake.misuse import KinesisFakeError, whole_number, wrong_arguments, yes_or_no

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

#: How long a shard iterator lives after it was issued (API reference, GetShardIterator).
ITERATOR_LIFETIME_MS = 300_000
#: How long a pagination token lives (API reference, ListShards).
NEXT_TOKEN_LIFETIME_MS = 300_000
#: The shortest minimum throughput billing commitment (API reference, UpdateAccountSettings).
MINIMUM_COMMITMENT_MS = DAY_MS
#: How long a subscription lasts (API reference, SubscribeToShard).
SUBSCRIPTION_LIFETIME_MS = 300_000
#: How long after a successful SubscribeToShard AWS refuses another one; later ones take over (API reference).
TAKE_OVER_MS = 5_000
#: The most bytes of data that one GetRecords returns (API reference, GetRecords).
GET_RECORDS_MAX_BYTES = 10 * 1024 * 1024
GET_RECORDS_MAX_RECORDS = 10_000
#: The most bytes that one PutRecords accepts, partition keys included (API reference, PutRecords).
PUT_RECORDS_MAX_BYTES = 10 * 1024 * 1024
#: The most records of one PutRecords (API reference, PutRecords).
PUT_RECORDS_MAX_RECORDS = 500


#: The quota of shards in regions where it is not 1,000 (service quotas page; us-east-2 recorded in 2026).
_SHARDS_BY_REGION: dict[str, int] = {
    "eu-west-1": 20_000,
    "us-east-1": 20_000,
    "us-east-2": 6_000,
    "us-west-2": 20_000,
}


class _Settings:
    """What both classes do, as ``dataclass(frozen=True)`` would write it.

    That writes and compiles each method anew for each class, which would take 2 of the first fake's 25 ms.
    """

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


if TYPE_CHECKING:
    from dataclasses import dataclass as _settings
else:

    def _settings(**_):
        """Make a class a dataclass whose methods are those of :class:`_Settings`, and whose constructor checks."""

        def decorate(kind):
            kind = dataclass(init=False, repr=False, eq=False)(kind)
            defaults = {field.name: field.default for field in fields(kind)}

            def init(self, *args, **given):
                placed = dict(zip(defaults, args, strict=False))
                if len(args) > len(placed) or given.keys() - defaults.keys() or given.keys() & placed.keys():
                    raise KinesisFakeError(wrong_arguments(init, kind.__name__, (), (self, *args), given))
                vars(self).update({**defaults, **placed, **given})
                _check(self)

            place_or_name = Parameter.POSITIONAL_OR_KEYWORD
            arguments = [Parameter(name, place_or_name, default=default) for name, default in defaults.items()]
            init.__signature__ = Signature([Parameter("self", place_or_name), *arguments])
            kind.__init__ = init
            return kind

        return decorate


def _check(settings: object) -> None:
    for field in fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, field.name)
        if field.name == "api_calls":
            yes_or_no("Limits.api_calls", value)
            continue
        if field.name.endswith("_per_second") and value == 0:
            raise KinesisFakeError(f"Limits.{field.name} must be above zero, or nothing would ever get through.")
        if value is not None or field.default is not None:
            whole_number(f"{type(settings).__name__}.{field.name}", value, 0)


@_settings(frozen=True)
class Durations(_Settings):
    """How long a transition takes, in milliseconds of virtual time.

    AWS publishes none of these. The defaults are realistic: seconds for most changes, half a minute for a reshard. A
    reshard ends on a whole second of virtual time, because sequence numbers carry whole seconds.
    """

    #: CREATING of a stream.
    creating_ms: int = 20_000
    #: DELETING of a stream.
    deleting_ms: int = 20_000
    #: UPDATING after SplitShard.
    splitting_ms: int = 30_000
    #: UPDATING after MergeShards.
    merging_ms: int = 30_000
    #: A whole UpdateShardCount, over which its splits and merges are spread evenly.
    updating_shard_count_ms: int = 60_000
    #: UPDATING after a change of the retention period.
    updating_retention_ms: int = 5_000
    #: UPDATING after StartStreamEncryption and StopStreamEncryption.
    updating_encryption_ms: int = 10_000
    #: UPDATING after EnableEnhancedMonitoring and DisableEnhancedMonitoring.
    updating_monitoring_ms: int = 5_000
    #: UPDATING after UpdateStreamMode.
    updating_stream_mode_ms: int = 30_000
    #: UPDATING after UpdateMaxRecordSize.
    updating_max_record_size_ms: int = 5_000
    #: UPDATING after UpdateStreamWarmThroughput.
    updating_warm_throughput_ms: int = 60_000
    #: CREATING of a queue.
    creating_queue_ms: int = 20_000
    #: UPDATING of a queue.
    updating_queue_ms: int = 5_000
    #: DELETING of a queue.
    deleting_queue_ms: int = 20_000
    #: CREATING of a channel.
    creating_channel_ms: int = 20_000
    #: UPDATING of a channel.
    updating_channel_ms: int = 5_000
    #: DELETING of a channel.
    deleting_channel_ms: int = 20_000
    #: CREATING of a registered consumer.
    registering_consumer_ms: int = 10_000
    #: DELETING of a registered consumer.
    deregistering_consumer_ms: int = 10_000

    @classmethod
    def instant(cls) -> "Durations":
        """Durations of zero: every transition is over as soon as it has begun."""
        return cls(**{field.name: 0 for field in fields(cls)})


@_settings(frozen=True)
class Limits(_Settings):
    """How much AWS allows: quotas, which are always enforced, and rates, which are enforced if they are given."""

    #: Open shards per account and region; None is AWS's default for the region (service quotas page).
    shards: int | None = None
    #: Streams in CREATING or DELETING at once, per account and region (the message of CreateStream's error).
    streams_creating_or_deleting: int = 5
    #: On-demand streams per account and region (service quotas page).
    on_demand_streams: int = 50
    #: UpdateShardCount calls per stream and rolling 24 hours (API reference, UpdateShardCount).
    update_shard_count_per_day: int = 10
    #: StartStreamEncryption calls per stream and rolling 24 hours (API reference, StartStreamEncryption).
    start_stream_encryption_per_day: int = 25
    #: StopStreamEncryption calls per stream and rolling 24 hours (API reference, StopStreamEncryption).
    stop_stream_encryption_per_day: int = 25
    #: Switches of the capacity mode per stream and rolling 24 hours (developer guide, quotas and limits).
    update_stream_mode_per_day: int = 2
    #: Warm throughput of one stream, in MiB per second: 10 GiBps (API reference, UpdateStreamWarmThroughput).
    warm_throughput_mibps: int = 10_240
    #: Open shards of one stream that UpdateShardCount can reach (API reference, UpdateShardCount).
    shards_per_stream: int = 10_000
    #: Registered consumers per stream, queues included (API reference, RegisterStreamConsumer).
    consumers_per_stream: int = 20
    #: The same for an on-demand stream of an account with a minimum throughput billing commitment.
    consumers_per_advantage_stream: int = 50
    #: Consumers in CREATING at once (API reference, RegisterStreamConsumer); per account and region.
    consumers_creating: int = 5
    #: Channels per account and region (recorded in us-east-1).
    channels: int = 100
    #: Channels of one stream to buckets, and as many to streaming tables (quotas of channels).
    channels_per_destination: int = 1
    #: Tags per resource (API reference, AddTagsToStream).
    tags: int = 50
    #: The longest retention, in hours (API reference, IncreaseStreamRetentionPeriod).
    retention_period_hours: int = 8760
    #: Queues of an account and region in CREATING or DELETING at once (developer guide, quotas of queues).
    queues_creating_or_deleting: int = 5
    #: Records of one queue in flight at once, dead letters included (developer guide, quotas of queues). A receive
    #: gives no more until one of them has been acknowledged or is visible again.
    queue_records_in_flight: int = 120_000

    # A rate that is None is not enforced. fake_kinesis(rate_limits=True) fills in AWS's numbers.

    #: Bytes of data and partition keys that a shard takes per second: 1 MiB (API reference, PutRecords).
    shard_write_bytes_per_second: int | None = None
    #: Records that a shard takes per second: 1000 (API reference, PutRecords).
    shard_write_records_per_second: int | None = None
    #: The burst allowance for records larger than the shard's bytes per second; None is ten times those, so 10 MiB with
    #: AWS's rate (developer guide, large records).
    shard_write_burst_bytes: int | None = None
    #: Bytes of data that a shard gives to GetRecords per second: 2 MiB (API reference, GetRecords).
    shard_read_bytes_per_second: int | None = None
    #: GetRecords calls per shard and second: 5 (API reference, GetRecords).
    shard_read_calls_per_second: int | None = None
    #: GetShardIterator calls per account, open shard and second: 5 (API reference, GetShardIterator).
    shard_iterators_per_second: int | None = None
    #: Bytes of data per second that SubscribeToShard gives to one consumer of one shard: 2 MiB.
    consumer_read_bytes_per_second: int | None = None
    #: Whether the control operations are limited to AWS's calls per second.
    api_calls: bool = False


#: The defaults. All fakes share these objects, because making and checking new ones takes a tenth of entering a fake.
AWS_DURATIONS = Durations()
AWS_LIMITS = Limits()


@lru_cache
def has_rates(limits: Limits) -> bool:
    """Whether these limits enforce any rate."""
    rates = [getattr(limits, field.name) for field in fields(limits) if field.name.endswith("_per_second")]
    return limits.api_calls or any(rate is not None for rate in rates)


def with_aws_rates(limits: Limits) -> Limits:
    """These limits with AWS's rate for every rate that is None."""
    aws: dict[str, int] = {
        "shard_write_bytes_per_second": 1024 * 1024,
        "shard_write_records_per_second": 1000,
        "shard_read_bytes_per_second": 2 * 1024 * 1024,
        "shard_read_calls_per_second": 5,
        "shard_iterators_per_second": 5,
        "consumer_read_bytes_per_second": 2 * 1024 * 1024,
    }
    missing = {name: rate for name, rate in aws.items() if getattr(limits, name) is None}
    return replace(limits, api_calls=True, **missing)


def write_burst_bytes(limits: Limits) -> int:
    """The burst allowance of a shard for large records."""
    if limits.shard_write_burst_bytes is not None:
        return limits.shard_write_burst_bytes
    return 10 * (limits.shard_write_bytes_per_second or 0)


def shards_in(limits: Limits, region_name: str) -> int:
    """The shard quota of a region."""
    if limits.shards is not None:
        return limits.shards
    return _SHARDS_BY_REGION.get(region_name, 1_000)
