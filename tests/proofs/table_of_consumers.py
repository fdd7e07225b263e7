"""Rows of the operations on consumers."""

from __future__ import annotations

from kinesis_fake import errors
from tests.proofs.scenario import (
    BILLING,
    CALM,
    LATER,
    MIDNIGHT,
    ORDERS,
    A,
    Call,
    From,
    arn,
    by_arn,
    ok,
    refused,
    row,
    table,
    throttled,
)

TABLE = table(
    {
        "RegisterStreamConsumer": row(
            by_arn(ConsumerName="new"),
            ok({"StreamARN": CALM, "ConsumerName": "new", "Tags": {"team": "blue"}}),
            refused(
                (errors.consumer_already_exists, "billing", "orders", A),
                {"StreamARN": ORDERS, "ConsumerName": "billing"},
            ),
            refused(
                errors.reserved_tag_key,
                {"StreamARN": CALM, "ConsumerName": "new", "Tags": {"aws:x": ""}},
            ),
        ),
        "DeregisterStreamConsumer": row(
            ok({"ConsumerARN": BILLING}),
            ok({"StreamARN": ORDERS, "ConsumerName": "billing"}),
            refused(
                (errors.consumer_not_found, "nobody", "orders", A), {"StreamARN": ORDERS, "ConsumerName": "nobody"}
            ),
            refused(errors.consumer_address_missing, {"StreamARN": ORDERS}),
            throttled({"StreamARN": ORDERS, "ConsumerName": "billing"}, "orders"),
        ),
        "DescribeStreamConsumer": row(
            ok({"ConsumerARN": BILLING}),
            ok({"StreamARN": ORDERS, "ConsumerName": "billing"}),
            refused(
                (errors.consumer_not_found, "nobody", "orders", A), {"StreamARN": ORDERS, "ConsumerName": "nobody"}
            ),
            refused(
                (errors.consumer_address_conflict, BILLING, "ConsumerName", "nobody"),
                {"ConsumerARN": BILLING, "ConsumerName": "nobody"},
            ),
            throttled({"ConsumerARN": BILLING}, "orders"),
        ),
        "ListStreamConsumers": row(
            ok({"StreamARN": ORDERS}),
            [
                ok(
                    params,
                    Call("RegisterStreamConsumer", {"StreamARN": ORDERS, "ConsumerName": "audit"}),
                    Call("ListStreamConsumers", {"StreamARN": ORDERS, "MaxResults": 1}, "page"),
                )
                for params in (
                    {"StreamARN": ORDERS, "MaxResults": 1},
                    {"StreamARN": ORDERS, "NextToken": From("page.NextToken")},
                )
            ],
            ok({"StreamARN": ORDERS, "StreamCreationTimestamp": MIDNIGHT}),
            refused(
                (errors.stream_created_at_another_time, "orders", A),
                {"StreamARN": ORDERS, "StreamCreationTimestamp": LATER},
            ),
            refused(
                errors.next_token_expired,
                {"StreamARN": ORDERS, "NextToken": From("page.NextToken")},
                Call("RegisterStreamConsumer", {"StreamARN": ORDERS, "ConsumerName": "audit"}),
                Call("ListStreamConsumers", {"StreamARN": ORDERS, "MaxResults": 1}, "page"),
                lambda kinesis: kinesis.advance(milliseconds=300_001),
            ),
            refused(errors.next_token_invalid, {"StreamARN": ORDERS, "NextToken": "nonsense"}),
            refused((errors.stream_not_active_or_updating, "creating", A, "CREATING"), {"StreamARN": arn("creating")}),
            throttled({"StreamARN": ORDERS}, "orders"),
        ),
    }
)
