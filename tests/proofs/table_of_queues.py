"""Rows of the operations on queues and their records."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from kinesis_fake import Limits, errors
from tests.proofs.scenario import (
    CALM,
    FLOW,
    JOBS,
    SECRET,
    VAULT,
    A,
    Call,
    From,
    Scenario,
    Step,
    arn,
    broken,
    denied,
    invalid,
    key_errors,
    ok,
    pages,
    refused,
    row,
    table,
    throttled,
)

ON_DEMAND_SOURCE = [{"StreamARN": arn("on-demand")}]
NOWHERE = f"arn:aws:kinesis:us-east-1:{A}:queue/nowhere"
#: Good enough for botocore to find an endpoint to send it to.
NO_QUEUE = "arn:aws:kinesis:us-east-1:1:queue/jobs"
ATTRIBUTES = {
    "VisibilityTimeoutSeconds": 60,
    "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 1},
}
PATTERN = r"Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:queue/\S+"
ONLY_ARN = "It has no member but the ARN of the queue."
ENTRIES_ALONE = "What is wrong with an entry is told in the answer, for each entry by itself."
PER_ENTRY = "A receipt handle that is no good fails its own entry; the call succeeds."
LATE = datetime(2026, 1, 2, tzinfo=timezone.utc)


def in_any(**params: Any) -> list[Scenario]:
    """What is refused whatever the operation does."""
    return [
        refused((errors.queue_not_found, "nowhere", A), {"QueueARN": NOWHERE, **params}),
        broken({"QueueARN": JOBS, **params}),
    ]


def ready(**params: Any) -> list[Scenario]:
    """The same for the operations on queues."""
    return [
        *in_any(**params),
        throttled({"QueueARN": JOBS, **params}, "flow"),
        invalid(
            f"Value '{NO_QUEUE}' at 'queueARN' failed to satisfy constraint: {PATTERN}",
            {"QueueARN": NO_QUEUE, **params},
        ),
    ]


#: A record of ``jobs`` that a consumer has received, and one that has become a dead letter.
RECEIVED = Call("ReceiveQueueRecords", {"QueueARN": JOBS, "Limit": 1}, "received")
HANDLE = From("received.QueueRecords.0.ReceiptHandle")
SETTLE: Step = lambda kinesis: kinesis.settle()  # noqa: E731
DEAD: tuple[Any, ...] = (
    Call("UpdateQueue", {"QueueARN": JOBS, "QueueAttributes": ATTRIBUTES}),
    SETTLE,
    Call("ReceiveQueueRecords", {"QueueARN": JOBS, "Limit": 2}, "received"),
    lambda kinesis: kinesis.advance(seconds=60),
)
DEAD_RECEIVED = (*DEAD, Call("ReceiveDeadLetterQueueRecords", {"QueueARN": JOBS}, "received"))


def changing(*given: Any, **entry: Any) -> list[Scenario]:
    """What is done with received records: one entry that is good and one that is not."""
    entries = [{"ReceiptHandle": HANDLE, **entry}, {"ReceiptHandle": "nonsense", **entry}]
    nonsense = [{"ReceiptHandle": "nonsense", **entry}]
    return [
        ok({"QueueARN": JOBS, "Entries": entries}, *given),
        *in_any(Entries=nonsense),
        refused(errors.throttling_exception, {"QueueARN": JOBS, "Entries": nonsense}, is_throttled=True),
        denied(JOBS, {"QueueARN": JOBS, "Entries": nonsense}, by_policy=True),
    ]


def receiving(*given: Any) -> list[Scenario]:
    """Receiving from the queue itself or from its dead letters."""
    return [
        ok({"QueueARN": JOBS}, *given),
        ok({"QueueARN": JOBS, "Limit": 1}, *given),
        ok({"QueueARN": JOBS, "VisibilityTimeoutSeconds": 5}, *given),
        ok(
            {"QueueARN": JOBS, "WaitTimeSeconds": 3},
            Call("ReceiveQueueRecords", {"QueueARN": JOBS}),
            options={"autojump": True},
        ),
        *in_any(),
        refused(errors.throttling_exception, {"QueueARN": JOBS}, is_throttled=True),
        denied(JOBS, {"QueueARN": JOBS}, by_policy=True),
    ]


VAULT_DEAD = tuple(
    Call(each.operation, {**each.params, "QueueARN": VAULT}, each.name) if isinstance(each, Call) else each
    for each in DEAD
)
TABLE = table(
    {
        "CreateQueue": row(
            ok(
                {
                    "QueueName": "new",
                    "StreamConfigurationList": ON_DEMAND_SOURCE,
                    "QueueAttributes": ATTRIBUTES,
                    "Tags": {"a": "b"},
                }
            ),
            ok(
                {
                    "QueueName": "new",
                    "StreamConfigurationList": [
                        {
                            "StreamARN": FLOW,
                            "StartingPosition": {
                                "Type": "AT_TIMESTAMP",
                                "Timestamp": datetime(2026, 1, 1, tzinfo=timezone.utc),
                            },
                        }
                    ],
                }
            ),
            refused(
                (errors.queue_already_exists, "jobs", A),
                {"QueueName": "jobs", "StreamConfigurationList": ON_DEMAND_SOURCE},
            ),
            refused(
                (errors.stream_not_found, "nowhere", A),
                {"QueueName": "new", "StreamConfigurationList": [{"StreamARN": arn("nowhere")}]},
            ),
            refused(
                (errors.queue_needs_one_stream, 2),
                {"QueueName": "new", "StreamConfigurationList": ON_DEMAND_SOURCE * 2},
            ),
            refused(
                (errors.queue_needs_on_demand, "calm", A),
                {"QueueName": "new", "StreamConfigurationList": [{"StreamARN": CALM}]},
            ),
            refused(
                (errors.too_many_consumers, "flow", A, 1),
                {"QueueName": "new", "StreamConfigurationList": [{"StreamARN": FLOW}]},
                options={"limits": Limits(consumers_per_stream=1)},
            ),
            refused(
                errors.reserved_tag_key,
                {"QueueName": "new", "StreamConfigurationList": ON_DEMAND_SOURCE, "Tags": {"aws:x": ""}},
            ),
            denied(SECRET, {"QueueName": "new", "StreamConfigurationList": [{"StreamARN": SECRET}]}),
            broken({"QueueName": "new", "StreamConfigurationList": ON_DEMAND_SOURCE}),
        ),
        "DeleteQueue": row(
            ok({"QueueARN": JOBS}),
            ready(),
            denied(JOBS, {"QueueARN": JOBS}),
            InvalidArgumentException=ONLY_ARN,
        ),
        "DescribeQueue": row(
            ok({"QueueARN": JOBS}),
            ready(),
            denied(JOBS, {"QueueARN": JOBS}, by_policy=True),
            InvalidArgumentException=ONLY_ARN,
        ),
        "ListQueues": row(
            ok({}),
            ok({"StreamFilter": [{"StreamARN": FLOW}]}),
            ok({"StreamFilter": [{"StreamARN": FLOW, "StreamCreationTimestamp": LATE}]}),
            ok({"MaxResults": 1}),
            pages("ListQueues"),
            broken({}),
        ),
        "UpdateQueue": row(
            ok({"QueueARN": JOBS, "QueueAttributes": ATTRIBUTES}),
            refused(
                (errors.queue_not_active, "jobs", A, "UPDATING"),
                {"QueueARN": JOBS, "QueueAttributes": ATTRIBUTES},
                Call("UpdateQueue", {"QueueARN": JOBS, "QueueAttributes": ATTRIBUTES}),
            ),
            ready(QueueAttributes=ATTRIBUTES),
            denied(JOBS, {"QueueARN": JOBS, "QueueAttributes": ATTRIBUTES}),
            InvalidArgumentException="What can be wrong with its attributes is told by a ValidationException.",
        ),
        "ReceiveQueueRecords": row(
            receiving(),
            ok({"QueueARN": VAULT}),
            key_errors({"QueueARN": VAULT}, reads=True),
            InvalidArgumentException="What can be wrong with its members is told by a ValidationException.",
        ),
        "ReceiveDeadLetterQueueRecords": row(
            receiving(*DEAD),
            key_errors({"QueueARN": VAULT}, *VAULT_DEAD, reads=True),
            InvalidArgumentException="What can be wrong with its members is told by a ValidationException.",
        ),
        "AcknowledgeQueueRecords": row(changing(RECEIVED), InvalidArgumentException=PER_ENTRY),
        "UpdateQueueRecordsVisibility": row(
            changing(RECEIVED, VisibilityTimeoutSeconds=120), InvalidArgumentException=PER_ENTRY
        ),
        "AcknowledgeDeadLetterQueueRecords": row(changing(*DEAD_RECEIVED), InvalidArgumentException=PER_ENTRY),
        "UpdateDeadLetterQueueRecordsVisibility": row(
            changing(*DEAD_RECEIVED, VisibilityTimeoutSeconds=120), InvalidArgumentException=PER_ENTRY
        ),
        "RestoreDeadLetterQueueRecords": row(changing(*DEAD_RECEIVED), InvalidArgumentException=PER_ENTRY),
    }
)
