"""The records of a PutRecords, as rows and as columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import Any

_data_of = itemgetter("Data")
_partition_key_of = itemgetter("PartitionKey")


class PlainRecords(list[dict[str, Any]]):
    """Records that have bytes as data, text as partition key, and nothing else: nearly all that are ever put.

    They are a list of the records as they were sent, and have two columns besides: a list of all data and a list of all
    partition keys. A built-in function passes over a column once, where a loop over dictionaries takes 500 turns. That
    makes PutRecords of 500 records a fifth quicker.
    """

    __slots__ = ("data", "partition_keys")

    def __init__(self, records: Iterable[dict[str, Any]], data: list[bytes], partition_keys: list[str]) -> None:
        super().__init__(records)
        self.data: list[bytes] = data
        self.partition_keys: list[str] = partition_keys

    @property
    def columns(self) -> dict[str, Collection[Any]]:
        """The columns by the names of the members."""
        return {"Data": self.data, "PartitionKey": self.partition_keys}

    def is_within(self, record_limit: int, total_limit: int) -> bool:
        """Whether no record, and not all together, can have more bytes: in UTF-8 a character takes four at most."""
        data, partition_keys = list(map(len, self.data)), list(map(len, self.partition_keys))
        return (
            max(data) + 4 * max(partition_keys) <= record_limit and sum(data) + 4 * sum(partition_keys) <= total_limit
        )


def plain_records(records: object) -> PlainRecords | None:
    """The records of a call's own parameters, if they are plain, and what JSON would give back; else None.

    Data that is text is what botocore makes of it: its bytes in UTF-8.
    """
    if type(records) is not list or set(map(type, records)) != {dict} or set(map(len, records)) != {2}:
        return None
    try:
        data = list(map(_data_of, records))
        partition_keys = list(map(_partition_key_of, records))
    except KeyError:
        return None
    types = set(map(type, data))
    if (
        set(map(type, partition_keys)) != {str}
        or not types <= {bytes, str}
        or not is_kept_by_json("".join(partition_keys))
    ):
        return None
    if str in types:
        data = [each.encode() if type(each) is str else each for each in data]
        records = [{"Data": each, "PartitionKey": key} for each, key in zip(data, partition_keys, strict=True)]
    return PlainRecords(records, data, partition_keys)


def is_kept_by_json(text: str) -> bool:
    """Whether JSON gives back this very text: it makes one character of two surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
