"""How often the control operations may be called: per account and region, per stream, per consumer and shard."""

from __future__ import annotations

import json
import re
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from kinesis_fake import Fault, KinesisFake, Limits
from kinesis_fake.operations.registry import OPERATIONS
from tests.support.clients import WITHOUT_RETRIES, client_without_retries, new_client
from tests.support.refusals import refused

ACCOUNT = "123456789012"
ARN = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/"

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z", rate_limits=True, autojump=False, streams={"orders": 2, "payments": 2}
)

STREAM = f"Rate exceeded for stream orders under account {ACCOUNT}."
ACCOUNT_TEXT = f"Rate exceeded for account {ACCOUNT}."
#: Operations with the calls per second and account that AWS allows, a call of each, and whom the error names.
PER_ACCOUNT: dict[str, tuple[int, dict[str, Any], str]] = {
    "add_tags_to_stream": (5, {"StreamName": "orders", "Tags": {"a": "b"}}, STREAM),
    "remove_tags_from_stream": (5, {"StreamName": "orders", "TagKeys": ["a"]}, STREAM),
    "list_tags_for_stream": (5, {"StreamName": "orders"}, STREAM),
    "describe_stream": (10, {"StreamARN": ARN + "orders"}, STREAM),
    "describe_stream_summary": (20, {"StreamName": "orders"}, STREAM),
    "describe_limits": (1, {}, ACCOUNT_TEXT),
    "list_streams": (5, {}, ACCOUNT_TEXT),
    "get_resource_policy": (5, {"ResourceARN": ARN + "orders"}, STREAM),
    "describe_account_settings": (5, {}, ACCOUNT_TEXT),
    "list_channels": (5, {}, ACCOUNT_TEXT),
}
#: The same for those that are limited per stream.
PER_STREAM: dict[str, tuple[int, dict[str, Any], str]] = {
    "list_shards": (1000, {"StreamName": "orders"}, STREAM),
    "list_stream_consumers": (5, {"StreamARN": ARN + "orders"}, STREAM),
    "enable_enhanced_monitoring": (5, {"StreamName": "orders", "ShardLevelMetrics": ["ALL"]}, STREAM),
    "disable_enhanced_monitoring": (5, {"StreamName": "orders", "ShardLevelMetrics": ["ALL"]}, STREAM),
}


def call_of(client: Any, name: Any) -> Any:
    if not hasattr(client, name):
        pytest.skip(f"this botocore has no {name}")
    return getattr(client, name)


@pytest.mark.parametrize("name", [*PER_ACCOUNT, *PER_STREAM])
@pytest.mark.thorough_but(first=6)
def test_so_many_calls_in_any_second_and_no_more(kinesis: KinesisFake, client: Any, name: Any) -> None:
    limit, parameters, message = {**PER_ACCOUNT, **PER_STREAM}[name]
    if name == "enable_enhanced_monitoring":  # enabling it again changes nothing: the stream is ACTIVE
        client.enable_enhanced_monitoring(StreamName="orders", ShardLevelMetrics=["ALL"])
        kinesis.settle()
    call = call_of(client, name)
    for _ in range(limit):
        call(**parameters)
    for milliseconds in (0, 999):
        kinesis.advance(milliseconds=milliseconds)
        with refused(client, "LimitExceededException", message):
            call(**parameters)
    kinesis.advance(milliseconds=1)
    call(**parameters)


@pytest.mark.parametrize("name", ["describe_stream", "describe_stream_summary", "list_tags_for_stream"])
def test_the_streams_of_an_account_share_its_calls(kinesis: KinesisFake, client: Any, name: Any) -> None:
    limit, _, _ = PER_ACCOUNT[name]
    for number in range(limit):
        call_of(client, name)(StreamName=("orders", "payments")[number % 2])
    with refused(client, "LimitExceededException", STREAM):
        call_of(client, name)(StreamName="orders")
    with refused(client, "LimitExceededException", f"Rate exceeded for stream payments under account {ACCOUNT}."):
        call_of(client, name)(StreamName="payments")


