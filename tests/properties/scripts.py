"""Scripts for one stream, made up by Hypothesis and played through a real client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import strategies as st

from kinesis_fake import KinesisFake

HOUR_MS = 3_600_000
LAST = 2**128 - 1
#: What a script may be refused: it asks for changes in any state, and for cuts and counts that do not fit.
REFUSALS = {"ResourceInUseException", "InvalidArgumentException", "LimitExceededException"}

hash_keys = st.one_of(st.integers(0, LAST), st.sampled_from([0, 1, 2**127 - 1, 2**127, LAST - 1, LAST]))
#: Parts of a thousand: of a list of shards, of a range of hash keys.
parts = st.integers(0, 999)

puts = st.tuples(st.just("put"), st.lists(hash_keys, min_size=1, max_size=5))
splits = st.tuples(st.just("split"), parts, parts)
merges = st.tuples(st.just("merge"), parts)
updates = st.tuples(st.just("update"), st.integers(1, 8))
retentions = st.tuples(st.just("retention"), st.sampled_from([24, 25, 36, 48, 72]))
#: Often into the middle of a transition, sometimes beyond a retention period.
advances = st.tuples(
    st.just("advance"),
    st.one_of(
        st.sampled_from([1, 999, 1000, 4_999, 5_000, 15_000, 29_999, 30_000, 60_000]),
        st.integers(0, 120_000),
        st.sampled_from([6, 12, 23, 24, 25]).map(lambda hours: hours * HOUR_MS),
        st.integers(-2, 2).map(lambda ms: 24 * HOUR_MS + ms),
        st.integers(0, 30 * HOUR_MS),
    ),
)
#: To the end of most transitions.
settles = st.just(("advance", 60_000))
steps = st.one_of(puts, puts, puts, splits, merges, updates, retentions, advances, advances, settles, settles)
scripts = st.lists(steps, min_size=10, max_size=30)


@dataclass
class Played:
    """The results of a script: the answers, and where and when each record was put."""

    answers: list[Any] = field(default_factory=list)
    puts: list[Put] = field(default_factory=list)


@dataclass(frozen=True)
class Put:
    """A record that was accepted; instants are milliseconds."""

    sequence_number: str
    shard_id: str
    data: bytes
    hash_key: int
    arrived_at: int


def play(kinesis: KinesisFake, client: Any, step: tuple[Any, ...], played: Played, jumps: int = 1) -> None:
    """Play one step; an advance is made in this many jumps."""
    verb, *arguments = step
    try:
        answer = _VERBS[verb](kinesis, client, played, jumps, *arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in REFUSALS:
            raise
        answer = error.response["Error"]
    played.answers.append(answer)


def milliseconds(kinesis: KinesisFake) -> int:
    return round(kinesis.now.timestamp() * 1000)


def shards_at(client: Any, filter_type: str = "AT_LATEST", **parameters: Any) -> list[Any]:
    """The shards open at one instant in the order of their hash keys; they must cover each of them exactly once."""
    shards: list[Any] = client.list_shards(StreamName="s", ShardFilter={"Type": filter_type, **parameters})["Shards"]
    shards.sort(key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))
    ranges = [
        (int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"])) for shard in shards
    ]
    assert [start for start, _ in ranges] == [0, *(end + 1 for _, end in ranges[:-1])]
    assert ranges[-1][1] == LAST
    assert all(start <= end for start, end in ranges)
    return shards


def home_of(shards: list[Any], hash_key: int) -> str:
    homes = [
        shard["ShardId"]
        for shard in shards
        if int(shard["HashKeyRange"]["StartingHashKey"]) <= hash_key <= int(shard["HashKeyRange"]["EndingHashKey"])
    ]
    (home,) = homes
    return str(home)


def _put(kinesis: KinesisFake, client: Any, played: Played, jumps: int, hash_keys: list[int]) -> Any:
    shards = shards_at(client)
    now = milliseconds(kinesis)
    first = len(played.puts)
    records: list[dict[str, Any]] = [
        {"Data": b"%d" % (first + number), "PartitionKey": "key", "ExplicitHashKey": str(hash_key)}
        for number, hash_key in enumerate(hash_keys)
    ]
    answer = client.put_records(StreamName="s", Records=records)
    for record, hash_key, entry in zip(records, hash_keys, answer["Records"], strict=True):
        assert entry["ShardId"] == home_of(shards, hash_key)
        played.puts.append(Put(entry["SequenceNumber"], entry["ShardId"], record["Data"], hash_key, now))
    return answer


def _split(kinesis: KinesisFake, client: Any, played: Played, jumps: int, which: int, where: int) -> Any:
    shards = shards_at(client)
    shard = shards[which * len(shards) // 1000]
    start, end = (int(shard["HashKeyRange"][name]) for name in ("StartingHashKey", "EndingHashKey"))
    hash_key = start + (end - start) * where // 999
    return client.split_shard(StreamName="s", ShardToSplit=shard["ShardId"], NewStartingHashKey=str(hash_key))


def _merge(kinesis: KinesisFake, client: Any, played: Played, jumps: int, which: int) -> Any:
    shards = shards_at(client)
    index = which * len(shards) // 1000
    adjacent = shards[(index + 1) % len(shards)]
    return client.merge_shards(
        StreamName="s", ShardToMerge=shards[index]["ShardId"], AdjacentShardToMerge=adjacent["ShardId"]
    )


def _update(kinesis: KinesisFake, client: Any, played: Played, jumps: int, target: int) -> Any:
    return client.update_shard_count(StreamName="s", TargetShardCount=target, ScalingType="UNIFORM_SCALING")


def _retention(kinesis: KinesisFake, client: Any, played: Played, jumps: int, hours: int) -> Any:
    summary = client.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    longer = hours > summary["RetentionPeriodHours"]
    change = client.increase_stream_retention_period if longer else client.decrease_stream_retention_period
    return change(StreamName="s", RetentionPeriodHours=hours)


def _advance(kinesis: KinesisFake, client: Any, played: Played, jumps: int, ms: int) -> Any:
    for number in range(jumps):
        kinesis.advance(milliseconds=ms * (number + 1) // jumps - ms * number // jumps)
    return kinesis.now


_VERBS: dict[str, Callable[..., Any]] = {
    "put": _put,
    "split": _split,
    "merge": _merge,
    "update": _update,
    "retention": _retention,
    "advance": _advance,
}
