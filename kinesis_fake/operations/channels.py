"""Channels, which deliver a stream's records to buckets and tables: making, changing, showing and deleting them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.channel import (
    DESTINATIONS,
    S3,
    S3_TABLES,
    Channel,
    ChannelConfiguration,
    ChannelSettings,
)
from kinesis_fake.domain.encryption import key_name_of, require_key_to_write
from kinesis_fake.domain.life_cycle import first_end_of
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import ON_DEMAND, Stream
from kinesis_fake.operations.addressing import CHANNEL, address_of
from kinesis_fake.operations.paging import page_by_stream
from kinesis_fake.operations.rate import per_account
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS

#: A page holds at most so many channels, even if the caller asks for more (API reference, ListChannels).
LIST_CHANNELS_PAGE = 100
#: API reference, S3DestinationConfiguration; quotas of channels.
DEFAULT_DATA_FRESHNESS_SECONDS = 300
DATA_FRESHNESS_SECONDS = (300, 900)
#: API reference, CloudWatchLogs.
DEFAULT_LOG_STREAM_NAME = "DestinationDelivery"
#: AWS's defaults (schema of CloudFormation, AWS's examples).
DEFAULT_OUTPUT_KEY_TEMPLATE = (
    "kinesis-channel/!{channel-name}/!{channel-id}/!{yyyy}/!{MM}/!{dd}/!{HH}/"
    "!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}!{extension}"
)
DEFAULT_ERROR_OUTPUT_PREFIX = "kinesis-channel/errors/{channel_name}/{channel_id}/"

_KEY_OF_KINESIS = "alias/aws/kinesis"
#: The member of a request that configures each type of destination.
_DESTINATION_MEMBERS = {S3: "S3DestinationConfiguration", S3_TABLES: "S3TablesDestinationConfiguration"}
#: The formats that each type of destination takes (API reference, RecordConfiguration).
_RECORD_FORMATS = {S3: {"JSON", "STRING", "BYTE_ARRAY"}, S3_TABLES: {"GSR_JSON", "JSON"}}


def end_of_transition(region: Region, *, channel_arn: str, **_: object) -> int | None:
    """When the described channel's transition ends."""
    return CHANNEL.of(region, channel_arn).transition_ends_at


def first_end_of_transition(region: Region, **_: object) -> int | None:
    """When the first transition of the listed channels ends."""
    return first_end_of(region.channels.values())


@operation(
    rate=per_account(5),
    across_accounts=None,
    kms="encrypt",
    member_order=(),
    begins=("CREATING", "creating_channel_ms"),
    needs_stream="ACTIVE",
)
def create_channel(
    region: Region,
    now: int,
    *,
    channel_name: str,
    service_execution_role_arn: str,
    stream_configuration_list: Sequence[Mapping[str, Any]],
    s3_destination_configuration: Mapping[str, Any] | None = None,
    s3_tables_destination_configuration: Mapping[str, Any] | None = None,
    encryption_configuration: Mapping[str, str] | None = None,
    tags: dict[str, str] | None = None,
    logging_configuration: Mapping[str, Any] | None = None,
    caller_arn: str,
) -> Result:
    """Make a channel on an on-demand stream; it is CREATING at first and has its tags from the beginning.

    *Not modelled:* Buckets, tables, Glue schemas and roles: the fake does not check that they exist and may be used.
    """
    _require_one("StreamConfigurationList", stream_configuration_list)
    (stream_configuration,) = stream_configuration_list
    if (s3_destination_configuration is None) == (s3_tables_destination_configuration is None):
        raise errors.channel_needs_one_destination()
    if s3_destination_configuration is not None:
        destination_type, given = S3, s3_destination_configuration
    else:
        assert s3_tables_destination_configuration is not None
        destination_type, given = S3_TABLES, s3_tables_destination_configuration
        _require_one("S3TablesConfigurationList", given["S3TablesConfigurationList"])
    _check_record_configuration(stream_configuration["RecordConfiguration"], destination_type)
    data_freshness_in_seconds = given.get("DataFreshnessInSeconds", DEFAULT_DATA_FRESHNESS_SECONDS)
    _check_data_freshness(data_freshness_in_seconds)
    _check_output_key(given, destination_type)
    _check_key(encryption_configuration)
    stream = _stream_of(region, stream_configuration["StreamARN"], caller_arn)
    Channel.require_room(stream, channel_name, destination_type, tags or {})
    if encryption_configuration is not None:
        require_key_to_write(caller_arn, region, encryption_configuration["KeyId"])
    configuration = ChannelConfiguration(
        service_execution_role_arn,
        dict(stream_configuration["RecordConfiguration"]),
        destination_type,
        _with_defaults(given, destination_type),
        dict(encryption_configuration) if encryption_configuration is not None else None,
    )
    settings = _logging_to(ChannelSettings(data_freshness_in_seconds), logging_configuration)
    channel = Channel.create(region, stream, channel_name, configuration, settings, dict(tags or {}), now)
    return {"ChannelDescription": _description(channel)}


