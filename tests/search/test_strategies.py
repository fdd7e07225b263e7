"""AWS accepts what the strategies draw; the values reach the limits, and print as the code that makes them."""

from __future__ import annotations

import base64
import datetime
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from aws_kinesis_agg.deaggregator import iter_deaggregate_records
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from kinesis_fake import Fault, KinesisFakeError, fake_kinesis
from kinesis_fake import strategies as kst
from kinesis_fake.strategies.jumps import LIMITS_MS
from tests.support.refusals import refused
from tests.support.searches import examples

few = examples(25)
SEARCH = settings(max_examples=2_000, derandomize=True, database=None, deadline=None)
START = "2026-01-01T00:00:00Z"


def found(strategy: st.SearchStrategy[Any], wanted: Any) -> Any:
    """The first value that is drawn and wanted; fails if there is none."""
    return find(strategy, wanted, settings=settings(SEARCH, phases=[Phase.generate]))


def not_drawn(strategy: st.SearchStrategy[Any], wanted: set[Any]) -> set[Any]:
    """Those of the wanted values that one search for all of them does not meet."""
    missing = set(wanted)

    def meets_the_last(value: Any) -> bool:
        missing.discard(value)
        return not missing

    with suppress(NoSuchExample):
        found(strategy, meets_the_last)
    return missing


def smallest(strategy: st.SearchStrategy[Any], wanted: Any = lambda value: True) -> Any:
    """The smallest value that Hypothesis finds for a condition."""
    return find(strategy, wanted, settings=SEARCH)


@given(st.data())
def test_every_stream_name_is_accepted(data: st.DataObject) -> None:
    name = data.draw(kst.stream_names())
    with fake_kinesis(start=START) as kinesis:
        kinesis.client().create_stream(StreamName=name, ShardCount=1)
        assert [stream.stream_name for stream in kinesis.streams] == [name]


def test_stream_names_reach_their_limit_and_shrink_to_a_character() -> None:
    assert len(found(kst.stream_names(), lambda name: len(name) == 128)) == 128
    assert smallest(kst.stream_names()) == "0"


@given(st.data())
def test_every_record_is_accepted_by_put_record_and_read_as_it_was_put(data: st.DataObject) -> None:
    record = data.draw(kst.records())
    with fake_kinesis(start=START, streams={"orders": 3}) as kinesis:
        kinesis.client().put_record(StreamName="orders", **record)
        (read,) = kinesis.stream("orders").records
        assert (read.data, read.partition_key) == (bytes(record["Data"]), record["PartitionKey"])
        assert read.explicit_hash_key == (int(record["ExplicitHashKey"]) if "ExplicitHashKey" in record else None)


@few
@given(st.data())
def test_every_batch_is_accepted_by_put_records(data: st.DataObject) -> None:
    with fake_kinesis(start=START, streams={"orders": 3}) as kinesis:
        batch = data.draw(kst.batches(kinesis.stream("orders").shards[1]))
        client: Any = kinesis.client()
        answer = client.put_records(StreamName="orders", Records=batch)
        assert answer["FailedRecordCount"] == 0
        assert {entry["ShardId"] for entry in answer["Records"]} == {"shardId-000000000001"}


def test_the_largest_record_is_as_large_as_aws_allows_and_a_byte_more_is_refused() -> None:
    limit = 1024 * 1024

    def size_of(record: dict[str, Any]) -> int:
        return len(record["Data"]) + len(record["PartitionKey"].encode())

    largest = found(kst.records(), lambda record: size_of(record) == limit)
    with fake_kinesis(start=START, streams={"orders": 1}) as kinesis:
        client = kinesis.client()
        client.put_record(StreamName="orders", **largest)
        message = f"Record size {limit + 1} bytes, partition key included, exceeds the limit of {limit} bytes."
        with refused(client, "InvalidArgumentException", message):
            client.put_record(StreamName="orders", **{**largest, "Data": largest["Data"] + b"x"})
    assert repr(largest["Data"]) == f"b'x' * {len(largest['Data'])}"
    assert eval(repr(largest)) == largest


