"""Time: one jump equals many steps, the same script gives the same bytes, and time never goes back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import time_machine
from botocore.exceptions import WaiterError
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import Fault, KinesisFake, Limits, fake_kinesis
from tests.properties.anything import STREAMS, advances, play, scripts
from tests.support.clients import client_with_retries, client_without_retries, new_client
from tests.support.searches import examples
from tests.support.state import state_of

START = "2026-01-01T00:00:00Z"
#: Rates that scripts of a few steps run into.
LIMITS = Limits(
    shard_write_bytes_per_second=2048,
    shard_write_records_per_second=3,
    shard_read_bytes_per_second=2048,
    shard_read_calls_per_second=2,
    shard_iterators_per_second=2,
    api_calls=True,
)
CLIENT = client_without_retries()
#: What its retries leave behind in a client of the other modes would be seen by the next run.
RETRYING_CLIENT = client_with_retries()
ADAPTIVE = new_client(retries={"mode": "adaptive"})


def new_fake(**options: Any) -> Any:
    return fake_kinesis(start=START, streams=dict.fromkeys(STREAMS, 2), **options)


@given(scripts, st.integers(2, 9), st.booleans())
def test_one_jump_equals_many_steps(script: Any, jumps: Any, with_limits: Any) -> None:
    runs = []
    for number in (1, jumps):
        with new_fake(autojump=False, limits=LIMITS if with_limits else None) as kinesis:
            answers = [play(kinesis, CLIENT, step, number) for step in script]
            runs.append((answers, state_of(kinesis), str(kinesis.calls), str(kinesis.pending())))
    assert runs[0] == runs[1]


faults = st.lists(
    st.sampled_from(
        [
            Fault.throttle(probability=0.2, seed=1),
            Fault.internal_error(probability=0.2, seed=2),
            Fault.read_timeout("PutRecord", "PutRecords", "CreateStream", times=2),
            Fault.connection_error(times=1),
            Fault.latency(milliseconds=700, probability=0.5),
            Fault.latency(milliseconds=70_000, probability=0.05),
            Fault.partial_failure(fraction=0.5, seed=3, times=None),
            Fault.short_read(1, probability=0.5),
            Fault.late_end_of_shard(times=2),
            Fault.arrivals_go_back(5, times=None),
        ]
    ),
    max_size=4,
)


def in_force(kinesis: KinesisFake, faults: Any) -> None:
    """Put faults into a fake; that one of them is not used is no trouble here."""
    for fault in faults:
        kinesis.inject(fault).excuse()


@given(scripts, faults, st.booleans(), st.integers(0, 3))
@examples(60)
def test_the_same_script_with_the_same_start_gives_the_same_bytes(
    script: Any, faults: Any, legacy: Any, seed: Any
) -> None:
    runs = []
    for _ in range(2):
        with new_fake(seed=seed, limits=LIMITS) as kinesis:
            client = RETRYING_CLIENT if legacy else kinesis.client()
            in_force(kinesis, faults)
            answers = [play(kinesis, client, step) for step in script]
            runs.append((repr(answers), repr(state_of(kinesis)), str(kinesis.calls), kinesis.summary()))
    assert runs[0] == runs[1]


@given(scripts, faults, st.booleans())
@examples(60)
def test_time_never_goes_back(script: Any, faults: Any, legacy: Any) -> None:
    client = RETRYING_CLIENT if legacy else ADAPTIVE
    with new_fake(limits=LIMITS, virtual_sleep=True) as kinesis:
        in_force(kinesis, faults)
        instants = [kinesis.now]
        for number, step in enumerate(script):
            play(kinesis, client, step)
            instants.append(kinesis.now)
            time.sleep(number / 7)
            instants.append(kinesis.now)
            if number % 8 == 0:
                wait(client)
            if number % 8 == 4:
                asyncio.run(asyncio.sleep(number / 3))
            instants.append(kinesis.now)
        assert instants == sorted(instants)
        called_at = [call.at for call in kinesis.calls]
        assert called_at == sorted(called_at)
        for stream in kinesis.streams:
            for shard in stream.shards:
                arrivals = [record.approximate_arrival_timestamp for record in shard.records]
                assert arrivals == sorted(arrivals)
                numbers = [int(record.sequence_number) for record in shard.records]
                assert numbers == sorted(set(numbers))
        assert all(pending.due_at > kinesis.now for pending in kinesis.pending())


def wait(client: Any) -> None:
    with contextlib.suppress(WaiterError):
        client.get_waiter("stream_exists").wait(StreamName="a", WaiterConfig={"Delay": 2, "MaxAttempts": 3})


@given(st.lists(st.one_of(st.tuples(st.just("process"), st.integers(-100_000, 100_000)), advances), max_size=20))
def test_a_clock_that_follows_the_process_never_goes_back_either(moves: Any) -> None:
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=timezone.utc), tick=False) as process:
        with fake_kinesis(clock="system", streams={"a": 1}) as kinesis:
            for who, milliseconds in moves:
                before = kinesis.now
                kinesis.stream("a").put("1")
                if who == "process":
                    process.shift(timedelta(milliseconds=milliseconds))
                    assert kinesis.now >= before
                else:
                    kinesis.advance(milliseconds=milliseconds)
                    assert kinesis.now == before + timedelta(milliseconds=milliseconds)
            arrivals = [record.approximate_arrival_timestamp for record in kinesis.stream("a").records]
            assert arrivals == sorted(arrivals)