@operation(
    rate=per_account(5), across_accounts=None, kms=None, member_order=(), begins=("UPDATING", "updating_channel_ms")
)
def update_channel(
    region: Region,
    now: int,
    *,
    channel_arn: str,
    s3_destination_configuration: Mapping[str, int] | None = None,
    s3_tables_destination_configuration: Mapping[str, int] | None = None,
    logging_configuration: Mapping[str, Any] | None = None,
) -> Result:
    """Change the given settings. The channel is UPDATING at first, and uses the old settings until that ends."""
    channel = CHANNEL.of(region, channel_arn)
    given = {S3: s3_destination_configuration, S3_TABLES: s3_tables_destination_configuration}
    settings = channel.settings
    if logging_configuration is None and all(configuration is None for configuration in given.values()):
        raise errors.nothing_to_update()
    for destination_type, configuration in given.items():
        if configuration is not None:
            if destination_type != channel.configuration.destination_type:
                raise errors.channel_has_another_destination(_DESTINATION_MEMBERS[destination_type])
            _check_data_freshness(configuration["DataFreshnessInSeconds"])
            settings = settings._replace(data_freshness_in_seconds=configuration["DataFreshnessInSeconds"])
    channel.require_changeable()
    channel.update(_logging_to(settings, logging_configuration), now)
    return {"ChannelDescription": _description(channel)}


@operation(
    rate=per_account(5), across_accounts=None, kms=None, member_order=(), begins=("DELETING", "deleting_channel_ms")
)
def delete_channel(region: Region, now: int, *, channel_arn: str) -> None:
    """Delete a channel in any state; it is DELETING at first, and delivers nothing from now on."""
    CHANNEL.of(region, channel_arn).delete(now)


@operation(rate=per_account(5), across_accounts=None, kms=None, member_order=(), poll=end_of_transition)
def describe_channel(region: Region, now: int, *, channel_arn: str) -> Result:
    """Describe a channel; while it is UPDATING, with the settings that it will have."""
    return {"ChannelDescription": _description(CHANNEL.of(region, channel_arn))}


@operation(rate=per_account(5), across_accounts=None, kms=None, member_order=(), poll=first_end_of_transition)
def list_channels(
    region: Region,
    now: int,
    *,
    stream_filter: Sequence[Mapping[str, Any]] | None = None,
    max_results: int = LIST_CHANNELS_PAGE,
    next_token: str | None = None,
) -> Result:
    """List the channels of the region."""
    limit = min(max_results, LIST_CHANNELS_PAGE)
    channels, token = page_by_stream(
        region, "ListChannels", region.channels.values(), _name_of, stream_filter, limit, next_token, now
    )
    answer: dict[str, Any] = {"ChannelSummaries": [_summary(channel) for channel in channels]}
    if token is not None:
        answer["NextToken"] = token
    return answer


# --- checks -------------------------------------------------------------------------------------------------------


def _require_one(member: str, entries: Sequence[object]) -> None:
    if len(entries) != 1:
        raise errors.channel_needs_one_entry(member, len(entries))


def _check_record_configuration(record_configuration: Mapping[str, str], destination_type: str) -> None:
    if record_configuration["RecordFormatType"] not in _RECORD_FORMATS[destination_type]:
        raise errors.record_format_unsupported(record_configuration["RecordFormatType"], DESTINATIONS[destination_type])
    if destination_type == S3_TABLES and "GSRSchemaARN" not in record_configuration:
        raise errors.schema_missing()


def _check_data_freshness(data_freshness_in_seconds: int) -> None:
    lowest, highest = DATA_FRESHNESS_SECONDS
    if not lowest <= data_freshness_in_seconds <= highest:
        raise errors.data_freshness_invalid(data_freshness_in_seconds, lowest, highest)


def _check_output_key(given: Mapping[str, Any], destination_type: str) -> None:
    if destination_type == S3:
        storage = given["StorageConfiguration"]
        template = storage.get("OutputKeyTemplate", DEFAULT_OUTPUT_KEY_TEMPLATE)
        if storage["CompressionType"] != "NONE" and "!{extension}" not in template:
            raise errors.extension_missing(template)


def _check_key(encryption_configuration: Mapping[str, str] | None) -> None:
    if encryption_configuration is None:
        return
    key_name = key_name_of(encryption_configuration["KeyId"])
    if key_name is None:
        raise errors.key_id_invalid(encryption_configuration["KeyId"])
    if key_name == _KEY_OF_KINESIS:
        raise errors.key_of_kinesis_unsupported(encryption_configuration["KeyId"])


