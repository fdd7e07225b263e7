"""SubscribeToShard: positions, events, ends of shards and of subscriptions, and what breaks a stream."""

from __future__ import annotations

from typing import Any

from kinesis_fake import Fault
from tests.transcript.writing import SHARD, Transcript, arn, at

BILLING = f"{arn('orders')}/consumer/billing:1767225600"
HORIZON = {"Type": "TRIM_HORIZON"}


def script(t: Transcript) -> None:
    with t.fake("events", streams={"orders": 2}, virtual_sleep=True):
        _register(t)
        _events(t)
    with t.fake("positions", streams={"orders": 2}):
        _register(t)
        _positions(t)
    with t.fake("the end of a shard", streams={"orders": 1}):
        _register(t)
        _end_of_shard(t)
    with t.fake("taken over and broken", streams={"orders": 1}):
        _register(t)
        _breaks(t)
    with t.fake("rates", streams={"orders": 1}, rate_limits=True):
        _register(t)
        _rates(t)


def _register(t: Transcript) -> None:
    t.call("RegisterStreamConsumer", StreamARN=arn("orders"), ConsumerName="billing")
    _subscribe(t)
    t.do("kinesis.settle()")


def _subscribe(t: Transcript, position: dict[str, Any] = HORIZON, **more: Any) -> Any:
    params = {"ConsumerARN": BILLING, "ShardId": SHARD, "StartingPosition": position, **more}
    return t.call("SubscribeToShard", **params)


def _events(t: Transcript) -> None:
    for number in range(3):
        t.do(f"kinesis.stream('orders').put('{number}', 'a', 0)")
    answer = _subscribe(t)
    t.events(answer, 2)
    t.do("kinesis.stream('orders').put('later', 'a', 0)")
    t.do("kinesis.pending()")
    t.events(answer, 2)
    t.do("kinesis.advance(minutes=6)")
    t.events(answer, 3)
    t.attempt("close()", answer["EventStream"].close)
    again = _subscribe(t, {"Type": "LATEST"})
    t.attempt("close()", again["EventStream"].close)
    t.events(again, 1)
    first = _subscribe(t, {"Type": "LATEST"}, ShardId="shardId-000000000001")
    t.events(first, 70)


def _positions(t: Transcript) -> None:
    numbers = []
    for number in range(3):
        numbers.append(t.do(f"kinesis.stream('orders').put('{number}', 'a', 0)").sequence_number)
        t.do("kinesis.advance(seconds=6)")
    for position in (
        {"Type": "AT_SEQUENCE_NUMBER", "SequenceNumber": numbers[1]},
        {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": numbers[1]},
        {"Type": "AT_TIMESTAMP", "Timestamp": at("2026-01-01T00:00:20")},
        {"Type": "LATEST"},
        HORIZON,
    ):
        t.events(_subscribe(t, position), 1)
        t.do("kinesis.advance(seconds=6)")
    for position in (
        {"Type": "AT_SEQUENCE_NUMBER"},
        {"Type": "AT_SEQUENCE_NUMBER", "SequenceNumber": "1"},
        {"Type": "AT_SEQUENCE_NUMBER", "SequenceNumber": "x"},
        {"Type": "AT_TIMESTAMP"},
        {"Type": "AT_TIMESTAMP", "Timestamp": at("2030-01-01T00:00:00")},
        {"Type": "LATEST", "SequenceNumber": numbers[0]},
        {"Type": "NOWHERE"},
        {},
    ):
        _subscribe(t, position)
    _subscribe(t, ShardId="shardId-000000000009")
    _subscribe(t, ShardId="?")
    _subscribe(t, ConsumerARN=BILLING.replace("billing", "none"))
    _subscribe(t, ConsumerARN=arn("orders"))
    _subscribe(t, ConsumerARN="")
    t.call("SubscribeToShard", ConsumerARN=BILLING)


def _end_of_shard(t: Transcript) -> None:
    t.do("kinesis.stream('orders').put('1', 'a')")
    answer = _subscribe(t)
    t.events(answer, 1)
    t.call("SplitShard", StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=str(2**127))
    t.do("kinesis.stream('orders').put('2', 'a')")
    t.events(answer, 10)
    t.events(_subscribe(t, {"Type": "LATEST"}), 3)
    t.do("kinesis.advance(seconds=5)")
    t.events(_subscribe(t, {"Type": "LATEST"}), 3)


def _breaks(t: Transcript) -> None:
    first = _subscribe(t)
    _subscribe(t)
    t.do("kinesis.advance(milliseconds=4_999)")
    _subscribe(t)
    t.do("kinesis.advance(milliseconds=1)")
    second = _subscribe(t)
    t.events(first, 4)
    t.events(second, 1)
    t.do("kinesis.advance(seconds=5)")
    t.inject(Fault.broken_stream())
    t.events(_subscribe(t), 3)
    t.do("kinesis.advance(seconds=5)")
    t.inject(Fault.kms_error("SubscribeToShard", code="KMSDisabledException"))
    t.events(_subscribe(t), 3)
    t.do("kinesis.advance(seconds=5)")
    t.inject(Fault.throttle("SubscribeToShard", consumer="billing"))
    _subscribe(t)
    third = _subscribe(t)
    t.call("DeregisterStreamConsumer", ConsumerARN=BILLING)
    t.events(third, 4)
    _subscribe(t)
    t.do("kinesis.settle()")
    _subscribe(t)
    t.call("RegisterStreamConsumer", StreamARN=arn("orders"), ConsumerName="billing")
    t.do("kinesis.settle()")
    fresh = t.kinesis.stream("orders").consumers[0].consumer_arn
    snapshot = t.do("kinesis.snapshot()")
    fourth = _subscribe(t, ConsumerARN=fresh)
    t.do("kinesis.restore(snapshot)", snapshot=snapshot)
    t.events(fourth, 2)
    fifth = _subscribe(t, ConsumerARN=fresh)
    t.call("DeleteStream", StreamName="orders", EnforceConsumerDeletion=True)
    t.events(fifth, 4)


def _rates(t: Transcript) -> None:
    for _ in range(2):
        _subscribe(t)
    t.do("kinesis.advance(seconds=1)")
    _subscribe(t)
    data = b"x" * 500_000
    for number in range(3):
        t.do("kinesis.stream('orders').put(data, 'a')", data=data)
        t.do("kinesis.advance(seconds=5)")
        t.do(f"kinesis.stream('orders').put('{number}', 'a')")
    t.events(_subscribe(t), 3)
