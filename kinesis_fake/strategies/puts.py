"""Strategies for what a producer puts: data, single records, and lists of records for PutRecords."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from kinesis_fake import kpl, settings
from kinesis_fake.misuse import KinesisFakeError, instance_of, several, text, whole_number
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.strategies.keys import LAST_HASH_KEY, hash_keys, partition_keys, require_shard

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from kinesis_fake.toolkit.views.shards import ShardView

KIB = 1024
MIB = 1024 * KIB
#: The most records of one PutRecords (API reference).
MAX_RECORDS_OF_A_BATCH = settings.PUT_RECORDS_MAX_RECORDS
#: The smallest and the largest maximum record size that a stream may have (API reference, CreateStream).
DEFAULT_RECORD_KIB, LARGEST_RECORD_KIB = 1024, 10_240


class _Repeated(bytes):
    """The same byte many times, printed as a product."""

    def __repr__(self) -> str:
        return f"{bytes(self[:1])!r} * {len(self)}"


def blobs(max_bytes: int = MIB) -> SearchStrategy[bytes]:
    """Data of a record: a few bytes of any kind, or one byte many times, up to ``max_bytes``."""
    whole_number("max_bytes", max_bytes, 0, LARGEST_RECORD_KIB * KIB)
    few = st.binary(max_size=min(16, max_bytes))
    sizes = sorted({size for size in (25 * KIB, 100 * KIB, max_bytes - 1, max_bytes) if 0 < size <= max_bytes})
    return few if not sizes else st.one_of(few, st.sampled_from(sizes).map(lambda size: _Repeated(b"x" * size)))


class UserRecord(NamedTuple):
    """A record inside an aggregate; ``explicit_hash_key`` is None if the producer gave none."""

    partition_key: str
    explicit_hash_key: int | None
    data: bytes


class Aggregate(bytes):
    """The data of a record that the Kinesis Producer Library has put together from several.

    :mod:`kinesis_fake.kpl` knows the layout.
    """

    user_records: tuple[UserRecord, ...]

    def __new__(cls, user_records: Sequence[UserRecord]) -> Aggregate:
        given = several("user_records", user_records, such_as="[UserRecord('ada', None, b'1 teapot')]")
        if not given:
            raise KinesisFakeError("An Aggregate has one user record at least.")
        self = super().__new__(cls, kpl.aggregate([_aggregated(each) for each in given]))
        self.user_records = tuple(given)
        return self

    def __repr__(self) -> str:
        return f"Aggregate({list(self.user_records)!r})"


def _aggregated(each: Any) -> kpl.AggregatedRecord:
    partition_key, explicit_hash_key, data = instance_of("Each user record", each, UserRecord)
    text("The partition key of a user record", partition_key, longest=256)
    if explicit_hash_key is not None:
        whole_number("The explicit hash key of a user record", explicit_hash_key, 0, LAST_HASH_KEY)
    instance_of("The data of a user record", data, bytes)
    return kpl.AggregatedRecord(data, partition_key, explicit_hash_key)


def aggregates(max_user_records: int = 5) -> SearchStrategy[Aggregate]:
    """Records of the Kinesis Producer Library, each with the records inside it in ``user_records``."""
    whole_number("max_user_records", max_user_records, 1)
    explicit_hash_keys = st.one_of(st.none(), hash_keys())
    user_record = st.builds(UserRecord, partition_keys(), explicit_hash_keys, st.binary(max_size=16))
    return st.lists(user_record, min_size=1, max_size=max_user_records).map(Aggregate)


def records(shard: ShardView | None = None, *, max_record_size_kib: int = 1024) -> SearchStrategy[dict[str, Any]]:
    """Entries of PutRecords, or the parameters of PutRecord beside the stream: data, partition key, explicit hash key.

    Data and partition key together have at most ``max_record_size_kib``, AWS's default unless the test gives another.
    With ``shard`` every record goes there.
    """
    require_shard(shard)
    whole_number("max_record_size_kib", max_record_size_kib, DEFAULT_RECORD_KIB, LARGEST_RECORD_KIB)
    max_bytes = max_record_size_kib * KIB
    data = st.one_of(blobs(), aggregates())

    def fitting(data: bytes, partition_key: str, explicit_hash_key: int | None, at_limit: bool) -> dict[str, Any]:
        room = max_bytes - len(partition_key.encode())
        if at_limit or len(data) > room:
            data = _Repeated(b"x" * room)
        record: dict[str, Any] = {"Data": data, "PartitionKey": partition_key}
        if explicit_hash_key is not None:
            record["ExplicitHashKey"] = str(explicit_hash_key)
        return record

    # One record in eight is as large as it may be.
    at_limit = st.sampled_from([False] * 7 + [True])
    explicit = st.one_of(st.none(), hash_keys(shard))
    if shard is None:
        return st.builds(fitting, data, partition_keys(), explicit, at_limit)
    try:
        keys = partition_keys(shard)
    except KinesisFakeError:
        return st.builds(fitting, data, partition_keys(), hash_keys(shard), at_limit)
    return st.one_of(
        st.builds(fitting, data, keys, st.none(), at_limit),
        st.builds(fitting, data, partition_keys(), hash_keys(shard), at_limit),
    )


class _EvenBatch(list[dict[str, Any]]):
    """Many small records, evenly spread over hash keys, printed as a list comprehension."""

    def __init__(self, number: int, first: int, step: int) -> None:
        super().__init__(
            {"Data": b"%d" % index, "PartitionKey": str(index), "ExplicitHashKey": str(first + index * step)}
            for index in range(number)
        )
        self._code = (
            "[{'Data': b'%d' % index, 'PartitionKey': str(index), "
            f"'ExplicitHashKey': str({first} + index * {step})}} for index in range({number})]"
        )

    def __repr__(self) -> str:
        return self._code


def batches(shard: ShardView | None = None, *, max_size: int = 8) -> SearchStrategy[list[Any]]:
    """Lists for PutRecords: up to ``max_size`` different records, or 499 or 500 small ones; never above 10 MiB.

    Each is a list of dictionaries with ``Data`` and ``PartitionKey``; typed clients take it as ``Records``.
    """
    require_shard(shard)
    whole_number("max_size", max_size, 1, MAX_RECORDS_OF_A_BATCH)
    first, last = (0, LAST_HASH_KEY) if shard is None else (shard.starting_hash_key, shard.ending_hash_key)
    few = st.lists(records(shard), min_size=1, max_size=max_size).map(_within_ten_mebibytes)
    many = st.sampled_from([0] * 14 + [MAX_RECORDS_OF_A_BATCH - 1, MAX_RECORDS_OF_A_BATCH])

    def batch(few: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
        return few if number == 0 else _EvenBatch(number, first, (last - first + 1) // number)

    # Both lists are always drawn, so that a long list shrinks to a short one.
    return st.builds(batch, few, many)


def _within_ten_mebibytes(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    room = settings.PUT_RECORDS_MAX_BYTES
    fitting = []
    for record in batch:
        room -= len(record["Data"]) + len(record["PartitionKey"].encode())
        if room < 0:
            break
        fitting.append(record)
    return fitting
