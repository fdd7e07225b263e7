"""The machine that searches for ways to break a producer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from kinesis_fake.faults.fault import Fault
from kinesis_fake.misuse import KinesisFakeError, shown
from kinesis_fake.stateful.ledger import data_of
from kinesis_fake.stateful.world import (
    KEY_EVENTS,
    NOTHING,
    RESHARDS,
    Event,
    StreamMachine,
    closing_of,
    code_of,
    events,
    is_of_the_sdk,
)
from kinesis_fake.strategies.fault_plans import MORE_THAN_THE_SDK_RETRIES, WRITING
from kinesis_fake.words import counted, listed

if TYPE_CHECKING:
    from kinesis_fake.toolkit.views.records import RecordView

#: The function with which a producer tells that it has reported a lost record to its caller.
GiveUp = Callable[[Any], None]

#: Only two keys, so that most records share their key with others.
_KEYS = "ab"
#: Faults after which the client knows whether a record is in the stream.
_CLEAR_FAULTS: tuple[Fault, ...] = (
    Fault.partial_failure(indexes=[0]),
    Fault.partial_failure(indexes=[0, 2]),
    Fault.partial_failure(fraction=0.5),
    Fault.partial_failure(fraction=0.5, times=3),
    Fault.partial_failure(fraction=1.0),
    Fault.partial_failure(fraction=1.0, code="InternalFailure"),
    *(
        getattr(Fault, kind)(operation, times=times)
        for kind in ("throttle", "internal_error", "connection_error")
        for operation in WRITING
        for times in (1, MORE_THAN_THE_SDK_RETRIES)
    ),
    Fault.latency("PutRecord", milliseconds=5_000),
    Fault.latency("PutRecords", milliseconds=5_000),
)
#: Faults after which the client does not know that; the SDK's own retry puts such a record twice.
_UNCLEAR_FAULTS: tuple[Fault, ...] = tuple(
    getattr(Fault, kind)(operation, applied=True, times=times)
    for kind in ("read_timeout", "connection_error")
    for operation in WRITING
    for times in (1, MORE_THAN_THE_SDK_RETRIES)
)
#: The largest data of a record whose partition key has one byte.
_LARGE = 1024 * 1024 - 1
_EVENTS = st.one_of(
    NOTHING,
    RESHARDS,
    events("inject", st.sampled_from(_CLEAR_FAULTS)),
    events("inject", st.sampled_from(_CLEAR_FAULTS)),
    events("lose_answer", st.sampled_from(_UNCLEAR_FAULTS)),
    events("advance", st.sampled_from([0.1, 1.0, 5.0, 31.0, 300.0])),
    KEY_EVENTS,
    # Slow events are rare.
    st.one_of(
        st.just(Event("advance", 1.0)),
        events("put_many", st.sampled_from([499, 500, 501, 1_001])),
        st.just(Event("put_large", 11, _LARGE)),
    ),
)
#: How often the machine asks the producer to flush at the end; and, below, the virtual seconds between two times.
_LAST_FLUSHES = 3
_BETWEEN_FLUSHES = 5.0


class ProducerMachine(StreamMachine):
    """Searches for a way to make a producer lose a record, and put one twice or out of order where it claims not to.

    Write a subclass that makes your producer, and use its ``TestCase`` as a test::

        class OrdersProducerMachine(ProducerMachine):
            def make_producer(self, client, stream_name, give_up):
                return OrdersProducer(client, stream_name)


        TestOrdersProducer = OrdersProducerMachine.TestCase
    """

    #: Whether the producer claims to put no record twice. The machine then loses no answers: no producer could cope.
    exactly_once: ClassVar[bool] = False
    #: Whether the producer claims to put the records of a partition key in the order in which it gets them.
    ordered: ClassVar[bool] = False
    #: Whether the machine may give the producer more records at once than one PutRecords takes.
    many: ClassVar[bool] = True
    #: Whether the machine may give the producer records of the largest size that AWS takes.
    large: ClassVar[bool] = True

    def make_producer(self, client: Any, stream_name: str, give_up: GiveUp) -> Any:
        """Make the producer: an object with ``put(partition_key, data)`` and ``flush()``.

        Both, and this method itself, may be coroutine functions. If ``put`` raises an error of AWS, the producer has
        not taken the record. All other records must be in the stream after a ``flush`` that raises no exception, even
        if earlier ones did. For a record whose loss it reports to its caller, the producer calls ``give_up`` with the
        record's data. If it has a method ``close``, the machine calls that after the last flush.
        """
        raise NotImplementedError

    def data_of(self, number: int, partition_key: str, size: int) -> bytes:
        """The data of the record with this number, of about this size; no two records may have the same data."""
        return (b'{"number": %d, "key": "%s"}' % (number, partition_key.encode())).ljust(size)

    def records_in(self, record: RecordView) -> Iterable[bytes]:
        """The data that the producer was given and has put into one record: the record's own, unless it aggregates."""
        return [record.data]

    # --- the life of the producer -----------------------------------------------------------------------------

    @initialize(shards=st.integers(1, 2), encrypted=st.sampled_from([False, False, True]))
    def begin(self, shards: int, encrypted: bool) -> None:
        """Begin every example with a stream and a producer of its own."""
        self.start(shards, encrypted)
        self._has_begun = True

    def start(self, shards: int, encrypted: bool = False) -> None:
        """Enter the fake, and make the stream, which keeps all records, and the producer."""
        super().start(shards, encrypted)
        self.client.increase_stream_retention_period(StreamName=self.stream_name, RetentionPeriodHours=8760)
        self.kinesis.settle()
        #: The records that the producer has taken: their partition keys by number, in the order of the numbers.
        self._taken: dict[int, str] = {}
        self._numbers: dict[bytes, int] = {}
        self._given_up: set[int] = set()
        self._next_number = 1
        self._producer: Any = None
        self._producer = made = self._run(self.make_producer(self.client, self.stream_name, self._give_up))
        for method in ("put", "flush"):
            if not callable(getattr(made, method, None)):
                returned = f"make_producer() of {type(self).__name__} returned {shown(made)}"
                raise KinesisFakeError(f"{returned}, which has no method {method}().")

    _switches = ("exactly_once", "ordered", "many", "large")

    def _require_sound_claims(self) -> None:
        super()._require_sound_claims()
        if type(self).make_producer is ProducerMachine.make_producer:
            raise KinesisFakeError(f"{type(self).__name__} needs a method make_producer().")

    def _give_up(self, record: Any) -> None:
        """The function that the producer gets as ``give_up``."""
        self._given_up.add(self._numbers[data_of(record)])

    def _close_program(self) -> None:
        if (close := closing_of(self._producer)) is not None:
            with suppress(Exception):
                self._run(close())

    def _hand_over(self, partition_key: str, size: int = 0) -> str | None:
        """Give the producer a record; return the code of the error if it has not taken it."""
        number = self._next_number
        self._next_number += 1
        data = self.data_of(number, partition_key, size)
        self._numbers[data] = number
        error = self._tried(lambda: self._producer.put(partition_key, data))
        if error is None:
            self._taken[number] = partition_key
            return None
        if not is_of_the_sdk(error):
            self._accuse(f"The producer raised {error!r} when it was given record {number}.", error)
        return code_of(error)

    def _flush(self) -> str | None:
        """Let the producer put the records that it has; return the code of the error if it could not."""
        error = self._tried(self._producer.flush)
        if error is None:
            return None
        if not is_of_the_sdk(error):
            self._accuse(f"The producer raised {error!r} when it was asked to flush.", error)
        return code_of(error)

    def _tried(self, function: Callable[[], Any]) -> Exception | None:
        """Call a function of the producer; return the exception that it has raised."""
        try:
            self._run(function())
        except Exception as error:
            return error
        return None

    # --- what happens -----------------------------------------------------------------------------------------

    @rule(keys=st.lists(st.sampled_from(_KEYS), max_size=4), event=_EVENTS, flush=st.booleans())
    def go_on(self, keys: list[str], event: Event | None, flush: bool) -> None:
        """Give the producer records, let an event happen, and ask the producer to flush."""
        if keys:
            self.put(keys)
        if event is not None:
            self._happen(event)
        if flush:
            self.flush()

    def put(self, keys: list[str]) -> None:
        """Give the producer a record with each of these partition keys."""
        with self._step(f"put({keys!r})") as story:
            first = self._next_number
            errors = [self._hand_over(key) for key in keys]
            for number, error in enumerate(errors, first):
                story.tell(f"{number}" if error is None else f"{number} not taken: {error}")

    def put_many(self, number: int) -> None:
        """Give the producer this number of small records with one partition key."""
        with self._step(f"put_many({number})"):
            for _ in range(number):
                self._hand_over(_KEYS[0])

    def put_large(self, number: int, size: int) -> None:
        """Give the producer this number of records of this size."""
        with self._step(f"put_large({number}, {size})"):
            for _ in range(number):
                self._hand_over(_KEYS[0], size)

    def flush(self) -> None:
        """Ask the producer to put the records that it has."""
        with self._step("flush()") as story:
            error = self._flush()
            if error is not None:
                story.tell(f"raised {error}")

    def _happen(self, event: Event) -> None:
        if (event.name == "put_many" and not self.many) or (event.name == "put_large" and not self.large):
            return
        if event.name == "lose_answer":
            if not self.exactly_once:
                self.inject(*event.arguments)
            return
        super()._happen(event)

    def check(self) -> None:
        """Stop disturbing the producer, let it flush and close, and check its claims."""
        with self._step("check()") as story:
            self._calm()
            for _ in range(_LAST_FLUSHES):
                error = self._flush()
                if error is None:
                    break
                story.tell(f"flush() raised {error}")
                self.kinesis.advance(seconds=_BETWEEN_FLUSHES)
            else:
                self._accuse(f"The producer cannot flush although nothing is wrong any more: {error}.")
            if (close := closing_of(self._producer)) is not None:
                self._run(close())
            self._compare()

    def _compare(self) -> None:
        numbers = [
            self._numbers[data]
            for record in sorted(self.stream.records, key=lambda record: int(record.sequence_number))
            for data in self.records_in(record)
            if data in self._numbers
        ]
        found = Counter(numbers)
        lost = [number for number in self._taken if number not in found and number not in self._given_up]
        if lost:
            taken = counted(len(self._taken), "record")
            self._accuse(f"The producer lost {listed(lost)} of {taken} that it had taken, without a call of give_up().")
        if self.exactly_once and (doubled := [number for number, times in found.items() if times > 1]):
            self._accuse(f"The producer put {listed(sorted(doubled))} more than once.")
        if self.ordered:
            self._compare_order(list(dict.fromkeys(numbers)))

    def _compare_order(self, numbers: list[int]) -> None:
        """Check for each key that the first copies of its records are in the order in which the producer got them."""
        newest: dict[str, int] = {}
        for number in numbers:
            key = self._taken.get(number)
            if key is None:
                continue
            if number < newest.get(key, 0):
                self._accuse(
                    f"The producer put record {number} after record {newest[key]}, which has the same key {key!r} and "
                    "came later."
                )
            newest[key] = number
