"""Scripts of any calls to several streams, some of them senseless, and a player for them with a real client."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import strategies as st

from kinesis_fake import KinesisFake

STREAMS = ("a", "b")
SHARDS = tuple(f"shardId-{index:012d}" for index in range(4))
LAST = 2**128 - 1

names = st.sampled_from(STREAMS)
shard_ids = st.sampled_from(SHARDS)
hash_keys = st.integers(0, LAST).map(str)
records = st.fixed_dictionaries(
    {"Data": st.sampled_from([b"", b"1", bytes(700), bytes(5000)]), "PartitionKey": st.sampled_from(["k", "l", "m"])}
)


def call(operation: str, **parameters: Any) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """A call of an operation; a value may be a strategy."""
    drawn = {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in parameters.items()
    }
    return st.tuples(st.just(operation), st.fixed_dictionaries(drawn))


calls = st.one_of(
    call("create_stream", StreamName=names, ShardCount=st.integers(1, 3)),
    call("delete_stream", StreamName=names),
    call("put_record", StreamName=names, Data=b"1", PartitionKey=st.sampled_from(["k", "l"])),
    call("put_records", StreamName=names, Records=st.lists(records, min_size=1, max_size=4)),
    call("split_shard", StreamName=names, ShardToSplit=shard_ids, NewStartingHashKey=hash_keys),
    call("merge_shards", StreamName=names, ShardToMerge=shard_ids, AdjacentShardToMerge=shard_ids),
    call("increase_stream_retention_period", StreamName=names, RetentionPeriodHours=st.integers(24, 48)),
    call("start_stream_encryption", StreamName=names, EncryptionType="KMS", KeyId="alias/aws/kinesis"),
    call("describe_stream", StreamName=names),
    call("list_shards", StreamName=names, MaxResults=1),
    call("register_stream_consumer", StreamARN=names, ConsumerName=st.sampled_from(["c", "d"])),
    call("deregister_stream_consumer", StreamARN=names, ConsumerName=st.sampled_from(["c", "d"])),
    call("read", StreamName=names, ShardId=shard_ids, Limit=st.integers(1, 5)),
)
advances = st.tuples(
    st.just("advance"),
    st.one_of(
        st.integers(0, 2_000),
        st.integers(0, 120_000),
        st.integers(0, 60 * 3_600_000),
        st.sampled_from([1, 999, 1000, 5_000, 10_000, 19_999, 20_000, 30_000]),
    ),
)
scripts = st.lists(st.one_of(calls, calls, advances), max_size=25)


def play(kinesis: KinesisFake, client: Any, step: tuple[str, Any], jumps: int = 1) -> Any:
    """Play one step, an advance in this many jumps; what the client was told, request id and headers included."""
    operation, parameters = step
    if operation == "advance":
        for number in range(jumps):
            kinesis.advance(milliseconds=parameters * (number + 1) // jumps - parameters * number // jumps)
        return kinesis.now
    try:
        if operation == "read":
            return _read(client, **parameters)
        if "StreamARN" in parameters:
            arn = f"arn:aws:kinesis:us-east-1:123456789012:stream/{parameters['StreamARN']}"
            parameters = {**parameters, "StreamARN": arn}
        return getattr(client, operation)(**parameters)
    except ClientError as error:
        return error.response
    except BotoCoreError as error:
        return repr(error)


def _read(client: Any, **parameters: Any) -> Any:
    limit = parameters.pop("Limit")
    iterator = client.get_shard_iterator(**parameters, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    return client.get_records(ShardIterator=iterator, Limit=limit)
