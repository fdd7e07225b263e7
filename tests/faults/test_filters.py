"""Which calls a fault strikes, and how often."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.model import needs
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2, "payments": 2})

FIRST, SECOND = "shardId-000000000000", "shardId-000000000001"
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/"


def fails(call: Any, **parameters: Any) -> Any:
    """Whether a call meets the fault."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] == "InternalFailure"
    return False


def put(client: Any, stream_name: Any = "orders", key: Any = "ada") -> Any:
    return fails(client.put_record, StreamName=stream_name, PartitionKey=key, Data=b"")


def iterator_of(kinesis: KinesisFake, client: Any, stream_name: Any, shard_id: Any) -> Any:
    return client.get_shard_iterator(StreamName=stream_name, ShardId=shard_id, ShardIteratorType="LATEST")[
        "ShardIterator"
    ]


def test_a_stream_in_creating_has_no_shard_that_a_fault_could_be_meant_for(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="new", ShardCount=1)
    injection = kinesis.inject(Fault.internal_error("PutRecords", shard=FIRST, times=None))
    records: list[Any] = [{"PartitionKey": "ada", "Data": b"1 teapot"}]
    message = "Stream new under account 123456789012 not found."
    with refused(client, "ResourceNotFoundException", message):
        client.put_records(StreamName="new", Records=records)
    assert injection.strikes == 0
    kinesis.settle()
    assert fails(client.put_records, StreamName="new", Records=records)
    assert injection.strikes == 1


# --- which calls --------------------------------------------------------------------------------------------------


def test_without_operations_any_call_is_struck(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error(times=3))
    assert put(client)
    assert fails(client.list_streams)
    assert fails(client.create_stream, StreamName="s", ShardCount=1)
    assert not fails(client.list_streams)


def test_of_several_operations_each_is_struck_and_no_other(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error("ListStreams", "ListShards", times=2))
    assert not put(client)
    assert fails(client.list_shards, StreamName="orders")
    assert not fails(client.describe_limits)
    assert fails(client.list_streams)


@pytest.mark.parametrize("stream", ["payments", ARN + "payments"])
@needs("ListTagsForResource", "ResourceARN")
def test_a_stream_is_told_by_its_name_or_arn_however_the_call_tells_it(
    kinesis: KinesisFake, client: Any, stream: Any
) -> None:
    first = iterator_of(kinesis, client, "orders", FIRST)
    second = iterator_of(kinesis, client, "payments", FIRST)
    kinesis.inject(Fault.internal_error(stream=stream, times=5))
    assert not put(client, "orders")
    assert put(client, "payments")
    assert fails(client.describe_stream, StreamARN=ARN + "payments")
    assert fails(client.get_resource_policy, ResourceARN=ARN + "payments")
    assert not fails(client.list_shards, StreamARN=ARN + "orders")
    assert not fails(client.get_records, ShardIterator=first)
    assert fails(client.get_records, ShardIterator=second)
    assert fails(client.get_records, ShardIterator=f'"{second}"')
    assert not fails(client.list_streams)


def test_a_stream_that_is_not_there_can_be_meant(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error(stream="refunds"))
    assert not put(client)
    assert fails(client.create_stream, StreamName="refunds", ShardCount=1)


@pytest.mark.parametrize("shard", [SECOND, "shardId-1", "1", "anything-01"])
def test_a_shard_is_told_by_its_id_however_the_call_tells_it(kinesis: KinesisFake, client: Any, shard: Any) -> None:
    keys = [kinesis.partition_key_for("orders", shard_id) for shard_id in (FIRST, SECOND)]
    iterators = [iterator_of(kinesis, client, "orders", shard_id) for shard_id in (FIRST, SECOND)]
    with kinesis.inject(Fault.internal_error(shard=shard, times=None)) as injection:
        assert [put(client, key=key) for key in keys] == [False, True]
        assert [fails(client.get_records, ShardIterator=iterator) for iterator in iterators] == [False, True]
        assert [
            fails(client.get_shard_iterator, StreamName="orders", ShardId=shard_id, ShardIteratorType="LATEST")
            for shard_id in (FIRST, SECOND, "shardId-1")
        ] == [False, True, True]
        assert [
            fails(client.put_records, StreamName="orders", Records=[{"Data": b"", "PartitionKey": key}]) for key in keys
        ] == [False, True]
        explicit = [
            fails(client.put_record, StreamName="orders", PartitionKey="k", Data=b"", ExplicitHashKey=str(hash_key))
            for hash_key in (0, 2**127 - 1, 2**127, 2**128 - 1)
        ]
        assert explicit == [False, False, True, True]
        assert fails(
            client.merge_shards, StreamName="orders", ShardToMerge=FIRST, AdjacentShardToMerge=SECOND
        )  # both are addressed
    assert injection.strikes == 8


