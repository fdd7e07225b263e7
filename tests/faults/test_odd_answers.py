"""Odd answers that AWS's documentation warns of: failed entries, empty and short reads, late ends, falling times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, Limits
from tests.support.model import needs
from tests.support.refusals import refused
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

SHARD = "shardId-000000000000"
THROTTLED = {
    "ErrorCode": "ProvisionedThroughputExceededException",
    "ErrorMessage": f"Rate exceeded for shard {SHARD} in stream orders under account 123456789012.",
}


def put_records(client: Any, count: Any = 10, **more: Any) -> Any:
    records = [{"Data": b"%d" % number, "PartitionKey": f"key-{number}", **more} for number in range(count)]
    return client.put_records(StreamName="orders", Records=records)


def failed_indexes(answer: Any) -> Any:
    return [index for index, entry in enumerate(answer["Records"]) if "ErrorCode" in entry]


def written(kinesis: KinesisFake) -> Any:
    return [record.data for record in kinesis.stream("orders").records]


def read(client: Any, iterator: Any, **parameters: Any) -> Any:
    return client.get_records(ShardIterator=iterator, **parameters)


def data_of(answer: Any) -> Any:
    return [record["Data"] for record in answer["Records"]]


# --- PutRecords ---------------------------------------------------------------------------------------------------


def test_records_fail_by_their_indexes_and_the_others_are_written(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(indexes=[0, 3, 9]))
    answer = put_records(client)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["FailedRecordCount"] == 3
    assert [entry for entry in answer["Records"] if "ErrorCode" in entry] == [THROTTLED] * 3
    assert failed_indexes(answer) == [0, 3, 9]
    assert written(kinesis) == [b"1", b"2", b"4", b"5", b"6", b"7", b"8"]
    numbers = [entry["SequenceNumber"] for entry in answer["Records"] if "SequenceNumber" in entry]
    assert numbers == [record.sequence_number for record in kinesis.stream("orders").records]
    assert put_records(client)["FailedRecordCount"] == 0


def test_records_can_fail_with_an_internal_failure(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(indexes=[1], code="InternalFailure"))
    answer = put_records(client, 2)
    assert answer["Records"][1] == {"ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure."}
    assert written(kinesis) == [b"0"]


def test_all_records_can_fail_and_the_status_is_still_200(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(fraction=1))
    answer = put_records(client)
    assert (answer["FailedRecordCount"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (10, 200)
    assert written(kinesis) == []


def test_records_fail_that_a_predicate_picks(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(records=lambda record: record["PartitionKey"] in ("key-2", "key-5")))
    assert failed_indexes(put_records(client, 2)) == []  # neither of them is there: the fault waits
    assert failed_indexes(put_records(client)) == [2, 5]
    assert failed_indexes(put_records(client)) == []


def test_a_fraction_of_the_records_fails_the_same_one_for_the_same_seed(kinesis: KinesisFake, client: Any) -> None:
    def failed(**filters: Any) -> Any:
        with kinesis.inject(Fault.partial_failure(fraction=0.2, **filters)):
            return failed_indexes(put_records(client, 500))

    first = failed()
    assert 70 < len(first) < 130
    assert failed(seed=0) == first
    assert failed(seed=1) != first


@pytest.mark.fake_kinesis(streams={"orders": 4})
def test_with_a_shard_only_records_fail_that_go_there(kinesis: KinesisFake, client: Any) -> None:
    keys = [kinesis.partition_key_for("orders", shard.shard_id) for shard in kinesis.stream("orders").shards]
    kinesis.inject(Fault.partial_failure(fraction=1, shard="shardId-000000000002"))
    records = [{"Data": b"", "PartitionKey": key} for key in keys * 3]
    answer = client.put_records(StreamName="orders", Records=records)
    assert failed_indexes(answer) == [2, 6, 10]
    assert {entry["ErrorMessage"] for entry in answer["Records"] if "ErrorMessage" in entry} == {
        "Rate exceeded for shard shardId-000000000002 in stream orders under account 123456789012."
    }


def test_indexes_beyond_the_last_record_wait_for_a_longer_call(kinesis: KinesisFake, client: Any) -> None:
    injection = kinesis.inject(Fault.partial_failure(indexes=[9]))
    assert put_records(client, 9)["FailedRecordCount"] == 0
    assert injection.strikes == 0
    assert failed_indexes(put_records(client, 10)) == [9]


def test_of_two_partial_failures_both_strike(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(indexes=[1, 2]))
    kinesis.inject(Fault.partial_failure(indexes=[2, 3], code="InternalFailure"))
    codes = [entry.get("ErrorCode") for entry in put_records(client, 5)["Records"]]
    throttled = THROTTLED["ErrorCode"]
    assert codes == [None, throttled, throttled, "InternalFailure", None]


@pytest.mark.fake_kinesis(limits=Limits(shard_write_records_per_second=2))
def test_a_record_that_a_fault_picks_uses_no_rate_up(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(indexes=[0, 2], code="InternalFailure"))
    codes = [entry.get("ErrorCode") for entry in put_records(client, 5)["Records"]]
    assert codes == ["InternalFailure", None, "InternalFailure", None, THROTTLED["ErrorCode"]]


def test_the_sdk_does_not_retry_what_failed_in_part(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis.inject(Fault.partial_failure(indexes=[0]))
    answer = put_records(kinesis_client, 2)
    assert (answer["FailedRecordCount"], answer["ResponseMetadata"]["RetryAttempts"]) == (1, 0)


def test_a_predicate_that_fails_writes_nothing(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(records=lambda record: record["ExplicitHashKey"] == "0"))
    before = state_of(kinesis)
    with pytest.raises(KinesisFakeError) as caught:
        put_records(client)
    assert str(caught.value) == (
        "records of Fault.partial_failure(records=<lambda>) failed: KeyError('ExplicitHashKey')."
    )
    assert state_of(kinesis) == before
    assert put_records(client, 2, ExplicitHashKey="0")["FailedRecordCount"] == 2


def test_a_call_that_is_refused_as_a_whole_uses_no_partial_failure_up(kinesis: KinesisFake, client: Any) -> None:
    injection = kinesis.inject(Fault.partial_failure(indexes=[0]))
    with refused(client, "InvalidArgumentException"):
        put_records(client, ExplicitHashKey=str(2**128))
    assert injection.strikes == 0
    assert failed_indexes(put_records(client)) == [0]


@needs("CreateStream", "RecordDistributionStrategy")
@pytest.mark.fake_kinesis(
    streams={
        "orders": {
            "stream_mode_details": {"StreamMode": "ON_DEMAND"},
            "record_distribution_strategy": "AUTO",
        }
    }
)
@needs("CreateStream", "RecordDistributionStrategy")
def test_records_of_a_stream_that_distributes_them_itself_fail_too(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.partial_failure(fraction=1, shard="shardId-000000000001"))
    answer = put_records(client, 8)
    assert failed_indexes(answer) == [1, 5]
    assert [entry["ShardId"][-1] for entry in answer["Records"] if "ShardId" in entry] == list("023023")


# --- GetRecords ---------------------------------------------------------------------------------------------------


def test_a_read_is_empty_although_there_are_records(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put_records(client, 3)
    kinesis.advance(seconds=7)
    kinesis.inject(Fault.empty_read())
    answer = read(client, iterator)
    assert (data_of(answer), answer["MillisBehindLatest"]) == ([], 7000)
    assert data_of(read(client, answer["NextShardIterator"])) == [b"0", b"1", b"2"]


def test_empty_reads_wait_until_there_are_records(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    injection = kinesis.inject(Fault.empty_read(times=2))
    iterator = read(client, iterator)["NextShardIterator"]
    assert injection.strikes == 0
    put_records(client, 1)
    assert [data_of(read(client, iterator)) for _ in range(3)] == [[], [], [b"0"]]


def test_a_read_returns_fewer_records_than_there_are(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put_records(client, 5)
    kinesis.advance(seconds=1)
    kinesis.inject(Fault.short_read(2))
    answer = read(client, iterator)
    assert (data_of(answer), answer["MillisBehindLatest"]) == ([b"0", b"1"], 1000)
    answer = read(client, answer["NextShardIterator"])
    assert (data_of(answer), answer["MillisBehindLatest"]) == ([b"2", b"3", b"4"], 0)


def test_a_short_read_that_is_not_shorter_is_none(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put_records(client, 5)
    injection = kinesis.inject(Fault.short_read(3))
    assert data_of(read(client, iterator, Limit=3)) == [b"0", b"1", b"2"]
    assert injection.strikes == 0
    assert data_of(read(client, iterator, Limit=4)) == [b"0", b"1", b"2"]
    assert injection.strikes == 1


def close_shard(kinesis: KinesisFake) -> None:
    kinesis.stream("orders").split(SHARD)


def test_the_end_of_a_shard_is_told_one_call_later(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    put_records(client, 2)
    close_shard(kinesis)
    kinesis.inject(Fault.late_end_of_shard())
    answer = read(client, iterator, Limit=1)
    assert "NextShardIterator" in answer  # that was not the end, so the fault waits
    answer = read(client, answer["NextShardIterator"])
    assert (data_of(answer), "ChildShards" in answer) == ([b"1"], False)
    answer = read(client, answer["NextShardIterator"])
    assert data_of(answer) == []
    assert "NextShardIterator" not in answer
    assert [child["ShardId"] for child in answer["ChildShards"]] == ["shardId-000000000001", "shardId-000000000002"]


def test_the_end_of_a_shard_can_be_several_calls_late(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    close_shard(kinesis)
    kinesis.inject(Fault.late_end_of_shard(times=3))
    for _ in range(3):
        answer = read(client, iterator)
        assert (data_of(answer), answer["MillisBehindLatest"], "ChildShards" in answer) == ([], 0, False)
        iterator = answer["NextShardIterator"]
    assert "NextShardIterator" not in read(client, iterator)


def test_a_read_that_another_fault_makes_short_does_not_tell_the_end(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    put_records(client, 2)
    close_shard(kinesis)
    late = kinesis.inject(Fault.late_end_of_shard())
    kinesis.inject(Fault.short_read(1))
    answer = read(client, iterator)
    assert (data_of(answer), "NextShardIterator" in answer, late.strikes) == ([b"0"], True, 0)
    answer = read(client, answer["NextShardIterator"])
    assert (data_of(answer), "NextShardIterator" in answer, late.strikes) == ([b"1"], True, 1)


def test_arrivals_go_back_in_every_second_record_as_it_is_told(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    kinesis.advance(seconds=60)
    put_records(client, 5)
    kinesis.inject(Fault.arrivals_go_back(1500))
    arrivals = [record["ApproximateArrivalTimestamp"] for record in read(client, iterator)["Records"]]
    earlier = kinesis.now - timedelta(milliseconds=1500)
    assert arrivals == [kinesis.now, earlier, kinesis.now, earlier, kinesis.now]
    assert {record["ApproximateArrivalTimestamp"] for record in read(client, iterator)["Records"]} == {kinesis.now}


def test_arrivals_go_back_where_there_are_two_records_at_least(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    put_records(client, 1)
    injection = kinesis.inject(Fault.arrivals_go_back(1))
    read(client, iterator)
    assert injection.strikes == 0
    put_records(client, 1)
    read(client, iterator)
    assert injection.strikes == 1


# --- an idle shard that is behind ---------------------------------------------------------------------------------


def test_a_reader_of_an_idle_shard_is_behind_for_some_calls(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    fault = kinesis.inject(Fault.idle_shard(milliseconds_behind=30_000, times=3))
    seen, places = [], set()
    for _ in range(5):
        answer = read(client, iterator)
        seen.append((data_of(answer), answer["MillisBehindLatest"]))
        iterator = answer["NextShardIterator"]
        places.add(iterator)
    assert seen == [([], 30_000), ([], 20_000), ([], 10_000), ([], 0), ([], 0)]
    assert (len(places), fault.strikes) == (5, 3)


def test_a_reader_of_an_idle_shard_may_be_behind_for_ever(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    kinesis.inject(Fault.idle_shard(milliseconds_behind=1500, times=None))
    for _ in range(3):
        answer = read(client, iterator)
        assert (data_of(answer), answer["MillisBehindLatest"]) == ([], 2000)  # whole seconds, rounded up
        iterator = answer["NextShardIterator"]


def test_a_shard_is_idle_where_there_is_nothing_left_to_read(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    fault = kinesis.inject(Fault.idle_shard(milliseconds_behind=5000))
    put_records(client, 3)
    answer = read(client, iterator, Limit=2)
    assert (data_of(answer), fault.strikes) == ([b"0", b"1"], 0)
    answer = read(client, answer["NextShardIterator"])
    assert (data_of(answer), answer["MillisBehindLatest"], fault.strikes) == ([b"2"], 0, 0)
    answer = read(client, answer["NextShardIterator"])
    assert (data_of(answer), answer["MillisBehindLatest"], fault.strikes) == ([], 5000, 1)


def test_the_end_of_a_shard_is_not_idle(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    close_shard(kinesis)
    fault = kinesis.inject(Fault.idle_shard(milliseconds_behind=5000))
    assert "ChildShards" in read(client, iterator)
    assert fault.strikes == 0
    fault.remove()


@pytest.mark.parametrize("milliseconds_behind", [0, -1, 0.5, True, None])
def test_an_idle_shard_is_behind_by_a_millisecond_at_least(milliseconds_behind: Any) -> None:
    with pytest.raises(KinesisFakeError, match=r"^milliseconds_behind must be a whole number from 1 on, not "):
        Fault.idle_shard(milliseconds_behind=milliseconds_behind)


# --- a stream that is ACTIVE and not quite ------------------------------------------------------------------------


def test_right_after_a_stream_is_active_other_operations_may_say_that_it_is_creating(
    kinesis: KinesisFake, client: Any
) -> None:
    client.create_stream(StreamName="new", ShardCount=1)
    kinesis.inject(Fault.still_creating("ListShards", "RegisterStreamConsumer", times=2))
    client.get_waiter("stream_exists").wait(StreamName="new")
    arn = client.describe_stream_summary(StreamName="new")["StreamDescriptionSummary"]["StreamARN"]
    creating = "Stream new under account 123456789012 not ACTIVE or UPDATING, instead in state CREATING"
    with refused(client, "ResourceInUseException", creating):
        client.list_shards(StreamName="new")
    with refused(client, "ResourceInUseException", creating):
        client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")
    assert len(client.list_shards(StreamName="new")["Shards"]) == 1
    client.register_stream_consumer(StreamARN=arn, ConsumerName="billing")


def test_it_may_be_only_one_of_them(kinesis: KinesisFake, client: Any) -> None:
    fault = kinesis.inject(Fault.still_creating("RegisterStreamConsumer"))
    client.list_shards(StreamName="orders")
    assert fault.strikes == 0
    with refused(client, "ResourceInUseException"):
        client.register_stream_consumer(StreamARN=kinesis.stream("orders").stream_arn, ConsumerName="billing")


def test_it_is_told_which_operations_do_not_know_yet() -> None:
    with pytest.raises(KinesisFakeError) as caught:
        Fault.still_creating()
    assert str(caught.value) == "still_creating() takes one operation at least, such as 'ListShards'."
