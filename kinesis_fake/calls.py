"""What was called: the past of a fake, as its future is on the agenda."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, overload

from kinesis_fake.operations.registry import require_operation
from kinesis_fake.virtual_time.clock import datetime_of

#: How many of the last calls a fake remembers.
REMEMBERED_CALLS = 10_000
_LONGEST_TEXT = 60

#: Operation, parameters, outcome, instant, attempt, account and region. A tuple, because every call makes one.
_Entry = tuple[str, Mapping[str, Any], str, int, int, str, str]


@dataclass(frozen=True)
class Call:
    """One attempt of one call.

    ``parameters`` are abbreviated: data is told by its size, a list by its length. ``outcome`` is ``"ok"`` or the code
    of the error, ``attempt`` counts from 1 and grows with every retry of the SDK. ``region_name`` is that of the
    client, ``account_id`` the account that calls; printed, a call shows them where they are not the fake's own.
    """

    operation: str
    parameters: Mapping[str, str]
    outcome: str
    at: datetime
    attempt: int
    region_name: str
    account_id: str
    _suffix: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        parameters = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        again = f" (attempt {self.attempt})" if self.attempt > 1 else ""
        return f"{instant_text(self.at)}  {self.operation}({parameters}) -> {self.outcome}{again}{self._suffix}"


class CallLog(Sequence[Call]):
    """The last calls of a fake, oldest first; printed, one to a line."""

    def __init__(self, account_id: str, region_name: str) -> None:
        self._home = account_id, region_name
        self._calls: deque[_Entry] = deque(maxlen=REMEMBERED_CALLS)

    def add(
        self,
        operation: str,
        params: Mapping[str, Any],
        large: Iterable[str],
        outcome: str,
        at: int,
        attempt: int,
        account_id: str,
        region_name: str,
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
        self._calls.append((operation, brief, outcome, at, attempt, account_id, region_name))

    def __len__(self) -> int:
        return len(self._calls)

    @overload
    def __getitem__(self, index: int) -> Call: ...

    @overload
    def __getitem__(self, index: slice) -> list[Call]: ...

    def __getitem__(self, index: int | slice) -> Call | list[Call]:
        if isinstance(index, slice):
            return [self._call(entry) for entry in list(self._calls)[index]]
        return self._call(self._calls[index])

    def __iter__(self) -> Iterator[Call]:
        return iter([self._call(entry) for entry in list(self._calls)])

    def of(self, operation: str) -> list[Call]:
        """The calls of one operation, named as in the API."""
        require_operation(operation)
        return [call for call in self if call.operation == operation]

    def __str__(self) -> str:
        return "\n".join(str(call) for call in self) or "no calls"

    def __repr__(self) -> str:
        return f"<{len(self)} calls>"

    def _last(self) -> _Entry | None:
        """The last entry as it was added, its parameters unabridged."""
        return self._calls[-1] if self._calls else None

    def _call(self, entry: _Entry) -> Call:
        operation, parameters, outcome, at, attempt, account_id, region_name = entry
        shown = {name: _abbreviated(str(value)) for name, value in parameters.items()}
        suffix = place_suffix((account_id, region_name), self._home)
        return Call(operation, shown, outcome, datetime_of(at), attempt, region_name, account_id, suffix)


def instant_text(instant: datetime) -> str:
    """An instant in UTC with its milliseconds."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def place_suffix(place: tuple[str, str], home: tuple[str, str]) -> str:
    """What sets an account and a region apart from those of the fake, such as " [eu-west-1]"; empty at home."""
    different = [name for name, of_home in zip(place, home, strict=True) if name != of_home]
    return f" [{' '.join(different)}]" if different else ""


def _abbreviated(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
