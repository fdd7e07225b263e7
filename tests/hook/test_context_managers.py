"""``with`` and ``async with``: nesting, leaving, and which fake is active afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gc
import pickle
import subprocess
import sys
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.botocore_hook import ACTIVE_FAKES

pytestmark = pytest.mark.interpreter


def stream_names() -> list[str]:
    """The names of the streams that a client sees which knows nothing of any fake."""
    names: list[str] = boto3.client("kinesis").list_streams()["StreamNames"]
    return names


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    assert len(ACTIVE_FAKES) == 0


def test_a_fake_is_active_inside_the_block() -> None:
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        assert type(kinesis) is KinesisFake
        assert stream_names() == ["orders"]


def test_a_fake_is_active_inside_an_asynchronous_block() -> None:
    async def work() -> list[str]:
        async with fake_kinesis(streams={"orders": 1}) as kinesis:
            assert type(kinesis) is KinesisFake
            await asyncio.sleep(0)
            return stream_names()

    assert asyncio.run(work()) == ["orders"]


def test_an_exception_inside_the_block_comes_out_as_it_is() -> None:
    error = ValueError("the test's own")
    with pytest.raises(ValueError, match=r"^the test's own$") as caught:
        with fake_kinesis():
            raise error
    assert caught.value is error


def test_each_entering_makes_a_new_fake() -> None:
    way_in = fake_kinesis(streams={"orders": 1})
    with way_in as first:
        first.create_stream("invoices", shards=1)
    with way_in as second:
        assert second is not first
        assert stream_names() == ["orders"]


# --- nesting ------------------------------------------------------------------------------------------------------


def test_the_inner_fake_wins_and_the_outer_one_goes_on_untouched() -> None:
    with fake_kinesis(streams={"outer": 1}, start="2026-01-01T00:00:00Z") as outer:
        with fake_kinesis(streams={"inner": 1}, start="2020-01-01T00:00:00Z") as inner:
            assert stream_names() == ["inner"]
            inner.advance(days=1)
            boto3.client("kinesis").put_record(StreamName="inner", Data=b"x", PartitionKey="k")
            boto3.client("kinesis").create_stream(StreamName="outer", ShardCount=3)
        assert stream_names() == ["outer"]
        assert outer.now.isoformat() == "2026-01-01T00:00:00+00:00"
        assert len(outer.stream("outer").shards) == 1
        assert len(outer.calls) == 1


def test_a_client_made_in_the_outer_block_calls_the_inner_fake_inside_the_inner_block() -> None:
    with fake_kinesis(streams={"outer": 1}):
        client = boto3.client("kinesis")
        with fake_kinesis(streams={"inner": 1}):
            assert client.list_streams()["StreamNames"] == ["inner"]
        assert client.list_streams()["StreamNames"] == ["outer"]


def test_one_object_may_be_entered_inside_itself() -> None:
    way_in = fake_kinesis()
    with way_in as outer:
        outer.create_stream("outer", shards=1)
        with way_in as inner:
            assert inner is not outer
            assert stream_names() == []
        assert stream_names() == ["outer"]


def test_the_inner_block_may_fail_and_the_outer_fake_resumes() -> None:
    with fake_kinesis(streams={"outer": 1}):
        with pytest.raises(ValueError, match="the test's own"):
            with fake_kinesis():
                raise ValueError("the test's own")
        assert stream_names() == ["outer"]


def test_ten_fakes_deep() -> None:
    ways_in = [fake_kinesis(streams={f"stream-{depth}": 1}) for depth in range(10)]
    for depth, way_in in enumerate(ways_in):
        way_in.__enter__()
        assert stream_names() == [f"stream-{depth}"]
    for depth, way_in in reversed(list(enumerate(ways_in))):
        assert stream_names() == [f"stream-{depth}"]
        way_in.__exit__(None, None, None)


# --- misuse -------------------------------------------------------------------------------------------------------

OUT_OF_ORDER = (
    "This fake was left while another one was still active inside it; leave the inner fake first, then the outer one."
)


def test_leaving_the_outer_fake_first_complains_and_leaves_nothing_behind() -> None:
    outer, inner = fake_kinesis(streams={"outer": 1}), fake_kinesis(streams={"inner": 1})
    outer.__enter__()
    inner.__enter__()
    with pytest.raises(KinesisFakeError) as caught:
        outer.__exit__(None, None, None)
    assert str(caught.value) == OUT_OF_ORDER
    assert stream_names() == ["inner"]
    inner.__exit__(None, None, None)
    assert len(ACTIVE_FAKES) == 0


def test_leaving_the_middle_one_of_three_first_brings_back_the_outermost() -> None:
    outer, middle, inner = (fake_kinesis(streams={name: 1}) for name in ("outer", "middle", "inner"))
    for way_in in (outer, middle, inner):
        way_in.__enter__()
    with pytest.raises(KinesisFakeError):
        middle.__exit__(None, None, None)
    inner.__exit__(None, None, None)
    assert stream_names() == ["outer"]
    outer.__exit__(None, None, None)


def test_leaving_out_of_order_does_not_hide_why_the_block_fails() -> None:
    inner = fake_kinesis()

    @fake_kinesis
    def work() -> None:
        inner.__enter__()
        raise ValueError("the test's own")

    with pytest.raises(ValueError, match=r"^the test's own$"):
        work()
    inner.__exit__(None, None, None)


def test_leaving_twice_complains() -> None:
    way_in = fake_kinesis()
    way_in.__enter__()
    way_in.__exit__(None, None, None)
    with pytest.raises(KinesisFakeError) as caught:
        way_in.__exit__(None, None, None)
    assert str(caught.value) == "This fake was not entered; leave it as often as you enter it."


def test_a_fake_that_is_refused_was_never_entered() -> None:
    for _ in range(3):
        with pytest.raises(KinesisFakeError, match=r"^region must be the name of a region"):
            fake_kinesis(region="").__enter__()
    with fake_kinesis() as kinesis:
        assert stream_names() == []
        assert kinesis.streams == []


def test_a_fault_that_was_never_used_fails_the_block() -> None:
    with pytest.raises(KinesisFakeError, match=r"^The fault was never used: Fault\.throttle\('PutRecords'\)\."):
        with fake_kinesis() as kinesis:
            kinesis.inject(Fault.throttle("PutRecords"))
    assert len(ACTIVE_FAKES) == 0


def test_a_fault_that_was_never_used_does_not_hide_why_the_block_fails() -> None:
    @fake_kinesis
    def work(kinesis: KinesisFake) -> None:
        kinesis.inject(Fault.throttle("PutRecords"))
        raise ValueError("the test's own")

    with pytest.raises(ValueError, match=r"^the test's own$"):
        work()


# --- start and stop -----------------------------------------------------------------------------------------------


def test_a_fake_is_active_from_start_to_stop() -> None:
    fake = fake_kinesis(streams={"orders": 1})
    kinesis = fake.start()
    assert type(kinesis) is KinesisFake
    kinesis.create_stream("invoices", shards=1)
    assert stream_names() == ["invoices", "orders"]
    fake.stop()
    assert len(ACTIVE_FAKES) == 0


@pytest.mark.thorough
def test_what_was_started_goes_on_when_its_object_is_dropped() -> None:
    # In a process of its own, because nothing can stop this fake.
    program = """
