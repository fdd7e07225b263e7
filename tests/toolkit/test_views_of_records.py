"""Records as a test sees them: a sequence that makes views when asked, and what helps to put and to read them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, Records, fake_kinesis

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
S0, S1, S2, S3 = (f"shardId-{index:012}" for index in range(4))

pytestmark = pytest.mark.fake_kinesis(start=NEW_YEAR, streams={"orders": 2})


@pytest.fixture
def orders(kinesis: KinesisFake) -> Any:
    return kinesis.stream("orders")


def test_records_are_a_sequence_that_compares_like_a_list(orders: Any) -> None:
    assert orders.records == [] == orders.shards[0].records
    assert not orders.records
    put = orders.put_many(["a", b"b", {"data": "c", "shard": S1}], partition_key="ada")
    records = orders.records
    assert isinstance(records, Records)
    assert sorted(records, key=lambda record: record.data) == put
    assert records == orders.shards[0].records + orders.shards[1].records == list(records)
    assert records == orders.records
    assert records != put[:2]
    assert records != "abc"
    assert (records[0], records[-1]) == (next(iter(records)), list(records)[-1])
    assert records[1:] == list(records)[1:]
    assert records[::-1] == list(reversed(records))
    assert put[0] in records
    assert records.index(records[2]) == 2
    with pytest.raises(IndexError):
        records[3]
    assert repr(records) == repr(list(records))


def test_records_are_those_that_could_be_read_when_they_were_asked_for(kinesis: KinesisFake, orders: Any) -> None:
    before = orders.records
    orders.put("a")
    during = orders.records
    kinesis.advance(hours=24)
    after = orders.records
    orders.put("b")
    assert [[record.text() for record in each] for each in (before, during, after)] == [[], ["a"], []]
    assert [record.text() for record in orders.records] == ["b"]


def test_records_outlive_what_retention_drops(kinesis: KinesisFake, orders: Any) -> None:
    orders.put_many(str(number) for number in range(3000))
    records = orders.records
    kinesis.advance(hours=25)
    kinesis.client().increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.settle()
    assert len(orders.records) == 0
    assert [record.text() for record in records] == [str(number) for number in range(3000)]
    assert repr(records).startswith("<3000 records, the last is RecordView(data=b'2999', partition_key='test', ")


def test_records_of_a_shard_a_key_and_a_time(kinesis: KinesisFake, orders: Any) -> None:
    orders.put("a", "ada", shard=S0)
    kinesis.advance(seconds=1)
    orders.put("b", "bob", shard=S0)
    kinesis.advance(seconds=1)
    orders.put("c", "ada", shard=S1)
    records = orders.records

    def of(**choice: Any) -> Any:
        return "".join(record.text() for record in records.of(**choice))

    assert of() == "abc"
    assert (of(shard=S0), of(shard=S1)) == ("ab", "c")
    assert (of(partition_key="ada"), of(partition_key="ada", shard=S0), of(partition_key="eve")) == ("ac", "a", "")
    second = NEW_YEAR + timedelta(seconds=1)
    assert (of(since=second), of(until=second)) == ("bc", "ab")
    millisecond = timedelta(milliseconds=1)
    assert (of(since=second + millisecond), of(until=second - millisecond)) == ("c", "a")
    assert of(since="2026-01-01T00:00:01Z", until="2026-01-01T00:00:01Z") == "b"


def test_a_value_is_put_as_json_and_read_as_such(orders: Any) -> None:
    record = orders.put(json={"teapots": 1, "name": "té"})
    assert record.json() == {"teapots": 1, "name": "té"}
    assert record.text() == '{"teapots": 1, "name": "t\\u00e9"}'
    assert orders.put(json=None).data == b"null"


def test_data_that_is_no_text_and_no_json_says_so(orders: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        orders.put(b"\xff").text()
    assert str(caught.value) == "The data of this record is no UTF-8 text: b'\\xff'. Look at record.data."
    for data, shown in ((b"\xff", "b'\\xff'"), ("{", "b'{'"), ("", "b''")):
        with pytest.raises(KinesisFakeError) as caught:
            orders.put(data).json()
        assert str(caught.value) == f"The data of this record is no JSON: {shown}."


def test_a_record_is_put_into_a_shard_that_the_test_chooses(kinesis: KinesisFake, orders: Any) -> None:
    for shard in orders.shards:
        record = orders.put("1 teapot", "ada", shard=shard.shard_id)
        assert record.shard_id == shard.shard_id
        assert (record.partition_key, record.explicit_hash_key) == ("ada", shard.starting_hash_key)


def test_a_closed_shard_takes_no_record(orders: Any) -> None:
    orders.split(S0)
    with pytest.raises(KinesisFakeError) as caught:
        orders.put("1 teapot", shard=S0)
    assert str(caught.value) == f"{S0} of stream orders is closed already; choose an open shard."
    assert orders.put("1 teapot", shard=S2).shard_id == S2


def test_a_record_is_put_into_a_shard_while_the_stream_is_updating(kinesis: KinesisFake, orders: Any) -> None:
    kinesis.client().split_shard(StreamName="orders", ShardToSplit=S0, NewStartingHashKey="5")
    assert orders.status == "UPDATING"
    assert orders.put("1 teapot", shard=S0).shard_id == S0


def test_what_is_refused_of_many_is_refused_before_any_is_put(orders: Any) -> None:
    with pytest.raises(KinesisFakeError):
        orders.put_many(["a", "b", 3])
    assert orders.records == []


def test_the_partition_key_of_a_shard_leads_to_it(orders: Any) -> None:
    orders.split(S0)
    for shard in orders.open_shards:
        assert orders.put("1 teapot", shard.partition_key).shard_id == shard.shard_id
    assert orders.shard(S0).partition_key is None  # it is closed


@pytest.mark.thorough
def test_a_partition_key_is_searched_for_only_where_one_is_found_in_a_moment(kinesis: KinesisFake, orders: Any) -> None:
    narrow, wide = orders.split(S1, 2**127 + 2**111)
    key = kinesis.partition_key_for("orders", narrow.shard_id)
    assert (key, kinesis.partition_key_for("orders", wide.shard_id)) == (narrow.partition_key, wide.partition_key)
    assert orders.put("1 teapot", key).shard_id == narrow.shard_id
    assert orders.put("1 teapot", wide.partition_key).shard_id == wide.shard_id

    too_narrow, _ = orders.split(S0, 2**111 - 1)
    assert too_narrow.partition_key is None
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.partition_key_for("orders", too_narrow.shard_id)
    assert str(caught.value) == (
        f"{too_narrow.shard_id} of stream orders covers so few hash keys that finding a partition key which leads to "
        f"it would take too long. Put records there with explicit_hash_key=shard.starting_hash_key, which is 0."
    )
    record = orders.put("1 teapot", explicit_hash_key=too_narrow.starting_hash_key)
    assert record.shard_id == too_narrow.shard_id


def test_a_stream_is_on_demand_in_a_word_and_transitions_are_over_at_once() -> None:
    with fake_kinesis(streams={"clicks": "on-demand", "orders": 1}, durations="instant") as kinesis:
        client = kinesis.client()
        for name, mode in (("clicks", "ON_DEMAND"), ("orders", "PROVISIONED")):
            summary = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
            assert summary["StreamModeDetails"]["StreamMode"] == mode
        client.create_stream(StreamName="payments", ShardCount=1)
        assert kinesis.stream("payments").status == "ACTIVE"


def test_a_message_lists_ten_shards_and_counts_the_others() -> None:
    with fake_kinesis(streams={"orders": 12}) as kinesis:
        with pytest.raises(KinesisFakeError) as caught:
            kinesis.stream("orders").shard("shardId-12")
    listed = ", ".join(f"shardId-{index:012}" for index in range(10))
    assert str(caught.value) == f"Stream orders has no shard shardId-12; its shards are: {listed} and 2 more."
