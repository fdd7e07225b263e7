"""The records that were put into a stream, and which of them a consumer has processed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kinesis_fake.words import listed


@dataclass
class AcceptedRecord:
    """A record that the stream has accepted; ``arrived_at`` is in seconds of virtual time since the epoch."""

    number: int
    partition_key: str
    data: bytes
    sequence_number: str
    arrived_at: float
    #: How often the consumer has processed it.
    times: int = 0
    #: Whether it can no longer be read, because of retention or trimming.
    is_gone: bool = False
    #: Whether the consumer need not process it: it was gone before the consumer had time, or was put before it began.
    is_excused: bool = False

    def __str__(self) -> str:
        return f"record {self.number} (key {self.partition_key!r})"


@dataclass
class Ledger:
    """The records of one example, in the order in which the stream accepted them, and the first broken claim."""

    exactly_once: bool
    ordered: bool
    #: The sequence numbers that are in the stream now.
    present: Callable[[], Iterable[str]]
    entries: list[AcceptedRecord] = field(default_factory=list)
    #: The first complaint about the consumer, kept because the consumer may swallow the exception that says so.
    complaint: str | None = None
    #: The numbers of the records that were processed in this step.
    processed: list[int] = field(default_factory=list)
    _by_data: dict[bytes, AcceptedRecord] = field(default_factory=dict)

    def accept(self, entry: AcceptedRecord) -> None:
        """Note that the stream has accepted a record."""
        self.entries.append(entry)
        self._by_data[entry.data] = entry

    def look(self) -> None:
        """Look which records are gone. A record that is gone unprocessed is excused: the consumer had no time for it.

        If the consumer had time, the machine has accused it before the record was gone.
        """
        present = set(self.present())
        for entry in self.entries:
            if not entry.is_gone and entry.sequence_number not in present:
                entry.is_gone = True
                entry.is_excused = entry.is_excused or entry.times == 0

    def excuse(self) -> None:
        """Excuse all present records, because the consumer begins with the next one."""
        for entry in self.entries:
            entry.is_excused = entry.is_excused or entry.times == 0

    def give_up(self, record: object) -> None:
        """Excuse a record that the consumer has given up and reported."""
        self._by_data[data_of(record)].is_excused = True

    def missing(self) -> list[AcceptedRecord]:
        """The records that the consumer can and must still process."""
        return [entry for entry in self.entries if entry.times == 0 and not entry.is_gone and not entry.is_excused]

    def process(self, record: object) -> None:
        """Note that the consumer has processed a record: its data, or the record of GetRecords, an event or Lambda."""
        data = data_of(record)
        entry = self._by_data.get(data)
        if entry is None:
            self._complain(f"The consumer processed {data[:60]!r}, which was never put.")
            return
        self.processed.append(entry.number)
        entry.times += 1
        if entry.times > 1:
            if self.exactly_once:
                self._complain(f"The consumer processed {entry} {entry.times} times.")
            return
        if self.ordered and self._skipped_by(entry):
            self.look()  # time may have passed in the call that brought the record
            if skipped := self._skipped_by(entry):
                self._complain(f"The consumer processed {entry} before {listed(skipped)} of the same key.")

    def _skipped_by(self, entry: AcceptedRecord) -> list[int]:
        return [
            earlier.number
            for earlier in self.missing()
            if earlier.partition_key == entry.partition_key and earlier.number < entry.number
        ]

    def _complain(self, reason: str) -> None:
        if self.complaint is None:
            self.complaint = reason


def data_of(record: object) -> bytes:
    """The data of a record: bytes, a record of a client, or one of an event of Lambda."""
    if isinstance(record, (bytes, bytearray, memoryview)):
        return bytes(record)
    if isinstance(record, str):
        return record.encode()
    if isinstance(record, Mapping):
        fields: Mapping[str, Any] = record
        if "Data" in fields:
            return bytes(fields["Data"])
        if "kinesis" in fields:
            return base64.b64decode(fields["kinesis"]["data"])
    raise TypeError(
        "process() takes the data of a record, a record of GetRecords or SubscribeToShard, or one of an event of "
        f"Lambda, not {record!r}."
    )
