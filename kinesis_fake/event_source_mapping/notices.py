"""What is odd about a mapping and fails no test: reports that Lambda ignores, and functions that are never invoked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

from kinesis_fake.event_source_mapping.function import MarshalError
from kinesis_fake.event_source_mapping.history import Invocation
from kinesis_fake.event_source_mapping.parameters import Parameters
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.words import counted

_KEY = "batchItemFailures"
#: How people misspell this key: in snake case, with other capitals, with an s too many or too few.
_LIKENESS = 0.85


class Notice(NamedTuple):
    """Something odd: in a few words, and in a whole sentence with the remedy."""

    short: str
    text: str


def of_responses(invocations: Sequence[Invocation], parameters: Parameters) -> list[Notice]:
    """The notices about responses that do not mean to Lambda what the handler meant."""
    ignored: Counter[str] = Counter()
    for invocation in invocations:
        if isinstance(invocation.response, dict):
            ignored.update(_ignored_keys(invocation.response, reports_items=parameters.reports_items))
    return [*_of_coroutines(invocations), *(_of_key(key, number) for key, number in ignored.items())]


def _of_coroutines(invocations: Sequence[Invocation]) -> list[Notice]:
    """The notice about a handler that is a coroutine function."""
    number = sum(isinstance(each.error, MarshalError) and each.error.is_of_awaitable for each in invocations)
    if not number:
        return []
    return [
        Notice(
            "handler never awaited",
            f"{counted(number, 'invocation')} returned a coroutine, which Lambda's Python runtime does not await: it "
            "fails with Runtime.MarshalError, and nothing of the handler runs; make the handler a plain function that "
            "returns asyncio.run(...) of it",
        )
    ]


def _ignored_keys(response: dict[str, object], *, reports_items: bool) -> list[str]:
    if _KEY in response:
        return [] if reports_items else [_KEY]
    return [key for key in response if get_close_matches(key.replace("_", "").lower(), [_KEY.lower()], 1, _LIKENESS)]


def _of_key(key: str, number: int) -> Notice:
    returned = f"{counted(number, 'invocation')} returned"
    if key == _KEY:
        return Notice(
            f"{_KEY} ignored",
            f"{returned} {_KEY}, which Lambda ignores: the mapping has no "
            "function_response_types=['ReportBatchItemFailures'], so that all records were taken as done",
        )
    return Notice(
        f"{key!r} ignored",
        f"{returned} {key!r}, which Lambda does not know, so that all records were taken as done; do you mean "
        f"{_KEY!r}?",
    )


def of_lost_source(kind: str, name: str) -> Notice:
    """The notice about a mapping whose stream or consumer is there no longer."""
    return Notice(
        f"{kind} deleted",
        f"the {kind} {name} has been deleted or is being deleted, so that the mapping hands nothing over any more, not "
        f"even where a {kind} of this name is made anew; make another mapping for that",
    )


def of_idleness(
    *, waiting: int, is_enabled: bool, held_back: int, skipped: int, parameters: Parameters
) -> list[Notice]:
    """Why a function was never invoked: records wait, filters hold them back, or they were skipped."""
    if waiting:
        waits = f"{counted(waiting, 'record')} {'waits' if waiting == 1 else 'wait'} until"
        mover = "the test moves the clock, as mapping.drain() and kinesis.advance() do"
        reason = f"{waits} {mover if is_enabled else 'mapping.enable()'}"
    elif held_back:
        reason = f"the filters let none of {counted(held_back, 'record')} through"
    elif skipped:
        were = "the only record was" if skipped == 1 else f"all {skipped} records were"
        reason = f"{were} put before the place where the mapping starts, which is {parameters.starting_position}"
    else:
        return []
    return [Notice("never invoked", f"never invoked: {reason}")]
