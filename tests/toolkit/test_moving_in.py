"""A suite that was written for moto goes on as it is, and the report names each call that AWS answers otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.operations.registry import OPERATIONS
from tests.support.policies import policy, statement
from tests.support.refusals import refused

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
S0 = "shardId-000000000000"
POLICY = policy(statement(Action="kinesis:ListShards", Resource=ARN))
NOTHING = ["hidden by compatible_with='moto': nothing"]

#: A good call of each operation that a stream in transition refuses.
REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "AddTagsToStream": ("add_tags_to_stream", {"Tags": {"a": "b"}}),
    "DecreaseStreamRetentionPeriod": ("decrease_stream_retention_period", {"RetentionPeriodHours": 24}),
    "DisableEnhancedMonitoring": ("disable_enhanced_monitoring", {"ShardLevelMetrics": ["ALL"]}),
    "EnableEnhancedMonitoring": ("enable_enhanced_monitoring", {"ShardLevelMetrics": ["ALL"]}),
    "GetShardIterator": ("get_shard_iterator", {"ShardId": S0, "ShardIteratorType": "LATEST"}),
    "IncreaseStreamRetentionPeriod": ("increase_stream_retention_period", {"RetentionPeriodHours": 48}),
    "ListShards": ("list_shards", {}),
    "ListStreamConsumers": ("list_stream_consumers", {"StreamARN": ARN}),
    "MergeShards": ("merge_shards", {"ShardToMerge": S0, "AdjacentShardToMerge": "shardId-000000000001"}),
    "PutRecord": ("put_record", {"Data": b"", "PartitionKey": "a"}),
    "PutRecords": ("put_records", {"Records": [{"Data": b"", "PartitionKey": "a"}]}),
    "PutResourcePolicy": ("put_resource_policy", {"ResourceARN": ARN, "Policy": POLICY}),
    "RegisterStreamConsumer": ("register_stream_consumer", {"StreamARN": ARN, "ConsumerName": "billing"}),
    "RemoveTagsFromStream": ("remove_tags_from_stream", {"TagKeys": ["a"]}),
    "SplitShard": ("split_shard", {"ShardToSplit": S0, "NewStartingHashKey": "1000"}),
    "StartStreamEncryption": ("start_stream_encryption", {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}),
    "StopStreamEncryption": ("stop_stream_encryption", {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}),
    "TagResource": ("tag_resource", {"ResourceARN": ARN, "Tags": {"a": "b"}}),
    "UntagResource": ("untag_resource", {"ResourceARN": ARN, "TagKeys": ["a"]}),
    "UpdateMaxRecordSize": ("update_max_record_size", {"StreamARN": ARN, "MaxRecordSizeInKiB": 2048}),
    "UpdateShardCount": ("update_shard_count", {"TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"}),
    "UpdateStreamMode": ("update_stream_mode", {"StreamARN": ARN, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}),
    "UpdateStreamRecordDistributionStrategy": (
        "update_stream_record_distribution_strategy",
        {"StreamARN": ARN, "RecordDistributionStrategy": "AUTO"},
    ),
    "UpdateStreamWarmThroughput": ("update_stream_warm_throughput", {"WarmThroughputMiBps": 20}),
}
#: Those of them that are for on-demand streams; the account must have committed itself to some throughput.
OF_ON_DEMAND = ("UpdateStreamRecordDistributionStrategy", "UpdateStreamWarmThroughput")


def call(client: Any, operation: str) -> Any:
    method, parameters = REFUSED[operation]
    address = {} if parameters.keys() & {"StreamARN", "ResourceARN"} else {"StreamName": "orders"}
    return getattr(client, method)(**address, **parameters)


def hidden(kinesis: KinesisFake) -> list[str]:
    """The section of the report, and nothing behind it."""
    lines = kinesis.summary(last_calls=0).splitlines()
    begin = next(index for index, line in enumerate(lines) if line.startswith("hidden by"))
    return lines[begin : lines.index("streams:") if "streams:" in lines else lines.index("streams: none")]


@pytest.fixture
def moto(time_machine: Any) -> Iterator[KinesisFake]:
    """A fake for a suite that was written for moto, and a clock of the system that stands still."""
    time_machine.move_to("2026-01-01T00:00:00Z", tick=False)
    with fake_kinesis(compatible_with="moto") as kinesis:
        yield kinesis


def create(kinesis: KinesisFake, operation: str | None = None) -> Any:
    """A client that has made a stream, on which the operation can be called once it is ACTIVE."""
    client = kinesis.client()
    if operation in OF_ON_DEMAND:
        client.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
        client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    else:
        client.create_stream(StreamName="orders", ShardCount=2)
    return client


# --- what goes on as it was ---------------------------------------------------------------------------------------


def test_a_stream_has_shards_right_after_it_was_made_and_the_report_says_what_that_hides(moto: KinesisFake) -> None:
    client = create(moto)
    description = client.describe_stream(StreamName="orders")["StreamDescription"]
    assert description["StreamStatus"] == "ACTIVE"
    assert len(description["Shards"]) == 2
    assert hidden(moto) == [
        "hidden by compatible_with='moto':",
        "  DescribeStream right after CreateStream of stream orders: ACTIVE here; on AWS CREATING and without shards "
        "at first, which code must look at",
    ]


def test_the_clock_follows_that_of_the_system(time_machine: Any) -> None:
    time_machine.move_to("2026-05-05T12:00:00Z", tick=False)
    with fake_kinesis(compatible_with="moto", streams={"orders": 1}) as kinesis:
        time_machine.move_to("2026-05-05T13:00:00Z", tick=False)
        assert kinesis.now.hour == 13


def test_what_a_test_says_itself_goes_before() -> None:
    with fake_kinesis(compatible_with="moto", start="2026-01-01T00:00:00Z", durations=Durations()) as kinesis:
        client = create(kinesis)
        assert client.describe_stream(StreamName="orders")["StreamDescription"]["StreamStatus"] == "CREATING"
        assert kinesis.now.year == 2026
        assert hidden(kinesis) == NOTHING


def test_a_virtual_clock_goes_before(time_machine: Any) -> None:
    time_machine.move_to("2026-05-05T12:00:00Z", tick=False)
    with fake_kinesis(compatible_with="moto", clock="virtual") as kinesis:
        time_machine.move_to("2026-05-06T12:00:00Z", tick=False)
        assert (kinesis.now.day, kinesis.now.hour) == (5, 12)
        kinesis.advance(hours=1)
        assert (kinesis.now.day, kinesis.now.hour) == (5, 13)
        create(kinesis)
        assert kinesis.stream("orders").status == "ACTIVE"  # transitions take no time all the same


@pytest.mark.parametrize(("compatible_with", "day"), [("moto", 6), (None, 5)])
def test_no_clock_is_the_one_that_the_option_asks_for(time_machine: Any, compatible_with: Any, day: int) -> None:
    time_machine.move_to("2026-05-05T12:00:00Z", tick=False)
    with fake_kinesis(compatible_with=compatible_with, clock=None) as kinesis:
        time_machine.move_to("2026-05-06T12:00:00Z", tick=False)
        assert kinesis.now.day == day


def test_a_fake_that_is_compatible_with_nothing_says_nothing_of_it() -> None:
    with fake_kinesis() as kinesis:
        create(kinesis)
        assert "hidden" not in kinesis.summary()


@pytest.mark.parametrize("value", ["localstack", True, 5])
def test_only_moto_is_known(value: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(compatible_with=value).__enter__()
    assert str(caught.value) == f"compatible_with must be None or 'moto', not {value!r}."


# --- streams ------------------------------------------------------------------------------------------------------


def test_every_operation_that_a_stream_in_transition_refuses_is_tried() -> None:
    needy = {name for name, known in OPERATIONS.items() if known.needs_stream is not None}
    assert needy - REFUSED.keys() == {"CreateChannel", "CreateQueue"}  # which moto does not have
    assert REFUSED.keys() <= needy


def require_known(client: Any, operation: str) -> None:
    if operation not in client.meta.service_model.operation_names:
        pytest.skip(f"the installed botocore does not know {operation}")


@pytest.mark.parametrize("operation", sorted(REFUSED))
def test_what_a_stream_in_creating_refuses_is_told_where_it_was_not_refused(moto: KinesisFake, operation: str) -> None:
    require_known(moto.client(), operation)
    is_found = OPERATIONS[operation].needs_stream != "with shards"
    code = "ResourceInUseException" if is_found else "ResourceNotFoundException"
    call(create(moto, operation), operation)
    assert hidden(moto)[1:] == [
        f"  {operation} right after CreateStream of stream orders: ok here; on AWS {code} until the stream is ACTIVE"
    ]
    with fake_kinesis(autojump=False) as strict:
        client = create(strict, operation)
        with refused(client, code):
            call(client, operation)


@pytest.mark.parametrize("operation", [name for name in REFUSED if OPERATIONS[name].needs_stream == "ACTIVE"])
def test_what_a_stream_in_updating_refuses_is_told_where_it_was_not_refused(moto: KinesisFake, operation: str) -> None:
    require_known(moto.client(), operation)
    client = create(moto, operation)
    client.describe_stream(StreamName="orders")
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=30)
    call(client, operation)
    assert hidden(moto)[2:] == [
        f"  {operation} right after IncreaseStreamRetentionPeriod of stream orders: ok here; on AWS "
        "ResourceInUseException until the stream is ACTIVE again"
    ]
    with fake_kinesis(autojump=False) as strict:
        client = create(strict, operation)
        strict.settle()
        client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=30)
        with refused(client, "ResourceInUseException"):
            call(client, operation)


@pytest.mark.parametrize(
    "operation", [name for name in REFUSED if (OPERATIONS[name].begins or ("", ""))[0] == "UPDATING"]
)
def test_what_an_update_that_takes_no_time_shows_too_early_is_told(moto: KinesisFake, operation: str) -> None:
    require_known(moto.client(), operation)
    client = create(moto, operation)
    client.describe_stream(StreamName="orders")
    call(client, operation)
    client.describe_stream_summary(StreamName="orders")
    assert hidden(moto)[2:] == [
        f"  DescribeStreamSummary right after {operation} of stream orders: ACTIVE and changed here; on AWS UPDATING "
        "at first, and as it was before"
    ]


def test_what_a_reshard_that_takes_no_time_shows_too_early_is_told(moto: KinesisFake) -> None:
    moto.create_stream("orders", shards=2)
    client = moto.client()
    token = client.get_shard_iterator(StreamName="orders", ShardId=S0, ShardIteratorType="TRIM_HORIZON")
    call(client, "SplitShard")
    client.list_shards(StreamName="orders")
    call(client, "PutRecord")
    assert "ChildShards" in client.get_records(ShardIterator=token["ShardIterator"])
    client.describe_stream_summary(StreamName="orders")
    call(client, "PutRecord")  # the client knows that the stream is ACTIVE again
    soon = "right after SplitShard of stream orders:"
    assert hidden(moto)[1:] == [
        f"  ListShards {soon} the new shards here; on AWS they are not there before the reshard has ended",
        f"  PutRecord {soon} into the new shards here; on AWS into those of before until the reshard has ended",
        f"  GetRecords {soon} the end of the shard here; on AWS it goes on until the reshard has ended",
        f"  DescribeStreamSummary {soon} ACTIVE and changed here; on AWS UPDATING at first, and as it was before",
        "  GetRecords: no iterator was older than 0 s here; on AWS each expires after 5 minutes, which "
        "Fault.expired_iterator() tries",
    ]


def test_what_a_deletion_that_takes_no_time_shows_too_early_is_told(moto: KinesisFake) -> None:
    moto.create_stream("orders", shards=2)
    client = moto.client()
    client.delete_stream(StreamName="orders")
    client.list_streams()
    client.create_stream(StreamName="orders", ShardCount=2)
    client.delete_stream(StreamName="orders")
    with refused(client, "ResourceNotFoundException"):
        client.describe_stream(StreamName="orders")
    soon = "right after DeleteStream of stream orders:"
    assert hidden(moto)[1:] == [
        f"  ListStreams {soon} without it here; on AWS it is listed until it is gone",
        f"  CreateStream {soon} ok here; on AWS ResourceInUseException until the stream of before is gone",
        f"  DescribeStream {soon} ResourceNotFoundException here; on AWS DELETING at first",
    ]


# --- consumers ----------------------------------------------------------------------------------------------------


def test_what_a_consumer_does_too_early_is_told(moto: KinesisFake) -> None:
    moto.create_stream("orders", shards=2)
    client = moto.client()
    consumer_arn = call(client, "RegisterStreamConsumer")["Consumer"]["ConsumerARN"]
    client.subscribe_to_shard(ConsumerARN=consumer_arn, ShardId=S0, StartingPosition={"Type": "LATEST"})
    client.describe_stream_consumer(ConsumerARN=consumer_arn)
    client.describe_stream_consumer(StreamARN=ARN, ConsumerName="billing")
    client.deregister_stream_consumer(ConsumerARN=consumer_arn)
    client.list_stream_consumers(StreamARN=ARN)
    call(client, "RegisterStreamConsumer")
    client.list_stream_consumers(StreamARN=ARN)
    client.deregister_stream_consumer(StreamARN=ARN, ConsumerName="billing")
    with refused(client, "ResourceNotFoundException"):
        client.describe_stream_consumer(StreamARN=ARN, ConsumerName="billing")
    registered, gone = (f"right after {name}StreamConsumer of consumer billing:" for name in ("Register", "Deregister"))
    assert hidden(moto)[1:] == [
        f"  SubscribeToShard {registered} ok here; on AWS ResourceInUseException until the consumer is ACTIVE",
        f"  DescribeStreamConsumer {registered} ACTIVE here; on AWS CREATING at first, which code must look at",
        f"  ListStreamConsumers {gone} without it here; on AWS it is listed until it is gone",
        f"  RegisterStreamConsumer {gone} ok here; on AWS ResourceInUseException until the consumer of before is gone",
        f"  ListStreamConsumers {registered} ACTIVE here; on AWS CREATING at first, which code must look at",
        f"  DescribeStreamConsumer {gone} ResourceNotFoundException here; on AWS DELETING at first",
    ]


# --- what is not told ---------------------------------------------------------------------------------------------


def test_code_that_waits_is_not_accused(moto: KinesisFake) -> None:
    client = create(moto)
    client.get_waiter("stream_exists").wait(StreamName="orders")
    call(client, "PutRecord")
    client.delete_stream(StreamName="orders")
    client.get_waiter("stream_not_exists").wait(StreamName="orders")
    client.create_stream(StreamName="orders", ShardCount=1)
    assert hidden(moto) == NOTHING


def test_code_that_sleeps_long_enough_is_not_accused(moto: KinesisFake, time_machine: Any) -> None:
    client = create(moto)
    time_machine.shift(timedelta(seconds=20))
    call(client, "PutRecord")
    client.describe_stream(StreamName="orders")
    assert hidden(moto) == NOTHING
    call(client, "SplitShard")
    time_machine.shift(timedelta(seconds=29, milliseconds=999))
    client.list_shards(StreamName="orders")
    assert len(hidden(moto)) == 2


def test_what_the_test_makes_itself_and_other_streams_are_not_told_of(moto: KinesisFake) -> None:
    moto.create_stream("orders", shards=2)
    client = moto.client()
    call(client, "PutRecord")
    client.create_stream(StreamName="payments", ShardCount=1)
    call(client, "PutRecord")
    moto.client(region_name="eu-west-1").list_streams()
    assert hidden(moto) == NOTHING


def test_what_is_met_again_is_counted_and_a_long_list_is_cut(moto: KinesisFake) -> None:
    client = create(moto)
    for _ in range(3):
        call(client, "PutRecord")
    assert hidden(moto)[1].endswith("on AWS ResourceNotFoundException until the stream is ACTIVE (3 times)")
    for number in range(4):
        client.create_stream(StreamName=f"stream-{number}", ShardCount=1)
        client.list_shards(StreamName=f"stream-{number}")
        client.put_record(StreamName=f"stream-{number}", Data=b"", PartitionKey="a")
        client.describe_stream(StreamName=f"stream-{number}")
    assert (len(hidden(moto)), hidden(moto)[-1]) == (12, "  and 3 more")


def test_an_iterator_that_grew_old_is_told_of_by_its_age(moto: KinesisFake, time_machine: Any) -> None:
    moto.create_stream("orders", shards=1)
    client = moto.client()
    token = call(client, "GetShardIterator")["ShardIterator"]
    time_machine.shift(timedelta(seconds=299, milliseconds=1))
    token = client.get_records(ShardIterator=token)["NextShardIterator"]
    assert hidden(moto)[1].startswith("  GetRecords: no iterator was older than 300 s here;")
    time_machine.shift(timedelta(minutes=5))
    client.get_records(ShardIterator=token)
    assert hidden(moto) == NOTHING
