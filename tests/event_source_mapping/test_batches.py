"""Which records make a batch, and when the function is invoked with it."""

from __future__ import annotations

import pytest

from kinesis_fake import KinesisFake
from tests.support.handlers import Handler, failing_on, put
from tests.support.model import needs


def reasons(mapping: object) -> list[str]:
    return [each.reason for each in mapping.invocations]  # type: ignore[attr-defined]


def test_a_record_is_handed_over_when_the_clock_moves_and_not_before(kinesis: KinesisFake) -> None:
    handler = Handler()
    kinesis.event_source_mapping(handler, "orders")
    put(kinesis, "a")
    assert handler.calls == []
    kinesis.advance(seconds=0)
    assert handler.calls == [["a"]]


def test_a_shard_is_polled_once_a_second_when_it_has_no_more(kinesis: KinesisFake) -> None:
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    put(kinesis, "a")
    kinesis.advance(milliseconds=300)
    put(kinesis, "b")
    kinesis.advance(milliseconds=699)
    assert handler.calls == [["a"]]
    kinesis.advance(milliseconds=1)
    assert handler.calls == [["a"], ["b"]]
    put(kinesis, "c")
    kinesis.advance(hours=1)
    assert [each.at.isoformat() for each in mapping.invocations] == [
        "2026-01-01T00:00:00+00:00",
        "2026-01-01T00:00:01+00:00",
        "2026-01-01T00:00:02+00:00",
    ]


def test_what_is_behind_is_read_back_to_back(kinesis: KinesisFake) -> None:
    handler = Handler()
    put(kinesis, *range(5))
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=2)
    kinesis.advance(seconds=0)
    assert handler.calls == [["0", "1"], ["2", "3"], ["4"]]
    assert reasons(mapping) == ["batch size", "batch size", "new records"]


def test_one_long_jump_equals_many_short_ones(kinesis: KinesisFake) -> None:
    put(kinesis, "a", "bad", "c")
    jumping = kinesis.event_source_mapping(failing_on("bad"), "orders", batch_size=1, maximum_retry_attempts=5)
    snapshot = kinesis.snapshot()
    kinesis.advance(seconds=20)
    kinesis.restore(snapshot)
    stepping = kinesis.event_source_mapping(failing_on("bad"), "orders", batch_size=1, maximum_retry_attempts=5)
    for _ in range(20_000 // 40):
        kinesis.advance(milliseconds=40)
    told = [[(each.at, each.attempt, each.reason) for each in one.invocations] for one in (jumping, stepping)]
    assert told[0] == told[1]
    assert len(told[0]) == 8


def test_a_batching_window_waits_for_more_records(kinesis: KinesisFake) -> None:
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=5, maximum_batching_window_in_seconds=10)
    put(kinesis, "a")
    kinesis.advance(seconds=5)
    put(kinesis, "b")
    kinesis.advance(milliseconds=4_999)
    assert handler.calls == []
    kinesis.advance(milliseconds=1)
    assert handler.calls == [["a", "b"]]
    put(kinesis, *range(7))
    kinesis.advance(seconds=1)
    assert handler.calls[1:] == [["0", "1", "2", "3", "4"]]
    kinesis.advance(seconds=10)
    assert handler.calls[2:] == [["5", "6"]]
    assert reasons(mapping) == ["batching window", "batch size", "batching window"]


def test_a_batch_is_closed_by_six_megabytes(kinesis: KinesisFake) -> None:
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders", maximum_batching_window_in_seconds=300)
    for number in range(12):
        kinesis.stream("orders").put(b"x" * 1_000_000, str(number))
    kinesis.advance(seconds=1)
    assert handler.calls == [["0", "1", "2", "3"], ["4", "5", "6", "7"]]
    assert reasons(mapping) == ["payload size", "payload size"]
    kinesis.advance(seconds=300)
    assert handler.calls[2:] == [["8", "9", "10", "11"]]
    assert reasons(mapping)[2:] == ["batching window"]


