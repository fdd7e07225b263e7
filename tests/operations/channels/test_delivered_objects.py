"""In which form a channel delivers records: lines, dead letters, keys of objects, and rows of tables."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.channels import create_for_bucket, create_for_table
from tests.support.model import needs

pytestmark = [
    needs("CreateChannel"),
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}),
]


@pytest.mark.parametrize(
    ("record_format", "body"),
    [("STRING", b"one\ntwo\xff\n"), ("BYTE_ARRAY", b"onetwo\xff")],
)
def test_strings_are_lines_and_bytes_just_follow_each_other(
    kinesis: KinesisFake, client: Any, orders: Any, record_format: Any, body: Any
) -> None:
    create_for_bucket(client, record_format)
    kinesis.settle()
    orders.put(b"one", explicit_hash_key=0)
    orders.put(b"two\xff", explicit_hash_key=0)
    kinesis.advance(seconds=300)
    (delivered,) = kinesis.channel("lake").delivered
    assert (delivered.body, delivered.records) == (body, (b"one", b"two\xff"))
    assert (delivered.bucket, delivered.table, delivered.rows) == ("lake", None, ())
    assert kinesis.channel("lake").dead_letters == []


NO_JSON = [b"", b"{", b"{'a': 1}", b"NaN", b'[{"a": -Infinity}]', b"\xff", b'\xef\xbb\xbf{"a": 1}', b"[" * 100_000]


def test_json_that_is_none_is_a_dead_letter(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    create_for_bucket(client, "JSON")
    kinesis.settle()
    good = [b'{"a": 1}', b" [1, 2.5, null] ", b'"text"', '{"name": "Zoë"}'.encode()]
    for data in [good[0], *NO_JSON, *good[1:]]:
        orders.put(data, explicit_hash_key=0)
    kinesis.advance(seconds=300)
    (delivered,) = kinesis.channel("lake").delivered
    (dead,) = kinesis.channel("lake").dead_letters
    assert delivered.records == tuple(good)
    assert delivered.body == b"".join(data + b"\n" for data in good)
    assert dead.records == tuple(NO_JSON)
    assert (dead.bucket, dead.table, dead.rows, dead.delivered_at) == ("lake", None, (), delivered.delivered_at)
    channel_id = kinesis.channel("lake").channel_arn.rpartition("/")[2]
    assert dead.key == (f"kinesis-channel/errors/lake/{channel_id}/2026/01/01/00/lake-{channel_id}-2026-01-01-00-05")


@pytest.mark.parametrize("prefix", [None, "bad/"])
def test_dead_letters_go_where_they_were_sent(kinesis: KinesisFake, client: Any, orders: Any, prefix: Any) -> None:
    more = {} if prefix is None else {"ErrorOutputPrefix": prefix}
    create_for_bucket(client, "JSON", dead_letters={"BucketARN": "arn:aws:s3:::broken", **more})
    kinesis.settle()
    orders.put(b"no json")
    kinesis.advance(seconds=300)
    view = kinesis.channel("lake")
    channel_id = view.channel_arn.rpartition("/")[2]
    assert view.delivered == []
    (dead,) = view.dead_letters
    assert dead.bucket == "broken"
    folder = prefix or f"kinesis-channel/errors/lake/{channel_id}/"
    assert dead.key == f"{folder}2026/01/01/00/lake-{channel_id}-2026-01-01-00-05"


def test_each_object_has_a_key_of_its_own(kinesis: KinesisFake, orders: Any, channel: Any) -> None:
    channel_id = channel.channel_arn.rpartition("/")[2]
    for _ in range(2):
        orders.put(b"data")
        kinesis.advance(hours=1)
    assert [one.key for one in channel.delivered] == [
        f"kinesis-channel/lake/{channel_id}/2026/01/01/00/lake-{channel_id}-2026-01-01-00-05",
        f"kinesis-channel/lake/{channel_id}/2026/01/01/01/lake-{channel_id}-2026-01-01-01-05",
    ]


@pytest.mark.parametrize(
    ("template", "compression_type", "key"),
    [
        ("!{yyyy}-!{MM}-!{dd}T!{HH}:!{mm}", "NONE", "2026-01-01T00:05"),
        ("raw/!{channel-name}", "NONE", "raw/lake-00000001"),
        ("!{unknown}/{yyyy}/!{mm}!{extension}", "NONE", "!{unknown}/{yyyy}/05"),
        ("!{mm}!{extension}", "GZIP", "05.gz"),
        ("!{mm}!{extension}", "ZSTD", "05.zst"),
    ],
)
def test_a_key_is_made_from_the_template(
    kinesis: KinesisFake, client: Any, orders: Any, template: Any, compression_type: Any, key: Any
) -> None:
    create_for_bucket(client, OutputKeyTemplate=template, CompressionType=compression_type)
    kinesis.settle()
    orders.put(b"data")
    kinesis.advance(seconds=300)
    assert [one.key for one in kinesis.channel("lake").delivered] == [key]


def test_a_table_gets_rows(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    create_for_table(client)
    kinesis.settle()
    rows = [{"id": 1, "items": ["teapot"]}, {"id": 2, "items": []}]
    no_rows = [b"[1]", b"3", b"null", b"no json"]
    for data in [json.dumps(rows[0]).encode(), *no_rows, json.dumps(rows[1]).encode()]:
        orders.put(data, explicit_hash_key=0)
    kinesis.advance(seconds=300)
    view = kinesis.channel("lake")
    (delivered,), (dead,) = view.delivered, view.dead_letters
    assert (delivered.bucket, delivered.table, delivered.key) == ("tables", "sales.orders", None)
    assert delivered.rows == tuple(rows)
    assert [json.loads(line) for line in delivered.body.splitlines()] == rows
    assert (dead.bucket, dead.table, dead.records) == ("broken", None, tuple(no_rows))


def test_json_of_the_schema_registry_loses_its_header(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    create_for_table(client, "GSR_JSON")
    kinesis.settle()
    schema_version = bytes(range(16))
    text = b'{"id": 1}'
    good = [b"\x03\x00" + schema_version + text, b"\x03\x05" + schema_version + zlib.compress(text)]
    no_rows = [
        text,
        b"\x03\x00" + schema_version[:15],
        b"\x03\x00" + schema_version,
        b"\x02\x00" + schema_version + text,
        b"\x03\x05" + schema_version + text,
    ]
    for data in [*good, *no_rows]:
        orders.put(data, explicit_hash_key=0)
    kinesis.advance(seconds=300)
    view = kinesis.channel("lake")
    (delivered,), (dead,) = view.delivered, view.dead_letters
    assert delivered.rows == ({"id": 1}, {"id": 1})
    assert delivered.records == (text, text)
    assert dead.records == tuple(no_rows)
