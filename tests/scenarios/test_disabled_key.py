"""An operator disables the stream's KMS key and enables it again an hour later. The SDK does not retry that error."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

SHARD = "shardId-000000000000"
KEY = "alias/orders"
DISABLED = "arn:aws:kms:us-east-1:123456789012:alias/orders is disabled."


class Consumer:
    """Polls the shard once a minute, two records at a time."""

    def __init__(self, client: Any) -> None:
        self.got: list[Any] = []
        self._client = client
        self._iterator = self._iterator_of(ShardIteratorType="TRIM_HORIZON")

    def _iterator_of(self, **position: Any) -> Any:
        answer = self._client.get_shard_iterator(StreamName="orders", ShardId=SHARD, **position)
        return answer["ShardIterator"]

    def _read(self) -> Any:
        answer = self._client.get_records(ShardIterator=self._iterator, Limit=2)
        self._iterator = answer["NextShardIterator"]
        self.got += [int(record["Data"]) for record in answer["Records"]]
        return answer["Records"]


class FragileConsumer(Consumer):
    """Knows nothing of KMS."""

    def poll(self) -> None:
        self._read()


class SkippingConsumer(Consumer):
    """Thinks that any error has to do with its iterator, and goes on with what comes next."""

    def poll(self) -> None:
        try:
            self._read()
        except self._client.exceptions.ClientError:
            self._iterator = self._iterator_of(ShardIteratorType="LATEST")


class WaitingConsumer(Consumer):
    """Waits until the key is back, to go on with the iterator that it has: that has expired long before."""

    def poll(self) -> None:
        with contextlib.suppress(self._client.exceptions.KMSDisabledException):
            self._read()


class RightConsumer(Consumer):
    """Waits until the key is back, and goes on after the last record that it has, with a new iterator."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._position = {"ShardIteratorType": "TRIM_HORIZON"}

    def poll(self) -> None:
        try:
            records = self._read()
        except self._client.exceptions.KMSDisabledException:
            self._iterator = self._iterator_of(**self._position)
        else:
            for record in records:
                self._position = {
                    "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                    "StartingSequenceNumber": record["SequenceNumber"],
                }


def scenario(kinesis: KinesisFake, client: Any, consumer: Any) -> None:
    client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId=KEY)
    kinesis.settle()
    for number in range(6):
        client.put_record(StreamName="orders", PartitionKey="ada", Data=b"%d" % number)
    for minute in range(70):
        if minute == 1:
            kinesis.key(KEY).disable()
        if minute == 61:
            kinesis.key(KEY).enable()
        consumer.poll()
        kinesis.advance(minutes=1)
    assert consumer.got == list(range(6)), f"got: {consumer.got}"


def test_the_right_consumer_gets_everything_an_hour_later(kinesis: KinesisFake, kinesis_client: Any) -> None:
    scenario(kinesis, kinesis_client, RightConsumer(kinesis_client))
    reads = kinesis.calls.of("GetRecords")
    assert [call.outcome for call in reads] == ["ok"] + ["KMSDisabledException"] * 60 + ["ok"] * 9
    assert {call.attempt for call in reads} == {1}


def test_the_fragile_consumer_dies(kinesis: KinesisFake, kinesis_client: Any) -> None:
    with refused(kinesis_client, "KMSDisabledException", DISABLED):
        scenario(kinesis, kinesis_client, FragileConsumer(kinesis_client))


def test_the_skipping_consumer_never_gets_what_it_could_not_read(kinesis: KinesisFake, kinesis_client: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, kinesis_client, SkippingConsumer(kinesis_client))
    assert str(caught.value).splitlines()[0] == "got: [0, 1]"


def test_the_waiting_consumer_dies_of_its_old_iterator_after_five_minutes(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    with refused(
        kinesis_client,
        "ExpiredIteratorException",
        "Iterator expired. The iterator was created at time Thu Jan 01 00:00:10 UTC 2026 while right now it is Thu Jan "
        "01 00:06:10 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.",
    ):
        scenario(kinesis, kinesis_client, WaitingConsumer(kinesis_client))
