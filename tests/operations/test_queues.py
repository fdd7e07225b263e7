"""Making, changing, describing, listing and deleting queues, and what a queue means to its stream."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from kinesis_fake import Durations, KinesisFake, KinesisFakeError, Limits, fake_kinesis
from tests.support.model import needs

pytestmark = [
    needs("CreateQueue"),
    pytest.mark.fake_kinesis(
        start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}, "other": {}, "old": 1}
    ),
]

A = "123456789012"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
STREAM = f"arn:aws:kinesis:us-east-1:{A}:stream/"
ORDERS = STREAM + "orders"
NOWHERE = f"arn:aws:kinesis:us-east-1:{A}:queue/nowhere"
DURATIONS = Durations()


def create(client, queue_name="billing", stream_arn=ORDERS, starting_position=None, **parameters):
    configuration = {"StreamARN": stream_arn}
    if starting_position is not None:
        configuration["StartingPosition"] = starting_position
    answer = client.create_queue(QueueName=queue_name, StreamConfigurationList=[configuration], **parameters)
    return answer["QueueDescription"]


def describe(client, queue_arn):
    return client.describe_queue(QueueARN=queue_arn)["QueueDescription"]


def names(client, **parameters):
    return [summary["QueueName"] for summary in client.list_queues(**parameters)["QueueSummaries"]]


@pytest.fixture
def billing(kinesis, client):
    """The ARN of an ACTIVE queue on the stream orders."""
    queue_arn = create(client)["QueueARN"]
    kinesis.settle()
    return queue_arn


# --- creating ---------------------------------------------------------------------------------------------------


def test_a_new_queue_is_creating_and_has_the_defaults(kinesis, client):
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


def test_a_queue_has_the_attributes_it_was_given(client):
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
def test_dead_letter_handling_can_be_off(client, more):
    description = create(client, QueueAttributes={"DeadLetterConfiguration": {"TargetType": "NONE", **more}})
    assert description["QueueAttributes"] == {
        "VisibilityTimeoutSeconds": 30,
        "DeadLetterConfiguration": {"TargetType": "NONE"},
    }


def test_a_queue_is_active_when_its_time_has_come_and_not_before(kinesis, client):
    queue_arn = create(client)["QueueARN"]
    assert [pending.what for pending in kinesis.pending()] == ["queue billing of stream orders becomes ACTIVE"]
    kinesis.advance(milliseconds=DURATIONS.creating_queue_ms - 1)
    assert describe(client, queue_arn)["QueueStatus"] == "CREATING"
    kinesis.advance(milliseconds=1)
    assert describe(client, queue_arn)["QueueStatus"] == "ACTIVE"
    assert kinesis.pending() == []


def test_the_arn_comes_from_the_seed_and_not_from_the_name():
    def queue_arns(seed, queue_name):
        with fake_kinesis(seed=seed, streams={"orders": {}}) as fake:
            client = fake.client()
            return [create(client, f"{queue_name}-{number}")["QueueARN"] for number in range(3)]

    arns = queue_arns(7, "billing")
    assert len(set(arns)) == 3
    assert queue_arns(7, "another") == arns
    assert not set(queue_arns(8, "billing")) & set(arns)


def test_a_queue_that_is_made_again_has_another_arn(kinesis, client, billing):
    client.delete_queue(QueueARN=billing)
    kinesis.settle()
    assert create(client)["QueueARN"] != billing


def test_the_arn_is_of_the_partition_and_the_region(kinesis):
    client = kinesis.client(region_name="cn-north-1")
    client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    stream_arn = f"arn:aws-cn:kinesis:cn-north-1:{A}:stream/orders"
    assert create(client, stream_arn=stream_arn)["QueueARN"].startswith(f"arn:aws-cn:kinesis:cn-north-1:{A}:queue/")


def test_a_name_can_be_used_in_another_region(kinesis, client, billing, foreign_client):
    foreign_client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders")
    assert names(foreign_client) == names(client) == ["billing"]


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "DELETING"])
def test_a_name_is_taken_in_every_state(kinesis, client, refusal, state):
    queue_arn = create(client)["QueueARN"]
    if state != "CREATING":
        kinesis.settle()
    if state == "DELETING":
        client.delete_queue(QueueARN=queue_arn)
    assert describe(client, queue_arn)["QueueStatus"] == state
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[{"StreamARN": STREAM + "other"}]) == (
        "ResourceInUseException",
        f"Queue billing under account {A} already exists.",
    )


def test_a_queue_needs_a_stream_on_demand(refusal):
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[{"StreamARN": STREAM + "old"}]) == (
        "ValidationException",
        f"Request is invalid. Stream old under account {A} is in Provisioned mode. Queues are supported only on data "
        "streams in On-Demand mode.",
    )


def test_a_queue_needs_a_stream_that_is_there(refusal):
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[{"StreamARN": STREAM + "gone"}]) == (
        "ResourceNotFoundException",
        f"Stream gone under account {A} not found.",
    )


@pytest.mark.parametrize("state", ["CREATING", "UPDATING", "DELETING"])
def test_a_queue_needs_a_stream_that_is_active(kinesis, client, refusal, state):
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


def test_a_queue_has_exactly_one_stream(refusal):
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


def test_a_maximum_is_needed_where_dead_letters_are_handled(client, refusal, billing):
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
def test_attributes_have_bounds(refusal, billing, attributes, item):
    expected = ("ValidationException", f"1 validation error detected: {item}")
    configuration = [{"StreamARN": ORDERS}]
    assert (
        refusal("CreateQueue", QueueName="new", StreamConfigurationList=configuration, QueueAttributes=attributes)
        == expected
    )
    assert refusal("UpdateQueue", QueueARN=billing, QueueAttributes=attributes) == expected


def test_the_longest_visibility_timeout_is_taken(client):
    description = create(client, QueueAttributes={"VisibilityTimeoutSeconds": 43200})
    assert description["QueueAttributes"]["VisibilityTimeoutSeconds"] == 43200


# --- starting positions -----------------------------------------------------------------------------------------


def test_the_effective_start_of_latest_is_known_once_the_queue_is_active(kinesis, client):
    queue_arn = create(client, starting_position={"Type": "LATEST"})["QueueARN"]
    kinesis.settle()
    (configuration,) = describe(client, queue_arn)["StreamConfigurationList"]
    assert configuration["StartingPosition"] == {"Type": "LATEST", "Timestamp": MIDNIGHT + timedelta(seconds=20)}


def test_the_effective_start_of_trim_horizon_is_the_oldest_that_can_be_read(kinesis, client):
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
def test_the_effective_start_is_not_before_what_a_shorter_retention_has_left(kinesis, client, starting_position):
    kinesis.advance(hours=30)
    client.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.settle()
    queue_arn = create(client, starting_position=starting_position)["QueueARN"]
    kinesis.settle()
    (configuration,) = describe(client, queue_arn)["StreamConfigurationList"]
    assert configuration["StartingPosition"]["Timestamp"] == MIDNIGHT + timedelta(hours=6, seconds=5)


def test_the_effective_start_of_a_timestamp_is_not_before_what_can_be_read(kinesis, client):
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
def test_only_a_start_at_a_timestamp_has_one(refusal, position_type):
    configuration = {"StreamARN": ORDERS, "StartingPosition": {"Type": position_type, "Timestamp": MIDNIGHT}}
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[configuration]) == (
        "ValidationException",
        f"StartingPosition of type {position_type} does not take Timestamp.",
    )


def test_a_start_at_a_timestamp_needs_one(refusal):
    configuration = {"StreamARN": ORDERS, "StartingPosition": {"Type": "AT_TIMESTAMP"}}
    assert refusal("CreateQueue", QueueName="billing", StreamConfigurationList=[configuration]) == (
        "ValidationException",
        "StartingPosition of type AT_TIMESTAMP requires Timestamp.",
    )


def test_a_queue_can_start_now_but_not_in_the_future(client, refusal):
    create(client, starting_position={"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT})
    position = {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT + timedelta(seconds=1)}
    configuration = [{"StreamARN": ORDERS, "StartingPosition": position}]
    assert refusal("CreateQueue", QueueName="future", StreamConfigurationList=configuration) == (
        "InvalidArgumentException",
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
        "timestampInMillis: 1767225601000, currentTimestampInMillis: 1767225600000",
    )


# --- quotas -----------------------------------------------------------------------------------------------------

TOO_MANY = (
    "LimitExceededException",
    f"This request would exceed the limit for account {A} on the number of queues that can simultaneously be in "
    "CREATING or DELETING. Limit: 5",
)


def test_five_queues_are_created_at_once_and_not_six(kinesis, client, refusal):
    for number in range(5):
        create(client, f"queue-{number}", STREAM + ("orders" if number % 2 else "other"))
    sixth = {"QueueName": "sixth", "StreamConfigurationList": [{"StreamARN": ORDERS}]}
    assert refusal("CreateQueue", **sixth) == TOO_MANY
    kinesis.settle()
    client.create_queue(**sixth)


def test_queues_that_are_deleted_count_with_those_that_are_created(kinesis, client, refusal):
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


def test_the_quota_of_queues_in_transition_can_be_set():
    with fake_kinesis(limits=Limits(queues_creating_or_deleting=1), streams={"orders": {}}, autojump=False) as fake:
        client = fake.client()
        create(client)
        with pytest.raises(client.exceptions.LimitExceededException):
            create(client, "second")


def test_queues_and_consumers_share_the_limit_of_registered_consumers(client, refusal, kinesis):
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


# --- describing and updating ------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["DescribeQueue", "DeleteQueue", "ReceiveQueueRecords"])
@pytest.mark.parametrize(
    ("queue_arn", "queue_id", "account_id"),
    [
        (NOWHERE, "nowhere", A),
        (f"arn:aws-cn:kinesis:us-east-1:{A}:queue/nowhere", "nowhere", A),
        (f"arn:aws:kinesis:us-east-1:{A}:queue/a/b", "a/b", A),
    ],
)
def test_a_queue_that_is_not_there_is_not_found(kinesis, refusal, operation, queue_arn, queue_id, account_id):
    # With an endpoint of its own, so that botocore does not look at the region of the ARN.
    through = kinesis.client(endpoint_url="https://kinesis.us-east-1.amazonaws.com")
    assert refusal(operation, through=through, QueueARN=queue_arn) == (
        "ResourceNotFoundException",
        f"Queue {queue_id} under account {account_id} not found.",
    )


def test_every_operation_on_a_queue_needs_it(refusal):
    entries = [{"ReceiptHandle": "handle"}]
    timeouts = [{"ReceiptHandle": "handle", "VisibilityTimeoutSeconds": 1}]
    for operation, parameters in {
        "UpdateQueue": {"QueueAttributes": {}},
        "ReceiveDeadLetterQueueRecords": {},
        "AcknowledgeQueueRecords": {"Entries": entries},
        "UpdateQueueRecordsVisibility": {"Entries": timeouts},
        "AcknowledgeDeadLetterQueueRecords": {"Entries": entries},
        "UpdateDeadLetterQueueRecordsVisibility": {"Entries": timeouts},
        "RestoreDeadLetterQueueRecords": {"Entries": entries},
    }.items():
        assert refusal(operation, QueueARN=NOWHERE, **parameters) == (
            "ResourceNotFoundException",
            f"Queue nowhere under account {A} not found.",
        )


def test_a_queue_of_another_region_is_not_found(kinesis, billing, refusal):
    through = kinesis.client(region_name="eu-central-1", endpoint_url="https://kinesis.eu-central-1.amazonaws.com")
    assert names(through) == []
    assert refusal("DescribeQueue", through=through, QueueARN=billing) == (
        "InvalidArgumentException",
        f"The region specified in the ARN '{billing}' does not match the endpoint region",
    )


def test_an_update_is_shown_at_once_and_over_when_its_time_has_come(kinesis, client, billing):
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


def test_an_update_leaves_alone_what_it_does_not_name(kinesis, client, billing):
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
def test_only_an_active_queue_can_be_updated(kinesis, client, refusal, state):
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


def test_polls_move_the_clock_to_the_end_of_a_transition():
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": {}}) as fake:
        client = fake.client()
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


def test_nothing_takes_time_where_nothing_shall():
    with fake_kinesis(durations=Durations.instant(), streams={"orders": {}}) as fake:
        client = fake.client()
        queue_arn = create(client)["QueueARN"]
        client.update_queue(QueueARN=queue_arn, QueueAttributes={"VisibilityTimeoutSeconds": 5})
        assert describe(client, queue_arn)["QueueStatus"] == "ACTIVE"
        client.delete_queue(QueueARN=queue_arn)
        assert names(client) == []


# --- deleting ---------------------------------------------------------------------------------------------------


def test_a_queue_is_gone_when_its_time_has_come_and_not_before(kinesis, client, refusal, billing):
    client.delete_queue(QueueARN=billing)
    assert [pending.what for pending in kinesis.pending()] == ["queue billing of stream orders is gone"]
    kinesis.advance(milliseconds=DURATIONS.deleting_queue_ms - 1)
    assert describe(client, billing)["QueueStatus"] == "DELETING"
    client.delete_queue(QueueARN=billing)
    kinesis.advance(milliseconds=1)
    gone = ("ResourceNotFoundException", f"Queue {billing.rpartition('/')[2]} under account {A} not found.")
    assert refusal("DescribeQueue", QueueARN=billing) == gone
    assert names(client) == []


def test_a_queue_can_be_deleted_while_it_is_created_or_updated(kinesis, client, billing):
    client.update_queue(QueueARN=billing, QueueAttributes={"VisibilityTimeoutSeconds": 60})
    client.delete_queue(QueueARN=billing)
    client.delete_queue(QueueARN=create(client, "new")["QueueARN"])
    kinesis.advance(milliseconds=DURATIONS.deleting_queue_ms)
    assert names(client) == []


# --- listing ----------------------------------------------------------------------------------------------------


def test_queues_are_listed_in_the_order_of_their_names_with_their_streams(kinesis, client):
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


def test_a_filter_names_the_streams(kinesis, client):
    create(client, "a")
    create(client, "b", STREAM + "other")
    assert names(client, StreamFilter=[{"StreamARN": ORDERS}]) == ["a"]
    assert names(client, StreamFilter=[{"StreamARN": ORDERS}, {"StreamARN": STREAM + "other"}]) == ["a", "b"]
    assert names(client, StreamFilter=[{"StreamARN": STREAM + "gone"}]) == []


def test_a_filter_tells_a_stream_from_one_made_anew(client):
    create(client, "a")
    for created, expected in ((MIDNIGHT, ["a"]), (MIDNIGHT + timedelta(seconds=1), [])):
        assert names(client, StreamFilter=[{"StreamARN": ORDERS, "StreamCreationTimestamp": created}]) == expected


@pytest.fixture
def many(kinesis, client):
    """Seven queues, four of them on the stream orders."""
    for number in range(7):
        create(client, f"queue-{number}", STREAM + ("other" if number % 2 else "orders"))
        kinesis.settle()
    return [f"queue-{number}" for number in range(7)]


def test_pages_are_as_long_as_asked(client, many):
    first = client.list_queues(MaxResults=3)
    second = client.list_queues(MaxResults=4, NextToken=first["NextToken"])
    assert [s["QueueName"] for s in [*first["QueueSummaries"], *second["QueueSummaries"]]] == many
    assert "NextToken" not in second


def test_the_paginator_walks_all_queues_with_and_without_a_filter(client, many):
    paginator = client.get_paginator("list_queues")
    for parameters, expected in (({}, many), ({"StreamFilter": [{"StreamARN": ORDERS}]}, many[::2])):
        pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}, **parameters))
        assert len(pages) == -(-len(expected) // 2)
        assert [s["QueueName"] for page in pages for s in page["QueueSummaries"]] == expected


def test_a_token_carries_the_filter(client, refusal, many):
    token = client.list_queues(MaxResults=2, StreamFilter=[{"StreamARN": ORDERS}])["NextToken"]
    assert names(client, NextToken=token) == ["queue-4", "queue-6"]
    other = [{"StreamARN": STREAM + "other"}]
    assert refusal("ListQueues", NextToken=token, StreamFilter=other) == (
        "InvalidArgumentException",
        "Invalid NextToken.",
    )


def test_a_token_lives_300_seconds_and_no_longer(kinesis, client, refusal, many):
    token = client.list_queues(MaxResults=6)["NextToken"]
    kinesis.advance(seconds=300)
    assert names(client, NextToken=token) == ["queue-6"]
    kinesis.advance(milliseconds=1)
    assert refusal("ListQueues", NextToken=token) == (
        "ExpiredNextTokenException",
        "The pagination token has expired. A NextToken is valid for 300 seconds.",
    )


def test_a_token_of_another_operation_is_refused(client, refusal):
    token = client.list_streams(Limit=1)["NextToken"]
    for wrong in (token, "token"):
        assert refusal("ListQueues", NextToken=wrong) == ("InvalidArgumentException", "Invalid NextToken.")


def test_a_page_holds_a_hundred_queues():
    limits = Limits(consumers_per_stream=200, queues_creating_or_deleting=200)
    with fake_kinesis(limits=limits, autojump=False, streams={"orders": {}}) as fake:
        client = fake.client()
        for number in range(101):
            create(client, f"queue-{number}")
        for parameters in ({}, {"MaxResults": 10_000}):
            first = client.list_queues(**parameters)
            assert len(first["QueueSummaries"]) == 100
            assert len(client.list_queues(NextToken=first["NextToken"])["QueueSummaries"]) == 1
        assert len(client.list_queues(MaxResults=99)["QueueSummaries"]) == 99


# --- the stream of a queue --------------------------------------------------------------------------------------


def queue_count(client, stream_name="orders"):
    summary = client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]
    return summary["QueueCount"], summary["ConsumerCount"]


def test_a_stream_counts_its_queues_apart_from_its_consumers(kinesis, client):
    assert queue_count(client) == (0, 0)
    queue_arn = create(client)["QueueARN"]
    create(client, "second")
    assert queue_count(client) == (2, 0)
    kinesis.settle()
    client.delete_queue(QueueARN=queue_arn)
    assert queue_count(client) == (2, 0)
    kinesis.settle()
    assert queue_count(client) == (1, 0)
    assert queue_count(client, "other") == (0, 0)


@pytest.mark.parametrize("flag", [{}, {"EnforceConsumerDeletion": True}, {"EnforceConsumerDeletion": False}])
def test_a_stream_with_queues_cannot_be_deleted(kinesis, client, refusal, billing, flag):
    in_use = (
        "ResourceInUseException",
        f"DeleteStream can't delete {A}:orders because there are queues on this data stream. Delete every queue with "
        "DeleteQueue first.",
    )
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    client.delete_queue(QueueARN=billing)
    assert refusal("DeleteStream", StreamName="orders", **flag) == in_use
    kinesis.settle()
    client.delete_stream(StreamName="orders", **flag)


def test_a_stream_with_queues_stays_on_demand(kinesis, client, refusal, billing):
    provisioned = {"StreamARN": ORDERS, "StreamModeDetails": {"StreamMode": "PROVISIONED"}}
    assert refusal("UpdateStreamMode", **provisioned) == (
        "ResourceInUseException",
        f"Stream orders under account {A} cannot be switched to PROVISIONED mode because it has queues. Delete the "
        "queues before you change the capacity mode.",
    )
    client.delete_queue(QueueARN=billing)
    kinesis.settle()
    client.update_stream_mode(**provisioned)


# --- tags and policies ------------------------------------------------------------------------------------------


def tags_of(client, queue_arn):
    return {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceARN=queue_arn)["Tags"]}


def test_a_queue_has_its_tags_from_the_beginning(client):
    queue_arn = create(client, Tags={"team": "billing", "empty": ""})["QueueARN"]
    assert tags_of(client, queue_arn) == {"team": "billing", "empty": ""}


def test_the_tags_of_a_queue_can_be_changed_while_it_is_active(kinesis, client, refusal):
    queue_arn = create(client, Tags={"team": "billing"})["QueueARN"]
    for operation, parameters in (("TagResource", {"Tags": {"a": "b"}}), ("UntagResource", {"TagKeys": ["team"]})):
        assert refusal(operation, ResourceARN=queue_arn, **parameters) == (
            "ResourceInUseException",
            f"Queue billing under account {A} not ACTIVE, instead in state CREATING",
        )
    kinesis.settle()
    client.tag_resource(ResourceARN=queue_arn, Tags={"a": "b"})
    client.untag_resource(ResourceARN=queue_arn, TagKeys=["team"])
    assert tags_of(client, queue_arn) == {"a": "b"}


def test_a_queue_has_fifty_tags_and_not_one_more(client, refusal):
    tags = {f"key-{number}": "" for number in range(50)}
    assert len(tags_of(client, create(client, Tags=tags)["QueueARN"])) == 50
    too_many = {**tags, "one": "more"}
    configuration = [{"StreamARN": ORDERS}]
    assert refusal("CreateQueue", QueueName="new", StreamConfigurationList=configuration, Tags=too_many) == (
        "InvalidArgumentException",
        "Failed to add tags to queue new because a given resource cannot have more than 50 tags associated with it.",
    )


def test_a_queue_that_is_not_there_has_no_tags(refusal):
    assert refusal("ListTagsForResource", ResourceARN=NOWHERE) == (
        "ResourceNotFoundException",
        f"Queue nowhere under account {A} not found.",
    )


def test_a_queue_has_a_policy(client, billing):
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


# --- the view ---------------------------------------------------------------------------------------------------


def test_a_view_shows_a_queue_by_its_name_and_by_its_arn(kinesis, client):
    queue_arn = create(client)["QueueARN"]
    for view in (kinesis.queue("billing"), kinesis.queue(queue_arn)):
        assert (view.queue_name, view.queue_arn, view.stream_name) == ("billing", queue_arn, "orders")
        assert view.status == "CREATING"
        assert repr(view) == "<queue billing CREATING, 0 waiting, 0 in flight, 0 dead letters>"
    kinesis.settle()
    assert kinesis.queue("billing").status == "ACTIVE"


def test_a_view_finds_a_queue_of_another_region_by_its_arn(kinesis, foreign_client):
    foreign_client.create_stream(StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.settle()
    queue_arn = create(foreign_client, stream_arn=f"arn:aws:kinesis:eu-central-1:{A}:stream/orders")["QueueARN"]
    assert kinesis.queue(queue_arn).queue_arn == queue_arn


def test_a_view_of_no_queue_says_which_there_are(kinesis: KinesisFake, client):
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.queue("billing")
    assert str(caught.value) == (
        "There is no queue 'billing' in us-east-1; the queues are: none. Make it with CreateQueue through a client."
    )
    create(client, "b")
    create(client, "a")
    with pytest.raises(KinesisFakeError, match="the queues are: a, b"):
        kinesis.queue(NOWHERE)
