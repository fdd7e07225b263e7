"""Rows of the operations that write and read records."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from kinesis_fake import Fault, Limits, errors
from tests.proofs.scenario import (
    BILLING,
    FLOW,
    OPERATION,
    ORDERS,
    SECRET,
    SHARD,
    A,
    Call,
    From,
    Scenario,
    broken,
    denied,
    key_errors,
    ok,
    refused,
    row,
    table,
    throttled,
)

RECORD: dict[str, Any] = {"Data": b"data", "PartitionKey": "key"}
START_AT = datetime(2026, 1, 1, tzinfo=timezone.utc)
ITERATOR: dict[str, Any] = {"ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}
FIRST = Call("GetShardIterator", {"StreamName": "orders", **ITERATOR}, "first")
SECRETS = Call(
    "GetShardIterator", {"StreamName": "secret", "ShardId": "1", "ShardIteratorType": "TRIM_HORIZON"}, "first"
)
HERE = {"ShardIterator": From("first.ShardIterator")}
#: Where the records of ``orders`` are, for numbers that it has given out.
READ = Call("GetRecords", HERE, "read")
SUBSCRIBE = {"ConsumerARN": BILLING, "ShardId": SHARD, "StartingPosition": {"Type": "TRIM_HORIZON"}}
SLOW_WRITES = {"limits": Limits(shard_write_records_per_second=1)}
THROTTLED_PART = "ProvisionedThroughputExceededException"


def unusual(operation_params: dict[str, object]) -> list[Scenario]:
    """What is refused whatever is written or read."""
    return [
        refused((errors.stream_not_found, "nowhere", A), {"StreamName": "nowhere", **operation_params}),
        refused(
            (errors.stream_name_and_arn_disagree, "calm", ORDERS),
            {"StreamName": "calm", "StreamARN": ORDERS, **operation_params},
        ),
        denied(ORDERS, {"StreamARN": ORDERS, **operation_params}, by_policy=True),
        refused((errors.dry_run, OPERATION), {"StreamName": "orders", **operation_params, "DryRun": True}),
        broken({"StreamName": "orders", **operation_params}),
    ]


def subscribed(*given: object, **more: object) -> Scenario:
    """A subscription to a shard of ``orders`` with records in it."""
    return ok(SUBSCRIBE, *given, **more)  # type: ignore[arg-type]


ENCRYPTED = (
    Call("RegisterStreamConsumer", {"StreamARN": SECRET, "ConsumerName": "spy"}, "spy"),
    lambda kinesis: kinesis.settle(),
)
SPY = {"ConsumerARN": From("spy.Consumer.ConsumerARN"), "ShardId": "1", "StartingPosition": {"Type": "TRIM_HORIZON"}}

TABLE = table(
    {
        "PutRecord": row(
            ok({"StreamName": "orders", **RECORD}),
            ok({"StreamARN": ORDERS, **RECORD}),
            ok({"StreamName": "secret", **RECORD}),
            ok({"StreamName": "orders", **RECORD, "ExplicitHashKey": str(2**127)}),
            refused(
                (errors.ordering_number_invalid, "9" * 60, "orders", A),
                {"StreamName": "orders", **RECORD, "SequenceNumberForOrdering": "9" * 60},
            ),
            refused(
                (errors.explicit_hash_key_out_of_range, str(2**128)),
                {"StreamName": "orders", **RECORD, "ExplicitHashKey": str(2**128)},
            ),
            refused(
                (errors.write_rate_exceeded, SHARD, "calm", A),
                {"StreamName": "calm", **RECORD, "ExplicitHashKey": "0"},
                Call("PutRecord", {"StreamName": "calm", **RECORD, "ExplicitHashKey": "0"}),
                options=SLOW_WRITES,
            ),
            key_errors({"StreamName": "secret", **RECORD}),
            unusual(RECORD),
        ),
        "PutRecords": row(
            ok({"StreamName": "orders", "Records": [RECORD, {**RECORD, "ExplicitHashKey": "0"}]}),
            ok({"StreamARN": ORDERS, "Records": [RECORD]}),
            ok({"StreamName": "secret", "Records": [RECORD]}),
            ok({"StreamName": "orders", "Records": [{**RECORD, "ExplicitHashKey": str(2**127)}]}),
            ok(
                {"StreamName": "orders", "Records": [RECORD, RECORD]},
                lambda kinesis: kinesis.inject(Fault.partial_failure(indexes=[1])),
            ),
            refused(
                (errors.explicit_hash_key_out_of_range, str(2**128)),
                {"StreamName": "orders", "Records": [{**RECORD, "ExplicitHashKey": str(2**128)}]},
            ),
            refused(
                (errors.write_rate_exceeded, SHARD, "orders", A),
                {"StreamName": "orders", "Records": [RECORD]},
                is_throttled=True,
            ),
            key_errors({"StreamName": "secret", "Records": [RECORD]}),
            unusual({"Records": [RECORD]}),
        ),
        "GetShardIterator": row(
            ok({"StreamName": "orders", **ITERATOR}),
            ok({"StreamARN": ORDERS, **ITERATOR}),
            ok(
                {
                    "StreamName": "orders",
                    "ShardId": SHARD,
                    "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                    "StartingSequenceNumber": From("read.Records.0.SequenceNumber"),
                },
                FIRST,
                READ,
            ),
            ok(
                {
                    "StreamName": "orders",
                    "ShardId": SHARD,
                    "ShardIteratorType": "AT_TIMESTAMP",
                    "Timestamp": START_AT,
                }
            ),
            refused(
                (errors.shard_does_not_exist, "shardId-000000000009", "orders", A),
                {"StreamName": "orders", **ITERATOR, "ShardId": "9"},
            ),
            refused(
                errors.timestamp_missing,
                {"StreamName": "orders", "ShardId": SHARD, "ShardIteratorType": "AT_TIMESTAMP"},
            ),
            refused(
                (errors.iterator_rate_exceeded, A, "orders", SHARD),
                {"StreamName": "orders", **ITERATOR},
                is_throttled=True,
            ),
            unusual(ITERATOR)[1:],
        ),
        "GetRecords": row(
            ok(HERE, FIRST),
            ok({**HERE, "Limit": 1}, FIRST),
            ok({**HERE, "StreamARN": ORDERS}, FIRST),
            ok(HERE, SECRETS),
            ok(HERE, Call("GetShardIterator", {"StreamName": "resharded", **ITERATOR}, "first")),
            refused(
                (errors.shard_does_not_exist, SHARD, "orders", A),
                HERE,
                FIRST,
                Call("DeleteStream", {"StreamName": "orders", "EnforceConsumerDeletion": True}),
                lambda kinesis: kinesis.settle(),
            ),
            refused(errors.shard_iterator_invalid, {"ShardIterator": "nonsense"}),
            refused((errors.shard_iterator_of_another_stream, FLOW), {**HERE, "StreamARN": FLOW}, FIRST),
            refused(
                (errors.shard_iterator_expired, "Thu Jan 01 00:01:04 UTC 2026", "Thu Jan 01 00:06:04 UTC 2026"),
                HERE,
                FIRST,
                lambda kinesis: kinesis.advance(milliseconds=300_001),
            ),
            refused(
                (errors.read_rate_exceeded, A, "orders", SHARD),
                HERE,
                FIRST,
                READ,
                options={"limits": Limits(shard_read_calls_per_second=1)},
            ),
            key_errors(HERE, SECRETS, reads=True),
            denied(ORDERS, {**HERE, "StreamARN": ORDERS}, FIRST, by_policy=True),
            broken(HERE, FIRST),
            refused((errors.dry_run, "GetRecords"), {**HERE, "DryRun": True}, FIRST),
        ),
        "SubscribeToShard": row(
            subscribed(events=2),
            ok(
                {
                    "ConsumerARN": BILLING,
                    "ShardId": SHARD,
                    "StartingPosition": {
                        "Type": "AFTER_SEQUENCE_NUMBER",
                        "SequenceNumber": From("read.Records.0.SequenceNumber"),
                    },
                },
                FIRST,
                READ,
                events=1,
            ),
            ok({**SUBSCRIBE, "StartingPosition": {"Type": "AT_TIMESTAMP", "Timestamp": START_AT}}, events=1),
            subscribed(lambda kinesis: kinesis.stream("orders").split(SHARD), events=1),
            ok(SPY, *ENCRYPTED, events=1),
            subscribed(
                lambda kinesis: kinesis.inject(Fault.broken_stream()),
                events=1,
                breaks_with=(errors.event_stream_broken,),
            ),
            subscribed(
                events=1,
                then=(Call("DeregisterStreamConsumer", {"ConsumerARN": BILLING}), lambda kinesis: kinesis.settle()),
                breaks_with=(errors.consumer_arn_not_found, "billing", "1767225600", "orders", A),
            ),
            subscribed(
                events=1,
                then=(lambda kinesis: kinesis.advance(seconds=5), Call("SubscribeToShard", SUBSCRIBE)),
                breaks_with=(errors.subscription_taken_over, A, "orders", SHARD, "billing"),
            ),
            [ok(SPY, *ENCRYPTED, then=each.given, breaks_with=each.error) for each in key_errors({}, reads=True)],
            refused(
                (errors.consumer_arn_not_found, "nobody", "1767225600", "orders", A),
                {**SUBSCRIBE, "ConsumerARN": BILLING.replace("billing", "nobody")},
            ),
            refused(errors.timestamp_missing, {**SUBSCRIBE, "StartingPosition": {"Type": "AT_TIMESTAMP"}}),
            refused(
                (errors.subscription_taken_over, A, "orders", SHARD, "billing"),
                SUBSCRIBE,
                Call("SubscribeToShard", SUBSCRIBE),
            ),
            throttled(SUBSCRIBE, "orders"),
            denied(BILLING, SUBSCRIBE, by_policy=True),
            refused((errors.dry_run, "SubscribeToShard"), {**SUBSCRIBE, "DryRun": True}),
        ),
    }
)