def test_each_stream_has_calls_of_its_own_where_the_limit_is_that_of_a_stream(
    kinesis: KinesisFake, client: Any
) -> None:
    for name in ("orders", "payments"):
        for _ in range(5):
            client.list_stream_consumers(StreamARN=ARN + name)
        with refused(client, "LimitExceededException", f"Rate exceeded for stream {name} under account {ACCOUNT}."):
            client.list_stream_consumers(StreamARN=ARN + name)


@pytest.mark.fake_kinesis(accounts={"other": "222222222222"})
def test_accounts_share_the_calls_of_a_stream_and_not_those_of_an_account(kinesis: KinesisFake, client: Any) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client.put_resource_policy(ResourceARN=ARN + "orders", Policy=json.dumps(policy))
    other = kinesis.client(
        aws_access_key_id="other", aws_secret_access_key="any", config=Config(retries=WITHOUT_RETRIES)
    )
    for _ in range(500):
        client.list_shards(StreamARN=ARN + "orders")
        other.list_shards(StreamARN=ARN + "orders")
    for each in (client, other):
        with refused(each, "LimitExceededException", STREAM):
            each.list_shards(StreamARN=ARN + "orders")
    client.describe_limits()
    other.describe_limits()
    with refused(other, "LimitExceededException", "Rate exceeded for account 222222222222."):
        other.describe_limits()


def test_each_operation_has_calls_of_its_own(kinesis: KinesisFake, client: Any) -> None:
    client.describe_limits()
    with refused(client, "LimitExceededException", ACCOUNT_TEXT):
        client.describe_limits()
    client.list_streams()


def test_each_region_has_calls_of_its_own(kinesis: KinesisFake, client: Any) -> None:
    foreign = client_without_retries("eu-central-1")
    for each in (client, foreign):
        each.describe_limits()
        with refused(each, "LimitExceededException", ACCOUNT_TEXT):
            each.describe_limits()


