"""What was called: the past of a fake, as its future is on the agenda.

Every call adds an entry, so an entry is a tuple that holds references and copies next to nothing. What a test sees,
a :class:`Call` with the parameters as they were sent, is made when the test looks.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Reversible, Sequence, Sized
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeGuard, overload

from kinesis_fake.misuse import KinesisFakeError, shown, whole_number
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.plain_records import PlainRecords
from kinesis_fake.operations.registry import require_operation
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.words import counted

if TYPE_CHECKING:
    from kinesis_fake.call import Call

#: How many of the last calls a fake remembers unless it is told otherwise.
REMEMBERED_CALLS: Final = 10_000
_LONGEST_TEXT = 60

#: Shows a shard iterator as a place: stream, shard, position. None for what is no iterator of this fake.
PlaceOf = Callable[[str], "str | None"]


class LoggedRecords(NamedTuple):
    """The records of a PutRecords in two columns, as most have data and a partition key and nothing else.

    In the place of the list that the code under test has passed, which it may empty or fill again after the call.
    """

    data: list[bytes]
    partition_keys: list[str]

    def records(self) -> list[dict[str, Any]]:
        """The records as they were sent."""
        return [
            {"Data": data, "PartitionKey": partition_key}
            for data, partition_key in zip(self.data, self.partition_keys, strict=True)
        ]


class RecordsRead(NamedTuple):
    """What a GetRecords has answered. ``children`` are the ids of those of a shard that has ended; else it is None."""

    number: int
    millis_behind_latest: int
    children: tuple[str, ...] | None


#: The note of a call that a waiter of the SDK has made, where its answer tells nothing else.
POLL_OF_WAITER: Final = "poll of a waiter"


class LoggedCall(NamedTuple):
    """One attempt of one call, as it is remembered; ``note`` is what its answer told, if that is remembered."""

    operation: str
    parameters: Mapping[str, Any]
    outcome: str
    at: int
    attempt: int
    account_id: str
    region_name: str
    note: object


class CallLog(Reversible["Call"], Sized):
    """The calls of a fake, oldest first; printed, one to a line.

    A fake remembers its last 10,000 calls, or as many as ``remember_calls`` says. A question that calls which are no
    longer remembered could answer otherwise, such as how many there were of an operation, raises an error.
    """

    __slots__ = ("__weakref__", "_added", "_begin", "_entries", "_home", "_lock", "_log", "place_of")

    def __init__(self, home: tuple[str, str], remembered: int | None, lock: threading.RLock) -> None:
        self._home = home
        self._lock = lock
        #: Plain tuples with the fields of an LoggedCall: making one of those takes as long as the rest of add().
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=remembered)
        #: How many calls were added ever, and how many of them before the first one of this log.
        self._added = 0
        self._begin = 0
        self._log = self
        #: Shows where a shard iterator stands; the toolkit, which knows the streams, fills it in.
        self.place_of: PlaceOf = lambda _: None

    # --- questions --------------------------------------------------------------------------------------------

    def of(self, operation: str) -> list[Call]:
        """The calls of one operation, named as in the API."""
        require_operation(operation)
        return [self._call(entry) for entry in self._all() if entry.operation == operation]

    def count(self, value: str | Call) -> int:
        """How many calls there were of an operation, every attempt counted; or how often there was this very call."""
        if _is_call(value):
            return list(self).count(value)
        require_operation(value)
        return sum(1 for entry in self._all() if entry.operation == value)

    def __contains__(self, value: object) -> bool:
        if _is_call(value):
            return value in list(self)
        require_operation(value)
        entries, dropped = self._remembered()
        return any(entry.operation == value for entry in entries) or (dropped > 0 and self._refuse())

    def index(self, value: str | Call, start: int = 0, stop: int | None = None) -> int:
        """The place of the first call of an operation, or of this very call."""
        if _is_call(value):
            return list(self).index(value, start, len(self) if stop is None else stop)
        require_operation(value)
        operations: list[object] = [entry.operation for entry in self._all()]
        return operations.index(value, start, len(operations) if stop is None else stop)

    def mark(self) -> int:
        """A mark between the calls until now and those to come; see :meth:`since`."""
        return self._log._added

    def since(self, mark: int) -> CallLog:
        """The calls after a mark, those to come included."""
        log = self._log
        if whole_number("since() takes what mark() returned; that", mark, 0) > log._added:
            raise KinesisFakeError(f"since() takes what mark() returned, which cannot be {shown(mark)} yet.")
        if mark < log._begin:
            raise KinesisFakeError("This mark is older than the last clear(); take a new one.")
        part = object.__new__(CallLog)
        part._home, part._log, part._begin = self._home, log, mark
        return part

    def clear(self) -> None:
        """Forget the calls until now; what is asked later is about those to come."""
        log = self._log
        with log._lock:
            log._entries.clear()
            log._begin = self._begin = log._added

    # --- a sequence -------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        number = self._log._added - self._begin
        if number > len(self._log._entries):
            self._refuse()
        return number

    def __bool__(self) -> bool:
        return self._log._added > self._begin

    @overload
    def __getitem__(self, index: int) -> Call: ...

    @overload
    def __getitem__(self, index: slice) -> list[Call]: ...

    def __getitem__(self, index: int | slice) -> Call | list[Call]:
        entries, dropped = self._remembered()
        if dropped:
            # Counted from the first call, dropped ones included.
            places = range(dropped + len(entries))[index]
            wanted = list(places) if isinstance(places, range) else [places]
            if any(place < dropped for place in wanted):
                self._refuse()
            calls = [self._call(entries[place - dropped]) for place in wanted]
            return calls if isinstance(index, slice) else calls[0]
        if isinstance(index, slice):
            return [self._call(entry) for entry in entries[index]]
        return self._call(entries[index])

    def __iter__(self) -> Iterator[Call]:
        return map(self._call, self._all())

    def __reversed__(self) -> Iterator[Call]:
        return map(self._call, reversed(self._all()))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (list, tuple, CallLog)):
            return list(self) == list(other)
        return NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # it compares like a list

    def __str__(self) -> str:
        entries, dropped = self._remembered()
        lines = [str(self._call(entry)) for entry in entries]
        return "\n".join([*_line_of_dropped(dropped), *lines]) or "no calls"

    def __repr__(self) -> str:
        entries, dropped = self._remembered()
        counts: dict[str, int] = {}
        for entry in entries:
            counts[entry.operation] = counts.get(entry.operation, 0) + 1
        parts = [f"{number} × {operation}" if number > 1 else operation for operation, number in counts.items()]
        number = len(entries) + dropped
        content = f": {', '.join(_line_of_dropped(dropped) + parts)}" if number else ""
        return f"<{counted(number, 'call')}{content}>"

    # --- inside -----------------------------------------------------------------------------------------------

    def add(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        outcome: str,
        at: int,
        attempt: int,
        account_id: str,
        region_name: str,
        answer: Mapping[str, Any] | None,
        is_poll_of_waiter: bool = False,
    ) -> None:
        """Remember an attempt; ``at`` is in milliseconds since the epoch, ``answer`` is None if there was none."""
        note: object = POLL_OF_WAITER if is_poll_of_waiter else None
        if answer is not None:
            if "MillisBehindLatest" in answer:
                note = _records_read(answer)
            elif "FailedRecordCount" in answer:
                note = answer["FailedRecordCount"]
        # What the code under test, or the stream that keeps the tags, may change later is copied.
        if "Records" in parameters:
            parameters = {**parameters, "Records": _kept_records(parameters["Records"])}
        elif "Tags" in parameters:
            parameters = {**parameters, "Tags": dict(parameters["Tags"])}
        with self._lock:
            self._entries.append((operation, parameters, outcome, at, attempt, account_id, region_name, note))
            self._added += 1

    def remembered(self) -> list[LoggedCall]:
        """The entries that are remembered, oldest first; for the report."""
        return self._remembered()[0]

    def last_calls(self, number: int) -> list[Call]:
        """Up to so many of the last calls that are remembered."""
        return [self._call(entry) for entry in self.remembered()[-number:]] if number else []

    def _remembered(self) -> tuple[list[LoggedCall], int]:
        """The entries from the beginning of this log on, and how many of them are no longer remembered."""
        log = self._log
        with log._lock:
            added, entries = log._added, list(log._entries)
        wanted = added - self._begin
        return list(map(LoggedCall._make, entries[max(len(entries) - wanted, 0) :])), max(wanted - len(entries), 0)

    def _all(self) -> list[LoggedCall]:
        entries, dropped = self._remembered()
        if dropped:
            self._refuse()
        return entries

    def _refuse(self) -> bool:
        _, dropped = self._remembered()
        most = self._log._entries.maxlen
        raise KinesisFakeError(
            f"This fake remembers its last {most} calls, and {dropped} were made before; what is asked could be about "
            f"them. Pass remember_calls= to the fake, or ask about the calls since a mark: calls.since(calls.mark())."
        )

    def _call(self, entry: LoggedCall) -> Call:
        parameters = dict(entry.parameters)
        if isinstance(records := parameters.get("Records"), LoggedRecords):
            parameters["Records"] = records.records()
        from kinesis_fake.call import Call

        log = self._log
        return Call(
            entry.operation,
            parameters,
            entry.outcome,
            datetime_of(entry.at),
            entry.attempt,
            entry.region_name,
            entry.account_id,
            lambda: _text_of(entry, log._home, log.place_of),
        )


def _is_call(value: object) -> TypeGuard[Call]:
    from kinesis_fake.call import Call

    return isinstance(value, Call)


# --- what is kept -------------------------------------------------------------------------------------------------


# Not by inheritance, because type checkers would refuse `"PutRecord" in calls`: a text among calls.
Sequence.register(CallLog)


def _kept_records(records: Any) -> Any:
    """The records of a PutRecords, without the list and the dictionaries that the code under test may change later."""
    if isinstance(records, PlainRecords):
        return LoggedRecords(records.data, records.partition_keys)
    return records


def _records_read(answer: Mapping[str, Any]) -> RecordsRead:
    children = answer.get("ChildShards")
    return RecordsRead(
        len(answer["Records"]),
        answer["MillisBehindLatest"],
        tuple(child["ShardId"] for child in children) if children is not None else None,
    )


# --- text ---------------------------------------------------------------------------------------------------------


def _text_of(entry: LoggedCall, home: tuple[str, str], place_of: PlaceOf) -> str:
    parameters = dict(entry.parameters)
    arguments = []
    if isinstance(token := parameters.get("ShardIterator"), str):
        place = place_of(token)
        if place is not None:
            arguments = [place]
            parameters = {name: parameters[name] for name in parameters if name not in ("ShardIterator", "StreamARN")}
    arguments += [f"{name}={_abbreviated(value)}" for name, value in parameters.items()]
    again = f" (attempt {entry.attempt})" if entry.attempt > 1 else ""
    suffix = place_suffix((entry.account_id, entry.region_name), home)
    at = instant_text(datetime_of(entry.at))
    return f"{at}  {entry.operation}({', '.join(arguments)}) -> {_outcome_text(entry)}{again}{suffix}"


def _outcome_text(entry: LoggedCall) -> str:
    note = entry.note
    if isinstance(note, RecordsRead):
        text = counted(note.number, "record")
        if note.millis_behind_latest:
            text += f", {-(-note.millis_behind_latest // 1000)} s behind"
        if note.children is not None:
            text += ", end of shard"
            if note.children:
                noun = "child" if len(note.children) == 1 else "children"
                text += f": {noun} {', '.join(map(short_shard_id, note.children))}"
        return text
    if note and note is not POLL_OF_WAITER:
        return f"{entry.outcome}, {note} of its records failed"
    return entry.outcome


def _abbreviated(value: Any) -> str:
    if isinstance(value, LoggedRecords):
        return f"<{len(value.data)} items>"
    if isinstance(value, list):
        return f"<{len(value)} items>"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    text = str(value)
    if len(text) <= _LONGEST_TEXT:
        return text
    if text.startswith("arn:"):  # what tells it from others stands at its end
        tail = text.split(":", 5)[-1]
        return f"arn:…:{tail if len(tail) <= _LONGEST_TEXT else '…' + tail[-_LONGEST_TEXT:]}"
    return f"{text[: _LONGEST_TEXT - 1]}…"


def short_shard_id(shard_id: str) -> str:
    """A shard id without its zeros, as the report shows it."""
    return str(int(shard_id.removeprefix("shardId-")))


def _line_of_dropped(dropped: int) -> list[str]:
    return [f"{dropped} earlier {'call is' if dropped == 1 else 'calls are'} no longer remembered"] if dropped else []


def instant_text(instant: datetime) -> str:
    """An instant in UTC with its milliseconds."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def place_suffix(place: tuple[str, str], home: tuple[str, str]) -> str:
    """What sets an account and a region apart from those of the fake, such as " [eu-west-1]"; empty at home."""
    different = [name for name, of_home in zip(place, home, strict=True) if name != of_home]
    return f" [{' '.join(different)}]" if different else ""
