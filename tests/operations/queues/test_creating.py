"""Making queues, where they begin to read, and how lists and policies show them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointResolutionError

from kinesis_fake import KinesisFake
from tests.support.queues import MIDNIGHT, ORDERS, STREAM, THREE_STREAMS, A, create, describe, names

pytestmark = THREE_STREAMS


# --- creating -----------------------------------------------------------------------------------------------------


def test_a_new_queue_is_creating_and_has_the_defaults(kinesis: KinesisFake, client: Any) -> None:
    kinesis.advance(milliseconds=1500)
    description = create(client)
    queue_id = description.pop("QueueARN").removeprefix(f"arn:aws:kinesis:us-east-1:{A}:queue/")
    assert queue_id.isalnum()
    assert description == {
        "QueueName": "billing",
        "QueueStatus": "CREATING",
        "QueueCreationTimestamp": MIDNIGHT + timedelta(seconds=1),
        "StreamConfigurationList": [{"StreamARN": ORDERS, "StartingPosition": {"Type": "LATEST"}}],
        "QueueAttributes": {
            "VisibilityTimeoutSeconds": 30,
            "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 6},
        },
    }


def test_a_queue_has_the_attributes_it_was_given(client: Any) -> None:
    description = create(
        client,
        QueueAttributes={
            "VisibilityTimeoutSeconds": 0,
            "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 1000},
        },
    )
    assert description["QueueAttributes"] == {
        "VisibilityTimeoutSeconds": 0,
        "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 1000},
    }
    assert describe(client, description["QueueARN"]) == description


@pytest.mark.parametrize("more", [{}, {"MaxReceiveCount": 3}])
def test_dead_letter_handling_can_be_off(client: Any, more: Any) -> None:
    description = create(client, QueueAttributes={"DeadLetterConfiguration": {"TargetType": "NONE", **more}})
    assert description["QueueAttributes"] == {
        "VisibilityTimeoutSeconds": 30,
        "DeadLetterConfiguration": {"TargetType": "NONE"},
    }


def test_a_queue_needs_a_stream_on_demand(refusal: Any) -> None:
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[{"StreamARN": STREAM + "old"}]) == (
        "ValidationException",
        f"Request is invalid. Stream old under account {A} is in Provisioned mode. Queues are supported only on data "
        "streams in On-Demand mode.",
    )


def test_a_queue_needs_a_stream_that_is_there(refusal: Any) -> None:
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[{"StreamARN": STREAM + "gone"}]) == (
        "ResourceNotFoundException",
        f"Stream gone under account {A} not found.",
    )


@pytest.mark.parametrize("state", ["CREATING", "UPDATING", "DELETING"])
def test_a_queue_needs_a_stream_that_is_active(kinesis: KinesisFake, client: Any, refusal: Any, state: Any) -> None:
    if state == "CREATING":
        client.create_stream(StreamName="new", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    elif state == "UPDATING":
        client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    else:
        client.delete_stream(StreamName="orders")
    stream_name = "new" if state == "CREATING" else "orders"
    configuration = [{"StreamARN": STREAM + stream_name}]
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=configuration) == (
        "ResourceInUseException",
        f"Stream {stream_name} under account {A} not ACTIVE, instead in state {state}",
    )


def test_a_queue_has_exactly_one_stream(refusal: Any) -> None:
    two = [{"StreamARN": ORDERS}, {"StreamARN": STREAM + "other"}]
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=two) == (
        "ValidationException",
        "StreamConfigurationList must contain exactly one entry, but contains 2.",
    )
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[]) == (
        "ValidationException",
        "1 validation error detected: Value '[]' at 'streamConfigurationList' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1",
    )


def test_a_maximum_is_needed_where_dead_letters_are_handled(client: Any, refusal: Any, billing: Any) -> None:
    attributes = {"DeadLetterConfiguration": {"TargetType": "BUILT_IN"}}
    missing = ("ValidationException", "DeadLetterConfiguration with TargetType BUILT_IN requires MaxReceiveCount.")
    configuration = [{"StreamARN": ORDERS}]
    assert (
        refusal("CreateQueue", QueueName="new", StreamConfigurationList=configuration, QueueAttributes=attributes)
        == missing
    )
    assert refusal("UpdateQueue", QueueARN=billing, QueueAttributes=attributes) == missing


@pytest.mark.parametrize(
    ("attributes", "item"),
    [
        (
            {"VisibilityTimeoutSeconds": 43201},
            "Value '43201' at 'queueAttributes.visibilityTimeoutSeconds' failed to satisfy constraint: Member must "
            "have value less than or equal to 43200",
        ),
        (
            {"VisibilityTimeoutSeconds": -1},
            "Value '-1' at 'queueAttributes.visibilityTimeoutSeconds' failed to satisfy constraint: Member must have "
            "value greater than or equal to 0",
        ),
        (
            {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 0}},
            "Value '0' at 'queueAttributes.deadLetterConfiguration.maxReceiveCount' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
        (
            {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 1001}},
            "Value '1001' at 'queueAttributes.deadLetterConfiguration.maxReceiveCount' failed to satisfy constraint: "
            "Member must have value less than or equal to 1000",
        ),
    ],
)
def test_attributes_have_bounds(refusal: Any, billing: Any, attributes: Any, item: Any) -> None:
    expected = ("ValidationException", f"1 validation error detected: {item}")
    configuration = [{"StreamARN": ORDERS}]
    assert (
        refusal("CreateQueue", QueueName="new", StreamConfigurationList=configuration, QueueAttributes=attributes)
        == expected
    )
    assert refusal("UpdateQueue", QueueARN=billing, QueueAttributes=attributes) == expected


def test_the_longest_visibility_timeout_is_taken(client: Any) -> None:
    description = create(client, QueueAttributes={"VisibilityTimeoutSeconds": 43200})
    assert description["QueueAttributes"]["VisibilityTimeoutSeconds"] == 43200


# --- starting positions -------------------------------------------------------------------------------------------


def test_the_effective_start_of_latest_is_known_once_the_queue_is_active(kinesis: KinesisFake, client: Any) -> None:
    queue_arn = create(client, starting_position={"Type": "LATEST"})["QueueARN"]
    kinesis.settle()
    (configuration,) = describe(client, queue_arn)["StreamConfigurationList"]
    assert configuration["StartingPosition"] == {"Type": "LATEST", "Timestamp": MIDNIGHT + timedelta(seconds=20)}


def test_the_effective_start_of_trim_horizon_is_the_oldest_that_can_be_read(kinesis: KinesisFake, client: Any) -> None:
    young = create(client, "young", starting_position={"Type": "TRIM_HORIZON"})
    assert young["StreamConfigurationList"][0]["StartingPosition"] == {"Type": "TRIM_HORIZON"}
    kinesis.settle()
    kinesis.advance(hours=30)
    old = create(client, "old", starting_position={"Type": "TRIM_HORIZON"})
    kinesis.settle()
    starts = [describe(client, queue["QueueARN"])["StreamConfigurationList"][0] for queue in (young, old)]
    assert [start["StartingPosition"]["Timestamp"] for start in starts] == [
        MIDNIGHT,
        MIDNIGHT + timedelta(hours=6, seconds=40),
    ]


@pytest.mark.parametrize(
    "starting_position", [{"Type": "TRIM_HORIZON"}, {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT}]
)
def test_the_effective_start_is_not_before_what_a_shorter_retention_has_left(
    kinesis: KinesisFake, client: Any, starting_position: Any
) -> None:
    kinesis.advance(hours=30)
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.settle()
    queue_arn = create(client, starting_position=starting_position)["QueueARN"]
    kinesis.settle()
    (configuration,) = describe(client, queue_arn)["StreamConfigurationList"]
    assert configuration["StartingPosition"]["Timestamp"] == MIDNIGHT + timedelta(hours=6, seconds=5)


def test_the_effective_start_of_a_timestamp_is_not_before_what_can_be_read(kinesis: KinesisFake, client: Any) -> None:
    kinesis.advance(hours=1)
    later = MIDNIGHT + timedelta(minutes=1)
    at_creation = []
    arns = []
    for queue_name, timestamp in (("early", MIDNIGHT - timedelta(days=1)), ("late", later)):
        description = create(client, queue_name, starting_position={"Type": "AT_TIMESTAMP", "Timestamp": timestamp})
        arns.append(description["QueueARN"])
        at_creation.append(description["StreamConfigurationList"][0]["StartingPosition"]["Timestamp"])
    assert at_creation == [MIDNIGHT - timedelta(days=1), later]
    kinesis.settle()
    effective = [describe(client, queue_arn)["StreamConfigurationList"][0]["StartingPosition"] for queue_arn in arns]
    assert effective == [
        {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT},
        {"Type": "AT_TIMESTAMP", "Timestamp": later},
    ]


@pytest.mark.parametrize("position_type", ["LATEST", "TRIM_HORIZON"])
def test_only_a_start_at_a_timestamp_has_one(refusal: Any, position_type: Any) -> None:
    configuration = {"StreamARN": ORDERS, "StartingPosition": {"Type": position_type, "Timestamp": MIDNIGHT}}
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[configuration]) == (
        "ValidationException",
        f"StartingPosition of type {position_type} does not take Timestamp.",
    )


def test_a_start_at_a_timestamp_needs_one(refusal: Any) -> None:
    configuration = {"StreamARN": ORDERS, "StartingPosition": {"Type": "AT_TIMESTAMP"}}
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[configuration]) == (
        "ValidationException",
        "StartingPosition of type AT_TIMESTAMP requires Timestamp.",
    )


def test_a_queue_can_start_now_but_not_in_the_future(client: Any, refusal: Any) -> None:
    create(client, starting_position={"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT})
    position = {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT + timedelta(seconds=1)}
    configuration = [{"StreamARN": ORDERS, "StartingPosition": position}]
    assert refusal("CreateQueue", QueueName="future", StreamConfigurationList=configuration) == (
        "InvalidArgumentException",
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
        "timestampInMillis: 1767225601000, currentTimestampInMillis: 1767225600000",
    )


# --- lists, addresses, policies -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["describe_queue", "delete_queue"])
def test_a_client_refuses_the_arn_of_a_stream_as_that_of_a_queue(client: Any, billing: Any, method: Any) -> None:
    with pytest.raises(EndpointResolutionError, match="QueueARN only supports `queue` ARN types, found: `stream`"):
        getattr(client, method)(QueueARN=ORDERS)
    assert client.describe_queue(QueueARN=billing)["QueueDescription"]["QueueStatus"] == "ACTIVE"


def test_queues_are_listed_in_the_order_of_their_names_with_their_streams(kinesis: KinesisFake, client: Any) -> None:
    kinesis.advance(seconds=1)
    other = create(client, "alpha", STREAM + "other")["QueueARN"]
    kinesis.advance(seconds=1)
    create(client, "Beta")
    assert names(client) == ["Beta", "alpha"]
    assert client.list_queues()["QueueSummaries"][1] == {
        "QueueName": "alpha",
        "QueueARN": other,
        "QueueStatus": "CREATING",
        "QueueCreationTimestamp": MIDNIGHT + timedelta(seconds=1),
        "Streams": [{"StreamARN": STREAM + "other", "StreamCreationTimestamp": MIDNIGHT}],
    }


def test_a_queue_has_a_policy(client: Any, billing: Any) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": "kinesis:ReceiveQueueRecords",
        "Resource": billing,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_resource_policy(ResourceARN=billing, Policy=policy)
    assert client.get_resource_policy(ResourceARN=billing)["Policy"] == policy
    client.delete_resource_policy(ResourceARN=billing)
    assert client.get_resource_policy(ResourceARN=billing)["Policy"] == "{}"
