"""What a test sees of a channel: what it would have written to its bucket or table. Nothing is written anywhere."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinesis_fake.domain.channel import S3_TABLES, Channel
from kinesis_fake.domain.channel_deliveries import ChannelBatch
from kinesis_fake.domain.life_cycle import DELETED, DELETING
from kinesis_fake.misuse import KinesisFakeError, text
from kinesis_fake.operations.channels import error_output_prefix
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.views.view import View
from kinesis_fake.virtual_time.clock import datetime_of

#: How long a ChannelStatusReason may be (API reference).
_LONGEST_REASON = 2048
#: What the serializers of Glue Schema Registry put before a record: version 3, how it is compressed, a schema version.
_GSR_HEADER_BYTES = 18
_GSR_PLAIN = b"\x03\x00"
_GSR_ZLIB = b"\x03\x05"
_PLACEHOLDER = re.compile(r"!\{([\w-]+)\}", re.ASCII)
#: What follows the prefix of dead letters; AWS does not document it.
_DEAD_LETTER_KEY = "!{yyyy}/!{MM}/!{dd}/!{HH}/!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}"
#: How the names of compressed objects end; AWS does not document it either.
_EXTENSIONS = {"GZIP": ".gz", "ZSTD": ".zst"}


@dataclass(frozen=True)
class DeliveredObject:
    """What a channel has written at one instant: an object in a bucket, or rows of a streaming table."""

    #: When it was written, in virtual time.
    delivered_at: datetime
    #: The name of the bucket or of the table bucket.
    bucket: str
    #: The key of the object; None for a table.
    key: str | None
    #: The namespace and the name of the table, with a dot between; None for an object.
    table: str | None
    #: The data of each record, without the header of Glue Schema Registry, in the order of arrival.
    records: tuple[bytes, ...]
    #: All records, before compression: one per line, BYTE_ARRAY with nothing between them.
    body: bytes
    #: The rows of a table; empty for an object.
    rows: tuple[Mapping[str, Any], ...] = ()


class ChannelView(View[Channel]):
    """A channel of a fake, as :meth:`KinesisFake.channel` returns it."""

    def __init__(self, backstage: Backstage, channel: Channel) -> None:
        self._backstage = backstage
        self._held = channel

    def __repr__(self) -> str:
        return f"<channel {self.channel_name} {self.status}, {len(self.delivered)} delivered>"

    @property
    def _channel(self) -> Channel:
        return self._backstage.up_to_date(self._held)

    @property
    def channel_name(self) -> str:
        """The name of the channel."""
        return self._channel.channel_name

    @property
    def channel_arn(self) -> str:
        """The ARN of the channel."""
        return self._channel.channel_arn

    @property
    def stream_name(self) -> str:
        """The name of the stream that the channel delivers."""
        return self._channel.stream.stream_name

    @property
    def status(self) -> str:
        """CREATING, ACTIVE, UPDATING, DELETING or FAILED; DELETED once the channel is gone."""
        return self._channel.status

    @property
    def delivered(self) -> list[DeliveredObject]:
        """What has been written to the destination, the oldest first: one object for all records of a delivery."""
        return [delivered for delivered, _ in self._deliveries() if delivered is not None]

    @property
    def dead_letters(self) -> list[DeliveredObject]:
        """What has been written to the dead-letter destination: the records that are not in the channel's format."""
        return [dead_letter for _, dead_letter in self._deliveries() if dead_letter is not None]

    def fail(self, reason: str) -> None:
        """Let the channel be FAILED, with this ChannelStatusReason; the clock does not move.

        AWS does it when it cannot create a channel or cannot deliver. Nothing is delivered from now on.
        """
        text("The reason of fail()", reason, longest=_LONGEST_REASON)
        with self._backstage.lock:
            self._backstage.require_present(self._held.stream.region.world)
            now = self._backstage.now
            if (status := self.status) in (DELETING, DELETED):
                happens = "is being" if status == DELETING else "has been"
                raise KinesisFakeError(f"Channel {self.channel_name} {happens} deleted; it cannot fail any more.")
            self._channel.fail(reason, now)

    def _deliveries(self) -> list[tuple[DeliveredObject | None, DeliveredObject | None]]:
        with self._backstage.lock:
            batches = self._channel.batches(self._backstage.now)
            return [_written(self._channel, number, batch) for number, batch in enumerate(batches, start=1)]


