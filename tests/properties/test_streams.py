"""A stream under any script of puts, reshards, changes of retention and leaps in time."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import KinesisFake, fake_kinesis
from tests.properties.scripts import (
    HOUR_MS,
    Played,
    Put,
    milliseconds,
    play,
    scripts,
    shards_at,
)
from tests.support.clients import client_without_retries
from tests.support.searches import examples
from tests.support.state import state_of

shard_counts = st.integers(1, 5)
#: For what plays every script twice.
fewer = examples(25)


def new_fake(shard_count: int) -> Any:
    return fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"s": shard_count})


def read_all(client: Any, limit: int) -> dict[str, list[tuple[Any, ...]]]:
    """Every record of every shard that is listed, read in pages up to the end of the shard or its tip."""
    read = {}
    shards = client.list_shards(StreamName="s")["Shards"]
    for shard in shards:
        request = {"StreamName": "s", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = client.get_shard_iterator(**request)["ShardIterator"]
        records = []
        closed = "EndingSequenceNumber" in shard["SequenceNumberRange"]
        while True:
            answer = client.get_records(ShardIterator=iterator, Limit=limit)
            records += answer["Records"]
            assert ("NextShardIterator" in answer) != ("ChildShards" in answer)
            if "ChildShards" in answer:
                assert closed
                assert [child["ShardId"] for child in answer["ChildShards"]] == [
                    child["ShardId"]
                    for child in shards
                    if shard["ShardId"] in (child.get("ParentShardId"), child.get("AdjacentParentShardId"))
                ]
                break
            if not answer["Records"]:
                assert not closed
                assert answer["MillisBehindLatest"] == 0
                break
            iterator = answer["NextShardIterator"]
        read[shard["ShardId"]] = [
            (r["SequenceNumber"], round(r["ApproximateArrivalTimestamp"].timestamp() * 1000), r["Data"])
            for r in records
        ]
    return read


class Memory:
    """Computes which records can still be read, only from the retention periods and when each of them was in force."""

    def __init__(self) -> None:
        self.hours = 24
        self.forgotten: set[Put] = set()

    def look(self, puts: list[Put], now: int, hours: int) -> None:
        """The period before this instant was ``self.hours``, the one after it is ``hours``."""
        for period in (self.hours, hours):
            self.forgotten.update(put for put in puts if now - put.arrived_at >= period * HOUR_MS)
        self.hours = hours


def advance_in_sight(kinesis: KinesisFake, client: Any, step: tuple[str, int], played: Played, memory: Memory) -> None:
    """Make a leap, but stop wherever something happens on the way, so that the memory sees each period end."""
    target = milliseconds(kinesis) + step[1]
    while True:
        instants = [round(pending.due_at.timestamp() * 1000) for pending in kinesis.pending()]
        stop = min([target, *instants])
        play(kinesis, client, ("advance", stop - milliseconds(kinesis)), played)
        summary = client.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
        memory.look(played.puts, stop, summary["RetentionPeriodHours"])
        assert len(shards_at(client)) == summary["OpenShardCount"]
        # A consumer that starts at the trim horizon, as the KCL does, finds each hash key there too.
        shards_at(client, "AT_TRIM_HORIZON")
        if stop == target:
            return


@given(shard_counts, scripts, st.integers(1, 7))
def test_nothing_is_lost_doubled_moved_or_stamped_anew(shard_count: Any, script: Any, limit: Any) -> None:
    with new_fake(shard_count) as kinesis:
        client = client_without_retries()
        played, memory = Played(), Memory()
        for step in script:
            if step[0] == "advance":
                advance_in_sight(kinesis, client, step, played, memory)
            else:
                play(kinesis, client, step, played)
        expected: dict[str, list[tuple[Any, ...]]] = {}
        for put in played.puts:
            if put not in memory.forgotten:
                expected.setdefault(put.shard_id, []).append((put.sequence_number, put.arrived_at, put.data))
        read = read_all(client, limit)
        assert {shard_id: records for shard_id, records in read.items() if records} == expected
        assert len({put.sequence_number for put in played.puts}) == len(played.puts)
        # Records of one shard have rising numbers, and those of one hash key too, from parent to child to grandchild.
        rows: dict[object, list[int]] = {}
        for put in played.puts:
            for row in (put.shard_id, put.hash_key):
                rows.setdefault(row, []).append(int(put.sequence_number))
        assert all(numbers == sorted(numbers) for numbers in rows.values())


@fewer
@given(shard_counts, scripts, st.integers(2, 9))
def test_one_leap_equals_many_steps(shard_count: Any, script: Any, jumps: Any) -> None:
    states = []
    for number in (1, jumps):
        with new_fake(shard_count) as kinesis:
            client = client_without_retries()
            played = Played()
            for step in script:
                play(kinesis, client, step, played, jumps=number)
            states.append((state_of(kinesis), read_all(client, 1000), played.puts))
    assert states[0] == states[1]


@fewer
@given(shard_counts, scripts)
def test_the_same_script_gives_the_same_answers_to_the_last_byte(shard_count: Any, script: Any) -> None:
    answers = []
    for _ in range(2):
        with new_fake(shard_count) as kinesis:
            client = client_without_retries()
            played = Played()
            for step in script:
                play(kinesis, client, step, played)
            listed = client.list_shards(StreamName="s", MaxResults=1)
            iterator = client.get_shard_iterator(
                StreamName="s", ShardId=listed["Shards"][0]["ShardId"], ShardIteratorType="LATEST"
            )
            answers.append([played.answers, listed, iterator])
    assert answers[0] == answers[1]
