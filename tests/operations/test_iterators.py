"""Shard iterators: where each type starts, what they look like, and when they expire."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.refusals import refused
from tests.support.sequence_numbers import LAST_COUNTER

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": 1})

START = 1767225600
SHARD = "shardId-000000000000"


@pytest.fixture
def put(client: Any) -> Any:
    def put(data: str) -> Any:
        return client.put_record(StreamName="s", Data=data.encode(), PartitionKey="key")["SequenceNumber"]

    return put


@pytest.fixture
def iterator(client: Any) -> Any:
    def iterator(iterator_type: Any = "TRIM_HORIZON", stream_name: Any = "s", **parameters: Any) -> Any:
        return client.get_shard_iterator(
            StreamName=stream_name, ShardId=SHARD, ShardIteratorType=iterator_type, **parameters
        )["ShardIterator"]

    return iterator


@pytest.fixture
def read(client: Any) -> Any:
    def read(iterator: str, **parameters: Any) -> list[str]:
        return [
            record["Data"].decode() for record in client.get_records(ShardIterator=iterator, **parameters)["Records"]
        ]

    return read


@pytest.fixture
def close(kinesis: KinesisFake) -> Any:
    """Split the shard at once."""
    return lambda: kinesis.stream("s").split(SHARD)


# --- where the types start ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
class TestStart:
    @pytest.fixture
    def numbers(self, kinesis: KinesisFake, put: Any, close: Any, closed: Any) -> Any:
        """Three records, a second apart, the first of them half a second after the stream was made."""
        numbers = []
        kinesis.advance(milliseconds=500)
        for data in "abc":
            numbers.append(put(data))
            kinesis.advance(seconds=1)
        if closed:
            close()
        return numbers

    def test_trim_horizon_is_before_the_oldest_record(self, numbers: Any, iterator: Any, read: Any) -> None:
        assert read(iterator("TRIM_HORIZON")) == ["a", "b", "c"]

    def test_latest_is_after_the_newest_record(self, numbers: Any, iterator: Any, read: Any) -> None:
        assert read(iterator("LATEST")) == []

    def test_at_a_number_includes_it_and_after_a_number_does_not(self, numbers: Any, iterator: Any, read: Any) -> None:
        for index, number in enumerate(numbers):
            assert read(iterator("AT_SEQUENCE_NUMBER", StartingSequenceNumber=number)) == list("abc"[index:])
            assert read(iterator("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number)) == list("abc"[index + 1 :])

    def test_a_number_need_not_be_that_of_a_record(self, numbers: Any, iterator: Any, read: Any) -> None:
        one_second = 1 << 36
        below, above = (str(int(numbers[1]) + difference) for difference in (-one_second, one_second))
        for iterator_type in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
            assert read(iterator(iterator_type, StartingSequenceNumber=below)) == ["b", "c"]
            assert read(iterator(iterator_type, StartingSequenceNumber=above)) == ["c"]

    def test_the_numbers_of_the_shard_itself_can_be_used(
        self, client: Any, numbers: Any, iterator: Any, read: Any, closed: Any
    ) -> None:
        bounds = client.list_shards(StreamName="s")["Shards"][0]["SequenceNumberRange"]
        for iterator_type in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
            first = iterator(iterator_type, StartingSequenceNumber=bounds["StartingSequenceNumber"])
            assert read(first) == ["a", "b", "c"]
        if closed:
            assert read(iterator("AT_SEQUENCE_NUMBER", StartingSequenceNumber=bounds["EndingSequenceNumber"])) == []

    def test_nothing_comes_after_the_last_number_that_a_shard_can_have(
        self, numbers: Any, iterator: Any, read: Any, refusal: Any
    ) -> None:
        def with_counter(counter: Any) -> Any:
            return str(int(numbers[0]) & ~(LAST_COUNTER << 80) | counter << 80)

        request = {"StreamName": "s", "ShardId": "0", "ShardIteratorType": "AFTER_SEQUENCE_NUMBER"}
        assert refusal("GetShardIterator", **request, StartingSequenceNumber=with_counter(LAST_COUNTER)) == (
            "InvalidArgumentException",
            "Invalid SequenceNumber for ShardIteratorType AFTER_SEQUENCE_NUMBER, SequenceNumber has reached max "
            "possible value for the shard.",
        )
        assert read(iterator("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=with_counter(LAST_COUNTER - 1))) == []
        assert read(iterator("AT_SEQUENCE_NUMBER", StartingSequenceNumber=with_counter(LAST_COUNTER))) == []

    def test_at_a_timestamp_is_before_the_first_record_that_arrived_then_or_later(
        self, numbers: Any, iterator: Any, read: Any
    ) -> None:
        # They arrived at 0.5, 1.5 and 2.5 seconds.
        assert read(iterator("AT_TIMESTAMP", Timestamp=START)) == ["a", "b", "c"]
        assert read(iterator("AT_TIMESTAMP", Timestamp=START + 1)) == ["b", "c"]
        assert read(iterator("AT_TIMESTAMP", Timestamp=START + 2)) == ["c"]
        assert read(iterator("AT_TIMESTAMP", Timestamp=START + 3)) == []

    def test_a_timestamp_before_the_stream_was_made_is_the_trim_horizon(
        self, numbers: Any, iterator: Any, read: Any
    ) -> None:
        assert read(iterator("AT_TIMESTAMP", Timestamp=START - 1)) == ["a", "b", "c"]
        assert read(iterator("AT_TIMESTAMP", Timestamp=0)) == ["a", "b", "c"]

    def test_what_has_been_trimmed_is_passed_over(
        self, kinesis: KinesisFake, numbers: Any, iterator: Any, read: Any
    ) -> None:
        kinesis.travel_to("2026-01-02T00:00:01.500Z")  # "b" is a day old to the millisecond
        for parameters in (
            {"iterator_type": "TRIM_HORIZON"},
            {"iterator_type": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": numbers[0]},
            {"iterator_type": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": numbers[1]},
            {"iterator_type": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": numbers[0]},
            {"iterator_type": "AT_TIMESTAMP", "Timestamp": START},
        ):
            assert read(iterator(**parameters)) == ["c"]


@pytest.mark.parametrize(("ms_of_record", "found"), [(-1, []), (0, ["x"]), (1, ["x"])])
def test_a_timestamp_includes_its_own_millisecond(
    kinesis: KinesisFake, put: Any, iterator: Any, read: Any, ms_of_record: Any, found: Any
) -> None:
    kinesis.advance(milliseconds=10_000 + ms_of_record)
    put("x")
    kinesis.advance(seconds=10)
    assert read(iterator("AT_TIMESTAMP", Timestamp=START + 10)) == found


def test_a_timestamp_after_the_end_of_a_closed_shard_is_its_end(
    kinesis: KinesisFake, client: Any, put: Any, iterator: Any, close: Any
) -> None:
    put("x")
    close()
    kinesis.advance(seconds=100)
    end = client.get_records(ShardIterator=iterator("AT_TIMESTAMP", Timestamp=START + 50))
    assert (end["Records"], "NextShardIterator" in end, len(end["ChildShards"])) == ([], False, 2)


def test_a_well_formed_number_from_the_future_is_the_latest_place(put: Any, iterator: Any, read: Any) -> None:
    future = str(int(put("now")) + (50 << 80) + (1000 << 36))
    for iterator_type in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        place = iterator(iterator_type, StartingSequenceNumber=future)
        assert read(place) == []
        put("later")
        assert read(place) == ["later"]


def test_latest_gives_what_comes_after_the_iterator_was_issued(put: Any, iterator: Any, read: Any) -> None:
    put("before")
    latest = iterator("LATEST")
    put("after")
    assert read(latest) == ["after"]


def test_all_types_start_at_the_beginning_of_an_empty_shard(client: Any, put: Any, iterator: Any, read: Any) -> None:
    first = client.list_shards(StreamName="s")["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"]
    places = [
        iterator("TRIM_HORIZON"),
        iterator("LATEST"),
        iterator("AT_SEQUENCE_NUMBER", StartingSequenceNumber=first),
        iterator("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=first),
        iterator("AT_TIMESTAMP", Timestamp=START),
    ]
    put("x")
    assert [read(place) for place in places] == [["x"]] * 5


# --- what they look like --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 3, 13, 14, 29, 30, 127, 128])
def test_an_iterator_is_as_long_as_the_name_of_its_stream_makes_it(
    kinesis: KinesisFake, iterator: Any, length: Any
) -> None:
    name = "x" * length
    kinesis.create_stream(name, shards=1)
    raw = base64.b64decode(iterator(stream_name=name), validate=True)
    assert len(raw) == 152 + 16 * ((length + 2) // 16)
    assert raw[:8] == bytes(7) + b"\x01"


def test_an_iterator_has_512_characters_at_most(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("x" * 128, shards=1)
    foreign = kinesis.client(region_name="ap-southeast-1")
    foreign.create_stream(StreamName="y" * 128, ShardCount=1)
    kinesis.advance(days=365)
    for each, name in ((client, "x" * 128), (foreign, "y" * 128)):
        answer = each.get_shard_iterator(StreamName=name, ShardId=SHARD, ShardIteratorType="LATEST")
        assert len(answer["ShardIterator"]) <= 512
        each.get_records(ShardIterator=answer["ShardIterator"])


def test_an_iterator_tells_nothing(kinesis: KinesisFake, iterator: Any) -> None:
    kinesis.create_stream("a-name-to-look-for", shards=1)
    raw = base64.b64decode(iterator(stream_name="a-name-to-look-for"))
    for text in (b"a-name", b"123456789012", b"us-east-1", b"iterator", b"[", b'"'):
        assert text * 2 not in raw
        assert len(text) == 1 or text not in raw


def test_no_two_iterators_are_the_same(client: Any, iterator: Any) -> None:
    first = iterator()
    pages = [client.get_records(ShardIterator=first)["NextShardIterator"] for _ in range(3)]
    pages.append(client.get_records(ShardIterator=pages[-1])["NextShardIterator"])
    everything = [first, iterator(), *pages]
    assert len(set(everything)) == len(everything)
    # Nor do their ends look alike, as they would if only a counter in front differed.
    assert len({text[-40:] for text in everything}) == len(everything)


# --- what is refused ------------------------------------------------------------------------------------------------

INVALID = ("InvalidArgumentException", "Invalid ShardIterator.")


def test_an_iterator_that_was_changed_anywhere_is_invalid(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    raw = base64.b64decode(iterator())
    for index in range(len(raw)):
        changed = bytearray(raw)
        changed[index] ^= 1
        with refused(client, "InvalidArgumentException", "Invalid ShardIterator."):
            client.get_records(ShardIterator=base64.b64encode(changed).decode())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-4],
        lambda text: text + "AAAA",
        lambda text: text[4:],
        lambda text: text + "=",
        lambda text: text.rstrip("="),
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text[:50] + "\n" + text[50:],
        lambda text: f"'{text}'",
        lambda text: f'"{text}',
        lambda text: f'{text}"',
        lambda text: f'""{text}""',
        lambda text: text.swapcase(),
        lambda text: text[:100] + text[:100],
    ],
)
def test_an_iterator_that_was_spelt_otherwise_is_invalid(iterator: Any, refusal: Any, change: Any) -> None:
    assert refusal("GetRecords", ShardIterator=change(iterator())) == INVALID


def test_a_token_of_another_kind_is_no_iterator(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    kinesis.create_stream("two", shards=2)
    token = client.list_shards(StreamName="two", MaxResults=1)["NextToken"]
    assert refusal("GetRecords", ShardIterator=token) == INVALID


def test_an_iterator_is_good_in_its_own_region_only(foreign_client: Any, iterator: Any, refusal: Any) -> None:
    foreign_client.list_streams()
    assert refusal("GetRecords", through=foreign_client, ShardIterator=iterator()) == INVALID


# --- how long they live ---------------------------------------------------------------------------------------------


def test_an_iterator_lives_five_minutes_and_no_longer(
    kinesis: KinesisFake, put: Any, iterator: Any, read: Any, refusal: Any
) -> None:
    place = iterator()
    put("x")
    kinesis.advance(minutes=5)
    assert read(place) == ["x"]
    kinesis.advance(milliseconds=1)
    assert refusal("GetRecords", ShardIterator=place) == (
        "ExpiredIteratorException",
        "Iterator expired. The iterator was created at time Thu Jan 01 00:00:00 UTC 2026 while right now it is "
        "Thu Jan 01 00:05:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.",
    )


def test_using_an_iterator_does_not_prolong_its_life_but_gives_an_iterator_that_lives_longer(
    kinesis: KinesisFake, client: Any, iterator: Any, read: Any, refusal: Any
) -> None:
    place = iterator()
    kinesis.advance(minutes=4)
    following = client.get_records(ShardIterator=place)["NextShardIterator"]
    kinesis.advance(minutes=2)
    code, _ = refusal("GetRecords", ShardIterator=place)
    assert code == "ExpiredIteratorException"
    kinesis.advance(minutes=3)
    assert read(following) == []
    kinesis.advance(milliseconds=1)
    code, message = refusal("GetRecords", ShardIterator=following)
    assert (code, message[:81]) == (
        "ExpiredIteratorException",
        "Iterator expired. The iterator was created at time Thu Jan 01 00:04:00 UTC 2026 w",
    )


def printed_at(start: Any, issued: Any, now: Any) -> Any:
    return pytest.param(issued, now, id=start, marks=pytest.mark.fake_kinesis(start=start))


@pytest.mark.parametrize(
    ("issued", "now"),
    [
        printed_at("2015-01-22T01:22:02Z", "Thu Jan 22 01:22:02 UTC 2015", "Thu Jan 22 01:28:22 UTC 2015"),
        printed_at("2020-02-29T23:59:59Z", "Sat Feb 29 23:59:59 UTC 2020", "Sun Mar 01 00:06:19 UTC 2020"),
        printed_at("2025-12-31T23:59:00+02:00", "Wed Dec 31 21:59:00 UTC 2025", "Wed Dec 31 22:05:20 UTC 2025"),
    ],
)
def test_the_instants_are_printed_in_utc_whatever_the_time_zone(
    kinesis: KinesisFake, iterator: Any, refusal: Any, issued: Any, now: Any
) -> None:
    place = iterator()
    kinesis.advance(seconds=380)
    assert refusal("GetRecords", ShardIterator=place) == (
        "ExpiredIteratorException",
        f"Iterator expired. The iterator was created at time {issued} while right now it is {now} "
        "which is further in the future than the tolerated delay of 300000 milliseconds.",
    )


def test_an_expired_iterator_is_expired_whatever_became_of_its_stream(
    kinesis: KinesisFake, client: Any, iterator: Any, refusal: Any
) -> None:
    place = iterator()
    client.delete_stream(StreamName="s")
    kinesis.advance(minutes=6)
    code, _ = refusal("GetRecords", ShardIterator=place)
    assert code == "ExpiredIteratorException"


def test_an_iterator_can_be_used_again_and_gives_the_same_place(
    put: Any, iterator: Any, read: Any, client: Any
) -> None:
    put("a")
    place = iterator()
    assert read(place) == ["a"]
    put("b")
    assert read(place) == ["a", "b"]
    assert read(place, Limit=1) == ["a"]
    first = client.get_records(ShardIterator=place, Limit=1)["NextShardIterator"]
    assert read(first) == ["b"]
    assert read(first) == ["b"]
