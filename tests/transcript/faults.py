"""Faults of every kind, their filters, and unused faults."""

from __future__ import annotations

from typing import Any

from kinesis_fake import Fault
from tests.transcript.writing import SHARD, Transcript, arn

GOOD: dict[str, Any] = {"StreamName": "orders", "Data": b"1", "PartitionKey": "a"}
MANY = [{"Data": b"%d" % number, "PartitionKey": f"key-{number}"} for number in range(6)]


def script(t: Transcript) -> None:
    with t.fake("refusals", streams={"orders": 2, "other": 1}):
        _refusals(t)
    with t.fake("odd answers", streams={"orders": 2}):
        _odd_answers(t)
    with t.fake("filters", streams={"orders": 2, "other": 1}):
        _filters(t)
    with t.fake("misuse", streams={"orders": 2}):
        _misuse(t)


def _refusals(t: Transcript) -> None:
    iterator = t.iterator("orders")
    calls: dict[str, dict[str, Any]] = {
        "PutRecord": GOOD,
        "PutRecords": {"StreamName": "orders", "Records": MANY},
        "GetRecords": {"ShardIterator": iterator},
        "GetShardIterator": {"StreamName": "orders", "ShardId": SHARD, "ShardIteratorType": "LATEST"},
        "DescribeStream": {"StreamName": "orders"},
        "ListStreams": {},
        "CreateStream": {"StreamName": "new", "ShardCount": 1},
        "RegisterStreamConsumer": {"StreamARN": arn("orders"), "ConsumerName": "billing"},
    }
    for operation, params in calls.items():
        for fault in (
            Fault.throttle(operation),
            Fault.throttling_exception(operation),
            Fault.internal_error(operation),
            Fault.service_unavailable(operation),
            Fault.access_denied(operation),
            Fault.connection_error(operation),
        ):
            t.kinesis.inject(fault)
            t.call(operation, **params)
    t.inject(Fault.expired_iterator())
    t.call("GetRecords", ShardIterator=iterator)
    for code in (
        "KMSAccessDeniedException",
        "KMSDisabledException",
        "KMSInvalidStateException",
        "KMSNotFoundException",
    ):
        t.inject(Fault.kms_error("PutRecord", code=code))
        t.call("PutRecord", **GOOD)
    t.inject(Fault.kms_error(code="KMSThrottlingException"))
    t.call("GetRecords", ShardIterator=iterator)
    t.inject(Fault.kms_error(code="KMSOptInRequired"))
    t.call("PutRecords", StreamName="orders", Records=MANY)
    t.inject(Fault.read_timeout("CreateStream"))
    t.call("CreateStream", by={"read_timeout": 7}, StreamName="late", ShardCount=1)
    t.call("CreateStream", StreamName="late", ShardCount=1)


def _odd_answers(t: Transcript) -> None:
    def put(**more: Any) -> None:
        t.call("PutRecords", **{"StreamName": "orders", "Records": MANY, **more})

    t.inject(Fault.partial_failure(indexes=[0, 3]))
    put()
    t.inject(Fault.partial_failure(records=lambda record: record["Data"] == b"5", code="InternalFailure"))
    put()
    t.inject(Fault.partial_failure(fraction=0.5, seed=3, times=3))
    for _ in range(4):
        put()
    t.inject(Fault.partial_failure(indexes=range(6), shard="1"))
    put()
    shard = t.kinesis.stream("orders").records[0].shard_id
    iterator = t.iterator("orders", shard=shard)
    t.inject(Fault.empty_read())
    following = t.read(iterator)["NextShardIterator"]
    t.inject(Fault.short_read(2))
    following = t.read(following)["NextShardIterator"]
    t.do("kinesis.advance(seconds=5)")
    t.inject(Fault.arrivals_go_back(1500))
    t.read(following, Limit=3)
    t.do("kinesis.stream('orders').split(shard)", shard=shard)
    t.inject(Fault.late_end_of_shard())
    following = t.read(following)["NextShardIterator"]
    t.read(following)
    t.inject(Fault.latency("GetShardIterator", milliseconds=2500))
    t.iterator("orders", shard=shard)


def _filters(t: Transcript) -> None:
    t.inject(Fault.throttle("PutRecord", stream="orders", times=2))
    t.call("PutRecord", StreamName="other", Data=b"1", PartitionKey="a")
    t.call("PutRecord", **GOOD)
    t.call("PutRecord", StreamARN=arn("orders"), Data=b"1", PartitionKey="a")
    t.call("PutRecord", **GOOD)
    always = t.inject(Fault.internal_error("PutRecord", shard="1", times=None))
    for key in ("0", str(2**128 - 1), "1"):
        t.call("PutRecord", **GOOD, ExplicitHashKey=key)
    t.do("always.strikes", always=always)
    t.do("always.remove()", always=always)
    t.call("PutRecord", **GOOD, ExplicitHashKey=str(2**128 - 1))
    t.inject(Fault.throttle("PutRecord", where=lambda params: params["PartitionKey"] == "b"))
    t.call("PutRecord", **GOOD)
    t.call("PutRecord", **{**GOOD, "PartitionKey": "b"})
    t.inject(Fault.service_unavailable("ListStreams", until="2026-01-01T00:00:10Z"))
    for _ in range(2):
        t.call("ListStreams")
        t.do("kinesis.advance(milliseconds=9_999)")
    t.call("ListStreams")
    chance = t.inject(Fault.throttle("ListStreams", probability=0.4, seed=5))
    for _ in range(10):
        t.call("ListStreams")
    t.do("chance", chance=chance)
    t.do("chance.remove()", chance=chance)
    t.kinesis.inject(Fault.latency("ListStreams", milliseconds=100))
    t.kinesis.inject(Fault.throttle("ListStreams"))
    t.call("ListStreams")
    t.call("ListStreams")


def _leave_unused(t: Transcript, fault: Fault) -> None:
    def block() -> None:
        with t.kinesis.inject(fault):
            t.client().list_streams()

    t.attempt(f"with inject {fault!r}", block)


def _misuse(t: Transcript) -> None:
    _leave_unused(t, Fault.throttle("PutRecord"))
    _leave_unused(t, Fault.throttle("ListStreams", stream="none"))
    _leave_unused(t, Fault.throttle("ListStreams", probability=0.000001))
    _leave_unused(t, Fault.latency("ListStreams", milliseconds=5))
    for source in (
        "kinesis.inject('a fault')",
        "kinesis.inject(Fault.throttle('Nonsense'))",
        "Fault.throttle(5)",
        "Fault.throttle('PutRecord', times=0)",
        "Fault.throttle('PutRecord', times='x')",
        "Fault.throttle('PutRecord', probability=2)",
        "Fault.throttle('PutRecord', seed='x')",
        "Fault.throttle('PutRecord', where=5)",
        "Fault.throttle('PutRecord', stream=5)",
        "Fault.throttle('PutRecord', until='soon')",
        "Fault.throttle('PutRecord', colour='red')",
        "Fault.kms_error(code='KMSBroken')",
        "kinesis.inject(Fault.kms_error('ListStreams', code='KMSDisabledException'))",
        "Fault.latency(milliseconds=0)",
        "Fault.partial_failure()",
        "Fault.partial_failure(indexes=[])",
        "Fault.partial_failure(indexes='0')",
        "Fault.partial_failure(fraction=0)",
        "Fault.partial_failure(records=5)",
        "Fault.partial_failure(indexes=[0], code='Nonsense')",
        "Fault.short_read(-1)",
        "Fault.arrivals_go_back(0)",
        "Fault.connection_error(applied='x')",
    ):
        t.do(source, Fault=Fault)
