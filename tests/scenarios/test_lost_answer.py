"""The answer to a put is lost, the SDK tries again, and the record is there twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake

pytestmark = pytest.mark.fake_kinesis(streams={"payments": 1})

SHARD = "shardId-000000000000"


def pay(client: Any, payment_id: Any, amount: Any) -> Any:
    data = json.dumps({"id": payment_id, "amount": amount}).encode()
    return client.put_record(StreamName="payments", PartitionKey=payment_id, Data=data)


def payments(client: Any) -> Any:
    """All payments of the stream, as they are delivered."""
    iterator = client.get_shard_iterator(StreamName="payments", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    answer = client.get_records(ShardIterator=iterator["ShardIterator"])
    return [(record["SequenceNumber"], json.loads(record["Data"])) for record in answer["Records"]]


def wrong_consumer(client: Any) -> Any:
    """Adds up what is delivered, once for each sequence number, which does not help: the second record has another."""
    seen = {}
    for sequence_number, payment in payments(client):
        seen[sequence_number] = payment["amount"]
    return sum(seen.values())


def right_consumer(client: Any) -> Any:
    """Adds up each payment once, told by an id that the producer has given to it."""
    return sum({payment["id"]: payment["amount"] for _, payment in payments(client)}.values())


#: The two ways to lose the answer to a call that has taken effect, and what each looks like to the SDK.
LOST_ANSWERS = {
    "ReadTimeoutError": Fault.read_timeout("PutRecord"),
    "ConnectionClosedError": Fault.connection_error("PutRecord", applied=True),
}
#: A call that did not take effect makes no duplicate, though to the producer it may look the same.
LOST_CALLS = {
    "ReadTimeoutError": Fault.read_timeout("PutRecord", applied=False),
    "EndpointConnectionError": Fault.connection_error("PutRecord"),
}


def scenario(kinesis: KinesisFake, client: Any, consumer: Any, fault: Any) -> None:
    pay(client, "first", 100)
    kinesis.inject(fault)
    pay(client, "second", 20)
    pay(client, "third", 3)
    total = consumer(client)
    assert total == 123, f"{total} instead of 123"


@pytest.mark.parametrize("error", LOST_ANSWERS)
def test_the_right_consumer_counts_a_payment_once(kinesis: KinesisFake, kinesis_client: Any, error: Any) -> None:
    scenario(kinesis, kinesis_client, right_consumer, LOST_ANSWERS[error])
    assert [payment["id"] for _, payment in payments(kinesis_client)] == ["first", "second", "second", "third"]
    assert [call.outcome for call in kinesis.calls.of("PutRecord")] == ["ok", error, "ok", "ok"]


@pytest.mark.parametrize("error", LOST_ANSWERS)
def test_the_wrong_consumer_counts_a_payment_twice(kinesis: KinesisFake, kinesis_client: Any, error: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, kinesis_client, wrong_consumer, LOST_ANSWERS[error])
    assert str(caught.value).splitlines()[0] == "143 instead of 123"


@pytest.mark.parametrize("error", LOST_CALLS)
@pytest.mark.parametrize("consumer", [right_consumer, wrong_consumer])
def test_a_call_that_never_arrived_troubles_neither(
    kinesis: KinesisFake, kinesis_client: Any, consumer: Any, error: Any
) -> None:
    scenario(kinesis, kinesis_client, consumer, LOST_CALLS[error])
    assert [call.outcome for call in kinesis.calls.of("PutRecord")] == ["ok", error, "ok", "ok"]