# --- what is written ----------------------------------------------------------------------------------------------


def _written(
    channel: Channel, number: int, batch: ChannelBatch
) -> tuple[DeliveredObject | None, DeliveredObject | None]:
    """The object with the records of a batch, and that with its dead letters; None if there is nothing to write."""
    configuration = channel.configuration
    read = _READ[configuration.record_configuration["RecordFormatType"]]
    is_table = configuration.destination_type == S3_TABLES
    records: list[bytes] = []
    rows: list[Any] = []
    dead: list[bytes] = []
    for data in batch.data:
        try:
            record, row = read(data)
            if is_table and not isinstance(row, dict):
                raise ValueError("a row needs columns")
        except (ValueError, RecursionError, zlib.error):
            dead.append(data)
        else:
            records.append(record)
            rows.append(row)
    delivered = dead_letter = None
    delivered_at = datetime_of(batch.delivered_at)
    if records:
        separator = b"" if configuration.record_configuration["RecordFormatType"] == "BYTE_ARRAY" else b"\n"
        body = b"".join(record + separator for record in records)
        if is_table:
            (table,) = configuration.destination["S3TablesConfigurationList"]
            bucket, key = table["TableBucketARN"].rpartition("/")[2], None
            name = f"{table['Namespace']}.{table['TableName']}"
        else:
            storage = configuration.destination["StorageConfiguration"]
            bucket, name = _bucket_of(storage), None
            key = _key(storage["OutputKeyTemplate"], storage["CompressionType"], channel, number, delivered_at)
        delivered = DeliveredObject(
            delivered_at, bucket, key, name, tuple(records), body, tuple(rows) if is_table else ()
        )
    if dead:
        queue = configuration.destination["DeadLetterQueueS3Configuration"]
        prefix = queue.get("ErrorOutputPrefix", error_output_prefix(channel))
        key = prefix + _key(_DEAD_LETTER_KEY, "NONE", channel, number, delivered_at)
        body = b"".join(data + b"\n" for data in dead)
        dead_letter = DeliveredObject(delivered_at, _bucket_of(queue), key, None, tuple(dead), body)
    return delivered, dead_letter


def _bucket_of(configuration: Mapping[str, str]) -> str:
    return configuration["BucketARN"].rpartition(":")[2]


def _key(template: str, compression_type: str, channel: Channel, number: int, delivered_at: datetime) -> str:
    """A template with its placeholders filled in. Unknown placeholders are left as they are.

    A channel delivers once in five minutes at most, so that the minute tells objects apart. A template without the
    minute has the number of the object appended, because no object takes the place of another one here.
    """
    values = {
        "channel-name": channel.channel_name,
        "channel-id": channel.channel_id,
        "yyyy": f"{delivered_at.year:04d}",
        "MM": f"{delivered_at.month:02d}",
        "dd": f"{delivered_at.day:02d}",
        "HH": f"{delivered_at.hour:02d}",
        "mm": f"{delivered_at.minute:02d}",
        "extension": _EXTENSIONS.get(compression_type, ""),
    }
    if "!{mm}" not in template:
        template += f"-{number:08d}"
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), template)


# --- the formats of records: the bytes that are written, and their value ------------------------------------------


def _read_bytes(data: bytes) -> tuple[bytes, None]:
    return data, None


def _read_json(data: bytes) -> tuple[bytes, object]:
    return data, json.loads(data.decode(), parse_constant=_refuse_constant)


def _read_gsr_json(data: bytes) -> tuple[bytes, object]:
    """JSON as the serializers of Glue Schema Registry write it; the schema itself is not looked at."""
    header, payload = data[:_GSR_HEADER_BYTES], data[_GSR_HEADER_BYTES:]
    if len(header) < _GSR_HEADER_BYTES or header[:2] not in (_GSR_PLAIN, _GSR_ZLIB):
        raise ValueError("no header of Glue Schema Registry")
    return _read_json(zlib.decompress(payload) if header[:2] == _GSR_ZLIB else payload)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_READ: Mapping[str, Callable[[bytes], tuple[bytes, object]]] = {
    "STRING": _read_bytes,
    "BYTE_ARRAY": _read_bytes,
    "JSON": _read_json,
    "GSR_JSON": _read_gsr_json,
}
