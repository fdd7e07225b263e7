"""PutRecord and PutRecords: writing records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import add
from typing import TYPE_CHECKING, Any

from kinesis_fake import errors
from kinesis_fake.domain import sequence_number
from kinesis_fake.domain.encryption import require_key_to_write
from kinesis_fake.domain.hash_key import MAX_HASH_KEY, hash_key_of
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sequence_number import InvalidSequenceNumberError
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.errors import AwsError
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.dry_run import ended_dry_run
from kinesis_fake.operations.plain_records import PlainRecords
from kinesis_fake.operations.rate import per_shard, writes
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.settings import PUT_RECORDS_MAX_BYTES

if TYPE_CHECKING:
    from kinesis_fake.faults.call_faults import AnswerFaults


@operation(
    rate=per_shard(writes),
    across_accounts="StreamARN",
    kms="encrypt",
    member_order=("SequenceNumberForOrdering", "PartitionKey", "ExplicitHashKey", "Data", "StreamName"),
    needs_stream="with shards",
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
) -> Result:
    """Write one record.

    *Not modelled:* Duplicates that the SDK's retries may leave on AWS, unless a fault makes them; IAM identity
    policies.
    """
    if not stream.takes_records:
        raise _unwritable(stream)
    # A character has at most four bytes in UTF-8, so a record far below the limit need not be encoded to be measured.
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
    if rates is not None and not rates.takes_record(stream, shard, _size(data, partition_key), now):
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
    needs_stream="with shards",
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
) -> Result:
    """Write up to 500 records. One invalid record refuses the whole call; throttling fails single records.

    *Not modelled:* Records of one call that fail by chance; a test orders such failures as faults.
    """
    if not stream.takes_records:
        raise _unwritable(stream)
    batch = _batch_of(stream, records)
    if dry_run:
        raise ended_dry_run(region, stream, "PutRecords", now)
    if stream.key_id is not None:
        require_key_to_write(caller_arn, stream.region, stream.key_id)
    encryption_type = stream.encryption_type_of_new_records
    shards = stream.shards_for(batch.hash_keys)
    failures = _failures(stream, records, batch, shards, answer_faults, now)
    if answer_faults is not None:  # a predicate may have deleted the stream, or changed its shards
        if stream.region.streams.get(stream.stream_name) is not stream:
            raise errors.stream_not_found(stream.stream_name, stream.region.account_id)
        shards = stream.shards_for(batch.hash_keys)
    stream.rotate_auto_shard(batch.hash_keys.count(None))
    results = []
    columns = batch.data, batch.partition_keys, batch.explicit_hash_keys
    for index, (shard, data, partition_key, explicit_hash_key) in enumerate(zip(shards, *columns, strict=True)):
        if failures and (failure := failures.get(index)) is not None:
            results.append({"ErrorCode": failure.code, "ErrorMessage": failure.message or ""})
            continue
        number = shard.append(data, partition_key, explicit_hash_key, encryption_type, now)
        results.append({"SequenceNumber": number, "ShardId": shard.shard_id})
    answer: dict[str, Any] = {"FailedRecordCount": len(failures), "Records": results}
    if encryption_type is not None:
        answer["EncryptionType"] = encryption_type
    return answer


class _Batch(NamedTuple):
    """The records of a PutRecords in columns. A hash key is None where the stream distributes records itself."""

    data: Sequence[bytes]
    partition_keys: Sequence[str | None]
    explicit_hash_keys: Sequence[int | None]
    hash_keys: Sequence[int | None]

    def sizes(self) -> list[int]:
        """The size of each record in bytes."""
        partition_keys = [key or "" for key in self.partition_keys]
        if not "".join(partition_keys).isascii():
            return list(map(_size, self.data, partition_keys))
        return list(map(add, map(len, self.data), map(len, partition_keys)))


def _batch_of(stream: Stream, records: Sequence[Mapping[str, Any]]) -> _Batch:
    """The records of a PutRecords; raises AWS's error if the stream cannot take one of them, or all together."""
    limit = stream.max_record_size_bytes
    auto = stream.is_auto_distributed
    if type(records) is PlainRecords and records.is_within(limit, PUT_RECORDS_MAX_BYTES):
        nothing = [None] * len(records)
        partition_keys = records.partition_keys
        hash_keys = nothing if auto else list(map(hash_key_of, partition_keys))
        return _Batch(records.data, partition_keys, nothing, hash_keys)
    total = 0
    entries: list[tuple[bytes, str | None, int | None, int | None]] = []
    for record in records:
        data = record["Data"]
        partition_key = record.get("PartitionKey")
        size = _size(data, partition_key)
        if size > limit or (partition_key is None and not auto):
            paths = (f"records.{number}.member." for number in range(1, len(records) + 1))
            _refuse_unfit(
                stream,
                [(path, each["Data"], each.get("PartitionKey")) for path, each in zip(paths, records, strict=True)],
            )
        total += size
        hash_key = _hash_key(stream, partition_key, record.get("ExplicitHashKey"))
        entries.append((data, partition_key, hash_key if "ExplicitHashKey" in record else None, hash_key))
    if total > PUT_RECORDS_MAX_BYTES:
        raise errors.records_too_large()
    return _Batch(*map(list, zip(*entries, strict=True)))


def _failures(
    stream: Stream,
    records: Sequence[Mapping[str, Any]],
    batch: _Batch,
    shards: Sequence[Shard],
    answer_faults: AnswerFaults | None,
    now: int,
) -> Mapping[int, AwsError]:
    """The records of a PutRecords that fail, by index: a fault has picked them, or their shards refuse them."""
    rates = stream.region.world.rates
    if rates is None and answer_faults is None:
        return {}
    codes = answer_faults.failing(records, [shard.shard_id for shard in shards]) if answer_faults is not None else {}
    throttled = rates.refused(stream, shards, batch.sizes(), now, codes) if rates is not None else ()
    failures: dict[int, AwsError] = {}
    for index in (*codes, *throttled):
        shard = shards[index]
        failure = errors.write_rate_exceeded(shard.shard_id, stream.stream_name, stream.region.account_id)
        is_internal = index in codes and codes[index] != failure.code
        failures[index] = errors.record_internal_failure() if is_internal else failure
    return failures


def _unwritable(stream: Stream) -> AwsError:
    """AWS's error for a stream that takes no records. AWS does not find a stream that is CREATING (recorded)."""
    return errors.stream_not_found(stream.stream_name, stream.region.account_id)


def _refuse_unfit(stream: Stream, records: Sequence[tuple[str, bytes, str | None]]) -> None:
    """Refuse records that other streams would take, but this one does not. Each comes with the path of its members.

    Broken constraints of all records are reported in one error, as those of the model are; other errors name only the
    first record that has them.
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
    """The size of a record in bytes: its data and its partition key."""
    return len(data) + (_bytes_of(partition_key) if partition_key is not None else 0)


def _bytes_of(partition_key: str) -> int:
    return len(partition_key.encode("utf-8", "surrogatepass"))


def _hash_key(stream: Stream, partition_key: str | None, explicit_hash_key: str | None) -> int | None:
    """The hash key that decides about a record's shard; None if the stream itself decides."""
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
    # A child shard's sequence numbers may bear the second after this one; they are not from the future.
    newest_second = max(now // 1000, *(shard.creation_second for shard in stream.open_shards))
    if parsed.second > newest_second:
        raise errors.ordering_number_invalid(digits, stream.stream_name, account_id)
