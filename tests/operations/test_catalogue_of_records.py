"""Every recorded refusal of PutRecord(s), GetShardIterator and GetRecords: whole text, nothing changed."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.sequence_numbers import fields_of, written

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False)

A = "123456789012"
START = 1767225600
#: Shard creation is stamped this long before the answer to CreateStream.
BORN = START - 3
NOT_BASE64 = "a shard iterator that I made up"


def not_found(stream_name: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"Stream {stream_name} under account {A} not found."


def no_such_shard(shard_id: str, stream_name: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"Shard {shard_id} in stream {stream_name} under account {A} does not exist"


def invalid(message: str) -> tuple[str, str]:
    return "InvalidArgumentException", message


# --- PutRecord and PutRecords ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["missing", "creating"])
def test_records_cannot_be_put_to_a_stream_that_is_not_there_yet(world: Any, refusal: Any, state: Any) -> None:
    nonsense = {"Data": b"", "PartitionKey": "key", "ExplicitHashKey": "9" * 39}
    assert refusal("PutRecord", StreamName=state, SequenceNumberForOrdering="5", **nonsense) == not_found(state)
    assert refusal("PutRecords", StreamName=state, Records=[nonsense]) == not_found(state)


def test_a_stream_that_was_deleted_before_it_was_made_takes_no_records(world: Any, client: Any, refusal: Any) -> None:
    client.delete_stream(StreamName="creating")
    record = {"Data": b"", "PartitionKey": "key"}
    assert refusal("PutRecord", StreamName="creating", **record) == not_found("creating")
    assert refusal("PutRecords", StreamName="creating", Records=[record]) == not_found("creating")


@pytest.mark.parametrize("hash_key", [str(2**128), "9" * 39])
def test_an_explicit_hash_key_has_128_bits(world: Any, client: Any, refusal: Any, hash_key: Any) -> None:
    out_of_range = invalid(
        f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {hash_key}"
    )
    good = {"Data": b"1", "PartitionKey": "a", "ExplicitHashKey": str(2**128 - 1)}
    bad = {"Data": b"2", "PartitionKey": "a", "ExplicitHashKey": hash_key}
    assert refusal("PutRecord", StreamName="active", **bad) == out_of_range
    assert refusal("PutRecords", StreamName="active", Records=[good, bad, good]) == out_of_range
    client.put_record(StreamName="active", **good)
    client.put_records(StreamName="active", Records=[good])


@pytest.mark.parametrize(
    "digits",
    [
        pytest.param(written(version=0), id="version 0"),
        pytest.param(written(version=3), id="version 3"),
        pytest.param(written(version=4), id="version 4"),
        pytest.param(written(first=1), id="first digit 1"),
        pytest.param(written(first=3), id="first digit 3"),
        pytest.param(written(counter=1 << 63), id="counter of 64 bits"),
        pytest.param(written(creation_second=16_025_175_000), id="creation second too late"),
        pytest.param(str(int("2" + "f" * 46, 16)), id="all ones"),
        pytest.param("1" * 129, id="as long as can be"),
        pytest.param(written(second=START + 1), id="from the future"),
    ],
)
def test_a_number_for_ordering_must_be_a_sequence_number(world: Any, refusal: Any, digits: Any) -> None:
    record = {"Data": b"", "PartitionKey": "key", "SequenceNumberForOrdering": digits}
    assert refusal("PutRecord", StreamName="active", **record) == invalid(
        f"ExclusiveMinimumSequenceNumber {digits} used in PutRecord on stream active under account {A} is invalid."
    )


def test_the_hash_key_is_looked_at_before_the_number_for_ordering(world: Any, refusal: Any) -> None:
    code, message = refusal(
        "PutRecord",
        StreamName="active",
        Data=b"",
        PartitionKey="key",
        ExplicitHashKey=str(2**128),
        SequenceNumberForOrdering="5",
    )
    assert (code, message.split(".")[0]) == invalid("Invalid ExplicitHashKey")


# --- GetShardIterator -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shard_id", ["2147483648", "shardId-002147483648", "ABKLFD8", "2.14E4", "shardId-", "a-1-1"])
@pytest.mark.parametrize("stream_name", ["active", "creating", "missing"])
def test_a_shard_id_that_cannot_be_read_is_refused_before_the_stream_is_looked_for(
    world: Any, refusal: Any, shard_id: Any, stream_name: Any
) -> None:
    request = {"StreamName": stream_name, "ShardId": shard_id, "ShardIteratorType": "LATEST"}
    assert refusal("GetShardIterator", **request, StartingSequenceNumber="5") == (
        "ResourceNotFoundException",
        f"Could not find shard {shard_id} in stream {stream_name} under account {A}.",
    )


@pytest.mark.parametrize(
    ("stream_name", "shard_id", "canonical"),
    [
        ("missing", "shardId-000000000000", "shardId-000000000000"),
        ("missing", "-00002147483647", "shardId-002147483647"),
        ("active", "shardId-000000000003", "shardId-000000000003"),
        ("active", "anything-3", "shardId-000000000003"),
        ("active", "5", "shardId-000000000005"),
        ("active", "2147483647", "shardId-002147483647"),
        ("creating", "shardId-000000000000", "shardId-000000000000"),
        ("updating", "shardId-000000000004", "shardId-000000000004"),
    ],
)
def test_a_shard_that_is_not_there_does_not_exist(
    world: Any, refusal: Any, stream_name: Any, shard_id: Any, canonical: Any
) -> None:
    # It wins over what else is wrong with the call.
    for request in (
        {"ShardIteratorType": "LATEST", "StartingSequenceNumber": "5"},
        {"ShardIteratorType": "AT_TIMESTAMP"},
    ):
        assert refusal("GetShardIterator", StreamName=stream_name, ShardId=shard_id, **request) == no_such_shard(
            canonical, stream_name
        )


HOW = (
    "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) "
    "TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified "
)


@pytest.fixture
def iterator_refusal(world: Any, refusal: Any) -> Any:
    def ask(iterator_type: Any, shard_id: Any = "shardId-000000000000", **parameters: Any) -> Any:
        return refusal(
            "GetShardIterator", StreamName="active", ShardId=shard_id, ShardIteratorType=iterator_type, **parameters
        )

    return ask


@pytest.mark.parametrize("iterator_type", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_a_start_at_a_number_needs_one(iterator_refusal: Any, iterator_type: Any) -> None:
    assert iterator_refusal(iterator_type) == invalid(f"{HOW}{iterator_type} and no StartingSequenceNumber.")


@pytest.mark.parametrize("iterator_type", ["LATEST", "TRIM_HORIZON"])
@pytest.mark.parametrize("digits", ["5", written(version=3), written(creation_second=BORN)])
def test_a_start_at_an_end_takes_no_number_whatever_it_is(
    iterator_refusal: Any, iterator_type: Any, digits: Any
) -> None:
    assert iterator_refusal(iterator_type, StartingSequenceNumber=digits) == invalid(
        f"{HOW}{iterator_type} and also a StartingSequenceNumber."
    )


@pytest.mark.parametrize("iterator_type", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
class TestStartingSequenceNumber:
    @pytest.mark.parametrize(
        "digits",
        [
            pytest.param(str(0x13BB2CC3D80000000000000000000000), id="recorded, version 0 and too late"),
            pytest.param(written(creation_second=16_025_175_000), id="version 2 and too late"),
            pytest.param(written(counter=8 << 60), id="counter of 64 bits"),
            pytest.param(written(version=0), id="version 0"),
            pytest.param(written(version=3), id="version 3"),
            pytest.param(written(first=1), id="first digit 1"),
            pytest.param(written(first=3), id="first digit 3"),
            pytest.param("9" * 129, id="as long as can be"),
        ],
    )
    def test_one_that_cannot_be_read_is_invalid(self, iterator_refusal: Any, iterator_type: Any, digits: Any) -> None:
        assert iterator_refusal(iterator_type, StartingSequenceNumber=digits) == invalid(
            f"StartingSequenceNumber {digits} used in GetShardIterator on shard shardId-000000000000 in stream active "
            f"under account {A} is invalid."
        )

    @pytest.mark.parametrize(
        ("digits", "encoded"),
        [
            ("5", "shardId-000000000005"),
            ("65535", "shardId-000000065535"),
            (written(creation_second=BORN, shard_index=1), "shardId-000000000001"),
            (written(shard_index=0x7FFFFFFF), "shardId-002147483647"),
            (written(shard_index=0x80000000), "shardId--02147483648"),
            (written(shard_index=7, version=1), "shardId-000000000007"),
        ],
    )
    def test_one_of_another_shard_is_refused_with_that_shard(
        self, iterator_refusal: Any, iterator_type: Any, digits: Any, encoded: Any
    ) -> None:
        assert iterator_refusal(iterator_type, StartingSequenceNumber=digits) == invalid(
            f"Invalid StartingSequenceNumber. It encodes {encoded}, while it was used in a call to a shard with "
            "shardId-000000000000"
        )

    @pytest.mark.parametrize(
        ("digits", "shown"),
        [
            ("0", "21267647932558653966460912964485513216"),
            ("65536", "21267647932558653966460912964485578752"),
            (str(1 << 124), "21267647932558653966460912964485513216"),
            (str((1 << 124) + 65536), "21267647932558653966460912964485578752"),
        ],
    )
    def test_one_of_version_0_did_not_come_from_this_stream(
        self, iterator_refusal: Any, iterator_type: Any, digits: Any, shown: Any
    ) -> None:
        assert iterator_refusal(iterator_type, StartingSequenceNumber=digits) == invalid(
            f"StartingSequenceNumber {shown} used in GetShardIterator on shard shardId-000000000000 in stream active "
            f"under account {A} is invalid because it did not come from this stream."
        )

    @pytest.mark.parametrize(
        "digits",
        [
            written(),
            written(creation_second=BORN - 1),
            written(creation_second=BORN + 1),
            written(creation_second=16_025_174_999),
            written(creation_second=BORN, version=1),
        ],
    )
    def test_one_of_an_earlier_stream_did_not_come_from_this_one(
        self, iterator_refusal: Any, iterator_type: Any, digits: Any
    ) -> None:
        assert iterator_refusal(iterator_type, StartingSequenceNumber=digits) == invalid(
            f"StartingSequenceNumber {digits} used in GetShardIterator on shard shardId-000000000000 in stream active "
            f"under account {A} is invalid because it did not come from this stream."
        )


def test_the_shards_of_these_tests_were_born_when_the_rows_say(world: Any) -> None:
    assert fields_of(world.stream("active").shards[0].starting_sequence_number).creation_second == BORN


def test_a_start_at_a_timestamp_needs_one(iterator_refusal: Any) -> None:
    assert iterator_refusal("AT_TIMESTAMP") == invalid(
        "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
        "Current request has no timestamp parameter."
    )


@pytest.mark.parametrize("ahead", [1, 2, 86_400 * 365])
def test_a_start_in_the_future_is_refused(iterator_refusal: Any, ahead: Any) -> None:
    assert iterator_refusal("AT_TIMESTAMP", Timestamp=datetime.fromtimestamp(START + ahead, timezone.utc)) == invalid(
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: "
        f"{(START + ahead) * 1000}, currentTimestampInMillis: {START * 1000}"
    )


def test_the_future_begins_after_this_millisecond(kinesis: KinesisFake, iterator_refusal: Any, client: Any) -> None:
    request = {"StreamName": "active", "ShardId": "0", "ShardIteratorType": "AT_TIMESTAMP"}
    client.get_shard_iterator(Timestamp=START, **request)
    kinesis.advance(milliseconds=999)
    assert iterator_refusal("AT_TIMESTAMP", Timestamp=START + 1) == invalid(
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: "
        f"{START + 1}000, currentTimestampInMillis: {START}999"
    )
    kinesis.advance(milliseconds=1)
    client.get_shard_iterator(Timestamp=START + 1, **request)


# --- GetRecords -----------------------------------------------------------------------------------------------------


def iterator(client: Any, stream_name: Any = "active", shard_id: Any = "shardId-000000000002") -> Any:
    request = {"StreamName": stream_name, "ShardId": shard_id, "ShardIteratorType": "TRIM_HORIZON"}
    return client.get_shard_iterator(**request)["ShardIterator"]


@pytest.mark.parametrize(
    "text",
    [
        NOT_BASE64,
        "a",
        "AAAA",
        "AAAAAAAAAAE=",
        "AAAAAAAAAAE" + "A" * 192,
        "AAAAAAAAAAE" + "A" * 189,
        '"',
        '""',
        "ümlaut",
        "a" * 512,
        "\n",
    ],
)
def test_an_iterator_that_was_made_up_is_invalid(world: Any, refusal: Any, text: Any) -> None:
    assert refusal("GetRecords", ShardIterator=text) == invalid("Invalid ShardIterator.")


def test_an_expired_iterator_is_refused_with_both_instants_as_java_prints_them(
    world: Any, client: Any, refusal: Any
) -> None:
    expired = iterator(client)
    world.advance(seconds=381)
    assert refusal("GetRecords", ShardIterator=expired) == (
        "ExpiredIteratorException",
        "Iterator expired. The iterator was created at time Thu Jan 01 00:00:00 UTC 2026 while right now it is "
        "Thu Jan 01 00:06:21 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.",
    )


def test_the_shard_of_a_deleted_stream_does_not_exist(world: Any, client: Any, refusal: Any) -> None:
    orphan = iterator(client)
    client.delete_stream(StreamName="active")
    client.get_records(ShardIterator=orphan)
    world.settle()
    assert refusal("GetRecords", ShardIterator=orphan) == no_such_shard("shardId-000000000002", "active")


@pytest.mark.parametrize("shards", [2, 3])
def test_an_old_iterator_on_a_new_stream_fails_if_the_shard_is_there_and_else_finds_none(
    world: Any, client: Any, refusal: Any, shards: Any
) -> None:
    orphan = iterator(client)
    client.delete_stream(StreamName="active")
    world.advance(seconds=20)
    client.create_stream(StreamName="active", ShardCount=shards)
    assert refusal("GetRecords", ShardIterator=orphan) == no_such_shard("shardId-000000000002", "active")
    world.advance(seconds=20)
    answer = refusal("GetRecords", ShardIterator=orphan)
    assert answer == (("InternalFailure", "") if shards == 3 else no_such_shard("shardId-000000000002", "active"))
