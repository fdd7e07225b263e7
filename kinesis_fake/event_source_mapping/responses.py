"""What the outcome of an invocation means for the batch that it was invoked with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_fake.event_source_mapping.events import StreamRecord
from kinesis_fake.event_source_mapping.function import InvocationOutcome, PayloadTooLarge


@dataclass(frozen=True)
class Succeeded:
    """All records are done; ``state`` is the new state of a tumbling window, as JSON."""

    state: str | None = None


@dataclass(frozen=True)
class PartlyFailed:
    """The records before ``index`` are done, and the others are to be handed over again."""

    index: int
    problem: str
    state: str | None = None


@dataclass(frozen=True)
class Failed:
    """No record is done. ``error`` is the exception, or None if the function reported the failure itself.

    ``function_ran`` is False where Lambda refused the event; ``problem`` says in words what is wrong.
    """

    problem: str
    error: BaseException | None = None
    function_ran: bool = True


Verdict = Succeeded | PartlyFailed | Failed


class _NoReport(Exception):
    """The response does not say in the agreed form which items have failed."""


def judge(
    outcome: InvocationOutcome, records: Sequence[StreamRecord], *, reports_items: bool, is_windowed: bool
) -> Verdict:
    """What an outcome means. That depends on ReportBatchItemFailures and on whether there is a tumbling window.

    Whether an odd response is a success was recorded (LSL:test_kinesis_report_batch_item_failures, success_scenarios
    and failure_scenarios).
    """
    if outcome.error is not None:
        function_ran = not isinstance(outcome.error, PayloadTooLarge)
        return Failed(error_text(outcome.error), outcome.error, function_ran)
    state = None
    if is_windowed:
        if not isinstance(outcome.response, dict) or "state" not in outcome.response:
            return Failed("a function with a tumbling window must return its state, as in {'state': {...}}")
        state = json.dumps(outcome.response["state"])
    if reports_items:
        try:
            index = _first_failed(outcome.response, records)
        except _NoReport as fault:
            return Failed(str(fault))
        if index is not None:
            problem = f"the function reported {records[index].sequence_number} in batchItemFailures"
            return PartlyFailed(index, problem, state)
    return Succeeded(state)


def error_text(error: BaseException) -> str:
    """An exception in one line."""
    return f"{type(error).__name__}: {' '.join(words)}" if (words := str(error).split()) else type(error).__name__


def _first_failed(response: Any, records: Sequence[StreamRecord]) -> int | None:
    """The index of the first record that the function has reported; None if it reported none."""
    if response is None or response in ("", [], {}):
        return None
    if not isinstance(response, dict):
        raise _NoReport(f"the function returned {response!r} instead of {{'batchItemFailures': [...]}}")
    failures = response.get("batchItemFailures")
    if failures is None or failures == []:
        return None
    if not isinstance(failures, list):
        raise _NoReport(f"batchItemFailures is {failures!r} instead of a list")
    index_of = {record.sequence_number: index for index, record in reversed(list(enumerate(records)))}
    return min(_index_of(failure, index_of) for failure in failures)


def _index_of(failure: Any, index_of: dict[str, int]) -> int:
    if not isinstance(failure, dict) or "itemIdentifier" not in failure:
        raise _NoReport(f"batchItemFailures has {failure!r} instead of {{'itemIdentifier': '...'}}")
    identifier = failure["itemIdentifier"]
    index = index_of.get(identifier) if isinstance(identifier, str) else None
    if index is None:
        raise _NoReport(f"batchItemFailures has the itemIdentifier {identifier!r}, which is not in the batch")
    return index
