"""Complaints about a test that did not fail by itself: unused faults, and errors of the fake that it swallowed."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import cache
from types import FrameType
from typing import TYPE_CHECKING

from kinesis_fake.misuse import KinesisFakeError

if TYPE_CHECKING:
    from kinesis_fake.toolkit.fake import KinesisFake


def complain(fake: KinesisFake) -> None:
    """Raise what is to be said about a fake at the end of a test, or of a block, that did not fail."""
    __tracebackhide__ = True  # for pytest
    timeline = fake._service.timeline
    for error in [*fake._door.own_errors, *timeline.errors_of_sleeps]:
        where = swallowed_at(error)
        if where is not None:
            raise KinesisFakeError(
                f"The code under test has swallowed an error of the fake ({type(error).__name__}: {error}), so this "
                f"test may pass for the wrong reason. It was caught at {where}, which catches every exception. Correct "
                "what the error says; or, if the test expects it, catch KinesisFakeError by its name.",
                see="swallowed",
            ) from error
    timeline.raise_reported()
    fake._service.faults.require_used()


def excuse(fake: KinesisFake) -> None:
    """Make no complaint at the end: the test has failed, or was skipped, for a reason that a complaint would hide."""
    fake._service.faults.excuse()
    fake._door.own_errors.clear()
    fake._service.timeline.forget_reported()


def swallowed_at(error: BaseException) -> str | None:
    """The file and line where an exception was caught, if everything is caught there; else None.

    The traceback of an exception begins with the frame that caught it, and with the line of the ``try`` or ``with``
    block that it left. A handler of ``Exception`` does not know of the error; a handler that names its class, or
    ``pytest.raises``, does.
    """
    traceback = error.__traceback__
    if traceback is None:
        return None
    frame, line = traceback.tb_frame, traceback.tb_lineno
    filename = frame.f_code.co_filename
    source = "".join(linecache.getlines(filename, frame.f_globals))
    for caught in _catchers_around(source, line):
        classes = [_resolved(expression, frame) for expression in caught]
        catching = [each for each in classes if isinstance(each, type) and isinstance(error, each)]
        if catching:
            return f"{filename}:{line}" if all(each in (Exception, BaseException) for each in catching) else None
    return None


#: What is caught by a bare ``except``.
_EVERYTHING = ast.Name("BaseException")


def _catchers_around(source: str, line: int) -> Iterator[list[ast.expr]]:
    """The classes, as expressions, that each handler around a line catches; the innermost handler first.

    ``pytest.raises`` and the like end the search: they expect what they catch.
    """
    for node in sorted(_blocks(source), key=lambda node: node.lineno, reverse=True):
        if not node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0):
            continue
        if isinstance(node, ast.Try):
            for handler in node.handlers:
                yield _members(handler.type if handler.type is not None else _EVERYTHING)
            continue
        for call in (item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)):
            name = ast.unparse(call.func).rpartition(".")[2]
            if name == "suppress":
                yield call.args
            elif name in ("raises", "assertRaises", "assertRaisesRegex", "RaisesGroup", "RaisesExc"):
                return


def _members(expression: ast.expr) -> list[ast.expr]:
    return expression.elts if isinstance(expression, ast.Tuple) else [expression]


@cache
def _blocks(source: str) -> list[ast.Try | ast.With | ast.AsyncWith]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell of a notebook, or a template
        return []
    return [node for node in ast.walk(tree) if isinstance(node, (ast.Try, ast.With, ast.AsyncWith))]


def _resolved(expression: ast.expr, frame: FrameType) -> object:
    """What a dotted name means in a frame; None for anything else."""
    if isinstance(expression, ast.Attribute):
        return getattr(_resolved(expression.value, frame), expression.attr, None)
    if not isinstance(expression, ast.Name):
        return None
    for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if expression.id in names:
            return names[expression.id]
    return None
