"""Receiving records from a queue, wherever it begins."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Durations, KinesisFake, fake_kinesis
from tests.support.queue_records import (
    LONGEST,
    MIDNIGHT,
    ONE_STREAM,
    ORDERS,
    A,
    acknowledge,
    handles,
    make_queue,
    put,
    receive,
    texts,
)

pytestmark = ONE_STREAM


# --- receiving ----------------------------------------------------------------------------------------------------


def test_a_received_record_has_every_member(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    kinesis.advance(seconds=1)
    put(kinesis, "a")
    kinesis.advance(milliseconds=2500)
    (record,) = receive(client, billing)
    assert re.fullmatch("[a-z0-9]{1,64}", record.pop("RecordId"))
    assert 1 <= len(record.pop("ReceiptHandle")) <= 1024
    assert record == {
        "PartitionKey": "a",
        "Data": b"a",
        "ApproximateArrivalTimestamp": MIDNIGHT + timedelta(seconds=21),
        "FirstReceiveTimestamp": MIDNIGHT + timedelta(milliseconds=23_500),
        "ReceiveCount": 1,
    }


def test_a_record_that_was_written_without_a_partition_key_has_none(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("auto", record_distribution_strategy="AUTO")
    queue_arn = make_queue(kinesis, client, stream_arn=f"arn:aws:kinesis:us-east-1:{A}:stream/auto")
    client.put_record(StreamName="auto", Data=b"a")
    (record,) = receive(client, queue_arn)
    assert "PartitionKey" not in record


def test_a_record_keeps_its_id_and_gets_a_new_handle_and_count_each_time(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    put(kinesis, "a")
    received = []
    for _ in range(3):
        received += receive(client, billing)
        kinesis.advance(seconds=30)
    assert [record["ReceiveCount"] for record in received] == [1, 2, 3]
    assert {record["FirstReceiveTimestamp"] for record in received} == {MIDNIGHT + timedelta(seconds=20)}
    assert len({record["RecordId"] for record in received}) == 1
    assert len(set(handles(received))) == 3


def test_queues_of_a_stream_give_a_record_the_same_id_and_know_nothing_of_each_other(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    second = make_queue(kinesis, client, "second")
    put(kinesis, "a", "b")
    ours, theirs = receive(client, billing), receive(client, second)
    assert [record["RecordId"] for record in ours] == [record["RecordId"] for record in theirs]
    assert len({record["RecordId"] for record in ours}) == 2
    acknowledge(client, billing, *handles(ours))
    kinesis.advance(seconds=30)
    assert receive(client, billing) == []
    assert len(receive(client, second)) == 2
    assert len(kinesis.stream("orders").records) == 2


def test_a_receive_returns_ten_records_at_most(kinesis: KinesisFake, client: Any, billing: Any) -> None:
    put(kinesis, *"abcdefghijklmnop")
    counts = [len(receive(client, billing)), len(receive(client, billing, Limit=1)), len(receive(client, billing))]
    assert counts == [10, 1, 5]


@pytest.mark.parametrize(
    ("parameters", "item"),
    [
        (
            {"Limit": 11},
            "'11' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10",
        ),
        (
            {"Limit": 0},
            "'0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"WaitTimeSeconds": 21},
            "'21' at 'waitTimeSeconds' failed to satisfy constraint: Member must have value less than or equal to 20",
        ),
        (
            {"WaitTimeSeconds": 0},
            "'0' at 'waitTimeSeconds' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"VisibilityTimeoutSeconds": LONGEST + 1},
            "'43201' at 'visibilityTimeoutSeconds' failed to satisfy constraint: Member must have value less than or "
            "equal to 43200",
        ),
        (
            {"VisibilityTimeoutSeconds": -1},
            "'-1' at 'visibilityTimeoutSeconds' failed to satisfy constraint: Member must have value greater than or "
            "equal to 0",
        ),
    ],
)
def test_the_parameters_of_a_receive_have_bounds(refusal: Any, billing: Any, parameters: Any, item: Any) -> None:
    for operation in ("ReceiveQueueRecords", "ReceiveDeadLetterQueueRecords"):
        assert refusal(operation, QueueARN=billing, **parameters) == (
            "ValidationException",
            f"1 validation error detected: Value {item}",
        )


def test_records_come_in_the_order_in_which_they_became_visible(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    put(kinesis, "a", "b")
    kinesis.advance(seconds=1)
    assert len(receive(client, billing, Limit=1, VisibilityTimeoutSeconds=2)) == 1
    kinesis.advance(seconds=1)
    put(kinesis, "c")
    kinesis.advance(seconds=1)
    put(kinesis, "d")
    received = [text for _ in range(4) for text in texts(receive(client, billing, Limit=1))]
    assert received in (["b", "c", "d", "a"], ["a", "c", "d", "b"])


def test_the_same_script_gives_the_same_answers() -> None:
    def script() -> Any:
        with fake_kinesis(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}}) as fake:
            client = fake.client()
            queue_arn = make_queue(fake, client)
            put(fake, *"abcdefghijkl")
            return [receive(client, queue_arn, Limit=5) for _ in range(3)]

    assert script() == script()


def test_a_state_in_which_a_queue_does_not_deliver_is_told(
    kinesis: KinesisFake, client: Any, refusal: Any, billing: Any
) -> None:
    put(kinesis, "a")
    (handle,) = handles(receive(client, billing))
    creating = client.create_queue(QueueName="new", StreamConfigurationList=[{"StreamARN": ORDERS}])
    client.delete_queue(QueueARN=billing)
    for queue_arn, status in ((creating["QueueDescription"]["QueueARN"], "CREATING"), (billing, "DELETING")):
        queue_id = queue_arn.rpartition("/")[2]
        entries = [{"ReceiptHandle": handle}]
        timeouts = [{"ReceiptHandle": handle, "VisibilityTimeoutSeconds": 1}]
        for operation, parameters in {
            "ReceiveQueueRecords": {},
            "AcknowledgeQueueRecords": {"Entries": entries},
            "UpdateQueueRecordsVisibility": {"Entries": timeouts},
            "ReceiveDeadLetterQueueRecords": {},
            "AcknowledgeDeadLetterQueueRecords": {"Entries": entries},
            "UpdateDeadLetterQueueRecordsVisibility": {"Entries": timeouts},
            "RestoreDeadLetterQueueRecords": {"Entries": entries},
        }.items():
            assert refusal(operation, QueueARN=queue_arn, **parameters) == (
                "ResourceNotFoundException",
                f"Queue {queue_id} under account {A} not found: it is in state {status} and delivers no records.",
            )


def test_records_are_received_and_acknowledged_while_the_queue_is_updated(
    kinesis: KinesisFake, client: Any, billing: Any
) -> None:
    put(kinesis, "a")
    client.update_queue(QueueARN=billing, QueueAttributes={"VisibilityTimeoutSeconds": 60})
    (record,) = receive(client, billing)
    assert acknowledge(client, billing, record["ReceiptHandle"]) == ([record["ReceiptHandle"]], {})


# --- where a queue begins -----------------------------------------------------------------------------------------


def test_latest_begins_when_the_queue_becomes_active(kinesis: KinesisFake, client: Any) -> None:
    put(kinesis, "before")
    answer = client.create_queue(QueueName="billing", StreamConfigurationList=[{"StreamARN": ORDERS}])
    put(kinesis, "while it is created")
    kinesis.settle()
    put(kinesis, "after")
    assert texts(receive(client, answer["QueueDescription"]["QueueARN"])) == ["after"]


@pytest.mark.fake_kinesis(durations=Durations(creating_queue_ms=0))
def test_trim_horizon_begins_with_the_oldest_record(kinesis: KinesisFake, client: Any) -> None:
    put(kinesis, "oldest")
    kinesis.advance(hours=1)
    put(kinesis, "younger")
    assert texts(receive(client, make_queue(kinesis, client))) == ["oldest", "younger"]
    kinesis.advance(hours=23, milliseconds=-1)
    assert texts(receive(client, make_queue(kinesis, client, "second"))) == ["oldest", "younger"]
    kinesis.advance(milliseconds=1)
    assert texts(receive(client, make_queue(kinesis, client, "third"))) == ["younger"]


def test_a_timestamp_begins_with_what_arrived_then(kinesis: KinesisFake, client: Any) -> None:
    for text in ("a", "b", "c"):
        put(kinesis, text)
        kinesis.advance(seconds=10)
    position = {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT + timedelta(seconds=10)}
    assert texts(receive(client, make_queue(kinesis, client, position=position))) == ["b", "c"]
    position = {"Type": "AT_TIMESTAMP", "Timestamp": MIDNIGHT + timedelta(seconds=11)}
    assert texts(receive(client, make_queue(kinesis, client, "second", position=position))) == ["c"]


def test_records_of_all_shards_arrive_across_reshards(kinesis: KinesisFake, client: Any) -> None:
    stream = kinesis.stream("orders")
    queues = {}
    for round_ in range(3):
        put(kinesis, *(f"{round_}-{number}" for number in range(12)))
        queues[round_] = make_queue(kinesis, client, f"queue-{round_}")
        kinesis.advance(seconds=1)
        stream.split(stream.open_shards[0].shard_id)
        stream.merge(stream.open_shards[-2].shard_id, stream.open_shards[-1].shard_id)
        kinesis.advance(seconds=1)
    put(kinesis, "last")
    for queue_arn in queues.values():
        received = [text for _ in range(4) for text in texts(receive(client, queue_arn))]
        assert sorted(received) == sorted([f"{r}-{n}" for r in range(3) for n in range(12)] + ["last"])
        assert receive(client, queue_arn) == []


def test_latest_delivers_all_records_of_shards_that_came_later(kinesis: KinesisFake, client: Any) -> None:
    put(kinesis, "before")
    queue_arn = make_queue(kinesis, client, position="LATEST")
    stream = kinesis.stream("orders")
    for shard in stream.open_shards:
        stream.split(shard.shard_id)
    put(kinesis, *"abcdefgh")
    assert sorted(texts(receive(client, queue_arn))) == list("abcdefgh")
