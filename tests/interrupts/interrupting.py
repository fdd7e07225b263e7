"""Interrupts a piece of code at each of its lines, as Ctrl-C or the signal of a time limit would."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import kinesis_fake
from kinesis_fake import KinesisFake

SOURCE = Path(kinesis_fake.__file__).parent
#: Where things that are due are applied.
WHERE = tuple(str(SOURCE / path) for path in ("domain", "virtual_time/agenda.py"))
#: How often one line of the source is interrupted, if it runs more often than that.
TIMES_PER_LINE = 2


def _run_traced(action: Callable[[], object], line_runs: Callable[[FrameType], None]) -> None:
    def trace_lines(frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            line_runs(frame)
        return trace_lines

    def trace_calls(frame: FrameType, event: str, arg: Any) -> Any:
        return trace_lines if frame.f_code.co_filename.startswith(WHERE) else None

    before = sys.gettrace()
    sys.settrace(trace_calls)
    try:
        action()
    finally:
        sys.settrace(before)


def _lines_of(action: Callable[[], object]) -> list[int]:
    """The numbers of the lines that an action runs, without those that repeat a line of the source too often."""
    runs: Counter[tuple[str, int]] = Counter()
    chosen = []
    number = -1

    def line_runs(frame: FrameType) -> None:
        nonlocal number
        number += 1
        place = frame.f_code.co_filename, frame.f_lineno
        runs[place] += 1
        if runs[place] <= TIMES_PER_LINE:
            chosen.append(number)

    _run_traced(action, line_runs)
    return chosen


def _interrupt(action: Callable[[], object], line: int) -> None:
    number = -1

    def line_runs(frame: FrameType) -> None:
        nonlocal number
        number += 1
        if number == line:
            sys.settrace(None)
            raise KeyboardInterrupt

    try:
        _run_traced(action, line_runs)
    except KeyboardInterrupt:
        return
    raise AssertionError(f"the action has no line {line}")


def interrupted_at_each_line(kinesis: KinesisFake, action: Callable[[], object]) -> Iterator[int]:
    """Bring the fake back to how it is now and interrupt the action, at another of its lines each time."""
    snapshot = kinesis.snapshot()
    lines = _lines_of(action)
    assert len(lines) > 10
    for line in lines:
        kinesis.restore(snapshot)
        _interrupt(action, line)
        yield line
