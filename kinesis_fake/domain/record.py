"""One data record, as a shard stores it."""

from __future__ import annotations

from kinesis_fake.named_tuples import NamedTuple


class Record(NamedTuple):
    """A record in a shard; ``arrived_at`` is in milliseconds since the epoch.

    ``encryption_type`` is None if the record was written while the stream was not encrypted. ``partition_key`` is None
    if it was written without one, to a stream that distributes records itself.
    """

    sequence_number: str
    arrived_at: int
    data: bytes
    partition_key: str | None
    explicit_hash_key: int | None
    encryption_type: str | None


#: A Record as a shard keeps it: the same fields, in the same order, in a plain tuple.
RecordFields = tuple[str, int, bytes, "str | None", "int | None", "str | None"]
