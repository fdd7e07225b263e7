"""Hints from the exception of a failing test whose suite was written for moto, LocalStack or another fake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import TracebackType

from kinesis_fake.calls import LoggedCall
from kinesis_fake.toolkit.backstage import Backstage

#: How many causes and contexts of an exception are searched for a hint.
_MAX_ERRORS = 10
#: How much of a text is looked at.
_LONGEST_TEXT = 100_000
#: A sequence number of the fake, which pytest may have shortened, and what an assertion shows between two values.
_LONG, _SHORT, _COMPARED = r"(?:\d{56}|\d{10,}\.{3}\d{10,})", r"(\d{1,10})", r"[^\d\n]{0,40}[!=]=[^\d\n]{0,40}"
_NUMBERS_COMPARED = re.compile(rf"(?<![\d.])(?:{_LONG}{_COMPARED}{_SHORT}|{_SHORT}{_COMPARED}{_LONG})(?![\d.])")
_WAITER = re.compile(r"Waiter (Stream\w+) failed: Max attempts exceeded")
#: What pytest and unittest say when an expected exception was not raised.
_CONNECTION_ERRORS = "EndpointConnectionError|ConnectTimeoutError|ConnectionClosedError|ConnectionError|HTTPClientError"
_NOT_RAISED = re.compile(rf"DID NOT RAISE .*?({_CONNECTION_ERRORS})\b|({_CONNECTION_ERRORS}) not raised")
_ENDPOINT_OF_CHILDREN = "no-fake-of-kinesis-is-active-in-this-process"
_BACKENDS = "kinesis_backends"


def hints_of_error(backstage: Backstage, entries: list[LoggedCall], error: BaseException | None) -> list[str]:
    """The hints about an exception and about its causes and contexts, each once."""
    hints: dict[str, None] = {}
    for each in _chain(error):
        hints.update(dict.fromkeys(_hints(backstage, entries, each)))
    return list(hints)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    while error is not None and len(seen) < _MAX_ERRORS and not any(error is each for each in seen):
        seen.append(error)
        yield error
        error = error.__cause__ if error.__cause__ is not None else error.__context__


def _hints(backstage: Backstage, entries: list[LoggedCall], error: BaseException) -> Iterator[str]:
    text = _text_of(error)
    if (compared := _NUMBERS_COMPARED.search(text)) is not None:
        yield (
            f"The sequence number {compared[1] or compared[2]!r} is one of another fake: on AWS they have 56 digits. "
            "Compare with the answer of put_record, or with kinesis.stream(...).records[0].sequence_number."
        )
    if (waiter := _WAITER.search(text)) is not None:
        yield from _impatient(backstage, waiter[1])
    if entries and (missed := _NOT_RAISED.search(text)) is not None:
        yield (
            f"The test expects {missed[1] or missed[2]}, but while a fake is active it answers a client of any "
            "endpoint. Order the failure: kinesis.inject(Fault.connection_error(times=None))."
        )
    if isinstance(error, KeyError) and error.args == ("NextShardIterator",):
        yield (
            "The last answer of a closed shard has no NextShardIterator, on AWS as here: stop there, and go on with "
            "its ChildShards."
        )
    if _ENDPOINT_OF_CHILDREN in text:
        yield (
            "A child process has no fake of its own. Enter fake_kinesis() in the child; or, if it mocks Kinesis by "
            "itself, start it without the variable AWS_ENDPOINT_URL_KINESIS of its environment."
        )
    if entries and _mentions(error.__traceback__, _BACKENDS):
        yield (
            "moto's kinesis_backends know nothing of the calls that the fake has answered: kinesis.streams, "
            "kinesis.stream(...).shards and .records show its state."
        )


def _text_of(error: BaseException) -> str:
    """What an exception says, and what a child process has written before it failed."""
    try:
        parts = [str(error), *(getattr(error, name, None) or "" for name in ("stderr", "output"))]
        texts = [part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in parts]
    except Exception:  # an exception of the test's own whose text fails
        return ""
    return "\n".join(text[:_LONGEST_TEXT] for text in texts)


def _impatient(backstage: Backstage, waiter: str) -> Iterator[str]:
    durations = backstage.world.durations
    is_deletion = waiter == "StreamNotExists"
    duration_ms = durations.deleting_ms if is_deletion else durations.creating_ms
    if duration_ms:
        yield (
            f"The waiter {waiter} gave up before the stream was {'gone' if is_deletion else 'ACTIVE'}, which takes "
            f"{duration_ms / 1000:g} s of virtual time: leave its WaiterConfig out, which costs no real time, or pass "
            "durations='instant' to the fake."
        )


def _mentions(traceback: TracebackType | None, name: str) -> bool:
    """Whether the code of a test that an exception went through uses a name."""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if name in code.co_names or name in code.co_varnames:
            return True
        traceback = traceback.tb_next
    return False
