"""A shard is split while its consumer is behind: the records of a key are in the parent first, then in a child."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.kinesis(virtual_sleep=True, streams={"orders": 1})

PARENT = "shardId-000000000000"


def iterator_of(client, shard_id):
    answer = client.get_shard_iterator(StreamName="orders", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    return answer["ShardIterator"]


def hasty_consumer(client, enough):
    """Looks which shards are open, and reads those: what is left in a parent is lost."""
    got = []
    shards = client.list_shards(StreamName="orders", ShardFilter={"Type": "AT_LATEST"})["Shards"]
    for shard in shards:
        got += client.get_records(ShardIterator=iterator_of(client, shard["ShardId"]))["Records"]
    return [record["Data"] for record in got]


def impatient_consumer(client, enough):
    """Reads all shards in turns, parents and children alike: what is new comes before what is old."""
    shards = client.list_shards(StreamName="orders")["Shards"]
    iterators = {shard["ShardId"]: iterator_of(client, shard["ShardId"]) for shard in shards}
    got = []
    while len(got) < enough:
        for shard_id in sorted(iterators, reverse=True):
            answer = client.get_records(ShardIterator=iterators[shard_id], Limit=2)
            got += [record["Data"] for record in answer["Records"]]
            if "NextShardIterator" in answer:
                iterators[shard_id] = answer["NextShardIterator"]
            else:
                del iterators[shard_id]
        time.sleep(1)
    return got


def right_consumer(client, enough):
    """Reads a shard to its end, and then the children that the answer names."""
    waiting = [PARENT]
    iterators = {}
    got = []
    while len(got) < enough:
        iterators.update((shard_id, iterator_of(client, shard_id)) for shard_id in waiting)
        waiting = []
        for shard_id in list(iterators):
            answer = client.get_records(ShardIterator=iterators[shard_id], Limit=2)
            got += [record["Data"] for record in answer["Records"]]
            if "NextShardIterator" in answer:
                iterators[shard_id] = answer["NextShardIterator"]
            else:
                del iterators[shard_id]
                waiting += [child["ShardId"] for child in answer["ChildShards"]]
        time.sleep(1)
    return got


def scenario(kinesis, client, consumer):
    for number in range(6):
        client.put_record(StreamName="orders", PartitionKey="ada", Data=b"%d" % number)
    client.split_shard(StreamName="orders", ShardToSplit=PARENT, NewStartingHashKey=str(2**127))
    client.put_record(StreamName="orders", PartitionKey="ada", Data=b"6")  # still the parent's
    kinesis.settle()
    for number in range(7, 12):
        client.put_record(StreamName="orders", PartitionKey="ada", Data=b"%d" % number)
    assert consumer(client, 12) == [b"%d" % number for number in range(12)]


def test_the_right_consumer_gets_everything_in_order(kinesis, kinesis_client):
    scenario(kinesis, kinesis_client, right_consumer)


def test_the_hasty_consumer_loses_what_is_in_the_parent(kinesis, kinesis_client):
    with pytest.raises(AssertionError):
        scenario(kinesis, kinesis_client, hasty_consumer)
    assert hasty_consumer(kinesis_client, 12) == [b"7", b"8", b"9", b"10", b"11"]


def test_the_impatient_consumer_gets_them_out_of_order(kinesis, kinesis_client):
    with pytest.raises(AssertionError):
        scenario(kinesis, kinesis_client, impatient_consumer)
    got = impatient_consumer(kinesis_client, 12)
    assert sorted(got, key=int) == [b"%d" % number for number in range(12)]
    assert got.index(b"7") < got.index(b"5")
