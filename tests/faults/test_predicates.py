"""Predicates of faults are code of the test: they may call the fake, restore it, or delete what the call is about."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from kinesis_fake import Durations, Fault, KinesisFake, KinesisFakeError
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z", streams={"orders": 1, "payments": 1}, durations=Durations.instant()
)

PUT = {"StreamName": "orders", "Data": b"1 teapot", "PartitionKey": "ada"}
PUT_MANY = {"StreamName": "orders", "Records": [{"Data": b"1 teapot", "PartitionKey": "ada"}]}
GONE = "Stream orders under account 123456789012 not found."


def test_a_call_that_a_predicate_makes_does_not_meet_the_same_fault(kinesis: KinesisFake, client: Any) -> None:
    def is_second(call: Any) -> Any:
        client.put_record(StreamName="payments", Data=b"asked", PartitionKey="ada")
        return call["Data"] == b"2 cups"

    injection = kinesis.inject(Fault.internal_error("PutRecord", where=is_second))
    client.put_record(**PUT)
    with refused(client, "InternalFailure", status=500):
        client.put_record(**{**PUT, "Data": b"2 cups"})
    assert injection.strikes == 1
    assert len(kinesis.stream("payments").records) == 2
    assert [record.data for record in kinesis.stream("orders").records] == [b"1 teapot"]


def test_a_call_that_a_predicate_makes_meets_the_other_faults(kinesis: KinesisFake, client: Any) -> None:
    def calls(call: Any) -> Any:
        with refused(client, "LimitExceededException"):
            client.list_streams()
        return False

    kinesis.inject(Fault.throttle("ListStreams"))
    unused = kinesis.inject(Fault.internal_error("PutRecord", where=calls))
    client.put_record(**PUT)
    unused.remove()


@pytest.mark.parametrize(
    ("method", "parameters", "fault"),
    [
        ("put_record", PUT, lambda predicate: Fault.internal_error("PutRecord", where=predicate)),
        ("put_records", PUT_MANY, lambda predicate: Fault.internal_error("PutRecords", where=predicate)),
        ("put_records", PUT_MANY, lambda predicate: Fault.partial_failure(records=predicate)),
    ],
    ids=["where of PutRecord", "where of PutRecords", "records"],
)
def test_no_record_is_accepted_by_a_stream_that_a_predicate_has_deleted(
    kinesis: KinesisFake, client: Any, method: Any, parameters: Any, fault: Any
) -> None:
    def deletes(call: Any) -> Any:
        client.delete_stream(StreamName="orders")
        return False

    injection = kinesis.inject(fault(deletes))
    with refused(client, "ResourceNotFoundException", GONE):
        getattr(client, method)(**parameters)
    injection.remove()


def test_a_call_goes_on_in_the_world_that_its_predicate_has_restored(kinesis: KinesisFake, client: Any) -> None:
    snapshot = kinesis.snapshot()
    kinesis.stream("orders").put("before")

    def restores(call: Any) -> Any:
        kinesis.restore(snapshot)
        return False

    injection = kinesis.inject(Fault.internal_error("PutRecord", where=restores))
    client.put_record(**PUT)
    injection.remove()
    assert [record.data for record in kinesis.stream("orders").records] == [b"1 teapot"]


def test_a_call_whose_world_is_restored_in_its_midst_is_refused(kinesis: KinesisFake, client: Any) -> None:
    snapshot = kinesis.snapshot()

    def restores(record: Any) -> Any:
        kinesis.restore(snapshot)
        return False

    injection = kinesis.inject(Fault.partial_failure(records=restores))
    with pytest.raises(KinesisFakeError, match=r"in a state of the fake that restore\(\) has replaced; call again\."):
        client.put_records(**PUT_MANY)
    injection.remove()
    assert kinesis.stream("orders").records == []
    client.put_records(**PUT_MANY)
    assert len(kinesis.stream("orders").records) == 1


def test_an_exception_that_goes_through_a_call_is_freed_without_the_garbage_collector(
    kinesis: KinesisFake, client: Any
) -> None:
    """No frame of the fake holds it, and with it the fake."""

    class Interrupt(BaseException):
        pass

    def interrupt(call: Any) -> bool:
        raise Interrupt

    injection = kinesis.inject(Fault.throttle("PutRecord", where=interrupt))
    gc.disable()
    try:
        try:
            client.put_record(**PUT)
        except Interrupt as error:
            interrupted = weakref.ref(error)
        assert interrupted() is None
    finally:
        gc.enable()
        injection.remove()
