"""What was put into a stream, and what a consumer has made of it."""

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
    #: Retention or trimming has taken it.
    is_gone: bool = False
    #: The consumer need not process it: it was gone before the consumer had time, or it came before the consumer.
    is_excused: bool = False

    def __str__(self) -> str:
        return f"record {self.number} (key {self.partition_key!r})"


@dataclass
class Ledger:
    """The records of one example, in the order in which they were accepted, and what breaks the consumer's claims."""

    exactly_once: bool
    ordered: bool
    #: The sequence numbers that are in the stream now.
    present: Callable[[], Iterable[str]]
    entries: list[AcceptedRecord] = field(default_factory=list)
    #: What the consumer has done wrong first; it may have swallowed the exception that told it.
    complaint: str | None = None
    #: The numbers of the records that were processed in this step.
    processed: list[int] = field(default_factory=list)
    _by_data: dict[bytes, AcceptedRecord] = field(default_factory=dict)

    def accept(self, entry: AcceptedRecord) -> None:
        """The stream has accepted a record."""
        self.entries.append(entry)
        self._by_data[entry.data] = entry

    def look(self) -> None:
        """See which records are gone. A record that has gone unprocessed is excused: the consumer had no time.

        A consumer that has had time is accused of a missing record before that record is gone.
        """
        present = set(self.present())
        for entry in self.entries:
            if not entry.is_gone and entry.sequence_number not in present:
                entry.is_gone = True
                entry.is_excused = entry.is_excused or entry.times == 0

    def excuse(self) -> None:
        """The consumer begins with what comes next."""
        for entry in self.entries:
            entry.is_excused = entry.is_excused or entry.times == 0

    def give_up(self, record: object) -> None:
        """The consumer has given a record up, and has told of it."""
        self._by_data[data_of(record)].is_excused = True

    def missing(self) -> list[AcceptedRecord]:
        """The records that the consumer can and must still process."""
        return [entry for entry in self.entries if entry.times == 0 and not entry.is_gone and not entry.is_excused]

    def process(self, record: object) -> None:
        """The consumer has processed a record, given as its data, or as what GetRecords, an event or Lambda gave."""
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
            self.look()  # the call that has brought the record may have taken time
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
