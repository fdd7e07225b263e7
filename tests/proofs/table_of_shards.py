"""Rows of the operations on shards."""

from __future__ import annotations

from kinesis_fake import Limits, errors
from tests.proofs.scenario import (
    CALM,
    LATER,
    MIDNIGHT,
    SHARD,
    A,
    Call,
    From,
    absent,
    active,
    arn,
    busy,
    denied,
    ok,
    refused,
    row,
    table,
    unusual,
)

TABLE = table(
    {
        "ListShards": row(
            ok({"StreamName": "orders"}),
            ok({"StreamARN": arn("resharded")}),
            ok({"StreamName": "orders", "MaxResults": 1}),
            ok({"StreamName": "orders", "ExclusiveStartShardId": SHARD}),
            ok(
                {"NextToken": From("page.NextToken")},
                Call("ListShards", {"StreamName": "orders", "MaxResults": 1}, "page"),
            ),
            ok({"StreamName": "resharded", "ShardFilter": {"Type": "AT_LATEST"}}),
            ok({"StreamName": "resharded", "ShardFilter": {"Type": "AFTER_SHARD_ID", "ShardId": SHARD}}),
            ok({"StreamName": "resharded", "ShardFilter": {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT}}),
            ok({"StreamName": "orders", "StreamCreationTimestamp": MIDNIGHT}),
            refused(
                (errors.stream_created_at_another_time, "orders", A),
                {"StreamName": "orders", "StreamCreationTimestamp": LATER},
            ),
            refused(
                errors.next_token_expired,
                {"NextToken": From("page.NextToken")},
                Call("ListShards", {"StreamName": "orders", "MaxResults": 1}, "page"),
                lambda kinesis: kinesis.advance(milliseconds=300_001),
            ),
            absent("CREATING"),
            unusual()[:-1],
            denied(CALM, {"StreamARN": CALM}, by_policy=True),
        ),
        "SplitShard": row(
            active(ShardToSplit=SHARD, NewStartingHashKey="1000"),
            refused(
                (errors.could_not_find_shard, "shardId-000000000009", "calm", A),
                {"StreamName": "calm", "ShardToSplit": "9", "NewStartingHashKey": "1000"},
            ),
            refused(
                (errors.new_starting_hash_key_out_of_range, "0", SHARD, "calm", A, 0, 2**127 - 1),
                {"StreamName": "calm", "ShardToSplit": SHARD, "NewStartingHashKey": "0"},
            ),
            refused(
                (errors.shard_limit_exceeded, A, "us-east-1", 12, 12, 1),
                {"StreamName": "calm", "ShardToSplit": SHARD, "NewStartingHashKey": "1000"},
                options={"limits": Limits(shards=12)},
            ),
            refused(
                (errors.stream_is_on_demand, "on-demand", A),
                {"StreamName": "on-demand", "ShardToSplit": SHARD, "NewStartingHashKey": "1000"},
            ),
            busy("UPDATING", ShardToSplit=SHARD, NewStartingHashKey="1000"),
            unusual(ShardToSplit=SHARD, NewStartingHashKey="1000"),
        ),
        "MergeShards": row(
            active(ShardToMerge=SHARD, AdjacentShardToMerge="shardId-000000000001"),
            refused(
                (errors.shards_not_adjacent, "shardId-000000000001", SHARD, "calm", A),
                {"StreamName": "calm", "ShardToMerge": "1", "AdjacentShardToMerge": "0"},
            ),
            refused(
                (errors.shard_already_closed, SHARD, "resharded", A),
                {"StreamName": "resharded", "ShardToMerge": "0", "AdjacentShardToMerge": "1"},
            ),
            refused(
                (errors.stream_is_on_demand, "on-demand", A),
                {"StreamName": "on-demand", "ShardToMerge": "0", "AdjacentShardToMerge": "1"},
            ),
            busy("UPDATING", ShardToMerge="0", AdjacentShardToMerge="1"),
            unusual(ShardToMerge="0", AdjacentShardToMerge="1"),
        ),
        "UpdateShardCount": row(
            active(TargetShardCount=4, ScalingType="UNIFORM_SCALING"),
            refused(
                (errors.shard_count_over_double, 2, 5),
                {"StreamName": "calm", "TargetShardCount": 5, "ScalingType": "UNIFORM_SCALING"},
            ),
            refused(
                (errors.stream_is_on_demand, "on-demand", A),
                {"StreamName": "on-demand", "TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"},
            ),
            busy("DELETING", TargetShardCount=4, ScalingType="UNIFORM_SCALING"),
            unusual(TargetShardCount=4, ScalingType="UNIFORM_SCALING"),
        ),
    }
)
