"""Raises an exception at any line of some modules, as Ctrl-C or the signal of a time limit may."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any


class Interrupt(BaseException):
    """Like KeyboardInterrupt, but pytest does not end its run for it."""


@cache
def _lines_of_with(filename: str) -> frozenset[int]:
    nodes = ast.walk(ast.parse(Path(filename).read_text()))
    return frozenset(node.lineno for node in nodes if isinstance(node, (ast.With, ast.AsyncWith)))


def interrupted_at_each_line(run: Callable[[], object], *, of: Callable[[str], bool], step: int = 1) -> Iterator[str]:
    """Call ``run`` again and again: interrupt the first call at its first line, the next at its second line, and so on.

    With a ``step``, only one line in so many is interrupted. Only lines of files count that ``of`` accepts. Yields the
    place of each interrupt, after the exception has been raised through ``run``; ends when ``run`` ends without one.

    Two kinds of lines are left out. When a ``with`` block ends, its line is reached anew, but the interpreter never
    looks for signals there: it does so after calls, and where loops and functions begin. In ``__del__`` the interpreter
    would swallow the exception.
    """
    number = 1 - step
    of = cache(of)
    while True:
        number += step
        if (where := _interrupted(run, number, of)) is None:
            return
        yield where


def _frames_around(frame: FrameType) -> Iterator[FrameType]:
    outer = frame.f_back
    while outer is not None:
        yield outer
        outer = outer.f_back


def _interrupted(run: Callable[[], object], number: int, of: Callable[[str], bool]) -> str | None:
    """Interrupt the line of this number, and return its place; None if there are fewer lines."""
    passed = 0
    where: str | None = None

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if not of(frame.f_code.co_filename) or frame.f_code.co_name == "__del__":
            return None
        if any(outer.f_code.co_name == "__del__" for outer in _frames_around(frame)):
            return None
        lines_of_with = _lines_of_with(frame.f_code.co_filename)
        begins_at: dict[int, int] = {}

        def trace_lines(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal passed, where
            if event != "line" or where is not None:
                return trace_lines
            # How often a line is reached at the end of its block differs between versions of Python.
            if frame.f_lineno in lines_of_with and begins_at.setdefault(frame.f_lineno, frame.f_lasti) != frame.f_lasti:
                return trace_lines
            passed += 1
            if passed == number:
                where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} in {frame.f_code.co_name}"
                raise Interrupt(where)
            return trace_lines

        return trace_lines

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    except Interrupt:
        pass
    finally:
        sys.settrace(before)
    return where