@needs("CreateStream", "MaxRecordSizeInKiB")
@pytest.mark.fake_kinesis(
    streams={"orders": {"shard_count": 1, "max_record_size_in_ki_b": 10_240}}, start="2026-01-01T00:00:00Z"
)
def test_a_record_that_is_larger_than_an_event_is_tried_and_discarded(kinesis: KinesisFake) -> None:
    handler = Handler()
    kinesis.stream("orders").put(b"x" * 5_000_000, "large")
    put(kinesis, "small")
    mapping = kinesis.event_source_mapping(handler, "orders", maximum_retry_attempts=2)
    mapping.drain()
    assert handler.calls == [["small"]]
    (discarded,) = mapping.discarded
    assert discarded.document["requestContext"]["approximateInvokeCount"] == 3
    assert "responseContext" not in discarded.document
    assert "larger than the 6 MB" in str(mapping.invocations[0].error)


# --- several shards, several sub-streams ----------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"orders": 3}, start="2026-01-01T00:00:00Z")
def test_a_batch_has_the_records_of_one_shard(kinesis: KinesisFake) -> None:
    for shard in (2, 0, 1):
        put(kinesis, f"{shard}a", f"{shard}b", shard=shard)
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    mapping.drain()
    assert handler.calls == [["0a", "0b"], ["1a", "1b"], ["2a", "2b"]]
    assert [each.shard_id for each in mapping.invocations] == [f"shardId-{index:012d}" for index in range(3)]


def test_parallelisation_keeps_the_order_of_each_key_and_blocks_only_its_sub_stream(kinesis: KinesisFake) -> None:
    handler = failing_on("key-0")
    for round_ in range(3):
        for number in range(20):
            kinesis.stream("orders").put(str(round_), f"key-{number}", 0)
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=5, parallelization_factor=4)
    kinesis.advance(seconds=5)
    (blocked,) = mapping.blocked
    done = [record["kinesis"] for each in mapping.invocations if each.error is None for record in each.event["Records"]]
    by_key: dict[str, list[str]] = {}
    for record in done:
        by_key.setdefault(record["partitionKey"], []).append(record["sequenceNumber"])
    assert all(numbers == sorted(numbers, key=int) and len(numbers) == 3 for numbers in by_key.values())
    assert "key-0" not in by_key
    assert 10 < len(by_key) < 20
    assert blocked.batch_size == 5


# --- disabling ------------------------------------------------------------------------------------------------------


def test_a_disabled_mapping_keeps_its_place(kinesis: KinesisFake) -> None:
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders")
    put(kinesis, "a")
    kinesis.advance(seconds=1)
    mapping.disable()
    assert mapping.state == "Disabled"
    put(kinesis, "b")
    kinesis.advance(hours=1)
    assert handler.calls == [["a"]]
    mapping.enable()
    assert mapping.state == "Enabled"
    kinesis.advance(seconds=1)
    assert handler.calls == [["a"], ["b"]]


def test_a_mapping_may_begin_disabled_with_its_place_in_the_stream(kinesis: KinesisFake) -> None:
    handler = Handler()
    put(kinesis, "before")
    mapping = kinesis.event_source_mapping(handler, "orders", enabled=False, starting_position="LATEST")
    put(kinesis, "after")
    kinesis.advance(seconds=10)
    assert handler.calls == []
    mapping.enable()
    mapping.drain()
    assert handler.calls == [["after"]]


def test_a_batch_that_was_failing_is_new_after_a_pause(kinesis: KinesisFake) -> None:
    put(kinesis, "bad", "other")
    handler = failing_on("bad")
    mapping = kinesis.event_source_mapping(
        handler, "orders", bisect_batch_on_function_error=True, maximum_retry_attempts=9
    )
    kinesis.advance(seconds=2)
    assert handler.calls == [["bad", "other"], *[["bad"]] * 4]
    mapping.disable()
    mapping.enable()
    kinesis.advance(seconds=0)
    assert handler.calls[5:] == [["bad", "other"], ["bad"]]
    assert mapping.invocations[5].attempt == 1


# --- age ------------------------------------------------------------------------------------------------------------


def test_the_iterator_age_is_that_of_the_oldest_record_that_is_not_done(kinesis: KinesisFake) -> None:
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders", batch_size=1, maximum_retry_attempts=3)
    assert mapping.iterator_age_ms == 0
    put(kinesis, "bad")
    kinesis.advance(milliseconds=700)
    put(kinesis, "good")
    assert mapping.iterator_age_ms == 700
    kinesis.advance(milliseconds=699)
    assert mapping.iterator_age_ms == 1_399
    kinesis.advance(milliseconds=1)
    assert mapping.iterator_age_ms == 0
    put(kinesis, "unread")
    kinesis.advance(milliseconds=599)
    assert mapping.iterator_age_ms == 599
