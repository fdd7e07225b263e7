"""A scenario as a file: what ``KinesisFake.dump()`` writes, and what the option ``state`` reads.

The file is JSON with a version, readable and short enough to be written by hand; docs/files.md describes it. What the
format has no words for is refused and never left out.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from kinesis_fake.domain.life_cycle import ACTIVE
from kinesis_fake.domain.record import Record, RecordFields
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.misuse import KinesisFakeError, bytes_of_file, path_text, shown
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.finding import regions_in_order
from kinesis_fake.virtual_time.clock import datetime_of

FORMAT = "kinesis_fake scenario"
VERSION = 1

#: A file's name, or what it holds.
State = str | os.PathLike[str] | Mapping[str, Any]


def instant_to_text(milliseconds: int) -> str:
    """An instant as files have it: in UTC, with milliseconds only where there are any."""
    unit = "milliseconds" if milliseconds % 1000 else "seconds"
    return datetime_of(milliseconds).isoformat(timespec=unit).replace("+00:00", "Z")


def read_document(state: State) -> tuple[Mapping[str, Any], str]:
    """What a file holds, and how messages name the file. Wrong files and other versions are refused."""
    if isinstance(state, Mapping):
        document: Any = state
        name = "state"
    elif isinstance(state, (str, os.PathLike)):
        name = path_text(state)
        content = bytes_of_file(state, "state: ")
        try:
            document = json.loads(content.decode())
        except ValueError as error:
            raise KinesisFakeError(f"{name} is no JSON: {error}.") from None
    else:
        raise KinesisFakeError(f"state must be the path of a file or a dict, not {shown(state)}.")
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise KinesisFakeError(
            f'{name} is no scenario of kinesis_fake: it must be an object with "format": "{FORMAT}" and '
            f'"version": {VERSION}.'
        )
    version = document.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise KinesisFakeError(
            f"{name} has version {shown(version)}, and this kinesis_fake reads version {VERSION}. Write it anew with "
            "dump(), or use the release that has written it."
        )
    return document, name


# --- writing ------------------------------------------------------------------------------------------------------


def document_of(backstage: Backstage) -> dict[str, Any]:
    """Everything that a fake holds, as plain data; what the format has no words for is refused."""
    with backstage.lock:
        world, now = backstage.up_to_date(backstage.world), backstage.now
        if world.key_states:
            raise _refused("a KMS key that cannot be used", "enable() it first")
        streams = {}
        for region in regions_in_order(world, backstage.home):
            if region.commitment.is_in_force(now):
                raise _refused("a minimum throughput billing commitment", "disable it first")
            is_home = (region.account_id, region.region_name) == backstage.home
            for name, stream in sorted(region.streams.items()):
                streams[name if is_home else stream.stream_arn] = _stream_to_data(stream, now)
        return {"format": FORMAT, "version": VERSION, "now": instant_to_text(now), "streams": streams}


def text_of(document: Mapping[str, Any]) -> str:
    """The document as it stands in a file: one member a line, always in the same order."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _refused(what: str, remedy: str) -> KinesisFakeError:
    return KinesisFakeError(f"dump() cannot write {what}; {remedy}.")


def _stream_to_data(stream: Stream, now: int) -> dict[str, Any]:
    name = stream.stream_name
    if stream.status != ACTIVE or any(consumer.status != ACTIVE for consumer in stream.consumers.values()):
        raise _refused(f"stream {name} or one of its consumers in transition", "call settle() first")
    if stream.queues or stream.channels:
        raise _refused(f"the queues and channels of stream {name}", "delete them first")
    if stream.policy is not None or any(consumer.policy is not None for consumer in stream.consumers.values()):
        raise _refused(f"the resource policies of stream {name}", "delete them first")
    shards = stream.shards(now)
    if stream.encryption_type != "NONE" or any(shard.was_encrypted for shard in shards):
        raise _refused(f"the encryption of stream {name}", "use a stream that has never been encrypted")
    if stream.shard_level_metrics or stream.warm_throughput_mibps > len(stream.open_shards):
        raise _refused(f"the metrics and the warm throughput of stream {name}", "leave them as they are by default")
    data: dict[str, Any] = {
        "created_at": instant_to_text(stream.created_at),
        "stream_mode": stream.stream_mode,
        "retention_period_hours": stream.retention_period_hours,
        "max_record_size_kib": stream.max_record_size_kib,
        "record_distribution_strategy": stream.record_distribution_strategy,
        "tags": stream.tags,
        "shards": [_shard_to_data(stream, shard, now) for shard in shards],
        "consumers": [
            {
                "consumer_name": consumer.consumer_name,
                "registered_at": instant_to_text(consumer.creation_timestamp),
                "tags": consumer.tags,
            }
            for _, consumer in sorted(stream.consumers.items())
        ],
    }
    return data


def _shard_to_data(stream: Stream, shard: Shard, now: int) -> dict[str, Any]:
    records, start, end = shard.readable_span(now, stream.retention_ms)
    data: dict[str, Any] = {
        "shard_id": shard.shard_id,
        "starting_hash_key": str(shard.starting_hash_key),
        "ending_hash_key": str(shard.ending_hash_key),
        "created_at": instant_to_text(shard.created_at),
        "creation_second": shard.creation_second,
        "parents": [each for each in (shard.parent_shard_id, shard.adjacent_parent_shard_id) if each is not None],
    }
    if shard.closed_at is not None:
        data["closed_at"] = instant_to_text(shard.closed_at)
        data["closing_second"] = shard.closing_second
    data["trimmed_records"] = shard.position_of_trim_horizon(now, stream.retention_ms)
    data["records"] = [_record_to_data(fields) for fields in records[start:end]]
    return data


def _record_to_data(fields: RecordFields) -> dict[str, Any]:
    record = Record._make(fields)
    data: dict[str, Any] = {"arrived_at": instant_to_text(record.arrived_at)}
    if record.partition_key is not None:
        data["partition_key"] = record.partition_key
    if record.explicit_hash_key is not None:
        data["explicit_hash_key"] = str(record.explicit_hash_key)
    data.update(_data_to_data(record.data))
    return data


def _data_to_data(data: bytes) -> dict[str, Any]:
    """Bytes in the most readable form that gives back exactly these bytes."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
    try:
        value = json.loads(text)
        if isinstance(value, (dict, list)) and json.dumps(value) == text:
            return {"json": value}
    except (ValueError, RecursionError):
        pass
    return {"text": text}
