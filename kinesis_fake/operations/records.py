"""Writing and reading records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain import sequence_number
from kinesis_fake.domain.encryption import require_key_to_write, require_keys_to_read
from kinesis_fake.domain.hash_key import MAX_HASH_KEY, hash_key_of
from kinesis_fake.domain.rates import charged_bytes
from kinesis_fake.domain.record import Record
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sealed_token import InvalidTokenError
from kinesis_fake.domain.sequence_number import InvalidSequenceNumberError
from kinesis_fake.domain.shard import Batch, Shard, shard_id_of
from kinesis_fake.domain.stream import Stream
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.in_force import Disturbance
from kinesis_fake.operations.addressing import address_of, shard_index_of
from kinesis_fake.operations.registry import Answer, operation
from kinesis_fake.operations.streams import hash_key_range
from kinesis_fake.settings import (
    GET_RECORDS_MAX_BYTES,
    GET_RECORDS_MAX_RECORDS,
    ITERATOR_LIFETIME_MS,
    PUT_RECORDS_MAX_BYTES,
)
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS, java_date

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
    caller_arn: str,
) -> Answer:
    """Write one record."""
    if not stream.takes_records:
        raise _unwritable(stream)
    # In UTF-8 a character takes four bytes at most: what is far below the limit need not be counted.
    if partition_key is None or len(data) + 4 * len(partition_key) > stream.max_record_size_bytes:
        _refuse_unfit(stream, [("", data, partition_key)])
    hash_key = _hash_key(stream, partition_key, explicit_hash_key)
    if sequence_number_for_ordering is not None:
        _check_ordering(stream, sequence_number_for_ordering, now)
    if stream.key_id is not None:
        require_key_to_write(caller_arn, stream.region, stream.key_id)
    if dry_run:
        raise errors.dry_run("PutRecord")
    shard = stream.auto_shard if hash_key is None else stream.locate(hash_key)
    rates = region.world.rates
    if rates is not None and not rates.takes_record(stream, shard, charged_bytes(_size(data, partition_key)), now):
        raise errors.write_rate_exceeded(shard.shard_id, stream.stream_name, stream.region.account_id)
    if hash_key is None:
        stream.rotate_auto_shard()
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
    region: Region,
    now: int,
    *,
    stream: Stream,
    records: Sequence[Mapping[str, Any]],
    dry_run: bool = False,
    caller_arn: str,
    disturbance: Disturbance | None = None,
) -> Answer:
    """Write up to 500 records; what is invalid about one of them refuses all, throttling fails single ones."""
    if not stream.takes_records:
        raise _unwritable(stream)
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
        if size > limit or (partition_key is None and not auto):
            paths = (f"records.{number}.member." for number in range(1, len(records) + 1))
            _refuse_unfit(
                stream,
                [(path, each["Data"], each.get("PartitionKey")) for path, each in zip(paths, records, strict=True)],
            )
        total += size
        if auto or partition_key is None:
            entries.append((data, partition_key, None, None))
        elif "ExplicitHashKey" in record:
            hash_key = _hash_key(stream, partition_key, record["ExplicitHashKey"])
            entries.append((data, partition_key, hash_key, hash_key))
        else:
            entries.append((data, partition_key, hash_key_of(partition_key), None))
    if total > PUT_RECORDS_MAX_BYTES:
        raise errors.records_too_large()
    if stream.key_id is not None:
        require_key_to_write(caller_arn, stream.region, stream.key_id)
    if dry_run:
        raise errors.dry_run("PutRecords")
    encryption_type = stream.encryption_type_of_new_records
    failures = _failures(stream, records, entries, disturbance, now)
    locate = stream.locate
    results = []
    for index, (data, partition_key, located, explicit_hash_key) in enumerate(entries):
        if located is None:
            shard = stream.auto_shard
            stream.rotate_auto_shard()
        else:
            shard = locate(located)
        if failures and (failure := failures.get(index)) is not None:
            results.append({"ErrorCode": failure.code, "ErrorMessage": failure.message or ""})
            continue
        number = shard.append(data, partition_key, explicit_hash_key, encryption_type, now)
        results.append({"SequenceNumber": number, "ShardId": shard.shard_id})
    answer: dict[str, Any] = {"FailedRecordCount": len(failures), "Records": results}
    if encryption_type is not None:
        answer["EncryptionType"] = encryption_type
    return answer


def _failures(
    stream: Stream,
    records: Sequence[Mapping[str, Any]],
    entries: Sequence[tuple[bytes, str | None, int | None, int | None]],
    disturbance: Disturbance | None,
    now: int,
) -> Mapping[int, AwsError]:
    """The records of a PutRecords that fail, by index: those that a fault picks, and those that their shards refuse."""
    rates = stream.region.world.rates
    if rates is None and disturbance is None:
        return {}
    shards = stream.shards_for([hash_key for _, _, hash_key, _ in entries])
    codes = disturbance.failing(records, [shard.shard_id for shard in shards]) if disturbance is not None else {}
    failures: dict[int, AwsError] = {}
    # What each shard has taken of this call: its sum is rounded, not each record (DOC:troubleshooting-producers).
    taken: dict[int, int] = {}
    for index, ((data, partition_key, *_), shard) in enumerate(zip(entries, shards, strict=True)):
        throttled = errors.write_rate_exceeded(shard.shard_id, stream.stream_name, stream.region.account_id)
        if index in codes:
            failures[index] = throttled if codes[index] == throttled.code else errors.record_internal_failure()
        elif rates is not None:
            size = _size(data, partition_key)
            # A record that draws on the burst allowance is not what others of the call are rounded with.
            before = 0 if rates.is_large(size) else taken.get(shard.index, 0)
            after = before + size
            if rates.takes_record(stream, shard, charged_bytes(after) - charged_bytes(before), now):
                if not rates.is_large(size):
                    taken[shard.index] = after
            else:
                failures[index] = throttled
    return failures


def _unwritable(stream: Stream) -> AwsError:
    """While a stream is CREATING, AWS does not find it (recorded)."""
    return errors.stream_not_found(stream.stream_name, stream.region.account_id)


def _refuse_unfit(stream: Stream, records: Sequence[tuple[str, bytes, str | None]]) -> None:
    """Refuse records, each with the path of its members, that are fit for other streams but not for this one.

    Constraints are reported all at once, as those of the model are; the rest for the first record it concerns.
    """
    limit = stream.max_record_size_bytes
    broken = []
    for path, data, partition_key in records:
        if partition_key is None and not stream.is_auto_distributed:
            broken.append(f"Value null at '{path}partitionKey' failed to satisfy constraint: Member must not be null")
        if len(data) > limit:
            broken.append(
                f"Value at '{path}data' failed to satisfy constraint: "
                f"Member must have length less than or equal to {limit}"
            )
    if broken:
        raise errors.validation_failed(broken)
    for _, data, partition_key in records:
        if (size := _size(data, partition_key)) > limit:
            raise errors.record_too_large(size, limit)


def _size(data: bytes, partition_key: str | None) -> int:
    """What a record counts for: the bytes of its data and of its partition key."""
    return len(data) + (_bytes_of(partition_key) if partition_key is not None else 0)


def _bytes_of(partition_key: str) -> int:
    return len(partition_key.encode("utf-8", "surrogatepass"))


def _hash_key(stream: Stream, partition_key: str | None, explicit_hash_key: str | None) -> int | None:
    """Where the record goes; None if the stream distributes records itself, as it must where there is no key."""
    if stream.is_auto_distributed or partition_key is None:
        return None
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
        raise errors.dry_run("GetShardIterator")
    if region.world.rates is not None:
        region.world.rates.require_iterator(stream, shard, region.account_id, now)
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
    disturbance: Disturbance | None = None,
    caller_arn: str,
) -> Answer:
    """Read a shard from an iterator on, and say where to go on."""
    stream, shard, position = _open_iterator(region, shard_iterator, now)
    if stream_arn is None and stream.region is not region:  # another account's stream is addressed by its ARN
        raise errors.access_across_accounts_impossible(caller_arn, "kinesis:GetRecords", stream.stream_arn)
    if stream_arn is not None and address_of(region, None, stream_arn).find() is not stream:
        raise errors.shard_iterator_of_another_stream(stream_arn)
    rates = region.world.rates
    meter = rates.require_readable(stream, shard, now) if rates is not None else None
    batch = shard.read(position, limit, GET_RECORDS_MAX_BYTES, now, stream.retention_ms)
    if disturbance is not None and (fewer := disturbance.shorten(len(batch.records))) < len(batch.records):
        batch = shard.read(position, fewer, GET_RECORDS_MAX_BYTES, now, stream.retention_ms)
    require_keys_to_read(caller_arn, stream, shard, batch)
    if dry_run:
        raise errors.dry_run("GetRecords")
    if meter is not None:
        meter.gave(sum(len(data) for _, _, data, *_ in batch.records), now)
    # Before the records, because thousands of them leave nothing else in the processor's caches.
    where_to_go_on: dict[str, Any] = (
        {"ChildShards": child_shards(stream, shard)}
        if batch.at_end and not (disturbance is not None and disturbance.hides_end_of_shard())
        else {"NextShardIterator": _issue_iterator(stream, shard, batch.next_position, now)}
    )
    records = record_descriptions(shard, batch)
    if disturbance is not None:
        # Arrival timestamps are approximate, and AWS does not promise that they follow the sequence numbers.
        earlier = timedelta(milliseconds=disturbance.arrivals_back_ms(len(records)))
        for record in records[1::2]:
            record["ApproximateArrivalTimestamp"] -= earlier
    return {"Records": records, "MillisBehindLatest": batch.millis_behind_latest, **where_to_go_on}


def _open_iterator(region: Region, shard_iterator: str, now: int) -> tuple[Stream, Shard, int]:
    # Some clients send the iterator as JSON text within JSON; AWS accepts the quotes around it (recorded).
    token = shard_iterator[1:-1] if shard_iterator[:1] == shard_iterator[-1:] == '"' else shard_iterator
    try:
        account_id, region_name, name, uid, index, position, issued_at = region.world.mint.open("iterator", token)
    except InvalidTokenError:
        raise errors.shard_iterator_invalid() from None
    assert isinstance(index, int) and isinstance(position, int) and isinstance(issued_at, int)
    if region_name != region.region_name or issued_at > now:
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
    if not shard.is_uniform:
        return [_record_description(Record._make(fields)) for fields in batch.records]
    try:
        return _uniform_descriptions(batch, TIMESTAMPS.known)
    except KeyError:  # some of them are read for the first time
        return _uniform_descriptions(batch, TIMESTAMPS.learn(arrived_at for _, arrived_at, *_ in batch.records))


def _uniform_descriptions(batch: Batch, arrival: Mapping[int, object]) -> list[dict[str, Any]]:
    return [
        {
            "SequenceNumber": number,
            "ApproximateArrivalTimestamp": arrival[arrived_at],
            "Data": data,
            "PartitionKey": partition_key,
        }
        for number, arrived_at, data, partition_key, _, _ in batch.records
    ]


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
