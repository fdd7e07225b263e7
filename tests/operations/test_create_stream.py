"""CreateStream with each of its parameters, and the quotas."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from kinesis_fake import Durations, KinesisFake, Limits
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False)

A = "123456789012"
ON_DEMAND, PROVISIONED = {"StreamMode": "ON_DEMAND"}, {"StreamMode": "PROVISIONED"}
MIB = 1024 * 1024


@pytest.fixture
def create(kinesis: KinesisFake, client: Any) -> Any:
    """Make a stream and wait until it is ACTIVE; returns its summary."""

    def create(stream_name: Any = "s", **parameters: Any) -> Any:
        client.create_stream(StreamName=stream_name, **parameters)
        kinesis.settle()
        return client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]

    return create


# --- modes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parameters", [{}, {"StreamModeDetails": ON_DEMAND}])
def test_without_a_number_of_shards_a_stream_is_on_demand_and_has_four(
    kinesis: KinesisFake, create: Any, parameters: Any
) -> None:
    summary = create(**parameters)
    assert (summary["StreamModeDetails"], summary["OpenShardCount"]) == (ON_DEMAND, 4)
    quarter = 2**126
    assert [(shard.starting_hash_key, shard.ending_hash_key) for shard in kinesis.stream("s").shards] == [
        (index * quarter, (index + 1) * quarter - 1) for index in range(4)
    ]


@pytest.mark.parametrize("parameters", [{}, {"StreamModeDetails": PROVISIONED}])
def test_with_a_number_of_shards_a_stream_is_provisioned(create: Any, parameters: Any) -> None:
    summary = create(ShardCount=3, **parameters)
    assert (summary["StreamModeDetails"], summary["OpenShardCount"]) == (PROVISIONED, 3)


def test_mode_and_number_of_shards_must_fit(kinesis: KinesisFake, refusal: Any) -> None:
    assert refusal("CreateStream", StreamName="s", ShardCount=4, StreamModeDetails=ON_DEMAND) == (
        "ValidationException",
        "ShardCount is not expected when StreamMode=ON_DEMAND",
    )
    assert refusal("CreateStream", StreamName="s", StreamModeDetails=PROVISIONED) == (
        "ValidationException",
        "ShardCount is required when StreamMode=PROVISIONED",
    )


def test_the_creation_time_is_shown_in_whole_seconds(kinesis: KinesisFake, client: Any) -> None:
    made_at = kinesis.now
    kinesis.advance(milliseconds=999)
    client.create_stream(StreamName="s", ShardCount=1)
    for description in (
        client.describe_stream(StreamName="s")["StreamDescription"],
        client.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"],
        client.list_streams()["StreamSummaries"][0],
    ):
        assert description["StreamCreationTimestamp"] == made_at


@pytest.mark.parametrize("stream_name", ["x", "x" * 128, "A.b_c-1", ".", "-"])
def test_every_name_that_is_allowed_works(create: Any, client: Any, stream_name: Any) -> None:
    summary = create(stream_name, ShardCount=1)
    assert summary["StreamARN"] == f"arn:aws:kinesis:us-east-1:{A}:stream/{stream_name}"
    put = client.put_record(StreamARN=summary["StreamARN"], Data=b"x", PartitionKey="k")
    request = {"StreamName": stream_name, "ShardId": put["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = client.get_shard_iterator(**request)["ShardIterator"]
    assert len(client.get_records(ShardIterator=iterator)["Records"]) == 1


# --- record size ----------------------------------------------------------------------------------------------------


@needs("CreateStream", "MaxRecordSizeInKiB")
class TestRecordSize:
    @pytest.mark.parametrize(("given", "kib"), [(None, 1024), (1024, 1024), (1025, 1025), (10_240, 10_240)])
    def test_a_record_may_be_as_large_as_the_stream_says(
        self, create: Any, client: Any, refusal: Any, given: Any, kib: Any
    ) -> None:
        summary = create(ShardCount=1, **({"MaxRecordSizeInKiB": given} if given else {}))
        assert summary["MaxRecordSizeInKiB"] == kib
        longest = kib * 1024
        client.put_record(StreamName="s", Data=bytes(longest - 3), PartitionKey="key")
        client.put_records(StreamName="s", Records=[{"Data": bytes(longest - 3), "PartitionKey": "key"}])
        over = (
            "InvalidArgumentException",
            f"Record size {longest + 1} bytes, partition key included, exceeds the limit of {longest} bytes.",
        )
        record = {"Data": bytes(longest - 2), "PartitionKey": "key"}
        assert refusal("PutRecord", StreamName="s", **record) == over
        assert refusal("PutRecords", StreamName="s", Records=[record]) == over

    @pytest.mark.parametrize(
        ("kib", "bound"), [(1023, "greater than or equal to 1024"), (10_241, "less than or equal to 10240")]
    )
    def test_its_bounds_are_one_and_ten_mebibytes(
        self, kinesis: KinesisFake, refusal: Any, kib: Any, bound: Any
    ) -> None:
        assert refusal("CreateStream", StreamName="s", ShardCount=1, MaxRecordSizeInKiB=kib) == (
            "ValidationException",
            f"1 validation error detected: Value '{kib}' at 'maxRecordSizeInKiB' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )


@pytest.mark.fake_kinesis(streams={"s": 1})
def test_data_alone_that_is_too_large_breaks_a_constraint(kinesis: KinesisFake, refusal: Any) -> None:
    too_long = "failed to satisfy constraint: Member must have length less than or equal to 1048576"
    large, small = {"Data": bytes(MIB + 1), "PartitionKey": "key"}, {"Data": b"", "PartitionKey": "key"}
    with_key = {"Data": bytes(MIB), "PartitionKey": "key"}
    assert refusal("PutRecord", StreamName="s", **large) == (
        "ValidationException",
        f"1 validation error detected: Value at 'data' {too_long}",
    )
    assert refusal("PutRecords", StreamName="s", Records=[small, large, small]) == (
        "ValidationException",
        f"1 validation error detected: Value at 'records.2.member.data' {too_long}",
    )
    # Constraints are reported all at once, and before what is no constraint.
    assert refusal("PutRecords", StreamName="s", Records=[with_key, large, small, large]) == (
        "ValidationException",
        f"2 validation errors detected: Value at 'records.2.member.data' {too_long}; "
        f"Value at 'records.4.member.data' {too_long}",
    )


# --- distribution ---------------------------------------------------------------------------------------------------


@needs("CreateStream", "RecordDistributionStrategy")
class TestDistribution:
    @pytest.fixture
    def auto(self, create: Any) -> Any:
        return create(RecordDistributionStrategy="AUTO")

    def test_only_on_demand_streams_show_a_strategy(self, create: Any) -> None:
        assert create("a")["RecordDistributionStrategy"] == "USER_PARTITION_KEY"
        assert create("b", RecordDistributionStrategy="AUTO")["RecordDistributionStrategy"] == "AUTO"
        given = create("c", RecordDistributionStrategy="USER_PARTITION_KEY")
        assert given["RecordDistributionStrategy"] == "USER_PARTITION_KEY"
        assert "RecordDistributionStrategy" not in create("d", ShardCount=1)

    def test_a_provisioned_stream_does_not_distribute_records_itself(self, kinesis: KinesisFake, refusal: Any) -> None:
        assert refusal("CreateStream", StreamName="s", ShardCount=1, RecordDistributionStrategy="AUTO") == (
            "InvalidArgumentException",
            "RecordDistributionStrategy is only supported for streams in ON_DEMAND mode.",
        )

    def test_records_are_spread_over_the_open_shards_whatever_their_keys(self, auto: Any, client: Any) -> None:
        record = {"Data": b"", "PartitionKey": "same"}
        shards = [client.put_record(StreamName="s", **record)["ShardId"] for _ in range(8)]
        assert sorted(shards) == sorted(f"shardId-{index:012}" for index in (0, 1, 2, 3) * 2)
        entries = client.put_records(StreamName="s", Records=[record] * 40)["Records"]
        assert {
            shard_id: sum(entry["ShardId"] == shard_id for entry in entries) for shard_id in sorted(set(shards))
        } == dict.fromkeys(sorted(set(shards)), 10)

    def test_a_key_is_optional_and_comes_back_only_if_it_was_given(
        self, kinesis: KinesisFake, auto: Any, client: Any
    ) -> None:
        client.put_record(StreamName="s", Data=b"1")
        client.put_record(StreamName="s", Data=b"2", PartitionKey="key")
        client.put_records(StreamName="s", Records=[{"Data": b"3"}, {"Data": b"4", "PartitionKey": "key"}])
        seen = {}
        for shard in kinesis.stream("s").shards:
            request = {"StreamName": "s", "ShardId": shard.shard_id, "ShardIteratorType": "TRIM_HORIZON"}
            iterator = client.get_shard_iterator(**request)["ShardIterator"]
            for record in client.get_records(ShardIterator=iterator)["Records"]:
                seen[record["Data"]] = record.get("PartitionKey", "absent")
        assert seen == {b"1": "absent", b"2": "key", b"3": "absent", b"4": "key"}

    def test_an_explicit_hash_key_is_ignored_whatever_it_is(self, auto: Any, client: Any) -> None:
        record = {"Data": b"", "PartitionKey": "key", "ExplicitHashKey": "9" * 39}
        assert len({client.put_record(StreamName="s", **record)["ShardId"] for _ in range(4)}) == 4
        entries = client.put_records(StreamName="s", Records=[record] * 4)["Records"]
        assert len({entry["ShardId"] for entry in entries}) == 4

    def test_there_is_no_order_to_ask_for(self, auto: Any, client: Any, refusal: Any) -> None:
        number = client.put_record(StreamName="s", Data=b"")["SequenceNumber"]
        assert refusal("PutRecord", StreamName="s", Data=b"", SequenceNumberForOrdering=number) == (
            "InvalidArgumentException",
            f"SequenceNumberForOrdering is not supported for stream s under account {A}, whose record distribution "
            "strategy is AUTO.",
        )

    @pytest.mark.parametrize("parameters", [{}, {"ShardCount": 1}])
    def test_other_streams_need_a_key(self, create: Any, client: Any, refusal: Any, parameters: Any) -> None:
        create(**parameters)
        assert refusal("PutRecord", StreamName="s", Data=b"") == (
            "ValidationException",
            "1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: "
            "Member must not be null",
        )
        records = [{"Data": b""}, {"Data": b"", "PartitionKey": "key"}, {"Data": b"", "ExplicitHashKey": "1"}]
        assert refusal("PutRecords", StreamName="s", Records=records) == (
            "ValidationException",
            "2 validation errors detected: Value null at 'records.1.member.partitionKey' failed to satisfy constraint: "
            "Member must not be null; Value null at 'records.3.member.partitionKey' failed to satisfy constraint: "
            "Member must not be null",
        )


# --- quotas ---------------------------------------------------------------------------------------------------------


def test_five_streams_can_be_creating_at_once(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    for number in range(5):
        client.create_stream(StreamName=f"s{number}", ShardCount=1)
        kinesis.advance(seconds=1)
    assert refusal("CreateStream", StreamName="another", ShardCount=1) == (
        "LimitExceededException",
        "This request would have exceed the limit on the number of streams that can simultaneously be in CREATING or "
        f"DELETING for the account {A}. Limit: 5.",
    )
    kinesis.travel_to("2026-01-01T00:00:20Z")  # the first is ACTIVE
    client.create_stream(StreamName="another", ShardCount=1)


def test_streams_that_are_being_deleted_count_as_those_that_are_being_made(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    for number in range(6):
        kinesis.create_stream(f"s{number}", shards=1)
    for number in range(6):  # deleting has no such limit
        client.delete_stream(StreamName=f"s{number}")
    code, message = refusal("CreateStream", StreamName="another", ShardCount=1)
    assert (code, message[-35:]) == ("LimitExceededException", f"the account {A}. Limit: 5.")
    kinesis.settle()
    client.create_stream(StreamName="another", ShardCount=1)


def test_an_account_has_fifty_on_demand_streams_at_most(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    for number in range(50):
        kinesis.create_stream(f"s{number}")
    assert refusal("CreateStream", StreamName="another") == (
        "LimitExceededException",
        f"This request would exceed the on-demand stream limit for the account {A}. Limit: 50.",
    )
    client.create_stream(StreamName="another", ShardCount=1)
    client.delete_stream(StreamName="s0")
    kinesis.settle()
    client.create_stream(StreamName="s0")


@pytest.mark.fake_kinesis(limits=Limits(shards=5))
def test_shards_count_from_the_moment_a_stream_is_asked_for_until_it_is_gone(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    def overrun_by(shard_count: Any) -> Any:
        code, message = refusal("CreateStream", StreamName="another", ShardCount=shard_count)
        assert code == "LimitExceededException"
        return message.split("for the account: ")[1].split(" Refer")[0]

    client.create_stream(StreamName="s", ShardCount=4)
    over = "Limit: 5. Number of additional shards that would have resulted from this request:"
    assert overrun_by(2) == f"4. {over} 2."
    kinesis.settle()
    assert overrun_by(2) == f"4. {over} 2."
    client.merge_shards(StreamName="s", ShardToMerge="0", AdjacentShardToMerge="1")
    kinesis.settle()  # closed shards do not count
    assert overrun_by(3) == f"3. {over} 3."
    client.delete_stream(StreamName="s")
    assert overrun_by(3) == f"3. {over} 3."
    kinesis.settle()
    client.create_stream(StreamName="another", ShardCount=5)


@pytest.mark.parametrize(
    ("region_name", "limit"),
    [("us-east-1", 20_000), ("us-west-2", 20_000), ("eu-west-1", 20_000), ("us-east-2", 6000), ("eu-west-2", 1000)],
)
def test_each_region_has_its_own_quota_of_shards(
    kinesis: KinesisFake, refusal: Any, region_name: Any, limit: Any
) -> None:
    through = kinesis.client(region_name=region_name, config=Config(retries={"total_max_attempts": 1}))
    through.list_streams()
    code, message = refusal("CreateStream", through=through, StreamName="s", ShardCount=limit + 1)
    assert (code, message.split(". Refer")[0]) == (
        "LimitExceededException",
        f"This request would exceed the shard limit for the account {A} in {region_name}. Current shard count for the "
        f"account: 0. Limit: {limit}. Number of additional shards that would have resulted from this request: "
        f"{limit + 1}",
    )


def test_a_quota_of_one_region_is_not_used_up_in_another(
    kinesis: KinesisFake, client: Any, foreign_client: Any
) -> None:
    for number in range(5):
        client.create_stream(StreamName=f"s{number}", ShardCount=1)
    foreign_client.create_stream(StreamName="s0", ShardCount=1000)


@pytest.mark.fake_kinesis(durations=Durations.instant())
def test_without_durations_a_stream_is_active_at_once_and_gone_at_once(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    client.create_stream(StreamName="s", ShardCount=1)
    assert kinesis.stream("s").status == "ACTIVE"
    client.delete_stream(StreamName="s")
    assert refusal("DescribeStream", StreamName="s") == (
        "ResourceNotFoundException",
        f"Stream s under account {A} not found.",
    )


@needs("CreateStream", "WarmThroughputMiBps")
def test_warm_throughput_needs_a_commitment_of_the_account(kinesis: KinesisFake, refusal: Any) -> None:
    assert refusal("CreateStream", StreamName="s", WarmThroughputMiBps=10) == (
        "ValidationException",
        "WarmThroughputMiBps is only supported for streams in ON_DEMAND mode of an account with "
        "MinimumThroughputBillingCommitment enabled.",
    )
