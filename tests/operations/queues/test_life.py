"""The quotas of queues, and how a queue is described, updated and deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake, Limits, fake_kinesis
from tests.support.queues import DURATIONS, MIDNIGHT, NOWHERE, ORDERS, STREAM, THREE_STREAMS, A, create, describe, names
from tests.support.refusals import refused

pytestmark = THREE_STREAMS


# --- quotas -------------------------------------------------------------------------------------------------------


TOO_MANY = (
    "LimitExceededException",
    f"This request would exceed the limit for account {A} on the number of queues that can simultaneously be in "
    "CREATING or DELETING. Limit: 5",
)


def test_five_queues_are_created_at_once_and_not_six(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    for number in range(5):
        create(client, f"queue-{number}", STREAM + ("orders" if number % 2 else "other"))
    sixth = {"QueueName": "sixth", "StreamConfigurationList": [{"StreamARN": ORDERS}]}
    assert refusal("CreateQueue", **sixth) == TOO_MANY
    kinesis.settle()
    client.create_queue(**sixth)


def test_queues_that_are_deleted_count_with_those_that_are_created(
    kinesis: KinesisFake, client: Any, refusal: Any
) -> None:
    arns = [create(client, f"queue-{number}")["QueueARN"] for number in range(5)]
    kinesis.settle()
    late = create(client, "late")["QueueARN"]
    for queue_arn in arns[:4]:
        client.delete_queue(QueueARN=queue_arn)
    assert refusal("DeleteQueue", QueueARN=arns[4]) == TOO_MANY
    sixth = {"QueueName": "sixth", "StreamConfigurationList": [{"StreamARN": ORDERS}]}
    assert refusal("CreateQueue", **sixth) == TOO_MANY
    client.delete_queue(QueueARN=late)  # it counts already
    client.delete_queue(QueueARN=arns[0])
    kinesis.settle()
    client.delete_queue(QueueARN=arns[4])
    assert names(client) == ["queue-4"]


def test_the_quota_of_queues_in_transition_can_be_set() -> None:
    with fake_kinesis(limits=Limits(queues_creating_or_deleting=1), streams={"orders": {}}, autojump=False) as fake:
        client: Any = fake.client()
        create(client)
        with refused(client, "LimitExceededException"):
            create(client, "second")


def test_queues_and_consumers_share_the_limit_of_registered_consumers(
    client: Any, refusal: Any, kinesis: KinesisFake
) -> None:
    for number in range(19):
        create(client, f"queue-{number}")
        kinesis.settle()
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="fan-out")
    full = (
        "LimitExceededException",
        "This request would exceed the limit on the number of consumers registered with stream orders under account "
        f"{A}. Limit: 20",
    )
    last = {"QueueName": "queue-19", "StreamConfigurationList": [{"StreamARN": ORDERS}]}
    assert refusal("CreateQueue", **last) == full
    assert refusal("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="another") == full
    create(client, "elsewhere", STREAM + "other")
    client.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    client.create_queue(**last)


# --- describing and updating --------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["DescribeQueue", "DeleteQueue", "ReceiveQueueRecords"])
@pytest.mark.parametrize(
    ("queue_arn", "queue_id", "account_id"),
    [
        (NOWHERE, "nowhere", A),
        (f"arn:aws-cn:kinesis:us-east-1:{A}:queue/nowhere", "nowhere", A),
        (f"arn:aws:kinesis:us-east-1:{A}:queue/a/b", "a/b", A),
    ],
)
def test_a_queue_that_is_not_there_is_not_found(
    kinesis: KinesisFake, refusal: Any, operation: Any, queue_arn: Any, queue_id: Any, account_id: Any
) -> None:
    # With an endpoint of its own, so that botocore does not look at the region of the ARN.
    through = kinesis.client(endpoint_url="https://kinesis.us-east-1.amazonaws.com")
    assert refusal(operation, through=through, QueueARN=queue_arn) == (
        "ResourceNotFoundException",
        f"Queue {queue_id} under account {account_id} not found.",
    )


def test_every_operation_on_a_queue_needs_it(refusal: Any) -> None:
    entries = [{"ReceiptHandle": "handle"}]
    timeouts = [{"ReceiptHandle": "handle", "VisibilityTimeoutSeconds": 1}]
    calls: dict[str, dict[str, Any]] = {
        "UpdateQueue": {"QueueAttributes": {}},
        "ReceiveDeadLetterQueueRecords": {},
        "AcknowledgeQueueRecords": {"Entries": entries},
        "UpdateQueueRecordsVisibility": {"Entries": timeouts},
        "AcknowledgeDeadLetterQueueRecords": {"Entries": entries},
        "UpdateDeadLetterQueueRecordsVisibility": {"Entries": timeouts},
        "RestoreDeadLetterQueueRecords": {"Entries": entries},
    }
    for operation, parameters in calls.items():
        assert refusal(operation, QueueARN=NOWHERE, **parameters) == (
            "ResourceNotFoundException",
            f"Queue nowhere under account {A} not found.",
        )


def test_a_queue_of_another_region_is_not_found(kinesis: KinesisFake, billing: Any, refusal: Any) -> None:
    through = kinesis.client(region_name="eu-central-1", endpoint_url="https://kinesis.eu-central-1.amazonaws.com")
    assert names(through) == []
    assert refusal("DescribeQueue", through=through, QueueARN=billing) == (
        "InvalidArgumentException",
        f"The region specified in the ARN '{billing}' does not match the endpoint region",
    )


def test_an_update_is_shown_at_once_and_over_when_its_time_has_come(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    updated = client.update_queue(QueueARN=billing, QueueAttributes={"VisibilityTimeoutSeconds": 60})
    assert updated["QueueDescription"]["QueueStatus"] == "UPDATING"
    assert updated["QueueDescription"]["QueueAttributes"] == {
        "VisibilityTimeoutSeconds": 60,
        "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 6},
    }
    kinesis.advance(milliseconds=DURATIONS.updating_queue_ms - 1)
    assert describe(client, billing) == updated["QueueDescription"]
    kinesis.advance(milliseconds=1)
    assert describe(client, billing) == {**updated["QueueDescription"], "QueueStatus": "ACTIVE"}


def test_an_update_leaves_alone_what_it_does_not_name(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    for attributes in (
        {"VisibilityTimeoutSeconds": 0},
        {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 2}},
        {},
    ):
        client.update_queue(QueueARN=billing, QueueAttributes=attributes)
        kinesis.settle()
    assert describe(client, billing)["QueueAttributes"] == {
        "VisibilityTimeoutSeconds": 0,
        "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 2},
    }
    client.update_queue(QueueARN=billing, QueueAttributes={"DeadLetterConfiguration": {"TargetType": "NONE"}})
    assert describe(client, billing)["QueueAttributes"] == {
        "VisibilityTimeoutSeconds": 0,
        "DeadLetterConfiguration": {"TargetType": "NONE"},
    }


@pytest.mark.parametrize("state", ["CREATING", "UPDATING", "DELETING"])
def test_only_an_active_queue_can_be_updated(kinesis: KinesisFake, client: Any, refusal: Any, state: Any) -> None:
    queue_arn = create(client)["QueueARN"]
    if state != "CREATING":
        kinesis.settle()
    if state == "UPDATING":
        client.update_queue(QueueARN=queue_arn, QueueAttributes={"VisibilityTimeoutSeconds": 1})
    elif state == "DELETING":
        client.delete_queue(QueueARN=queue_arn)
    assert refusal("UpdateQueue", QueueARN=queue_arn, QueueAttributes={"VisibilityTimeoutSeconds": 2}) == (
        "ResourceInUseException",
        f"Queue billing under account {A} not ACTIVE, instead in state {state}",
    )


def test_polls_move_the_clock_to_the_end_of_a_transition() -> None:
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": {}}) as fake:
        client: Any = fake.client()
        queue_arn = create(client)["QueueARN"]
        assert describe(client, queue_arn)["QueueStatus"] == "CREATING"
        assert describe(client, queue_arn)["QueueStatus"] == "ACTIVE"
        client.update_queue(QueueARN=queue_arn, QueueAttributes={})
        assert describe(client, queue_arn)["QueueStatus"] == "UPDATING"
        assert describe(client, queue_arn)["QueueStatus"] == "ACTIVE"
        client.delete_queue(QueueARN=queue_arn)
        (summary,) = client.list_queues()["QueueSummaries"]
        assert summary["QueueStatus"] == "DELETING"
        assert client.list_queues()["QueueSummaries"] == []
        assert fake.now == MIDNIGHT + timedelta(seconds=45)


def test_nothing_takes_time_where_nothing_shall() -> None:
    with fake_kinesis(durations=Durations.instant(), streams={"orders": {}}) as fake:
        client: Any = fake.client()
        queue_arn = create(client)["QueueARN"]
        client.update_queue(QueueARN=queue_arn, QueueAttributes={"VisibilityTimeoutSeconds": 5})
        assert describe(client, queue_arn)["QueueStatus"] == "ACTIVE"
        client.delete_queue(QueueARN=queue_arn)
        assert names(client) == []


# --- deleting -----------------------------------------------------------------------------------------------------


def test_a_queue_is_gone_when_its_time_has_come_and_not_before(
    kinesis: KinesisFake, client: Any, refusal: Any, billing: Any
) -> None:
    client.delete_queue(QueueARN=billing)
    assert [pending.what for pending in kinesis.pending()] == ["queue billing of stream orders is gone"]
    kinesis.advance(milliseconds=DURATIONS.deleting_queue_ms - 1)
    assert describe(client, billing)["QueueStatus"] == "DELETING"
    client.delete_queue(QueueARN=billing)
    kinesis.advance(milliseconds=1)
    gone = ("ResourceNotFoundException", f"Queue {billing.rpartition('/')[2]} under account {A} not found.")
    assert refusal("DescribeQueue", QueueARN=billing) == gone
    assert names(client) == []


def test_a_queue_can_be_deleted_while_it_is_created_or_updated(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    client.update_queue(QueueARN=billing, QueueAttributes={"VisibilityTimeoutSeconds": 60})
    client.delete_queue(QueueARN=billing)
    client.delete_queue(QueueARN=create(client, "new")["QueueARN"])
    kinesis.advance(milliseconds=DURATIONS.deleting_queue_ms)
    assert names(client) == []


@pytest.mark.parametrize("operation", ["DescribeQueue", "DeleteQueue", "ReceiveQueueRecords"])
def test_the_arn_of_a_stream_is_not_that_of_a_queue(
    kinesis: KinesisFake, refusal: Any, billing: Any, operation: Any
) -> None:
    # botocore itself refuses the ARN unless the client has an endpoint of its own.
    client = kinesis.client(endpoint_url="https://kinesis.us-east-1.amazonaws.com")
    assert refusal(operation, through=client, QueueARN=ORDERS) == (
        "ValidationException",
        f"1 validation error detected: Value '{ORDERS}' at 'queueARN' failed to satisfy constraint: Member must "
        r"satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:queue/\S+",
    )