def _stream_of(region: Region, stream_arn: str, caller_arn: str) -> Stream:
    """The stream that a new channel is to read; it must belong to the caller's account."""
    address = address_of(region, None, stream_arn)
    if address.account_id != region.account_id:
        raise errors.access_across_accounts_impossible(caller_arn, "kinesis:CreateChannel", stream_arn)
    stream = address.stream()
    if stream.stream_mode != ON_DEMAND:
        raise errors.channel_needs_on_demand(stream.stream_name, region.account_id)
    stream.require_active()
    return stream


def _name_of(channel: Channel) -> str:
    return channel.channel_name


# --- settings as given, and descriptions --------------------------------------------------------------------------


def _with_defaults(given: Mapping[str, Any], destination_type: str) -> dict[str, Any]:
    """A destination as given, with AWS's defaults, but without the freshness, which UpdateChannel can change."""
    destination = deepcopy(dict(given))
    destination.pop("DataFreshnessInSeconds", None)
    if destination_type == S3:
        storage = destination["StorageConfiguration"]
        storage.setdefault("OutputKeyTemplate", DEFAULT_OUTPUT_KEY_TEMPLATE)
        storage.setdefault("StorageClass", "STANDARD")
        dead_letters = {
            "BucketARN": storage["BucketARN"],
            "ExpectedBucketOwner": storage["ExpectedBucketOwner"],
        }
        destination.setdefault("DeadLetterQueueS3Configuration", dead_letters)
    return destination


def _logging_to(settings: ChannelSettings, logging_configuration: Mapping[str, Any] | None) -> ChannelSettings:
    """Settings with the given configuration of logging. Names that the caller does not give remain as they are."""
    if logging_configuration is None:
        return settings
    logs = logging_configuration["CloudWatchLogs"]
    return settings._replace(
        is_logging=logs["Enabled"],
        log_group_name=logs.get("LogGroupName", settings.log_group_name),
        log_stream_name=logs.get("LogStreamName", settings.log_stream_name),
    )


def _description(channel: Channel) -> dict[str, Any]:
    configuration, settings = channel.configuration, channel.requested_settings
    description = _identity(channel)
    description["ServiceExecutionRoleARN"] = configuration.service_execution_role_arn
    description["StreamConfigurationList"] = [
        {**_stream_identifier(channel.stream), "RecordConfiguration": dict(configuration.record_configuration)}
    ]
    destination = deepcopy(dict(configuration.destination))
    if "DeadLetterQueueS3Configuration" in destination:
        destination["DeadLetterQueueS3Configuration"].setdefault("ErrorOutputPrefix", error_output_prefix(channel))
    description[_DESTINATION_MEMBERS[configuration.destination_type]] = {
        "DataFreshnessInSeconds": settings.data_freshness_in_seconds,
        **destination,
    }
    if configuration.encryption_configuration is not None:
        description["EncryptionConfiguration"] = dict(configuration.encryption_configuration)
    default_group = f"/aws/kinesis/{channel.channel_name}/{channel.channel_id}"
    description["LoggingConfiguration"] = {
        "CloudWatchLogs": {
            "Enabled": settings.is_logging,
            "LogGroupName": settings.log_group_name or default_group,
            "LogStreamName": settings.log_stream_name or DEFAULT_LOG_STREAM_NAME,
        }
    }
    return description


def error_output_prefix(channel: Channel) -> str:
    """The prefix of dead letters of a channel for which none was given."""
    return DEFAULT_ERROR_OUTPUT_PREFIX.format(channel_name=channel.channel_name, channel_id=channel.channel_id)


def _summary(channel: Channel) -> dict[str, Any]:
    return {
        **_identity(channel),
        "ChannelDestinationType": channel.configuration.destination_type,
        "Streams": [_stream_identifier(channel.stream)],
    }


def _identity(channel: Channel) -> dict[str, Any]:
    identity = {
        "ChannelName": channel.channel_name,
        "ChannelARN": channel.channel_arn,
        "ChannelId": channel.channel_id,
        "ChannelStatus": channel.status,
        "ChannelCreationTimestamp": TIMESTAMPS[channel.creation_timestamp],
    }
    if channel.status_reason is not None:
        identity["ChannelStatusReason"] = channel.status_reason
    return identity


def _stream_identifier(stream: Stream) -> dict[str, Any]:
    return {
        "StreamARN": stream.stream_arn,
        "StreamCreationTimestamp": TIMESTAMPS[stream.creation_timestamp],
    }
