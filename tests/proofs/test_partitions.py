"""Regions and partitions: the whole table holds in China and in GovCloud, with the ARNs of there everywhere.

The table is played again with every ARN of its parameters moved to the other region. What comes of it must be what
came of it in us-east-1, to the last ARN in the last answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from kinesis_fake import errors
from kinesis_fake.operations.registry import IGNORED_MEMBERS
from tests.proofs.account import PARTITIONS, Account, account_for
from tests.proofs.scenario import BILLING, MODEL, ORDERS, A, Scenario
from tests.proofs.test_operations import REFUSALS, SUCCESSES, members_of, of, operations_of, outcome_of, played
from tests.support.model import needs
from tests.support.refusals import refused

ELSEWHERE = [region_name for region_name in PARTITIONS if region_name != "us-east-1"]
#: Sealed: a client cannot read them, and each fake and each region makes other ones.
TOKENS = {"NextToken", "ShardIterator", "NextShardIterator", "ReceiptHandle"}
#: Quotas that AWS gives each region another number of.
QUOTAS = {"ShardLimit"}
#: What is made up for a queue, a channel or a record, another one in each fake.
IDENTIFIER = re.compile("[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def told(value: Any) -> Any:
    """An answer as far as it can be compared between regions."""
    if isinstance(value, dict):
        return {name: name if name in TOKENS | QUOTAS else told(item) for name, item in value.items()}
    if isinstance(value, list):
        return [told(item) for item in value]
    return IDENTIFIER.sub("<id>", value) if isinstance(value, str) else value


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_of(item)


@pytest.mark.parametrize("operation", operations_of(SUCCESSES))
@pytest.mark.thorough_but("CreateQueue", "DescribeStreamConsumer", "DescribeStreamSummary", "ListStreams")
def test_answers_are_the_same_in_other_partitions_but_for_the_arns(operation: str) -> None:
    for region_name, scenario in product(ELSEWHERE, of(operation, SUCCESSES)):
        if "arn:" not in repr([scenario.params, played(scenario).answer]):
            continue
        account = account_for(scenario, region_name)
        done = account.call(scenario, parameter_validation=True)
        assert done.error is None, scenario
        answer = told(members_of(done.answer))
        assert answer == account.resolve(told(members_of(played(scenario).answer))), scenario
        partition = f"arn:{PARTITIONS[region_name]}:"
        assert all(text.startswith(partition) for text in texts_of(answer) if text.startswith("arn:"))


@pytest.mark.parametrize("operation", operations_of(REFUSALS))
@pytest.mark.thorough_but("DeregisterStreamConsumer", "PutRecord", "UpdateStreamMode")
def test_refusals_are_the_same_in_another_partition_but_for_the_arns(operation: Any) -> None:
    for scenario in of(operation, REFUSALS):
        assert scenario.error is not None
        if "arn:" not in repr([scenario.params, scenario.error[1:]]) or scenario.error[0] is errors.validation_failed:
            continue
        account = account_for(scenario, "cn-north-1")
        done = account.call(scenario)
        error = account.expected(scenario.error, scenario.operation)
        assert done.error is not None, scenario
        told = done.error.response["Error"]
        assert (told["Code"], told["Message"]) == (error.code, error.message or "")


# --- what is elsewhere --------------------------------------------------------------------------------------------

RESOURCES = [
    pytest.param("StreamARN", "describe_stream_summary", ORDERS, errors.stream_not_found("orders", A), id="stream"),
    pytest.param(
        "ConsumerARN",
        "describe_stream_consumer",
        BILLING,
        errors.consumer_arn_not_found("billing", "1767225600", "orders", A),
        id="consumer",
    ),
    pytest.param("QueueARN", "describe_queue", "jobs", None, id="queue", marks=needs("DescribeQueue")),
    pytest.param("ChannelARN", "describe_channel", "lake", None, id="channel", marks=needs("DescribeChannel")),
]
NOT_FOUND = {"QueueARN": errors.queue_not_found, "ChannelARN": errors.channel_not_found}


@pytest.fixture(scope="module")
def account() -> Account:
    return Account()


@pytest.mark.parametrize(("member", "method", "resource_arn", "not_found"), RESOURCES)
@pytest.mark.parametrize(
    ("client_region", "arn_prefix", "is_found_out"),
    [
        pytest.param("eu-west-1", "arn:aws:kinesis:us-east-1:", True, id="the right ARN in a client of another region"),
        pytest.param("us-east-1", "arn:aws:kinesis:eu-west-1:", True, id="the ARN of another region"),
        pytest.param("us-east-1", "arn:aws-cn:kinesis:us-east-1:", False, id="the right region in another partition"),
        pytest.param("cn-north-1", "arn:aws-cn:kinesis:cn-north-1:", False, id="the same name in another partition"),
    ],
)
def test_what_is_elsewhere_is_not_here(
    account: Any,
    member: Any,
    method: Any,
    resource_arn: Any,
    not_found: Any,
    client_region: Any,
    arn_prefix: Any,
    is_found_out: Any,
) -> None:
    resource_arn = account.made.get(resource_arn, resource_arn)
    arn = resource_arn.replace("arn:aws:kinesis:us-east-1:", arn_prefix)
    if is_found_out:
        expected = errors.arn_of_another_region(arn)
    else:
        expected = not_found or NOT_FOUND[member](resource_arn.rpartition("/")[2], A)
    # With an endpoint given, botocore leaves it to the service to compare ARNs with regions.
    client = account.kinesis.client(region_name=client_region, endpoint_url="https://kinesis.example")
    with refused(client, expected.code, expected.message):
        getattr(client, method)(**{member: arn})


@pytest.mark.parametrize(("region_name", "partition"), PARTITIONS.items())
def test_arns_have_the_partition_of_their_region(region_name: Any, partition: Any) -> None:
    account = Account(region_name)
    answers = {
        "stream/orders": account.kinesis.stream("orders").stream_arn,
        "stream/orders/consumer/billing:1767225600": account.kinesis.stream("orders").consumers[0].consumer_arn,
    }
    if "CreateQueue" in MODEL.operation_names:
        answers[f"queue/{account.made['jobs'].rpartition('/')[2]}"] = account.made["jobs"]
    if "CreateChannel" in MODEL.operation_names:
        answers[f"channel/{account.made['lake'].rpartition('/')[2]}"] = account.made["lake"]
    for resource, resource_arn in answers.items():
        assert resource_arn == f"arn:{partition}:kinesis:{region_name}:{A}:{resource}"


# --- StreamId -----------------------------------------------------------------------------------------------------

STREAM_ID = {"StreamId": "abcdefghij0123456789-abc"}


def with_stream_id() -> list[str]:
    shapes = {name: MODEL.operation_model(name).input_shape for name in MODEL.operation_names}
    return [name for name, shape in shapes.items() if shape is not None and "StreamId" in shape.members]


@pytest.mark.parametrize("operation", with_stream_id())
@pytest.mark.thorough_but("PutRecord", "SplitShard")
def test_a_stream_id_is_accepted_and_ignored(operation: Any) -> None:
    """The model reserves it for future use."""
    (scenario, *_) = [scenario for scenario in SUCCESSES if scenario.operation == operation]
    assert outcome_of(_with(scenario, STREAM_ID)) == outcome_of(scenario)


def test_nothing_else_is_ignored() -> None:
    assert sorted(IGNORED_MEMBERS) == ["StreamId"]


def _with(scenario: Scenario, more: dict[str, str]) -> Scenario:
    return replace(scenario, params={**scenario.params, **more})
