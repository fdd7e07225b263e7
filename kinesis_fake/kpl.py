"""The aggregates of the Kinesis Producer Library: many user records in one record of a stream.

An aggregate is a magic number, a message of protocol buffers, and the MD5 of that message. The messages are those of
aggregation-format.md in amazon-kinesis-producer. Reading aggregates needs protobuf, the extra ``kpl``, because a real
consumer treats broken messages as protobuf does. Writing them needs no other package.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import md5
from typing import Any

from kinesis_fake.misuse import KinesisFakeError

MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST_BYTES = 16


@dataclass(frozen=True)
class AggregatedRecord:
    """One user record inside an aggregate; its ``explicit_hash_key`` may be None."""

    data: bytes
    partition_key: str
    explicit_hash_key: int | None


def is_aggregate(data: bytes) -> bool:
    """Whether data has the magic number at its beginning and the right digest at its end."""
    if not data.startswith(MAGIC) or len(data) <= len(MAGIC) + _DIGEST_BYTES:
        return False
    message, digest = data[len(MAGIC) : -_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    return md5(message, usedforsecurity=False).digest() == digest


def take_apart(data: bytes) -> list[AggregatedRecord] | None:
    """The user records of an aggregate, in order; None if consumers would not take the data for an aggregate."""
    if not is_aggregate(data):
        return None
    message_class, decode_error = _message()
    message = message_class()
    try:
        message.ParseFromString(data[len(MAGIC) : -_DIGEST_BYTES])
        partition_keys, hash_keys = message.partition_key_table, message.explicit_hash_key_table
        return [
            AggregatedRecord(
                record.data,
                partition_keys[record.partition_key_index],
                int(hash_keys[record.explicit_hash_key_index]) if record.HasField("explicit_hash_key_index") else None,
            )
            for record in message.records
        ]
    except (decode_error, IndexError, ValueError):
        return None


def aggregate(records: Iterable[AggregatedRecord]) -> bytes:
    """The data of one record that holds these user records."""
    partition_keys: dict[str, int] = {}
    hash_keys: dict[str, int] = {}
    messages = []
    for each in records:
        message = _number(1, partition_keys.setdefault(each.partition_key, len(partition_keys)))
        if each.explicit_hash_key is not None:
            message += _number(2, hash_keys.setdefault(str(each.explicit_hash_key), len(hash_keys)))
        messages.append(message + _bytes(3, each.data))
    fields = [
        *(_bytes(1, key.encode()) for key in partition_keys),
        *(_bytes(2, key.encode()) for key in hash_keys),
        *(_bytes(3, message) for message in messages),
    ]
    body = b"".join(fields)
    return MAGIC + body + md5(body, usedforsecurity=False).digest()


def _number(field: int, value: int) -> bytes:
    """A field of a message that holds a whole number."""
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    """A field of a message that holds bytes, a text or another message."""
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


@cache
def _message() -> tuple[Any, type[Exception]]:
    """The class of the messages, and the exception that parsing raises."""
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
        from google.protobuf.message import DecodeError
    except ImportError:
        raise KinesisFakeError(
            "A record of the Kinesis Producer Library is a message of protocol buffers, and protobuf is not installed: "
            "pip install 'kinesis-fake[kpl]'.",
            see="installed-versions",
        ) from None
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="kinesis_fake/kpl.proto", package="kinesis_fake.kpl")

    def add(name: str, *fields: tuple[str, int, int, str | None]) -> None:
        declared = file.message_type.add(name=name)
        for number, (field_name, label, kind, type_name) in enumerate(fields, 1):
            declared.field.add(name=field_name, number=number, label=label, type=kind, type_name=type_name)

    one, maybe, many = field.LABEL_REQUIRED, field.LABEL_OPTIONAL, field.LABEL_REPEATED
    add("Tag", ("key", one, field.TYPE_STRING, None), ("value", maybe, field.TYPE_STRING, None))
    add(
        "Record",
        ("partition_key_index", one, field.TYPE_UINT64, None),
        ("explicit_hash_key_index", maybe, field.TYPE_UINT64, None),
        ("data", one, field.TYPE_BYTES, None),
        ("tags", many, field.TYPE_MESSAGE, ".kinesis_fake.kpl.Tag"),
    )
    add(
        "AggregatedRecord",
        ("partition_key_table", many, field.TYPE_STRING, None),
        ("explicit_hash_key_table", many, field.TYPE_STRING, None),
        ("records", many, field.TYPE_MESSAGE, ".kinesis_fake.kpl.Record"),
    )
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    descriptor = pool.FindMessageTypeByName("kinesis_fake.kpl.AggregatedRecord")
    return message_factory.GetMessageClass(descriptor), DecodeError