def test_the_shard_that_a_fault_is_meant_for_is_named_among_those_of_the_call(
    kinesis: KinesisFake, client: Any
) -> None:
    records: list[Any] = [
        {"Data": b"", "PartitionKey": kinesis.partition_key_for("orders", shard_id)} for shard_id in (FIRST, SECOND)
    ]
    for shard, named in ((SECOND, SECOND), (None, FIRST)):
        where: dict[str, Any] = {"shard": shard} if shard else {}
        kinesis.inject(Fault.throttle("PutRecords", **where))
        with refused(
            client,
            "ProvisionedThroughputExceededException",
            f"Rate exceeded for shard {named} in stream orders under account 123456789012.",
        ):
            client.put_records(StreamName="orders", Records=records)


def test_a_consumer_is_told_by_its_name_or_arn(kinesis: KinesisFake, client: Any) -> None:
    arns = [
        client.register_stream_consumer(StreamARN=ARN + "orders", ConsumerName=name)["Consumer"]["ConsumerARN"]
        for name in ("billing", "audit")
    ]
    kinesis.settle()
    for consumer in ("billing", arns[0]):
        kinesis.inject(Fault.internal_error(consumer=consumer, times=1))
        assert not fails(client.describe_stream_consumer, ConsumerARN=arns[1])
        assert not fails(client.describe_stream, StreamName="orders")
        assert fails(client.describe_stream_consumer, ConsumerARN=arns[0])
        kinesis.inject(Fault.internal_error(consumer=consumer, times=1))
        assert not fails(client.describe_stream_consumer, StreamARN=ARN + "orders", ConsumerName="audit")
        assert fails(client.describe_stream_consumer, StreamARN=ARN + "orders", ConsumerName="billing")


def test_a_consumer_of_another_stream_is_another_one_though_its_name_is_the_same(
    kinesis: KinesisFake, client: Any
) -> None:
    arns = [
        client.register_stream_consumer(StreamARN=ARN + name, ConsumerName="billing")["Consumer"]["ConsumerARN"]
        for name in ("orders", "payments")
    ]
    kinesis.settle()
    kinesis.inject(Fault.internal_error(consumer=arns[1]))
    assert not fails(client.describe_stream_consumer, StreamARN=ARN + "orders", ConsumerName="billing")
    assert fails(client.describe_stream_consumer, StreamARN=ARN + "payments", ConsumerName="billing")


def test_a_predicate_looks_at_the_parameters(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error("PutRecord", where=lambda call: call["PartitionKey"] == "bob"))
    assert not put(client, key="ada")
    assert put(client, key="bob")
    assert not put(client, key="bob")


def test_a_predicate_that_fails_does_not_look_like_an_error_of_the_client(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error(where=lambda call: call["PartitionKey"] == "bob"))
    with pytest.raises(KinesisFakeError) as caught:
        client.list_streams()
    assert str(caught.value) == ("where of Fault.internal_error(where=<lambda>) failed: KeyError('PartitionKey').")
    assert kinesis.calls[-1].outcome == "KinesisFakeError"
    assert put(client, key="bob")


def test_all_filters_must_let_a_call_through(kinesis: KinesisFake, client: Any) -> None:
    key = kinesis.partition_key_for("orders", SECOND)
    kinesis.inject(Fault.internal_error("PutRecord", stream="orders", shard=SECOND, where=lambda call: call["Data"]))
    assert not put(client, "payments", key)
    assert not put(client, "orders", kinesis.partition_key_for("orders", FIRST))
    assert not put(client, "orders", key)  # without data
    assert fails(client.put_record, StreamName="orders", PartitionKey=key, Data=b"1")


# --- how often ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 7])
def test_a_fault_strikes_as_often_as_it_says(kinesis: KinesisFake, client: Any, times: Any) -> None:
    injection = kinesis.inject(Fault.internal_error("PutRecord", times=times))
    assert [put(client) for _ in range(times + 2)] == [True] * times + [False, False]
    assert injection.strikes == times


def test_a_fault_strikes_once_unless_told_otherwise(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error("PutRecord"))
    assert [put(client) for _ in range(3)] == [True, False, False]


def test_times_none_stands_for_always(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error("PutRecord", times=None))
    assert all(put(client) for _ in range(20))


def test_until_its_instant_a_fault_strikes_every_time(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error("PutRecord", until="2026-01-01T01:00:00Z"))
    assert [put(client), put(client)] == [True, True]
    kinesis.travel_to("2026-01-01T00:59:59.999Z")
    assert put(client)
    kinesis.advance(milliseconds=1)
    assert not put(client)


def test_until_and_times_both_hold(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error("PutRecord", until="2026-01-01T01:00:00Z", times=2))
    assert [put(client) for _ in range(3)] == [True, True, False]


