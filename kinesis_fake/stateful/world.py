"""The part that both machines share: the stream, its reshards, faults, the KMS key, time, and reports of failures."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar, TypeVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from kinesis_fake.activation.decorator import fake_kinesis
from kinesis_fake.faults.fault import Fault
from kinesis_fake.faults.injection import Injection
from kinesis_fake.misuse import mapping, text, yes_or_no
from kinesis_fake.stateful.story import Accusation, Story
from kinesis_fake.toolkit.fake import KinesisFake
from kinesis_fake.toolkit.views.shards import ShardView
from kinesis_fake.toolkit.views.streams import StreamView

START = "2026-01-01T00:00:00Z"
#: The key that AWS manages for Kinesis in every account.
KEY_ID = "alias/aws/kinesis"

_Machine = TypeVar("_Machine", bound="StreamMachine")
T = TypeVar("T")


class Event:
    """An event that happens to the stream or to the program: a method of a machine, and its arguments."""

    def __init__(self, name: str, *arguments: Any) -> None:
        self.name = name
        self.arguments = arguments

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.arguments))})"


def events(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    """Events of one kind; a strategy draws each of their arguments."""
    return st.builds(partial(Event, name), *arguments)


#: No event at all. All other events shrink to this.
NOTHING = st.none()
#: The reshards of both machines. The machine waits for the end of a reshard, or lets other events happen meanwhile.
RESHARDS = st.one_of(
    *(events(name, st.integers(0, 3), st.sampled_from([True, True, False])) for name in ("split", "merge"))
)
#: The events that happen to the key of an encrypted stream.
KEY_EVENTS = st.sampled_from([Event("take_key_away"), Event("give_key_back")])


class StreamMachine(RuleBasedStateMachine):
    """A stream to which events happen; the base of :class:`ConsumerMachine` and :class:`ProducerMachine`.

    Every event is a method that a test can also call by hand: :meth:`play` gives a machine for that. A rule of the
    machine draws an event, and then lets the program go on.
    """

    stream_name: ClassVar[str] = "orders"
    #: More options of :func:`kinesis_fake.fake_kinesis`, such as ``{"rate_limits": True}``.
    options: ClassVar[Mapping[str, Any]] = {}
    #: How many steps Hypothesis takes in one example, unless the machine's ``TestCase.settings`` say otherwise.
    steps: ClassVar[int] = 12

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        # The phase that explains is left out, because it would name lines of the fake.
        phases = [phase for phase in settings().phases if phase is not Phase.explain]
        cls.TestCase.settings = settings(stateful_step_count=cls.steps, deadline=None, phases=phases)

    def __init__(self) -> None:
        super().__init__()
        self.kinesis: KinesisFake
        self.client: Any
        self._story: Story | None = None
        self._has_begun = False
        self._has_failed = False
        self._injections: list[Injection] = []
        self._key_is_away = False
        self._is_encrypted = False
        self._loop: asyncio.AbstractEventLoop | None = None

    # --- by hand ----------------------------------------------------------------------------------------------

    @classmethod
    @contextmanager
    def play(cls: type[_Machine], **options: Any) -> Iterator[_Machine]:
        """A machine whose methods the block calls. At the end of the block it checks what it checks after an example.

        ``options`` are those in the first line of a script that a failure has printed.
        """
        machine = cls()
        try:
            machine.start(**options)
            yield machine
            machine.check()
        finally:
            machine.leave()

    def start(self, shards: int, encrypted: bool = False) -> None:
        """Enter the fake and make the stream."""
        self._require_sound_claims()
        options = {
            "start": START,
            "virtual_sleep": True,
            "remember_calls": None,
            "streams": {self.stream_name: shards},
            **self.options,
        }
        self._entered = fake_kinesis(**options)
        self.kinesis = self._entered.start()
        self.client = self.kinesis.client()
        self._is_encrypted = encrypted
        if encrypted:
            self.client.start_stream_encryption(StreamName=self.stream_name, EncryptionType="KMS", KeyId=KEY_ID)
            self.kinesis.settle()
        self._story = Story(type(self), self.kinesis, {"shards": shards, "encrypted": encrypted})

    #: The attributes of a machine that are yes or no.
    _switches: ClassVar[tuple[str, ...]] = ()

    def _require_sound_claims(self) -> None:
        """Refuse a machine whose own attributes or methods cannot be meant, before anything is searched."""
        name = type(self).__name__
        text(f"{name}.stream_name", self.stream_name, such_as="orders")
        mapping(f"{name}.options", self.options, such_as="{'rate_limits': True}")
        for switch in self._switches:
            yes_or_no(f"{name}.{switch}", getattr(self, switch))

    def check(self) -> None:
        """Check the program's claims at the end of an example."""
        raise NotImplementedError

    def teardown(self) -> None:
        """End an example. Hypothesis calls this also if the example has failed."""
        __tracebackhide__ = True  # for pytest
        try:
            if self._has_begun and not self._has_failed:
                self.check()
        finally:
            self.leave()

    def leave(self) -> None:
        """Leave the fake."""
        if self._story is None:
            return
        self._story = None
        try:
            for injection in self._injections:
                injection.remove()
            self._close_program()
        finally:
            self._entered.stop()
            if self._loop is not None:
                self._loop.run_until_complete(self._loop.shutdown_asyncgens())
                self._loop.close()

    def _close_program(self) -> None:
        """Close the program under test."""

    # --- how a step is told -----------------------------------------------------------------------------------

    @contextmanager
    def _step(self, code: str) -> Iterator[Story]:
        story = self._story
        assert story is not None, "start() comes first"
        story.begin(code)
        try:
            yield story
        except Exception:
            self._has_failed = True
            raise
        story.end()

    def _accuse(self, reason: str, cause: BaseException | None = None) -> None:
        """Fail the example. Call it outside of except blocks: Hypothesis tells failures of different contexts apart."""
        __tracebackhide__ = True  # for pytest
        self._has_failed = True
        assert self._story is not None
        raise Accusation(reason, self._story.script(reason)) from cause

    def _run(self, result: T | Awaitable[T]) -> T:
        """The result of a function of the program; a coroutine is run to its end first."""
        __tracebackhide__ = True  # for pytest
        if not inspect.isawaitable(result):
            return result
        if self._loop is None:
            self._loop = asyncio.new_event_loop()

        async def waited() -> T:
            return await result

        return self._loop.run_until_complete(waited())

    # --- the stream -------------------------------------------------------------------------------------------

    @property
    def stream(self) -> StreamView:
        """A view of the stream."""
        return self.kinesis.stream(self.stream_name)

    def split(self, place: int, wait: bool = True) -> None:
        """Call SplitShard for the open shard at this place in the order of hash keys, and wait for its end if asked."""
        with self._step(f"split({place}, {wait})"):
            shards = self._shards_to_change()
            shard = shards[place % len(shards)]
            middle = (shard.starting_hash_key + shard.ending_hash_key + 1) // 2
            self.client.split_shard(
                StreamName=self.stream_name, ShardToSplit=shard.shard_id, NewStartingHashKey=str(middle)
            )
            if wait:
                self.kinesis.settle()

    def merge(self, place: int, wait: bool = True) -> None:
        """Call MergeShards for the open shard at this place and the next one, and wait for its end if asked."""
        with self._step(f"merge({place}, {wait})"):
            shards = self._shards_to_change()
            if len(shards) > 1:
                lower, upper = shards[place % (len(shards) - 1) :][:2]
                self.client.merge_shards(
                    StreamName=self.stream_name, ShardToMerge=lower.shard_id, AdjacentShardToMerge=upper.shard_id
                )
            if wait:
                self.kinesis.settle()

    def _shards_to_change(self) -> list[ShardView]:
        """The open shards in the order of their hash keys, after a wait until the stream is no longer in transition."""
        self.kinesis.settle()
        return sorted(self.stream.open_shards, key=lambda shard: shard.starting_hash_key)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._step(f"advance({seconds!r})"):
            self.kinesis.advance(seconds=seconds)

    def inject(self, fault: Fault) -> None:
        """Inject a fault, unless a fault like it is still waiting to strike.

        Two expired iterators in a row would be more than AWS does: an iterator that AWS has just issued is good.
        """
        alike = [other for other in self._injections if other.fault.name == fault.name]
        if all(other.strikes == other.fault.times for other in alike):
            with self._step(f"inject({fault!r})"):
                self._injections.append(self.kinesis.inject(fault))

    def take_key_away(self) -> None:
        """Disable the stream's KMS key; without effect on a stream that is not encrypted."""
        if self._is_encrypted and not self._key_is_away:
            with self._step("take_key_away()"):
                self.kinesis.key(KEY_ID).disable()
                self._key_is_away = True

    def give_key_back(self) -> None:
        """Enable the stream's KMS key again."""
        if self._key_is_away:
            with self._step("give_key_back()"):
                self._enable_key()

    def _enable_key(self) -> None:
        self.kinesis.key(KEY_ID).enable()
        self._key_is_away = False

    def _calm(self) -> None:
        """Remove all faults, and enable the key."""
        for injection in self._injections:
            injection.remove()
        self._injections.clear()
        self._enable_key()

    def _happen(self, event: Event) -> None:
        getattr(self, event.name)(*event.arguments)


def is_of_the_sdk(error: BaseException) -> bool:
    """Whether an exception is one of botocore's, by the module of its class: only the hook may import botocore."""
    return any(kind.__module__ == "botocore.exceptions" for kind in type(error).__mro__)


def code_of(error: BaseException) -> str:
    """The code of an error of AWS, or the name of any other exception."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", ""))
    return type(error).__name__


def closing_of(program: object) -> Callable[[], Any] | None:
    """The program's method that closes it, if it has one."""
    for name in ("aclose", "close"):
        if callable(close := getattr(program, name, None)):
            return close  # type: ignore[no-any-return]
    return None
