"""Hypothesis strategies for Kinesis: what AWS accepts, drawn most often where its limits are.

The module needs Hypothesis, the extra ``hypothesis``. Every strategy gives plain values that print as the code which
makes them, and shrinks to the shortest and the first: one record, the key "0", no fault, no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from kinesis_fake.named_tuples import NamedTuple

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        "kinesis_fake.strategies needs Hypothesis, which is not installed: pip install 'kinesis-fake[hypothesis]'.",
        name=_error.name,
    ) from _error

from kinesis_fake import kpl, settings
from kinesis_fake.domain.hash_key import hash_key_of
from kinesis_fake.faults.fault import Fault
from kinesis_fake.misuse import KinesisFakeError

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from kinesis_fake.toolkit.fake import KinesisFake
    from kinesis_fake.toolkit.views.shards import ShardView

__all__ = [
    "Aggregate",
    "Merge",
    "PlannedFault",
    "Scale",
    "Split",
    "UserRecord",
    "aggregates",
    "batches",
    "blobs",
    "fault_schedules",
    "faults",
    "hash_keys",
    "partition_keys",
    "records",
    "reshard_plans",
    "stream_names",
    "time_jumps",
]

KIB = 1024
MIB = 1024 * KIB
LAST_HASH_KEY = 2**128 - 1
#: The most characters of a partition key (API reference, PutRecord).
LONGEST_PARTITION_KEY = 256
#: The most records of one PutRecords (API reference).
MAX_RECORDS_OF_A_BATCH = 500

# --- names and keys -------------------------------------------------------------------------------------------------

_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
#: Keys that programs have stumbled over: one letter written in two ways, characters outside the basic plane, text that
#: runs from right to left, invisible characters, those that JSON escapes, and those that look like something else.
_ODD_KEYS = (
    "é",
    "e\u0301",
    "😀",
    "👩\u200d👩\u200d👧",
    "مفتاح",
    "\u202ekey",
    "\u200b",
    "\ufeff",
    "\u2028",
    '"',
    "\\",
    "\n",
    "\x00",
    "\x7f",
    " ",
    "null",
    "None",
    "0",
    "-1",
    "1e3",
)


def stream_names() -> SearchStrategy[str]:
    """Names that CreateStream accepts: 1 to 128 of letters, digits, ``_``, ``.`` and ``-``."""
    ordinary = st.text(_NAME_CHARACTERS, min_size=1, max_size=12)
    limits = st.sampled_from(["a", "-", ".", "_", "..", "0", "A" * 127, "a" * 128, "." * 128])
    return st.one_of(ordinary, limits)


def partition_keys(shard: ShardView | None = None) -> SearchStrategy[str]:
    """Partition keys of 1 to 256 characters, odd Unicode included; with ``shard`` only those that lead to it."""
    if shard is not None:
        return _partition_keys_of(shard.shard_id, shard.starting_hash_key, shard.ending_hash_key)
    ordinary = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
    limits = st.sampled_from(["a" * 255, "a" * 256, "é" * 256, "漢" * 256, "😀" * 128])
    return st.one_of(st.sampled_from("0123456789"), ordinary, st.sampled_from(_ODD_KEYS), limits)


def _partition_keys_of(shard_id: str, starting_hash_key: int, ending_hash_key: int) -> SearchStrategy[str]:
    """One of the first keys, counted from 0, whose hash lies in the range; a filter would throw nearly all away."""
    wanted = range(starting_hash_key, ending_hash_key + 1)
    tries = 64 * (2**128 // (ending_hash_key - starting_hash_key + 1) + 1)
    if tries > 1_000_000:
        raise KinesisFakeError(
            f"{shard_id} covers too few hash keys to look for partition keys that lead to it; put records there with "
            f"hash_keys(shard) as their explicit hash keys."
        )
    return st.sampled_from(list(islice((key for key in map(str, range(tries)) if hash_key_of(key) in wanted), 32)))


def hash_keys(shard: ShardView | None = None) -> SearchStrategy[int]:
    """Hash keys, at and beside both ends and the middle of the whole range, or of a shard's."""
    first, last = (0, LAST_HASH_KEY) if shard is None else (shard.starting_hash_key, shard.ending_hash_key)
    middle = (first + last + 1) // 2
    near = [first, first + 1, first + 2, middle - 1, middle, middle + 1, last - 1, last]
    inside = sorted({hash_key for hash_key in near if first <= hash_key <= last})
    return st.one_of(st.sampled_from(inside), st.integers(first, last))


# --- data -----------------------------------------------------------------------------------------------------------


class _Repeated(bytes):
    """Bytes that are all alike, and print as one byte and its number."""

    def __repr__(self) -> str:
        return f"{bytes(self[:1])!r} * {len(self)}"


