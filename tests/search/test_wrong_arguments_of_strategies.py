"""What strategies and their values cannot mean is refused in words where it is written, not where it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake
from kinesis_fake import strategies as kst
from tests.support.misuse import hold_refusals, refusal_of

pytestmark = pytest.mark.fake_kinesis(streams={"orders": 1})

#: The strategies without their types, which would refuse most of what follows.
anything: Any = kst
LARGEST = 10 * 1024 * 1024
USER_RECORD = kst.UserRecord("ada", None, b"1 teapot")


def no_shard(what: str) -> str:
    return f"shard must be a view of a shard, such as kinesis.stream('orders').shards[0], not {what}."


ROWS: dict[str, tuple[Callable[[], object], str]] = {
    "records of a shard's id": (lambda: anything.records("shardId-0"), no_shard("'shardId-0'")),
    "keys of a number": (lambda: anything.partition_keys(5), no_shard("5")),
    "batches of a number": (lambda: anything.batches(5), no_shard("5")),
    "hash keys of a number": (lambda: anything.hash_keys(0), no_shard("0")),
    "a size of text": (
        lambda: anything.records(max_record_size_kib="x"),
        "max_record_size_kib must be a whole number from 1024 to 10240, not 'x'.",
    ),
    "a size below AWS's least": (
        lambda: kst.records(max_record_size_kib=1023),
        "max_record_size_kib must be a whole number from 1024 to 10240, not 1023.",
    ),
    "a size beyond AWS's greatest": (
        lambda: kst.records(max_record_size_kib=10_241),
        "max_record_size_kib must be a whole number from 1024 to 10240, not 10241.",
    ),
    "blobs of text": (lambda: anything.blobs("5"), f"max_bytes must be a whole number from 0 to {LARGEST}, not '5'."),
    "blobs of None": (lambda: anything.blobs(None), f"max_bytes must be a whole number from 0 to {LARGEST}, not None."),
    "blobs of true": (lambda: kst.blobs(True), f"max_bytes must be a whole number from 0 to {LARGEST}, not True."),
    "blobs that no record holds": (
        lambda: kst.blobs(LARGEST + 1),
        f"max_bytes must be a whole number from 0 to {LARGEST}, not {LARGEST + 1}.",
    ),
    "a batch that PutRecords does not take": (
        lambda: kst.batches(max_size=501),
        "max_size must be a whole number from 1 to 500, not 501.",
    ),
    "a batch of nothing": (
        lambda: kst.batches(max_size=0),
        "max_size must be a whole number from 1 to 500, not 0.",
    ),
    "jumps of seconds": (lambda: anything.time_jumps(5), "max_jump must be a timedelta of zero or more, not 5."),
    "jumps back": (
        lambda: kst.time_jumps(timedelta(seconds=-1)),
        f"max_jump must be a timedelta of zero or more, not {timedelta(seconds=-1)!r}.",
    ),
    "true steps": (lambda: kst.reshard_plans(True), "max_steps must be a whole number from 0 on, not True."),
    "a split of text": (lambda: anything.Split("x"), "Split.place must be a whole number from 0 on, not 'x'."),
    "a split beyond the shard": (lambda: kst.Split(0, 1.5), "Split.part must be a number from 0 to 1, not 1.5."),
    "a split nowhere": (lambda: kst.Split(0, float("nan")), "Split.part must be a number from 0 to 1, not nan."),
    "a merge before the first": (lambda: kst.Merge(-1), "Merge.place must be a whole number from 0 on, not -1."),
    "a scale of text": (lambda: anything.Scale("x"), "Scale.factor must be a number from 0.5 to 2, not 'x'."),
    "a scale that AWS refuses": (lambda: kst.Scale(2.5), "Scale.factor must be a number from 0.5 to 2, not 2.5."),
    "an aggregate of nothing": (lambda: kst.Aggregate([]), "An Aggregate has one user record at least."),
    "an aggregate of text": (
        lambda: anything.Aggregate(["x"]),
        "Each user record must be a UserRecord(...), not 'x'.",
    ),
    "one user record": (
        lambda: anything.Aggregate("x"),
        "user_records must be several values, such as [UserRecord('ada', None, b'1 teapot')], not 'x'.",
    ),
    "a user record without a key": (
        lambda: kst.Aggregate([USER_RECORD, kst.UserRecord("", None, b"")]),
        "The partition key of a user record must be text of 1 to 256 characters, not ''.",
    ),
    "a user record of text": (
        lambda: anything.Aggregate([kst.UserRecord("ada", 0, "1 teapot")]),  # type: ignore[arg-type]
        "The data of a user record must be a bytes(...), not '1 teapot'.",
    ),
    "aggregates of nothing": (
        lambda: kst.aggregates(0),
        "max_user_records must be a whole number from 1 on, not 0.",
    ),
    "faults of no operation": (
        lambda: kst.faults("PutRecrod"),
        "'PutRecrod' is no operation of Kinesis; do you mean 'PutRecord'?",
    ),
    "faults of a list": (
        lambda: anything.faults(["PutRecord"]),
        "['PutRecord'] is no operation of Kinesis; they are named as in the API.",
    ),
    "a schedule of text": (
        lambda: anything.fault_schedules(max_faults="2"),
        "max_faults must be a whole number from 0 on, not '2'.",
    ),
    "a plan at no time": (
        lambda: anything.PlannedFault("x", Fault.empty_read()),
        "PlannedFault.after_seconds must be a number from 0 on, not 'x'.",
    ),
    "a plan of no fault": (
        lambda: anything.PlannedFault(1.0, 5),
        "PlannedFault.fault must be a Fault(...), not 5.",
    ),
}


def test_what_a_strategy_cannot_mean_is_refused_in_words() -> None:
    hold_refusals(ROWS)


def test_the_view_of_a_stream_is_no_view_of_a_shard(kinesis: KinesisFake) -> None:
    stream = kinesis.stream("orders")
    for strategy in (anything.records, anything.hash_keys, anything.partition_keys, anything.batches):
        assert refusal_of(lambda strategy=strategy: strategy(stream)) == no_shard(repr(stream))


def test_the_limits_themselves_are_taken() -> None:
    taken = [kst.records(max_record_size_kib=1024), kst.records(max_record_size_kib=10_240), kst.batches(max_size=500)]
    assert [*taken, kst.blobs(0), kst.blobs(LARGEST), kst.time_jumps(timedelta(0)), kst.reshard_plans(0)]
    assert kst.Scale(0.5) != kst.Scale(2)
    assert kst.Split(0, 0) != kst.Split(0, 1)
