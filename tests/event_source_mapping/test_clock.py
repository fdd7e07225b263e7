"""How the clock drives mappings, and what handlers may do to it."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import kinesis_fake
from kinesis_fake import KinesisFake, KinesisFakeError
from tests.support.handlers import Handler, failing_on, keys_of, put


def test_each_way_to_move_the_clock_hands_batches_over(kinesis: KinesisFake, kinesis_client: Any) -> None:
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    put(kinesis, "advance")
    kinesis.advance(seconds=1)
    put(kinesis, "travel_to")
    kinesis.travel_to(kinesis.now + timedelta(seconds=1))
    put(kinesis, "drain")
    mapping.drain()
    kinesis_client.create_stream(StreamName="other", ShardCount=1)
    put(kinesis, "settle")
    kinesis.settle()
    assert handler.calls == [["advance"], ["travel_to"], ["drain"], ["settle"]]


def test_the_clock_stands_at_the_instant_of_each_invocation(kinesis: KinesisFake) -> None:
    seen = []
    mapping = kinesis.event_source_mapping(lambda event, context: seen.append(kinesis.now), "orders")
    put(kinesis, "a")
    kinesis.advance(seconds=1)
    put(kinesis, "b")
    kinesis.advance(days=3)
    assert [str(each)[11:19] for each in seen] == ["00:00:00", "00:00:01"]
    assert seen == [each.at for each in mapping.invocations]
    assert str(kinesis.now) == "2026-01-04 00:00:01+00:00"


def test_a_drain_moves_the_clock_no_further_than_it_must(kinesis: KinesisFake) -> None:
    put(kinesis, "bad")
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders", maximum_retry_attempts=1)
    assert len(mapping.drain()) == 2
    assert str(kinesis.now) == "2026-01-01 00:00:00.200000+00:00"
    assert mapping.drain() == []


def test_a_drain_has_a_limit_and_says_what_is_left(kinesis: KinesisFake) -> None:
    put(kinesis, "bad")
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders")
    with pytest.raises(KinesisFakeError) as caught:
        mapping.drain(limit=timedelta(seconds=10))
    told = str(caught.value)
    assert told.startswith("drain() has come to its limit, 10 seconds of virtual time, and the mapping is not done; ")
    assert "its next step is due at 2026-01-01T00:00:12.600000+00:00." in told
    assert told.endswith(
        "shardId-000000000000 is blocked by 1 record since 2026-01-01T00:00:00+00:00, next attempt "
        "2026-01-01T00:00:12.600000+00:00: Poison: cannot stand ['bad']"
    )
    with pytest.raises(
        KinesisFakeError, match=r"^The limit of drain\(\) must be a timedelta of zero or more, not 10\."
    ):
        mapping.drain(limit=10)  # type: ignore[arg-type]


def test_a_handler_that_feeds_its_own_stream_comes_to_the_limit(kinesis: KinesisFake) -> None:
    put(kinesis, 0)
    mapping = kinesis.event_source_mapping(lambda event, context: put(kinesis, "again") and None, "orders")
    with pytest.raises(KinesisFakeError, match="has come to its limit"):
        mapping.drain(limit=timedelta(minutes=1))
    assert len(mapping.invocations) == 61


# --- handlers that call the fake ------------------------------------------------------------------------------------


def test_a_handler_may_put_to_a_stream_that_has_a_mapping(kinesis: KinesisFake, kinesis_client: Any) -> None:
    kinesis.create_stream("totals", shards=1)

    def count(event: Any, context: Any) -> None:
        kinesis_client.put_record(StreamName="totals", Data=b"x", PartitionKey=str(len(event["Records"])))

    reader = Handler()
    kinesis.event_source_mapping(count, "orders")
    kinesis.event_source_mapping(reader, "totals")
    put(kinesis, "a", "b")
    kinesis.advance(seconds=0)
    assert reader.calls == [["2"]]


def test_a_handler_runs_without_the_lock_of_the_fake(kinesis: KinesisFake, kinesis_client: Any) -> None:
    def handler(event: Any, context: Any) -> None:
        thread = threading.Thread(target=lambda: answers.append(kinesis_client.list_streams()["StreamNames"]))
        thread.start()
        thread.join(10)

    answers: list[Any] = []
    put(kinesis, "a")
    kinesis.event_source_mapping(handler, "orders").drain()
    assert answers == [["orders"]]


def test_time_passes_when_a_handler_moves_the_clock_and_the_others_wait(kinesis: KinesisFake) -> None:
    order: list[tuple[str, str]] = []

    def slow(event: Any, context: Any) -> None:
        order.append(("slow", str(kinesis.now)[17:19]))
        kinesis.advance(seconds=2)
        order.append(("slow is done", str(kinesis.now)[17:19]))

    put(kinesis, "a")
    kinesis.event_source_mapping(slow, "orders", timeout_seconds=10)
    kinesis.event_source_mapping(lambda event, context: order.append(("other", str(kinesis.now)[17:19])), "orders")
    kinesis.advance(seconds=1)
    assert order == [("slow", "00"), ("slow is done", "02")]
    assert str(kinesis.now) == "2026-01-01 00:00:02+00:00"
    kinesis.advance(seconds=0)
    assert order[2:] == [("other", "02")]


def test_a_handler_cannot_drain(kinesis: KinesisFake) -> None:
    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(lambda event, context: mapping.drain(), "orders")
    with pytest.raises(KinesisFakeError, match=r"^drain\(\) was called by a handler; let the handler return first\."):
        kinesis.advance(seconds=1)


def test_a_handler_may_reshard_disable_and_delete(kinesis: KinesisFake) -> None:
    def handler(event: Any, context: Any) -> None:
        seen.extend(keys_of(event))
        if "split" in seen[-1:]:
            kinesis.stream("orders").split("shardId-000000000000")
            put(kinesis, "disable", shard=1)
        if "disable" in seen[-1:]:
            mapping.disable()
        if "delete" in seen[-1:]:
            mapping.delete()

    seen: list[str] = []
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=1)
    put(kinesis, "split")
    kinesis.advance(seconds=5)
    assert (seen, mapping.state) == (["split", "disable"], "Disabled")
    mapping.enable()
    put(kinesis, "delete", "never", shard=2)
    kinesis.advance(seconds=5)
    assert (seen, mapping.state) == (["split", "disable", "delete"], "Deleted")


def test_a_deleted_mapping_does_nothing_more(kinesis: KinesisFake) -> None:
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    mapping.delete()
    put(kinesis, "a")
    kinesis.advance(hours=1)
    assert handler.calls == []
    for method in (mapping.drain, mapping.enable, mapping.disable):
        with pytest.raises(KinesisFakeError, match=r"^This mapping has been deleted, or restore\(\) has replaced its "):
            method()


def test_a_mapping_does_not_survive_a_restore(kinesis: KinesisFake) -> None:
    snapshot = kinesis.snapshot()
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    kinesis.restore(snapshot)
    put(kinesis, "a")
    kinesis.advance(seconds=10)
    assert (handler.calls, mapping.state) == ([], "Deleted")
    kinesis.event_source_mapping(handler, "orders").drain()
    assert handler.calls == [["a"]]


@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, virtual_sleep=True)
def test_a_handler_that_sleeps_takes_virtual_time(kinesis: KinesisFake) -> None:
    def handler(event: Any, context: Any) -> None:
        time.sleep(4)

    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(handler, "orders", maximum_retry_attempts=0)
    (invocation,) = mapping.drain()
    assert "timed out after 3.00 seconds" in str(invocation.error)
    assert len(mapping.discarded) == 1


@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, virtual_sleep=True)
def test_code_that_sleeps_until_the_handler_has_done_its_work_comes_to_an_end(kinesis: KinesisFake) -> None:
    handler = failing_on()
    kinesis.event_source_mapping(handler, "orders", maximum_batching_window_in_seconds=5)
    put(kinesis, "a")
    sleeps = 0
    while not handler.calls and sleeps < 100:
        time.sleep(0.5)
        sleeps += 1
    assert sleeps == 10
    assert str(kinesis.now) == "2026-01-01 00:00:05+00:00"


@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}, virtual_sleep=True)
def test_an_assertion_of_the_handler_comes_out_of_the_sleep_that_has_let_it_run(kinesis: KinesisFake) -> None:
    def handler(event: Any, context: Any) -> None:
        raise AssertionError("for the test")

    kinesis.event_source_mapping(handler, "orders")
    put(kinesis, "a")
    with pytest.raises(AssertionError, match="for the test"):
        time.sleep(1)


def test_a_thread_that_a_handler_has_started_may_move_the_clock(kinesis: KinesisFake) -> None:
    def handler(event: Any, context: Any) -> None:
        thread = threading.Thread(target=kinesis.advance, kwargs={"seconds": 1})
        thread.start()
        thread.join(10)

    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(handler, "orders")
    (invocation,) = mapping.drain()
    assert invocation.error is None
    assert str(kinesis.now) == "2026-01-01 00:00:01+00:00"


# --- coroutines -----------------------------------------------------------------------------------------------------


UNAWAITED = "Unable to marshal response: Object of type coroutine is not JSON serializable"


@pytest.mark.filterwarnings("error")
def test_a_coroutine_that_a_handler_returns_is_not_awaited(kinesis: KinesisFake) -> None:
    ran = []

    async def handler(event: Any, context: Any) -> None:
        ran.append(event)

    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(handler, "orders", maximum_retry_attempts=1)
    first, second = mapping.drain()
    for invocation in (first, second):
        assert (type(invocation.error).__name__, str(invocation.error)) == ("MarshalError", UNAWAITED)
    assert ran == []
    assert len(mapping.discarded) == 1
    assert mapping.configuration["LastProcessingResult"] == "PROBLEM: Function call failed"
    assert mapping.notices == [
        "2 invocations returned a coroutine, which Lambda's Python runtime does not await: it fails with "
        "Runtime.MarshalError, and nothing of the handler runs; make the handler a plain function that returns "
        "asyncio.run(...) of it"
    ]
    gc.collect()  # a coroutine that nothing awaits would warn


@pytest.mark.filterwarnings("error")
def test_a_coroutine_inside_of_a_response_is_not_awaited(kinesis: KinesisFake) -> None:
    async def count() -> int:
        return 1

    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(
        lambda event, context: {"count": count()}, "orders", maximum_retry_attempts=0
    )
    (invocation,) = mapping.drain()
    assert str(invocation.error) == UNAWAITED
    gc.collect()


def test_a_handler_may_run_a_loop_of_its_own(kinesis: KinesisFake) -> None:
    async def work(event: Any) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"keys": keys_of(event)}

    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(lambda event, context: asyncio.run(work(event)), "orders")
    (invocation,) = mapping.drain()
    assert (invocation.response, mapping.notices) == ({"keys": ["a"]}, [])


def test_a_handler_may_run_a_loop_of_its_own_in_a_test_that_is_a_coroutine(kinesis: KinesisFake) -> None:
    async def work(event: Any) -> dict[str, Any]:
        await asyncio.sleep(0)
        if keys_of(event) == ["bad"]:
            raise ValueError("bad")
        return {"stream": kinesis.client().list_streams()["StreamNames"]}

    async def test() -> list[Any]:
        put(kinesis, "bad", "good")
        mapping = kinesis.event_source_mapping(
            lambda event, context: asyncio.run(work(event)), "orders", batch_size=1, maximum_retry_attempts=0
        )
        return mapping.drain()

    bad, good = asyncio.run(test())
    assert str(bad.error) == "bad"
    assert good.response == {"stream": ["orders"]}


# --- the report of a failing test -----------------------------------------------------------------------------------


def test_a_failing_test_shows_blocked_shards_with_the_error_that_blocks_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        def handler(event, context):
            raise ValueError("no such customer")

        @pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})
        def test_the_order_arrives(kinesis):
            kinesis.stream("orders").put("1 teapot")
            kinesis.event_source_mapping(handler, "orders")
            kinesis.advance(seconds=1)
            assert False
        """
    )
    result = pytester.runpytest("-p", "no:randomly", "-o", "asyncio_default_fixture_loop_scope=function")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- kinesis -*",
            "event source mappings:",
            "  handler on orders: Enabled, 3 invocations, 0 batches discarded, iterator age 1000 ms",
            "    shardId-000000000000 is blocked by 1 record since 2026-01-01T00:00:00+00:00, next attempt "
            "2026-01-01T00:00:01.400000+00:00: ValueError: no such customer",
        ]
    )


@pytest.mark.thorough
def test_a_fake_without_mappings_does_not_load_lambda(
    pytester: pytest.Pytester, run_pytest: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(kinesis_fake.__file__).parents[1]))
    pytester.makepyfile(
        """
        import sys

        def test_it(kinesis):
            kinesis.create_stream("orders", shards=1)
            kinesis.advance(seconds=1)
            kinesis.summary()
            assert not [name for name in sys.modules if "event_source_mapping" in name or "protobuf" in name]
        """
    )
    run_pytest().assert_outcomes(passed=1)
