"""What a scenario's file says, put into a fake: streams, shards, records and consumers as they were."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from kinesis_fake import botocore_hook
from kinesis_fake.domain.arn import parse_arn
from kinesis_fake.domain.consumer import Consumer
from kinesis_fake.domain.hash_key import MAX_HASH_KEY, hash_key_of
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import ON_DEMAND, ON_DEMAND_SHARDS, Stream
from kinesis_fake.errors import AwsError
from kinesis_fake.misuse import KinesisFakeError, is_whole, mapping, one_of, shown, text, whole_number
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.virtual_time.clock import milliseconds_of

_STREAM = (
    "created_at",
    "stream_mode",
    "retention_period_hours",
    "max_record_size_kib",
    "record_distribution_strategy",
    "tags",
    "shards",
    "records",
    "consumers",
)
_SHARD = (
    "shard_id",
    "starting_hash_key",
    "ending_hash_key",
    "created_at",
    "creation_second",
    "parents",
    "closed_at",
    "closing_second",
    "trimmed_records",
    "records",
)
_RECORD = ("arrived_at", "partition_key", "explicit_hash_key", "text", "json", "base64")
_CONSUMER = ("consumer_name", "registered_at", "tags")


def start_of(document: Mapping[str, Any], name: str) -> int | None:
    """The instant of a scenario, in milliseconds since the epoch; None if it leaves that to the fake."""
    _known(document, name, ("format", "version", "now", "streams"))
    return _instant(document["now"], f"{name}: now") if "now" in document else None


def put_into(backstage: Backstage, document: Mapping[str, Any], name: str) -> None:
    """Make the streams of a scenario in a fake that has none of them."""
    streams = mapping(f"{name}: streams", document.get("streams", {}), such_as='{"orders": {"shards": 2}}')
    with backstage.lock:
        for name_or_arn, data in streams.items():
            where = f"{name}: {name_or_arn}"
            members = _members_of_stream(data)
            _known(members, where, _STREAM)
            _put_stream(backstage, name_or_arn, members, where)


def _members_of_stream(data: Any) -> Any:
    """The members of a stream that may be written shorter, as in ``streams=``: a number of shards, or "on-demand"."""
    if is_whole(data):
        return {"shards": data}
    return {"stream_mode": ON_DEMAND} if data == "on-demand" else data


def _put_stream(backstage: Backstage, name_or_arn: str, data: Mapping[str, Any], where: str) -> None:
    now = backstage.now
    arn = parse_arn(name_or_arn)
    if (arn is not None and not arn.resource.startswith("stream/")) or (arn is None and ":" in name_or_arn):
        raise KinesisFakeError(f"{where} is neither the name nor the ARN of a stream.")
    home = (arn.account_id, arn.region_name) if arn is not None else backstage.home
    region = backstage.world.region(*home)
    stream_name = arn.resource.removeprefix("stream/") if arn is not None else name_or_arn
    mode = one_of(f"{where}.stream_mode", data.get("stream_mode", "PROVISIONED"), ("PROVISIONED", ON_DEMAND))
    shards = data.get("shards", ON_DEMAND_SHARDS if mode == ON_DEMAND else 1)
    is_auto = data.get("record_distribution_strategy") == "AUTO"
    records = [
        _Record(each, f"{where}.records[{number}]", now, is_auto=is_auto)
        for number, each in _list(data, "records", where)
    ]
    first_at = min((record.arrived_at for record in records), default=now)
    created_at = _instant(data["created_at"], f"{where}.created_at") if "created_at" in data else first_at
    if created_at > now:
        raise KinesisFakeError(f"{where}.created_at is after the scenario's now.")
    if isinstance(shards, list):
        if records:
            raise KinesisFakeError(f"{where} has shards with records of their own; move its records into them.")
        made = _shards(shards, where, now, is_auto=is_auto)
        stream = _create(backstage, region, stream_name, data, mode, sum(shard.is_open for shard in made), where)
        stream.take_over(made, created_at)
    else:
        count = whole_number(f"{where}.shards", shards, 1)
        stream = _create(backstage, region, stream_name, data, mode, count, where, created_at)
        for record in sorted(records, key=lambda record: record.arrived_at):
            record.append_to(_route(stream, record))
    stream.retention_period_hours = whole_number(
        f"{where}.retention_period_hours",
        data.get("retention_period_hours", stream.retention_period_hours),
        24,
        backstage.world.limits.retention_period_hours,
    )
    for number, each in _list(data, "consumers", where):
        _put_consumer(stream, each, f"{where}.consumers[{number}]", now)


def _create(
    backstage: Backstage,
    region: Region,
    stream_name: str,
    data: Mapping[str, Any],
    mode: str,
    shard_count: int,
    where: str,
    created_at: int | None = None,
) -> Stream:
    """A stream as CreateStream makes it at an instant, with all that CreateStream checks; it is ACTIVE."""
    params: dict[str, Any] = {"StreamName": stream_name, "StreamModeDetails": {"StreamMode": mode}}
    if mode != ON_DEMAND:
        params["ShardCount"] = shard_count
    if tags := data.get("tags"):
        params["Tags"] = dict(mapping(f"{where}.tags", tags, such_as='{"team": "sales"}'))
    try:
        params = botocore_hook.validator_for("CreateStream").deserialize(params)
        backstage.carry_out(region, "CreateStream", params)
    except AwsError as error:
        raise KinesisFakeError(f"{where} was refused: {error.message}") from None
    stream = region.streams[stream_name]
    stream.max_record_size_kib = whole_number(
        f"{where}.max_record_size_kib", data.get("max_record_size_kib", stream.max_record_size_kib), 1024, 10_240
    )
    stream.record_distribution_strategy = one_of(
        f"{where}.record_distribution_strategy",
        data.get("record_distribution_strategy", stream.record_distribution_strategy),
        ("USER_PARTITION_KEY", "AUTO"),
    )
    if created_at is not None:
        stream.created_at = created_at
    stream.become_active(backstage.now)
    return stream


# --- records ------------------------------------------------------------------------------------------------------


class _Record:
    """A record of a file."""

    def __init__(self, data: Any, where: str, now: int, *, is_auto: bool) -> None:
        _known(data, where, _RECORD)
        self.where = where
        self.arrived_at = _instant(data["arrived_at"], f"{where}.arrived_at") if "arrived_at" in data else now
        if self.arrived_at > now:
            raise KinesisFakeError(f"{where} arrives after the scenario's now.")
        # As in put() of a view. A stream that distributes records itself needs no partition key.
        key = data.get("partition_key", None if is_auto else "test")
        self.partition_key = text(f"{where}.partition_key", key) if key is not None else None
        explicit = data.get("explicit_hash_key")
        self.explicit_hash_key = _hash_key(explicit, f"{where}.explicit_hash_key") if explicit is not None else None
        self.data = _data(data, where)

    @property
    def hash_key(self) -> int | None:
        if self.explicit_hash_key is not None:
            return self.explicit_hash_key
        return hash_key_of(self.partition_key) if self.partition_key is not None else None

    def append_to(self, shard: Shard) -> None:
        shard.append(self.data, self.partition_key, self.explicit_hash_key, None, self.arrived_at)


def _data(data: Mapping[str, Any], where: str) -> bytes:
    given = [name for name in ("text", "json", "base64") if name in data]
    if len(given) != 1:
        raise KinesisFakeError(f"{where} must have one of text, json and base64.")
    if given == ["json"]:
        return json.dumps(data["json"]).encode()
    value = data[given[0]]
    if not isinstance(value, str):
        raise KinesisFakeError(f"{where}.{given[0]} must be text, not {shown(value)}.")
    if given == ["text"]:
        return value.encode()
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise KinesisFakeError(f"{where}.base64 must be base64, not {shown(value)}.") from None


def _route(stream: Stream, record: _Record) -> Shard:
    hash_key = record.hash_key
    if hash_key is None or stream.is_auto_distributed:
        shard = stream.auto_shard
        stream.rotate_auto_shard()
        return shard
    return stream.locate(hash_key)


# --- shards -------------------------------------------------------------------------------------------------------


def _shards(given: list[Any], where: str, now: int, *, is_auto: bool) -> list[Shard]:
    """The shards of a file, with their records, in the order of their ids."""
    if not given:
        raise KinesisFakeError(f"{where}.shards must have one shard at least.")
    children: dict[str, list[int]] = {}
    shards: list[Shard] = []
    for number, data in enumerate(given):
        here = f"{where}.shards[{number}]"
        _known(data, here, _SHARD)
        shard_id = text(
            f"{here}.shard_id", data.get("shard_id"), such_as="shardId-000000000000", pattern=r"shardId-\d{12}"
        )
        if shards and shards[-1].shard_id >= shard_id:
            raise KinesisFakeError(f"{here} must come in the order of the ids of shards.")
        parents = [text(f"{here}.parents", parent) for _, parent in _list(data, "parents", here)]
        if len(parents) > 2:
            raise KinesisFakeError(f"{here} has more than two parents.")
        for parent in parents:
            children.setdefault(parent, []).append(int(shard_id[-12:]))
        shards.append(_shard(data, shard_id, parents, here, now, is_auto=is_auto))
    for shard, data in zip(shards, given, strict=True):
        if "closed_at" in data:
            here = f"{where}: {shard.shard_id}"
            closed_at = _instant(data["closed_at"], f"{here}.closed_at")
            lowest = shard.earliest_closing_second(closed_at)
            second = whole_number(f"{here}.closing_second", data.get("closing_second", lowest), lowest)
            shard.close(closed_at, second, tuple(children.get(shard.shard_id, ())))
    _require_whole(shards, where)
    return shards


def _shard(data: Mapping[str, Any], shard_id: str, parents: list[str], where: str, now: int, *, is_auto: bool) -> Shard:
    start, end = (_hash_key(data.get(name), f"{where}.{name}") for name in ("starting_hash_key", "ending_hash_key"))
    created_at = _instant(data.get("created_at"), f"{where}.created_at")
    second = whole_number(f"{where}.creation_second", data.get("creation_second", created_at // 1000), 0)
    shard = Shard(int(shard_id[-12:]), (start, end), created_at, second, *parents)
    shard.count_trimmed(whole_number(f"{where}.trimmed_records", data.get("trimmed_records", 0), 0))
    last_at = 0
    for number, each in _list(data, "records", where):
        record = _Record(each, f"{where}.records[{number}]", now, is_auto=is_auto)
        if record.arrived_at < last_at:
            raise KinesisFakeError(f"{record.where} must stand in the order of arrival.")
        last_at = record.arrived_at
        key = record.hash_key
        if key is not None and not is_auto and not start <= key <= end:
            raise KinesisFakeError(f"{record.where} does not belong to {shard_id}: its hash key is {key}.")
        record.append_to(shard)
    return shard


def _require_whole(shards: list[Shard], where: str) -> None:
    """Refuse shards whose open ones leave a gap among the hash keys, or cover one twice."""
    expected = 0
    for shard in sorted((shard for shard in shards if shard.is_open), key=lambda shard: shard.starting_hash_key):
        if shard.starting_hash_key != expected or shard.ending_hash_key < expected:
            raise KinesisFakeError(
                f"The open shards of {where} must cover each hash key once; {shard.shard_id} begins at "
                f"{shard.starting_hash_key} and must begin at {expected}."
            )
        expected = shard.ending_hash_key + 1
    if expected != MAX_HASH_KEY + 1:
        raise KinesisFakeError(f"The open shards of {where} must cover each hash key once; they end at {expected - 1}.")


# --- consumers ----------------------------------------------------------------------------------------------------


def _put_consumer(stream: Stream, data: Any, where: str, now: int) -> None:
    if isinstance(data, str):
        data = {"consumer_name": data}
    _known(data, where, _CONSUMER)
    name = text(f"{where}.consumer_name", data.get("consumer_name"), pattern=r"[a-zA-Z0-9_.-]{1,128}")
    if name in stream.consumers:
        raise KinesisFakeError(f"{where}: stream {stream.stream_name} has two consumers {name}.")
    registered_at = _instant(data["registered_at"], f"{where}.registered_at") if "registered_at" in data else now
    second = stream.region.creation_second_for_consumer(stream.stream_name, name, registered_at)
    tags = dict(mapping(f"{where}.tags", data.get("tags", {}), such_as='{"team": "sales"}'))
    Consumer(stream, name, second, tags).begin_creating(now, 0)


# --- members ------------------------------------------------------------------------------------------------------


def _known(data: Any, where: str, names: tuple[str, ...]) -> None:
    if not isinstance(data, Mapping):
        raise KinesisFakeError(f"{where} must be an object, not {shown(data)}.")
    for name in data:
        if name not in names:
            raise KinesisFakeError(f"{where} has an unknown member {shown(name)}; there are {', '.join(names)}.")


def _list(data: Mapping[str, Any], name: str, where: str) -> list[tuple[int, Any]]:
    value = data.get(name, [])
    if not isinstance(value, list):
        raise KinesisFakeError(f"{where}.{name} must be a list, not {shown(value)}.")
    return list(enumerate(value))


def _instant(value: Any, where: str) -> int:
    try:
        return milliseconds_of(text(where, value, such_as="2026-01-01T00:00:00Z"))
    except KinesisFakeError as error:
        raise KinesisFakeError(f"{where}: {error}") from None


def _hash_key(value: Any, where: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 39:
        value = int(value)
    return whole_number(where, value, 0, MAX_HASH_KEY)
