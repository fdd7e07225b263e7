"""The rates of reads: 2 MiB and five GetRecords per shard and second, and the rate of GetShardIterator."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config

from kinesis_fake import Fault, KinesisFake, Limits
from tests.support.refusals import refused

MIB = 1024 * 1024
SHARD = "shardId-000000000000"
CODE = "ProvisionedThroughputExceededException"
MESSAGE = f"Rate exceeded for Shard - 123456789012/orders/{SHARD}"

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", rate_limits=True, streams={"orders": 1})


@pytest.fixture
def iterator(kinesis: KinesisFake, client: Any) -> Any:
    return iterator_of(client)


def iterator_of(client: Any, shard_id: Any = SHARD, stream_name: Any = "orders", **parameters: Any) -> Any:
    return client.get_shard_iterator(
        StreamName=stream_name, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON", **parameters
    )["ShardIterator"]


def put(kinesis: KinesisFake, *sizes: Any) -> None:
    for size in sizes:
        kinesis.stream("orders").put(bytes(size))


def read(client: Any, iterator: Any, limit: Any = 10_000) -> Any:
    """Read, and return how many bytes that gave, and the next iterator."""
    answer = client.get_records(ShardIterator=iterator, Limit=limit)
    return sum(len(record["Data"]) for record in answer["Records"]), answer["NextShardIterator"]


# --- calls --------------------------------------------------------------------------------------------------------


def test_five_calls_in_any_second(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    for _ in range(3):
        read(client, iterator)
    kinesis.advance(milliseconds=400)
    for _ in range(2):
        read(client, iterator)
    with refused(client, CODE, MESSAGE):
        read(client, iterator)
    kinesis.advance(milliseconds=599)
    with refused(client, CODE, MESSAGE):
        read(client, iterator)
    kinesis.advance(milliseconds=1)
    for _ in range(3):
        read(client, iterator)
    with refused(client, CODE, MESSAGE):
        read(client, iterator)


def test_all_readers_of_a_shard_share_its_calls(kinesis: KinesisFake, client: Any) -> None:
    iterators = [iterator_of(client) for _ in range(3)]
    for iterator in [*iterators, *iterators[:2]]:
        read(client, iterator)
    for iterator in iterators:
        with refused(client, CODE, MESSAGE):
            read(client, iterator)


@pytest.mark.fake_kinesis(streams={"orders": 2, "payments": 1})
def test_each_shard_has_calls_of_its_own(kinesis: KinesisFake, client: Any) -> None:
    iterators = [
        iterator_of(client),
        iterator_of(client, "shardId-000000000001"),
        iterator_of(client, stream_name="payments"),
    ]
    for iterator in iterators:
        for _ in range(5):
            read(client, iterator)
        with refused(client, CODE):
            read(client, iterator)


def test_a_refused_call_counts_for_nothing_and_its_iterator_is_still_good(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    put(kinesis, 10)
    for _ in range(5):
        read(client, iterator)
    for _ in range(10):
        with refused(client, CODE, MESSAGE):
            read(client, iterator)
    kinesis.advance(seconds=1)
    assert read(client, iterator)[0] == 10


def test_a_call_that_fails_for_another_reason_counts_for_nothing(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    kinesis.inject(Fault.internal_error("GetRecords", times=20))
    for _ in range(20):
        with refused(client, "InternalFailure", status=500):
            read(client, iterator)
    for _ in range(5):
        read(client, iterator)


# --- bytes --------------------------------------------------------------------------------------------------------


def test_two_mebibytes_in_any_second(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put(kinesis, *[MIB // 2] * 10)
    for _ in range(3):
        size, iterator = read(client, iterator, limit=1)
        assert size == MIB // 2
    kinesis.advance(milliseconds=500)
    size, iterator = read(client, iterator, limit=1)
    assert size == MIB // 2
    with refused(client, CODE, MESSAGE):
        read(client, iterator)
    kinesis.advance(milliseconds=499)
    with refused(client, CODE, MESSAGE):
        read(client, iterator)
    kinesis.advance(milliseconds=1)
    read(client, iterator, limit=1)


def test_after_ten_mebibytes_a_shard_rests_for_five_seconds(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put(kinesis, *[MIB - 4] * 11)
    size, next_iterator = read(client, iterator)
    assert size == 10 * (MIB - 4)
    for milliseconds in (0, 1000, 3000, 999):
        kinesis.advance(milliseconds=milliseconds)
        with refused(client, CODE, MESSAGE):
            read(client, next_iterator)
    kinesis.advance(milliseconds=1)
    assert read(client, next_iterator)[0] == MIB - 4


def test_after_more_than_two_mebibytes_it_rests_as_long_as_they_take(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    put(kinesis, *[MIB - 4] * 3)
    read(client, iterator)
    kinesis.advance(milliseconds=1499)
    with refused(client, CODE, MESSAGE):
        read(client, iterator)
    kinesis.advance(milliseconds=1)
    read(client, iterator)


def test_small_reads_at_one_instant_are_no_trouble(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put(kinesis, *[1000] * 5)
    for _ in range(5):
        _, iterator = read(client, iterator, limit=1)


def test_a_reader_that_waits_a_second_after_every_call_is_never_refused(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    put(kinesis, *[MIB - 4] * 20)
    for _ in range(10):
        size, iterator = read(client, iterator, limit=2)
        assert size == 2 * (MIB - 4)
        kinesis.advance(seconds=1)


def test_an_empty_read_is_no_burden(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put(kinesis, MIB - 4, MIB - 4)
    kinesis.inject(Fault.empty_read(times=4))
    for _ in range(4):
        assert read(client, iterator)[0] == 0
    assert read(client, iterator)[0] == 2 * (MIB - 4)


@pytest.mark.fake_kinesis(rate_limits=False, limits=Limits(shard_read_bytes_per_second=100))
def test_other_numbers_may_be_given(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put(kinesis, 99, 151)
    _, next_iterator = read(client, iterator, limit=1)
    assert read(client, next_iterator)[0] == 151  # 250 bytes in this second
    kinesis.advance(milliseconds=2499)
    with refused(client, CODE, MESSAGE):
        read(client, iterator)
    kinesis.advance(milliseconds=1)
    read(client, iterator)


@pytest.mark.fake_kinesis(rate_limits=False)
def test_without_limits_nothing_is_refused(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put(kinesis, *[MIB - 4] * 10)
    for _ in range(20):
        assert read(client, iterator)[0] > 0
        iterator_of(client)


# --- iterators ----------------------------------------------------------------------------------------------------


def test_five_iterators_of_a_shard_in_any_second(kinesis: KinesisFake, client: Any) -> None:
    for _ in range(5):
        iterator_of(client)
    with refused(client, CODE, MESSAGE):
        iterator_of(client)
    kinesis.advance(milliseconds=999)
    with refused(client, CODE, MESSAGE):
        iterator_of(client)
    kinesis.advance(milliseconds=1)
    iterator_of(client)


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_each_shard_has_iterators_of_its_own(kinesis: KinesisFake, client: Any) -> None:
    for shard_id in (SHARD, "shardId-000000000001"):
        for _ in range(5):
            iterator_of(client, shard_id)
        with refused(client, CODE):
            iterator_of(client, shard_id)


@pytest.mark.fake_kinesis(accounts={"other": "222222222222"}, limits=Limits(shard_iterators_per_second=1))
def test_each_account_has_iterators_of_its_own(kinesis: KinesisFake, client: Any) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "*", "Resource": "*"}
    arn = kinesis.stream("orders").stream_arn
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client.put_resource_policy(ResourceARN=arn, Policy=json.dumps(policy))
    other = kinesis.client(
        aws_access_key_id="other", aws_secret_access_key="any", config=Config(retries={"total_max_attempts": 1})
    )
    iterator_of(client)
    other.get_shard_iterator(StreamARN=arn, ShardId=SHARD, ShardIteratorType="LATEST")
    for each in (client, other):
        with refused(each, CODE, MESSAGE):
            each.get_shard_iterator(StreamARN=arn, ShardId=SHARD, ShardIteratorType="LATEST")


def test_an_iterator_that_cannot_be_had_counts_for_nothing(kinesis: KinesisFake, client: Any) -> None:
    for _ in range(7):
        with refused(client, "InvalidArgumentException"):
            client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="AT_TIMESTAMP")
    for _ in range(5):
        iterator_of(client)
