"""The SDK's own waiters and retries, in virtual time."""

from __future__ import annotations

from typing import Any

from kinesis_fake import Fault
from tests.transcript.writing import Transcript

RECORD: dict[str, Any] = {"StreamName": "orders", "Data": b"1", "PartitionKey": "a"}


def script(t: Transcript) -> None:
    with t.fake("waiters", streams={"orders": 1}, autojump=True):
        _waiters(t)
    for mode, attempts in (("legacy", 4), ("standard", 1)):
        with t.fake(f"retries of {mode} clients, {attempts} attempts", streams={"orders": 1}):
            _retries(t, {"mode": mode, "attempts": attempts})


def script_of_newer_modes(t: Transcript) -> None:
    for mode, attempts in (("standard", 4), ("adaptive", 3)):
        with t.fake(f"retries of {mode} clients, {attempts} attempts", streams={"orders": 1}):
            _retries(t, {"mode": mode, "attempts": attempts})
    with t.fake("the quota of a standard client", streams={"orders": 1}):
        _quota(t)


def _waiters(t: Transcript) -> None:
    t.wait("stream_exists", StreamName="orders")
    t.call("CreateStream", StreamName="new", ShardCount=1)
    t.wait("stream_exists", StreamName="new")
    t.call("DeleteStream", StreamName="new")
    t.wait("stream_not_exists", StreamName="new", WaiterConfig={"Delay": 3})
    t.wait("stream_exists", StreamName="new", WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    t.wait("stream_not_exists", StreamName="orders", WaiterConfig={"Delay": 2, "MaxAttempts": 2})
    t.wait("stream_exists")
    t.call("CreateStream", StreamName="polled", ShardCount=1)
    t.call("DescribeStreamSummary", StreamName="polled")
    t.call("DescribeStreamSummary", StreamName="polled")
    t.call("DeleteStream", StreamName="polled")
    t.call("ListStreams")
    t.call("ListStreams")


def _retries(t: Transcript, by: dict[str, Any]) -> None:
    t.inject(Fault.throttle("PutRecord", times=2))
    t.call("PutRecord", by=by, **RECORD)
    t.call("PutRecord", by=by, **RECORD)
    t.kinesis.inject(Fault.internal_error("ListStreams", times=3))
    t.call("ListStreams", by=by)
    t.call("ListStreams", by=by)
    t.kinesis.inject(Fault.service_unavailable("DescribeLimits", times=4))
    t.call("DescribeLimits", by=by)
    t.call("DescribeLimits", by=by)
    t.kinesis.inject(Fault.throttling_exception("ListShards", times=1))
    t.call("ListShards", by=by, StreamName="orders")
    t.call("ListShards", by=by, StreamName="orders")
    for fault in (
        Fault.connection_error("PutRecord"),
        Fault.connection_error("PutRecord", applied=True),
        Fault.read_timeout("PutRecord"),
        Fault.read_timeout("PutRecord", applied=False),
        Fault.latency("PutRecord", milliseconds=1500),
        Fault.latency("PutRecord", milliseconds=61_000),
    ):
        t.inject(fault)
        t.call("PutRecord", by={**by, "read_timeout": 20}, **RECORD)
    t.call("PutRecord", by=by, StreamName="none", Data=b"1", PartitionKey="a")
    t.do("kinesis.calls.of('PutRecord')[-1]")
    t.do("len(kinesis.calls), kinesis.calls[0], kinesis.calls[-2:]")
    t.do("kinesis.calls.of('Nonsense')")
    t.do("kinesis.stream('orders').records")


def _quota(t: Transcript) -> None:
    t.kinesis.inject(Fault.service_unavailable(times=None))
    for _ in range(40):
        t.call("ListStreams", by={"mode": "standard", "attempts": 4})
    t.call("ListStreams", by={"mode": "legacy", "attempts": 6})
