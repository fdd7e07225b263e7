"""The rates of writes: 1 MiB and 1000 records per shard in any second, and a burst for large records."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits
from tests.support.model import needs
from tests.support.refusals import refused

KIB = 1024
MIB = 1024 * KIB
SHARD = "shardId-000000000000"
CODE = "ProvisionedThroughputExceededException"
MESSAGE = f"Rate exceeded for shard {SHARD} in stream orders under account 123456789012."

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", rate_limits=True, streams={"orders": 1})


def put(client: Any, size: Any = 1, key: Any = "k", stream_name: Any = "orders") -> Any:
    """Put a record of this many bytes, its key included."""
    return client.put_record(StreamName=stream_name, PartitionKey=key, Data=bytes(size - len(key.encode())))


def put_records(client: Any, sizes: Any, key: Any = "k", stream_name: Any = "orders") -> Any:
    """Put records of these sizes; the indexes of those that fail."""
    records = [{"PartitionKey": key, "Data": bytes(size - len(key.encode()))} for size in sizes]
    answer = client.put_records(StreamName=stream_name, Records=records)
    failed = [index for index, entry in enumerate(answer["Records"]) if "ErrorCode" in entry]
    assert answer["FailedRecordCount"] == len(failed)
    return failed


# --- bytes --------------------------------------------------------------------------------------------------------


def test_a_mebibyte_per_second_and_no_more(kinesis: KinesisFake, client: Any) -> None:
    put(client, MIB)
    with refused(client, CODE, MESSAGE):
        put(client)
    kinesis.advance(milliseconds=999)
    with refused(client, CODE, MESSAGE):
        put(client)
    kinesis.advance(milliseconds=1)
    put(client, MIB)


def test_all_records_of_a_call_fail_once_the_shard_has_taken_its_second(client: Any) -> None:
    put(client, MIB)
    answer = client.put_records(StreamName="orders", Records=[{"PartitionKey": "k", "Data": b""}] * 3)
    assert answer["FailedRecordCount"] == 3
    assert answer["Records"] == [{"ErrorCode": CODE, "ErrorMessage": MESSAGE}] * 3


def test_the_second_is_any_second(kinesis: KinesisFake, client: Any) -> None:
    put(client, 600 * KIB)
    kinesis.advance(milliseconds=600)
    put(client, 424 * KIB)
    kinesis.advance(milliseconds=399)
    with refused(client, CODE, MESSAGE):
        put(client)
    kinesis.advance(milliseconds=1)
    put(client, 600 * KIB)
    with refused(client, CODE, MESSAGE):
        put(client)


def test_a_partition_key_counts(kinesis: KinesisFake, client: Any) -> None:
    put(client, MIB - KIB)
    put(client, KIB, key="ä" * 256)  # 512 bytes of key
    with refused(client, CODE, MESSAGE):
        put(client)


@pytest.mark.thorough
def test_put_record_rounds_each_record_up_to_a_kibibyte(kinesis: KinesisFake, client: Any) -> None:
    for _ in range(1024 - 24):
        put(client, 24)
    with refused(client, CODE):  # a thousand records
        put(client)
    kinesis.advance(seconds=1)
    put(client, MIB - 10 * KIB)
    for _ in range(10):
        put(client, 2)
    with refused(client, CODE, MESSAGE):
        put(client, 2)


def test_put_records_rounds_the_sum_of_a_call(kinesis: KinesisFake, client: Any) -> None:
    put(client, MIB - 2 * KIB)
    assert put_records(client, [8] * 256) == []  # two kibibytes together
    assert put_records(client, [8]) == [0]
    kinesis.advance(seconds=1)
    put(client, MIB - 2 * KIB)
    assert put_records(client, [8] * 255 + [9]) == [255]


def test_a_refused_record_uses_nothing_up(kinesis: KinesisFake, client: Any) -> None:
    put(client, 1000 * KIB)
    for _ in range(30):
        with refused(client, CODE, MESSAGE):
            put(client, 25 * KIB)
    put(client, 24 * KIB)


# --- records ------------------------------------------------------------------------------------------------------


def test_a_thousand_records_per_second_and_no_more(kinesis: KinesisFake, client: Any) -> None:
    assert put_records(client, [2] * 500) == []
    assert put_records(client, [2] * 499) == []
    assert put_records(client, [2] * 2) == [1]
    with refused(client, CODE, MESSAGE):
        put(client)
    kinesis.advance(milliseconds=999)
    with refused(client, CODE, MESSAGE):
        put(client)
    kinesis.advance(milliseconds=1)
    assert put_records(client, [2] * 500) == []


# --- PutRecords ---------------------------------------------------------------------------------------------------


def test_records_fail_one_by_one_and_the_status_is_200(kinesis: KinesisFake, client: Any) -> None:
    records = [{"PartitionKey": "k", "Data": bytes(size)} for size in (700_000, 700_000, 300_000, 700_000, 40_000)]
    answer = client.put_records(StreamName="orders", Records=records)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["FailedRecordCount"] == 2
    failed = {"ErrorCode": CODE, "ErrorMessage": MESSAGE}
    assert [answer["Records"][index] for index in (1, 3)] == [failed, failed]
    assert [len(record.data) for record in kinesis.stream("orders").records] == [700_000, 300_000, 40_000]


@pytest.mark.fake_kinesis(streams={"orders": 3})
def test_each_shard_has_a_rate_of_its_own(kinesis: KinesisFake, client: Any) -> None:
    keys = [kinesis.partition_key_for("orders", shard.shard_id) for shard in kinesis.stream("orders").shards]
    put(client, MIB, keys[1])
    records = [{"PartitionKey": key, "Data": b"1"} for key in keys]
    answer = client.put_records(StreamName="orders", Records=records)
    assert [entry.get("ErrorMessage") for entry in answer["Records"]] == [
        None,
        "Rate exceeded for shard shardId-000000000001 in stream orders under account 123456789012.",
        None,
    ]


def test_children_of_a_hot_shard_take_twice_as_much(kinesis: KinesisFake, client: Any) -> None:
    put(client, MIB)
    kinesis.stream("orders").split(SHARD)
    for shard in kinesis.stream("orders").open_shards:
        put(client, MIB, kinesis.partition_key_for("orders", shard.shard_id))


def test_a_stream_made_anew_starts_anew(kinesis: KinesisFake, client: Any) -> None:
    put(client, MIB)
    client.delete_stream(StreamName="orders")
    kinesis.settle()
    kinesis.create_stream("orders", shards=1)
    put(client, MIB)


# --- large records ------------------------------------------------------------------------------------------------

LARGE = {"orders": {"shard_count": 1, "max_record_size_in_kib": 10240}}
LARGE_RECORDS = needs("CreateStream", "MaxRecordSizeInKiB")


@LARGE_RECORDS
@pytest.mark.fake_kinesis(streams=LARGE)
@needs("CreateStream", "MaxRecordSizeInKiB")
def test_a_shard_lends_ten_mebibytes_to_large_records(kinesis: KinesisFake, client: Any) -> None:
    put(client, 6 * MIB)
    with refused(client, CODE, MESSAGE):
        put(client, 5 * MIB)
    put(client, 4 * MIB)
    with refused(client, CODE, MESSAGE):
        put(client, 1)


@LARGE_RECORDS
@pytest.mark.fake_kinesis(streams=LARGE)
@needs("CreateStream", "MaxRecordSizeInKiB")
@pytest.mark.thorough
def test_what_was_lent_comes_back_at_a_mebibyte_per_second(kinesis: KinesisFake, client: Any) -> None:
    put(client, 10 * MIB)
    kinesis.advance(milliseconds=2999)
    with refused(client, CODE, MESSAGE):
        put(client, 3 * MIB)
    kinesis.advance(milliseconds=1)
    put(client, 3 * MIB)
    kinesis.advance(seconds=9.999)
    with refused(client, CODE, MESSAGE):
        put(client, 10 * MIB)
    kinesis.advance(milliseconds=1)
    put(client, 10 * MIB)


@LARGE_RECORDS
@pytest.mark.fake_kinesis(streams=LARGE)
@needs("CreateStream", "MaxRecordSizeInKiB")
def test_small_records_wait_until_the_allowance_has_refilled(kinesis: KinesisFake, client: Any) -> None:
    put(client, 10 * MIB)
    with refused(client, CODE, MESSAGE):
        put(client, KIB)
    kinesis.advance(milliseconds=1)  # 1048 bytes
    put(client, KIB)
    kinesis.advance(milliseconds=499)
    put(client, 511 * KIB)
    with refused(client, CODE, MESSAGE):
        put(client, KIB)


@LARGE_RECORDS
@pytest.mark.fake_kinesis(streams=LARGE)
@needs("CreateStream", "MaxRecordSizeInKiB")
@pytest.mark.thorough
def test_small_records_alone_never_use_the_allowance_up(kinesis: KinesisFake, client: Any) -> None:
    for _ in range(30):
        put(client, MIB)
        kinesis.advance(seconds=1)
    put(client, 10 * MIB)


@LARGE_RECORDS
@pytest.mark.fake_kinesis(streams=LARGE, limits=Limits(shard_write_burst_bytes=4 * MIB))
@needs("CreateStream", "MaxRecordSizeInKiB")
def test_the_allowance_can_be_set_and_a_record_above_it_waits_until_it_is_full(
    kinesis: KinesisFake, client: Any
) -> None:
    put(client, 10 * MIB)  # of which six are owed
    kinesis.advance(milliseconds=9_999)
    with refused(client, CODE, MESSAGE):
        put(client, 4 * MIB)
    kinesis.advance(milliseconds=1)
    put(client, 4 * MIB)


# --- other numbers ------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(rate_limits=False)
def test_without_limits_nothing_is_refused(kinesis: KinesisFake, client: Any) -> None:
    for _ in range(5):
        assert put_records(client, [MIB] * 10) == []
        assert put_records(client, [2] * 500) == []


@pytest.mark.fake_kinesis(rate_limits=False, limits=Limits(shard_write_records_per_second=3))
def test_one_rate_alone_can_be_enforced(kinesis: KinesisFake, client: Any) -> None:
    assert put_records(client, [MIB] * 5) == [3, 4]
    kinesis.advance(seconds=1)
    assert put_records(client, [MIB] * 5) == [3, 4]


@pytest.mark.fake_kinesis(limits=Limits(shard_write_records_per_second=2))
def test_a_number_given_goes_before_that_of_aws(kinesis: KinesisFake, client: Any) -> None:
    assert put_records(client, [2] * 4) == [2, 3]
    kinesis.advance(seconds=1)
    assert put_records(client, [MIB, 2]) == [1]


@pytest.mark.fake_kinesis(rate_limits=False, limits=Limits(shard_write_bytes_per_second=1000))
def test_a_small_rate_lets_larger_records_through_in_the_long_run(kinesis: KinesisFake, client: Any) -> None:
    sizes = [1024] * 12  # larger than a second's worth: they draw on ten times the rate
    assert put_records(client, sizes) == [9, 10, 11]
    passed = 0
    for _ in range(100):
        kinesis.advance(milliseconds=256)
        passed += put_records(client, [1024]) == []
    assert passed == 25


@pytest.mark.fake_kinesis(
    rate_limits=False, limits=Limits(shard_write_bytes_per_second=1000, shard_write_burst_bytes=0)
)
def test_without_an_allowance_each_record_is_paid_for_before_the_next(kinesis: KinesisFake, client: Any) -> None:
    assert put_records(client, [5 * KIB, 1 * KIB]) == [1]
    kinesis.advance(milliseconds=5119)
    assert put_records(client, [1 * KIB]) == [0]
    kinesis.advance(milliseconds=1)
    assert put_records(client, [1 * KIB]) == []


def test_what_the_test_itself_puts_is_neither_limited_nor_counted(kinesis: KinesisFake, client: Any) -> None:
    for _ in range(3):
        kinesis.stream("orders").put(bytes(MIB - 4))
    put(client, MIB)
    with refused(client, CODE, MESSAGE):
        put(client)


# --- on-demand streams --------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"orders": {}})
def test_a_new_on_demand_stream_takes_as_much_as_its_four_shards(kinesis: KinesisFake, client: Any) -> None:
    keys = [kinesis.partition_key_for("orders", shard.shard_id) for shard in kinesis.stream("orders").shards]
    assert len(keys) == 4
    for key in keys:
        put(client, MIB, key)
        with refused(client, CODE):
            put(client, 1 + len(key), key)
    kinesis.stream("orders").scale_to(8)
    for shard in kinesis.stream("orders").open_shards:
        put(client, MIB, kinesis.partition_key_for("orders", shard.shard_id))


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_a_batch_whose_first_record_is_too_much_counts_that_one_alone(kinesis: KinesisFake, client: Any) -> None:
    first, second = (kinesis.partition_key_for("orders", shard.shard_id) for shard in kinesis.stream("orders").shards)
    put(client, MIB, first)
    records = [{"PartitionKey": key, "Data": b"x"} for key in (first, second, second)]
    answer = client.put_records(StreamName="orders", Records=records)
    assert answer["FailedRecordCount"] == 1
    assert [entry.get("ErrorCode") for entry in answer["Records"]] == [CODE, None, None]


def test_of_five_records_of_a_megabyte_at_once_the_first_is_taken_as_was_seen(client: Any) -> None:
    records = [{"Data": bytes(1_000_000), "PartitionKey": "a"} for _ in range(5)]
    answer = client.put_records(StreamName="orders", Records=records)
    assert answer["FailedRecordCount"] == 4
    assert ["ErrorCode" in entry for entry in answer["Records"]] == [False, True, True, True, True]