@pytest.mark.thorough
def test_a_batch_may_be_as_long_as_aws_allows() -> None:
    longest = found(kst.batches(), lambda batch: len(batch) == 500)
    assert len(longest) == 500
    assert eval(repr(longest)) == longest
    assert len(repr(longest)) < 200
    assert len(smallest(kst.batches())) == 1


@pytest.mark.parametrize("shards", [1, 3, 200])
def test_keys_and_hash_keys_of_a_shard_lead_to_it(shards: int) -> None:
    with fake_kinesis(start=START, streams={"orders": shards}) as kinesis:
        stream = kinesis.stream("orders")
        client: Any = kinesis.client()

        @few
        @given(st.data())
        def check(data: st.DataObject) -> None:
            shard = data.draw(st.sampled_from(stream.shards))
            for parameters in (
                {"PartitionKey": data.draw(kst.partition_keys(shard))},
                {"PartitionKey": "k", "ExplicitHashKey": str(data.draw(kst.hash_keys(shard)))},
            ):
                answer = client.put_record(StreamName="orders", Data=b"1", **parameters)
                assert answer["ShardId"] == shard.shard_id

        check()


@pytest.mark.parametrize("offset", [0, 1])
def test_hash_keys_land_on_both_ends_of_a_shard(offset: int) -> None:
    with fake_kinesis(start=START, streams={"orders": 3}) as kinesis:
        shard = kinesis.stream("orders").shards[1]
        for wanted in (shard.starting_hash_key + offset, shard.ending_hash_key - offset):
            assert found(kst.hash_keys(shard), lambda hash_key, wanted=wanted: hash_key == wanted) == wanted


@pytest.mark.thorough
def test_partition_keys_of_a_shard_that_is_too_narrow_are_refused() -> None:
    with fake_kinesis(start=START, streams={"orders": 1}) as kinesis:
        narrow, _ = kinesis.stream("orders").split("shardId-000000000000", 2)
        with pytest.raises(KinesisFakeError) as caught:
            kst.partition_keys(narrow)
        assert str(caught.value) == (
            "shardId-000000000001 covers too few hash keys to look for partition keys that lead to it; put records "
            "there with hash_keys(shard) as their explicit hash keys."
        )
        record = smallest(kst.records(narrow))
        assert kinesis.client().put_record(StreamName="orders", **record)["ShardId"] == narrow.shard_id


@given(kst.aggregates())
def test_an_aggregate_is_taken_apart_by_a_library_into_what_went_in(aggregate: kst.Aggregate) -> None:
    with fake_kinesis(start=START, streams={"orders": 1}) as kinesis:
        client = kinesis.client()
        client.put_record(StreamName="orders", Data=aggregate, PartitionKey="k")
        shard: dict[str, Any] = {
            "StreamName": "orders",
            "ShardId": "shardId-000000000000",
            "ShardIteratorType": "TRIM_HORIZON",
        }
        answer = client.get_records(ShardIterator=client.get_shard_iterator(**shard)["ShardIterator"])
    read = [record["kinesis"] for record in iter_deaggregate_records(answer["Records"], "Boto3")]
    assert [(record["partitionKey"], base64.b64decode(record["data"])) for record in read] == [
        (record.partition_key, record.data) for record in aggregate.user_records
    ]
    for record, (_, explicit_hash_key, _) in zip(read, aggregate.user_records, strict=True):
        # Of a record without one, among others that have one, the library says the first of them.
        if explicit_hash_key is not None:
            assert record["explicitHashKey"] == str(explicit_hash_key)
    names = {"Aggregate": kst.Aggregate, "UserRecord": kst.UserRecord}
    assert eval(repr(aggregate), names) == aggregate


@few
@given(kst.reshard_plans())
def test_every_reshard_plan_can_be_carried_out_and_leaves_no_hash_key_without_a_shard(plan: list[Any]) -> None:
    with fake_kinesis(start=START, streams={"orders": 2}) as kinesis:
        for step in plan:
            step.carry_out(kinesis, "orders")
        shards = sorted(kinesis.stream("orders").open_shards, key=lambda shard: shard.starting_hash_key)
        assert [shard.starting_hash_key for shard in shards] == [
            0,
            *(shard.ending_hash_key + 1 for shard in shards[:-1]),
        ]
        assert shards[-1].ending_hash_key == 2**128 - 1
        assert eval(repr(plan), vars(kst)) == plan


