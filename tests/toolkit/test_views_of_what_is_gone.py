"""Views of streams, queues and channels that have been deleted."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError
from tests.support.model import needs
from tests.support.queue_records import make_queue

S0 = "shardId-000000000000"


@pytest.mark.fake_kinesis(streams={"orders": 2})
@pytest.mark.parametrize("is_made_anew", [False, True])
def test_a_stream_is_deleting_until_it_is_gone_and_has_no_shards_and_records_then(
    kinesis: KinesisFake, kinesis_client: Any, is_made_anew: bool
) -> None:
    stream = kinesis.stream("orders")
    shard = stream.shard(S0)
    stream.put("a", shard=S0)
    records = stream.records
    kinesis_client.register_stream_consumer(StreamARN=stream.stream_arn, ConsumerName="billing")
    kinesis_client.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    assert (stream.status, len(stream.open_shards), len(stream.records), shard.is_open) == ("DELETING", 2, 1, True)
    turns = 0
    while stream.status == "DELETING":
        kinesis.advance(seconds=1)
        turns += 1
        assert turns < 3600
    if is_made_anew:
        kinesis.create_stream("orders", shards=1)
        kinesis.stream("orders").put("b")
    assert stream.status == "DELETED"
    assert repr(stream) == "<stream orders DELETED, 0 open shards>"
    assert (stream.shards, stream.open_shards, stream.consumers, list(stream.records)) == ([], [], [], [])
    assert (shard.is_open, shard.partition_key, list(shard.records)) == (False, None, [])
    with pytest.raises(KinesisFakeError) as caught:
        stream.shard(S0)
    assert str(caught.value) == (
        "Stream orders has been deleted since this view was taken; ask for a view of one that exists."
    )
    assert [record.data for record in records] == [b"a"]  # what the test asked for before it was gone


@needs("CreateQueue")
@pytest.mark.fake_kinesis(streams={"orders": {}})
def test_a_queue_is_deleting_until_it_is_gone_and_has_no_records_then(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    queue_arn = make_queue(kinesis, kinesis_client)
    queue = kinesis.queue(queue_arn)
    for data in ("received", "waiting"):
        kinesis.stream("orders").put(data)
    kinesis_client.receive_queue_records(QueueARN=queue_arn, Limit=1)
    assert (len(queue.waiting), len(queue.in_flight)) == (1, 1)
    kinesis_client.delete_queue(QueueARN=queue_arn)
    assert queue.status == "DELETING"
    kinesis.settle()
    assert repr(queue) == "<queue billing DELETED, 0 waiting, 0 in flight, 0 dead letters>"
