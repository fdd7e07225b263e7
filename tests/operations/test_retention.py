"""How long records and closed shards can be read: to the millisecond, and never again afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake
from tests.support.sequence_numbers import fields_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 1})

A = "123456789012"
SHARD = "shardId-000000000000"


@pytest.fixture
def put(client: Any) -> Any:
    return lambda data: client.put_record(StreamName="s", Data=data.encode(), PartitionKey="key", ExplicitHashKey="0")


@pytest.fixture
def iterator(client: Any) -> Any:
    def iterator(shard_id: str = SHARD) -> Any:
        return client.get_shard_iterator(StreamName="s", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]

    return iterator


@pytest.fixture
def readable(kinesis: KinesisFake, client: Any, iterator: Any) -> Any:
    """The records of a shard that can be read; a new iterator and the view must agree."""

    def readable(shard_id: Any = SHARD) -> list[str]:
        records = client.get_records(ShardIterator=iterator(shard_id))["Records"]
        found = [record["Data"].decode() for record in records]
        assert [record.data.decode() for record in kinesis.stream("s").shard(shard_id).records] == found
        return found

    return readable


def change(client: Any, direction: Any, hours: Any) -> None:
    getattr(client, f"{direction}_stream_retention_period")(StreamName="s", RetentionPeriodHours=hours)


def hours_of(client: Any) -> Any:
    description = client.describe_stream(StreamName="s")["StreamDescription"]
    summary = client.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    assert summary["RetentionPeriodHours"] == description["RetentionPeriodHours"]
    return description["RetentionPeriodHours"], description["StreamStatus"]


def test_a_record_is_readable_until_it_is_a_day_old(kinesis: KinesisFake, put: Any, readable: Any) -> None:
    put("a")
    kinesis.advance(milliseconds=1)
    put("b")
    kinesis.travel_to("2026-01-01T23:59:59.999Z")
    assert readable() == ["a", "b"]
    kinesis.advance(milliseconds=1)
    assert readable() == ["b"]
    kinesis.advance(milliseconds=1)
    assert readable() == []


def test_an_iterator_moves_to_the_oldest_record_that_is_left(
    kinesis: KinesisFake, client: Any, put: Any, iterator: Any
) -> None:
    for data in "abc":
        put(data)
        kinesis.advance(minutes=2)
    kinesis.advance(hours=24, minutes=-10)
    place = iterator()
    kinesis.advance(minutes=4)  # "a" is a day old
    page = client.get_records(ShardIterator=place, Limit=1)
    assert [record["Data"] for record in page["Records"]] == [b"b"]
    kinesis.advance(minutes=4)  # all are
    page = client.get_records(ShardIterator=page["NextShardIterator"])
    assert (page["Records"], page["MillisBehindLatest"]) == ([], 0)
    put("d")
    page = client.get_records(ShardIterator=page["NextShardIterator"])
    assert [record["Data"] for record in page["Records"]] == [b"d"]


def test_a_change_shows_the_old_value_while_the_stream_is_updating(kinesis: KinesisFake, client: Any) -> None:
    change(client, "increase", 48)
    assert hours_of(client) == (24, "UPDATING")
    kinesis.advance(milliseconds=4999)
    assert hours_of(client) == (24, "UPDATING")
    kinesis.advance(milliseconds=1)
    assert hours_of(client) == (48, "ACTIVE")
    change(client, "decrease", 24)
    assert hours_of(client) == (48, "UPDATING")
    kinesis.settle()
    assert hours_of(client) == (24, "ACTIVE")


def test_an_increase_keeps_what_is_there_longer(kinesis: KinesisFake, client: Any, put: Any, readable: Any) -> None:
    put("a")
    kinesis.advance(hours=23)
    change(client, "increase", 25)
    kinesis.travel_to("2026-01-02T00:59:59.999Z")
    assert readable() == ["a"]
    kinesis.advance(milliseconds=1)
    assert readable() == []


def test_an_increase_does_not_bring_back_what_was_lost(
    kinesis: KinesisFake, client: Any, put: Any, readable: Any
) -> None:
    put("a")
    kinesis.advance(seconds=1)
    put("b")
    kinesis.travel_to("2026-01-02T00:00:00Z")
    change(client, "increase", 8760)
    kinesis.settle()  # by then "b" is lost as well: the old period held until now
    assert readable() == []
    put("c")
    kinesis.advance(days=300)
    assert readable() == ["c"]


def test_what_has_not_expired_when_the_increase_takes_effect_lives_on(
    kinesis: KinesisFake, client: Any, put: Any, readable: Any
) -> None:
    kinesis.advance(milliseconds=5001)
    put("a")
    kinesis.travel_to("2026-01-02T00:00:00Z")
    change(client, "increase", 48)
    kinesis.advance(seconds=5)  # "a" is one millisecond younger than a day
    kinesis.advance(hours=20)
    assert readable() == ["a"]


def test_a_decrease_loses_what_is_older_for_good(kinesis: KinesisFake, client: Any, put: Any, readable: Any) -> None:
    change(client, "increase", 48)
    kinesis.settle()
    put("a")
    kinesis.advance(hours=12)
    put("b")
    kinesis.advance(hours=13)
    assert readable() == ["a", "b"]
    change(client, "decrease", 24)
    assert readable() == ["a", "b"]
    kinesis.settle()
    assert readable() == ["b"]
    change(client, "increase", 48)
    kinesis.settle()
    assert readable() == ["b"]


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_what_was_forgotten_still_counts(kinesis: KinesisFake, client: Any, put: Any, iterator: Any) -> None:
    """Sequence numbers rise and positions in the shard do not change when older records are gone."""
    old = [put(data)["SequenceNumber"] for data in "abc"]
    kinesis.advance(hours=24, minutes=-2)
    old.append(put("d")["SequenceNumber"])
    place = client.get_records(ShardIterator=iterator(), Limit=3)["NextShardIterator"]
    kinesis.advance(minutes=2)
    change(client, "increase", 25)  # forgets what has expired by now, which is "a", "b" and "c"
    new = [put(data)["SequenceNumber"] for data in "ef"]
    assert [fields_of(number).counter for number in [*old, *new]] == [1, 2, 3, 4, 5, 6]
    assert [record["Data"] for record in client.get_records(ShardIterator=place)["Records"]] == [b"d", b"e", b"f"]
    after = client.get_shard_iterator(
        StreamName="s", ShardId=SHARD, ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=new[0]
    )["ShardIterator"]
    assert [record["Data"] for record in client.get_records(ShardIterator=after)["Records"]] == [b"f"]


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_many_expired_records_are_passed_over_and_forgotten(
    kinesis: KinesisFake, client: Any, put: Any, readable: Any
) -> None:
    for batch in range(6):
        client.put_records(
            StreamName="s", Records=[{"Data": b"%d" % batch, "PartitionKey": "k", "ExplicitHashKey": "0"}] * 500
        )
        kinesis.advance(hours=1)
    kinesis.travel_to("2026-01-02T03:00:00Z")
    # Asked twice: the first answer may drop records from memory, the second must not miss any.
    for _ in range(2):
        assert readable() == ["4"] * 500 + ["5"] * 500
    change(client, "increase", 48)
    assert readable() == ["4"] * 500 + ["5"] * 500
    kinesis.advance(hours=1, milliseconds=-1)
    put("6")
    assert len(readable()) == 1001


def test_a_closed_shard_expires_a_retention_period_after_it_was_closed(
    kinesis: KinesisFake, client: Any, put: Any, iterator: Any, readable: Any, refusal: Any
) -> None:
    stream = kinesis.stream("s")
    kinesis.advance(hours=1)
    put("last")
    children = [shard.shard_id for shard in stream.split(SHARD)]
    ids = [SHARD, *children]
    kinesis.travel_to("2026-01-02T00:59:59.999Z")
    old = iterator()
    assert readable() == ["last"]
    assert [shard["ShardId"] for shard in client.list_shards(StreamName="s")["Shards"]] == ids
    assert [each["ShardId"] for each in client.describe_stream(StreamName="s")["StreamDescription"]["Shards"]] == ids
    kinesis.advance(milliseconds=1)
    listed = client.list_shards(StreamName="s")["Shards"]
    assert client.describe_stream(StreamName="s")["StreamDescription"]["Shards"] == listed
    assert [shard.shard_id for shard in stream.shards] == children
    # The children still name their parent, which no call lists any more.
    assert [(shard["ShardId"], shard["ParentShardId"]) for shard in listed] == [(child, SHARD) for child in children]
    gone = ("ResourceNotFoundException", f"Shard {SHARD} in stream s under account {A} does not exist")
    assert refusal("GetRecords", ShardIterator=old) == gone
    for iterator_type in ("TRIM_HORIZON", "LATEST"):
        request = {"StreamName": "s", "ShardId": SHARD, "ShardIteratorType": iterator_type}
        assert refusal("GetShardIterator", **request) == gone
    assert refusal("SplitShard", StreamName="s", ShardToSplit="0", NewStartingHashKey="99") == (
        "ResourceNotFoundException",
        f"Could not find shard {SHARD} in stream s under account {A}.",
    )


def test_an_open_shard_never_expires(kinesis: KinesisFake, client: Any, put: Any, readable: Any) -> None:
    put("a")
    kinesis.advance(days=400)
    assert [shard["ShardId"] for shard in client.list_shards(StreamName="s")["Shards"]] == [SHARD]
    assert readable() == []


def test_a_decrease_expires_closed_shards_and_an_increase_does_not_bring_them_back(
    kinesis: KinesisFake, client: Any, put: Any
) -> None:
    stream = kinesis.stream("s")
    change(client, "increase", 48)
    kinesis.settle()
    stream.split(SHARD)
    kinesis.advance(hours=25)
    assert len(stream.shards) == 3
    change(client, "decrease", 24)
    assert len(stream.shards) == 3
    kinesis.settle()
    assert len(stream.shards) == 2
    change(client, "increase", 48)
    kinesis.settle()
    assert len(stream.shards) == 2


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_without_durations_a_change_takes_effect_at_once(kinesis: KinesisFake, client: Any) -> None:
    change(client, "increase", 100)
    assert hours_of(client) == (100, "ACTIVE")


def test_the_end_of_a_change_does_not_touch_a_stream_that_was_made_anew(kinesis: KinesisFake, client: Any) -> None:
    change(client, "increase", 48)
    client.delete_stream(StreamName="s")
    kinesis.advance(seconds=20)
    client.create_stream(StreamName="s", ShardCount=1)
    kinesis.advance(seconds=20)
    assert hours_of(client) == (24, "ACTIVE")