def blobs(max_bytes: int = MIB) -> SearchStrategy[bytes]:
    """Data of a record: a few bytes of any kind, or many that are alike, up to and beside ``max_bytes``."""
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
        contents = (
            kpl.AggregatedRecord(each.data, each.partition_key, each.explicit_hash_key) for each in user_records
        )
        self = super().__new__(cls, kpl.aggregate(contents))
        self.user_records = tuple(user_records)
        return self

    def __repr__(self) -> str:
        return f"Aggregate({list(self.user_records)!r})"


def aggregates(max_user_records: int = 5) -> SearchStrategy[Aggregate]:
    """Records of the Kinesis Producer Library, each with the records inside it in ``user_records``."""
    explicit_hash_keys = st.one_of(st.none(), hash_keys())
    user_record = st.builds(UserRecord, partition_keys(), explicit_hash_keys, st.binary(max_size=16))
    return st.lists(user_record, min_size=1, max_size=max_user_records).map(Aggregate)


# --- records --------------------------------------------------------------------------------------------------------


def records(shard: ShardView | None = None, *, max_record_size_kib: int = 1024) -> SearchStrategy[dict[str, Any]]:
    """Entries of PutRecords, or the parameters of PutRecord beside the stream: data, partition key, explicit hash key.

    Data and partition key together are at most as large as the stream allows, 1024 KiB unless it says otherwise. With
    ``shard`` each record goes there.
    """
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
    """Many small records, evenly spread over hash keys, that print as the comprehension which makes them."""

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
    first, last = (0, LAST_HASH_KEY) if shard is None else (shard.starting_hash_key, shard.ending_hash_key)
    few = st.lists(records(shard), min_size=1, max_size=max_size).map(_within_ten_mebibytes)
    many = st.sampled_from([0] * 14 + [MAX_RECORDS_OF_A_BATCH - 1, MAX_RECORDS_OF_A_BATCH])

    def batch(few: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
        return few if number == 0 else _EvenBatch(number, first, (last - first + 1) // number)

    # Both are drawn always, so that many shrink to few.
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


# --- reshards -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """Split the open shard at this place in the order of hash keys, at this part of its range.

    Places beyond the last shard start again with the first.
    """

    place: int
    part: float = 0.5

    def carry_out(self, kinesis: KinesisFake, stream_name: str) -> None:
        """Split it at once; a shard that is too narrow is left alone."""
        stream = kinesis.stream(stream_name)
        shards = _in_order(stream.open_shards)
        shard = shards[self.place % len(shards)]
        size = shard.ending_hash_key - shard.starting_hash_key + 1
        if size > 3:
            # In whole thousandths, because a float has no room for 128 bits.
            cut = size * round(self.part * 1000) // 1000
            stream.split(shard.shard_id, shard.starting_hash_key + min(max(cut, 2), size - 2))


@dataclass(frozen=True)
class Merge:
    """Merge the open shard at this place in the order of hash keys with the one above it."""

    place: int

    def carry_out(self, kinesis: KinesisFake, stream_name: str) -> None:
        """Merge them at once; a shard that is alone is left alone."""
        stream = kinesis.stream(stream_name)
        shards = _in_order(stream.open_shards)
        if len(shards) > 1:
            place = self.place % (len(shards) - 1)
            stream.merge(shards[place].shard_id, shards[place + 1].shard_id)


@dataclass(frozen=True)
class Scale:
    """UpdateShardCount to twice the open shards, to half of them (rounded up), or to a count between."""

    factor: float

    def carry_out(self, kinesis: KinesisFake, stream_name: str) -> None:
        """Call UpdateShardCount and move the clock to its end."""
        open_shards = len(kinesis.stream(stream_name).open_shards)
        target = min(max(round(open_shards * self.factor), -(-open_shards // 2)), 2 * open_shards)
        if target != open_shards:
            kinesis.client().update_shard_count(
                StreamName=stream_name, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
            )
            kinesis.settle()


def _in_order(shards: list[ShardView]) -> list[ShardView]:
    return sorted(shards, key=lambda shard: shard.starting_hash_key)


def reshard_plans(max_steps: int = 5) -> SearchStrategy[list[Split | Merge | Scale]]:
    """Lists of splits, merges and changes of the shard count; ``step.carry_out(kinesis, stream_name)`` does one."""
    places = st.integers(0, 7)
    splits = st.builds(Split, places, st.sampled_from([0.5, 0.25, 0.0, 1.0, 0.001, 0.999]))
    scales = st.builds(Scale, st.sampled_from([2.0, 0.5, 1.5, 0.75]))
    return st.lists(st.one_of(splits, st.builds(Merge, places), scales), max_size=max_steps)


# --- faults ---------------------------------------------------------------------------------------------------------

#: The operations that faults strike unless others are named.
READING = ("GetRecords", "GetShardIterator", "ListShards", "SubscribeToShard")
WRITING = ("PutRecord", "PutRecords")
_KMS_CODES = ("KMSDisabledException", "KMSThrottlingException", "KMSAccessDeniedException", "KMSInvalidStateException")
#: One attempt more than any retry mode of the SDK makes: legacy makes five.
MORE_THAN_THE_SDK_RETRIES = 6


@dataclass(frozen=True)
class PlannedFault:
    """A fault, and how many seconds of virtual time after the start of its schedule it is injected."""

    after_seconds: float
    fault: Fault


def faults(*operations: str) -> SearchStrategy[Fault]:
    """Faults of operations that read or write records, all of those if none is named.

    A kind of fault that concerns one operation only is drawn when that operation is among them.
    """
    chosen = operations or READING + WRITING
    concerned = st.sampled_from(chosen)
    times = st.sampled_from([{}, {"times": 2}, {"times": MORE_THAN_THE_SDK_RETRIES}])

    def calls(kind: str, of: SearchStrategy[str], **options: Sequence[object]) -> SearchStrategy[Fault]:
        drawn = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in options.items()})
        return st.builds(
            lambda name, chosen_options, often: getattr(Fault, kind)(name, **chosen_options, **often), of, drawn, times
        )

    kinds = [
        calls("throttle", concerned),
        calls("internal_error", concerned),
        calls("service_unavailable", concerned),
        calls("connection_error", concerned, applied=[False, True]),
        calls("read_timeout", concerned, applied=[True, False]),
        calls("latency", concerned, milliseconds=[5_000, 59_999, 60_001]),
    ]
    if encrypted := [name for name in chosen if name in (*WRITING, "GetRecords", "SubscribeToShard")]:
        kinds.append(calls("kms_error", st.sampled_from(encrypted), code=_KMS_CODES))
    odd: list[Fault] = []
    if "GetRecords" in chosen:
        odd += [Fault.expired_iterator(), Fault.empty_read(), Fault.short_read(1)]
        odd += [Fault.late_end_of_shard(), Fault.arrivals_go_back(1_000)]
    if "PutRecords" in chosen:
        odd += [Fault.partial_failure(indexes=[0]), Fault.partial_failure(fraction=0.5)]
        odd.append(Fault.partial_failure(fraction=1.0, code="InternalFailure", times=3))
    if "SubscribeToShard" in chosen:
        odd.append(Fault.broken_stream())
    if odd:
        kinds.append(st.sampled_from(odd))
    return st.one_of(kinds)


def fault_schedules(*operations: str, max_faults: int = 4) -> SearchStrategy[list[PlannedFault]]:
    """Lists of faults in the order of their instants, within a quarter of an hour; see :func:`faults`."""
    instants = st.one_of(st.just(0.0), st.sampled_from([1.0, 5.0, 299.999, 300.0, 300.001]), st.integers(0, 900))
    planned = st.builds(PlannedFault, instants.map(float), faults(*operations))
    return st.lists(planned, max_size=max_faults).map(lambda plan: sorted(plan, key=lambda each: each.after_seconds))


# --- time -----------------------------------------------------------------------------------------------------------


def _limits_in_ms() -> list[int]:
    durations = settings.Durations()
    transitions = [
        durations.creating_ms,
        durations.splitting_ms,
        durations.updating_shard_count_ms,
        durations.updating_retention_ms,
        durations.registering_consumer_ms,
    ]
    return [
        1_000,  # rates count seconds
        settings.TAKE_OVER_MS,
        settings.ITERATOR_LIFETIME_MS,  # and the life of a token, and of a subscription
        *transitions,
        settings.HOUR_MS,
        settings.DAY_MS,  # and the shortest retention
        2 * settings.DAY_MS,
        7 * settings.DAY_MS,
        365 * settings.DAY_MS,
    ]


#: Every duration at which Kinesis does something, in milliseconds, shortest first.
LIMITS_MS = tuple(sorted(set(_limits_in_ms())))


def time_jumps(max_jump: timedelta = timedelta(days=366)) -> SearchStrategy[timedelta]:
    """Durations for :meth:`KinesisFake.advance`: on and beside every limit, and some between, up to ``max_jump``."""
    most = max_jump // timedelta(milliseconds=1)
    beside = chain.from_iterable((limit - 1, limit, limit + 1) for limit in LIMITS_MS)
    on_limits = [ms for ms in beside if ms <= most]
    milliseconds = st.one_of(
        st.sampled_from([0, 1, *on_limits] if most else [0]),
        st.integers(0, min(most, 120_000)),
        st.integers(0, most),
    )
    return milliseconds.map(lambda ms: timedelta(milliseconds=ms))
