"""The machine that searches for ways to break a consumer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from kinesis_fake.event_source_mapping.function import Handler
from kinesis_fake.event_source_mapping.mapping import EventSourceMapping
from kinesis_fake.faults.fault import Fault
from kinesis_fake.misuse import KinesisFakeError, function, mapping, several, shown, text
from kinesis_fake.stateful.ledger import AcceptedRecord, Ledger
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
from kinesis_fake.strategies.fault_plans import MORE_THAN_THE_SDK_RETRIES
from kinesis_fake.words import counted, listed

_NEEDS_PROGRAM = "needs a method make_consumer() or make_handler()"
_SUCH_CODES = "('ExpiredIteratorException',)"

#: The function with which a consumer tells that it has processed a record.
Process = Callable[[Any], None]

#: Only two keys, so that most records share their key with others.
_KEYS = "ab"
_FAULTS: tuple[Fault, ...] = (
    Fault.expired_iterator(),
    Fault.empty_read(),
    Fault.empty_read(times=3),
    Fault.short_read(1),
    Fault.short_read(1, times=20),
    Fault.late_end_of_shard(),
    Fault.arrivals_go_back(1_000),
    Fault.throttle("GetRecords"),
    Fault.throttle("GetRecords", times=MORE_THAN_THE_SDK_RETRIES),
    Fault.throttle("GetShardIterator", times=MORE_THAN_THE_SDK_RETRIES),
    Fault.throttle("ListShards", times=MORE_THAN_THE_SDK_RETRIES),
    Fault.internal_error("GetRecords", times=MORE_THAN_THE_SDK_RETRIES),
    Fault.read_timeout("GetRecords"),
    Fault.read_timeout("GetRecords", times=3),
    Fault.connection_error("GetShardIterator", times=MORE_THAN_THE_SDK_RETRIES),
    Fault.latency("GetRecords", milliseconds=5_000),
    Fault.throttle("SubscribeToShard", times=MORE_THAN_THE_SDK_RETRIES),
    Fault.broken_stream(),
)
_SECONDS = (1.0, 5.0, 20.0, 31.0, 61.0, 299.999, 300.0, 300.001, 600.0, 3600.0)
_EVENTS = st.one_of(
    NOTHING,
    RESHARDS,
    RESHARDS,
    events("inject", st.sampled_from(_FAULTS)),
    events("inject", st.sampled_from(_FAULTS)),
    events("advance", st.sampled_from(_SECONDS)),
    events("kill", st.integers(0, 3)),
    events("fail_processing", st.integers(1, 2)),
    KEY_EVENTS,
    st.sampled_from(
        [
            Event("restart"),
            Event("rest"),
            Event("let_retention_pass"),
            Event("change_retention", 48),
            Event("change_retention", 24),
        ]
    ),
)
#: How long the machine waits between two steps of a consumer that makes no progress, in virtual seconds. The first
#: waits are short, because most consumers poll each second; some look for new shards only every few minutes.
_PAUSES = (*[1.0] * 20, *[15.0] * 40)
#: After so many steps in a row in which it processes no record, a consumer counts as at rest.
_QUIET_STEPS = 3


class ConsumerKilled(BaseException):
    """Raised by ``process`` when the machine kills the consumer while it processes a record.

    It is no ``Exception``, because no program survives it.
    """


class ProcessingFailed(Exception):
    """Raised by ``process`` when the machine lets the consumer's work with a record fail this once."""


