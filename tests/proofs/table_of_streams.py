"""Rows of the operations on streams."""

from __future__ import annotations

from kinesis_fake import Limits, errors
from tests.proofs.scenario import (
    CALM,
    KEY,
    SECRET,
    SHARD,
    A,
    Call,
    From,
    absent,
    active,
    arn,
    busy,
    by_arn,
    denied,
    invalid,
    key_errors,
    ok,
    refused,
    row,
    table,
    throttled,
    unusual,
)

ON_DEMAND = {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
PROVISIONED = {"StreamModeDetails": {"StreamMode": "PROVISIONED"}}
COMMITMENT = {"MinimumThroughputBillingCommitment": {"Status": "ENABLED"}}
COMMITTED = Call("UpdateAccountSettings", COMMITMENT)
BAD_MODE = {"StreamModeDetails": {"StreamMode": "BOTH"}}
BAD_MODE_TEXT = (
    "Value 'BOTH' at 'streamModeDetails.streamMode' failed to satisfy constraint: "
    "Member must satisfy enum value set: [ON_DEMAND, PROVISIONED]"
)
ONLY_RANGES = "What can be wrong with the only members it has is told by a ValidationException."

TABLE = table(
    {
        "CreateStream": row(
            ok({"StreamName": "new", "ShardCount": 3, "Tags": {"a": "b"}}),
            ok({"StreamName": "new", "ShardCount": 3, "MaxRecordSizeInKiB": 2048}),
            ok({"StreamName": "new", **ON_DEMAND, "RecordDistributionStrategy": "AUTO"}),
            ok({"StreamName": "new", **ON_DEMAND, "WarmThroughputMiBps": 20}, COMMITTED),
            refused((errors.stream_already_exists, "calm", A), {"StreamName": "calm", "ShardCount": 1}),
            refused(
                (errors.too_many_streams_in_transition, A, 1),
                {"StreamName": "new", "ShardCount": 1},
                options={"limits": Limits(streams_creating_or_deleting=1)},
            ),
            refused(
                errors.record_distribution_needs_on_demand,
                {"StreamName": "new", "ShardCount": 1, "RecordDistributionStrategy": "AUTO"},
            ),
            refused(errors.shard_count_missing, {"StreamName": "new", **PROVISIONED}),
        ),
        "DeleteStream": row(
            active(),
            ok({"StreamName": "orders", "EnforceConsumerDeletion": True}),
            refused((errors.stream_has_consumers, "orders", A), {"StreamName": "orders"}),
            unusual(),
        ),
        "DescribeStream": row(
            active(),
            ok({"StreamName": "orders", "Limit": 1}),
            ok({"StreamName": "orders", "ExclusiveStartShardId": SHARD}),
            ok({"StreamName": "secret"}),
            ok({"StreamName": "resharded"}),
            ok({"StreamName": "calm"}, lambda kinesis: kinesis.stream("calm").merge(SHARD, "shardId-000000000001")),
            unusual()[:-1],
            denied(CALM, {"StreamARN": CALM}, by_policy=True),
        ),
        "DescribeStreamSummary": row(
            active(),
            ok({"StreamName": "secret"}),
            ok({"StreamName": "flow"}, COMMITTED),
            unusual()[:-1],
            denied(CALM, {"StreamARN": CALM}, by_policy=True),
        ),
        "ListStreams": row(
            ok({}),
            ok({"Limit": 2}),
            ok({"ExclusiveStartStreamName": "flow"}),
            ok({"NextToken": From("page.NextToken")}, Call("ListStreams", {"Limit": 2}, "page")),
            refused(
                errors.next_token_expired,
                {"NextToken": From("page.NextToken")},
                Call("ListStreams", {"Limit": 2}, "page"),
                lambda kinesis: kinesis.advance(milliseconds=300_001),
            ),
            refused(errors.next_token_invalid, {"NextToken": "nonsense"}),
            throttled({}),
        ),
        "IncreaseStreamRetentionPeriod": row(
            active(RetentionPeriodHours=48),
            refused((errors.retention_too_long, 8761, 8760), {"StreamName": "calm", "RetentionPeriodHours": 8761}),
            busy("UPDATING", RetentionPeriodHours=48),
            unusual(RetentionPeriodHours=48),
        ),
        "DecreaseStreamRetentionPeriod": row(
            [
                ok(
                    {**address, "RetentionPeriodHours": 24},
                    Call("IncreaseStreamRetentionPeriod", {"StreamName": "calm", "RetentionPeriodHours": 48}),
                    lambda kinesis: kinesis.settle(),
                )
                for address in ({"StreamName": "calm"}, {"StreamARN": CALM})
            ],
            refused((errors.retention_too_short, 23), {"StreamName": "calm", "RetentionPeriodHours": 23}),
            busy("UPDATING", RetentionPeriodHours=24),
            unusual(RetentionPeriodHours=24),
        ),
        "StartStreamEncryption": row(
            active(EncryptionType="KMS", KeyId=KEY),
            refused((errors.key_id_invalid, "mine"), {"StreamName": "calm", "EncryptionType": "KMS", "KeyId": "mine"}),
            refused(
                (errors.too_many_encryption_changes, "StartStreamEncryption", "secret", A, 1),
                {"StreamName": "secret", "EncryptionType": "KMS", "KeyId": KEY},
                options={"limits": Limits(start_stream_encryption_per_day=1)},
            ),
            key_errors({"StreamName": "calm", "EncryptionType": "KMS", "KeyId": KEY}),
            busy("UPDATING", EncryptionType="KMS", KeyId=KEY),
            unusual(EncryptionType="KMS", KeyId=KEY),
        ),
        "StopStreamEncryption": row(
            ok({"StreamName": "secret", "EncryptionType": "KMS", "KeyId": KEY}),
            ok({"StreamARN": SECRET, "EncryptionType": "KMS", "KeyId": KEY}),
            refused(
                (errors.encryption_type_not_kms, "NONE"),
                {"StreamName": "secret", "EncryptionType": "NONE", "KeyId": KEY},
            ),
            busy("UPDATING", EncryptionType="KMS", KeyId=KEY),
            unusual(EncryptionType="KMS", KeyId=KEY),
        ),
        "EnableEnhancedMonitoring": row(
            active(ShardLevelMetrics=["ALL"]),
            busy("UPDATING", ShardLevelMetrics=["ALL"]),
            unusual(ShardLevelMetrics=["ALL"]),
        ),
        "DisableEnhancedMonitoring": row(
            [
                ok(
                    {**address, "ShardLevelMetrics": ["IncomingBytes"]},
                    Call("EnableEnhancedMonitoring", {"StreamName": "calm", "ShardLevelMetrics": ["ALL"]}),
                    lambda kinesis: kinesis.settle(),
                )
                for address in ({"StreamName": "calm"}, {"StreamARN": CALM})
            ],
            busy("UPDATING", ShardLevelMetrics=["ALL"]),
            unusual(ShardLevelMetrics=["ALL"]),
        ),
        "AddTagsToStream": row(
            active(Tags={"team": "blue"}),
            absent("CREATING", Tags={"team": "blue"}),
            unusual(Tags={"team": "blue"}),
        ),
        "RemoveTagsFromStream": row(
            [
                ok(
                    {**address, "TagKeys": ["team"]},
                    Call("AddTagsToStream", {"StreamName": "calm", "Tags": {"team": "blue"}}),
                )
                for address in ({"StreamName": "calm"}, {"StreamARN": CALM})
            ],
            absent("CREATING", TagKeys=["team"]),
            unusual(TagKeys=["team"]),
        ),
        "ListTagsForStream": row(
            [
                ok(params, Call("AddTagsToStream", {"StreamName": "calm", "Tags": {"a": "1", "b": "2", "c": "3"}}))
                for params in (
                    {"StreamName": "calm"},
                    {"StreamARN": CALM},
                    {"StreamName": "calm", "Limit": 1},
                    {"StreamName": "calm", "ExclusiveStartTagKey": "a"},
                )
            ],
            unusual(),
        ),
        "UpdateStreamMode": row(
            by_arn(**ON_DEMAND),
            ok({"StreamARN": CALM, **ON_DEMAND, "WarmThroughputMiBps": 20}, COMMITTED),
            refused(
                errors.warm_throughput_needs_commitment, {"StreamARN": CALM, **ON_DEMAND, "WarmThroughputMiBps": 20}
            ),
            invalid(BAD_MODE_TEXT, {"StreamARN": CALM, **BAD_MODE}),
            busy("UPDATING", StreamARN=arn("updating"), **ON_DEMAND),
            InvalidArgumentException=ONLY_RANGES,
        ),
        "UpdateMaxRecordSize": row(
            by_arn(MaxRecordSizeInKiB=2048),
            denied(CALM, {"StreamARN": CALM, "MaxRecordSizeInKiB": 2048}),
            invalid(
                "Value '1' at 'maxRecordSizeInKiB' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1024",
                {"StreamARN": CALM, "MaxRecordSizeInKiB": 1},
            ),
            busy("UPDATING", StreamARN=arn("updating"), MaxRecordSizeInKiB=2048),
            InvalidArgumentException=ONLY_RANGES,
        ),
        "UpdateStreamRecordDistributionStrategy": row(
            ok({"StreamARN": arn("on-demand"), "RecordDistributionStrategy": "AUTO"}),
            refused(
                (errors.stream_not_found, "nowhere", A),
                {"StreamARN": arn("nowhere"), "RecordDistributionStrategy": "AUTO"},
            ),
            throttled({"StreamARN": CALM, "RecordDistributionStrategy": "AUTO"}, "calm"),
            denied(CALM, {"StreamARN": CALM, "RecordDistributionStrategy": "AUTO"}),
            invalid(
                "Value 'FAIR' at 'recordDistributionStrategy' failed to satisfy constraint: "
                "Member must satisfy enum value set: [AUTO, USER_PARTITION_KEY]",
                {"StreamARN": arn("on-demand"), "RecordDistributionStrategy": "FAIR"},
            ),
            refused(
                errors.record_distribution_needs_on_demand, {"StreamARN": CALM, "RecordDistributionStrategy": "AUTO"}
            ),
            refused(
                (errors.stream_not_active, "on-demand", A, "DELETING"),
                {"StreamARN": arn("on-demand"), "RecordDistributionStrategy": "AUTO"},
                Call("DeleteStream", {"StreamName": "on-demand"}),
            ),
        ),
        "UpdateStreamWarmThroughput": row(
            ok({"StreamName": "on-demand", "WarmThroughputMiBps": 20}, COMMITTED),
            ok({"StreamARN": arn("on-demand"), "WarmThroughputMiBps": 20}, COMMITTED),
            refused((errors.stream_is_provisioned, "calm", A), {"StreamName": "calm", "WarmThroughputMiBps": 20}),
            refused(
                (errors.stream_not_active, "on-demand", A, "DELETING"),
                {"StreamName": "on-demand", "WarmThroughputMiBps": 20},
                Call("DeleteStream", {"StreamName": "on-demand"}),
            ),
            unusual(WarmThroughputMiBps=20),
        ),
    }
)
