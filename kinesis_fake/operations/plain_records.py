"""The records of a PutRecords, as rows and as columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any, overload

_data_of = itemgetter("Data")
_partition_key_of = itemgetter("PartitionKey")


class PlainRecords(Sequence[dict[str, Any]]):
    """Records that have bytes as data, text as partition key, and nothing else: nearly all that are ever put.

    They are a list of all data and one of all partition keys, taken from the records when the call was made; what the
    code under test makes of its own records afterwards does not matter. Whatever is asked of each of 500 values is
    answered by one pass of a built-in function over such a column, and not by 500 turns of a loop over dictionaries:
    that makes PutRecords of 500 records a fifth quicker. A record is made when it is asked for.
    """

    __slots__ = ("data", "partition_keys")

    def __init__(self, data: list[bytes], partition_keys: list[str]) -> None:
        self.data: list[bytes] = data
        self.partition_keys: list[str] = partition_keys

    def __len__(self) -> int:
        return len(self.data)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> PlainRecords: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | PlainRecords:
        if isinstance(index, slice):
            return PlainRecords(self.data[index], self.partition_keys[index])
        return {"Data": self.data[index], "PartitionKey": self.partition_keys[index]}

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
        try:
            data = [each.encode() if type(each) is str else each for each in data]
        except UnicodeEncodeError:  # botocore will say so, after what else it has to say
            return None
    return PlainRecords(data, partition_keys)


def is_kept_by_json(text: str) -> bool:
    """Whether JSON gives back this very text: it makes one character of two surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
