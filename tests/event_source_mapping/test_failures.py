"""What happens to a batch that fails: retries, bisection, partial failures, and giving up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError
from tests.support.handlers import Handler, Poison, failing_on, put

REPORT = ["ReportBatchItemFailures"]


def report(numbers: list[str]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}


def seconds_of(kinesis: KinesisFake, mapping: Any) -> list[float]:
    start = kinesis.stream("orders").records[0].approximate_arrival_timestamp
    return [(each.at - start).total_seconds() for each in mapping.invocations]


# --- retries ------------------------------------------------------------------------------------------------------


def test_the_first_retry_follows_after_a_fifth_of_a_second_and_the_next_ones_after_twice_as_long(
    kinesis: KinesisFake,
) -> None:
    put(kinesis, "bad")
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders")
    kinesis.advance(minutes=5)
    delays = [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60, 60]
    assert seconds_of(kinesis, mapping) == pytest.approx([sum(delays[:count]) for count in range(13)])
    assert [each.attempt for each in mapping.invocations] == list(range(1, 14))
    assert [each.reason for each in mapping.invocations] == ["new records"] + ["retry"] * 12


def test_all_retries_of_a_batch_have_one_request_id_and_the_next_batch_has_another(kinesis: KinesisFake) -> None:
    ids = []

    def handler(event: Any, context: Any) -> None:
        ids.append(context.aws_request_id)
        if len(ids) < 4:
            raise Poison

    put(kinesis, "a", "b")
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=1)
    mapping.drain()
    assert len(ids) == 5
    assert len(set(ids[:4])) == 1
    assert ids[4] != ids[0]
    assert [each.request_id for each in mapping.invocations] == ids


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_batch_is_discarded_when_its_retries_are_used_up(kinesis: KinesisFake, retries: int) -> None:
    handler = failing_on("bad")
    put(kinesis, "bad", "good")
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=1, maximum_retry_attempts=retries)
    mapping.drain()
    assert handler.calls == [["bad"]] * (retries + 1) + [["good"]]
    (discarded,) = mapping.discarded
    assert discarded.document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert discarded.document["requestContext"]["approximateInvokeCount"] == retries + 1
    assert discarded.document["responseContext"]["functionError"] == "Unhandled"
    assert isinstance(discarded.error, Poison)


def test_a_batch_that_fails_blocks_its_shard_and_no_other(kinesis: KinesisFake) -> None:
    kinesis.create_stream("two", shards=2)
    stream = kinesis.stream("two")
    handler = failing_on("bad")
    mapping = kinesis.event_source_mapping(handler, "two", batch_size=1)
    for key, shard in (("bad", 0), ("behind it", 0), ("elsewhere", 1)):
        stream.put("x", key, stream.shards[shard].starting_hash_key)
    kinesis.advance(seconds=10)
    assert ["behind it"] not in handler.calls
    assert ["elsewhere"] in handler.calls
    (blocked,) = mapping.blocked
    assert (blocked.shard_id, blocked.batch_size, blocked.attempts) == ("shardId-000000000000", 1, 6)
    assert blocked.problem == "Poison: cannot stand ['bad']"
    assert isinstance(blocked.error, Poison)


def test_an_exception_is_kept_with_its_traceback(kinesis: KinesisFake) -> None:
    put(kinesis, "bad")
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders", maximum_retry_attempts=0)
    (invocation,) = mapping.drain()
    assert isinstance(invocation.error, Poison)
    assert invocation.error.__traceback__ is not None
    assert invocation.error.__traceback__.tb_next is not None


# --- errors that are for the test -----------------------------------------------------------------------------------


def test_an_assertion_of_the_handler_fails_the_test(kinesis: KinesisFake) -> None:
    def handler(event: Any, context: Any) -> None:
        assert event["Records"] == []

    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(handler, "orders")
    with pytest.raises(AssertionError):
        kinesis.advance(seconds=1)
    assert len(mapping.invocations) == 1
    with pytest.raises(AssertionError):
        mapping.drain()
    assert [each.attempt for each in mapping.invocations] == [1, 2]


def test_a_misuse_of_the_fake_in_the_handler_fails_the_test(kinesis: KinesisFake) -> None:
    put(kinesis, "a")
    kinesis.event_source_mapping(lambda event, context: kinesis.stream("typo"), "orders")
    with pytest.raises(KinesisFakeError, match="There is no stream 'typo'"):
        kinesis.advance(seconds=1)


def test_with_raise_errors_any_error_comes_out_and_without_none_does(kinesis: KinesisFake) -> None:
    put(kinesis, "bad")
    strict = kinesis.event_source_mapping(failing_on("bad"), "orders", raise_errors=True)
    with pytest.raises(Poison):
        kinesis.advance(seconds=1)
    strict.delete()

    def assertive(event: Any, context: Any) -> None:
        raise AssertionError("part of the code under test")

    lenient = kinesis.event_source_mapping(assertive, "orders", raise_errors=False)
    kinesis.advance(seconds=1)
    assert len(lenient.invocations) == 3
    assert len(strict.invocations) == 1


def test_the_exit_of_a_handler_is_a_failure_and_an_interrupt_is_none(kinesis: KinesisFake) -> None:
    errors: list[BaseException] = [SystemExit(1), KeyboardInterrupt()]

    def handler(event: Any, context: Any) -> None:
        if errors:
            raise errors.pop(0)

    put(kinesis, "a")
    mapping = kinesis.event_source_mapping(handler, "orders")
    with pytest.raises(KeyboardInterrupt):
        mapping.drain()
    mapping.drain()
    assert [type(each.error) for each in mapping.invocations] == [SystemExit, type(None)]


# --- bisection ------------------------------------------------------------------------------------------------------


def test_a_batch_that_fails_is_cut_in_halves_at_once_the_left_one_first(kinesis: KinesisFake) -> None:
    handler = failing_on(3)
    put(kinesis, *range(7))
    mapping = kinesis.event_source_mapping(
        handler, "orders", bisect_batch_on_function_error=True, maximum_retry_attempts=1
    )
    mapping.drain()
    assert [" ".join(keys) for keys in handler.calls] == [
        "0 1 2 3 4 5 6",
        "0 1 2",  # seven halved is three, and four
        "3 4 5 6",
        "3 4",
        "3",
        "3",  # one record is not cut: its retry
        "4",
        "5 6",
    ]
    reasons = [each.reason for each in mapping.invocations]
    assert reasons == ["new records", "bisect", "bisect", "bisect", "bisect", "retry", "bisect", "bisect"]
    assert seconds_of(kinesis, mapping) == [0, 0, 0, 0, 0, 0.2, 0.2, 0.2]
    (discarded,) = mapping.discarded
    assert discarded.document["requestContext"]["approximateInvokeCount"] == 2
    assert discarded.document["KinesisBatchInfo"]["batchSize"] == 1


def test_bisection_uses_up_no_retry(kinesis: KinesisFake) -> None:
    handler = failing_on(5)
    put(kinesis, *range(8))
    mapping = kinesis.event_source_mapping(
        handler, "orders", bisect_batch_on_function_error=True, maximum_retry_attempts=0
    )
    mapping.drain()
    done = [
        key for each, keys in zip(mapping.invocations, handler.calls, strict=True) if not each.error for key in keys
    ]
    assert done == ["0", "1", "2", "3", "4", "6", "7"]
    (discarded,) = mapping.discarded
    assert discarded.document["requestContext"]["approximateInvokeCount"] == 1


# --- reported failures ----------------------------------------------------------------------------------------------


def test_a_record_that_always_fails_is_delivered_five_times_as_recorded(kinesis: KinesisFake) -> None:
    """LSL:test_kinesis_report_batch_item_failures: progress starts a fresh budget of retries."""
    numbers = put(kinesis, *range(6))
    handler = Handler(lambda keys: report([numbers[5]] if "5" in keys else []))
    mapping = kinesis.event_source_mapping(
        handler, "orders", batch_size=3, maximum_retry_attempts=3, function_response_types=REPORT
    )
    mapping.drain()
    assert handler.calls == [["0", "1", "2"], ["3", "4", "5"], *[["5"]] * 4]
    assert [each.reason for each in mapping.invocations][1:] == ["batch size", "partial failure", *["retry"] * 3]
    (discarded,) = mapping.discarded
    assert discarded.document["requestContext"]["approximateInvokeCount"] == 4
    assert discarded.document["KinesisBatchInfo"]["batchSize"] == 1
    assert discarded.document["KinesisBatchInfo"]["startSequenceNumber"] == numbers[5]
    assert discarded.document["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": None,
    }


def test_the_lowest_reported_number_counts(kinesis: KinesisFake) -> None:
    numbers = put(kinesis, *range(6))
    handler = Handler(lambda keys: report([numbers[4], numbers[2], numbers[3]]) if "0" in keys else None)
    kinesis.event_source_mapping(handler, "orders", function_response_types=REPORT).drain()
    assert handler.calls == [["0", "1", "2", "3", "4", "5"], ["2", "3", "4", "5"]]


def test_a_report_is_ignored_by_a_mapping_that_was_not_told_to_expect_one(kinesis: KinesisFake) -> None:
    numbers = put(kinesis, "a")
    handler = Handler(lambda keys: report(numbers))
    mapping = kinesis.event_source_mapping(handler, "orders")
    mapping.drain()
    assert handler.calls == [["a"]]
    assert mapping.discarded == []


def test_with_bisection_a_report_cuts_the_batch_and_an_exception_halves_it(kinesis: KinesisFake) -> None:
    numbers = put(kinesis, *range(8))

    def then(keys: list[str]) -> Any:
        if len(keys) == 8:
            return report([numbers[3]])
        if len(keys) == 5:
            raise Poison
        return None

    handler = Handler(then)
    kinesis.event_source_mapping(
        handler, "orders", bisect_batch_on_function_error=True, function_response_types=REPORT
    ).drain()
    assert [" ".join(keys) for keys in handler.calls] == ["0 1 2 3 4 5 6 7", "3 4 5 6 7", "3 4", "5 6 7"]


# --- age ------------------------------------------------------------------------------------------------------------


def test_a_record_that_is_too_old_on_arrival_is_split_off_and_the_others_are_delivered(kinesis: KinesisFake) -> None:
    """LSL:…exceeded_discard_records: one record of 80 seconds and five fresh ones; the function never sees the old."""
    put(kinesis, "old")
    kinesis.advance(seconds=80)
    put(kinesis, *range(5))
    handler = Handler()
    mapping = kinesis.event_source_mapping(
        handler, "orders", batch_size=10, maximum_record_age_in_seconds=60, maximum_retry_attempts=0
    )
    mapping.drain()
    assert handler.calls == [["0", "1", "2", "3", "4"]]
    (discarded,) = mapping.discarded
    assert discarded.document["requestContext"]["condition"] == "RecordAgeExceeded"
    assert discarded.document["requestContext"]["approximateInvokeCount"] == 1
    assert discarded.document["KinesisBatchInfo"]["batchSize"] == 1
    assert "responseContext" not in discarded.document


def test_a_record_may_be_as_old_as_the_maximum_and_no_older(kinesis: KinesisFake) -> None:
    put(kinesis, "a")
    kinesis.advance(seconds=60)
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders", maximum_record_age_in_seconds=60)
    mapping.drain()
    assert handler.calls == [["a"]]

    put(kinesis, "b")
    mapping.disable()
    kinesis.advance(milliseconds=60_001)
    mapping.enable()
    mapping.drain()
    assert handler.calls == [["a"]]
    assert len(mapping.discarded) == 1


def test_retries_end_at_the_instant_at_which_a_record_is_too_old(kinesis: KinesisFake) -> None:
    put(kinesis, "bad")
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders", maximum_record_age_in_seconds=60)
    mapping.drain()
    (discarded,) = mapping.discarded
    assert discarded.at == kinesis.stream("orders").records[0].approximate_arrival_timestamp + timedelta(
        milliseconds=60_001
    )
    assert discarded.document["requestContext"]["condition"] == "RecordAgeExceeded"
    assert discarded.document["requestContext"]["approximateInvokeCount"] == len(mapping.invocations)
    assert "responseContext" not in discarded.document


# --- retention ------------------------------------------------------------------------------------------------------


def test_retention_overtakes_a_blocked_shard(kinesis: KinesisFake) -> None:
    put(kinesis, "bad", "beside it")
    handler = failing_on("bad")
    mapping = kinesis.event_source_mapping(handler, "orders", batch_size=2)
    kinesis.advance(hours=1)
    put(kinesis, "behind it")
    kinesis.advance(hours=24)
    (discarded,) = mapping.discarded
    assert discarded.document["KinesisBatchInfo"]["batchSize"] == 2
    assert discarded.document["requestContext"]["approximateInvokeCount"] == len(mapping.invocations) - 1
    assert handler.calls[-1] == ["behind it"]
    assert mapping.lost == []


def test_records_that_retention_trims_before_they_are_read_are_told_as_lost(kinesis: KinesisFake) -> None:
    put(kinesis, "bad")
    mapping = kinesis.event_source_mapping(failing_on("bad"), "orders", batch_size=1)
    kinesis.advance(minutes=1)
    put(kinesis, "unread", "also unread")
    mapping.disable()
    kinesis.advance(hours=25)
    mapping.enable()
    put(kinesis, "fresh")
    mapping.drain()
    (lost,) = mapping.lost
    assert (lost.shard_id, lost.count) == ("shardId-000000000000", 2)
    assert len(mapping.discarded) == 1
    assert mapping.invocations[-1].error is None
    assert "2 records of shardId-000000000000 were trimmed before they were read" in kinesis.summary()
