"""Impossible faults: each is refused where the test makes it, with a sentence that says what to write."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError
from tests.support.misuse import hold_refusals

#: The makers of faults without their types, which would refuse most of what follows.
fault: Any = Fault

FILTERS = "stream, shard, consumer, where, skip, times, until, probability, seed"
MADE_BY_METHODS = (
    "A fault is made by one of the class methods of Fault, such as Fault.throttle('PutRecord', times=2). For a fault "
    "that differs, call the method again."
)

WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "an unknown filter": (
        lambda: fault.throttle("PutRecord", time=2),
        "Fault.throttle has no filter 'time'; there are stream, shard, consumer, where, skip, times, until, "
        "probability, seed.",
    ),
    "zero times": (lambda: fault.throttle(times=0), "times must be a whole number from 1 on, not 0."),
    "times that are no number": (lambda: fault.throttle(times="2"), "times must be a whole number from 1 on, not '2'."),
    "times that are true": (lambda: fault.throttle(times=True), "times must be a whole number from 1 on, not True."),
    "no probability": (
        lambda: fault.throttle(probability=0),
        "probability must be a number above 0 and at most 1, not 0.",
    ),
    "more than certain": (
        lambda: fault.throttle(probability=1.5),
        "probability must be a number above 0 and at most 1, not 1.5.",
    ),
    "a probability in words": (
        lambda: fault.throttle(probability="often"),
        "probability must be a number above 0 and at most 1, not 'often'.",
    ),
    "a seed in words": (lambda: fault.throttle(seed="x"), "seed must be a whole number, not 'x'."),
    "until a naive instant": (
        lambda: fault.throttle(until="2026-01-01T00:00:00"),
        "'2026-01-01T00:00:00' has no time zone; write '2026-01-01T00:00:00Z', if you mean UTC.",
    ),
    "until no instant": (
        lambda: fault.throttle(until="soon"),
        "'soon' is no instant; write it as in '2026-01-01T00:00:00Z' or pass an aware datetime.",
    ),
    "a predicate that is none": (
        lambda: fault.throttle(where="PartitionKey"),
        "where must be a function of the parameters of a call, not 'PartitionKey'.",
    ),
    "a stream that is no name": (lambda: fault.throttle(stream=1), "stream must be text, such as 'orders', not 1."),
    "a shard that is no name": (
        lambda: fault.throttle(shard=0),
        "shard must be text, such as 'shardId-000000000000', not 0.",
    ),
    "a consumer that is no name": (
        lambda: fault.throttle(consumer=""),
        "consumer must be text, such as 'billing', not ''.",
    ),
    "a list of operations": (
        lambda: fault.throttle(["PutRecord"]),
        "Fault.throttle takes operations such as 'PutRecord', not ['PutRecord'].",
    ),
    "an unknown KMS error": (
        lambda: fault.kms_error(code="KMSBroken"),
        "'KMSBroken' is no KMS error of Kinesis; choose one of KMSAccessDeniedException, KMSDisabledException, "
        "KMSInvalidStateException, KMSNotFoundException, KMSOptInRequired, KMSThrottlingException.",
    ),
    "a list of KMS errors": (
        lambda: fault.kms_error(code=[]),
        "[] is no KMS error of Kinesis; choose one of KMSAccessDeniedException, KMSDisabledException, "
        "KMSInvalidStateException, KMSNotFoundException, KMSOptInRequired, KMSThrottlingException.",
    ),
    "a latency that goes back": (
        lambda: fault.latency(milliseconds=-1),
        "milliseconds must be a whole number from 1 on, not -1.",
    ),
    "a latency of half a millisecond": (
        lambda: fault.latency(milliseconds=0.5),
        "milliseconds must be a whole number from 1 on, not 0.5.",
    ),
    "applied by half": (lambda: fault.read_timeout(applied="yes"), "applied must be True or False, not 'yes'."),
    "a partial failure of nothing": (
        lambda: fault.partial_failure(),
        "partial_failure() takes one of indexes, records and fraction.",
    ),
    "a partial failure told twice": (
        lambda: fault.partial_failure(indexes=[1], fraction=0.5),
        "partial_failure() takes one of indexes, records and fraction.",
    ),
    "a fraction of more than all": (
        lambda: fault.partial_failure(fraction=2),
        "fraction must be a number above 0 and at most 1, not 2.",
    ),
    "indexes that are one number": (
        lambda: fault.partial_failure(indexes=3),
        "indexes must be several values, such as [0, 3], not 3.",
    ),
    "a negative index": (
        lambda: fault.partial_failure(indexes=[-1]),
        "each of indexes must be a whole number from 0 to 499, not -1.",
    ),
    "no index": (
        lambda: fault.partial_failure(indexes=[]),
        "indexes must name one record at least, or nothing would fail.",
    ),
    "records that are no predicate": (
        lambda: fault.partial_failure(records=[1]),
        "records must be a function of one entry of Records, not [1].",
    ),
    "a code that no record has": (
        lambda: fault.partial_failure(indexes=[1], code="Nope"),
        "A record of a PutRecords fails with ProvisionedThroughputExceededException or InternalFailure, not 'Nope'.",
    ),
    "a read of less than nothing": (
        lambda: fault.short_read(-1),
        "max_records must be a whole number from 0 on, not -1.",
    ),
    "an index that no PutRecords has": (
        lambda: fault.partial_failure(indexes=[500]),
        "each of indexes must be a whole number from 0 to 499, not 500.",
    ),
    "indexes without an end": (
        lambda: fault.partial_failure(indexes=itertools.repeat(0)),
        "indexes must be at most 500 values, such as [0, 3].",
    ),
    "a seed without chance": (
        lambda: fault.throttle(seed=3),
        "Fault.throttle takes a seed with a probability or a fraction; leave it out.",
    ),
    "a seed of records that are named": (
        lambda: fault.partial_failure(indexes=[0], seed=3),
        "Fault.partial_failure takes a seed with a probability or a fraction; leave it out.",
    ),
    "an operation where there is no choice": (
        lambda: fault.empty_read("GetRecords"),
        f"Fault.empty_read takes no argument without a name, so 'GetRecords' needs one; the names are {FILTERS}.",
    ),
    "PutRecords where there is no choice": (
        lambda: fault.partial_failure("PutRecords", fraction=0.5),
        "Fault.partial_failure takes no argument without a name, so 'PutRecords' needs one; the names are indexes, "
        f"records, fraction, code, {FILTERS}.",
    ),
    "a lag without its name": (
        lambda: fault.idle_shard(5),
        "Fault.idle_shard takes no argument without a name, so 5 needs one; the names are milliseconds_behind, "
        f"{FILTERS}.",
    ),
    "a latency without its name": (
        lambda: fault.latency("PutRecord", 500),
        "Fault.latency needs milliseconds, by name.",
    ),
    "a latency in seconds": (
        lambda: fault.latency("PutRecord", seconds=5),
        f"Fault.latency has no argument 'seconds'; do you mean 'milliseconds'? It takes milliseconds, {FILTERS}.",
    ),
    "no latency": (lambda: fault.latency("PutRecord"), "Fault.latency needs milliseconds, by name."),
    "an error without its code": (lambda: fault.error("PutRecord"), "Fault.error needs code, by name."),
    "a number of records twice": (
        lambda: fault.short_read(1, max_records=2),
        "Fault.short_read is given max_records twice, once by its place and once by its name; leave one of them out.",
    ),
    "the class itself": (fault, MADE_BY_METHODS),
    "the class itself with a name": (lambda: fault("throttle", ("PutRecord",), None), MADE_BY_METHODS),
    "a copy with other numbers": (
        lambda: dataclasses.replace(Fault.throttle("PutRecord"), times=-5),
        MADE_BY_METHODS,
    ),
    "arrivals that do not go back": (
        lambda: fault.arrivals_go_back(0),
        "milliseconds must be a whole number from 1 on, not 0.",
    ),
}


def test_wrong_arguments_are_refused() -> None:
    hold_refusals(WRONG)


def test_a_fault_can_be_copied_and_pickled() -> None:
    fault = Fault.partial_failure(indexes=[499], times=3)
    for copied in (copy.copy(fault), copy.deepcopy(fault), pickle.loads(pickle.dumps(fault))):
        assert copied == fault
        assert repr(copied) == "Fault.partial_failure(indexes=[499], times=3)"


def test_a_seed_is_for_a_fraction_too() -> None:
    assert Fault.partial_failure(fraction=0.5, seed=3).seed == 3


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("put_records", "'put_records' is no operation of Kinesis; do you mean 'PutRecords'?"),
        ("PutRecrods", "'PutRecrods' is no operation of Kinesis; do you mean 'PutRecords'?"),
        ("Putrecord", "'Putrecord' is no operation of Kinesis; do you mean 'PutRecord'?"),
        ("SendMessage", "'SendMessage' is no operation of Kinesis; they are named as in the API."),
    ],
)
def test_an_operation_that_does_not_exist_is_refused(kinesis: KinesisFake, operation: Any, message: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.inject(Fault.throttle("PutRecord", operation))
    assert str(caught.value) == message
    kinesis.client().list_streams()


def test_a_kms_error_on_an_operation_that_uses_no_key_is_refused(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.inject(Fault.kms_error("ListShards", code="KMSDisabledException"))
    assert str(caught.value) == (
        "'ListShards' gives no KMS errors; the operations that do are CreateChannel, GetRecords, PutRecord, "
        "PutRecords, ReceiveDeadLetterQueueRecords, ReceiveQueueRecords, StartStreamEncryption, SubscribeToShard."
    )
    kinesis.client().list_streams()


@pytest.mark.parametrize("what", ["throttle", None, Fault, Fault.throttle])
def test_inject_takes_a_fault(kinesis: KinesisFake, what: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.inject(what)
    assert str(caught.value) == f"inject() takes a Fault, such as Fault.throttle('PutRecords'), not {what!r}."
