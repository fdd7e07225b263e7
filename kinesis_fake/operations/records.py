"""Writing records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain import sequence_number
from kinesis_fake.domain.encryption import require_key_to_write
from kinesis_fake.domain.hash_key import MAX_HASH_KEY, hash_key_of
from kinesis_fake.domain.rates import charged_bytes
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sequence_number import InvalidSequenceNumberError
from kinesis_fake.domain.stream import Stream
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.in_force import AnswerFaults
from kinesis_fake.operations.dry_run import ended_dry_run
from kinesis_fake.operations.rate import per_shard, writes
from kinesis_fake.operations.registry import Answer, operation
from kinesis_fake.settings import PUT_RECORDS_MAX_BYTES


@operation(
    rate=per_shard(writes),
    across_accounts="StreamARN",
    kms="encrypt",
    member_order=("SequenceNumberForOrdering", "PartitionKey", "ExplicitHashKey", "Data", "StreamName"),
    direct=True,
)
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
    """Write one record.

    *Not modelled:* Duplicates that the SDK's retries may leave on AWS without a fault on order; IAM identity
    policies.
    """
    if not stream.takes_records:
        raise _unwritable(stream)
    # In UTF-8 a character takes four bytes at most: what is far below the limit need not be counted.
    if partition_key is None or len(data) + 4 * len(partition_key) > stream.max_record_size_bytes:
        _refuse_unfit(stream, [("", data, partition_key)])
    hash_key = _hash_key(stream, partition_key, explicit_hash_key)
    if sequence_number_for_ordering is not None:
        _check_ordering(stream, sequence_number_for_ordering, now)
    if dry_run:
        raise ended_dry_run(region, stream, "PutRecord", now)
    if stream.key_id is not None:
        require_key_to_write(caller_arn, stream.region, stream.key_id)
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


@operation(
    rate=per_shard(writes),
    across_accounts="StreamARN",
    kms="encrypt",
    member_order=("Records", "StreamName"),
    direct=True,
)
def put_records(
    region: Region,
    now: int,
    *,
    stream: Stream,
    records: Sequence[Mapping[str, Any]],
    dry_run: bool = False,
    caller_arn: str,
    answer_faults: AnswerFaults | None = None,
) -> Answer:
    """Write up to 500 records; what is invalid about one of them refuses all, throttling fails single ones.

    *Not modelled:* Records of one call that fail by chance; faults on order fail them.
    """
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
    if dry_run:
        raise ended_dry_run(region, stream, "PutRecords", now)
    if stream.key_id is not None:
        require_key_to_write(caller_arn, stream.region, stream.key_id)
    encryption_type = stream.encryption_type_of_new_records
    failures = _failures(stream, records, entries, answer_faults, now)
    if answer_faults is not None and stream.region.streams.get(stream.stream_name) is not stream:
        raise errors.stream_not_found(stream.stream_name, stream.region.account_id)  # a predicate has deleted it
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
    answer_faults: AnswerFaults | None,
    now: int,
) -> Mapping[int, AwsError]:
    """The records of a PutRecords that fail, by index: those that a fault picks, and those that their shards refuse."""
    rates = stream.region.world.rates
    if rates is None and answer_faults is None:
        return {}
    shards = stream.shards_for([hash_key for _, _, hash_key, _ in entries])
    codes = answer_faults.failing(records, [shard.shard_id for shard in shards]) if answer_faults is not None else {}
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
    if parsed.second > newest_second:
        raise errors.ordering_number_invalid(digits, stream.stream_name, account_id)
