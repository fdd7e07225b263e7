"""Writes what a machine has done as a test that does it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from kinesis_fake.calls import instant_text

if TYPE_CHECKING:
    from kinesis_fake.toolkit.fake import KinesisFake

_LINE = 100
#: A step with more calls than this (the same call in a row counted once) only tells how many there were of each.
_MAX_CALLS = 8


class Accusation(AssertionError):
    """The program under test has broken one of its claims.

    ``reason`` says which, and ``script`` is a test that shows it, with comments that tell what happened when.
    """

    def __init__(self, reason: str, script: str) -> None:
        super().__init__(f"{reason}\n\nThis test shows it:\n\n{script}")
        self.reason = reason
        self.script = script


class Story:
    """The steps of one example: the code of each, when it ended, its calls, and comments on it.

    The script is written only if the example fails, because most do not.
    """

    def __init__(self, machine: type, kinesis: KinesisFake, options: Mapping[str, object]) -> None:
        self._machine = machine
        self._kinesis = kinesis
        self._options = options
        self._began = kinesis.now
        #: For each step: its code, how many calls there were before it, and the events in it.
        self._steps: list[tuple[str, int, list[str]]] = []
        self._ends: list[str] = []

    def begin(self, step: str) -> None:
        """Begin a step; ``step`` is the code of a call of one of the machine's methods."""
        self._steps.append((step, len(self._kinesis.calls), []))

    def tell(self, event: str) -> None:
        """Note an event in the step."""
        self._steps[-1][2].append(event)

    def end(self) -> None:
        """End the step."""
        self._ends.append(instant_text(self._kinesis.now))

    def script(self, reason: str) -> str:
        """All steps in their order, as a test."""
        name = self._machine.__name__
        options = ", ".join(f"{option}={value!r}" for option, value in self._options.items())
        lines = [
            "from kinesis_fake import Fault  # noqa: F401",
            *self._import_of_machine(),
            "",
            "",
            f"def test_{_snake_case(name)}():",
            f"    # Virtual time is {instant_text(self._began)}.",
            f"    with {name}.play({options}) as play:",
        ]
        day = instant_text(self._began)[:10]
        marks = [mark for _, mark, _ in self._steps] + [len(self._kinesis.calls)]
        for index, (step, mark, events) in enumerate(self._steps):
            lines.append(f"        play.{step}")
            told = [*self._calls(mark, marks[index + 1]), *events]
            when = self._ends[index] if index < len(self._ends) else instant_text(self._kinesis.now)
            # The time of day is enough while the day is the same as before.
            shown = when[11:-1] if when.startswith(day) else when
            day = when[:10]
            lines += _comment(f"{shown}  {'; '.join(told)}".rstrip(), "        ")
        return "\n".join([*lines, *_comment(reason, "        "), ""])

    def _import_of_machine(self) -> list[str]:
        module, qualified_name = self._machine.__module__, self._machine.__qualname__
        if module == "__main__" or "." in qualified_name:
            return [f"# {qualified_name} is the machine of {module}."]
        return [f"from {module} import {qualified_name}"]

    def _calls(self, start: int, stop: int) -> list[str]:
        calls = [f"{call.operation} {call.outcome}" for call in self._kinesis.calls[start:stop]]
        in_order = [_times(call, len(list(alike))) for call, alike in groupby(calls)]
        if len(in_order) <= _MAX_CALLS:
            return in_order
        return [_times(call, number) for call, number in Counter(calls).items()]


def _times(text: str, number: int) -> str:
    return text if number == 1 else f"{text} ×{number}"


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _comment(text: str, indent: str) -> list[str]:
    """A text as lines of comments, wrapped to the width of a line."""
    lines, line = [], f"{indent}#"
    for word in text.split():
        if len(line) + 1 + len(word) > _LINE and line != f"{indent}#":
            lines.append(line)
            line = f"{indent}#  "
        line += f" {word}"
    return [*lines, line]