import gc, boto3
from kinesis_fake import fake_kinesis
fake_kinesis(streams={"orders": 1}).start()
gc.collect()
print(boto3.client("kinesis").list_streams()["StreamNames"])
another = fake_kinesis(streams={"invoices": 1})
another.start()
print(boto3.client("kinesis").list_streams()["StreamNames"])
another.stop()
print(boto3.client("kinesis").list_streams()["StreamNames"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("['orders']\n['invoices']\n['orders']\n", "")


def test_what_has_been_stopped_is_not_kept() -> None:
    fake = fake_kinesis()
    held = weakref.ref(fake)
    fake.start()
    fake.stop()
    del fake
    gc.collect()
    assert held() is None


def test_a_fake_that_was_entered_without_a_block_tells_that_it_has_been_left_with_its_object() -> None:
    kinesis = fake_kinesis().__enter__()
    gc.collect()
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.client()
    assert str(caught.value) == "This fake has been left; make clients and call attach() while it is active."


def test_an_exit_stack_keeps_what_it_has_entered() -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(fake_kinesis(streams={"orders": 1}))
        gc.collect()
        assert stream_names() == ["orders"]


def test_each_start_makes_a_new_fake() -> None:
    fake = fake_kinesis(streams={"orders": 1})
    first = fake.start()
    first.create_stream("invoices", shards=1)
    fake.stop()
    assert fake.start() is not first
    assert stream_names() == ["orders"]
    fake.stop()


def test_starting_twice_complains_and_the_first_fake_goes_on() -> None:
    fake = fake_kinesis(streams={"orders": 1})
    fake.start()
    with pytest.raises(KinesisFakeError) as caught:
        fake.start()
    assert str(caught.value) == "This fake has been started already; stop() it before you start() it again."
    assert len(ACTIVE_FAKES) == 1
    assert stream_names() == ["orders"]
    fake.stop()


def test_stopping_what_was_not_started_complains() -> None:
    message = r"^This fake was not started; stop\(\) it once for each start\(\)\."
    fake = fake_kinesis()
    with pytest.raises(KinesisFakeError, match=message):
        fake.stop()
    fake.start()
    fake.stop()
    with pytest.raises(KinesisFakeError, match=message):
        fake.stop()
    with fake, pytest.raises(KinesisFakeError, match=message):
        fake.stop()


def test_a_fake_that_is_refused_was_never_started() -> None:
    fake = fake_kinesis(region="")
    for _ in range(2):
        with pytest.raises(KinesisFakeError, match=r"^region must be the name of a region"):
            fake.start()
    with pytest.raises(KinesisFakeError, match=r"^This fake was not started"):
        fake.stop()


def test_stop_leaves_what_start_entered_and_a_block_what_it_entered() -> None:
    fake = fake_kinesis()
    started = fake.start()
    started.create_stream("started", shards=1)
    with fake as inner:
        inner.create_stream("inner", shards=1)
        assert stream_names() == ["inner"]
    assert stream_names() == ["started"]
    fake.stop()


def test_stopping_complains_of_a_fault_that_was_never_used() -> None:
    fake = fake_kinesis()
    fake.start().inject(Fault.throttle("PutRecords"))
    with pytest.raises(KinesisFakeError, match=r"^The fault was never used: Fault\.throttle\('PutRecords'\)\."):
        fake.stop()
    assert len(ACTIVE_FAKES) == 0


# --- afterwards ---------------------------------------------------------------------------------------------------


def test_the_state_of_a_fake_can_still_be_looked_at_when_it_has_been_left() -> None:
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        boto3.client("kinesis").put_record(StreamName="orders", Data=b"x", PartitionKey="k")
    assert [record.data for record in kinesis.stream("orders").records] == [b"x"]


def test_a_context_that_outlives_a_fake_does_not_keep_it_in_memory() -> None:
    async def work() -> None:
        left = asyncio.Event()

        async def bystander() -> None:
            await left.wait()
            gc.collect()
            assert watched() is None

        with fake_kinesis() as kinesis:
            task = asyncio.create_task(bystander())  # it has a copy of the context, with the fake in it
            await asyncio.sleep(0)
            watched = weakref.ref(kinesis._door)
            del kinesis
        left.set()
        await task

    asyncio.run(work())


def test_an_error_that_has_left_a_fake_can_be_pickled_and_copied_and_leave_others() -> None:
    """As where a process of a pool runs a decorated function, and its error goes to the process that waits for it."""
    with pytest.raises(ValueError, match="the test's own") as caught:
        with fake_kinesis():
            raise ValueError("the test's own")
    for error in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value), copy.deepcopy(caught.value)):
        assert (type(error), error.args) == (ValueError, ("the test's own",))
        with pytest.raises(ValueError, match="the test's own"):
            with fake_kinesis():
                raise error


def test_an_error_that_cannot_be_changed_leaves_a_fake_as_it_is() -> None:
    @dataclass(frozen=True)
    class Frozen(Exception):
        text: str

    error = Frozen("the test's own")
    with pytest.raises(Frozen) as caught:
        with fake_kinesis():
            raise error
    assert caught.value is error


def test_a_fake_ends_with_its_last_reference_and_leaves_the_garbage_collector_little() -> None:
    gc.collect()
    gc.disable()
    try:
        with fake_kinesis() as kinesis:
            kinesis.client().list_streams()
        watched = [
            weakref.ref(thing)
            for thing in (
                kinesis,
                kinesis._door,
                kinesis._service,
                kinesis._timeline,
                kinesis._backstage,
                kinesis.calls,
            )
        ]
        del kinesis
        assert [reference() for reference in watched] == [None] * 6
    finally:
        gc.enable()
