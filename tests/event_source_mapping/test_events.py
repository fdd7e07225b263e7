"""The event of a plain unit test, and that a mapping hands over the same."""

from __future__ import annotations

import json

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError
from kinesis_fake.event_source_mapping.events import MAX_PAYLOAD_BYTES, Origin, StreamRecord, fitting
from tests.support.handlers import keys_of, put

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2})

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"


def test_an_event_has_the_members_of_aws_in_their_order(kinesis: KinesisFake) -> None:
    kinesis.advance(milliseconds=987)
    record = kinesis.stream("orders").put("hello", "test_0", 0)
    event = kinesis.lambda_event(record, role="arn:aws:iam::123456789012:role/totals")
    assert json.dumps(event) == json.dumps(
        {
            "Records": [
                {
                    "kinesis": {
                        "kinesisSchemaVersion": "1.0",
                        "partitionKey": "test_0",
                        "sequenceNumber": record.sequence_number,
                        "data": "aGVsbG8=",
                        "approximateArrivalTimestamp": 1767225600.987,
                    },
                    "eventSource": "aws:kinesis",
                    "eventVersion": "1.0",
                    "eventID": f"shardId-000000000000:{record.sequence_number}",
                    "eventName": "aws:kinesis:record",
                    "invokeIdentityArn": "arn:aws:iam::123456789012:role/totals",
                    "awsRegion": "us-east-1",
                    "eventSourceARN": ARN,
                }
            ]
        }
    )


def test_a_mapping_hands_over_the_same_event(kinesis: KinesisFake) -> None:
    put(kinesis, "a", "b")
    role = "arn:aws:iam::123456789012:role/totals"
    seen = []
    kinesis.event_source_mapping(lambda event, context: seen.append(event), "orders", role=role).drain()
    assert seen == [kinesis.lambda_event(kinesis.stream("orders").shards[0], role=role)]


def test_an_event_is_made_of_a_stream_a_shard_a_record_or_several(kinesis: KinesisFake) -> None:
    put(kinesis, "a", "b", shard=1)
    stream = kinesis.stream("orders")
    event = kinesis.lambda_event(stream)
    assert keys_of(event) == ["a", "b"]
    assert kinesis.lambda_event(stream.shards[1]) == event
    assert kinesis.lambda_event(iter(reversed(stream.records))) == event
    assert keys_of(kinesis.lambda_event(stream.records[1])) == ["b"]


def test_records_of_several_shards_make_several_events(kinesis: KinesisFake) -> None:
    put(kinesis, *range(3), shard=1)
    put(kinesis, *range(3, 5))
    events = kinesis.lambda_events(kinesis.stream("orders"), batch_size=2)
    assert [keys_of(event) for event in events] == [["3", "4"], ["0", "1"], ["2"]]
    assert kinesis.lambda_events([]) == []
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.lambda_event(kinesis.stream("orders").records)
    assert str(caught.value) == (
        "An event of Lambda has the records of one shard, and these are of 2: shardId-000000000000, "
        "shardId-000000000001. Use lambda_events(), which makes the events of each shard, or pass the records of one "
        "shard."
    )


def test_streams_that_were_made_alike_are_told_apart(kinesis: KinesisFake) -> None:
    kinesis.create_stream("payments", shards=1)
    first, second = kinesis.stream("orders").put("x", "k", 0), kinesis.stream("payments").put("x", "k")
    assert first.sequence_number == second.sequence_number
    assert kinesis.lambda_event(first)["Records"][0]["eventSourceARN"] == ARN
    assert kinesis.lambda_event(second)["Records"][0]["eventSourceARN"].endswith("stream/payments")
    assert len(kinesis.lambda_events([first, second])) == 2


def test_an_event_that_lambda_never_sends_is_refused(kinesis: KinesisFake) -> None:
    with pytest.raises(
        KinesisFakeError, match=r"^lambda_event\(\) was given no records, and Lambda sends no event wit"
    ):
        kinesis.lambda_event(kinesis.stream("orders").shards[0])
    with pytest.raises(
        KinesisFakeError, match=r"^lambda_event\(\) takes a view of a shard or of a stream, or records o"
    ):
        kinesis.lambda_event("orders")  # type: ignore[arg-type]
    with pytest.raises(
        KinesisFakeError, match=r"^lambda_events\(\) takes a view of a shard or of a stream, or records "
    ):
        kinesis.lambda_events(7)  # type: ignore[arg-type]
    with pytest.raises(
        KinesisFakeError, match=r"^lambda_events\(\) was refused: batch_size must be a whole number from"
    ):
        kinesis.lambda_events(kinesis.stream("orders"), batch_size=10_001)
    for _ in range(7):
        kinesis.stream("orders").put(b"x" * 900_000, "k", 0)
    with pytest.raises(
        KinesisFakeError, match=r"at most 10000 records and 6 MB, and these take 2 events\. Use lambda_ev"
    ):
        kinesis.lambda_event(kinesis.stream("orders"))
    assert [len(event["Records"]) for event in kinesis.lambda_events(kinesis.stream("orders"))] == [5, 2]


@pytest.mark.parametrize("key", ["a", "ü", "\U0001f600", '"', "\n", None])
@pytest.mark.parametrize("size", [0, 1, 2, 3, 1000])
def test_the_payload_of_a_record_is_known_without_making_its_event(key: str | None, size: int) -> None:
    origin = Origin(ARN, "us-east-1", "arn:aws:iam::123456789012:role/r")
    record = StreamRecord("4967", key, b"x" * size, 1_545_084_650_987)
    event = json.dumps(origin.event("shardId-000000000000", [record, record]), separators=(",", ":"))
    known = 2 * origin.payload_bytes("shardId-000000000000", record) + len('{"Records":[]}') - len(",")
    assert known == len(event) if key is not None else known >= len(event)


def test_a_batch_is_cut_at_six_megabytes_and_not_before() -> None:
    room = MAX_PAYLOAD_BYTES - len('{"Records":[]}')
    assert fitting([room - 2, 1, 1]) == 3
    assert fitting([room - 2, 1, 2]) == 2
    assert fitting([room + 1, 1]) == 1  # what is larger alone is tried alone
    assert fitting([]) == 0
