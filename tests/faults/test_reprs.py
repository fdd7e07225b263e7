"""A fault prints as the code that makes it, in messages, in the report and in the scripts of machines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake
from tests.support.refusals import refused

AT_NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "code",
    [
        "Fault.throttle()",
        "Fault.throttle('PutRecords', times=2)",
        "Fault.throttle('PutRecord', 'PutRecords', times=None)",
        "Fault.throttling_exception('ListShards', skip=2)",
        "Fault.internal_error(stream='orders', shard='shardId-000000000001', consumer='billing')",
        "Fault.service_unavailable(probability=0.5, seed=3)",
        "Fault.service_unavailable(until='2026-01-01T00:00:00Z')",
        "Fault.error('PutRecord', code='ExpiredTokenException')",
        "Fault.error(code='Odd', status=418, message='tea', times=3)",
        "Fault.still_creating('ListShards')",
        "Fault.expired_iterator()",
        "Fault.expired_iterator(shard='7')",
        "Fault.access_denied('PutRecord')",
        "Fault.kms_error(code='KMSDisabledException')",
        "Fault.kms_error('PutRecord', code='KMSDisabledException', times=6)",
        "Fault.connection_error('PutRecord')",
        "Fault.connection_error('PutRecord', applied=True)",
        "Fault.read_timeout('PutRecord')",
        "Fault.read_timeout('PutRecord', applied=False, times=3)",
        "Fault.latency('PutRecord', milliseconds=5000)",
        "Fault.partial_failure(indexes=[0, 2])",
        "Fault.partial_failure(fraction=0.5, code='InternalFailure', times=3)",
        "Fault.empty_read(times=3)",
        "Fault.short_read(1, times=20)",
        "Fault.late_end_of_shard()",
        "Fault.idle_shard(milliseconds_behind=3000, times=5)",
        "Fault.arrivals_go_back(1000)",
        "Fault.broken_stream()",
    ],
)
def test_a_fault_prints_as_the_code_that_makes_it(code: str) -> None:
    fault = eval(code)
    assert repr(fault) == code
    assert repr(eval(repr(fault))) == code


def test_every_kind_of_fault_is_tried_here() -> None:
    made = {name for name, value in vars(Fault).items() if isinstance(value, classmethod) and not name.startswith("_")}
    (mark,) = test_a_fault_prints_as_the_code_that_makes_it.pytestmark  # type: ignore[attr-defined]
    assert {code.partition(".")[2].partition("(")[0] for code in mark.args[1]} == made


def is_large(call: Mapping[str, Any]) -> bool:
    return len(call["Data"]) > 100


def test_what_is_no_literal_is_told_by_its_name() -> None:
    assert repr(Fault.throttle("PutRecord", where=is_large)) == "Fault.throttle('PutRecord', where=is_large)"
    assert repr(Fault.partial_failure(records=lambda record: True)) == "Fault.partial_failure(records=<lambda>)"
    assert repr(Fault.partial_failure(indexes=iter([3, 1]))) == "Fault.partial_failure(indexes=[1, 3])"
    assert repr(Fault.throttle(until=AT_NOON)) == f"Fault.throttle(until={AT_NOON!r})"


def test_a_default_that_was_given_is_not_told() -> None:
    given = Fault.connection_error("PutRecord", applied=False)
    assert repr(given) == "Fault.connection_error('PutRecord')"
    assert given == Fault.connection_error("PutRecord")
    assert {given: 1}[Fault.connection_error("PutRecord")] == 1


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_the_report_says_how_often_of_how_many_times_a_fault_has_struck(kinesis: KinesisFake, client: Any) -> None:
    def told() -> list[str]:
        lines = kinesis.summary(last_calls=0).splitlines()
        return [line.strip() for line in lines[lines.index("faults:") + 1 :]]

    throttled = kinesis.inject(Fault.throttle("PutRecord", times=3))
    delayed = kinesis.inject(Fault.latency("PutRecord", milliseconds=1, times=None))
    assert told() == [
        "Fault.throttle('PutRecord', times=3): has not struck",
        "Fault.latency('PutRecord', milliseconds=1, times=None): has not struck",
    ]
    for struck in ("1 of 3 times", "2 of 3 times", "3 times"):
        with refused(client, "ProvisionedThroughputExceededException"):
            client.put_record(StreamName="orders", Data=b"", PartitionKey="a")
        assert told()[0] == f"Fault.throttle('PutRecord', times=3): has struck {struck}"
    assert told()[1] == "Fault.latency('PutRecord', milliseconds=1, times=None): has struck 3 times"
    assert repr(throttled) == "<injection of Fault.throttle('PutRecord', times=3): has struck 3 times>"
    delayed.remove()
    kinesis.inject(Fault.expired_iterator())
    with refused(client, "ExpiredIteratorException"):
        client.get_records(
            ShardIterator=client.get_shard_iterator(
                StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="LATEST"
            )["ShardIterator"]
        )
    assert told()[1] == "Fault.expired_iterator(): has struck once"


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_fault_that_struck_less_often_than_it_could_does_not_fail_the_test(kinesis: KinesisFake, client: Any) -> None:
    with kinesis.inject(Fault.latency("PutRecord", milliseconds=1, times=50)) as injection:
        client.put_record(StreamName="orders", Data=b"", PartitionKey="a")
    assert str(injection) == "Fault.latency('PutRecord', milliseconds=1, times=50): has struck 1 of 50 times"
