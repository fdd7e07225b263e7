"""A stream is resharded while its consumer is behind: a key's old records are in a parent, its new ones in a child.

A split gives a parent two children; a merge gives a child two parents, and both must be drained before it is read.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from kinesis_fake import KinesisFake

pytestmark = pytest.mark.fake_kinesis(virtual_sleep=True, streams={"orders": 1})

FIRST, SECOND = "shardId-000000000000", "shardId-000000000001"


def iterator_of(client: Any, shard_id: Any) -> Any:
    answer = client.get_shard_iterator(StreamName="orders", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    return answer["ShardIterator"]


class Consumer:
    """Reads shards in turns, two records at a time; what it does at the end of one is up to it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._iterators: dict[str, Any] = {}
        self.got: list[Any] = []

    def begin(self) -> None:
        raise NotImplementedError

    def run(self) -> None:
        """Read until there is nothing left, which five empty rounds are taken for."""
        self.begin()
        empty_rounds = 0
        while self._iterators and empty_rounds < 5:
            before = len(self.got)
            for shard_id in list(self._iterators):
                self._read(shard_id)
            empty_rounds = 0 if len(self.got) > before else empty_rounds + 1
            time.sleep(1)

    def _read(self, shard_id: Any) -> None:
        answer = self._client.get_records(ShardIterator=self._iterators[shard_id], Limit=2)
        self.got += [(record["PartitionKey"], int(record["Data"])) for record in answer["Records"]]
        if "NextShardIterator" in answer:
            self._iterators[shard_id] = answer["NextShardIterator"]
        else:
            del self._iterators[shard_id]
            self.at_end(shard_id, answer["ChildShards"])

    def _start(self, shard_id: Any) -> None:
        self._iterators[shard_id] = iterator_of(self._client, shard_id)

    def _shards(self, **parameters: Any) -> Any:
        return self._client.list_shards(StreamName="orders", **parameters)["Shards"]

    def at_end(self, shard_id: Any, child_shards: Any) -> None:
        pass


class HastyConsumer(Consumer):
    """Looks which shards are open, and reads those: what is left in a parent is lost."""

    def begin(self) -> None:
        for shard in self._shards(ShardFilter={"Type": "AT_LATEST"}):
            self._start(shard["ShardId"])


class ImpatientConsumer(Consumer):
    """Reads all shards in turns, parents and children alike: what is new may come before what is old."""

    def begin(self) -> None:
        for shard in self._shards():
            self._start(shard["ShardId"])


class SimpleConsumer(Consumer):
    """Begins with the oldest shards, and starts the children of each that it has read: right for splits only."""

    def begin(self) -> None:
        for shard in self._shards(ShardFilter={"Type": "AT_TRIM_HORIZON"}):
            self._start(shard["ShardId"])

    def at_end(self, shard_id: Any, child_shards: Any) -> None:
        for child in child_shards:
            self._start(child["ShardId"])


class RightConsumer(SimpleConsumer):
    """Starts a child when it has read all of its parents, and once."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._drained: set[Any] = set()

    def at_end(self, shard_id: Any, child_shards: Any) -> None:
        self._drained.add(shard_id)
        for child in child_shards:
            if self._drained.issuperset(child["ParentShards"]):
                self._start(child["ShardId"])


def put(client: Any, key: Any, numbers: Any) -> None:
    for number in numbers:
        client.put_record(StreamName="orders", PartitionKey=key, Data=b"%d" % number)


def run(client: Any, consumer: Any, **expected: Any) -> None:
    """Assert that the consumer gets all records of each key, in their order, and none twice."""
    consumer.run()
    came = {key: [number for partition_key, number in consumer.got if partition_key == key] for key in expected}
    assert came == {key: list(numbers) for key, numbers in expected.items()}, f"came: {came}"


def split_scenario(kinesis: KinesisFake, client: Any, consumer: Any) -> None:
    put(client, "ada", range(6))
    client.split_shard(StreamName="orders", ShardToSplit=FIRST, NewStartingHashKey=str(2**127))
    put(client, "ada", [6])  # still the parent's
    kinesis.settle()
    put(client, "ada", range(7, 12))
    run(client, consumer, ada=range(12))


def merge_scenario(kinesis: KinesisFake, client: Any, consumer: Any) -> None:
    """The parent with Tom's records has little left to read, and the one with Ada's has much."""
    put(client, "ada", range(8))
    put(client, "tom", range(2))
    client.merge_shards(StreamName="orders", ShardToMerge=FIRST, AdjacentShardToMerge=SECOND)
    kinesis.settle()
    put(client, "ada", range(8, 10))
    put(client, "tom", range(2, 4))
    run(client, consumer, ada=range(10), tom=range(4))


def failure_of(scenario: Any, kinesis: KinesisFake, client: Any, consumer: Any) -> Any:
    """The first line of what a scenario says about a wrong consumer."""
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, client, consumer)
    return str(caught.value).splitlines()[0]


# --- a split ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("consumer_class", [RightConsumer, SimpleConsumer])
def test_a_consumer_that_reads_a_parent_before_its_children_gets_everything_in_order(
    kinesis: KinesisFake, kinesis_client: Any, consumer_class: Any
) -> None:
    split_scenario(kinesis, kinesis_client, consumer_class(kinesis_client))


def test_the_hasty_consumer_loses_what_is_in_the_parent(kinesis: KinesisFake, kinesis_client: Any) -> None:
    failure = failure_of(split_scenario, kinesis, kinesis_client, HastyConsumer(kinesis_client))
    assert failure == "came: {'ada': [7, 8, 9, 10, 11]}"


def test_the_impatient_consumer_gets_records_out_of_order(kinesis: KinesisFake, kinesis_client: Any) -> None:
    failure = failure_of(split_scenario, kinesis, kinesis_client, ImpatientConsumer(kinesis_client))
    assert failure == "came: {'ada': [0, 1, 7, 8, 2, 3, 9, 10, 4, 5, 11, 6]}"


# --- a merge ------------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_the_right_consumer_waits_for_both_parents(kinesis: KinesisFake, kinesis_client: Any) -> None:
    merge_scenario(kinesis, kinesis_client, RightConsumer(kinesis_client))


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_the_simple_consumer_starts_the_child_too_early_and_once_for_each_parent(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    failure = failure_of(merge_scenario, kinesis, kinesis_client, SimpleConsumer(kinesis_client))
    assert failure == "came: {'ada': [0, 1, 2, 3, 8, 9, 4, 5, 6, 7, 8, 9], 'tom': [0, 1, 2, 3, 2, 3]}"


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_the_hasty_consumer_loses_what_is_in_both_parents(kinesis: KinesisFake, kinesis_client: Any) -> None:
    failure = failure_of(merge_scenario, kinesis, kinesis_client, HastyConsumer(kinesis_client))
    assert failure == "came: {'ada': [8, 9], 'tom': [2, 3]}"