@pytest.mark.thorough
def test_chance_is_the_same_for_the_same_seed(kinesis: KinesisFake, client: Any) -> None:
    def struck(**filters: Any) -> Any:
        with kinesis.inject(Fault.internal_error("PutRecord", **filters)):
            return [put(client) for _ in range(200)]

    first = struck(probability=0.3)
    assert 40 < sum(first) < 80
    assert struck(probability=0.3) == first
    assert struck(probability=0.3, seed=0) == first
    assert struck(probability=0.3, seed=1) != first
    assert all(struck(probability=1))
    limited = struck(probability=0.3, times=5)
    assert sum(limited) == 5
    assert limited[: limited.index(True) + 1] == first[: first.index(True) + 1]


def test_chance_is_asked_about_the_calls_that_the_filters_let_through(kinesis: KinesisFake, client: Any) -> None:
    def struck(*, with_others: Any) -> Any:
        with kinesis.inject(Fault.internal_error("PutRecord", stream="orders", probability=0.5)):
            found = []
            for _ in range(50):
                if with_others:
                    assert not put(client, "payments")
                    assert not fails(client.describe_limits)
                found.append(put(client))
            return found

    assert struck(with_others=True) == struck(with_others=False)


def test_a_fault_is_a_value_that_starts_anew_wherever_it_is_injected() -> None:
    fault = Fault.internal_error("PutRecord", times=2)
    failing = Fault.partial_failure(fraction=0.5, seed=3, times=None)
    seen = []
    for _ in range(2):
        with fake_kinesis(streams={"orders": 1}) as kinesis:
            client = kinesis.client()
            kinesis.inject(fault)
            client.put_record(StreamName="orders", Data=b"", PartitionKey="a")
            kinesis.inject(failing)
            records: list[Any] = [{"Data": b"", "PartitionKey": "a"}] * 50
            answers = [client.put_records(StreamName="orders", Records=records) for _ in range(2)]
            seen.append([["ErrorCode" in entry for entry in answer["Records"]] for answer in answers])
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][1]


# --- several faults -----------------------------------------------------------------------------------------------


def test_of_several_faults_the_first_strikes_and_the_others_wait(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error("PutRecord"))
    kinesis.inject(Fault.service_unavailable("PutRecord"))
    kinesis.inject(Fault.throttle("PutRecord"))
    with refused(client, "InternalFailure", status=500):
        client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")
    with refused(client, "ServiceUnavailable", status=503):
        client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")
    with refused(client, "ProvisionedThroughputExceededException"):
        client.put_record(StreamName="orders", PartitionKey="ada", Data=b"")
    assert not put(client)


def test_a_refused_call_uses_no_other_fault_up(kinesis: KinesisFake, client: Any) -> None:
    kinesis.stream("orders").put("1 teapot", explicit_hash_key=0)
    iterator = client.get_shard_iterator(StreamName="orders", ShardId=FIRST, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    kinesis.inject(Fault.empty_read())
    kinesis.inject(Fault.internal_error("GetRecords"))
    kinesis.inject(Fault.read_timeout("GetRecords", applied=False))
    assert fails(client.get_records, ShardIterator=iterator)
    with pytest.raises(Exception, match="Read timeout"):
        client.get_records(ShardIterator=iterator)
    assert client.get_records(ShardIterator=iterator)["Records"] == []
    assert len(client.get_records(ShardIterator=iterator)["Records"]) == 1


def test_with_with_a_fault_is_in_force_for_the_block(kinesis: KinesisFake, client: Any) -> None:
    with kinesis.inject(Fault.internal_error("PutRecord", times=None)) as injection:
        assert put(client)
        assert put(client)
    assert not put(client)
    assert injection.strikes == 2


def test_a_fault_can_be_removed(kinesis: KinesisFake, client: Any) -> None:
    injection = kinesis.inject(Fault.internal_error("PutRecord", times=None))
    assert put(client)
    injection.remove()
    injection.remove()
    assert not put(client)


def test_what_the_test_itself_does_meets_no_fault(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error())
    kinesis.create_stream("refunds", shards=1)
    kinesis.stream("refunds").put("1 teapot")
    assert len(kinesis.stream("refunds").records) == 1
    assert put(client)


def test_a_call_that_is_not_valid_meets_no_fault(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error())
    with refused(client, "ValidationException"):
        client.put_record(StreamName="two words", PartitionKey="ada", Data=b"")
    assert put(client)


@pytest.mark.fake_kinesis(autojump=False)
def test_a_stream_that_is_creating_has_no_shard_that_a_fault_of_one_could_strike(
    kinesis: KinesisFake, client: Any
) -> None:
    client.create_stream(StreamName="new", ShardCount=1)
    kinesis.inject(Fault.throttle("PutRecords", stream="new", shard=FIRST))
    batch = {"StreamName": "new", "Records": [{"PartitionKey": "ada", "Data": b"x"}]}
    with refused(client, "ResourceNotFoundException"):
        client.put_records(**batch)
    kinesis.settle()
    with refused(client, "ProvisionedThroughputExceededException"):
        client.put_records(**batch)
    assert client.put_records(**batch)["FailedRecordCount"] == 0
