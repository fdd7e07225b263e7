"""Writing and reading records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain import sequence_number
from kinesis_fake.domain.hash_key import MAX_HASH_KEY, hash_key_of
from kinesis_fake.domain.record import Record
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sequence_number import InvalidSequenceNumberError
from kinesis_fake.domain.shard import Batch, Shard, shard_id_of
from kinesis_fake.domain.stream import Stream
from kinesis_fake.domain.token import InvalidTokenError
from kinesis_fake.operations.addressing import address_of, shard_index_of
from kinesis_fake.operations.registry import Answer, operation
from kinesis_fake.operations.streams import hash_key_range
from kinesis_fake.settings import (
    GET_RECORDS_MAX_BYTES,
    GET_RECORDS_MAX_RECORDS,
    ITERATOR_LIFETIME_MS,
    PUT_RECORDS_MAX_BYTES,
)
from kinesis_fake.timestamps import TIMESTAMPS, java_date

# --- writing ----------------------------------------------------------------------------------------------------


@operation
def put_record(
    region: Region,
    now: int,
    *,
    stream: Stream,
    data: bytes,
    partition_key: str | None = None,
    explicit_hash_key: str | None = None,
    sequence_number_for_ordering: str | None = None,
    dry_run: bool = False,
) -> Answer:
    """Write one record."""
    _require_writable(stream)
    _check_size(stream, data, partition_key, "data")
    if sequence_number_for_ordering is not None:
        _check_ordering(stream, sequence_number_for_ordering, now)
    hash_key = _hash_key(stream, partition_key, explicit_hash_key, "partitionKey")
    if dry_run:
        raise errors.dry_run()
    shard = stream.next_auto_shard() if hash_key is None else stream.locate(hash_key)
    encryption_type = stream.encryption_type_of_new_records
    number = shard.append(
        data, partition_key, hash_key if explicit_hash_key is not None else None, encryption_type, now
    )
    answer = {"ShardId": shard.shard_id, "SequenceNumber": number}
    if encryption_type is not None:
        answer["EncryptionType"] = encryption_type
    return answer


@operation
def put_records(
    region: Region, now: int, *, stream: Stream, records: Sequence[Mapping[str, Any]], dry_run: bool = False
) -> Answer:
    """Write up to 500 records; what is wrong with one of them refuses all."""
    _require_writable(stream)
    limit = stream.max_record_size_bytes
    auto = stream.is_auto_distributed
    total = 0
    entries: list[tuple[bytes, str | None, int | None, int | None]] = []
    for record in records:
        data = record["Data"]
        partition_key = record.get("PartitionKey")
        size = len(data)
        if partition_key is not None:
            size += len(partition_key) if partition_key.isascii() else _bytes_of(partition_key)
        if size > limit:
            _check_size(stream, data, partition_key, f"records.{len(entries) + 1}.member.data")
        total += size
        if auto:
            entries.append((data, partition_key, None, None))
        elif partition_key is None or "ExplicitHashKey" in record:
            explicit = record.get("ExplicitHashKey")
            path = f"records.{len(entries) + 1}.member.partitionKey"
            hash_key = _hash_key(stream, partition_key, explicit, path)
            entries.append((data, partition_key, hash_key, None if explicit is None else hash_key))
        else:
            entries.append((data, partition_key, hash_key_of(partition_key), None))
    if total > PUT_RECORDS_MAX_BYTES:
        raise errors.records_too_large()
    if dry_run:
        raise errors.dry_run()
    encryption_type = stream.encryption_type_of_new_records
    locate = stream.locate
    results = []
    for data, partition_key, located, explicit_hash_key in entries:
        shard = stream.next_auto_shard() if located is None else locate(located)
        number = shard.append(data, partition_key, explicit_hash_key, encryption_type, now)
        results.append({"SequenceNumber": number, "ShardId": shard.shard_id})
    answer: dict[str, Any] = {"FailedRecordCount": 0, "Records": results}
    if encryption_type is not None:
        answer["EncryptionType"] = encryption_type
    return answer


def _require_writable(stream: Stream) -> None:
    """While a stream is CREATING, AWS does not find it (recorded)."""
    if not stream.takes_records:
        raise errors.stream_not_found(stream.stream_name, stream.region.account_id)


def _check_size(stream: Stream, data: bytes, partition_key: str | None, path: str) -> None:
    limit = stream.max_record_size_bytes
    if len(data) > limit:
        raise errors.validation_failed(
            [f"Value at '{path}' failed to satisfy constraint: Member must have length less than or equal to {limit}"]
        )
    size = len(data) + (_bytes_of(partition_key) if partition_key is not None else 0)
    if size > limit:
        raise errors.record_too_large(size, limit)


def _bytes_of(partition_key: str) -> int:
    return len(partition_key.encode("utf-8", "surrogatepass"))


def _hash_key(stream: Stream, partition_key: str | None, explicit_hash_key: str | None, path: str) -> int | None:
    """Where the record goes; None if the stream distributes records itself."""
    if stream.is_auto_distributed:
        return None
    if partition_key is None:
        raise errors.validation_failed(
            [f"Value null at '{path}' failed to satisfy constraint: Member must not be null"]
        )
    if explicit_hash_key is None:
        return hash_key_of(partition_key)
    hash_key = int(explicit_hash_key)
    if hash_key > MAX_HASH_KEY:
        raise errors.explicit_hash_key_out_of_range(explicit_hash_key)
    return hash_key


def _check_ordering(stream: Stream, digits: str, now: int) -> None:
    account_id = stream.region.account_id
    if stream.is_auto_distributed:
        raise errors.ordering_number_with_auto(stream.stream_name, account_id)
    try:
        parsed = sequence_number.parse(digits)
    except InvalidSequenceNumberError:
        raise errors.ordering_number_invalid(digits, stream.stream_name, account_id) from None
    # A child shard may be stamped with the second that is about to begin; its numbers are not from the future.
    newest_second = max(now // 1000, *(shard.creation_second for shard in stream.open_shards))
    if parsed.version == 0 or parsed.second > newest_second:
        raise errors.ordering_number_invalid(digits, stream.stream_name, account_id)


# --- iterators --------------------------------------------------------------------------------------------------


@operation
def get_shard_iterator(
    region: Region,
    now: int,
    *,
    shard_id: str,
    shard_iterator_type: str,
    starting_sequence_number: str | None = None,
    timestamp: int | None = None,
    stream_name: str | None = None,
    stream_arn: str | None = None,
    dry_run: bool = False,
) -> Answer:
    """A place in a shard to read from; it lives five minutes."""
    address = address_of(region, stream_name, stream_arn)
    index = shard_index_of(shard_id, address)
    stream = address.find()
    shard = stream.find_shard(index, now) if stream is not None else None
    if stream is None or shard is None:
        raise errors.shard_does_not_exist(shard_id_of(index), address.stream_name, address.account_id)
    position = starting_position(stream, shard, shard_iterator_type, starting_sequence_number, timestamp, now)
    if dry_run:
        raise errors.dry_run()
    return {"ShardIterator": _issue_iterator(stream, shard, position, now)}


def starting_position(
    stream: Stream,
    shard: Shard,
    iterator_type: str,
    starting_sequence_number: str | None,
    timestamp: int | None,
    now: int,
) -> int:
    """The position in a shard that one of the five iterator types means."""
    if iterator_type in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        if starting_sequence_number is None:
            raise errors.starting_sequence_number_missing(iterator_type)
        _check_starting_sequence_number(stream, shard, starting_sequence_number)
        if iterator_type == "AT_SEQUENCE_NUMBER":
            return shard.position_at_sequence_number(starting_sequence_number)
        return shard.position_after_sequence_number(starting_sequence_number)
    if iterator_type == "AT_TIMESTAMP":
        if timestamp is None:
            raise errors.timestamp_missing()
        if timestamp > now:
            raise errors.timestamp_in_the_future(timestamp, now)
        return shard.position_at_timestamp(timestamp)
    if starting_sequence_number is not None:
        raise errors.starting_sequence_number_unwanted(iterator_type)
    if iterator_type == "LATEST":
        return shard.end_position
    return shard.position_of_trim_horizon(now, stream.retention_ms)


def _check_starting_sequence_number(stream: Stream, shard: Shard, digits: str) -> None:
    where = (digits, shard.shard_id, stream.stream_name, stream.region.account_id)
    try:
        parsed = sequence_number.parse(digits)
    except InvalidSequenceNumberError:
        raise errors.starting_sequence_number_invalid(*where) from None
    if parsed.shard_index != shard.index:
        raise errors.starting_sequence_number_of_another_shard(shard_id_of(parsed.shard_index), shard.shard_id)
    if parsed.version == 0:
        raise errors.internal_failure()
    if parsed.version != 2 or parsed.creation_second != shard.creation_second:
        raise errors.starting_sequence_number_of_another_stream(*where)


def _issue_iterator(stream: Stream, shard: Shard, position: int, now: int) -> str:
    region = stream.region
    fields: list[object] = [
        region.account_id,
        region.region_name,
        stream.stream_name,
        stream.uid,
        shard.index,
        position,
        now,
    ]
    return region.world.mint.seal("iterator", fields, stream.stream_name)


# --- reading ----------------------------------------------------------------------------------------------------


@operation
def get_records(
    region: Region,
    now: int,
    *,
    shard_iterator: str,
    limit: int = GET_RECORDS_MAX_RECORDS,
    stream_arn: str | None = None,
    dry_run: bool = False,
) -> Answer:
    """Read a shard from an iterator on, and say where to go on."""
    stream, shard, position = _open_iterator(region, shard_iterator, now)
    if stream_arn is not None and address_of(region, None, stream_arn).find() is not stream:
        raise errors.shard_iterator_of_another_stream(stream_arn)
    if dry_run:
        raise errors.dry_run()
    batch = shard.read(position, limit, GET_RECORDS_MAX_BYTES, now, stream.retention_ms)
    answer: dict[str, Any] = {
        "Records": record_descriptions(shard, batch),
        "MillisBehindLatest": batch.millis_behind_latest,
    }
    if batch.at_end:
        answer["ChildShards"] = child_shards(stream, shard)
    else:
        answer["NextShardIterator"] = _issue_iterator(stream, shard, batch.next_position, now)
    return answer


def _open_iterator(region: Region, shard_iterator: str, now: int) -> tuple[Stream, Shard, int]:
    # Some clients send the iterator as JSON text within JSON; AWS accepts the quotes around it (recorded).
    token = shard_iterator[1:-1] if shard_iterator[:1] == shard_iterator[-1:] == '"' else shard_iterator
    try:
        account_id, region_name, name, uid, index, position, issued_at = region.world.mint.open("iterator", token)
    except InvalidTokenError:
        raise errors.shard_iterator_invalid() from None
    assert isinstance(index, int) and isinstance(position, int) and isinstance(issued_at, int)
    if region_name != region.region_name:
        raise errors.shard_iterator_invalid()
    if now - issued_at > ITERATOR_LIFETIME_MS:
        raise errors.shard_iterator_expired(java_date(issued_at), java_date(now))
    home = region.world.regions.get((str(account_id), region.region_name))
    stream = home.streams.get(str(name)) if home is not None else None
    shard = stream.find_shard(index, now) if stream is not None else None
    if stream is None or shard is None:
        raise errors.shard_does_not_exist(shard_id_of(index), str(name), str(account_id))
    if stream.uid != uid:  # a new stream of the old name: "an InternalFailure on production" (K:getRecords)
        raise errors.internal_failure()
    return stream, shard, position


def record_descriptions(shard: Shard, batch: Batch) -> list[dict[str, Any]]:
    """Records as GetRecords and SubscribeToShard show them."""
    arrival = TIMESTAMPS
    if shard.is_uniform:
        return [
            {
                "SequenceNumber": number,
                "ApproximateArrivalTimestamp": arrival[arrived_at],
                "Data": data,
                "PartitionKey": partition_key,
            }
            for number, arrived_at, data, partition_key, _, _ in batch.records
        ]
    return [_record_description(record) for record in batch.records]


def _record_description(record: Record) -> dict[str, Any]:
    description: dict[str, Any] = {
        "SequenceNumber": record.sequence_number,
        "ApproximateArrivalTimestamp": TIMESTAMPS[record.arrived_at],
        "Data": record.data,
    }
    if record.partition_key is not None:
        description["PartitionKey"] = record.partition_key
    if record.encryption_type is not None:
        description["EncryptionType"] = record.encryption_type
    return description


def child_shards(stream: Stream, shard: Shard) -> list[dict[str, Any]]:
    """What a consumer reads next when it has come to the end of a shard."""
    return [
        {
            "ShardId": child.shard_id,
            "ParentShards": [
                parent for parent in (child.parent_shard_id, child.adjacent_parent_shard_id) if parent is not None
            ],
            "HashKeyRange": hash_key_range(child),
        }
        for child in stream.children_of(shard)
    ]
