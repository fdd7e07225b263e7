"""Five plausible bugs of handlers, each of which a test of ten lines or less finds here.

Each case runs the short test on the buggy handler, where it must fail, and on the repaired one, where it must pass.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import KinesisFake

REPORT = ["ReportBatchItemFailures"]
Event = Any


def value_of(record: Any) -> Any:
    return json.loads(base64.b64decode(record["kinesis"]["data"]))


def put(kinesis: KinesisFake, *values: Any) -> None:
    for value in values:
        kinesis.stream("orders").put(json.dumps(value))


def finds(test: Callable[[KinesisFake, Any], None], kinesis: KinesisFake, buggy: Any, repaired: Any) -> None:
    """Assert that a test fails with the bug and passes without it, from the same state of the fake."""
    before = kinesis.snapshot()
    with pytest.raises(AssertionError):
        test(kinesis, buggy)
    kinesis.restore(before)
    test(kinesis, repaired)


# --- 1. the identifiers are those of the records that succeeded, or no sequence numbers at all ----------------------


def make_reporter(stored: list[Any], identifier: Callable[[Any], str]) -> Callable[[Event, Any], Any]:
    def handler(event: Event, context: Any) -> Any:
        failures = []
        for record in event["Records"]:
            if (value := value_of(record)) == "poison":
                failures.append({"itemIdentifier": identifier(record)})
                break
            stored.append(value)
        return {"batchItemFailures": failures}

    return handler


def test_wrong_identifiers_are_found(kinesis: KinesisFake) -> None:
    stored: list[Any] = []

    def test(kinesis: KinesisFake, handler: Any) -> None:
        stored.clear()
        put(kinesis, 1, 2, "poison", 4)
        kinesis.event_source_mapping(
            handler, "orders", function_response_types=REPORT, maximum_retry_attempts=1, batch_size=4
        ).drain()
        # Lambda takes an unknown identifier for a failure of the whole batch, and hands 1 and 2 over again.
        assert stored.count(1) == 1

    finds(
        test,
        kinesis,
        make_reporter(stored, lambda record: str(record["eventID"])),
        make_reporter(stored, lambda record: str(record["kinesis"]["sequenceNumber"])),
    )


# --- 2. it is not idempotent, and a bisected batch comes again ------------------------------------------------------


def make_adder(account: dict[str, int], *, remembers: bool) -> Callable[[Event, Any], None]:
    seen: set[str] = set()

    def handler(event: Event, context: Any) -> None:
        for record in event["Records"]:
            number = record["kinesis"]["sequenceNumber"]
            if remembers and number in seen:
                continue
            account["balance"] = account.get("balance", 0) + value_of(record)  # raises for the poison
            seen.add(number)

    return handler


def test_a_handler_that_is_not_idempotent_is_found_by_bisection(kinesis: KinesisFake) -> None:
    account: dict[str, int] = {}

    def test(kinesis: KinesisFake, handler: Any) -> None:
        account.clear()
        put(kinesis, 10, 20, "poison", 30)
        kinesis.event_source_mapping(
            handler, "orders", bisect_batch_on_function_error=True, maximum_retry_attempts=0
        ).drain()
        assert account["balance"] == 60

    finds(test, kinesis, make_adder(account, remembers=False), make_adder(account, remembers=True))


# --- 3. it swallows the poison record, and no document tells of it ----------------------------------------------------


def make_parser(stored: list[Any], *, swallows: bool) -> Callable[[Event, Any], None]:
    def handler(event: Event, context: Any) -> None:
        for record in event["Records"]:
            try:
                stored.append(value_of(record)["amount"])
            except TypeError:
                if not swallows:
                    raise

    return handler


def test_a_swallowed_poison_record_is_found(kinesis: KinesisFake) -> None:
    stored: list[Any] = []

    def test(kinesis: KinesisFake, handler: Any) -> None:
        stored.clear()
        put(kinesis, {"amount": 1}, "poison", {"amount": 3})
        mapping = kinesis.event_source_mapping(
            handler, "orders", bisect_batch_on_function_error=True, maximum_retry_attempts=2
        )
        mapping.drain()
        assert set(stored) == {1, 3}
        assert [each.document["KinesisBatchInfo"]["batchSize"] for each in mapping.discarded] == [1]

    finds(test, kinesis, make_parser(stored, swallows=True), make_parser(stored, swallows=False))


# --- 4. it keeps the state of a window in the process, where it outlives the window ---------------------------------


def make_counter(totals: list[int], *, in_process: bool) -> Callable[[Event, Any], Any]:
    kept = {"count": 0}

    def handler(event: Event, context: Any) -> Any:
        state = kept if in_process else {"count": event["state"].get("count", 0)}
        state["count"] += len(event["Records"])
        if event["isFinalInvokeForWindow"]:
            totals.append(state["count"])
        return {"state": state}

    return handler


def test_state_that_outlives_its_window_is_found(kinesis: KinesisFake) -> None:
    totals: list[int] = []

    def test(kinesis: KinesisFake, handler: Any) -> None:
        totals.clear()
        mapping = kinesis.event_source_mapping(handler, "orders", tumbling_window_in_seconds=60)
        put(kinesis, 1, 2)
        mapping.drain()
        put(kinesis, 3)
        mapping.drain()
        assert totals == [2, 1]

    finds(test, kinesis, make_counter(totals, in_process=True), make_counter(totals, in_process=False))


# --- 5. it counts on the records of all shards in one event ---------------------------------------------------------


def make_total(totals: dict[str, int], *, overwrites: bool) -> Callable[[Event, Any], None]:
    def handler(event: Event, context: Any) -> None:
        for customer in {record["kinesis"]["partitionKey"][0] for record in event["Records"]}:
            count = sum(record["kinesis"]["partitionKey"].startswith(customer) for record in event["Records"])
            totals[customer] = count if overwrites else totals.get(customer, 0) + count

    return handler


@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 4})
def test_a_handler_that_expects_all_shards_in_one_event_is_found(kinesis: KinesisFake) -> None:
    totals: dict[str, int] = {}

    def test(kinesis: KinesisFake, handler: Any) -> None:
        totals.clear()
        for number in range(20):
            kinesis.stream("orders").put("1 teapot", f"ada-{number}")
        kinesis.event_source_mapping(handler, "orders").drain()
        assert totals == {"a": 20}

    finds(test, kinesis, make_total(totals, overwrites=True), make_total(totals, overwrites=False))
