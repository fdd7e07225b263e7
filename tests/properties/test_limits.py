"""Limits under any load: no window takes more than it may, and a client within its limits is never refused."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from kinesis_fake import KinesisFake, Limits, fake_kinesis
from tests.support.clients import client_with_retries, client_without_retries
from tests.support.searches import examples

START = "2026-01-01T00:00:00Z"
SHARD = "shardId-000000000000"
KIB = 1024
CLIENT = client_without_retries()
#: In legacy mode, because the standard one has a quota for all the retries that a client ever makes.
RETRYING_CLIENT = client_with_retries("legacy", total_max_attempts=20)

sizes = st.one_of(st.integers(1, 3000), st.sampled_from([KIB, 4 * KIB, 4 * KIB + 1, 9 * KIB, 60 * KIB]))
pauses = st.one_of(st.integers(0, 300), st.sampled_from([0, 1, 249, 250, 999, 1000, 1001, 20_000]))
loads = st.lists(st.tuples(pauses, st.one_of(sizes, st.lists(sizes, min_size=1, max_size=8))), min_size=1, max_size=40)

BYTES, RECORDS, BURST = 4 * KIB, 6, 40 * KIB
WRITE_LIMITS = Limits(shard_write_bytes_per_second=BYTES, shard_write_records_per_second=RECORDS)


def milliseconds(kinesis: KinesisFake) -> Any:
    return round(kinesis.now.timestamp() * 1000)


def put(client: Any, size: Any) -> Any:
    """Put one record; whether the shard has taken it."""
    try:
        client.put_record(StreamName="s", PartitionKey="k", Data=bytes(size - 1))
    except client.exceptions.ProvisionedThroughputExceededException:
        return False
    return True


def put_records(client: Any, sizes: Any) -> Any:
    """Put records; the sizes of those that the shard has not taken."""
    records = [{"PartitionKey": "k", "Data": bytes(size - 1)} for size in sizes]
    answer = client.put_records(StreamName="s", Records=records)
    return [size for size, entry in zip(sizes, answer["Records"], strict=True) if "ErrorCode" in entry]


def in_window(accepted: Any, end: Any, length: Any) -> Any:
    return [size for at, size in accepted if end - length < at <= end]


@given(loads)
@example([(0, [KIB] * 8), (1, KIB), (998, KIB), (1, KIB)])
@example([(0, 1), (999, [4 * KIB + 1, 1]), (0, 4 * KIB)])
@example([(0, 60 * KIB), (15_000, 4 * KIB), (5_000, 60 * KIB)])
def test_no_window_takes_more_than_the_limit(load: Any) -> None:
    accepted = []
    with fake_kinesis(start=START, limits=WRITE_LIMITS, streams={"s": 1}) as kinesis:
        for pause, what in load:
            kinesis.advance(milliseconds=pause)
            now = milliseconds(kinesis)
            if isinstance(what, int):
                accepted += [(now, what)] * put(CLIENT, what)
            else:
                failed = put_records(CLIENT, what)
                for size in what:
                    if size in failed:
                        failed.remove(size)
                    else:
                        accepted.append((now, size))
        assert sorted(len(record.data) + 1 for record in kinesis.stream("s").records) == sorted(
            size for _, size in accepted
        )
    for end, _ in accepted:
        second = in_window(accepted, end, 1000)
        assert len(second) <= RECORDS
        assert sum(size for size in second if size <= BYTES) <= BYTES
        # Large records borrow from what the next seconds would take; one larger than all that can be lent, too.
        for seconds in (1, 3, 10, 60, 3600):
            taken = in_window(accepted, end, seconds * 1000)
            assert sum(taken) <= BURST + seconds * BYTES + max(0, max(taken) - BURST)


@given(st.lists(st.tuples(pauses, sizes), min_size=1, max_size=20))
@examples(40)
def test_the_sdks_retries_get_every_record_through(load: Any) -> None:
    with fake_kinesis(start=START, limits=WRITE_LIMITS, streams={"s": 1}) as kinesis:
        for pause, size in load:
            kinesis.advance(milliseconds=pause)
            assert put(RETRYING_CLIENT, size)
        assert [len(record.data) + 1 for record in kinesis.stream("s").records] == [size for _, size in load]


@given(st.lists(sizes, min_size=1, max_size=40))
@examples(40)
def test_a_producer_that_sends_again_what_failed_gets_everything_through_in_good_time(load: Any) -> None:
    with fake_kinesis(start=START, limits=WRITE_LIMITS, streams={"s": 1}, virtual_sleep=True) as kinesis:
        start = kinesis.now
        left = load
        while left:
            left = put_records(CLIENT, left)
            if left:
                time.sleep(1)
        assert sorted(len(record.data) + 1 for record in kinesis.stream("s").records) == sorted(load)
        needed = 2 * sum(load) / BYTES + len(load) + 20
        assert kinesis.now - start < timedelta(seconds=needed)


READ_BYTES, READ_CALLS = 4 * KIB, 3
READ_LIMITS = Limits(shard_read_bytes_per_second=READ_BYTES, shard_read_calls_per_second=READ_CALLS)
reads = st.lists(st.tuples(pauses, st.integers(1, 20)), min_size=1, max_size=40)


def read(client: Any, iterator: Any, limit: Any) -> Any:
    """The sizes of the records that the shard gives; None if it gives none now."""
    try:
        answer = client.get_records(ShardIterator=iterator, Limit=limit)
    except client.exceptions.ProvisionedThroughputExceededException:
        return None
    return [len(record["Data"]) for record in answer["Records"]]


def iterator_of(client: Any) -> Any:
    answer = client.get_shard_iterator(StreamName="s", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    return answer["ShardIterator"]


@given(st.lists(sizes, min_size=1, max_size=20), reads)
def test_no_window_gives_more_than_the_limit(stored: Any, load: Any) -> None:
    given_ = []
    with fake_kinesis(start=START, limits=READ_LIMITS, streams={"s": 1}) as kinesis:
        for size in stored:
            kinesis.stream("s").put(bytes(size))
        for pause, limit in load:
            kinesis.advance(milliseconds=pause)
            sizes = read(CLIENT, iterator_of(CLIENT), limit)
            if sizes is not None:
                given_.append((milliseconds(kinesis), sum(sizes)))
    most = sum(stored)
    for index, (end, _) in enumerate(given_):
        assert len(in_window(given_, end, 1000)) <= READ_CALLS
        # What a call gives is known afterwards: up to it the second has given less than the limit.
        assert sum(in_window(given_[:index], end, 1000)) < READ_BYTES
        for seconds in (1, 3, 10, 60):
            assert sum(in_window(given_, end, seconds * 1000)) <= seconds * READ_BYTES + most + READ_BYTES


@given(st.lists(sizes, min_size=1, max_size=20), st.integers(1, 20))
@examples(50)
def test_a_reader_that_backs_off_reads_everything(stored: Any, limit: Any) -> None:
    with fake_kinesis(start=START, limits=READ_LIMITS, streams={"s": 1}, virtual_sleep=True) as kinesis:
        for size in stored:
            kinesis.stream("s").put(bytes(size))
        got: list[Any] = []
        iterator = iterator_of(CLIENT)
        while len(got) < len(stored):
            try:
                answer = CLIENT.get_records(ShardIterator=iterator, Limit=limit)
            except CLIENT.exceptions.ProvisionedThroughputExceededException:
                time.sleep(1)
            else:
                got += [len(record["Data"]) for record in answer["Records"]]
                iterator = answer["NextShardIterator"]
        assert got == stored


@given(st.lists(pauses, min_size=1, max_size=60))
@examples(50)
def test_no_window_has_more_calls_of_a_control_operation_than_the_limit(load: Any) -> None:
    accepted: list[Any] = []
    with fake_kinesis(start=START, limits=Limits(api_calls=True)) as kinesis:
        for pause in load:
            kinesis.advance(milliseconds=pause)
            try:
                CLIENT.list_streams()
            except CLIENT.exceptions.LimitExceededException:
                # A call is refused only if the window is full.
                assert len(in_window(accepted, milliseconds(kinesis), 1000)) == 5
            else:
                accepted.append((milliseconds(kinesis), 1))
    assert all(len(in_window(accepted, end, 1000)) <= 5 for end, _ in accepted)
