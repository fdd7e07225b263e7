"""The state of a fake as a note on the exception that leaves it: for unittest, scripts and notebooks.

Python 3.11 and later print the notes of an exception below its traceback; an older Python does not, so there the note
is added to the text that unittest keeps of the failure. In a test of pytest there is none: the plugin shows a section
of its own, and ``pytest.raises(match=...)`` would see the note.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinesis_fake.toolkit.fake import KinesisFake


def attach_note(error: BaseException, fake: KinesisFake) -> str | None:
    """Add the state of a fake to an exception as a note, if there is anything to tell; returns the note."""
    if "PYTEST_CURRENT_TEST" in os.environ:
        return None
    if not isinstance(error, (Exception, KeyboardInterrupt)) or _is_skip(error) or not _has_something_to_tell(fake):
        return None
    notes = vars(error).setdefault("__notes__", [])
    if not isinstance(notes, list):
        return None
    try:
        note = f"kinesis, when this exception left it:\n{fake.summary(error=error)}"
    except Exception as reason:  # which must not take the place of what the test failed with
        note = f"kinesis: the state of the fake cannot be told: {reason!r}"
    notes.append(note)
    return note


@contextmanager
def notes_in_result(result: Any, fake: KinesisFake) -> Generator[None]:
    """While a test of unittest runs: each problem that is added to its result has the state of the fake with it."""
    unittest = sys.modules.get("unittest")
    if unittest is None or not isinstance(result, unittest.TestResult):  # pytest passes another object
        yield
        return
    methods = {"addError": "errors", "addFailure": "failures", "addSubTest": "failures"}
    for name, kind in methods.items():
        setattr(result, name, _noting(getattr(result, name), result, kind, fake))
    try:
        yield
    finally:
        for name in methods:
            delattr(result, name)


def _noting(add: Callable[..., None], result: Any, kind: str, fake: KinesisFake) -> Callable[..., None]:
    def add_with_note(*args: Any) -> None:
        error = args[-1][1] if args[-1] is not None else None
        note = attach_note(error, fake) if error is not None else None
        add(*args)
        problems = getattr(result, kind)
        # Python 3.10 has made a text without the note.
        if note is not None and problems and type(problems[-1]) is tuple and note not in problems[-1][1]:
            problems[-1] = (problems[-1][0], f"{problems[-1][1]}{note}\n")

    return add_with_note


def _is_skip(error: BaseException) -> bool:
    unittest = sys.modules.get("unittest")
    return unittest is not None and isinstance(error, unittest.SkipTest)


def _has_something_to_tell(fake: KinesisFake) -> bool:
    service = fake._service
    return (
        bool(fake.calls)
        or bool(service.faults.injections)
        or any(region.streams for region in service.world.regions.values())
    )
