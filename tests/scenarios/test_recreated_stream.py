"""A stream is deleted and created again under a running consumer: same name, same shard ids, another stream."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(virtual_sleep=True, streams={"orders": 1})

SHARD = "shardId-000000000000"


class WrongConsumer:
    """Goes on after its checkpoint, whatever the stream is by now."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.position = {"ShardIteratorType": "TRIM_HORIZON"}

    def run(self) -> Any:
        return self.read()

    def read(self) -> Any:
        answer = self._client.get_shard_iterator(StreamName="orders", ShardId=SHARD, **self.position)
        answer = self._client.get_records(ShardIterator=answer["ShardIterator"])
        for record in answer["Records"]:
            self.position = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": record["SequenceNumber"],
            }
        return [record["Data"] for record in answer["Records"]]


class RightConsumer(WrongConsumer):
    """Knows a stream by its creation, and forgets its checkpoint when that is another one."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._created_at = None

    def run(self) -> Any:
        try:
            summary = self._client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
        except self._client.exceptions.ResourceNotFoundException:
            return []
        if summary["StreamStatus"] != "ACTIVE":
            return []
        if summary["StreamCreationTimestamp"] != self._created_at:
            self._created_at = summary["StreamCreationTimestamp"]
            self.position = {"ShardIteratorType": "TRIM_HORIZON"}
        return self.read()


class StubbornConsumer:
    """Keeps the iterator it was given."""

    def __init__(self, client: Any) -> None:
        self._client = client
        answer = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
        self._iterator = answer["ShardIterator"]

    def run(self) -> Any:
        answer = self._client.get_records(ShardIterator=self._iterator)
        self._iterator = answer["NextShardIterator"]
        return [record["Data"] for record in answer["Records"]]


def scenario(kinesis: KinesisFake, client: Any, consumer: Any) -> None:
    got = []
    client.put_record(StreamName="orders", PartitionKey="ada", Data=b"old")
    got += consumer.run()
    client.delete_stream(StreamName="orders")
    client.get_waiter("stream_not_exists").wait(StreamName="orders")
    client.create_stream(StreamName="orders", ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName="orders")
    client.put_record(StreamName="orders", PartitionKey="ada", Data=b"new")
    for _ in range(3):
        got += consumer.run()
        time.sleep(5)
    client.put_record(StreamName="orders", PartitionKey="ada", Data=b"newer")
    got += consumer.run()
    assert got == [b"old", b"new", b"newer"], f"got: {b' '.join(got).decode()}"


def test_the_right_consumer_goes_on_with_the_new_stream(kinesis: KinesisFake, client: Any) -> None:
    scenario(kinesis, client, RightConsumer(client))


def test_the_wrong_consumer_is_told_that_its_checkpoint_is_of_another_stream(kinesis: KinesisFake, client: Any) -> None:
    consumer = WrongConsumer(client)
    with refused(client, "InvalidArgumentException") as caught:
        scenario(kinesis, client, consumer)
    checkpoint = consumer.position["StartingSequenceNumber"]
    assert caught.value.response["Error"]["Message"] == (
        f"StartingSequenceNumber {checkpoint} used in GetShardIterator on shard {SHARD} in stream orders under account "
        "123456789012 is invalid because it did not come from this stream."
    )


def test_the_stubborn_consumer_gets_an_internal_failure(kinesis: KinesisFake, client: Any) -> None:
    with refused(client, "InternalFailure", "") as caught:
        scenario(kinesis, client, StubbornConsumer(client))
    # AWS says nothing more about it, not even a message.
    assert str(caught.value) == (
        "An error occurred (InternalFailure) when calling the GetRecords operation (reached max retries: 0): "
    )
