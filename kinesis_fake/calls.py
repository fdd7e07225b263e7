"""What was called: the past of a fake, as its future is on the agenda."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, overload

from kinesis_fake.clock import datetime_of

#: How many of the last calls a fake remembers.
REMEMBERED_CALLS = 10_000
_LONGEST_TEXT = 60


@dataclass(frozen=True)
class Call:
    """One attempt of one call.

    ``parameters`` are abbreviated: data is told by its size, a list by its length. ``outcome`` is ``"ok"`` or the code
    of the error, ``attempt`` counts from 1 and grows with every retry of the SDK.
    """

    operation: str
    parameters: Mapping[str, str]
    outcome: str
    at: datetime
    attempt: int

    def __str__(self) -> str:
        parameters = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        again = f" (attempt {self.attempt})" if self.attempt > 1 else ""
        return f"{instant_text(self.at)}  {self.operation}({parameters}) -> {self.outcome}{again}"


class CallLog(Sequence[Call]):
    """The last calls of a fake, oldest first; printed, one to a line."""

    def __init__(self) -> None:
        self._calls: deque[tuple[str, Mapping[str, Any], str, int, int]] = deque(maxlen=REMEMBERED_CALLS)

    def add(
        self, operation: str, params: Mapping[str, Any], large: Iterable[str], outcome: str, at: int, attempt: int
    ) -> None:
        """Remember an attempt; ``at`` is in milliseconds since the epoch.

        ``large`` names the members that are blobs and lists. They are abbreviated now, so that their contents are not
        kept in memory; text is when it is shown.
        """
        brief = dict(params)
        for name in large:
            if name in brief:
                value = brief[name]
                brief[name] = f"<{len(value)} {'bytes' if type(value) is bytes else 'items'}>"
        self._calls.append((operation, brief, outcome, at, attempt))

    def __len__(self) -> int:
        return len(self._calls)

    @overload
    def __getitem__(self, index: int) -> Call: ...

    @overload
    def __getitem__(self, index: slice) -> list[Call]: ...

    def __getitem__(self, index: int | slice) -> Call | list[Call]:
        if isinstance(index, slice):
            return [_call(entry) for entry in list(self._calls)[index]]
        return _call(self._calls[index])

    def __iter__(self) -> Iterator[Call]:
        return iter([_call(entry) for entry in list(self._calls)])

    def of(self, operation: str) -> list[Call]:
        """The calls of one operation."""
        return [call for call in self if call.operation == operation]

    def __str__(self) -> str:
        return "\n".join(str(call) for call in self) or "no calls"

    def __repr__(self) -> str:
        return f"<{len(self)} calls>"


def instant_text(instant: datetime) -> str:
    """An instant in UTC with its milliseconds."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def _call(entry: tuple[str, Mapping[str, Any], str, int, int]) -> Call:
    operation, parameters, outcome, at, attempt = entry
    shown = {name: _abbreviated(str(value)) for name, value in parameters.items()}
    return Call(operation, shown, outcome, datetime_of(at), attempt)


def _abbreviated(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
