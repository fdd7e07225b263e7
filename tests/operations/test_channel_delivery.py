"""What a channel delivers, when, and in which form."""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake, Limits
from tests.support.model import needs

pytestmark = [
    needs("CreateChannel"),
    pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}),
]

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
#: When the channels of these tests are ACTIVE.
ACTIVE_AT = MIDNIGHT + timedelta(seconds=20)
ORDERS = f"arn:aws:kinesis:us-east-1:{A}:stream/orders"
TABLES = {
    "DeadLetterQueueS3Configuration": {"BucketARN": "arn:aws:s3:::broken", "ExpectedBucketOwner": A},
    "S3TablesConfigurationList": [
        {
            "TableBucketARN": f"arn:aws:s3tables:us-east-1:{A}:bucket/tables",
            "Namespace": "sales",
            "TableName": "orders",
            "CompressionType": "NONE",
        }
    ],
}


def create(
    client: Any,
    record_format: Any = "STRING",
    channel_name: Any = "lake",
    *,
    freshness: Any = None,
    dead_letters: Any = None,
    **storage: Any,
) -> Any:
    destination = {
        "StorageConfiguration": {
            "BucketARN": "arn:aws:s3:::lake",
            "ExpectedBucketOwner": A,
            "CompressionType": "NONE",
            **storage,
        }
    }
    if freshness is not None:
        destination["DataFreshnessInSeconds"] = freshness
    if dead_letters is not None:
        destination["DeadLetterQueueS3Configuration"] = {"ExpectedBucketOwner": A, **dead_letters}
    return _create(client, record_format, channel_name, S3DestinationConfiguration=destination)


def create_for_table(client: Any, record_format: Any = "JSON") -> Any:
    return _create(client, record_format, "lake", S3TablesDestinationConfiguration=TABLES)


def _create(client: Any, record_format: Any, channel_name: Any, **destination: Any) -> Any:
    record_configuration = {
        "RecordFormatType": record_format,
        "GSRSchemaARN": f"arn:aws:glue:us-east-1:{A}:schema/registry/orders",
    }
    return client.create_channel(
        ChannelName=channel_name,
        ServiceExecutionRoleARN=f"arn:aws:iam::{A}:role/delivery",
        StreamConfigurationList=[{"StreamARN": ORDERS, "RecordConfiguration": record_configuration}],
        **destination,
    )["ChannelDescription"]["ChannelARN"]


@pytest.fixture
def orders(kinesis: KinesisFake) -> Any:
    return kinesis.stream("orders")


@pytest.fixture
def lake(kinesis: KinesisFake, client: Any) -> Any:
    """A view of an ACTIVE channel with the default freshness."""
    create(client)
    kinesis.settle()
    return kinesis.channel("lake")


def put_numbers(client: Any, count: Any) -> None:
    """Put the numbers from zero on into the first shard, at one instant."""
    for start in range(0, count, 500):
        records = [
            {"Data": str(n).encode(), "PartitionKey": "any", "ExplicitHashKey": "0"} for n in range(start, start + 500)
        ]
        client.put_records(StreamName="orders", Records=records)


def deliveries(view: Any) -> Any:
    """The seconds between ACTIVE and each delivery, with what was delivered."""
    return [((one.delivered_at - ACTIVE_AT).total_seconds(), list(one.records)) for one in view.delivered]


# --- when ---------------------------------------------------------------------------------------------------------


def test_records_are_delivered_when_the_oldest_is_as_old_as_the_freshness_allows(
    kinesis: KinesisFake, orders: Any, lake: Any
) -> None:
    kinesis.advance(seconds=10)
    orders.put(b"first")
    kinesis.advance(milliseconds=299_999)
    orders.put(b"second")
    assert lake.delivered == []
    kinesis.advance(milliseconds=1)
    orders.put(b"third")
    assert deliveries(lake) == [(310, [b"first", b"second"])]
    kinesis.advance(milliseconds=299_999)
    assert deliveries(lake) == [(310, [b"first", b"second"])]
    kinesis.advance(milliseconds=1)
    assert deliveries(lake) == [(310, [b"first", b"second"]), (610, [b"third"])]
    assert kinesis.pending() == []


def test_nothing_is_delivered_where_nothing_was_put(kinesis: KinesisFake, lake: Any) -> None:
    kinesis.advance(days=3)
    assert (lake.delivered, lake.dead_letters) == ([], [])


