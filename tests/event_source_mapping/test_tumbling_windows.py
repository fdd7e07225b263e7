"""Tumbling windows: state from one invocation to the next, and how a window ends."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.handlers import keys_of, put

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"


class Window:
    """A handler that counts the records of a window, and remembers what its events say."""

    __name__ = "window"

    def __init__(self) -> None:
        self.seen: list[tuple[str, list[str], Any, bool, bool]] = []

    def __call__(self, event: Any, context: object) -> Any:
        keys = keys_of(event)
        self.seen.append(
            (
                event["window"]["start"][11:-1],
                keys,
                event["state"],
                event["isFinalInvokeForWindow"],
                event["isWindowTerminatedEarly"],
            )
        )
        return self.answer(event["state"], keys)

    def answer(self, state: Any, keys: list[str]) -> Any:
        return {"state": {"count": state.get("count", 0) + len(keys)}}


def test_the_event_of_a_window_has_the_members_of_lambda_in_their_order(kinesis: KinesisFake) -> None:
    put(kinesis, "a")
    events: list[Any] = []

    def handler(event: Any, context: Any) -> Any:
        events.append(event)
        return {"state": {"seen": 1}}

    mapping = kinesis.event_source_mapping(handler, "orders", tumbling_window_in_seconds=120)
    mapping.drain()
    first, final = events
    assert list(first) == [
        "Records",
        "window",
        "state",
        "shardId",
        "eventSourceARN",
        "isFinalInvokeForWindow",
        "isWindowTerminatedEarly",
    ]
    assert first["window"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:02:00Z"}
    assert first["state"] == {}
    assert (first["shardId"], first["eventSourceARN"]) == ("shardId-000000000000", ARN)
    assert final == {**first, "Records": [], "state": {"seen": 1}, "isFinalInvokeForWindow": True}
    assert [each.event for each in mapping.invocations] == events
    assert [each.reason for each in mapping.invocations] == ["new records", "end of window"]


def test_state_goes_from_one_invocation_to_the_next_and_ends_with_the_window(kinesis: KinesisFake) -> None:
    handler = Window()
    kinesis.event_source_mapping(handler, "orders", batch_size=2, tumbling_window_in_seconds=60)
    put(kinesis, "a", "b", "c")
    kinesis.advance(seconds=30)
    put(kinesis, "d")
    kinesis.advance(seconds=29)
    assert [seen[3] for seen in handler.seen] == [False] * 3
    kinesis.advance(seconds=31)
    put(kinesis, "e")
    kinesis.advance(seconds=60)
    assert handler.seen == [
        ("00:00:00", ["a", "b"], {}, False, False),
        ("00:00:00", ["c"], {"count": 2}, False, False),
        ("00:00:00", ["d"], {"count": 3}, False, False),
        ("00:00:00", [], {"count": 4}, True, False),
        ("00:01:00", ["e"], {}, False, False),
        ("00:01:00", [], {"count": 1}, True, False),
    ]


def test_windows_begin_at_multiples_of_their_length_and_have_the_records_that_arrived_in_them(
    kinesis: KinesisFake,
) -> None:
    handler = Window()
    kinesis.advance(milliseconds=59_999)
    put(kinesis, "last of the first")
    kinesis.advance(milliseconds=1)
    put(kinesis, "first of the second")
    kinesis.advance(minutes=10)
    kinesis.event_source_mapping(handler, "orders", tumbling_window_in_seconds=60).drain()
    assert [(start, keys, final) for start, keys, _, final, _ in handler.seen] == [
        ("00:00:00", ["last of the first"], False),
        ("00:00:00", [], True),
        ("00:01:00", ["first of the second"], False),
        ("00:01:00", [], True),
    ]


def test_a_record_that_was_read_after_the_end_still_belongs_to_its_window(kinesis: KinesisFake) -> None:
    handler = Window()
    kinesis.advance(milliseconds=500)  # so that polls fall between whole seconds
    kinesis.event_source_mapping(handler, "orders", tumbling_window_in_seconds=1)
    put(kinesis, "early")
    kinesis.advance(milliseconds=499)
    put(kinesis, "late")
    kinesis.advance(seconds=1)
    assert [(keys, state, final) for _, keys, state, final, _ in handler.seen] == [
        (["early"], {}, False),
        (["late"], {"count": 1}, False),
        ([], {"count": 2}, True),
    ]


def test_a_batching_window_ends_with_the_tumbling_window(kinesis: KinesisFake) -> None:
    handler = Window()
    mapping = kinesis.event_source_mapping(
        handler, "orders", tumbling_window_in_seconds=60, maximum_batching_window_in_seconds=40
    )
    kinesis.advance(seconds=30)
    put(kinesis, "a")
    kinesis.advance(seconds=30)
    assert [(keys, final) for _, keys, _, final, _ in handler.seen] == [(["a"], False), ([], True)]
    assert [each.reason for each in mapping.invocations] == ["tumbling window", "end of window"]


def test_windows_of_two_shards_have_states_of_their_own(kinesis: KinesisFake) -> None:
    kinesis.create_stream("two", shards=2)
    stream = kinesis.stream("two")
    for shard, keys in enumerate(("ab", "c")):
        for key in keys:
            stream.put("x", key, stream.shards[shard].starting_hash_key)
    handler = Window()
    kinesis.event_source_mapping(handler, "two", tumbling_window_in_seconds=60).drain()
    assert sorted(state["count"] for _, _, state, final, _ in handler.seen if final) == [1, 2]


# --- failures -------------------------------------------------------------------------------------------------------


def test_an_answer_without_state_is_a_failure(kinesis: KinesisFake) -> None:
    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(lambda event, context: {}, "orders", tumbling_window_in_seconds=60)
    kinesis.advance(seconds=2)
    assert len(mapping.invocations) == 4
    (blocked,) = mapping.blocked
    assert blocked.problem == "a function with a tumbling window must return its state, as in {'state': {...}}"


def test_a_failed_invocation_is_made_again_with_the_same_state(kinesis: KinesisFake) -> None:
    class Failing(Window):
        def answer(self, state: Any, keys: list[str]) -> Any:
            if keys == ["b"] and len(self.seen) < 4:
                raise ValueError
            return super().answer(state, keys)

    handler = Failing()
    put(kinesis, "a", "b")
    kinesis.event_source_mapping(handler, "orders", batch_size=1, tumbling_window_in_seconds=60).drain()
    assert [(keys, state) for _, keys, state, _, _ in handler.seen] == [
        (["a"], {}),
        *[(["b"], {"count": 1})] * 3,
        ([], {"count": 2}),
    ]


def test_a_discarded_batch_leaves_the_state_as_it_was(kinesis: KinesisFake) -> None:
    class Failing(Window):
        def answer(self, state: Any, keys: list[str]) -> Any:
            if "bad" in keys:
                raise ValueError
            return super().answer(state, keys)

    handler = Failing()
    put(kinesis, "a", "bad", "c")
    mapping = kinesis.event_source_mapping(
        handler, "orders", batch_size=1, tumbling_window_in_seconds=60, maximum_retry_attempts=1
    )
    mapping.drain()
    assert handler.seen[-1][1:4] == ([], {"count": 2}, True)
    assert len(mapping.discarded) == 1


def test_a_partial_failure_keeps_the_state_and_hands_over_the_rest(kinesis: KinesisFake) -> None:
    class Reporting(Window):
        def answer(self, state: Any, keys: list[str]) -> Any:
            if len(self.seen) > 1:
                return super().answer(state, keys)
            return {"state": {"count": 1}, "batchItemFailures": [{"itemIdentifier": numbers[1]}]}

    numbers = put(kinesis, "a", "b", "c")
    handler = Reporting()
    kinesis.event_source_mapping(
        handler, "orders", tumbling_window_in_seconds=60, function_response_types=["ReportBatchItemFailures"]
    ).drain()
    assert [(keys, state) for _, keys, state, _, _ in handler.seen] == [
        (["a", "b", "c"], {}),
        (["b", "c"], {"count": 1}),
        ([], {"count": 3}),
    ]


def test_a_final_invocation_that_fails_suspends_the_shard_until_it_succeeds(kinesis: KinesisFake) -> None:
    class Failing(Window):
        fails = True

        def answer(self, state: Any, keys: list[str]) -> Any:
            if not keys and self.fails:
                raise ValueError("the store is down")
            return super().answer(state, keys)

    handler = Failing()
    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(handler, "orders", tumbling_window_in_seconds=10, maximum_retry_attempts=1)
    kinesis.advance(seconds=15)
    put(kinesis, "behind it")
    kinesis.advance(minutes=10)
    assert "behind it" not in [key for _, keys, *_ in handler.seen for key in keys]
    (blocked,) = mapping.blocked
    assert (blocked.batch_size, blocked.problem) == (0, "ValueError: the store is down")
    assert "is blocked by the end of a window since 2026-01-01T00:00:10+00:00" in kinesis.summary()
    handler.fails = False
    mapping.drain()
    assert [keys for _, keys, *_ in handler.seen[-3:]] == [[], ["behind it"], []]
    assert mapping.blocked == []


# --- ends -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "early"), [(1024 * 1024, False), (1024 * 1024 + 1, True)])
def test_a_state_of_more_than_a_megabyte_ends_the_window_early(kinesis: KinesisFake, size: int, early: bool) -> None:
    class Growing(Window):
        def answer(self, state: Any, keys: list[str]) -> Any:
            return {"state": "x" * (size - 2) if keys == ["a"] else {}}

    handler = Growing()
    put(kinesis, "a", "b")
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=1, tumbling_window_in_seconds=60)
    kinesis.advance(seconds=0)
    assert [(keys, final, is_early) for _, keys, _, final, is_early in handler.seen] == [
        (["a"], False, False),
        *([([], True, True)] if early else []),
        (["b"], False, False),
    ]
    assert (handler.seen[-1][2] == {}) is early
    mapping.drain()
    assert handler.seen[-1][3:] == (True, False)


def test_the_end_of_a_shard_ends_its_window_and_children_begin_without_a_state(kinesis: KinesisFake) -> None:
    handler = Window()
    put(kinesis, "parent")
    kinesis.event_source_mapping(handler, "orders", tumbling_window_in_seconds=900)
    kinesis.advance(seconds=1)
    kinesis.stream("orders").split("shardId-000000000000")
    put(kinesis, "child", shard=1)
    kinesis.advance(seconds=2)
    assert handler.seen == [
        ("00:00:00", ["parent"], {}, False, False),
        ("00:00:00", [], {"count": 1}, True, False),
        ("00:00:00", ["child"], {}, False, False),
    ]
