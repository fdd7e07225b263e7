"""The log of calls: the hook writes it, and the test reads it.

Every call adds an entry, so an entry is a plain tuple that copies next to nothing. The log makes a :class:`Call`, with
the parameters as they were sent, only when the test looks at it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Reversible, Sequence, Sized
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeGuard, overload

from kinesis_fake.misuse import KinesisFakeError, is_whole, shown, whole_number
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.plain_records import PlainRecords
from kinesis_fake.operations.registry import require_operation
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.words import counted

if TYPE_CHECKING:
    from kinesis_fake.call import Call

#: How many of its last calls a fake remembers, unless the test gives another number.
REMEMBERED_CALLS: Final = 10_000
_LONGEST_TEXT = 60

#: Shows a shard iterator as a place: stream, shard, position. None for a text that is no iterator of this fake.
PlaceOf = Callable[[str], "str | None"]


class LoggedRecords(NamedTuple):
    """The records of a PutRecords in two columns, if they have data and a partition key only, as most do.

    The log keeps these instead of the code under test's own list, which the code may change after the call.
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
    """What a GetRecords has answered. ``children`` are the ids of the child shards at a shard's end, else None."""

    number: int
    millis_behind_latest: int
    children: tuple[str, ...] | None


#: The note of a call that an SDK waiter has made, if its answer gives no other note.
POLL_OF_WAITER: Final = "poll of a waiter"


class LoggedCall(NamedTuple):
    """One attempt of one call, as the log remembers it; ``note`` is a summary of its answer, if there is one."""

    operation: str
    parameters: Mapping[str, Any]
    outcome: str
    at: int
    attempt: int
    account_id: str
    region_name: str
    note: object


class CallLog(Reversible["Call"], Sized):
    """The calls of a fake, oldest first, printed one to a line.

    A fake remembers its last 10,000 calls, or as many as ``remember_calls`` says. A question whose answer may depend on
    calls that it no longer remembers, such as the number of calls of an operation, raises an error.
    """

    __slots__ = ("__weakref__", "_added", "_begin", "_entries", "_home", "_lock", "_whole", "place_of")

    def __init__(self, home: tuple[str, str], remembered: int | None, lock: threading.RLock) -> None:
        self._home = home
        self._lock = lock
        #: Plain tuples with the fields of a LoggedCall: making a LoggedCall takes as long as the rest of add().
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=remembered)
        #: How many calls were ever added; and, below, how many of them before the first call of this log.
        self._added = 0
        self._begin = 0
        #: The log that this one is a part of; None for a fake's own log, which must not refer to itself: then the fake
        #: would end only when the garbage collector finds it.
        self._whole: CallLog | None = None
        #: Shows where a shard iterator stands; set by the toolkit, which knows the streams.
        self.place_of: PlaceOf = lambda _: None

    @property
    def _log(self) -> CallLog:
        return self if self._whole is None else self._whole

    # --- questions --------------------------------------------------------------------------------------------

    def of(self, operation: str) -> list[Call]:
        """The calls of one operation, named as in the API."""
        require_operation(operation)
        return [self._call(entry) for entry in self._all() if entry.operation == operation]

    def count(self, value: str | Call) -> int:
        """How many calls of an operation there were, every attempt counted; or how many calls equal to this one."""
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
        """The index of the first call of an operation, or of the first call equal to this one."""
        whole_number("start of index()", start)
        if stop is not None:
            whole_number("stop of index()", stop)
        if _is_call(value):
            return list(self).index(value, start, len(self) if stop is None else stop)
        require_operation(value)
        operations: list[object] = [entry.operation for entry in self._all()]
        return operations.index(value, start, len(operations) if stop is None else stop)

    def mark(self) -> int:
        """A mark between past and future calls, for :meth:`since`."""
        return self._log._added

    def since(self, mark: int) -> CallLog:
        """The calls after a mark, also those that will be made later."""
        log = self._log
        if not is_whole(mark) or mark < 0:
            raise KinesisFakeError(f"since() takes a mark of calls.mark(), not {shown(mark)}.")
        if mark > log._added:
            raise KinesisFakeError(f"since() takes a mark of calls.mark(), which has not returned {shown(mark)} yet.")
        if mark < log._begin:
            raise KinesisFakeError("This mark is older than the last clear(); take a new one.")
        return self._from(mark)

    def _from(self, begin: int) -> CallLog:
        part = object.__new__(CallLog)
        part._home, part._whole, part._begin = self._home, self._log, begin
        return part

    def __copy__(self) -> CallLog:
        # The calls are added to the fake's own log, so no copy may stand for that.
        return self._from(self._begin)

    def clear(self) -> None:
        """Forget all calls made so far; later questions are about later calls."""
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
            # Indexes count from the first call, including those that are no longer remembered.
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
        # Copy what may change later: the code under test may change records, and the stream its tags.
        if "Records" in parameters:
            parameters = {**parameters, "Records": _kept_records(parameters["Records"])}
        elif "Tags" in parameters:
            parameters = {**parameters, "Tags": dict(parameters["Tags"])}
        with self._lock:
            self._entries.append((operation, parameters, outcome, at, attempt, account_id, region_name, note))
            self._added += 1

    def remembered(self) -> list[LoggedCall]:
        """All remembered entries, oldest first, for the report."""
        return self._remembered()[0]

    def last_calls(self, number: int) -> list[Call]:
        """The last remembered calls, up to this number."""
        return [self._call(entry) for entry in self.remembered()[-number:]] if number else []

    def _remembered(self) -> tuple[list[LoggedCall], int]:
        """The remembered entries of this log, and how many of its calls are no longer remembered."""
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


# --- what the log keeps -------------------------------------------------------------------------------------------


# Registered, not inherited: of a Sequence of calls, type checkers would refuse `"PutRecord" in calls`.
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
    if text.startswith("arn:"):  # ARNs differ at their end
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
    """The account and region of a call if they are not the fake's own, such as " [eu-west-1]"; else an empty text."""
    different = [name for name, of_home in zip(place, home, strict=True) if name != of_home]
    return f" [{' '.join(different)}]" if different else ""
