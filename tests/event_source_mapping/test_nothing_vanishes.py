"""Whatever a handler does, each record is handed over in its shard's order, is discarded, or still waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import KinesisFake, fake_kinesis
from tests.support.searches import examples

#: What a handler may do with a batch; the numbers choose a record of it.
BEHAVIOURS = ("succeed", "raise", "hang", "report", "report nonsense", "answer nonsense", "exit", "unwritable", "put")

handlers = st.lists(
    st.tuples(st.sampled_from(["succeed", "succeed", "raise", *BEHAVIOURS]), st.integers(0, 9)), min_size=1, max_size=8
)
parameters = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 5),
        "maximum_batching_window_in_seconds": st.sampled_from([0, 0, 3]),
        "maximum_retry_attempts": st.sampled_from([-1, 0, 1, 3]),
        "maximum_record_age_in_seconds": st.sampled_from([-1, 60]),
        "bisect_batch_on_function_error": st.booleans(),
        "function_response_types": st.sampled_from([[], ["ReportBatchItemFailures"]]),
        "parallelization_factor": st.sampled_from([1, 1, 3]),
    }
)
windows = st.sampled_from([0, 0, 0, 10])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 6)),
        st.tuples(st.just("advance"), st.sampled_from([0, 100, 1_000, 7_000, 61_000])),
        st.tuples(st.just("split"), st.integers(0, 3)),
        st.tuples(st.just("pause"), st.just(0)),
    ),
    min_size=1,
    max_size=8,
)


def make_handler(kinesis: KinesisFake, behaviours: list[tuple[str, int]]) -> Callable[[Any, Any], Any]:
    """A handler that does one thing after the other, over and over."""
    calls = 0

    def handler(event: Any, context: Any) -> Any:
        nonlocal calls
        behaviour, number = behaviours[calls % len(behaviours)]
        calls += 1
        records = event["Records"]
        numbers = [record["kinesis"]["sequenceNumber"] for record in records]
        state = {"state": {"calls": calls}}
        if behaviour == "raise":
            raise ValueError("no")
        if behaviour == "exit":
            raise SystemExit(1)
        if behaviour == "hang":
            kinesis.advance(seconds=4)
        if behaviour == "put" and calls < 20:
            kinesis.stream("orders").put("more", str(number))
        if behaviour == "unwritable":
            return {"state": {1, 2}}
        if behaviour == "answer nonsense":
            return ["nonsense"]
        if behaviour == "report nonsense":
            return {**state, "batchItemFailures": [{"itemIdentifier": str(number)}]}
        if behaviour == "report" and numbers:
            return {**state, "batchItemFailures": [{"itemIdentifier": numbers[number % len(numbers)]}]}
        return state

    return handler


@examples(200)
@given(behaviours=handlers, given_parameters=parameters, window=windows, script=steps)
def test_every_record_is_handed_over_in_order_discarded_or_waiting(
    behaviours: list[tuple[str, int]], given_parameters: dict[str, Any], window: int, script: list[tuple[str, int]]
) -> None:
    if window:
        given_parameters = {**given_parameters, "parallelization_factor": 1}
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2}) as kinesis:
        stream = kinesis.stream("orders")
        mapping = kinesis.event_source_mapping(
            make_handler(kinesis, behaviours), "orders", tumbling_window_in_seconds=window, **given_parameters
        )
        for each in range(8):
            stream.put("data", str(each % 5), 0)
        for step, number in script:
            if step == "put":
                for each in range(number):
                    stream.put("data", str(each))
            elif step == "advance":
                kinesis.advance(milliseconds=number)
            elif step == "split":
                shard = stream.open_shards[number % len(stream.open_shards)]
                stream.split(shard.shard_id)
            else:
                mapping.disable()
                mapping.enable()
        kinesis.advance(timedelta(seconds=5))
        hold_that_nothing_vanished(kinesis, mapping)


def hold_that_nothing_vanished(kinesis: KinesisFake, mapping: Any) -> None:
    done = done_of(mapping)
    seen = [*done, *numbers_discarded(mapping), *mapping.waiting]
    assert sorted(seen, key=int) == sorted((each.sequence_number for each in kinesis.stream("orders").records), key=int)
    for shard in kinesis.stream("orders").shards:
        in_order_of_keys(shard, done)
        if mapping.configuration["ParallelizationFactor"] == 1:
            of_shard = [number for number in done if number in {each.sequence_number for each in shard.records}]
            assert of_shard == sorted(of_shard, key=int)
    assert mapping.lost == []


def done_of(mapping: Any) -> list[str]:
    """The numbers of the records that an invocation has ended well for, told from the invocations alone."""
    is_reporting = bool(mapping.configuration["FunctionResponseTypes"])
    is_windowed = mapping.configuration["TumblingWindowInSeconds"] > 0
    done: list[str] = []
    for each in mapping.invocations:
        numbers = each.sequence_numbers
        if each.error is not None:
            continue
        response = each.response
        if is_windowed and not (isinstance(response, dict) and "state" in response):
            continue
        if is_reporting and not isinstance(response, dict) and response:
            continue
        failures = response.get("batchItemFailures") if is_reporting and isinstance(response, dict) else None
        if failures:
            identifier = failures[0]["itemIdentifier"]
            if identifier in numbers:
                done += numbers[: numbers.index(identifier)]
            continue
        done += numbers
    return done


def numbers_discarded(mapping: Any) -> list[str]:
    numbers = []
    for discarded in mapping.discarded:
        found = [record["kinesis"]["sequenceNumber"] for record in discarded.event["Records"]]
        info = discarded.document["KinesisBatchInfo"]
        assert (info["startSequenceNumber"], info["endSequenceNumber"]) == (found[0], found[-1])
        assert info["batchSize"] == len(found)
        numbers += found
    return numbers


def in_order_of_keys(shard: Any, done: list[str]) -> None:
    """The records of one key were done in their order."""
    key_of = {record.sequence_number: record.partition_key for record in shard.records}
    for key in set(key_of.values()):
        of_key = [number for number in done if key_of.get(number) == key]
        assert of_key == sorted(of_key, key=int)