@pytest.mark.parametrize("step", [kst.Split(0, 0.25), kst.Merge(0), kst.Scale(2.0)])
def test_each_step_of_a_reshard_plan_changes_the_shards(step: Any) -> None:
    with fake_kinesis(start=START, streams={"orders": 2}) as kinesis:
        step.carry_out(kinesis, "orders")
        counts = {kst.Split: 3, kst.Merge: 1, kst.Scale: 4}
        assert len(kinesis.stream("orders").open_shards) == counts[type(step)]


def test_a_split_is_where_its_part_says() -> None:
    with fake_kinesis(start=START, streams={"orders": 1}) as kinesis:
        kst.Split(0, 0.25).carry_out(kinesis, "orders")
        assert kinesis.stream("orders").shards[-1].starting_hash_key == 2**126


@given(kst.fault_schedules())
def test_a_fault_schedule_is_in_order_and_prints_as_the_code_that_makes_it(plan: list[kst.PlannedFault]) -> None:
    assert [planned.after_seconds for planned in plan] == sorted(planned.after_seconds for planned in plan)
    with fake_kinesis(start=START) as kinesis:
        for planned in plan:
            again = eval(repr(planned), {"PlannedFault": kst.PlannedFault, "Fault": Fault})
            assert repr(again.fault) == repr(planned.fault)
            kinesis.inject(planned.fault).remove()


KINDS = {
    "throttle",
    "internal_error",
    "service_unavailable",
    "connection_error",
    "read_timeout",
    "latency",
    "kms_error",
    "expired_iterator",
    "empty_read",
    "short_read",
    "late_end_of_shard",
    "arrivals_go_back",
    "partial_failure",
    "broken_stream",
}


def test_faults_of_every_kind_that_reading_and_writing_meet_are_drawn() -> None:
    assert not_drawn(kst.faults().map(lambda fault: fault.name), KINDS) == set()


@given(kst.faults("PutRecord"))
def test_faults_concern_the_operations_that_are_named(fault: Fault) -> None:
    assert fault.operations == ("PutRecord",)
    with fake_kinesis(start=START, streams={"orders": 1}) as kinesis:
        injection = kinesis.inject(fault)
        with suppress(ClientError, BotoCoreError):
            kinesis.client().put_record(StreamName="orders", Data=b"1", PartitionKey="k")
        assert injection.strikes >= 1


def test_time_jumps_land_on_and_beside_every_limit() -> None:
    wanted = {timedelta(milliseconds=limit + beside) for limit in LIMITS_MS for beside in (-1, 0, 1)}
    assert not_drawn(kst.time_jumps(), wanted) == set()


@given(kst.time_jumps(max_jump=timedelta(minutes=5)))
def test_time_jumps_are_no_longer_than_asked_for(jump: timedelta) -> None:
    assert timedelta(0) <= jump <= timedelta(minutes=5)
    assert eval(repr(jump), {"datetime": datetime}) == jump


@pytest.mark.thorough
def test_what_is_drawn_shrinks_to_the_simplest() -> None:
    assert smallest(kst.records()) == {"Data": b"", "PartitionKey": "0"}
    assert smallest(kst.time_jumps()) == timedelta(0)
    assert smallest(kst.fault_schedules()) == []
    assert smallest(kst.reshard_plans()) == []
    (planned,) = smallest(kst.fault_schedules(), lambda plan: len(plan) == 1)
    assert repr(planned) == "PlannedFault(after_seconds=0.0, fault=Fault.expired_iterator())"


def test_without_hypothesis_the_module_says_what_to_install() -> None:
    program = (
        "import sys\n"
        "sys.modules['hypothesis'] = None\n"
        "for name in ('strategies', 'stateful'):\n"
        "    try:\n"
        "        __import__(f'kinesis_fake.{name}')\n"
        "    except ModuleNotFoundError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        f"kinesis_fake.{name} needs Hypothesis, which is not installed: pip install 'kinesis-fake[hypothesis]'."
        for name in ("strategies", "stateful")
    ]