class ConsumerMachine(StreamMachine):
    """Searches for a way to make a consumer lose a record, take one out of order, or never come to rest.

    Write a subclass that makes your consumer, and use its ``TestCase`` as a test::

        class OrdersConsumerMachine(ConsumerMachine):
            def make_consumer(self, client, stream_name, checkpoints, process):
                return OrdersConsumer(client, stream_name, checkpoints, on_record=process)


        TestOrdersConsumer = OrdersConsumerMachine.TestCase
    """

    #: Whether the consumer claims to process each record only once, also across restarts.
    exactly_once: ClassVar[bool] = False
    #: Whether the consumer claims to process the records of a partition key in their order.
    ordered: ClassVar[bool] = True
    #: Whether the consumer begins at LATEST, so that it need not process records put before its first step.
    starts_at_latest: ClassVar[bool] = False
    #: The codes of errors that no step may raise: the consumer itself must deal with an expired iterator. After any
    #: other error of the SDK the machine starts the consumer anew, as a supervisor would.
    must_survive: ClassVar[tuple[str, ...]] = ("ExpiredIteratorException",)
    #: For a Lambda handler: the parameters of :meth:`KinesisFake.event_source_mapping`.
    mapping: ClassVar[Mapping[str, Any]] = {}

    def make_consumer(self, client: Any, stream_name: str, checkpoints: dict[str, Any], process: Process) -> Any:
        """Make the consumer: an object with a method ``step``, or a coroutine function ``step``, that reads once.

        ``client`` is a botocore client; a consumer may also make its own, of boto3 or aiobotocore. ``checkpoints`` is a
        dict that outlives the consumer; a consumer that keeps its checkpoints elsewhere leaves it alone. When the
        consumer has done its work with a record, it calls ``process`` with the record, or with its data.
        ``make_consumer`` may be a coroutine function itself.
        """
        raise NotImplementedError

    def make_handler(self, process: Process) -> Handler:
        """Make a Lambda handler, instead of a consumer; ``restart()`` makes another one, as a cold start does.

        The handler calls ``process`` with each record of the event, or with its data. If that raises an exception, the
        handler must let it out, or report the record in its ``batchItemFailures`` if ``mapping`` asks for them.
        """
        raise NotImplementedError

    def data_of(self, number: int, partition_key: str) -> bytes:
        """The data of the record with this number; no two records may have the same data."""
        return b'{"number": %d, "key": "%s"}' % (number, partition_key.encode())

    # --- the life of the consumer -----------------------------------------------------------------------------

    @initialize(shards=st.integers(1, 2), encrypted=st.sampled_from([False, False, True]))
    def begin(self, shards: int, encrypted: bool) -> None:
        """Begin every example with a stream of its own."""
        self.start(shards, encrypted)
        self._has_begun = True

    def start(self, shards: int, encrypted: bool = False) -> None:
        """Enter the fake and make the stream; the consumer is made with its first step."""
        super().start(shards, encrypted)
        self.checkpoints: dict[str, Any] = {}
        self._ledger = Ledger(self.exactly_once, self.ordered, self._present)
        self._consumer: Any = None
        self._consumers: list[Any] = []
        self._has_stepped = False
        self._kill_in: int | None = None
        self._failures = 0
        self._mapping: EventSourceMapping | None = None
        self._invocations_seen = 0
        if self._is_overridden("make_handler"):
            self._handler: Any = self._made_handler()
            self._mapping = self.kinesis.event_source_mapping(
                lambda event, context: self._handler(event, context),
                self.stream_name,
                raise_errors=False,
                **self.mapping,
            )

    def _is_overridden(self, method: str) -> bool:
        return getattr(type(self), method) is not getattr(ConsumerMachine, method)

    _switches = ("exactly_once", "ordered", "starts_at_latest")

    def _require_sound_claims(self) -> None:
        super()._require_sound_claims()
        name = type(self).__name__
        has_handler = self._is_overridden("make_handler")
        if self._is_overridden("make_consumer") == has_handler:
            few = "has make_consumer() and make_handler(); keep one of them" if has_handler else _NEEDS_PROGRAM
            raise KinesisFakeError(f"{name} {few}.")
        for code in several(f"{name}.must_survive", self.must_survive, such_as=_SUCH_CODES):
            text(f"Each code of {name}.must_survive", code, such_as="ExpiredIteratorException")
        mapping(f"{name}.mapping", self.mapping, such_as="{'batch_size': 2}")
        if self.mapping and not has_handler:
            raise KinesisFakeError(f"{name}.mapping is for a handler; write make_handler(), or leave it out.")

    def _made_handler(self) -> Any:
        what = f"What make_handler() of {type(self).__name__} returns"
        return function(what, self.make_handler(self._process), of="an event and a context")

    def _present(self) -> list[str]:
        return [record.sequence_number for record in self.stream.records]

    def _process(self, record: Any) -> None:
        """The function that the consumer gets as ``process``."""
        if self._kill_in is not None:
            if self._kill_in == 0:
                self._kill_in = None
                if self._mapping is not None:
                    raise ProcessingFailed("the machine says that the function ends here")
                raise ConsumerKilled
            self._kill_in -= 1
        if self._failures:
            self._failures -= 1
            raise ProcessingFailed("the machine says that this record could not be processed this time")
        self._ledger.process(record)

    def _step_once(self) -> bool:
        """Let the consumer read once; return whether it has processed a record."""
        __tracebackhide__ = True  # for pytest
        self._ledger.processed.clear()
        if self._mapping is not None:
            self.kinesis.advance(seconds=1)
            self._look_at_invocations(self._mapping)
            self._tell_processed()
            self._hold()
            return bool(self._ledger.processed)
        if (error := self._read_once()) is None:
            if not self._has_stepped and self.starts_at_latest:
                self._ledger.excuse()
            self._has_stepped = True
        elif isinstance(error, (ConsumerKilled, ProcessingFailed)):
            self._crash(type(error).__name__)
        self._tell_processed()
        self._hold()
        if isinstance(error, Exception) and not isinstance(error, ProcessingFailed):
            self._judge(error)
        return bool(self._ledger.processed)

    def _read_once(self) -> BaseException | None:
        """Let the consumer read once, and make it first if there is none; return the exception that it has raised."""
        __tracebackhide__ = True  # for pytest
        try:
            if self._consumer is None:
                arguments = self.client, self.stream_name, self.checkpoints, self._process
                self._consumer = self._run(self.make_consumer(*arguments))
                self._consumers.append(self._consumer)
            if callable(step := getattr(self._consumer, "step", None)):
                self._run(step())
                return None
        except (Exception, ConsumerKilled) as error:
            return error
        returned = f"make_consumer() of {type(self).__name__} returned {shown(self._consumer)}"
        raise KinesisFakeError(f"{returned}, which has no method step().")

    def _hold(self) -> None:
        """Fail the example if the ledger has a complaint about the consumer."""
        __tracebackhide__ = True  # for pytest
        if self._ledger.complaint is not None:
            self._accuse(self._ledger.complaint)

    def _look_at_invocations(self, mapping: EventSourceMapping) -> None:
        """Look for exceptions of the handler itself, and for records that Lambda has discarded with a document."""
        __tracebackhide__ = True  # for pytest
        for invocation in mapping.invocations[self._invocations_seen :]:
            error = invocation.error
            if error is not None and not isinstance(error, ProcessingFailed) and not is_of_the_sdk(error):
                self._accuse(f"The handler raised {error!r}.", error)
        self._invocations_seen = len(mapping.invocations)
        for discarded in mapping.discarded:
            for record in discarded.event["Records"]:
                self._ledger.give_up(record)

    def _tell_processed(self) -> None:
        if self._ledger.processed and self._story is not None:
            self._story.tell(f"processed {listed(self._ledger.processed)}")

    def _judge(self, error: Exception) -> None:
        """Decide whether the consumer may raise this exception; if it may, let it crash."""
        __tracebackhide__ = True  # for pytest
        if not is_of_the_sdk(error):
            self._accuse(f"The consumer raised {error!r}.", error)
        if code_of(error) in self.must_survive:
            self._accuse(
                f"The consumer did not survive {code_of(error)}. It has to go on by itself; or, if a supervisor starts "
                "it anew, the machine says must_survive = ().",
                error,
            )
        self._crash(code_of(error))

    def _crash(self, why: str) -> None:
        """Drop the consumer; the next step makes another one."""
        assert self._story is not None
        self._story.tell(f"the consumer died of {why}")
        self._consumer = None

    def _close_program(self) -> None:
        for consumer in self._consumers:
            if (close := closing_of(consumer)) is not None:
                with suppress(Exception, ConsumerKilled):
                    self._run(close())

    # --- what happens -----------------------------------------------------------------------------------------

    @rule(keys=st.lists(st.sampled_from(_KEYS), max_size=3), event=_EVENTS, times=st.integers(0, 2))
    def go_on(self, keys: list[str], event: Event | None, times: int) -> None:
        """Put records, let an event happen, and let the consumer read."""
        __tracebackhide__ = True  # for pytest
        if keys:
            self.put(keys)
        if event is not None:
            self._happen(event)
        if times:
            self.step(times)

    def put(self, keys: list[str]) -> None:
        """Put a record with each of these partition keys; the stream takes none while its KMS key is disabled."""
        if self._key_is_away:
            return
        with self._step(f"put({keys!r})") as story:
            first = len(self._ledger.entries) + 1
            for number, key in enumerate(keys, first):
                record = self.stream.put(self.data_of(number, key), key)
                arrived_at = record.approximate_arrival_timestamp.timestamp()
                self._ledger.accept(AcceptedRecord(number, key, record.data, record.sequence_number, arrived_at))
            last = first + len(keys) - 1
            story.tell(f"put {first}" if first == last else f"put {first} to {last}")

    def step(self, times: int = 1) -> None:
        """Let the consumer read so many times, with a second between."""
        __tracebackhide__ = True  # for pytest
        with self._step(f"step({times})"):
            for _ in range(times):
                self._step_once()
                self.kinesis.advance(seconds=1)
            self._ledger.look()

    def restart(self) -> None:
        """Start the consumer anew, with the checkpoints that the last one has left."""
        with self._step("restart()"):
            self._consumer = None
            if self._mapping is not None:
                self._handler = self._made_handler()

    def kill(self, after: int) -> None:
        """Kill the consumer's process once it has processed so many more records, in the middle of the next one."""
        with self._step(f"kill({after})"):
            self._kill_in = after

    def fail_processing(self, times: int) -> None:
        """Let the consumer's work with a record fail so many times."""
        with self._step(f"fail_processing({times})"):
            self._failures += times

    def let_retention_pass(self) -> None:
        """Let so much time pass that none of the present records can be read any more."""
        with self._step("let_retention_pass()"):
            self.kinesis.advance(hours=self.stream.retention_period_hours, seconds=1)

    def change_retention(self, hours: int) -> None:
        """Change the retention period; a shorter one trims the stream."""
        with self._step(f"change_retention({hours})"):
            self.kinesis.settle()
            period = self.stream.retention_period_hours
            if hours != period:
                verb = "increase" if hours > period else "decrease"
                change = getattr(self.client, f"{verb}_stream_retention_period")
                change(StreamName=self.stream_name, RetentionPeriodHours=hours)
                self.kinesis.settle()

    def rest(self) -> None:
        """Stop disturbing the consumer, let it read until it has caught up, and check that it does."""
        __tracebackhide__ = True  # for pytest
        with self._step("rest()"):
            self._come_to_rest()

    def check(self) -> None:
        """Check that the consumer comes to rest, and that it has then processed all records that it had time for."""
        __tracebackhide__ = True  # for pytest
        self.rest()

    def _happen(self, event: Event) -> None:
        __tracebackhide__ = True  # for pytest
        super()._happen(event)
        self._ledger.look()
        self._hold()

    def _come_to_rest(self) -> None:
        __tracebackhide__ = True  # for pytest
        self._calm()
        self._kill_in, self._failures = None, 0
        self._ledger.look()
        must = self._must_process()
        pauses = iter(_PAUSES)
        quiet = 0
        steps = 0
        while quiet < _QUIET_STEPS or any(entry.times == 0 for entry in must):
            steps += 1
            if self._step_once():
                quiet = 0
                pauses = iter(_PAUSES)
                pause = 1.0
            else:
                quiet += 1
                pause = next(pauses, 0.0)
            if not pause:
                break
            if steps > len(_PAUSES) + 10 * len(self._ledger.entries):
                self._accuse(
                    f"The consumer does not come to rest: after {counted(steps, 'step')} in which nothing was put it "
                    "still processes records."
                )
            self.kinesis.advance(seconds=pause)
        lost = [entry for entry in must if entry.times == 0]
        if lost:
            numbers = listed([entry.number for entry in lost])
            self._accuse(f"The consumer never processed {lost[0]}; it was never given or has dropped: {numbers}.")
        self._ledger.look()

    def _must_process(self) -> list[AcceptedRecord]:
        """The records that the consumer has time for: those that can be read for another hour at least."""
        soon = self.kinesis.now.timestamp() + 3600
        retention = self.stream.retention_period_hours * 3600
        return [entry for entry in self._ledger.missing() if entry.arrived_at + retention > soon]