@pytest.mark.fake_kinesis(limits=Limits(channels_per_destination=2))
def test_looking_often_shows_what_looking_once_shows(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    seen_often, seen_once = create(client, channel_name="often"), create(client, channel_name="once")
    kinesis.settle()
    for number in range(50):
        orders.put(str(number), f"key-{number % 7}")
        kinesis.advance(seconds=37)
        assert kinesis.channel(seen_often).delivered == kinesis.channel(seen_often).delivered
    kinesis.advance(seconds=300)
    often, once = deliveries(kinesis.channel(seen_often)), deliveries(kinesis.channel(seen_once))
    assert often == once
    assert [data for _, records in once for data in records] == [str(number).encode() for number in range(50)]


def test_records_of_before_the_channel_was_active_are_not_delivered(
    kinesis: KinesisFake, client: Any, orders: Any
) -> None:
    orders.put(b"before")
    create(client)
    kinesis.advance(milliseconds=19_999)
    orders.put(b"while creating")
    kinesis.advance(milliseconds=1)
    orders.put(b"active")
    kinesis.advance(hours=1)
    assert deliveries(kinesis.channel("lake")) == [(300, [b"active"])]


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_without_durations_the_call_itself_is_the_beginning(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    orders.put(b"before")
    create(client)
    orders.put(b"after")
    kinesis.advance(hours=1)
    assert [one.records for one in kinesis.channel("lake").delivered] == [(b"after",)]


def test_records_of_all_shards_are_delivered_in_the_order_of_their_arrival(
    kinesis: KinesisFake, orders: Any, lake: Any
) -> None:
    for number, shard in enumerate([*orders.shards, *reversed(orders.shards)]):
        orders.put(str(number), explicit_hash_key=shard.starting_hash_key)
        kinesis.advance(seconds=1)
    kinesis.advance(seconds=300)
    assert [data for _, records in deliveries(lake) for data in records] == [str(n).encode() for n in range(8)]


def test_delivery_goes_on_across_a_reshard(kinesis: KinesisFake, orders: Any, lake: Any) -> None:
    orders.put(b"parent", explicit_hash_key=0)
    kinesis.advance(seconds=1)
    lower, upper = orders.split("shardId-000000000000")
    orders.put(b"lower", explicit_hash_key=lower.starting_hash_key)
    orders.put(b"upper", explicit_hash_key=upper.starting_hash_key)
    kinesis.advance(seconds=299)
    assert deliveries(lake) == [(300, [b"parent", b"lower", b"upper"])]


# --- what must not get lost ---------------------------------------------------------------------------------------


def test_records_past_their_retention_are_delivered_all_the_same(
    kinesis: KinesisFake, client: Any, orders: Any, lake: Any
) -> None:
    put_numbers(client, 3000)
    kinesis.advance(hours=25)
    orders.put(b"new", explicit_hash_key=0)
    assert [record.data for record in orders.records] == [b"new"]
    iterator = client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert len(client.get_records(ShardIterator=iterator)["Records"]) == 1
    assert deliveries(lake) == [(300, [str(number).encode() for number in range(3000)])]


def test_records_of_expired_shards_are_delivered_all_the_same(kinesis: KinesisFake, orders: Any, lake: Any) -> None:
    orders.put(b"parent", explicit_hash_key=0)
    kinesis.advance(seconds=1)
    orders.split("shardId-000000000000")
    kinesis.advance(hours=25)
    assert "shardId-000000000000" not in [shard.shard_id for shard in orders.shards]
    assert deliveries(lake) == [(300, [b"parent"])]


def test_the_shards_of_a_reshard_keep_what_is_to_be_delivered_too(
    kinesis: KinesisFake, client: Any, orders: Any, lake: Any
) -> None:
    orders.split("shardId-000000000000")
    put_numbers(client, 3000)
    kinesis.advance(hours=25)
    assert orders.records == []
    assert [len(one.records) for one in lake.delivered] == [3000]


@pytest.mark.parametrize("hours", [23, 25])
def test_a_change_of_retention_loses_nothing_that_was_to_be_delivered(
    kinesis: KinesisFake, client: Any, orders: Any, hours: Any
) -> None:
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.settle()
    create(client, freshness=900)
    kinesis.settle()
    orders.put(b"parent", explicit_hash_key=0)
    kinesis.advance(seconds=1)
    orders.split("shardId-000000000000")
    kinesis.advance(hours=hours)
    client.decrease_stream_retention_period(StreamName="orders", RetentionPeriodHours=24)
    kinesis.settle()
    assert [record.data for record in orders.records] == ([b"parent"] if hours == 23 else [])
    (delivered,) = kinesis.channel("lake").delivered
    assert delivered.records == (b"parent",)
    assert delivered.delivered_at == MIDNIGHT + timedelta(seconds=5 + 20 + 900)


def test_settling_does_not_wait_for_deliveries(kinesis: KinesisFake, orders: Any, lake: Any) -> None:
    orders.put(b"data")
    before = kinesis.now
    kinesis.settle()
    assert kinesis.now == before
    assert lake.delivered == []


# --- other settings, and the end ----------------------------------------------------------------------------------


def update(client: Any, freshness: Any) -> None:
    client.update_channel(
        ChannelARN=client.list_channels()["ChannelSummaries"][0]["ChannelARN"],
        S3DestinationConfiguration={"DataFreshnessInSeconds": freshness},
    )


def test_a_shorter_freshness_holds_from_the_end_of_the_update(kinesis: KinesisFake, client: Any, orders: Any) -> None:
    create(client, freshness=600)
    kinesis.settle()
    lake = kinesis.channel("lake")
    orders.put(b"overdue then")
    kinesis.advance(seconds=400)
    update(client, 300)  # in force after 405 seconds
    orders.put(b"while updating")
    kinesis.advance(milliseconds=4999)
    assert lake.delivered == []
    kinesis.advance(milliseconds=1)
    orders.put(b"later")
    assert deliveries(lake) == [(405, [b"overdue then", b"while updating"])]
    kinesis.advance(seconds=300)
    assert deliveries(lake)[1:] == [(705, [b"later"])]


def test_a_longer_freshness_holds_from_the_end_of_the_update(
    kinesis: KinesisFake, client: Any, orders: Any, lake: Any
) -> None:
    orders.put(b"in time")
    kinesis.advance(milliseconds=295_000)
    update(client, 900)  # in force in the very millisecond of the delivery
    kinesis.advance(milliseconds=1)
    orders.put(b"next")
    kinesis.advance(milliseconds=999_999)
    assert deliveries(lake) == [(300, [b"in time", b"next"])]


def test_a_longer_freshness_puts_off_what_waits(kinesis: KinesisFake, client: Any, orders: Any, lake: Any) -> None:
    orders.put(b"data")
    kinesis.advance(milliseconds=294_999)
    update(client, 900)
    kinesis.advance(hours=1)
    assert deliveries(lake) == [(900, [b"data"])]


@pytest.mark.parametrize("is_deleted", [False, True])
def test_delivery_goes_on_while_updating(
    kinesis: KinesisFake, client: Any, orders: Any, lake: Any, is_deleted: Any
) -> None:
    orders.put(b"data")
    kinesis.advance(seconds=298)
    update(client, 900)
    kinesis.advance(seconds=2)
    if is_deleted:
        client.delete_channel(ChannelARN=lake.channel_arn)
    assert lake.status == ("DELETING" if is_deleted else "UPDATING")
    assert deliveries(lake) == [(300, [b"data"])]


@pytest.mark.parametrize("end", ["delete", "fail"])
def test_a_channel_delivers_nothing_after_its_end(
    kinesis: KinesisFake, client: Any, orders: Any, lake: Any, end: Any
) -> None:
    orders.put(b"first")
    kinesis.advance(seconds=300)
    orders.put(b"second")
    kinesis.advance(milliseconds=299_999)
    if end == "delete":
        client.delete_channel(ChannelARN=lake.channel_arn)
    else:
        lake.fail("no such bucket")
    orders.put(b"third")
    kinesis.advance(hours=1)
    assert deliveries(lake) == [(300, [b"first"])]


def test_a_delivery_that_is_due_at_the_end_of_the_channel_is_made(
    kinesis: KinesisFake, client: Any, orders: Any, lake: Any
) -> None:
    orders.put(b"first")
    kinesis.advance(seconds=300)
    client.delete_channel(ChannelARN=lake.channel_arn)
    kinesis.settle()
    assert deliveries(lake) == [(300, [b"first"])]


def test_a_channel_that_failed_before_it_was_active_delivers_nothing(
    kinesis: KinesisFake, client: Any, orders: Any
) -> None:
    create(client)
    kinesis.channel("lake").fail("no such bucket")
    kinesis.advance(seconds=20)
    orders.put(b"data")
    kinesis.advance(hours=1)
    assert kinesis.channel("lake").delivered == []


def test_a_stream_forgets_old_records_again_once_its_last_channel_is_gone(
    kinesis: KinesisFake, client: Any, orders: Any, lake: Any
) -> None:
    client.delete_channel(ChannelARN=lake.channel_arn)
    kinesis.settle()
    shard = kinesis._backstage.world.region(A, "us-east-1").streams["orders"].open_shards[0]
    put_numbers(client, 3000)
    kinesis.advance(hours=25)
    assert orders.records == []
    assert shard.records_from(0) == []
    assert shard.end_position == 3000


# --- in which form ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record_format", "body"),
    [("STRING", b"one\ntwo\xff\n"), ("BYTE_ARRAY", b"onetwo\xff")],
)
def test_strings_are_lines_and_bytes_just_follow_each_other(
    kinesis: KinesisFake, client: Any, orders: Any, record_format: Any, body: Any
) -> None:
    create(client, record_format)
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
    create(client, "JSON")
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
    create(client, "JSON", dead_letters={"BucketARN": "arn:aws:s3:::broken", **more})
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


def test_each_object_has_a_key_of_its_own(kinesis: KinesisFake, orders: Any, lake: Any) -> None:
    channel_id = lake.channel_arn.rpartition("/")[2]
    for _ in range(2):
        orders.put(b"data")
        kinesis.advance(hours=1)
    assert [one.key for one in lake.delivered] == [
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
    create(client, OutputKeyTemplate=template, CompressionType=compression_type)
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