MISSING = {"StreamName": "refunds"}
MISSING_ARN = {"StreamARN": ARN + "refunds"}
#: Calls of operations that change something, of a stream that is not there: each is refused, and counted.
REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "decrease_stream_retention_period": (5, {**MISSING, "RetentionPeriodHours": 24}),
    "delete_resource_policy": (5, {"ResourceARN": ARN + "refunds"}),
    "delete_stream": (5, MISSING),
    "deregister_stream_consumer": (5, {**MISSING_ARN, "ConsumerName": "billing"}),
    "describe_stream_consumer": (20, {**MISSING_ARN, "ConsumerName": "billing"}),
    "increase_stream_retention_period": (5, {**MISSING, "RetentionPeriodHours": 48}),
    "merge_shards": (5, {**MISSING, "ShardToMerge": "0", "AdjacentShardToMerge": "1"}),
    "put_resource_policy": (5, {"ResourceARN": ARN + "refunds", "Policy": "{}"}),
    "register_stream_consumer": (5, {**MISSING_ARN, "ConsumerName": "billing"}),
    "split_shard": (5, {**MISSING, "ShardToSplit": "0", "NewStartingHashKey": "7"}),
    "update_shard_count": (10, {**MISSING, "TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"}),
    "update_stream_warm_throughput": (5, {**MISSING, "WarmThroughputMiBps": 100}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_calls_that_are_refused_for_another_reason_count(kinesis: KinesisFake, client: Any, name: Any) -> None:
    limit, parameters = REFUSED[name]
    call = call_of(client, name)
    for _ in range(limit):
        with refused(client) as caught:
            call(**parameters)
        assert caught.value.response["Error"]["Code"] != "LimitExceededException"
    with refused(client, "LimitExceededException", f"Rate exceeded for stream refunds under account {ACCOUNT}."):
        call(**parameters)


def test_calls_that_never_got_there_do_not_count(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.internal_error("DescribeLimits", times=3))
    for _ in range(3):
        with refused(client, "InternalFailure", status=500):
            client.describe_limits()
    client.describe_limits()


def test_the_calls_of_the_test_itself_are_not_counted(kinesis: KinesisFake, client: Any) -> None:
    for number in range(20):
        kinesis.create_stream(f"stream-{number}", shards=1)
    for number in range(5):
        client.create_stream(StreamName=f"mine-{number}", ShardCount=1)
    with refused(client, "LimitExceededException", f"Rate exceeded for stream mine-5 under account {ACCOUNT}."):
        client.create_stream(StreamName="mine-5", ShardCount=1)


@pytest.mark.fake_kinesis(rate_limits=False)
def test_without_limits_nothing_is_refused(kinesis: KinesisFake, client: Any) -> None:
    for _ in range(30):
        client.describe_limits()
        client.describe_stream_summary(StreamName="orders")


@pytest.mark.fake_kinesis(rate_limits=False, limits=Limits(api_calls=True))
def test_they_can_be_limited_alone(kinesis: KinesisFake, client: Any) -> None:
    client.describe_limits()
    with refused(client, "LimitExceededException", ACCOUNT_TEXT):
        client.describe_limits()
    records = [{"Data": bytes(1_000_000), "PartitionKey": "a"}] * 10
    assert client.put_records(StreamName="orders", Records=records)["FailedRecordCount"] == 0


def test_the_retries_of_the_sdk_get_through(kinesis: KinesisFake) -> None:
    client = new_client(retries={"mode": "standard", "total_max_attempts": 10})
    for _ in range(12):
        client.list_streams()
    assert max(call.attempt for call in kinesis.calls) > 1
    assert [call.outcome for call in kinesis.calls].count("ok") == 12


def test_one_subscription_per_second_consumer_and_shard(kinesis: KinesisFake, client: Any) -> None:
    arns = [
        client.register_stream_consumer(StreamARN=ARN + "orders", ConsumerName=name)["Consumer"]["ConsumerARN"]
        for name in ("billing", "audit")
    ]
    kinesis.settle()

    def subscribe(consumer_arn: Any, shard_id: Any = "shardId-000000000000") -> None:
        client.subscribe_to_shard(ConsumerARN=consumer_arn, ShardId=shard_id, StartingPosition={"Type": "LATEST"})

    subscribe(arns[0])
    subscribe(arns[1])
    subscribe(arns[0], "shardId-000000000001")
    for milliseconds in (0, 999):
        kinesis.advance(milliseconds=milliseconds)
        with refused(client, "LimitExceededException", STREAM):
            subscribe(arns[0])
    kinesis.advance(milliseconds=1)
    with refused(client, "ResourceInUseException"):  # for five seconds there is another reason
        subscribe(arns[0])
    kinesis.advance(seconds=4)
    subscribe(arns[0])


# --- the table ----------------------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_api_reference() -> None:
    """Read from the documentation in botocore's model, where it gives a number."""
    numbers = {"one": 1, "five": 5}
    model = botocore.session.Session().get_service_model("kinesis")
    limit = re.compile(
        r"limit of (\w+) transactions? per second(?: \(TPS\))? (?:per|for each) ([\w ]+?)(?:\.|,| Exc|$)"
    )
    told = {}
    for name in model.operation_names:
        text = re.sub("<[^>]+>", "", model.operation_model(name).documentation)
        found = limit.search(text)
        if found is not None and "open shard" not in found[2] and name != "GetRecords":
            number = numbers.get(found[1]) or int(found[1])
            told[name] = (number, "stream" if "stream" in found[2] else "account")
    assert len(told) > 15
    ours = {name: (operation.rate.calls_per_second, operation.rate.scope) for name, operation in OPERATIONS.items()}
    assert {name: ours.get(name) for name in told} == told
